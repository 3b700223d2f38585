"""Random histories of one file, as the gates of scheme.md 2.3 admit them.

A history is a list of operations in the order they are recorded. Each is a dict with `day` (of recording) and `kind`:
    score: points, rulebook, decided_on, effective_on, backfill (bool)      correction: target (a seq), value
    points_credit, term_credit: asked, granted, refused                     reregistration: refused
    return: refused                                                         deregistration: nothing more
    resumption: due_on, late_days, refused                                  measure: effect, from, until, refused
    measure_lifted: target, refused
`model.applications` adds the ways back as people go them, in several acts.
Operations that post an entry carry its `seq`; a refused one (`refused` is the contract's code) posts none.
The model's own gates say what is admitted and what is granted.
"""

import calendar
import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies

from model import answers, gates, plain
from model.rulebooks import RULEBOOKS
from model.working_days import WEEKDAYS, WorkingDays

OPENS = date(2025, 1, 1)
APPLY_WORKING_DAYS = 15
ONE_DAY = timedelta(days=1)
WEIGHTS = {
    "score": 50,
    "points_credit": 10,
    "term_credit": 14,
    "correction": 8,
    "reregistration": 10,
    "resumption": 12,
    "measure": 4,
    "measure_lifted": 3,
    "absence": 3,
}
# What points alone bring: no resumption, no measure.
OF_POINTS = WEIGHTS | {"resumption": 0, "measure": 0, "measure_lifted": 0}
# Without term credits; see `model.never_worse`.
WITHOUT_TERM_CREDITS = WEIGHTS | {"term_credit": 0}
# High scores are rarer in life; here every band has to be met often.
POINTS = [1, 1, 2, 2, 3, 3, 4, 5, 6, 7, 8, 9, 9, 10, 11, 12]
# Of these few terminations come, and so more resumptions and what follows on them.
FEWER_POINTS = [1, 1, 1, 2, 2, 4, 9, 9]


@dataclass(kw_only=True)
class History:
    """What was done (`operations`), what the ledger holds (`entries`), where the person was (`registrations`)."""

    rulebooks: dict
    operations: list = field(default_factory=list)
    entries: list = field(default_factory=list)
    registrations: list = field(default_factory=lambda: [(OPENS, None)])
    day: date = OPENS
    last_reregistration: date = OPENS
    working_days: WorkingDays = WEEKDAYS
    # What waits for a decision, by kind; and after each operation how many entries there were, and the registrations.
    waiting: dict = field(default_factory=dict)
    known: list = field(default_factory=list)

    def record(self, operation, **entry):
        """Note an operation; with `entry` also post it under the next seq, as its `kind` or the operation's."""
        operation["day"] = self.day
        if entry:
            operation["seq"] = entry["seq"] = len(self.entries) + 1
            moment = datetime(self.day.year, self.day.month, self.day.day, 1, tzinfo=UTC)
            entry["recorded_at"] = moment + timedelta(microseconds=entry["seq"])
            self.entries.append({"kind": operation["kind"], **entry})
        self.operations.append(operation)

    def registered(self):
        return self.registrations[-1][1] is None

    def file(self):
        return plain.fold(self.entries, self.rulebooks)


def random_history(
    rng,
    rulebooks=None,
    *,
    length=12,
    books=("chifeng",),
    days_asked=(10,),
    points_asked=(1,),
    weights=WEIGHTS,
    points=POINTS,
    acts=None,
    days=None,
    working_days=WEEKDAYS,
):
    """A history of `length` operations, refused ones included, on days that go forward from 2025-01-01.

    `rulebooks` are those the model knows by key, `books` the keys that scores draw from (name a key several times to
    make it likelier); gates ask `books[0]`. `days_asked` and `points_asked` are what one activity brings, `weights`
    how often each kind of operation is tried, `points` what a score may be, `acts` what is done for each kind,
    `days` the next day from the last.
    """
    history = History(rulebooks=rulebooks or RULEBOOKS, working_days=working_days)
    drawn = Drawn(books=books, days_asked=days_asked, points_asked=points_asked, points=points)
    while len(history.operations) < length:
        history.day = (days or next_day)(rng, history)
        kind = rng.choices(list(weights), list(weights.values()))[0]
        (acts or ACTS)[kind](rng, history, drawn)
        if len(history.known) < len(history.operations):
            history.known.append((len(history.entries), list(history.registrations)))
    return history


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """What acts draw from: rulebooks of scores, points of a score, and what one activity brings."""

    books: tuple
    days_asked: tuple
    points_asked: tuple
    points: list


def next_day(rng, history):
    """Today again, soon, or a day on which rules turn: a span's edge, a month's or a year's end, 29 February."""
    today, draw = history.day, rng.random()
    if draw < 0.3:
        return today
    if draw < 0.5:
        return today + timedelta(days=rng.randint(1, 25))
    if draw < 0.6:
        return today + timedelta(days=rng.randint(26, 200))
    ahead = [d for d in turning_days(history) if d > today]
    near = [d for d in ahead if d <= today + timedelta(days=60)]
    return rng.choice(near) if near and draw < 0.85 else rng.choice(ahead)


def turning_days(history):
    """Days worth meeting from now on: edges of spans, ends of months and years, each with its neighbours."""
    today = history.day
    edges = [s[side] for s in answers.spans(history.file()) for side in ("from", "until", "state_until") if s[side]]
    month_end = today.replace(day=calendar.monthrange(today.year, today.month)[1])
    edges += [date(today.year, 12, 31), date(today.year + 1, 1, 1), month_end]
    leap_year = today.year + -today.year % 4
    if leap_year - today.year <= 1:
        edges.append(date(leap_year, 2, 29))
    return [edge + offset * ONE_DAY for edge in edges for offset in (-1, 0, 1)]


def add_score(rng, history, books, points):
    today = history.day
    backfill = rng.random() < 0.2
    effective_on = today
    if backfill:
        earliest = max(history.last_reregistration, today - timedelta(days=120))
        effective_on = earliest + timedelta(days=rng.randint(0, (today - earliest).days))
    decided_on = effective_on - timedelta(days=rng.choice([0, 0, 0, 0, 0, 1, 5, 40]))
    score = {
        "points": rng.choice(points),
        "rulebook": rng.choice(books),
        "decided_on": max(decided_on, OPENS),
        "effective_on": effective_on,
    }
    history.record({"kind": "score", **score, "backfill": effective_on < today}, **score)


def add_points_credit(history, asked, books):
    granted, refused = gates.grant_points(
        history.entries, history.rulebooks, history.day, asked, history.rulebooks[books[0]]
    )
    add_credit(
        history, "points_credit", asked=asked, granted=granted, refused=refused, carried={"points": granted}
    )


def add_term_credit(history, asked):
    granted, refused = gates.grant_days(history.entries, history.rulebooks, history.day, asked)
    add_credit(
        history, "term_credit", asked=asked, granted=granted, refused=refused, carried={"days": granted}
    )


def add_credit(history, kind, *, asked, granted, refused, carried):
    operation = {"kind": kind, "asked": asked, "granted": granted, "refused": refused}
    if refused:
        history.record(operation)
    else:
        history.record(operation, **carried, effective_on=history.day)


def correctable(history, kinds=("score", "points_credit", "term_credit", "measure")):
    """seq -> present value of the entries of these kinds that still count."""
    values = plain.corrected_values(history.entries)
    return {
        e["seq"]: values[e["seq"]] for e in history.entries if e["kind"] in kinds and values[e["seq"]] > 0
    }


def add_correction(rng, history):
    values = correctable(history)
    if values:
        target = rng.choice(list(values))
        value = rng.choice([0, rng.randrange(values[target])])
        correction = {"target": target, "value": value}
        history.record({"kind": "correction", **correction}, **correction, effective_on=history.day)


def add_reregistration(history):
    """Tried by a person who is registered, and by one who is away: who left has the same way back."""
    operation = {"kind": "reregistration", "refused": None}
    operation["refused"] = gates.refuse_reregistration(history.entries, history.rulebooks, history.day)
    if operation["refused"]:
        history.record(operation)
        return
    history.record(operation, effective_on=history.day)
    history.last_reregistration = history.day
    if history.registered():
        history.registrations[-1] = (history.registrations[-1][0], history.day)
    history.registrations.append((history.day, None))


def window_start(end, working_days=WEEKDAYS):
    """The first day of the window before the end of a term: fifteen working days, the end's day not counted."""
    return working_days.before(end, APPLY_WORKING_DAYS)


def add_resumption(rng, history):
    """Granted in time by the office, late, or late by the person: `due_on` is when the evaluation was due.

    Two of three people who are too early ask again once their window is open.
    """
    waiting = plain.waiting(history.file(), history.day)
    if waiting and rng.random() < 0.67:
        opens = window_start(max(s["until"] for s in waiting))
        history.day = max(history.day, opens + timedelta(days=rng.choice([0, 5, 15, 25, 60])))
    operation = {"kind": "resumption", "due_on": None, "late_days": None}
    operation["refused"] = gates.refuse_resumption(
        history.entries, history.rulebooks, history.day, window_start
    )
    if operation["refused"]:
        history.record(operation)
        return
    due_on = history.day + timedelta(days=rng.choice([-20, -5, 0, 3]))
    late = gates.late_days(history.entries, history.rulebooks, history.day, due_on)
    history.record(operation | {"due_on": due_on, "late_days": late}, late_days=late, effective_on=history.day)


def add_measure(rng, history, books):
    """From some day near today on, with an end or without; it may have ended before it can begin."""
    start = history.day + timedelta(days=rng.choice([-40, -1, 0, 1, 20]))
    effect = rng.choice(["suspension", "suspension", "suspension", "termination"])
    ends = effect == "suspension" and rng.random() < 0.6
    measure = {
        "effect": effect,
        "from": max(start, OPENS),
        "until": max(start, OPENS) + timedelta(days=rng.choice([1, 45, 120])) if ends else None,
        "rulebook": rng.choice(books),
    }
    history.record({"kind": "measure", **measure}, **measure, effective_on=history.day)


def add_lifting(rng, history):
    """Of a measure that has not ended; what has ended already is refused."""
    measures = [e for e in history.entries if e["kind"] == "measure"]
    if not measures:
        return
    target = rng.choice(measures)["seq"]
    spans = [s for s in history.file()["spans"] if s.get("measure") == target]
    runs = [s for s in spans if s["state_until"] is None or s["state_until"] > history.day]
    operation = {"kind": "measure_lifted", "target": target, "refused": None if runs else "measure_ended"}
    if runs:
        history.record(operation, target=target, effective_on=history.day)
    else:
        history.record(operation)


def leave_or_return(history):
    """One does not leave on the day of arrival, nor return before the next day.

    After a termination, also one that is still to begin, a re-registration is the only way back.
    """
    since, left = history.registrations[-1]
    if history.day <= (left or since):
        return
    if left is None:
        history.registrations[-1] = (since, history.day)
        history.record({"kind": "deregistration"})
        return
    refused = refuse_return(history)
    if refused is None:
        history.registrations.append((history.day, None))
    history.record({"kind": "return", "refused": refused})


def refuse_return(history):
    """None for who may return after leaving; else the code of the refusal."""
    if answers.unanswered(history.file()):
        return "terminated"
    held = answers.sanction_state(history.file(), history.day) != "normal"
    return "sanction_running" if held or answers.pending_after(history.file(), history.day) else None


def seeded(seed):
    """The generator of numbers behind a history: the same seed gives the same history."""
    return random.Random(seed)


def random_histories(**settings):
    """A Hypothesis strategy over `random_history`; the drawn generator is the seed that shrinks."""
    return strategies.randoms(use_true_random=False).map(lambda rng: random_history(rng, **settings))


def breaks(file):
    """The days on which the state that a file gives may change: every edge of a span and every end of a state."""
    return {s[k] for s in file["spans"] for k in ("from", "until", "state_until") if s[k]}


ACTS = {
    "score": lambda rng, history, drawn: add_score(rng, history, drawn.books, drawn.points),
    "points_credit": lambda rng, history, drawn: add_points_credit(history, rng.choice(drawn.points_asked), drawn.books),
    "term_credit": lambda rng, history, drawn: add_term_credit(history, rng.choice(drawn.days_asked)),
    "correction": lambda rng, history, _: add_correction(rng, history),
    "reregistration": lambda _, history, __: add_reregistration(history),
    "resumption": lambda rng, history, _: add_resumption(rng, history),
    "measure": lambda rng, history, drawn: add_measure(rng, history, drawn.books),
    "measure_lifted": lambda rng, history, _: add_lifting(rng, history),
    "absence": lambda _, history, __: leave_or_return(history),
}
