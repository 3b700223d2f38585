"""State of a file on a day, and the distance to the next threshold (scheme.md 2.4)."""

from dataclasses import replace

import pytest
from core_files import LOW, RULEBOOK, WAITS, File, day

from scoring_service.core.fold import fold
from scoring_service.core.rulebook import Ground, SanctionStart
from scoring_service.core.standing import (
    Span,
    Status,
    covered,
    next_threshold,
    pending,
    restricted_since,
    standing,
    state_on,
)

ALWAYS = [Span(day("2020-01-01"), None)]
SUSPENDED = File().score(9, "03-10")  # [11 March, 11 June)
BANNED = File().score(6, "03-01").score(6, "03-10")  # [11 March 2025, 11 March 2026)
BESIDE = File().score(11, "12-01").score(9, "2026-05-20")  # [2 December, 2 June) and [21 May, 21 August)
ADJACENT = File().score(11, "12-01").score(9, "2026-06-01")  # [2 December, 2 June) and [2 June, 2 September)
TOPPED = File().score(9, "2026-01-20", "12-20").score(12, "2026-03-10")  # suspension, ban on top of it
RETURNED = File().score(6, "03-01").score(6, "03-10").reregister("2026-04-01")


@pytest.mark.parametrize(
    ("file", "on", "status", "until", "may_reapply", "may_reapply_from"),
    [
        (File(), "03-10", "normal", None, False, None),
        (SUSPENDED, "03-10", "normal", None, False, None),
        (SUSPENDED, "03-11", "suspended", "06-11", False, None),
        (SUSPENDED, "06-10", "suspended", "06-11", False, None),
        (SUSPENDED, "06-11", "normal", None, False, None),
        (BANNED, "03-11", "terminated", None, False, "2026-03-11"),
        (BANNED, "2026-03-10", "terminated", None, False, "2026-03-11"),
        (BANNED, "2026-03-11", "terminated", None, True, "2026-03-11"),
        (BESIDE, "2026-05-21", "suspended", "2026-08-21", False, None),
        (BESIDE, "2026-05-20", "suspended", "2026-08-21", False, None),
        (ADJACENT, "2026-06-01", "suspended", "2026-09-02", False, None),
        (TOPPED, "2026-03-10", "suspended", None, False, None),
        (TOPPED, "2026-03-11", "terminated", None, False, "2029-03-11"),
        (RETURNED, "2026-03-31", "terminated", None, True, "2026-03-11"),
        (RETURNED, "2026-04-01", "normal", None, False, None),
    ],
)
def test_state(file, on, status, until, may_reapply, may_reapply_from):  # noqa: PLR0917
    state = state_on(day(on), fold(file.entries).sanctions, registered=True)
    assert (state.status, state.until, state.may_reapply, state.may_reapply_from) == (
        status,
        day(until) if until else None,
        may_reapply,
        day(may_reapply_from) if may_reapply_from else None,
    )


FREED = File().score(9, "2026-01-20", "12-20").score(12, "2026-03-10").reregister("2026-04-01")
AGAIN = replace(fold(SUSPENDED.entries).sanctions[0], start=day("2026-04-01"), state_until=day("2026-07-01"))


@pytest.mark.parametrize(
    ("sanctions", "on", "since"),
    [
        (fold(SUSPENDED.entries).sanctions, "03-10", None),
        (fold(SUSPENDED.entries).sanctions, "06-10", "03-11"),
        (fold(SUSPENDED.entries).sanctions, "06-11", None),
        (fold(BESIDE.entries).sanctions, "2026-07-01", "12-02"),
        (fold(ADJACENT.entries).sanctions, "2026-06-02", "12-02"),
        (fold(TOPPED.entries).sanctions, "2026-03-10", "2026-01-21"),
        (fold(TOPPED.entries).sanctions, "2026-03-11", "2026-03-11"),
        (fold(RETURNED.entries).sanctions, "2026-03-31", "03-11"),
        (fold(RETURNED.entries).sanctions, "2026-04-01", None),
        ((*fold(FREED.entries).sanctions, AGAIN), "2026-05-01", "2026-04-01"),
    ],
)
def test_since_when(sanctions, on, since):
    assert restricted_since(day(on), sanctions) == (day(since) if since else None)


@pytest.mark.parametrize(
    ("on", "status", "shown"),
    [
        ("01-01", "not_registered", None),
        ("04-30", "suspended", "suspension"),
        ("05-01", "not_registered", "suspension"),
        ("06-01", "suspended", "suspension"),
        ("06-11", "normal", None),
    ],
)
def test_away_is_not_registered_and_still_shows_what_runs(on, status, shown):
    registrations = [Span(day("02-01"), day("05-01")), Span(day("06-01"), None)]
    state = state_on(day(on), fold(SUSPENDED.entries).sanctions, registered=covered(registrations, day(on)))
    assert (state.status, state.sanction and state.sanction.kind) == (status, shown)


def test_of_several_suspensions_the_one_that_ends_last_makes_the_state():
    state = state_on(day("2026-05-25"), fold(BESIDE.entries).sanctions, registered=True)
    assert state.sanction.until == day("2026-08-21")


def test_of_suspensions_that_end_together_the_first_begun_makes_the_state():
    file = File().score(11, "12-01").score(9, "2026-03-01")  # [2 December, 2 June) and [2 March, 2 June)
    state = state_on(day("2026-03-02"), fold(file.entries).sanctions, registered=True)
    assert (state.sanction.start, state.until) == (day("12-02"), day("2026-06-02"))


def test_of_several_terminations_the_last_makes_the_state():
    file = File().score(6, "03-01").score(6, "03-10").score(12, "2026-05-01")
    state = state_on(day("2026-05-02"), fold(file.entries).sanctions, registered=True)
    assert (state.sanction.start, state.may_reapply_from) == (day("2026-05-02"), day("2029-05-02"))


def test_an_answered_ban_holds_nobody_though_it_grew_afterwards():
    file = File().score(6, "03-01").score(6, "03-10").term_credit(181, "03-12").reregister("09-11")
    sanctions = fold(file.correct(3, 0, "09-20").entries).sanctions
    assert sanctions[0].until == day("2026-03-11")
    state = state_on(day("10-01"), sanctions, registered=True)
    assert (state.status, state.sanction, state.until) == (Status.NORMAL, None, None)


def test_each_termination_is_answered_by_its_own_return():
    file = File().score(6, "03-01").score(6, "03-10").reregister("2026-03-11")
    file.score(6, "2027-03-01").score(6, "2027-03-10").reregister("2028-03-11")
    sanctions = fold(file.entries).sanctions
    days = ("2026-03-10", "2026-03-11", "2027-03-10", "2027-03-11", "2028-03-10", "2028-03-11")
    assert [state_on(day(on), sanctions, registered=True).status for on in days] == [
        "terminated",
        "normal",
        "normal",
        "terminated",
        "terminated",
        "normal",
    ]


@pytest.mark.parametrize(("scored_on", "after"), [("2028-01-19", "normal"), ("2028-01-20", "terminated")])
def test_a_return_answers_the_termination_that_begins_that_day_and_none_later(scored_on, after):
    file = File().score(12, "01-10").score(12, scored_on).reregister("2028-01-20")
    sanctions = fold(file.entries).sanctions
    days = ("2028-01-19", "2028-01-20", "2028-01-21")
    told = [state_on(day(on), sanctions, registered=True).status for on in days]
    assert told == ["terminated", "normal", after]


def test_what_is_pending():
    sanctions = fold(SUSPENDED.entries).sanctions
    assert pending(sanctions, day("03-10")) == list(sanctions)
    assert pending(sanctions, day("03-11")) == []


@pytest.mark.parametrize(
    ("points", "status", "rulebook", "expected"),
    [
        (0, Status.NORMAL, RULEBOOK, (9, 9, "suspension")),
        (8, Status.NORMAL, RULEBOOK, (9, 1, "suspension")),
        (9, Status.SUSPENDED, RULEBOOK, (12, 3, "termination")),
        (10, Status.NORMAL, RULEBOOK, (12, 2, "termination")),
        (4, Status.NORMAL, LOW, (5, 1, "suspension")),
        (7, Status.NORMAL, LOW, (8, 1, "termination")),
        (12, Status.NORMAL, RULEBOOK, None),
        (0, Status.TERMINATED, RULEBOOK, None),
    ],
)
def test_next_threshold(points, status, rulebook, expected):
    found = next_threshold(points, status, rulebook)
    assert (found and (found.points, found.remaining, found.consequence)) == expected


def test_standing_of_a_day_holds_only_what_was_effective_by_then():
    file = File().score(4, "03-03").score(5, "03-10").score(3, "2026-01-05")
    shown = standing(day("03-05"), fold(file.entries), ALWAYS, RULEBOOK)
    assert (shown.points, shown.totals, len(shown.trace)) == (4, {2025: 4}, 1)
    assert shown.state.status is Status.NORMAL
    assert [span.start for span in shown.sanctions] == [day("03-11")]
    assert shown.next_threshold.remaining == 5


def test_sanctions_are_ordered_by_start_kind_and_until():
    file = File().score(12, "03-10").score(9, "2026-03-10").score(11, "2027-03-10")
    assert [(span.kind, span.start.year) for span in fold(file.entries).sanctions] == [
        ("termination", 2025),
        ("suspension", 2026),
        ("suspension", 2027),
    ]


@pytest.mark.parametrize("years", [("12-30", "2026-01-05"), ("2026-01-05", "12-30")])
def test_what_begins_and_ends_together_is_ordered_by_the_year(years):
    file = File()
    for decided in years:
        file.score(9, "2026-01-05", decided)
    assert [span.year for span in fold(file.entries).sanctions] == [2025, 2026]


@pytest.mark.parametrize("rulebooks", [(RULEBOOK, WAITS), (WAITS, RULEBOOK)])
def test_what_begins_and_ends_together_is_ordered_by_the_end_of_the_state(rulebooks):
    file = File()
    for rulebook, decided in zip(rulebooks, ("2026-01-05", "12-30"), strict=True):
        file.under(rulebook).score(9, "2026-01-05", decided)
    assert [span.state_until for span in fold(file.entries).sanctions] == [day("2026-04-06"), None]


def suspended(file, on):
    """The end of the state, from when one may resume, and the start of the sanction that makes the state."""
    state = state_on(day(on), fold(file.entries).sanctions, registered=True)
    assert state.status is Status.SUSPENDED
    return state.until, state.may_resume_from, state.sanction.start


def test_while_a_resumption_is_to_be_granted_no_end_is_known():
    file = File(WAITS).score(9, "03-10")
    for on in ("03-11", "06-10", "06-11", "2027-01-01"):
        assert suspended(file, on) == (None, day("06-11"), day("03-11"))
    assert suspended(file.resume("06-20", 2), "06-12") == (day("06-13"), None, day("03-11"))


def test_of_two_that_wait_the_last_term_is_the_one_that_counts_once_it_has_begun():
    file = File(WAITS).score(9, "12-10").score(11, "2026-01-12")  # [11 December, 11 March), [13 January, 13 July)
    assert suspended(file, "2026-01-12") == (None, day("2026-03-11"), day("12-11"))
    assert suspended(file, "2026-01-13") == (None, day("2026-07-13"), day("2026-01-13"))


def test_one_that_waits_makes_the_state_before_one_that_ends_by_itself_however_long():
    file = File(WAITS).score(9, "12-10").under(RULEBOOK).score(11, "2026-01-12")
    assert suspended(file, "2026-02-01") == (None, day("2026-03-11"), day("12-11"))


def test_a_measure_without_an_end_makes_the_state_and_nobody_may_resume():
    assert suspended(File().measure("suspension", "03-10"), "2026-01-01") == (None, None, day("03-11"))
    beside = File(WAITS).score(9, "03-10").measure("suspension", "04-10")
    assert suspended(beside, "05-01") == (None, day("06-11"), day("04-11"))
    ends = File(WAITS).score(9, "03-10").measure("suspension", "04-10", until="05-01")
    assert suspended(ends, "04-20") == (None, day("06-11"), day("03-11"))


@pytest.mark.parametrize(
    ("file", "until"),
    [
        (File().measure("suspension", "03-10", until="05-01"), "05-01"),
        (File().measure("suspension", "03-10", until="05-01").measure("suspension", "04-01", "05-01", "06-01"), "06-01"),
        (File().measure("suspension", "03-10", until="05-01").measure("suspension", "04-01", "04-10"), None),
        (File().measure("suspension", "03-10", until="05-01").measure("suspension", "04-01", "05-02"), "05-01"),
        (File().measure("suspension", "03-10", until="05-01").measure("termination", "04-01"), None),
        (File().measure("suspension", "03-10", until="05-01").measure("termination", "04-01", "05-01"), None),
        (File().measure("suspension", "03-10", until="05-01").measure("termination", "04-01", "05-02"), "05-01"),
        (File().measure("suspension", "03-10", until="05-01").score(9, "04-20"), "07-21"),
        (File(WAITS).measure("suspension", "03-10", until="05-01").score(9, "04-20"), None),
        (File().score(9, "03-10").measure("termination", "04-01").lift(2, "04-10"), None),
    ],
)
def test_the_end_is_the_first_later_day_that_is_normal_by_what_is_known(file, until):
    assert suspended(file, "03-20")[0] == (until and day(until))


def test_a_termination_that_a_return_answered_on_its_first_day_holds_on_no_day_and_delays_no_end():
    file = File(replace(RULEBOOK, sanction_start=SanctionStart.EFFECTIVE_DATE))
    file.score(9, "2026-02-01").score(3, "2026-04-01").reregister("2026-04-01")
    (_, ended) = fold(file.entries).sanctions
    assert ended.start == ended.state_until == day("2026-04-01")
    assert suspended(file, "2026-03-01")[0] == day("2026-04-01")


def test_a_lifted_termination_makes_no_state_any_more():
    sanctions = fold(File().measure("termination", "03-10").lift(1, "08-01").entries).sanctions
    on = [state_on(day(text), sanctions, registered=True) for text in ("07-31", "08-01", "2026-03-11")]
    assert [state.status for state in on] == ["terminated", "normal", "normal"]


THREE_YEARS = replace(RULEBOOK, ban_years={**RULEBOOK.ban_years, Ground.MEASURE: 3})
TWO_MEASURES = File().measure("termination", "03-10").measure("termination", "03-10")


@pytest.mark.parametrize(
    ("file", "on", "makes_the_state"),
    [
        (File().score(12, "03-10").measure("termination", "04-10"), "05-01", ("measure", None)),
        (File().measure("termination", "03-10").score(12, "03-10"), "05-01", ("single", None)),
        (File(THREE_YEARS).measure("termination", "03-10").score(12, "03-10"), "05-01", ("single", None)),
        (File().measure("termination", "03-10").score(6, "03-10").score(6, "03-10"), "05-01", ("accumulated", None)),
        (TWO_MEASURES.lift(1, "2026-06-01"), "05-01", ("measure", None)),
        (File().score(12, "01-10").score(9, "2026-01-10"), "2026-02-01", ("single", None)),
    ],
    ids=["began last", "ends last", "of points", "of points again", "its state ends last", "before a suspension"],
)
@pytest.mark.parametrize("registered", [True, False])
def test_which_termination_makes_the_state(file, on, makes_the_state, registered):
    sanction = state_on(day(on), fold(file.entries).sanctions, registered=registered).sanction
    assert (sanction.kind, sanction.ground, sanction.state_until) == ("termination", *makes_the_state)


def test_of_suspensions_that_begin_and_end_together_the_earlier_years_makes_the_state():
    file = File().score(9, "2026-01-05", "12-30").score(5, "2026-01-05").score(6, "2026-01-05")
    first, second = fold(file.entries).sanctions
    assert (first.start, first.until, first.ground) == (second.start, second.until, "accumulated")
    state = state_on(day("2026-02-01"), (first, second), registered=True)
    assert (state.sanction.year, state.sanction.ground) == (2025, "single")


def test_of_suspensions_that_end_together_the_one_that_began_first_makes_the_state():
    file = File().score(10, "12-01").score(5, "2026-03-01").score(4, "2026-03-01")
    sanctions = fold(file.entries).sanctions
    assert {span.until for span in sanctions} == {day("2026-04-02")}
    assert state_on(day("2026-03-05"), sanctions[::-1], registered=True).sanction.start == day("12-02")


def test_the_ban_of_a_measure_counts_too():
    file = File().score(6, "03-01").score(6, "03-10").measure("termination", "2026-01-10")
    state = state_on(day("2026-03-11"), fold(file.entries).sanctions, registered=True)
    assert (state.may_reapply, state.may_reapply_from) == (False, day("2027-01-11"))


def test_away_a_state_that_waits_is_shown_and_is_back_on_return():
    registrations = [Span(day("02-01"), day("05-01")), Span(day("08-01"), None)]
    sanctions = fold(File(WAITS).score(9, "03-10").entries).sanctions
    away, back = (
        state_on(day(on), sanctions, registered=covered(registrations, day(on))) for on in ("07-01", "08-01")
    )
    assert (away.status, away.sanction.state_until, away.may_resume_from) == ("not_registered", None, None)
    assert (back.status, back.may_resume_from) == ("suspended", day("06-11"))
