"""The fold: trace, totals, knowledge, corrections. Worked cases of whole histories stand in tests/rules."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest
from core_files import LOW, NEXT_MONTH, OPENED, RULEBOOK, File, day

from scoring_service.core.entries import carried_value
from scoring_service.core.fold import Consequence, ConsequenceKind, fold, known, present_values
from scoring_service.core.months import add_months, add_years, first_of_next_month
from scoring_service.core.rulebook import Ground, SanctionStart


def spans(file):
    return [
        (span.kind.value, span.ground.value, span.start, span.until) for span in fold(file.entries).sanctions
    ]


def trace(file):
    return [
        (step.entry.seq, step.counted, step.year, step.total_before, step.total_after, str(step.consequence))
        for step in fold(file.entries).steps
    ]


def test_the_trace_tells_every_step():
    file = (
        File()
        .score(4, "03-03")
        .score(5, "03-10")
        .points_credit(1, "03-20")
        .score(2, "03-25")
        .term_credit(10, "03-26")
        .score(12, "04-02")
        .reregister("2028-04-03")
    )
    assert trace(file) == [
        (1, 4, 2025, 0, 4, "warning at 3 points: talk"),
        (2, 5, 2025, 4, 9, "suspension of 1 month"),
        (3, -1, 2025, 9, 8, "None"),
        (4, 2, 2025, 8, 10, "suspension extended by 1 month"),
        (5, 0, 2025, 10, 10, "sanction shortened by 10 days"),
        (6, 2, 2025, 10, 12, "termination with a ban of 3 years"),
        (7, 0, 2028, 0, 0, "new start after a ban"),
    ]


def test_each_credit_tells_the_days_that_it_moved_itself():
    file = File().score(11, "03-10").term_credit(10, "03-12").term_credit(90, "03-13").term_credit(5, "03-14")
    told = [consequence for *_, consequence in trace(file)]
    assert told[1:] == ["sanction shortened by 10 days", "sanction shortened by 82 days", "None"]


def test_a_single_grave_score_takes_the_single_column():
    assert spans(File().score(9, "03-10")) == [("suspension", "single", day("03-11"), day("06-11"))]
    assert spans(File().score(1, "03-09").score(8, "03-10")) == [
        ("suspension", "accumulated", day("03-11"), day("04-11"))
    ]


@pytest.mark.parametrize(
    ("points", "kind", "months"),
    [
        ([4], None, 0),
        ([5], "suspension", 1),
        ([3, 4], "suspension", 3),
        ([4, 4], "termination", 12),
        ([8], "termination", 36),
        ([12], "termination", 36),
    ],
)
def test_thresholds_are_those_of_the_rulebook(points, kind, months):
    file = File(LOW)
    for offset, value in enumerate(points):
        file.score(value, f"03-{10 + offset}")
    sanctions = fold(file.entries).sanctions
    assert [(span.kind, span.imposed_months) for span in sanctions] == ([(kind, months)] if kind else [])
    assert fold(file.entries).points(day("03-31")) == min(8, sum(points))


@pytest.mark.parametrize(
    ("start", "first_day"),
    [
        (SanctionStart.NEXT_DAY, "02-01"),
        (SanctionStart.EFFECTIVE_DATE, "01-31"),
        (SanctionStart.FIRST_OF_NEXT_MONTH, "02-01"),
    ],
)
def test_where_a_sanction_starts(start, first_day):
    file = File(replace(RULEBOOK, sanction_start=start)).score(9, "01-31")
    assert spans(file)[0][2] == day(first_day)


def test_the_order_of_entries_is_by_effective_day_then_seq():
    file = File().score(4, "03-20").score(5, "03-10")
    assert [step.entry.seq for step in fold(file.entries).steps] == [2, 1]
    assert fold(reversed(file.entries)) == fold(file.entries)
    assert fold(file.entries).totals(day("03-15")) == {2025: 5}


@pytest.mark.parametrize("points", [(9, 2), (6, 6), (5, 4, 1), (9, 3, 12), (12, 1, 8)])
def test_the_order_of_one_days_scores_changes_nothing(points):
    outcomes = set()
    for order in permutations(points):
        file = File()
        for value in order:
            file.score(value, "03-10")
        outcomes.add((tuple(spans(file)), fold(file.entries).points(day("03-10"))))
    assert len(outcomes) == 1


@pytest.mark.parametrize("years", [("2025-12-31", "2026-01-05"), ("2026-01-05", "2025-12-31")])
def test_the_order_of_one_days_scores_does_not_choose_what_a_credit_shortens(years):
    file = File()
    for decided in years:
        file.score(9, "2026-01-05", decided)
    file.term_credit(10, "2026-01-20").score(1, "2026-02-01")
    assert [span[3] for span in spans(file)] == [day("2026-04-06"), day("2026-04-26")]


def test_totals_by_year_on_a_day():
    file = File().score(3, "2026-01-05", "12-30").score(2, "2026-02-01").points_credit(1, "2026-03-01")
    folded = fold(file.entries)
    assert folded.totals(day("12-31")) == {}
    assert folded.totals(day("2026-01-05")) == {2025: 3}
    assert folded.totals(day("2026-03-01")) == {2025: 3, 2026: 1}
    assert [folded.points(day(text)) for text in ("12-31", "2026-02-01", "2026-03-01", "2027-01-01")] == [
        0,
        2,
        1,
        0,
    ]


def test_a_new_start_sets_every_total_to_zero():
    file = File().score(12, "01-10").score(8, "2028-01-20").reregister("2028-02-01").score(2, "2028-02-02")
    folded = fold(file.entries)
    assert folded.totals(day("2028-01-31")) == {2025: 12, 2028: 8}
    assert folded.totals(day("2028-02-01")) == {2025: 0, 2028: 0}
    assert folded.totals(day("2028-02-02")) == {2025: 0, 2028: 2}


def test_year_closed_changes_no_arithmetic():
    file = File().score(9, "12-10")
    before = fold(file.entries)
    assert fold(file.close_year(2025, 9).entries) == before


def test_the_last_correction_holds_from_the_start():
    file = File().score(12, "03-10").correct(1, 10, "04-01").correct(1, 4, "04-02")
    assert present_values(file.entries) == {"e1": 4}
    (step,) = fold(file.entries).steps
    assert (step.corrected_to, step.counted, step.total_after) == (4, 4, 4)
    assert spans(file) == []


def test_corrected_to_zero_is_as_if_it_had_never_been():
    assert spans(File().score(9, "03-10").correct(1, 0, "04-01")) == []
    with_score = File().score(5, "03-10").score(9, "03-20").correct(2, 0, "04-01")
    assert spans(with_score) == spans(File().score(5, "03-10"))
    assert [step.counted for step in fold(with_score.entries).steps] == [5, 0]


def test_credits_are_corrected_too():
    file = File().score(8, "03-10").points_credit(3, "03-11").correct(2, 1, "03-12")
    assert fold(file.entries).points(day("03-31")) == 7
    file = File().score(9, "03-10").term_credit(20, "03-11").correct(2, 0, "03-12")
    assert spans(file)[0][3] == day("06-11")


def test_what_was_known_and_at_which_revision():
    entries = File().score(12, "03-10").correct(1, 4, "04-01").entries
    first = OPENED + timedelta(hours=1)
    assert known(entries, first - timedelta(microseconds=1)) == []
    assert known(entries, first) == entries[:1]
    assert known(entries, OPENED + timedelta(days=1)) == entries
    assert known(entries, OPENED + timedelta(days=1), revision=2) == entries[:1]
    assert known(entries, OPENED + timedelta(days=1), revision=1) == []


def test_what_a_correction_would_lower():
    entries = File().score(9, "03-10").points_credit(2, "03-11").term_credit(7, "03-12").entries
    assert [carried_value(entry) for entry in entries] == [9, 2, 7]
    with pytest.raises(TypeError, match="Reregistration carries no value"):
        carried_value(File().reregister("03-10").entries[0])


def test_a_warning_is_given_once_a_year_even_after_a_credit():
    file = File().score(3, "03-10").points_credit(1, "03-11").score(1, "03-12").score(3, "2026-03-10")
    consequences = [step.consequence for step in fold(file.entries).steps]
    warning = Consequence(ConsequenceKind.WARNING, 3, None, "talk")
    assert consequences == [warning, None, None, warning]


def test_a_tier_that_a_credit_led_back_to_is_not_reached_by_the_next_score():
    file = File().score(6, "03-10").points_credit(3, "03-11").score(1, "03-12")
    assert [consequence for *_, consequence in trace(file)] == ["warning at 6 points: study", "None", "None"]


def test_the_ground_of_a_suspension_stays_when_it_grows():
    grown = File().score(1, "03-01").score(8, "03-10").score(1, "03-20")
    assert spans(grown) == [("suspension", Ground.ACCUMULATED, day("03-11"), day("05-11"))]


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("01-31", 1, "02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("12-31", 2, "2026-02-28"),
        ("08-31", 1, "09-30"),
        ("03-15", 12, "2026-03-15"),
        ("11-30", 3, "2026-02-28"),
        ("2028-02-29", 12, "2029-02-28"),
    ],
)
def test_calendar_months(start, months, end):
    assert add_months(day(start), months) == day(end)


def test_calendar_years_and_first_days():
    assert add_years(day("2028-02-29"), 1) == day("2029-02-28")
    assert add_years(day("2028-02-29"), 4) == day("2032-02-29")
    assert first_of_next_month(day("12-01")) == day("2026-01-01")


BANNED = ("termination", "single", day("2025-01-11"), day("2028-01-11"))


@pytest.mark.parametrize(
    ("scored_on", "points", "left"),
    [
        ("2028-01-18", 9, [("suspension", "single", day("2028-01-19"), day("2028-01-20"))]),
        ("2028-01-19", 9, []),
        ("2028-01-20", 9, []),
        ("2028-01-20", 12, [("termination", "single", day("2028-01-21"), day("2031-01-21"))]),
    ],
)
def test_a_reregistration_ends_what_runs_and_lets_a_later_termination_stand(scored_on, points, left):
    file = File().score(12, "01-10").score(points, scored_on).reregister("2028-01-20")
    assert spans(file) == [BANNED, *left]


def test_an_answered_ban_takes_no_later_one_in():
    file = File().score(6, "03-01").score(6, "03-10").term_credit(181, "03-12").reregister("09-11")
    file.correct(3, 0, "09-20").score(12, "10-01").term_credit(10, "10-05")
    assert spans(file) == [
        ("termination", "accumulated", day("03-11"), day("2026-03-11")),
        ("termination", "single", day("10-02"), day("2028-09-22")),
    ]


def test_a_credit_goes_to_what_runs_not_to_an_answered_ban():
    file = File().score(6, "03-01").score(6, "03-10").term_credit(181, "03-12").reregister("09-11")
    file.correct(3, 0, "09-20").score(9, "10-01").term_credit(10, "10-05")
    assert [span[3] for span in spans(file)] == [day("2026-03-11"), day("12-23")]


def test_a_suspension_runs_underneath_a_ban_of_its_own_year():
    """As a backfill before the credit makes it: no gate admits the credit after the ban."""
    file = File().score(6, "03-01").score(6, "03-05").points_credit(2, "03-20").score(1, "04-01")
    assert spans(file) == [
        ("termination", "accumulated", day("03-06"), day("2026-03-06")),
        ("suspension", "accumulated", day("04-02"), day("07-02")),
    ]


def test_a_ban_that_ends_the_same_day_moves_nothing():
    file = File().score(12, "05-09").score(6, "2027-05-09").score(6, "2027-05-09").term_credit(9999, "2027-06-01")
    assert spans(file) == [("termination", "single", day("05-10"), day("2027-06-01"))]


def test_where_rulebooks_mix_the_last_suspension_of_the_year_grows():
    file = File().score(4, "01-19").score(5, "01-19")
    file.rulebook = NEXT_MONTH
    file.score(1, "02-10")
    file.rulebook = RULEBOOK
    file.score(1, "02-12")
    assert spans(file) == [
        ("suspension", "accumulated", day("01-20"), day("02-20")),
        ("suspension", "accumulated", day("02-13"), day("04-13")),
    ]


def test_a_voided_score_imposes_nothing_under_a_stricter_rulebook_either():
    file = File().score(9, "03-10")
    months = {ground: {9: 5, 10: 5, 11: 6} for ground in Ground}
    file.rulebook = replace(RULEBOOK, suspension_months=months)
    assert spans(file.score(2, "03-20").correct(2, 0, "04-01")) == spans(File().score(9, "03-10"))


def test_where_rulebooks_mix_the_last_ban_that_ends_later_is_moved():
    """The second ban was to begin after the first had ended; the third score's begins before both."""
    file = File().score(6, "03-01").score(6, "03-10").under(NEXT_MONTH).score(12, "2026-03-02")
    file.under(RULEBOOK).score(12, "2026-03-05")
    assert spans(file) == [
        ("termination", "accumulated", day("03-11"), day("2026-03-11")),
        ("termination", "single", day("2026-03-06"), day("2029-04-01")),
    ]


def test_the_floor_of_a_suspension_that_grew_twice_is_half_of_all_that_was_imposed():
    file = File().score(4, "03-01").score(5, "03-10").score(1, "03-20").score(1, "03-25")
    assert spans(file) == [("suspension", "accumulated", day("03-11"), day("06-11"))]
    assert spans(file.term_credit(999, "03-26"))[0][3] == day("05-11")


def test_the_floor_moves_with_a_start_that_moves():
    file = File(NEXT_MONTH).score(9, "03-10").under(RULEBOOK).score(1, "03-12")
    assert spans(file)[0][2:] == (day("03-13"), day("07-13"))
    assert spans(file.term_credit(999, "03-14"))[0][3] == day("05-13")


def test_the_trace_tells_the_total_before_a_warning_and_before_a_new_start():
    file = File().score(12, "01-10").score(3, "2028-01-12").score(3, "2028-01-13").reregister("2028-02-01")
    assert trace(file)[1:] == [
        (2, 3, 2028, 0, 3, "warning at 3 points: talk"),
        (3, 3, 2028, 3, 6, "warning at 6 points: study"),
        (4, -6, 2028, 6, 0, "new start after a ban"),
    ]


def test_a_new_start_gives_warnings_anew():
    file = File().score(12, "01-10").score(3, "2028-01-12").reregister("2028-02-01").score(3, "2028-02-02")
    assert [line[5] for line in trace(file)[1:]] == [
        "warning at 3 points: talk",
        "new start after a ban",
        "warning at 3 points: talk",
    ]
