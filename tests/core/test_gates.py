"""The gates: what may be credited, and who may come back (scheme.md 2.3)."""

from dataclasses import replace

import pytest
from core_files import RULEBOOK, File, day

from scoring_service.core.errors import RuleError
from scoring_service.core.fold import fold
from scoring_service.core.gates import (
    check_reregistration,
    creditable_sanction,
    grant_days,
    grant_points,
    points_credited,
)
from scoring_service.core.rulebook import SanctionStart

SUSPENDED = File().score(11, "03-10")  # single: 6 months from 11 March, floor 11 June
BANNED = File().score(6, "03-01").score(6, "03-10")  # one year from 11 March, floor 11 September
# A ban to 1 March 2026 and, from that day on, another one.
BANNED_AGAIN = File(replace(RULEBOOK, sanction_start=SanctionStart.FIRST_OF_NEXT_MONTH))
BANNED_AGAIN.score(6, "02-01").score(6, "02-10").score(12, "2026-02-10")


def refusal(gate, *arguments):
    with pytest.raises(RuleError) as caught:
        gate(*arguments)
    assert " / " in caught.value.detail
    return caught.value.code


@pytest.mark.parametrize(
    ("file", "on", "asked", "granted"),
    [
        (File().score(8, "03-10"), "03-11", 1, 1),
        (File().score(8, "03-10"), "03-11", 9, 4),
        (File().score(2, "03-10"), "03-11", 9, 2),
        (File().score(8, "03-10").points_credit(3, "03-11"), "03-12", 9, 1),
        (File().score(8, "03-10").points_credit(4, "03-11").correct(2, 1, "03-12"), "03-13", 9, 3),
        (File().score(3, "12-31").score(2, "2026-01-02"), "2026-01-03", 9, 2),
        (SUSPENDED, "03-12", 1, 1),
    ],
)
def test_points_that_fit_are_granted(file, on, asked, granted):
    assert grant_points(file.entries, day(on), asked, RULEBOOK) == granted


@pytest.mark.parametrize(
    ("file", "on", "code"),
    [
        (File(), "03-10", "nothing_to_credit"),
        (File().score(3, "12-31"), "2026-01-03", "nothing_to_credit"),
        (File().score(8, "03-10").points_credit(4, "03-11"), "03-12", "credit_cap_reached"),
        (BANNED, "03-10", "terminated"),
        (BANNED, "03-11", "terminated"),
        (BANNED, "2026-03-11", "terminated"),
    ],
)
def test_points_are_refused(file, on, code):
    assert refusal(grant_points, file.entries, day(on), 1, RULEBOOK) == code


@pytest.mark.parametrize(
    ("file", "on", "asked", "granted"),
    [
        (SUSPENDED, "03-11", 10, 10),
        (SUSPENDED, "03-11", 999, 92),
        (SUSPENDED, "09-05", 10, 6),
        (SUSPENDED, "09-10", 10, 1),
        (BANNED_AGAIN, "2026-02-11", 10, 10),
        (BANNED, "03-11", 999, 181),
    ],
)
def test_days_that_fit_are_granted(file, on, asked, granted):
    assert grant_days(file.entries, day(on), asked, RULEBOOK) == granted


@pytest.mark.parametrize(
    ("file", "on", "code"),
    [
        (File().score(8, "03-10"), "03-11", "nothing_to_credit"),
        (SUSPENDED, "03-10", "nothing_to_credit"),
        (SUSPENDED, "09-11", "nothing_to_credit"),
        (File().score(11, "03-10").term_credit(92, "03-11"), "03-12", "nothing_to_credit"),
        (File().score(11, "03-10").score(1, "03-20"), "03-20", "terminated"),
    ],
)
def test_days_are_refused(file, on, code):
    assert refusal(grant_days, file.entries, day(on), 1, RULEBOOK) == code


@pytest.mark.parametrize(
    ("file", "on", "code"),
    [
        (File(), "03-10", "not_terminated"),
        (SUSPENDED, "03-12", "not_terminated"),
        (BANNED, "03-10", "not_terminated"),
        (BANNED, "2026-03-10", "ban_running"),
        (File().score(12, "03-10").score(11, "2028-03-01"), "2028-03-11", "suspension_running"),
        (File().score(12, "03-10").score(11, "2028-03-11"), "2028-03-11", "sanction_pending"),
    ],
)
def test_a_return_is_refused(file, on, code):
    assert refusal(check_reregistration, fold(file.entries), day(on)) == code


def test_a_return_is_open_from_the_bans_last_day_on():
    assert check_reregistration(fold(BANNED.entries), day("2026-03-11")) is None
    assert check_reregistration(fold(BANNED.entries), day("2029-01-01")) is None


def test_which_sanction_a_credit_touches():
    both = File().score(12, "03-10").score(11, "2026-02-01")
    assert creditable_sanction(both.entries, day("2026-02-05")).kind == "termination"
    years = File().score(11, "12-01").score(9, "2026-02-01")
    assert creditable_sanction(years.entries, day("2026-02-05")).start == day("12-02")
    assert creditable_sanction(years.entries, day("11-05")) is None


def test_points_credited_follow_corrections_and_years():
    file = (
        File()
        .score(8, "03-10")
        .points_credit(3, "03-11")
        .correct(2, 1, "03-12")
        .points_credit(1, "2026-01-02")
    )
    assert [points_credited(file.entries, year) for year in (2024, 2025, 2026)] == [0, 1, 1]
