"""The gates of scheme.md 2.3, asked on a day for the file as it is known then."""

from model import answers, plain


def grant_points(entries, rulebooks, day, asked, rulebook):
    """(points granted, None) or (0, the code of the refusal)."""
    file = plain.fold(entries, rulebooks)
    pending = [s for s in answers.pending_after(file, day) if s["kind"] == "termination"]
    if answers.sanction_state(file, day) == "terminated" or pending:
        return 0, "terminated"
    values = plain.corrected_values(plain.known_entries(entries))
    of_the_year = [e for e in entries if e["kind"] == "points_credit" and e["effective_on"].year == day.year]
    left = rulebook["points_cap_per_year"] - sum(values[e["seq"]] for e in of_the_year)
    if left <= 0:
        return 0, "credit_cap_reached"
    granted = min(asked, left, file["totals"].get(day.year, 0))
    return (granted, None) if granted > 0 else (0, "nothing_to_credit")


def grant_days(entries, rulebooks, day, asked):
    """(days granted, None) or (0, the code of the refusal)."""
    file = plain.fold(entries, rulebooks)
    pending = [s for s in answers.pending_after(file, day) if s["kind"] == "termination"]
    terms, bans = (
        [s for s in spans if s["ground"] != "measure"]
        for spans in (answers.terms_on(file, day), answers.bans_on(file, day))
    )
    if terms and not bans and pending:
        return 0, "terminated"
    granted = plain.fold_term_credit(file, day, asked)
    return (granted, None) if granted > 0 else (0, "nothing_to_credit")


def refuse_resumption(entries, rulebooks, day, apply_from):
    """None when a resumption is admitted on `day`, else the code of the refusal.

    `apply_from(end)` is the first day of the window before the end of the last term.
    """
    file = plain.fold(entries, rulebooks)
    if answers.terminations_on(file, day) or answers.measures_on(file, day):
        return "sanction_running"
    if answers.suspensions_on(file, day) and answers.pending_after(file, day):
        return "sanction_pending"
    if not plain.waiting(file, day):
        return "not_suspended"
    return "too_early" if day < apply_from(max(s["until"] for s in plain.waiting(file, day))) else None


def late_days(entries, rulebooks, day, due_on=None):
    """`late_days` of a resumption on `day`, whose evaluation was due on `due_on` (scheme.md 2.1)."""
    file = plain.fold(entries, rulebooks)
    moved = [e["recorded_at"] for e in entries if e["kind"] in ("correction", "measure_lifted")]
    moved += [
        e["recorded_at"]
        for e in entries
        if e["kind"] == "score" and e["effective_on"] < civil_day(e["recorded_at"])
    ]
    latest = [s["until"] for s in plain.waiting(file, day)] + [civil_day(m) for m in moved]
    latest += [s["until"] for s in file["spans"] if s["ground"] == "measure" and s["until"] and s["until"] <= day]
    counted = day if due_on is None else min(day, due_on)
    return max(0, (counted - max(latest)).days)


def civil_day(instant):
    return instant.astimezone(plain.SHANGHAI).date()


def refuse_reregistration(entries, rulebooks, day):
    """None when a re-registration is admitted on `day`, else the code of the refusal.

    It asks for the sanction's state: who left before or after the termination has the same way back.
    """
    file = plain.fold(entries, rulebooks)
    if answers.sanction_state(file, day) != "terminated":
        return "not_terminated"
    if answers.bans_on(file, day):
        return "ban_running"
    if answers.terms_on(file, day):
        return "suspension_running"
    return "sanction_pending" if answers.pending_after(file, day) else None
