"""The core beside the plain model, and the two properties of scheme.md 2.3 that must hold in every history."""

from random import Random

import pytest
from model import answers, histories, never_worse, plain
from model.rulebooks import ALL
from properties.core_entries import core_entries, rulebook

from scoring_service.core.entries import TermCredit
from scoring_service.core.errors import RuleError
from scoring_service.core.fold import ConsequenceKind, fold
from scoring_service.core.gates import (
    check_may_begin,
    check_reregistration,
    check_resumption,
    grant_days,
    grant_points,
    late_days,
)
from scoring_service.core.sanctions import last_term_end
from scoring_service.core.standing import Span, Status, covered, state_on

BATCHES = 8
HISTORIES_A_BATCH = 3500
BOOKS = (("chifeng",), ("liaoning",), ("hunan",), ("tianjin",))
BOOKS += tuple((f"{key}_on_application",) for (key,) in BOOKS)


def shown(sanctions):
    return [
        {
            "kind": span.kind.value,
            "ground": span.ground.value,
            "from": span.start,
            "until": span.until,
            "state_until": span.state_until,
        }
        for span in sanctions
    ]


def everywhere(day, sanctions):
    return state_on(day, sanctions, registered=day >= histories.OPENS).status


def edges_of(*files):
    spans = [span for file in files for span in file.sanctions]
    return {edge for span in spans for edge in (span.start, span.until, span.state_until) if edge}


def days_of_interest(folded, model):
    edges = edges_of(folded)
    edges |= histories.breaks(model) | {step.entry.effective_on for step in folded.steps}
    return sorted(
        edges | {edge + histories.ONE_DAY for edge in edges} | {edge - histories.ONE_DAY for edge in edges}
    )


def compare(history):
    entries = core_entries(history.entries)
    folded = fold(entries)
    model = plain.fold(history.entries, ALL)
    assert shown(folded.sanctions) == answers.spans(model), history.operations
    registrations = [Span(*span) for span in history.registrations]
    for day in days_of_interest(folded, model):
        state = state_on(day, folded.sanctions, registered=covered(registrations, day))
        assert state.status.value == answers.state(model, history.registrations, day), (day, history.operations)
        assert state.may_resume_from == answers.may_resume_from(model, history.registrations, day)
        assert state.may_reapply == answers.may_reapply(model, history.registrations, day)
        assert state.may_reapply_from == answers.may_reapply_from(model, history.registrations, day)
        assert state.until == answers.sanctioned_until(model, history.registrations, day), (
            day,
            history.operations,
        )
        sanction = shown([state.sanction])[0] if state.sanction else None
        assert sanction == answers.current_sanction(model, day)
        totals = answers.totals_on(history.entries, ALL, day)
        assert {year: n for year, n in folded.totals(day).items() if n} == {
            y: n for y, n in totals.items() if n
        }
    for step, line in zip(folded.steps, model["trace"], strict=True):
        assert (step.entry.seq, step.counted) == (line["seq"], line["counted"])
        assert (step.total_before, step.total_after) == (line["total_before"], line["total_after"])
        assert step.corrected_to == line["corrected_to"]
        assert consequence(step) == line["consequence"], (line, history.operations)


def consequence(step):
    """What a step brought, as the model names it: growth is a suspension, of a measure its effect is told."""
    brought = step.consequence
    if brought is None:
        return ("shortened", 0) if isinstance(step.entry, TermCredit) else None
    if brought.kind is ConsequenceKind.EXTENSION:
        return "suspension", brought.amount
    if brought.kind is ConsequenceKind.NEW_START:
        return None
    return brought.kind.value, brought.measure if brought.kind is ConsequenceKind.MEASURE else brought.amount


def granted(gate, *arguments):
    """What a gate of credits answers, as the model tells it: (what it grants, None) or (0, the code of the refusal)."""
    try:
        return gate(*arguments), None
    except RuleError as refused:
        return 0, refused.code


def refusal(check, *arguments):
    return granted(check, *arguments)[1]


def check_gate(operation, entries):
    """The core's gate answers what the model's answered when the operation was tried."""
    day, folded = operation["day"], fold(entries)
    if operation["kind"] in ("points_credit", "term_credit"):
        gate = grant_points if operation["kind"] == "points_credit" else grant_days
        answer = granted(gate, entries, day, operation["asked"], rulebook("chifeng", day))
        assert answer == (operation["granted"], operation["refused"]), operation
    elif operation["kind"] == "resumption":
        end = last_term_end(folded.sanctions, day)
        code = refusal(check_resumption, folded, day, end and histories.window_start(end))
        assert code == operation["refused"], operation
        if code is None:
            assert late_days(entries, day, operation["due_on"]) == operation["late_days"], operation
    elif operation["kind"] == "reregistration":
        assert refusal(check_reregistration, folded, day) == operation["refused"], operation
    elif operation["kind"] == "return":
        assert bool(refusal(check_may_begin, folded, day)) is bool(operation["refused"]), operation


@pytest.mark.parametrize("seed", range(8))
def test_the_gates_agree_with_the_plain_model(seed):
    rng = Random(f"gates {seed}")
    asked = {"days_asked": (3, 40, 200), "points_asked": (1, 4), "length": 14}
    tried = set()
    for number in range(300):
        books = ("chifeng_on_application", "hunan") if number % 3 == 0 else BOOKS[number % len(BOOKS)]
        points = histories.POINTS if number % 2 else histories.FEWER_POINTS
        history = histories.random_history(rng, ALL, books=books, points=points, **asked)
        entries = core_entries(history.entries)
        posted = 0
        for operation in history.operations:
            check_gate(operation, entries[:posted])
            posted += "seq" in operation
            tried.add((operation["kind"], operation.get("refused")))
    assert {("resumption", None), ("resumption", "sanction_running"), ("reregistration", "ban_running")} <= tried


@pytest.mark.parametrize("seed", range(8))
def test_the_core_agrees_with_the_plain_model(seed):
    rng = Random(seed)
    for number in range(25):
        mixed = ("chifeng_on_application", "liaoning_on_application", "hunan", "hunan_on_application")
        books = mixed if number % 5 == 0 else BOOKS[number % len(BOOKS)]
        compare(
            histories.random_history(rng, ALL, length=14, books=books, days_asked=(3, 10, 40, 200))
        )


def random_history(rng, number):
    """Three of four without term credits: with them a correction is not tried, the order of a day is."""
    weights = histories.WEIGHTS if number % 4 == 3 else histories.WITHOUT_TERM_CREDITS | {"resumption": 25}
    books = BOOKS[number // 4 % len(BOOKS)]
    length = rng.choice((6, 8, 12))
    return histories.random_history(rng, ALL, length=length, books=books, days_asked=(10, 60), weights=weights)


def two_years(rng, number):
    """A suspension that nobody asked to end, another year's beside it, both resumed together, and what follows then."""
    history = histories.History(rulebooks=ALL)
    (book,) = BOOKS[4 + number % 4]
    acts = [(31, 200), (200, 330), *[(0, 40)] * 3]
    for index, (fewest, most) in enumerate(acts):
        history.day += rng.randint(fewest, most) * histories.ONE_DAY
        if index == 2:
            histories.add_resumption(rng, history)
        else:
            points = [9, 10] if index < 2 else [1, 2, 9]
            histories.add_score(rng, history, (book,), points)
    return history


def lightened(rng, history):
    """The same history with one more correction, of each score that still counts in turn."""
    values = histories.correctable(history, kinds=("score",))
    for target, value in values.items():
        last = history.entries[-1]
        correction = {"kind": "correction", "seq": last["seq"] + 1, "target": target}
        correction |= {"value": rng.randrange(value), "effective_on": history.day}
        yield [*history.entries, correction | {"recorded_at": last["recorded_at"] + histories.ONE_DAY}]


def check_never_worse(rng, history):
    """The two properties, within the limits that docs/adr/0005 tells of; return how often each was tried."""
    before = fold(core_entries(history.entries))
    corrections = 0
    for corrected in lightened(rng, history) if never_worse.never_worse_applies(history) else ():
        after = fold(core_entries(corrected))
        for day in edges_of(before, after):
            if everywhere(day, before.sanctions) is Status.NORMAL:
                assert everywhere(day, after.sanctions) is Status.NORMAL, (
                    day,
                    history.operations,
                    corrected[-1],
                )
        corrections += 1
    moved = never_worse.reordered(rng, history.entries)
    if moved:
        after = fold(core_entries(moved))
        for day in edges_of(before, after):
            assert everywhere(day, before.sanctions) is everywhere(day, after.sanctions), (
                day,
                history.operations,
            )
    return corrections, bool(moved)


@pytest.mark.parametrize("batch", range(BATCHES))
def test_no_correction_makes_it_worse_and_the_order_of_a_day_does_not_matter(batch):
    rng = Random(f"never worse {batch}")
    tried = [check_never_worse(rng, random_history(rng, number)) for number in range(HISTORIES_A_BATCH)]
    tried += [check_never_worse(rng, two_years(rng, number)) for number in range(HISTORIES_A_BATCH // 10)]
    assert sum(corrections for corrections, _ in tried) > 2 * HISTORIES_A_BATCH
    assert sum(moved for _, moved in tried) > HISTORIES_A_BATCH / 20
