"""An appeal against a measure: it holds or does not, so it is upheld or revoked, and never reduced (contract.md, Cases)."""

from datetime import date

import pytest
from appeal_calls import APPEALS, make_expert, make_scene, opinion
from case_calls import answered, make_hands, pointers, refused
from due_process_calls import set_clock
from measure_calls import measured, notices_of


@pytest.fixture
def hands(alone):
    return make_hands(alone)


@pytest.fixture
def scene(hands):
    return make_scene(hands, 2)


@pytest.fixture
def measure(hands, scene):
    """What the suspension of the institution's agreement makes of the person, who is not scored for it; its entry."""
    return measured(hands, scene.person)


def path(appeal, step):
    return f"{APPEALS}/{appeal['id']}/{step}"


def status(client, person, day="2025-06-10"):
    return answered(client.get(f"/practitioners/{person}/standing", query_string={"as_of": day}))["status"]


def test_a_measure_is_revoked_from_the_start_and_never_reduced(alone, scene, measure):
    assert status(scene.desk, scene.person) == "suspended"
    assert pointers(scene.doctor.post(APPEALS, scene.body(entry=measure))) == ["/against"]
    appeal = scene.accepted(entry=measure, against="state")
    expert = make_expert(alone)
    answered(scene.named(appeal, expert))
    reduced = expert.client.post(path(appeal, "opinions"), opinion("reduce", 1))
    assert pointers(reduced) == ["/opinion"]
    assert reduced.json["errors"][0]["detail"] == (
        "机构措施只能维持或撤销 / a measure is upheld or revoked, never reduced"
    )
    answered(expert.client.post(path(appeal, "opinions"), opinion("revoke")))
    for points in (None, 0, 1):
        assert pointers(scene.decide(appeal, "reduced", points)) == ["/outcome"]
    assert pointers(scene.decide(appeal, "revoked", 1)) == ["/points"]
    decided = answered(scene.decide(appeal, "revoked"))
    assert (len(decided["affected"]["before"]), decided["affected"]["after"]) == (1, [])
    last = answered(scene.desk.get(f"/practitioners/{scene.person}/ledger"))["items"][-1]
    assert (last["kind"], last["target"], last["value"], last["basis"]) == ("correction", measure, 0, "appeal")
    assert status(scene.desk, scene.person) == "normal"
    told = answered(scene.doctor.get("/notices?limit=200"))["items"]
    letters = {one["kind"]: scene.doctor.get(f"/notices/{one['id']}/document").text for one in told}
    assert "自始不计" in letters["correction"]
    assert "1分" not in letters["correction"]
    assert "撤销申诉所涉医保支付资格状态。" in letters["appeal_decision"]
    # It counts for nothing by now.
    assert pointers(scene.doctor.post(APPEALS, scene.body(entry=measure, against="state"))) == ["/entry"]


def test_a_measure_is_upheld(scene, measure):
    decided = answered(scene.decide(scene.accepted(entry=measure, against="state"), "upheld"))
    assert (decided["outcome"], decided["affected"]) == ("upheld", None)
    assert status(scene.desk, scene.person) == "suspended"


def test_the_hands_of_its_case_do_not_hear_it(hands, scene, measure):
    appeal = scene.insisted(entry=measure, against="state")
    for staff_no in (hands.clerk.staff_no, hands.reviewer.staff_no):
        second = hands.office.client_for("office.appeals", staff_no=staff_no)
        refused(second.post(path(appeal, "accept")), 403, "conflict_of_interest")
    assert answered(scene.desk.post(path(appeal, "accept")))["state"] == "accepted"


def test_the_state_that_a_measure_made_is_appealed_against_within_the_window_of_its_letter(alone, hands, scene, measure):
    [own] = [one for one in notices_of(hands, scene.person) if one["addressee"]["kind"] == "practitioner"]
    told = answered(scene.doctor.post(f"/notices/{own['id']}/acknowledge"))
    assert told["window_closes_on"] == "2025-06-16"
    set_clock(alone, date(2025, 6, 17))
    for entry in (None, measure):
        late = refused(scene.doctor.post(APPEALS, scene.body(entry=entry, against="state")), 409, "appeal_window_closed")
        assert late["closed_on"] == "2025-06-16"
    paper = scene.body(entry=None, against="state", received_on="2025-06-16")
    appeal = answered(hands.clerk.post(APPEALS, paper), 201)
    answered(scene.clinic.post(path(appeal, "countersign")))
    decided = answered(scene.decide(scene.accepted(appeal), "revoked"))
    assert (len(decided["affected"]["before"]), decided["affected"]["after"]) == (1, [])
    last = answered(scene.desk.get(f"/practitioners/{scene.person}/ledger"))["items"][-1]
    assert (last["target"], last["value"]) == (measure, 0)
