"""What like cases got, over HTTP: told with each finding, flagged, and shown to whoever hears the appeal."""

import pytest
from api_office import make_office, make_test_service
from appeal_calls import make_scene
from case_calls import answered, finding, make_hands, pointers

SPREAD = {"n", "median", "p5", "p95"}


def handling(day, number):
    return {"kind": "penalty", "authority": "赤峰市医疗保障局", "document_no": f"赤医保罚〔2025〕9{number}号", "decided_on": day}


@pytest.fixture(scope="module")
def hands(module_engine):
    """An office of its own, with 20 scores of 5 points."""
    hands = make_hands(make_office(make_test_service(module_engine)))
    hands.approved(*(finding(hands.person()) for _ in range(20)), handling=handling("2025-05-19", 1))
    return hands


def test_points_unlike_those_of_like_cases_need_a_reason_that_the_appeal_sees(hands):
    person = hands.person()
    draft = hands.draft(finding(person, 6), handling=handling("2025-05-20", 2))
    [shown] = draft["findings"]
    similar = shown["similar"]
    assert set(similar) == SPREAD | {"here", "elsewhere"}
    assert set(similar["here"]) == SPREAD
    assert similar["elsewhere"] == {"n": 0, "median": None, "p5": None, "p95": None}
    assert [similar[name] for name in ("n", "median", "p5", "p95")] == [20, 5, 5, 5]
    assert shown["flags"] == ["unlike_similar_cases"]
    assert pointers(hands.clerk.post(f"/cases/{draft['id']}/submit")) == ["/findings/0/reason"]
    reasoned = {"findings": [finding(person, 6, reason="拒不改正")]}
    answered(hands.clerk.patch(f"/cases/{draft['id']}", reasoned, headers={"If-Match": '"1"'}))
    answered(hands.clerk.post(f"/cases/{draft['id']}/submit"))
    [scored] = answered(hands.reviewer.post(f"/cases/{draft['id']}/approve", {}))["findings"]
    assert (scored["similar"], scored["flags"]) == (similar, ["unlike_similar_cases"])
    clinic = hands.office.client_for("institution", institution=hands.institution)
    assert not {"similar", "flags", "reason"} & set(answered(clinic.get(f"/cases/{draft['id']}"))["findings"][0])


def test_whoever_hears_an_appeal_sees_what_was_seen(hands):
    scene = make_scene(hands, points=5)
    seen = answered(scene.desk.get(f"/appeals/{scene.complete()['id']}"))
    assert seen["case"]["findings"][0]["similar"]["n"] >= 20
