"""Terms and states: how a resumption ends the state of a suspension, and what takes it along (scheme.md 2.3, 2.4)."""

from dataclasses import replace

import pytest
from core_files import RULEBOOK, WAITS, File, day

from scoring_service.core.fold import fold
from scoring_service.core.rulebook import ResumptionMode, SanctionStart
from scoring_service.core.sanctions import last_term_end, resumable

WAITS_FOR_A_MONTH = replace(WAITS, sanction_start=SanctionStart.FIRST_OF_NEXT_MONTH)


def states(file):
    """Start, end of the term and end of the state of each suspension."""
    spans = fold(file.entries).sanctions
    return [(span.start, span.until, span.state_until) for span in spans if span.kind == "suspension"]


def state(start, until, state_until):
    return (day(start), day(until), state_until and day(state_until))


def nine():
    return File(WAITS).score(9, "03-10")  # [11 March, 11 June)


def test_a_state_that_waits_has_no_end_and_an_automatic_one_ends_with_its_term():
    assert states(nine()) == [state("03-11", "06-11", None)]
    assert states(File(RULEBOOK).score(9, "03-10")) == [state("03-11", "06-11", "06-11")]


@pytest.mark.parametrize(
    ("on", "late_days", "state_until"),
    [
        ("05-20", 0, "06-11"),
        ("06-11", 0, "06-11"),
        ("07-01", 0, "06-11"),
        ("07-01", 12, "06-23"),
        ("07-01", 20, "07-01"),
        ("07-01", 21, "07-01"),
        ("05-20", 5, "06-11"),
    ],
)
def test_a_resumed_state_ends_with_the_term_or_late_but_never_after_the_resumption(on, late_days, state_until):
    assert states(nine().resume(on, late_days)) == [state("03-11", "06-11", state_until)]


def test_what_has_not_begun_is_not_resumed_and_what_is_resumed_is_not_resumed_again():
    assert states(File(WAITS).score(9, "03-10").resume("03-10")) == [state("03-11", "06-11", None)]
    assert states(nine().resume("07-01", 3).resume("08-01", 40)) == [state("03-11", "06-11", "06-14")]


def test_two_years_are_resumed_together_at_the_last_end_of_their_terms():
    file = File(WAITS).score(11, "12-01").score(9, "2026-02-02").resume("2026-05-20")
    ends = "2026-06-02"
    assert states(file) == [state("12-02", ends, ends), state("2026-02-03", "2026-05-03", ends)]


def test_a_suspension_that_ends_by_itself_is_not_resumed_nor_waited_for():
    """Rulebooks mix: the mode is that of the rulebook under which the suspension began."""
    file = File(RULEBOOK).score(11, "12-01").under(WAITS).score(9, "2026-02-02").resume("2026-05-20", 9)
    assert states(file) == [
        state("12-02", "2026-06-02", "2026-06-02"),
        state("2026-02-03", "2026-05-03", "2026-05-12"),
    ]


@pytest.mark.parametrize("modes", [(WAITS, RULEBOOK), (RULEBOOK, WAITS)])
def test_one_that_grows_ends_as_it_began(modes):
    first, second = modes
    file = File(first).score(9, "03-10").under(second).score(1, "03-20")
    waits = first.resumption_mode is ResumptionMode.ON_APPLICATION
    assert states(file) == [state("03-11", "07-11", None if waits else "07-11")]


def test_one_that_grows_is_no_longer_resumed_and_the_others_keep_their_resumption():
    file = File(WAITS).score(11, "12-01").score(9, "2026-02-02").resume("2026-04-20").score(1, "2026-04-25")
    assert states(file) == [state("12-02", "2026-06-02", "2026-06-02"), state("2026-02-03", "2026-06-03", None)]
    assert states(file.resume("2026-06-13", 10)) == [
        state("12-02", "2026-06-02", "2026-06-02"),
        state("2026-02-03", "2026-06-03", "2026-06-13"),
    ]


def test_a_score_that_imposes_nothing_more_leaves_it_resumed():
    file = nine().resume("05-20").points_credit(1, "05-21").score(1, "05-22")
    assert states(file) == [state("03-11", "06-11", "06-11")]


def test_a_term_credit_takes_the_resumed_state_along_and_that_of_the_other_year():
    file = File(WAITS).score(11, "12-01").score(9, "2026-02-02").resume("2026-05-20", 4).term_credit(10, "2026-05-21")
    assert states(file) == [
        state("12-02", "2026-05-23", "2026-05-23"),
        state("2026-02-03", "2026-05-03", "2026-05-23"),
    ]


def test_a_term_credit_takes_along_a_state_that_ends_by_itself():
    assert states(File(RULEBOOK).score(9, "03-10").term_credit(10, "05-20")) == [state("03-11", "06-01", "06-01")]


def test_what_was_resumed_before_does_not_wait_for_what_is_resumed_later():
    file = File(WAITS).score(11, "12-01").resume("2026-04-20").score(4, "2026-04-26").score(5, "2026-04-27")
    file.resume("2026-05-20").term_credit(10, "2026-05-21")
    assert states(file) == [
        state("12-02", "2026-05-23", "2026-05-23"),
        state("2026-04-28", "2026-05-28", "2026-05-28"),
    ]


def test_a_term_credit_of_a_state_that_waits_moves_its_term_only():
    assert states(nine().term_credit(10, "05-20")) == [state("03-11", "06-01", None)]


def test_a_correction_takes_the_resumed_state_along():
    file = File(WAITS).score(11, "03-10").resume("08-25", 0)
    assert states(file) == [state("03-11", "09-11", "09-11")]
    assert states(file.correct(1, 9, "09-01")) == [state("03-11", "06-11", "06-11")]


def test_a_termination_ends_the_state_of_its_year_and_leaves_that_of_another():
    file = File(WAITS).score(9, "12-01").score(9, "2026-04-02").score(3, "2026-05-02")
    assert states(file) == [state("12-02", "2026-03-02", None), state("2026-04-03", "2026-05-03", "2026-05-03")]


def test_a_termination_ends_an_unresumed_state_whose_term_is_over():
    assert states(nine().score(3, "07-01")) == [state("03-11", "06-11", "07-02")]


def test_a_termination_leaves_a_state_that_has_ended():
    assert states(nine().resume("06-20", 2).score(3, "07-01")) == [state("03-11", "06-11", "06-13")]


@pytest.mark.parametrize("points", [1, 3])
def test_a_new_violation_gives_back_no_day_of_what_was_resumed_with_the_other_year(points):
    """The first term was over long before the second began; both were resumed together, and so the days between hold."""
    file = File(WAITS).score(9, "01-08").score(9, "2026-04-30").resume("2026-07-15").score(points, "2026-07-20")
    assert states(file)[0] == state("01-09", "04-09", "2026-08-01")
    assert states(file.term_credit(5, "2026-07-25"))[0] == state("01-09", "04-09", "2026-08-01")


def test_a_resumption_holds_before_a_termination_that_was_backfilled_before_it():
    """The score of 15 June was recorded after the resumption of 20 June; its termination begins on 1 July."""
    file = File(WAITS_FOR_A_MONTH).score(9, "02-10").resume("06-20", 19).score(3, "06-15")
    assert states(File(WAITS_FOR_A_MONTH).score(9, "02-10").score(3, "06-15")) == [state("03-01", "06-01", "07-01")]
    assert states(file) == [state("03-01", "06-01", "06-20")]


def test_a_resumption_does_not_carry_a_state_beyond_the_termination_that_ends_it():
    """Here the other year's term, which is resumed with it, would have it end later."""
    file = File(WAITS_FOR_A_MONTH).score(11, "12-01").score(9, "2026-02-10").resume("2026-06-20")
    assert states(file.score(3, "2026-05-15")) == [
        state("2026-01-01", "2026-07-01", "2026-07-01"),
        state("2026-03-01", "2026-06-01", "2026-06-01"),
    ]
    file = File(WAITS_FOR_A_MONTH).score(11, "12-01").score(9, "2026-02-10").resume("2026-05-20")
    assert states(file.score(3, "2026-05-15")) == [
        state("2026-01-01", "2026-07-01", "2026-07-01"),
        state("2026-03-01", "2026-06-01", "2026-06-01"),
    ]


def test_one_that_a_termination_ends_and_that_grows_after_all_is_open_again():
    """Mixed rulebooks and a backfill: points were credited before anybody knew of the termination to come."""
    file = File(WAITS_FOR_A_MONTH).score(9, "02-10").score(3, "05-10").points_credit(3, "05-12")
    assert states(file) == [state("03-01", "06-01", "06-01")]
    assert states(file.under(WAITS).score(1, "05-14")) == [state("03-01", "07-01", None)]


def test_a_new_start_ends_the_states_that_wait_and_those_that_were_resumed_late():
    banned = File(WAITS).score(12, "01-10").score(9, "2027-09-10")  # its term [11 September, 11 December 2027)
    assert states(banned.reregister("2028-01-11")) == [state("2027-09-11", "2027-12-11", "2028-01-11")]
    resumed = File(WAITS).score(12, "01-10").score(9, "2027-09-10").resume("2028-02-20", 60).reregister("2028-01-11")
    assert states(resumed) == [state("2027-09-11", "2027-12-11", "2028-01-11")]


def test_a_resumption_tells_what_it_did():
    trace = [str(step.consequence) for step in fold(nine().resume("06-20", 9).resume("06-21", 1).entries).steps]
    assert trace[1:] == ["resumption 9 days late", "resumption 1 day late"]


def test_what_waits_and_its_last_term_end():
    file = File(WAITS).score(11, "12-01").score(9, "2026-02-02")
    sanctions = fold(file.entries).sanctions
    assert [span.year for span in resumable(sanctions, day("2026-02-02"))] == [2025]
    assert last_term_end(sanctions, day("2026-02-03")) == day("2026-06-02")
    assert last_term_end(sanctions, day("12-01")) is None
    assert last_term_end(fold(file.resume("2026-05-20").entries).sanctions, day("2026-05-21")) is None
    assert last_term_end(fold(File(RULEBOOK).score(9, "03-10").entries).sanctions, day("03-12")) is None
