"""The gates of resumptions, of what may begin anew, and of a return beside measures (scheme.md 2.1, 2.3, 2.4)."""

from datetime import UTC, datetime

import pytest
from core_files import NEXT_MONTH, RULEBOOK, WAITS, File, day

from scoring_service.core.errors import RuleError
from scoring_service.core.fold import fold
from scoring_service.core.gates import (
    ban_end,
    check_may_begin,
    check_reregistration,
    check_resumption,
    grant_days,
    grant_points,
    late_days,
)

OPEN = "05-20"  # The first day of the window in these tests; services count it in working days.


def nine():
    return File(WAITS).score(9, "03-10")  # [11 March, 11 June)


def refusal(gate, *arguments, **named):
    with pytest.raises(RuleError) as caught:
        gate(*arguments, **named)
    assert " / " in caught.value.detail
    return caught.value.code


def pending_over(rulebook):
    """A suspension, and another year's that is to begin: under a start on the first of the next month it is known."""
    return File(rulebook).score(9, "12-10").under(NEXT_MONTH).score(9, "2026-02-10")


@pytest.mark.parametrize(
    ("file", "on", "apply_from", "code"),
    [
        (nine().score(3, "05-01"), "06-01", OPEN, "sanction_running"),
        (nine().measure("termination", "05-01"), "06-01", OPEN, "sanction_running"),
        (nine().measure("suspension", "05-01"), "06-01", OPEN, "sanction_running"),
        (nine().measure("suspension", "05-01", until="06-02"), "06-01", OPEN, "sanction_running"),
        (File(WAITS).measure("suspension", "05-01"), "06-01", None, "sanction_running"),
        (pending_over(WAITS), "2026-02-20", OPEN, "sanction_pending"),
        (nine().resume("05-21").measure("suspension", "05-21", "06-05"), "05-22", None, "sanction_pending"),
        (nine().score(3, "06-01"), "06-01", OPEN, "sanction_pending"),
        (File(WAITS), "06-01", None, "not_suspended"),
        (File(WAITS), "06-01", OPEN, "not_suspended"),
        (nine(), "03-09", None, "not_suspended"),
        (File(NEXT_MONTH).score(9, "03-10"), "03-20", None, "not_suspended"),
        (nine().resume(OPEN), "05-21", None, "not_suspended"),
        (nine().resume(OPEN), "06-12", None, "not_suspended"),
        (File(RULEBOOK).score(9, "03-10"), "06-01", None, "not_suspended"),
        (nine(), "05-19", OPEN, "too_early"),
    ],
)
def test_a_resumption_is_refused(file, on, apply_from, code):
    assert refusal(check_resumption, fold(file.entries), day(on), apply_from and day(apply_from)) == code


@pytest.mark.parametrize(
    ("file", "on"),
    [
        (nine(), OPEN),
        (nine(), "2027-01-01"),
        (nine().measure("suspension", "05-01", until="06-01"), "06-01"),
        (nine().measure("suspension", "05-01").lift(2, "06-01"), "06-01"),
        (nine().measure("termination", "05-01").lift(2, "06-01"), "06-01"),
        (nine().resume(OPEN).score(1, "05-21"), "06-25"),
    ],
)
def test_a_resumption_is_admitted_from_the_window_on_and_once_measures_have_ended(file, on):
    assert check_resumption(fold(file.entries), day(on), day(OPEN)) is None


@pytest.mark.parametrize(
    ("file", "on", "due_on", "late"),
    [
        # From the last end among the terms.
        (nine(), OPEN, None, 0),
        (nine(), "06-11", None, 0),
        (nine(), "06-12", None, 1),
        (nine(), "07-11", None, 30),
        (File(WAITS).score(11, "12-01").score(9, "2026-02-02"), "2026-06-12", None, 10),
        (nine().term_credit(10, OPEN), "06-12", None, 11),
        # To the day on which the evaluation was due, when the office decided after it.
        (nine(), "07-11", "07-01", 20),
        (nine(), "07-11", "06-01", 0),
        (nine(), "07-11", "07-20", 30),
        # From the recording of the latest correction, lifting or backfilled score.
        (File(WAITS).score(12, "03-10").correct(1, 9, "09-01", recorded="09-01"), "09-01", None, 0),
        (File(WAITS).score(12, "03-10").correct(1, 9, "09-01", recorded="09-01"), "09-04", None, 3),
        (nine().score(2, "2024-12-01").correct(2, 1, "07-01", recorded="07-01"), "07-04", None, 3),
        (nine().correct(1, 10, "06-20", recorded="06-20").correct(1, 9, "07-01", recorded="07-01"), "07-04", None, 3),
        (nine().measure("suspension", "04-01", "04-05", "08-01").lift(2, "07-01"), "07-04", None, 3),
        (File(WAITS).score(9, "03-10", recorded="07-01"), "07-04", None, 3),
        (nine().score(2, "06-20", recorded="06-20"), "07-04", None, 0),
        (nine().score(2, "2026-01-05", "2024-12-30", recorded="2026-01-05"), "2026-01-07", None, 210),
        # From the end of the last measure on the person.
        (nine().measure("suspension", "05-01", until="07-01"), "07-01", None, 0),
        (nine().measure("suspension", "05-01", until="07-01"), "07-04", None, 3),
        (nine().measure("suspension", "05-01", until="07-01"), "07-11", "07-02", 1),
        (nine().measure("suspension", "05-01", until="05-20"), "06-14", None, 3),
        (nine().measure("suspension", "05-01", until="08-20"), "06-14", None, 3),
        (nine().measure("suspension", "05-01"), "06-14", None, 3),
        (nine().measure("termination", "05-01").lift(2, "07-01"), "07-04", None, 3),
    ],
)
def test_days_late_are_counted_from_the_latest_of(file, on, due_on, late):
    assert late_days(file.entries, day(on), due_on and day(due_on)) == late


def test_a_merge_counts_as_a_correction():
    file = nine()
    assert late_days(file.entries, day("07-01"), None) == 20
    assert late_days(file.entries, day("07-01"), None, day("06-21")) == 10


def test_where_nothing_waits_nothing_is_late():
    assert late_days(File(WAITS).entries, day("06-11"), None) == 0


def test_a_recording_counts_on_its_day_in_shanghai():
    file = File(WAITS).score(12, "03-10").correct(1, 9, "09-01", recorded="09-01")
    late_evening = datetime(2025, 9, 1, 17, tzinfo=UTC)  # 1 a.m. of 2 September in Shanghai.
    scored, corrected = file.entries
    object.__setattr__(corrected, "recorded_at", late_evening)
    assert late_days([scored, corrected], day("09-04"), None) == 2


@pytest.mark.parametrize(
    ("file", "on", "admitted"),
    [
        (File(), "03-10", True),
        (nine(), "03-09", False),
        (nine(), "03-10", False),
        (nine(), "03-11", False),
        (nine(), "2026-03-11", False),
        (nine().resume("06-01"), "06-10", False),
        (nine().resume("06-01"), "06-11", True),
        (File().score(12, "03-10"), "2029-01-01", False),
        (File().score(12, "03-10").reregister("2028-03-11"), "2028-03-11", True),
        (File().measure("suspension", "03-10", until="05-01"), "04-30", False),
        (File().measure("suspension", "03-10", until="05-01"), "05-01", True),
        (File().measure("suspension", "03-10", "04-01"), "03-12", False),
    ],
)
def test_what_may_begin(file, on, admitted):
    if admitted:
        assert check_may_begin(fold(file.entries), day(on)) is None
    else:
        assert refusal(check_may_begin, fold(file.entries), day(on)) == "sanction_running"


BANNED = File(WAITS).score(6, "03-01").score(6, "03-10")  # One year from 11 March.


def banned(kind, *arguments):
    file = File(WAITS).score(6, "03-01").score(6, "03-10")
    return getattr(file, kind)(*arguments)


@pytest.mark.parametrize(
    ("file", "on", "code"),
    [
        (File(WAITS), "2026-03-01", "not_terminated"),
        (BANNED, "03-10", "not_terminated"),
        (banned("score", 9, "2026-01-10"), "2026-03-01", "suspension_running"),
        (banned("measure", "suspension", "2026-01-10"), "2026-03-01", "suspension_running"),
        (banned("measure", "suspension", "2026-01-10", "2026-04-01"), "2026-03-01", "sanction_pending"),
    ],
)
def test_a_return_may_be_proposed_while_the_ban_runs_but_nothing_else(file, on, code):
    assert refusal(check_reregistration, fold(file.entries), day(on), ban_may_run=True) == code
    assert check_reregistration(fold(BANNED.entries), day("2026-03-10"), ban_may_run=True) is None


def test_a_measure_without_an_end_stands_in_the_way_of_a_return_and_so_says():
    folded = fold(banned("measure", "suspension", "2026-01-10").entries)
    with pytest.raises(RuleError, match="without an end") as caught:
        check_reregistration(folded, day("2026-03-11"))
    assert caught.value.code == "suspension_running"
    folded = fold(banned("measure", "suspension", "2026-01-10", "2026-01-10", "2026-05-01").entries)
    with pytest.raises(RuleError, match="from 2026-05-01 on"):
        check_reregistration(folded, day("2026-03-11"))
    file = banned("measure", "suspension", "2026-01-10", "2026-01-10", "2026-05-01")
    with pytest.raises(RuleError, match="from 2026-06-01 on"):
        check_reregistration(
            fold(file.measure("suspension", "2026-01-10", "2026-02-01", "2026-06-01").entries), day("2026-03-11")
        )


def test_an_unresumed_state_whose_term_is_over_does_not_stand_in_the_way_of_a_return():
    file = File(WAITS).score(12, "01-10").score(9, "2027-09-10")  # Its term [11 September, 11 December 2027).
    assert check_reregistration(fold(file.entries), day("2028-01-11")) is None
    assert refusal(check_reregistration, fold(file.entries), day("2027-12-10"), ban_may_run=True) == "suspension_running"


def test_a_termination_by_a_measure_has_the_same_way_back_and_one_that_was_lifted_needs_none():
    file = File().measure("termination", "03-10")
    assert refusal(check_reregistration, fold(file.entries), day("2026-03-10")) == "ban_running"
    assert check_reregistration(fold(file.entries), day("2026-03-11")) is None
    assert refusal(check_reregistration, fold(file.lift(1, "08-01").entries), day("08-01")) == "not_terminated"


def test_the_longest_ban_that_holds_is_the_one_that_counts():
    file = File().score(12, "03-10").measure("termination", "2028-01-10")
    folded = fold(file.entries)
    assert ban_end(folded, day("2028-01-10")) == day("2028-03-11")
    assert ban_end(folded, day("2028-01-11")) == day("2029-01-11")
    assert refusal(check_reregistration, folded, day("2028-03-11")) == "ban_running"


def test_no_points_are_credited_under_a_measures_termination_nor_before_one_to_come():
    terminated = File().score(3, "03-01").measure("termination", "03-10").entries
    assert refusal(grant_points, terminated, day("03-11"), 1, RULEBOOK) == "terminated"
    assert refusal(grant_points, terminated, day("03-10"), 1, RULEBOOK) == "terminated"
    suspended = File().score(3, "03-01").measure("suspension", "03-10").entries
    assert grant_points(suspended, day("03-11"), 1, RULEBOOK) == 1


def test_days_are_granted_off_what_points_brought_only():
    alone = File().measure("suspension", "03-10").entries
    assert refusal(grant_days, alone, day("03-11"), 1, RULEBOOK) == "nothing_to_credit"
    before_a_termination = File().measure("suspension", "03-10").score(12, "04-01").entries
    assert refusal(grant_days, before_a_termination, day("04-01"), 1, RULEBOOK) == "nothing_to_credit"
    under_a_ban = File().measure("termination", "03-10").score(9, "03-10").score(3, "04-01").entries
    assert refusal(grant_days, under_a_ban, day("04-01"), 1, RULEBOOK) == "terminated"
    beside = File().measure("suspension", "03-10", until="09-01").score(9, "03-10").entries
    assert grant_days(beside, day("03-11"), 10, RULEBOOK) == 10


def test_nothing_is_credited_of_a_state_whose_term_is_over():
    assert refusal(grant_days, nine().entries, day("06-11"), 1, RULEBOOK) == "nothing_to_credit"
