"""The rules of scheme.md 2.1 to 2.5, as literally as they can be written. Slow on purpose; standard library only.

A rulebook is a dict:
    {"suspend_at": 9, "terminate_at": 12,
     "suspension_months": {"accumulated": {9: 2, 10: 4, 11: 6}, "single": {9: 2, 10: 4, 11: 6}},
     "ban_years": {"accumulated": 1, "single": 3},
     "sanction_start": "next_day" | "effective_date" | "first_of_next_month",
     "emergency_covers_termination": True, "warnings": {3: "talk", 6: "study"},
     "points_cap_per_year": 4, "floors": (1, 2)}
An entry is a dict: seq, kind, effective_on (date), recorded_at (datetime), and by kind
    score: points, decided_on, rulebook (a key of `rulebooks`)     points_credit: points
    term_credit: days     correction: target (a seq), value     reregistration, year_closed: nothing more
and, if a question may ask by revision, revision (int).
Registrations, affiliations and agreements are lists of (from, until), until None while open.
"""

import calendar
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)


# The calendar.


def add_months(day, months):
    """The same day of the month, `months` later, clipped to the month's end."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def add_years(day, years):
    return add_months(day, 12 * years)


def sanction_start(effective_on, rulebook):
    if rulebook["sanction_start"] == "effective_date":
        return effective_on
    if rulebook["sanction_start"] == "next_day":
        return effective_on + ONE_DAY
    return add_months(effective_on.replace(day=1), 1)


# What is known: scheme.md 2.2.


def known_entries(entries, known_at=None, revision=None):
    """The entries recorded by `known_at` and numbered up to `revision`, in recorded order."""
    known = [e for e in entries if known_at is None or e["recorded_at"] <= known_at]
    known = [e for e in known if revision is None or e["revision"] <= revision]
    return sorted(known, key=lambda e: e["seq"])


def corrected_values(known):
    """seq of a score or credit -> the value it counts with. Corrections apply in recorded order, the last wins."""
    values = {}
    for entry in known:
        if entry["kind"] in ("score", "points_credit"):
            values[entry["seq"]] = entry["points"]
        if entry["kind"] == "term_credit":
            values[entry["seq"]] = entry["days"]
        if entry["kind"] == "correction":
            values[entry["target"]] = entry["value"]
    return values


# The fold: scheme.md 2.3.


def fold(entries, rulebooks, *, known_at=None, revision=None, until_day=None):
    """The file: totals {year: points}, imposed, grave, warned, spans (with their book-keeping), trace.

    `until_day` leaves out what takes effect later: right for totals and trace as of a day, not for spans.
    """
    known = known_entries(entries, known_at, revision)
    values = corrected_values(known)
    file = {"totals": {}, "imposed": {}, "grave": {}, "warned": set(), "spans": [], "trace": []}
    folded = [e for e in known if e["kind"] != "correction"]
    folded = [e for e in folded if until_day is None or e["effective_on"] <= until_day]
    for entry in sorted(folded, key=lambda e: (e["effective_on"], e["seq"])):
        fold_entry(file, entry, values.get(entry["seq"]), rulebooks)
    return file


def fold_entry(file, entry, value, rulebooks):
    year = entry["decided_on"].year if entry["kind"] == "score" else entry["effective_on"].year
    before = file["totals"].get(year, 0)
    consequence = None
    if entry["kind"] == "score":
        file["totals"].setdefault(year, 0)
        if value > 0:
            consequence = fold_score(file, entry, value, rulebooks[entry["rulebook"]])
    elif entry["kind"] == "points_credit":
        file["totals"][year] = max(0, before - value)
    elif entry["kind"] == "term_credit":
        consequence = ("shortened", fold_term_credit(file, entry["effective_on"], value))
    elif entry["kind"] == "reregistration":
        fold_reregistration(file, entry["effective_on"])
    after = file["totals"].get(year, 0)
    carried = entry.get("points", entry.get("days"))
    file["trace"].append(
        {
            "seq": entry["seq"],
            "kind": entry["kind"],
            "points": entry.get("points"),
            "counted": after - before,
            "corrected_to": None if value == carried else value,
            "effective_on": entry["effective_on"],
            "year": year,
            "total_before": before,
            "total_after": after,
            "consequence": consequence,
        }
    )


def fold_score(file, entry, points, rulebook):
    year = entry["decided_on"].year
    top, floor = rulebook["terminate_at"], rulebook["suspend_at"]
    before = file["totals"][year]
    after = file["totals"][year] = min(top, before + points)
    if points >= floor:
        file["grave"][year] = True
    start = sanction_start(entry["effective_on"], rulebook)
    if points >= top or before < top <= after:
        terminate(file, year, start, "single" if points >= top else "accumulated", rulebook)
        return ("termination", rulebook["ban_years"]["single" if points >= top else "accumulated"])
    if floor <= after < top:
        column = "single" if file["grave"].get(year) else "accumulated"
        return suspend(file, year, start, column=column, after=after, rulebook=rulebook)
    return warn(file, year, before, after, rulebook)


def terminate(file, year, start, ground, rulebook):
    years = rulebook["ban_years"][ground]
    imposed = {
        "ground": ground,
        "until": add_years(start, years),
        "floor": floor_day(start, 12 * years, rulebook),
    }
    bans = [s for s in file["spans"] if s["kind"] == "termination" and s["answered"] is None]
    bans = [s for s in bans if s["until"] > start]
    if bans:
        ban = max(bans, key=lambda s: s["until"])
        ban["from"] = min(ban["from"], start)
        if imposed["until"] > ban["until"]:
            ban.update(imposed)
    else:
        ban = {"kind": "termination", "year": year, "from": start, "answered": None, **imposed}
        file["spans"].append(ban)
    cut_suspensions(file, start, lambda s: s["year"] == year)


def suspend(file, year, start, *, column, after, rulebook):
    due = rulebook["suspension_months"][column][after]
    add = due - file["imposed"].get(year, 0)
    if add <= 0:
        return None
    file["imposed"][year] = due
    running = [s for s in file["spans"] if s["kind"] == "suspension" and s["year"] == year]
    running = [s for s in running if s["until"] > start]
    if running:
        span = max(running, key=lambda s: s["until"])
        span["from"] = min(span["from"], start)
        span["months"] += add
    else:
        span = {"kind": "suspension", "ground": column, "year": year, "from": start}
        span |= {"months": add, "credited": 0}
        file["spans"].append(span)
    span["until"] = add_months(span["from"], span["months"]) - timedelta(days=span["credited"])
    span["floor"] = floor_day(span["from"], span["months"], rulebook)
    return ("suspension", add)


def floor_day(start, months, rulebook):
    """The first day to which a credit may bring the end: a share of the months imposed, rounded up."""
    share, whole = rulebook["floors"]
    return add_months(start, -(-months * share // whole))


def cut_suspensions(file, day, chosen):
    """The chosen suspensions end on `day` at the latest; those not begun before it vanish."""
    for span in file["spans"]:
        if span["kind"] == "suspension" and chosen(span):
            span["until"] = min(span["until"], day)
    file["spans"] = [s for s in file["spans"] if s["from"] < s["until"]]


def warn(file, year, before, after, rulebook):
    tiers = [t for t in rulebook["warnings"] if before < t <= after]
    if not tiers or (year, max(tiers)) in file["warned"]:
        return None
    file["warned"].add((year, max(tiers)))
    return ("warning", max(tiers))


def fold_term_credit(file, day, days):
    """How many days the sanction in force moved; 0 when none is in force or it is at its floor."""
    running = [s for s in file["spans"] if s["from"] <= day < s["until"] and s.get("answered") is None]
    if not running:
        return 0
    # Two suspensions that end together are told apart by what does not hang on the order of entries.
    span = max(running, key=lambda s: (s["kind"] == "termination", s["until"], s["from"], s["year"]))
    shortened = min(span["until"], max(span["until"] - timedelta(days=days), day, span["floor"]))
    moved = (span["until"] - shortened).days
    span["until"] = shortened
    span["credited"] = span.get("credited", 0) + moved
    return moved


def fold_reregistration(file, day):
    for span in file["spans"]:
        if span["kind"] == "termination" and span["from"] <= day and span["answered"] is None:
            span["answered"] = day
    cut_suspensions(file, day, lambda _: True)
    file["totals"] = dict.fromkeys(file["totals"], 0)
    file["imposed"] = {}
    file["grave"] = {}


# What a file says about a day: scheme.md 2.4.


def spans(file):
    """Every span, past and future, as the answers show them; a termination's `until` is its ban's end."""
    shown = [{k: s[k] for k in ("kind", "ground", "from", "until")} for s in file["spans"]]
    return sorted(shown, key=lambda s: (s["from"], s["kind"], s["until"], s["ground"]))


def terminations_on(file, day):
    """The terminations that make the state on `day`: begun, and not yet answered by a re-registration."""
    return [
        s
        for s in file["spans"]
        if s["kind"] == "termination" and s["from"] <= day and (s["answered"] is None or day < s["answered"])
    ]


def unanswered(file):
    """The terminations, begun or still to begin, that wait for a re-registration."""
    return [s for s in file["spans"] if s["kind"] == "termination" and s["answered"] is None]


def bans_on(file, day):
    return [s for s in terminations_on(file, day) if day < s["until"]]


def suspensions_on(file, day):
    return [s for s in file["spans"] if s["kind"] == "suspension" and s["from"] <= day < s["until"]]


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
    """The last termination while terminated, else the running suspension that ends last; also while away."""
    running = terminations_on(file, day) or suspensions_on(file, day)
    if not running:
        return None
    if sanction_state(file, day) == "terminated":
        span = max(running, key=lambda s: (s["from"], s["until"]))
    else:
        span = max(running, key=lambda s: (s["until"], s["from"], s["year"]))
    return {k: span[k] for k in ("kind", "ground", "from", "until")}


def sanctioned_until(file, registrations, day):
    """`until` of an eligibility answer: the first later day that no span covers, None if a termination comes first."""
    if state(file, registrations, day) != "suspended":
        return None
    later = day
    while sanction_state(file, later) == "suspended":
        later += ONE_DAY
    return later if sanction_state(file, later) == "normal" else None


def totals_on(entries, rulebooks, day, *, known_at=None, revision=None):
    """{scoring year: points} of every year with a score or a points credit by `day`."""
    return fold(entries, rulebooks, known_at=known_at, revision=revision, until_day=day)["totals"]


def standing(entries, rulebooks, registrations, day, *, known_at=None, revision=None):
    """The answer of `/standing`, less what is not arithmetic."""
    clocks = {"known_at": known_at, "revision": revision}
    file = fold(entries, rulebooks, **clocks)
    so_far = fold(entries, rulebooks, **clocks, until_day=day)
    return {
        "points": so_far["totals"].get(day.year, 0),
        "totals": so_far["totals"],
        "status": state(file, registrations, day),
        "may_reapply": may_reapply(file, registrations, day),
        "may_reapply_from": may_reapply_from(file, registrations, day),
        "until": sanctioned_until(file, registrations, day),
        "current_sanction": current_sanction(file, day),
        "sanctions": spans(file),
        "trace": so_far["trace"],
    }


# The gates of scheme.md 2.3: asked on a day for the file as it is known then


def grant_points(entries, rulebooks, day, asked, rulebook):
    """(points granted, None) or (0, the code of the refusal)."""
    file = fold(entries, rulebooks)
    pending = [s for s in pending_after(file, day) if s["kind"] == "termination"]
    if sanction_state(file, day) == "terminated" or pending:
        return 0, "terminated"
    values = corrected_values(known_entries(entries))
    of_the_year = [e for e in entries if e["kind"] == "points_credit" and e["effective_on"].year == day.year]
    left = rulebook["points_cap_per_year"] - sum(values[e["seq"]] for e in of_the_year)
    if left <= 0:
        return 0, "credit_cap_reached"
    granted = min(asked, left, file["totals"].get(day.year, 0))
    return (granted, None) if granted > 0 else (0, "nothing_to_credit")


def grant_days(entries, rulebooks, day, asked):
    """(days granted, None) or (0, the code of the refusal)."""
    file = fold(entries, rulebooks)
    pending = [s for s in pending_after(file, day) if s["kind"] == "termination"]
    if suspensions_on(file, day) and not bans_on(file, day) and pending:
        return 0, "terminated"
    granted = fold_term_credit(file, day, asked)
    return (granted, None) if granted > 0 else (0, "nothing_to_credit")


def refuse_reregistration(entries, rulebooks, day):
    """None when a re-registration is admitted on `day`, else the code of the refusal.

    It asks for the sanction's state: who left before or after the termination has the same way back.
    """
    file = fold(entries, rulebooks)
    if sanction_state(file, day) != "terminated":
        return "not_terminated"
    if bans_on(file, day):
        return "ban_running"
    if suspensions_on(file, day):
        return "suspension_running"
    return "sanction_pending" if pending_after(file, day) else None


# Is a claim line payable? scheme.md 2.5.


def payable(
    file, registrations, day, *, institution=None, emergency=False, emergency_covers_termination=True
):
    """(payable, reason). `file` None = no such person.

    `institution` None = not asked; else {"agreements": [...], "affiliations": [...] of this person there},
    with no agreements for an unknown institution.
    """
    if file is None:
        return False, "unknown_practitioner"
    status = state(file, registrations, day)
    if status == "not_registered":
        return False, "not_registered"
    if institution is not None and not inside(institution["agreements"], day):
        return False, "institution_not_contracted"
    if institution is not None and not inside(institution["affiliations"], day):
        return False, "not_affiliated"
    if emergency and (status == "suspended" or (status == "terminated" and emergency_covers_termination)):
        return True, "emergency_exception"
    if status in ("terminated", "suspended"):
        return False, status
    return True, "eligible"
