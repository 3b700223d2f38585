"""What each use of an activity would change: best first, by the real gates, and what helps nothing is not advised."""

from datetime import date

import pytest
from case_calls import answered, make_hands
from due_process_calls import granted, scored, set_clock


@pytest.fixture(scope="module")
def hands(office):
    return make_hands(office)


def choices(hands, person):
    return answered(hands.clerk.get(f"/practitioners/{person}/outlook"))["choices"]


def short(choice):
    return (choice["effect"], choice["granted"], choice["helps"], choice["possible_on"])


def test_a_clean_file_is_advised_nothing(hands):
    told = choices(hands, hands.person())
    assert len(told) == 8
    assert {(one["helps"], one["possible_on"], one["refused"]) for one in told} == {(False, None, "nothing_to_credit")}


def test_points_without_a_sanction_come_first(hands):
    person = hands.person()
    scored(hands, person, 8)
    told = choices(hands, person)
    assert [short(one) for one in told[:4]] == [("points", 1, True, "2025-06-02")] * 4
    assert [short(one) for one in told[4:]] == [("term", 0, False, None)] * 4
    assert told[0]["points"] == {"before": 8, "after": 7}
    assert told[0]["next_threshold"]["after"] == {"points": 9, "remaining": 2, "consequence": "suspension"}
    assert told[0]["sanction"] is None


def test_the_suspension_of_tomorrow_is_what_the_activity_is_best_used_for(hands):
    person = hands.person()
    scored(hands, person, 10)
    told = choices(hands, person)
    assert [short(one) for one in told[:4]] == [("term", 10, True, "2025-06-03")] * 4
    span = {"kind": "suspension", "ground": "single", "from": "2025-06-03"}
    was, becomes = (span | {"until": end, "state_until": end} for end in ("2025-10-03", "2025-09-23"))
    assert told[0]["sanction"] == {"before": was, "after": becomes}
    assert [short(one) for one in told[4:]] == [("points", 1, True, "2025-06-02")] * 4
    assert told[4]["sanction"] is None


def test_who_is_about_to_be_terminated_is_advised_the_ban_and_no_point(hands):
    person = hands.person()
    scored(hands, person, 12)
    told = choices(hands, person)
    assert {short(one) for one in told[:4]} == {("term", 10, True, "2025-06-03")}
    assert {(one["effect"], one["refused"], one["helps"]) for one in told[4:]} == {("points", "terminated", False)}


def test_what_a_choice_foretells_comes_true(alone):
    hands = make_hands(alone)
    person = hands.person()
    scored(hands, person, 10)
    foretold = choices(hands, person)[0]
    set_clock(alone, date(2025, 6, 3))
    approved = answered(granted(hands, person, effect="term"))
    assert approved["granted"] == foretold["granted"]
    told = answered(hands.clerk.get(f"/practitioners/{person}/standing"))
    assert told["sanctions"] == [foretold["sanction"]["after"]]
