"""Which rulebook a credit folds under: that of the score which it touches (scheme.md 2.6)."""

from dataclasses import replace

import pytest
from core_files import NEXT_MONTH, RULEBOOK, WAITS, File, day

from scoring_service.core.fold import fold
from scoring_service.core.sanctions import creditable
from scoring_service.core.touched import brought, rulebook_of_points, rulebook_of_sanction

OTHER = replace(RULEBOOK, id="other")


def under(*lines):
    file = File()
    for rulebook, kind, amount, on in lines:
        file.rulebook = rulebook
        getattr(file, kind)(amount, on)
    return fold(file.entries)


def touched(folded, on):
    return rulebook_of_sanction(folded, creditable(folded.sanctions, day(on))).id


@pytest.mark.parametrize(
    ("lines", "on", "expected"),
    [
        ([(OTHER, "score", 9, "03-10")], "03-12", "other"),
        ([(RULEBOOK, "score", 9, "03-10"), (OTHER, "score", 2, "03-20")], "03-22", "other"),
        ([(OTHER, "score", 9, "03-10"), (RULEBOOK, "score", 1, "2024-03-20")], "03-22", "other"),
        ([(OTHER, "score", 12, "03-10")], "03-12", "other"),
        ([(RULEBOOK, "score", 12, "03-10"), (OTHER, "score", 12, "03-20")], "03-22", "other"),
        (
            [(OTHER, "score", 12, "03-10"), (RULEBOOK, "score", 6, "03-20"), (RULEBOOK, "score", 6, "03-21")],
            "03-22",
            "other",
        ),
        (
            [
                (RULEBOOK, "score", 9, "03-10"),
                (NEXT_MONTH, "score", 1, "03-20"),
                (RULEBOOK, "term_credit", 60, "03-21"),
            ],
            "03-22",
            "next month",
        ),
        ([(OTHER, "score", 9, "03-10"), (RULEBOOK, "score", 10, "2024-12-01")], "03-12", "other"),
        ([(OTHER, "score", 11, "12-01"), (RULEBOOK, "score", 9, "2026-02-02")], "2026-02-10", "other"),
        (
            [
                (OTHER, "score", 12, "03-10"),
                (RULEBOOK, "score", 6, "2026-02-01"),
                (RULEBOOK, "score", 6, "2026-02-02"),
            ],
            "2026-02-05",
            "other",
        ),
    ],
)
def test_a_sanction_belongs_to_the_score_that_last_made_or_moved_it(lines, on, expected):
    assert touched(under(*lines), on) == expected


def test_a_suspension_of_another_year_from_the_same_day_moves_no_ban():
    file = File(OTHER).score(12, "2026-01-05")
    file.rulebook = RULEBOOK
    folded = fold(file.score(9, "2026-01-05", "12-30").entries)
    assert touched(folded, "2026-01-10") == "other"


def test_a_new_suspension_from_the_end_of_the_one_before_is_of_its_own():
    folded = under((OTHER, "score", 9, "03-10"), (RULEBOOK, "score", 1, "06-10"))
    first, second = folded.sanctions
    assert first.until == second.start == day("06-11")
    assert [rulebook_of_sanction(folded, span).id for span in (first, second)] == ["other", RULEBOOK.id]
    assert [[brought(step, span) for step in folded.steps] for span in (first, second)] == [
        [True, False],
        [False, True],
    ]


def test_points_belong_to_the_last_score_of_the_year_that_counts():
    file = File(OTHER).score(2, "03-10")
    file.rulebook = RULEBOOK
    file.score(2, "04-10").score(2, "2026-01-10")
    assert rulebook_of_points(fold(file.entries), 2025).id == RULEBOOK.id
    file.points_credit(1, "2026-01-11").correct(3, 0, "2026-01-12")
    assert rulebook_of_points(fold(file.entries), 2026) is None
    assert rulebook_of_points(fold(file.correct(2, 0, "05-01").entries), 2025).id == "other"
    assert rulebook_of_points(fold(file.entries), 2024) is None


def test_what_a_score_brought_lies_in_the_suspension_of_its_own_year():
    file = File().score(11, "12-01").score(9, "2026-02-02").score(1, "2026-02-10").term_credit(10, "2026-02-20")
    folded = fold(file.entries)
    before, beside = folded.sanctions
    assert [brought(step, before) for step in folded.steps] == [True, False, False, False]
    assert [brought(step, beside) for step in folded.steps] == [False, True, True, False]


def test_what_a_score_brought_is_no_longer_there_when_a_termination_took_it_in():
    folded = fold(File().score(9, "03-10").score(3, "03-10").score(1, "03-11").score(12, "04-10").entries)
    (ban,) = folded.sanctions
    assert [brought(step, ban) for step in folded.steps] == [False, True, False, True]


def test_beside_a_measure_a_credit_belongs_to_the_score_and_the_measure_brought_nothing_of_it():
    file = File(OTHER).measure("suspension", "03-10").measure("termination", "03-10")
    folded = fold(file.under(RULEBOOK).score(9, "03-10").entries)
    assert touched(folded, "03-12") == RULEBOOK.id
    brought_by = {span.ground.value: [brought(step, span) for step in folded.steps] for span in folded.sanctions}
    assert brought_by == {"single": [False, False, True], "measure": [False, False, False]}


def test_a_termination_of_points_is_not_that_of_a_measure_from_the_same_day():
    folded = fold(File(OTHER).measure("termination", "03-10").under(RULEBOOK).score(12, "03-10").entries)
    by_measure, by_points = folded.sanctions
    assert (by_measure.ground, by_points.ground) == ("measure", "single")
    assert [brought(step, by_measure) for step in folded.steps] == [False, False]
    assert [brought(step, by_points) for step in folded.steps] == [False, True]
    assert rulebook_of_sanction(folded, by_points).id == RULEBOOK.id


def test_a_resumption_and_a_lifting_bring_no_sanction():
    folded = fold(File(WAITS).score(9, "03-10").resume("07-01", 5).measure("suspension", "07-02").lift(3, "07-05").entries)
    points, measure = folded.sanctions
    assert [brought(step, points) for step in folded.steps] == [True, False, False, False]
    assert [brought(step, measure) for step in folded.steps] == [False, False, False, False]
    assert rulebook_of_sanction(folded, points).id == "waits"


def test_a_termination_is_not_in_another_years_suspension_that_runs_when_it_begins():
    folded = fold(File().score(11, "12-01").score(12, "2026-02-02").entries)
    suspension, ban = folded.sanctions
    assert suspension.covers(ban.start)
    assert [brought(step, suspension) for step in folded.steps] == [True, False]
    assert [brought(step, ban) for step in folded.steps] == [False, True]
