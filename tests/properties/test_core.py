"""The core beside the plain model, and the two properties of scheme.md 2.3 that must hold in every history."""

from random import Random

import pytest
from model import answers, histories, plain
from model.rulebooks import ALL
from properties.core_entries import core_entries

from scoring_service.core.entries import TermCredit
from scoring_service.core.fold import ConsequenceKind, fold
from scoring_service.core.standing import Span, Status, covered, state_on

BATCHES = 8
HISTORIES_A_BATCH = 2500
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
    weights = histories.WEIGHTS if number % 4 == 3 else histories.WITHOUT_TERM_CREDITS
    books = BOOKS[number // 4 % len(BOOKS)]
    return histories.random_history(rng, ALL, length=8, books=books, days_asked=(10, 60), weights=weights)


def lowered(rng, history):
    """The same history with one more correction of a score, None when no score still counts."""
    values = histories.correctable(history, kinds=("score",))
    if not values:
        return None
    target = rng.choice(list(values))
    last = history.entries[-1]
    correction = {"kind": "correction", "seq": last["seq"] + 1, "target": target}
    correction |= {"value": rng.randrange(values[target]), "effective_on": history.day}
    return [*history.entries, correction | {"recorded_at": last["recorded_at"] + histories.ONE_DAY}]


def check_never_worse(rng, history):
    """The two properties, within the limits that docs/adr/0005 tells of."""
    before = fold(core_entries(history.entries))
    corrected = lowered(rng, history) if histories.never_worse_applies(history) else None
    if corrected:
        after = fold(core_entries(corrected))
        for day in edges_of(before, after):
            if everywhere(day, before.sanctions) is Status.NORMAL:
                assert everywhere(day, after.sanctions) is Status.NORMAL, (
                    day,
                    history.operations,
                    corrected[-1],
                )
    moved = histories.reordered(rng, history.entries)
    if moved:
        after = fold(core_entries(moved))
        for day in edges_of(before, after):
            assert everywhere(day, before.sanctions) is everywhere(day, after.sanctions), (
                day,
                history.operations,
            )
    return bool(corrected), bool(moved)


@pytest.mark.parametrize("batch", range(BATCHES))
def test_no_correction_makes_it_worse_and_the_order_of_a_day_does_not_matter(batch):
    rng = Random(f"never worse {batch}")
    corrected_histories = moved_histories = number = 0
    while corrected_histories < HISTORIES_A_BATCH:
        corrected, moved = check_never_worse(rng, random_history(rng, number))
        corrected_histories += corrected
        moved_histories += moved
        number += 1
    assert moved_histories > HISTORIES_A_BATCH / 20
