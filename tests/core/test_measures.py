"""Measures against an institution: what they make of its responsible persons, and their liftings (scheme.md 2.3, P34)."""

from dataclasses import replace

import pytest
from core_files import NEXT_MONTH, RULEBOOK, WAITS, File, day

from scoring_service.core.entries import carried_value
from scoring_service.core.fold import fold
from scoring_service.core.rulebook import Ground


def spans(file):
    return [
        (span.kind.value, span.ground.value, span.start, span.until, span.state_until)
        for span in fold(file.entries).sanctions
    ]


def suspension(start, until, state_until=..., ground="measure"):
    end = until if state_until is ... else state_until
    return ("suspension", ground, day(start), until and day(until), end and day(end))


def termination(start, until, state_until=None, ground="measure"):
    return ("termination", ground, day(start), day(until), state_until and day(state_until))


def trace(file):
    return [step.consequence and str(step.consequence) for step in fold(file.entries).steps]


@pytest.mark.parametrize(
    ("rulebook", "start", "until", "expected"),
    [
        (RULEBOOK, "03-01", "05-01", [suspension("03-11", "05-01")]),
        (RULEBOOK, "04-01", "05-01", [suspension("04-01", "05-01")]),
        (RULEBOOK, "03-01", None, [suspension("03-11", None)]),
        (NEXT_MONTH, "03-01", "05-01", [suspension("04-01", "05-01")]),
        (NEXT_MONTH, "04-15", "05-01", [suspension("04-15", "05-01")]),
        (RULEBOOK, "03-01", "03-12", [suspension("03-11", "03-12")]),
        (RULEBOOK, "03-01", "03-11", []),
        (RULEBOOK, "04-01", "04-01", []),
        (WAITS, "03-01", "05-01", [suspension("03-11", "05-01")]),
    ],
)
def test_a_suspension_from_the_later_of_its_start_and_the_sanctions(rulebook, start, until, expected):
    file = File(rulebook).measure("suspension", "03-10", start, until)
    assert spans(file) == expected
    assert trace(file) == (["suspension by a measure against the institution"] if expected else [None])


def test_a_termination_bans_for_the_years_of_a_measure_whatever_its_end():
    two_years = replace(RULEBOOK, ban_years={**RULEBOOK.ban_years, Ground.MEASURE: 2})
    file = File(two_years).measure("termination", "03-10", "04-01", "04-20")
    assert spans(file) == [termination("04-01", "2027-04-01")]
    assert trace(file) == ["termination by a measure against the institution"]


@pytest.mark.parametrize(
    ("start", "until", "lifted_on", "left"),
    [
        ("03-10", None, "05-06", [suspension("03-11", "05-06")]),
        ("03-10", "09-01", "05-06", [suspension("03-11", "05-06")]),
        ("03-10", "05-01", "05-06", [suspension("03-11", "05-01")]),
        ("03-10", "05-06", "05-06", [suspension("03-11", "05-06")]),
        ("03-10", None, "03-12", [suspension("03-11", "03-12")]),
        ("03-10", None, "03-11", []),
        ("05-07", None, "05-06", []),
    ],
)
def test_a_suspension_is_lifted(start, until, lifted_on, left):
    file = File().measure("suspension", "03-10", start, until).lift(1, lifted_on)
    assert spans(file) == left
    changed = until is None or day(until) > day(lifted_on)
    assert trace(file)[1] == ("measure lifted" if changed else None)


@pytest.mark.parametrize(
    ("lifted_on", "left"),
    [
        ("03-11", []),
        ("08-01", [termination("03-11", "08-01", "08-01")]),
        ("2026-08-01", [termination("03-11", "2026-03-11", "2026-08-01")]),
    ],
)
def test_a_termination_is_lifted_with_its_ban_and_its_state(lifted_on, left):
    assert spans(File().measure("termination", "03-10").lift(1, lifted_on)) == left


def test_a_lifting_touches_the_span_of_its_own_measure_only():
    file = File().measure("suspension", "03-10").measure("suspension", "03-10", "04-01").lift(2, "05-06")
    assert spans(file) == [suspension("03-11", None), suspension("04-01", "05-06")]


def test_a_lifting_of_a_measure_that_made_no_span_or_was_taken_back_changes_nothing():
    file = File().measure("suspension", "03-10", "03-01", "03-05").lift(1, "03-12")
    assert (spans(file), trace(file)) == ([], [None, None])
    file = File().measure("suspension", "03-10").lift(1, "05-06").correct(1, 0, "05-07")
    assert (spans(file), trace(file)) == ([], [None, None])
    assert fold(file.entries).steps[0].corrected_to == 0


def test_a_measure_counts_one_until_it_is_corrected():
    assert carried_value(File().measure("suspension", "03-10").entries[0]) == 1
    with pytest.raises(TypeError, match="MeasureLifted carries no value"):
        carried_value(File().lift(1, "03-10").entries[0])


def test_a_measure_gives_no_year_a_total():
    folded = fold(File().measure("suspension", "03-10").lift(1, "05-06").resume("05-07").entries)
    assert folded.totals(day("06-01")) == {}
    assert [(step.total_before, step.total_after) for step in folded.steps] == [(0, 0)] * 3


def test_a_suspension_by_a_measure_neither_grows_nor_is_shortened_nor_resumed():
    file = File(WAITS).measure("suspension", "03-10", until="09-01")
    file.score(9, "03-10").score(1, "03-20").term_credit(10, "03-21").resume("06-25")
    assert spans(file) == [
        suspension("03-11", "07-01", ground="single"),
        suspension("03-11", "09-01"),
    ]


def test_a_credit_does_not_touch_what_measures_made():
    file = File().measure("suspension", "03-10").measure("termination", "03-10").term_credit(10, "03-20")
    assert spans(file) == [suspension("03-11", None), termination("03-11", "2026-03-11")]
    assert trace(file)[2] is None


def test_terminations_of_points_and_of_measures_do_not_merge():
    file = File().measure("termination", "03-10").score(12, "03-20").measure("termination", "04-10")
    assert spans(file) == [
        termination("03-11", "2026-03-11"),
        termination("03-21", "2028-03-21", ground="single"),
        termination("04-11", "2026-04-11"),
    ]


def test_terminations_leave_the_suspensions_of_measures_and_a_measures_leaves_all():
    file = File().measure("suspension", "03-10", until="09-01").score(9, "03-10").measure("termination", "04-10")
    assert spans(file) == [
        suspension("03-11", "06-11", ground="single"),
        suspension("03-11", "09-01"),
        termination("04-11", "2026-04-11"),
    ]
    file = File().measure("suspension", "03-10", until="09-01").score(12, "03-20")
    assert spans(file) == [suspension("03-11", "09-01"), termination("03-21", "2028-03-21", ground="single")]


def test_a_new_start_ends_the_suspension_and_the_termination_of_a_measure():
    file = File().measure("termination", "03-10").measure("suspension", "03-10", "05-01").reregister("2026-03-11")
    assert spans(file) == [
        termination("03-11", "2026-03-11", "2026-03-11"),
        suspension("05-01", "2026-03-11"),
    ]
    vanished = File().measure("termination", "03-10").measure("suspension", "03-10", "2026-03-11")
    assert spans(vanished.reregister("2026-03-11")) == [termination("03-11", "2026-03-11", "2026-03-11")]


def test_a_lifting_after_a_new_start_leaves_its_end():
    file = File().measure("termination", "03-10").reregister("2026-03-11").lift(1, "2026-05-06")
    assert spans(file) == [termination("03-11", "2026-03-11", "2026-03-11")]


def test_spans_that_begin_together_are_listed_in_one_order_whatever_that_of_the_entries():
    scored = File().score(6, "03-01").score(6, "03-10").measure("termination", "03-10")
    measured = File().score(6, "03-01").measure("termination", "03-10").score(6, "03-10")
    assert spans(scored) == spans(measured)
    assert [span[1] for span in spans(scored)] == ["accumulated", "measure"]
    opened = File().measure("suspension", "03-10").measure("suspension", "03-10", until="05-01")
    assert spans(opened) == [suspension("03-11", "05-01"), suspension("03-11", None)]
