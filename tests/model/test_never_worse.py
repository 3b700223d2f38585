""""Never worse" and the order of one day, asked of the model; and the limits that the text itself sets, by example."""

import pytest

from model import answers, histories, never_worse, plain
from model.ledgers import day, ledger
from model.rulebooks import ALL, RULEBOOKS


@pytest.mark.parametrize("book", ["chifeng", "liaoning", "hunan"])
def test_never_worse_on_random_histories(book):
    asked = {"books": (book,), "weights": histories.WITHOUT_TERM_CREDITS, "points_asked": (1, 4)}
    checked = 0
    for seed in range(150):
        rng = histories.seeded(seed)
        history = histories.random_history(rng, **asked)
        if not never_worse.never_worse_applies(history):
            continue
        before = history.file()
        for target, value in histories.correctable(history, ("score",)).items():
            after = never_worse.corrected(history.entries, target, rng.randrange(value), RULEBOOKS)
            assert never_worse.worsened_days(before, after) == [], (seed, target)
            checked += 1
    assert checked > 500


@pytest.mark.parametrize("book", ["chifeng", "liaoning", "hunan"])
def test_the_order_of_scores_of_one_day_changes_nothing(book):
    crowded = histories.WEIGHTS | {"score": 120}
    checked = 0
    for seed in range(400):
        history = histories.random_history(
            histories.seeded(seed), books=(book,), days_asked=(10, 30), length=8, weights=crowded
        )
        other = never_worse.reordered(histories.seeded(seed), history.entries)
        if other is not None:
            before, after = history.file(), plain.fold(other, RULEBOOKS)
            assert never_worse.changed_days(before, after) == [], seed
            assert before["totals"] == after["totals"], seed
            checked += 1
    assert checked > 100


# Each follows scheme.md 2.3 to the letter: lines, rulebook, the score that is corrected and to what, the day made worse.
FIVE_CREDITS = [("term_credit", f"25-05-0{d}", 10) for d in range(5, 10)]
LIMITS = {
    "a lighter suspension starts later, and so does the floor of a credit": (
        [("score", "25-03-02", 8), ("score", "25-03-02", 1), ("score", "25-05-01", 1), *FIVE_CREDITS],
        *("chifeng", 1, 7, "25-05-14"),
    ),
    "a termination moves past a re-registration on the day of a score": (
        [
            *[("score", "25-01-01", 10), ("score", "25-02-01", 9), ("score", "26-02-02", 2, "25-12-31")],
            ("reregistration", "26-02-02"),
        ],
        *("chifeng", 2, 0, "26-02-03"),
    ),
    "a termination moves past a re-registration in the month of a score": (
        [
            *[("score", "25-01-01", 11), ("score", "25-01-01", 1), ("score", "26-02-01", 8, "25-12-23")],
            ("reregistration", "26-02-27"),
        ],
        *("hunan", 1, 3, "26-03-01"),
    ),
    "a backfill had left a resumption fewer suspensions than its late days were counted for": (
        [
            *[("score", "25-03-10", 9), ("score", "26-05-10", 9), ("resumption", "26-07-05", 0)],
            ("score", "26-04-20", 3),
        ],
        *("chifeng_on_application", 4, 0, "25-05-11"),
    ),
}


@pytest.mark.parametrize(("lines", "book", "target", "value", "on"), LIMITS.values(), ids=LIMITS)
def test_limits_that_the_text_itself_sets(lines, book, target, value, on):
    entries = ledger(*lines, book=book)
    assert answers.sanction_state(plain.fold(entries, ALL), day(on)) == "normal"
    assert answers.sanction_state(never_worse.corrected(entries, target, value, ALL), day(on)) != "normal"


def of_two_rulebooks(*lines):
    """Scores of 20 March, each under its own rulebook."""
    entries = ledger(*[("score", "25-03-20", points) for points, _ in lines])
    return [entry | {"rulebook": book} for entry, (_, book) in zip(entries, lines, strict=True)]


def test_mixed_rulebooks_have_their_own_limits():
    """What one of them imposes from the next month on, another would from the next day on."""
    stricter = of_two_rulebooks((12, "hunan"), (7, "liaoning"))
    assert answers.sanction_state(plain.fold(stricter, RULEBOOKS), day("25-03-21")) == "normal"
    lighter = never_worse.corrected(stricter, 1, 2, RULEBOOKS)
    assert answers.sanction_state(lighter, day("25-03-21")) == "suspended"
    either = of_two_rulebooks((5, "hunan"), (4, "chifeng")), of_two_rulebooks((4, "chifeng"), (5, "hunan"))
    states = [answers.sanction_state(plain.fold(entries, RULEBOOKS), day("25-03-21")) for entries in either]
    assert states == ["suspended", "normal"]
