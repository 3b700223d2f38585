"""The ways back as people go them (scheme.md 2.3, Gates): applied for, agreed to, decided, each on a day of its own.

In place of the acts `resumption` and `reregistration` of `model.histories`, one step of an application each. Their
operations, each with `refused`, the code of its refusal:
    filing: hand ("clerk", "clinic" or "doctor"), state ("filed" or "consented"), due_on
    consent: hand, due_on, affiliated (whether an institution is left)       consent_refused: the same
    proceeding: due_on
    approval: due_on, late_days, resumes_on, lapsed          refusal
    proposal: on                reregistration
`due_on` is the last day for the office's evaluation, once one has consented.
"""

from model import answers, gates, histories, plain

CONSENT_WORKING_DAYS, EVALUATION_WORKING_DAYS = 5, 10
IN_VAIN = 0.1  # How often somebody asks who has no need to.
SUSPENDING, TERMINATING = [9, 9, 10], [12]
SOON = (0, 1, 3, 5, 8, 14, 20)


def next_day(rng, history):
    """While an application waits, mostly within the working days that there are for it; before that, the window's first."""
    if rng.random() < 0.7:
        if "resumption" in history.waiting:
            return history.day + rng.choice(SOON) * histories.ONE_DAY
        if plain.waiting(history.file(), history.day) and history.day <= window_of(history):
            return max(history.day, window_of(history) + rng.choice((-1, 0, 0, 1, 4)) * histories.ONE_DAY)
    return histories.next_day(rng, history)


def step_of_resumption(rng, history, drawn):
    """File an application, or go on with the one that waits: mostly forward, at times out of turn.

    Who is not suspended asks in vain, or more often is scored first or goes the other way.
    """
    application = history.waiting.get("resumption")
    if application is None or rng.random() < 0.08:
        state = "suspended" if rng.random() < IN_VAIN else answers.sanction_state(history.file(), history.day)
        if state == "normal":
            histories.add_score(rng, history, drawn.books, SUSPENDING)
        elif state == "terminated":
            step_of_reregistration(rng, history, drawn)
        else:
            file_resumption(rng, history)
        return
    steps = {
        "filed": [(consent, 50), (refuse_consent, 15), (proceed, 25), (refuse, 5), (approve, 5)],
        "consented": [(approve, 74), (refuse, 18), (consent, 4), (proceed, 4)],
    }
    chosen, weights = zip(*steps[application["state"]], strict=True)
    rng.choices(chosen, weights)[0](rng, history, application)


def refuse_by_gate(history, filed_on=None):
    """The code of the gate on the day of the history, also for an application that was filed before; else None."""
    refused = gates.refuse_resumption(
        history.entries, history.rulebooks, history.day, lambda end: histories.window_start(end, history.working_days)
    )
    if refused or filed_on is None:
        return refused
    return "too_early" if filed_on < window_of(history) else None


def window_of(history):
    last_end = max(span["until"] for span in plain.waiting(history.file(), history.day))
    return histories.window_start(last_end, history.working_days)


def file_resumption(rng, history):
    """Two of three who are too early come again once their window is open; some of them long after their term."""
    if plain.waiting(history.file(), history.day) and rng.random() < 0.67:
        history.day = max(history.day, window_of(history) + rng.choice((0, 0, 2, 5, 15, 25, 60)) * histories.ONE_DAY)
    hand = rng.choice(("clerk", "doctor", "clinic") if history.registered() else ("clerk", "doctor"))
    filing = {"kind": "filing", "hand": hand, "state": None, "due_on": None, "refused": refuse_by_gate(history)}
    if filing["refused"] is None and "resumption" in history.waiting:
        filing["refused"] = "resumption_exists"
    if filing["refused"] is None:
        application = {"state": "filed", "filed_on": history.day, "consent_refused": False, "due_on": None}
        history.waiting["resumption"] = application
        if hand == "clinic" or not history.registered():
            filing["due_on"] = agree(history, application)
        filing["state"] = application["state"]
    history.record(filing)


def agree(history, application):
    """The office has now to evaluate; return until when."""
    due_on = history.working_days.after(history.day, EVALUATION_WORKING_DAYS)
    application |= {"state": "consented", "due_on": due_on}
    return due_on


def consent(rng, history, application):
    """By the institution or recorded on paper; by a clerk alone where no institution is left."""
    hand = rng.choice(("clinic", "clerk")) if history.registered() else "clerk"
    operation = {"kind": "consent", "hand": hand, "due_on": None, "refused": None}
    operation["affiliated"] = history.registered()
    if application["state"] == "filed":
        operation["due_on"] = agree(history, application)
    else:
        operation["refused"] = "resumption_state"
    history.record(operation)


def refuse_consent(rng, history, application):
    """Only an institution can refuse: where none is left, it is a consent."""
    if not history.registered():
        consent(rng, history, application)
        return
    application["consent_refused"] = True
    hand = rng.choice(("clinic", "clerk"))
    history.record({"kind": "consent_refused", "hand": hand, "affiliated": True, "refused": None})


def proceed(_rng, history, application):
    """Without a consent: once it was refused, or its days are over and not provisional, or nobody can give it."""
    operation = {"kind": "proceeding", "due_on": None, "refused": None}
    last_day = history.working_days.after(application["filed_on"], CONSENT_WORKING_DAYS)
    is_over = history.day > last_day and history.working_days.are_known(application["filed_on"], last_day)
    if application["state"] != "filed":
        operation["refused"] = "resumption_state"
    elif history.registered() and not application["consent_refused"] and not is_over:
        operation["refused"] = "consent_pending"
    else:
        operation["due_on"] = agree(history, application)
    history.record(operation)


def refuse(_rng, history, _application):
    del history.waiting["resumption"]
    history.record({"kind": "refusal", "refused": None})


def approve(_rng, history, application):
    """Granted; or the application lapses, by the gate that a change of the file has closed since it was filed."""
    approval = {"kind": "approval", "refused": None, "lapsed": False, "due_on": application["due_on"]}
    if application["state"] != "consented":
        history.record(approval | {"refused": "resumption_state"})
        return
    del history.waiting["resumption"]
    refused = refuse_by_gate(history, application["filed_on"])
    if refused:
        history.record(approval | {"refused": refused, "lapsed": True})
        return
    late_days = gates.late_days(history.entries, history.rulebooks, history.day, application["due_on"])
    approval["late_days"] = late_days
    history.record(approval, kind="resumption", late_days=late_days, effective_on=history.day)
    approval["resumes_on"] = max(
        span["state_until"]
        for span in history.file()["spans"]
        if span.get("resumed") and span["resumed"]["seq"] == approval["seq"]
    )


def step_of_reregistration(rng, history, drawn):
    """Propose a new start, on some day near or in the window before the ban's end; or approve the one that waits.

    Who is not terminated asks in vain, or is more often scored first.
    """
    if "reregistration" in history.waiting and rng.random() < 0.9:
        approve_reregistration(history)
        return
    bans = [span["until"] for span in answers.terminations_on(history.file(), history.day)]
    if not bans and rng.random() > IN_VAIN:
        histories.add_score(rng, history, drawn.books, TERMINATING)
        return
    if bans and rng.random() < 0.67:
        window = histories.window_start(max(bans), history.working_days)
        history.day = max(history.day, window + rng.choice((-1, 0, 5, 15, 30)) * histories.ONE_DAY)
    on = max([history.day, *(ban for ban in bans if rng.random() < 0.8)])
    refused = refuse_proposal(history, on)
    history.record({"kind": "proposal", "on": on, "refused": refused})
    if refused is None:
        history.waiting["reregistration"] = {"on": on}


def refuse_proposal(history, on):
    """None when a re-registration on that day may be proposed today, else the code of the refusal (scheme.md 2.3)."""
    file, today = history.file(), history.day
    bans = [span["until"] for span in answers.terminations_on(file, today)]
    if bans and max(bans) > min(on, today) and (today < histories.window_start(max(bans), history.working_days) or on < max(bans)):
        return "ban_running"
    refused = gates.refuse_reregistration(history.entries, history.rulebooks, today)
    if refused == "ban_running":
        refused = "suspension_running" if answers.terms_on(file, today) else None
        refused = refused or ("sanction_pending" if answers.pending_after(file, today) else None)
    refused = refused or gates.refuse_reregistration(history.entries, history.rulebooks, on)
    return refused or ("reregistration_exists" if "reregistration" in history.waiting else None)


def approve_reregistration(history):
    """Approved, refused by a gate while it goes on waiting, or too early for the day that it names."""
    refused = gates.refuse_reregistration(history.entries, history.rulebooks, history.day)
    if refused is None and history.waiting["reregistration"]["on"] > history.day:
        refused = "too_early"
    if refused:
        history.record({"kind": "reregistration", "refused": refused})
        return
    del history.waiting["reregistration"]
    histories.add_reregistration(history)


ACTS = histories.ACTS | {"resumption": step_of_resumption, "reregistration": step_of_reregistration}
# What brings suspensions and the ways back from them; the next kind of entry is one weight more.
WEIGHTS = histories.OF_POINTS | {
    "score": 12,
    "points_credit": 5,
    "term_credit": 8,
    "resumption": 70,
    "reregistration": 5,
    "correction": 8,
}
