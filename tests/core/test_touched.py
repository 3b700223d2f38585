"""Which rulebook a credit folds under: that of the score which it touches (scheme.md 2.6)."""

from dataclasses import replace

import pytest
from core_files import RULEBOOK, File, day

from scoring_service.core.fold import fold
from scoring_service.core.rulebook import SanctionStart
from scoring_service.core.sanctions import creditable
from scoring_service.core.touched import rulebook_of_points, rulebook_of_sanction

OTHER = replace(RULEBOOK, id="other")
NEXT_MONTH = replace(RULEBOOK, id="next month", sanction_start=SanctionStart.FIRST_OF_NEXT_MONTH)


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
    ],
)
def test_a_sanction_belongs_to_the_score_that_last_made_or_moved_it(lines, on, expected):
    assert touched(under(*lines), on) == expected


def test_points_belong_to_the_last_score_of_the_year_that_counts():
    file = File(OTHER).score(2, "03-10")
    file.rulebook = RULEBOOK
    file.score(2, "04-10").score(2, "2026-01-10")
    assert rulebook_of_points(fold(file.entries), 2025).id == RULEBOOK.id
    assert rulebook_of_points(fold(file.correct(2, 0, "05-01").entries), 2025).id == "other"
    assert rulebook_of_points(fold(file.entries), 2024) is None
