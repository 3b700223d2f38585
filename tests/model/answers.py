"""What a file says about a day: scheme.md 2.4, and whether a claim line is payable: 2.5."""

from datetime import date

from model import plain

SHOWN = ("kind", "ground", "from", "until", "state_until")
NEVER = date.max


def spans(file):
    """Every span, past and future, as the answers show them; a termination's `until` is its ban's end."""
    shown = [{k: s[k] for k in SHOWN} for s in file["spans"]]
    return sorted(
        shown, key=lambda s: (s["from"], s["kind"], s["until"] or NEVER, s["ground"], s["state_until"] or NEVER)
    )


def in_state(span, day):
    return span["from"] <= day and (span["state_until"] is None or day < span["state_until"])


def in_term(span, day):
    return span["from"] <= day and (span["until"] is None or day < span["until"])


def terminations_on(file, day):
    """The terminations that make the state on `day`: begun, and not yet answered or lifted."""
    return [s for s in file["spans"] if s["kind"] == "termination" and in_state(s, day)]


def unanswered(file):
    """The terminations, begun or still to begin, that wait for a re-registration."""
    return [s for s in file["spans"] if s["kind"] == "termination" and s["state_until"] is None]


def bans_on(file, day):
    return [s for s in terminations_on(file, day) if day < s["until"]]


def suspensions_on(file, day):
    """The suspensions of which the state holds on `day`, also after their term."""
    return [s for s in file["spans"] if s["kind"] == "suspension" and in_state(s, day)]


def terms_on(file, day):
    return [s for s in file["spans"] if s["kind"] == "suspension" and in_term(s, day)]


def measures_on(file, day):
    return [s for s in file["spans"] if s["ground"] == "measure" and in_state(s, day)]


def pending_after(file, day):
    return [s for s in file["spans"] if s["from"] > day]


def inside(spans_in_time, day):
    return any(start <= day and (end is None or day < end) for start, end in spans_in_time)


def sanction_state(file, day):
    """`terminated`, `suspended` or `normal`, whoever is registered."""
    if terminations_on(file, day):
        return "terminated"
    return "suspended" if suspensions_on(file, day) else "normal"


def state(file, registrations, day):
    return sanction_state(file, day) if inside(registrations, day) else "not_registered"


def may_reapply(file, registrations, day):
    return state(file, registrations, day) == "terminated" and not bans_on(file, day)


def may_reapply_from(file, registrations, day):
    """The end of the ban while terminated (also when it lies in the past), else None."""
    if state(file, registrations, day) != "terminated":
        return None
    return max(s["until"] for s in terminations_on(file, day))


def current_sanction(file, day):
    """The last termination while terminated, else the suspension whose state ends last (of several the first begun); also while away."""
    running = terminations_on(file, day) or suspensions_on(file, day)
    if not running:
        return None
    if sanction_state(file, day) == "terminated":
        span = max(
            running, key=lambda s: (s["from"], s["until"], s["ground"] != "measure", s["state_until"] or NEVER)
        )
    else:
        span = max(
            running,
            key=lambda s: (s["state_until"] or NEVER, s["until"] or NEVER, -s["from"].toordinal(), -(s["year"] or 0)),
        )
    return {k: span[k] for k in SHOWN}


def may_resume_from(file, registrations, day):
    """The end of the last term (of the suspensions that have begun) while suspended and not resumed, else None."""
    if state(file, registrations, day) != "suspended" or not plain.waiting(file, day):
        return None
    return max(s["until"] for s in plain.waiting(file, day))


def sanctioned_until(file, registrations, day):
    """`until` of an eligibility answer: the first later day that no span covers, None if a termination comes first."""
    if state(file, registrations, day) != "suspended":
        return None
    turns = {s["state_until"] for s in file["spans"]} | {s["from"] for s in file["spans"]}
    for later in sorted(t for t in turns if t is not None and t > day):
        if sanction_state(file, later) != "suspended":
            return later if sanction_state(file, later) == "normal" else None
    return None


def totals_on(entries, rulebooks, day, *, known_at=None, revision=None):
    """{scoring year: points} of every year with a score or a points credit by `day`."""
    return plain.fold(entries, rulebooks, known_at=known_at, revision=revision, until_day=day)["totals"]


def standing(entries, rulebooks, registrations, day, *, known_at=None, revision=None):
    """The answer of `/standing`, less what is not arithmetic."""
    clocks = {"known_at": known_at, "revision": revision}
    file = plain.fold(entries, rulebooks, **clocks)
    so_far = plain.fold(entries, rulebooks, **clocks, until_day=day)
    return {
        "points": so_far["totals"].get(day.year, 0),
        "totals": so_far["totals"],
        "status": state(file, registrations, day),
        "may_reapply": may_reapply(file, registrations, day),
        "may_reapply_from": may_reapply_from(file, registrations, day),
        "until": sanctioned_until(file, registrations, day),
        "may_resume_from": may_resume_from(file, registrations, day),
        "current_sanction": current_sanction(file, day),
        "sanctions": spans(file),
        "trace": so_far["trace"],
    }


def payable(
    file, registrations, day, *, institution=None, emergency=False, emergency_covers_termination=True,
    commitments=None,
):  # fmt: skip
    """(payable, reason). `file` None = no such person.

    `institution` None = not asked; else {"agreements": [...], "affiliations": [...] of this person there},
    with no agreements for an unknown institution. `commitments`: for each registration the day its letter was signed
    (None: never), where nothing is paid without one; None where that does not matter.
    """
    if file is None:
        return False, "unknown_practitioner"
    status = state(file, registrations, day)
    if status == "not_registered":
        return False, "not_registered"
    if commitments is not None:
        (signed_on,) = [c for r, c in zip(registrations, commitments, strict=True) if inside([r], day)]
        if signed_on is None or day < signed_on:
            return False, "no_commitment"
    if institution is not None and not inside(institution["agreements"], day):
        return False, "institution_not_contracted"
    if institution is not None and not inside(institution["affiliations"], day):
        return False, "not_affiliated"
    if emergency and (status == "suspended" or (status == "terminated" and emergency_covers_termination)):
        return True, "emergency_exception"
    if status in ("terminated", "suspended"):
        return False, status
    return True, "eligible"
