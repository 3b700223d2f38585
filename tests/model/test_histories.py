"""What scheme.md 2.3 promises of every history, asked of the model; and that the generator meets what it should."""

from hypothesis import given, settings

from model import answers, histories
from model.rulebooks import ALL

BOOKS = ("chifeng_on_application", "chifeng")


@settings(max_examples=50, deadline=None)
@given(histories.random_histories(days_asked=(10, 30), points_asked=(1, 4)))
def test_every_history_is_one_that_a_ledger_could_hold(history):
    entries = history.entries
    assert [e["seq"] for e in entries] == list(range(1, len(entries) + 1))
    moments = [e["recorded_at"] for e in entries]
    assert moments == sorted(set(moments))
    for entry in entries:
        assert entry["effective_on"] <= entry["recorded_at"].date()
        assert entry["kind"] != "score" or entry["decided_on"] <= entry["effective_on"]
    for span in answers.spans(history.file()):
        assert span["until"] is None or span["from"] < span["until"]


def test_random_histories_meet_every_kind_of_operation_and_every_refusal():
    seen = set()
    for seed in range(300):
        for operation in histories.random_history(histories.seeded(seed), ALL, books=BOOKS, points_asked=(1, 4)).operations:
            seen.add((operation["kind"], operation.get("refused")))
    kinds = {
        "score",
        "points_credit",
        "term_credit",
        "correction",
        "reregistration",
        "resumption",
        "measure",
        "measure_lifted",
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
        "sanction_running",
        "not_suspended",
        "too_early",
        "measure_ended",
    }
    assert {kind for kind, refused in seen if refused is None} == kinds
    assert refusals <= {refused for _, refused in seen}


def test_a_seed_gives_its_history_again():
    first, second = (histories.random_history(histories.seeded(7)).operations for _ in range(2))
    assert first == second
