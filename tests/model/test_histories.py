"""What scheme.md 2.3 promises of every history, asked of the model; and that the generator meets what it should."""

import pytest
from hypothesis import given, settings

from model import histories, plain
from model.rulebooks import RULEBOOKS


@pytest.mark.parametrize("book", ["chifeng", "liaoning", "hunan"])
def test_never_worse_on_random_histories(book):
    asked = {"books": (book,), "weights": histories.WITHOUT_TERM_CREDITS, "points_asked": (1, 4)}
    checked = 0
    for seed in range(150):
        rng = histories.seeded(seed)
        history = histories.random_history(rng, **asked)
        if not histories.never_worse_applies(history):
            continue
        before = history.file()
        for target, value in histories.correctable(history, ("score",)).items():
            after = histories.corrected(history.entries, target, rng.randrange(value), RULEBOOKS)
            assert histories.worsened_days(before, after) == [], (seed, target)
            checked += 1
    assert checked > 500


@settings(max_examples=100, deadline=None)
@given(histories.random_histories(books=("liaoning",), days_asked=(10, 30), length=10))
def test_the_order_of_scores_of_one_day_changes_nothing(history):
    other = histories.reordered(histories.seeded(len(history.entries)), history.entries)
    if other is not None:
        before, after = history.file(), plain.fold(other, RULEBOOKS)
        assert histories.changed_days(before, after) == []
        assert before["totals"] == after["totals"]


def test_random_histories_meet_every_kind_of_operation_and_every_refusal():
    seen = set()
    for seed in range(300):
        for operation in histories.random_history(histories.seeded(seed), points_asked=(1, 4)).operations:
            seen.add((operation["kind"], operation.get("refused")))
    kinds = {
        "score",
        "points_credit",
        "term_credit",
        "correction",
        "reregistration",
        "deregistration",
        "return",
    }
    refusals = {
        "terminated",
        "credit_cap_reached",
        "nothing_to_credit",
        "not_terminated",
        "ban_running",
        "sanction_pending",
    }
    assert {kind for kind, refused in seen if refused is None} == kinds
    assert refusals <= {refused for _, refused in seen}


def test_a_seed_gives_its_history_again():
    first, second = (histories.random_history(histories.seeded(7)).operations for _ in range(2))
    assert first == second
