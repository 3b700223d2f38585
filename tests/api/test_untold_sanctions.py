"""A suspension or termination that a correction makes or leaves gets its own letter and window (contract.md, Notices)."""

from datetime import date

import pytest
from case_calls import answered, make_hands
from due_process_calls import drafted, scored, set_clock


@pytest.fixture
def hands(alone):
    return make_hands(alone)


def letters(hands, person, kind):
    listed = answered(hands.clerk.get(f"/notices?practitioner={person}&limit=200"))["items"]
    return [row for row in listed if row["kind"] == kind]


def post(hands, entry, value):
    answered(hands.reviewer.post(f"/corrections/{drafted(hands.clerk, entry, value)['id']}/approve"))


def test_twelve_corrected_to_nine_brings_the_letter_of_the_suspension(hands, alone):
    person = hands.person()
    [entry] = scored(hands, person, 12)
    assert letters(hands, person, "suspension") == []
    set_clock(alone, date(2026, 3, 2))
    post(hands, entry, 9)
    told = letters(hands, person, "suspension")
    assert {(row["addressee"]["kind"], row["addressee"]["ref"]) for row in told} >= {
        ("practitioner", person),
        ("institution", hands.institution),
    }
    own = next(row for row in told if row["addressee"]["kind"] == "practitioner")
    assert (own["created_at"][:10], own["received_on"]) == ("2026-03-02", None)
    document = hands.clerk.get(f"/notices/{own['id']}/document").get_data(as_text=True)
    assert "2025年6月3日" in document
    assert "None" not in document
    received = {"received_on": "2026-03-02", "proof": "送达回证第 7 号"}
    acknowledged = answered(hands.clerk.post(f"/notices/{own['id']}/acknowledge", received))
    assert acknowledged["window_closes_on"] == "2026-03-16"


def test_what_a_letter_has_told_is_not_told_again(hands):
    person = hands.person()
    [entry] = scored(hands, person, 10)
    before = letters(hands, person, "suspension")
    assert before
    post(hands, entry, 9)
    assert letters(hands, person, "suspension") == before


def test_a_suspension_that_a_termination_had_taken_in_is_told_when_it_comes_back(hands):
    """Both findings on one day: the suspension vanished on the day it was made, and no letter told of it."""
    person = hands.person()
    serious, grave = scored(hands, person, 9, 12)
    assert [letters(hands, person, kind) != [] for kind in ("suspension", "termination")] == [False, True]
    post(hands, grave, 0)
    told = letters(hands, person, "suspension")
    assert {row["addressee"]["ref"] for row in told} >= {person, hands.institution}
    post(hands, serious, 8)
    assert letters(hands, person, "suspension") == told
