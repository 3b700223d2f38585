"""The rules of scheme.md 2.1 to 2.5, as literally as they can be written. Slow on purpose; standard library only.

A rulebook is a dict:
    {"suspend_at": 9, "terminate_at": 12,
     "suspension_months": {"accumulated": {9: 2, 10: 4, 11: 6}, "single": {9: 2, 10: 4, 11: 6}},
     "ban_years": {"accumulated": 1, "single": 3, "measure": 1},
     "resumption_mode": "on_application" | "automatic",
     "sanction_start": "next_day" | "effective_date" | "first_of_next_month",
     "emergency_covers_termination": True, "warnings": {3: "talk", 6: "study"},
     "points_cap_per_year": 4, "floors": (1, 2)}
An entry is a dict: seq, kind, effective_on (date), recorded_at (datetime), and by kind
    score: points, decided_on, rulebook (a key of `rulebooks`)     points_credit: points
    term_credit: days     correction: target (a seq), value     reregistration, year_closed: nothing more
    resumption: late_days     measure: effect ("suspension" | "termination"), from, until (None: open), rulebook
    measure_lifted: target (a seq)
and, if a question may ask by revision, revision (int).
Registrations, affiliations and agreements are lists of (from, until), until None while open.
"""

import calendar
from datetime import date, timedelta, timezone

ONE_DAY = timedelta(days=1)
SHANGHAI = timezone(timedelta(hours=8))


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
        if entry["kind"] == "measure":
            values[entry["seq"]] = 1
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
    elif entry["kind"] == "resumption":
        fold_resumption(file, entry)
        consequence = ("resumed", entry["late_days"])
    elif entry["kind"] == "measure" and value:
        consequence = fold_measure(file, entry, rulebooks[entry["rulebook"]])
    elif entry["kind"] == "measure_lifted":
        consequence = fold_lifting(file, entry)
    elif entry["kind"] == "reregistration":
        fold_reregistration(file, entry["effective_on"])
    after = file["totals"].get(year, 0)
    carried = 1 if entry["kind"] == "measure" else entry.get("points", entry.get("days"))
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
    bans = [s for s in file["spans"] if s["kind"] == "termination" and s["state_until"] is None]
    bans = [s for s in bans if s["until"] > start and s["ground"] != "measure"]
    if bans:
        ban = max(bans, key=lambda s: s["until"])
        ban["from"] = min(ban["from"], start)
        if imposed["until"] > ban["until"]:
            ban.update(imposed)
    else:
        ban = {"kind": "termination", "year": year, "from": start, "state_until": None, **imposed}
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
        span["resumed"] = span["resumed_until"] = span["cut"] = None
    else:
        span = {"kind": "suspension", "ground": column, "year": year, "from": start, "resumed": None}
        span |= {"months": add, "credited": 0, "mode": rulebook["resumption_mode"], "cut": None, "resumed_until": None}
        file["spans"].append(span)
    span["until"] = add_months(span["from"], span["months"]) - timedelta(days=span["credited"])
    end_states(file)
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
            end_suspension(span, day)
    file["spans"] = [s for s in file["spans"] if s["kind"] == "termination" or not s.get("gone")]
    end_states(file)


def end_suspension(span, day):
    """Term and state end on `day` at the latest; one that begins then or later is gone."""
    span["gone"] = span["from"] >= day
    if span["until"] is None or span["until"] > day:
        span["until"] = day
    if span["state_until"] is None or span["state_until"] > day:
        span["cut"], span["resumed"] = day, None


def end_states(file):
    """The day on which the state of each suspension ends: with its term, or by its resumption; by what cut it at last."""
    for span in file["spans"]:
        if span["kind"] == "suspension":
            ends = [day for day in (own_end(span), span["cut"]) if day is not None]
            span["state_until"] = min(ends, default=None)


def own_end(span):
    """The day on which the state of a suspension ends if nothing cuts it; None while it waits for a resumption."""
    return span["until"] if span["mode"] == "automatic" else span["resumed_until"]


def end_together(file, resumption):
    """What a resumption ends, ends at the latest end of their terms, or so many days late, but not after its own day."""
    together = [s for s in file["spans"] if s.get("resumed") is resumption]
    last = max((s["until"] for s in together), default=None)
    for span in together:
        late = last + timedelta(days=resumption["late_days"])
        span["resumed_until"] = min(late, max(last, resumption["effective_on"]))


def warn(file, year, before, after, rulebook):
    tiers = [t for t in rulebook["warnings"] if before < t <= after]
    if not tiers or (year, max(tiers)) in file["warned"]:
        return None
    file["warned"].add((year, max(tiers)))
    return ("warning", max(tiers))


def fold_term_credit(file, day, days):
    """How many days the sanction in force moved; 0 when none is in force or it is at its floor."""
    running = [s for s in file["spans"] if s["ground"] != "measure" and s["from"] <= day < s["until"]]
    running = [s for s in running if s["kind"] == "suspension" or s["state_until"] is None]
    if not running:
        return 0
    # Two suspensions that end together are told apart by what does not hang on the order of entries.
    span = max(running, key=lambda s: (s["kind"] == "termination", s["until"], s["from"], s["year"]))
    shortened = min(span["until"], max(span["until"] - timedelta(days=days), day, span["floor"]))
    moved = (span["until"] - shortened).days
    span["until"] = shortened
    span["credited"] = span.get("credited", 0) + moved
    if span.get("resumed"):
        end_together(file, span["resumed"])
    end_states(file)
    return moved


def not_resumed(file, day):
    """The suspensions begun by `day` whose state runs beyond it and that no resumption has ended."""
    begun = [s for s in file["spans"] if s["kind"] == "suspension" and s["from"] <= day and s["resumed"] is None]
    return [s for s in begun if s["mode"] == "on_application" and (s["cut"] is None or s["cut"] > day)]


def waiting(file, day):
    """Those of them that only a resumption can end: no termination to come does."""
    return [s for s in not_resumed(file, day) if s["cut"] is None]


def fold_resumption(file, entry):
    for span in not_resumed(file, entry["effective_on"]):
        span["resumed"] = entry
    end_together(file, entry)
    end_states(file)


def fold_measure(file, entry, rulebook):
    start = max(entry["from"], sanction_start(entry["effective_on"], rulebook))
    span = {"kind": entry["effect"], "ground": "measure", "year": 0, "from": start, "measure": entry["seq"]}
    if entry["effect"] == "termination":
        until = add_years(start, rulebook["ban_years"]["measure"])
        file["spans"].append(span | {"until": until, "state_until": None})
    elif entry["until"] is not None and entry["until"] <= start:
        return None
    else:
        state = {"mode": "automatic", "resumed": None, "cut": None}
        file["spans"].append(span | state | {"until": entry["until"], "state_until": entry["until"]})
    return ("measure", entry["effect"])


def fold_lifting(file, entry):
    day = entry["effective_on"]
    for span in [s for s in file["spans"] if s.get("measure") == entry["target"]]:
        ended = span["state_until"] is not None and span["state_until"] <= day
        if span["from"] >= day:
            file["spans"].remove(span)
        elif ended:
            return None
        else:
            span["state_until"] = span["cut"] = day
            span["until"] = day if span["until"] is None else min(span["until"], day)
        return ("lifted", 0)
    return None


def fold_reregistration(file, day):
    for span in file["spans"]:
        if span["kind"] == "termination" and span["from"] <= day and span["state_until"] is None:
            span["state_until"] = day
    cut_suspensions(file, day, lambda _: True)
    file["totals"] = dict.fromkeys(file["totals"], 0)
    file["imposed"] = {}
    file["grave"] = {}
    file["warned"] = set()
