"""A measure ends: drafted by one, posted by another; and a measure is taken back, also after it was lifted."""

from datetime import date

import pytest
from case_calls import answered, finding, make_hands, pointers, refused
from due_process_calls import correction, drafted, scored, set_clock
from measure_calls import approved, measure, measured, notices_of, unscored

NOBODY = "00000000-0000-4000-8000-000000000000"
REASON = {"reason": "整改验收合格"}


@pytest.fixture(scope="module")
def hands(office):
    return make_hands(office)


def standing(hands, person, **query):
    return answered(hands.clerk.get(f"/practitioners/{person}/standing", query_string=query))


def lifting(hands, entry):
    return answered(hands.clerk.post(f"/entries/{entry}/lift", REASON), 201)


def decide(hands, draft, decision="approve", body=None, **kwargs):
    return hands.reviewer.post(f"/liftings/{draft['id']}/{decision}", body, **kwargs)


def lifted(hands, entry):
    return answered(decide(hands, lifting(hands, entry)))


def asked(client, person, institution, day, **query):
    query |= {"service_time": day, "institution": institution}
    return answered(client.get(f"/eligibility/{person}", query_string=query))


def test_a_lifted_measure_ends_today_and_the_past_knowledge_stays(alone):
    hands = make_hands(alone)
    person = hands.person()
    entry = measured(hands, person)
    set_clock(alone, date(2025, 6, 20))
    before = standing(hands, person)
    draft = lifting(hands, entry)
    assert (draft["state"], draft["version"], draft["target"], draft["entry"]) == ("drafted", 1, entry, None)
    assert standing(hands, person)["status"] == "suspended"
    posted = answered(decide(hands, draft))
    assert (posted["state"], posted["version"]) == ("approved", 2)
    span = {"kind": "suspension", "ground": "measure", "from": "2025-06-03"}
    opened = span | {"until": None, "state_until": None}
    closed = span | {"until": "2025-06-20", "state_until": "2025-06-20"}
    assert posted["affected"] == {"before": [opened], "after": [closed], "refusals": [], "entry": posted["entry"]}
    after = standing(hands, person)
    assert (after["status"], after["sanctions"]) == ("normal", [closed])
    assert after["trace"][-1]["consequence"] == "measure lifted"
    then = standing(hands, person, known_at=before["known_at"], revision=before["revision"])
    assert then == before
    assert [one["id"] for one in answered(hands.clerk.get("/liftings?state=approved"))["items"]] == [draft["id"]]
    assert answered(hands.clerk.get(f"/liftings/{draft['id']}"))["entry"] == posted["entry"]


def test_who_works_at_two_hospitals_is_refused_at_both_and_paid_at_both(alone):
    hands = make_hands(alone)
    elsewhere = alone.institution()
    person = alone.practitioner(hands.institution, elsewhere)["id"]
    settlement = alone.client_for("settlement")
    places = (hands.institution, elsewhere)
    known = answered(hands.clerk.get("/eligibility/x"))["known_at"]
    entry = measured(hands, person)
    set_clock(alone, date(2025, 6, 20))
    for place in places:
        single = asked(settlement, person, place, "2025-06-20")
        assert (single["payable"], single["reason"], single["until"]) == (False, "suspended", None)
        assert asked(settlement, person, place, "2025-06-20", emergency="true")["reason"] == "emergency_exception"
    checks = [{"ref": person, "service_time": "2025-06-20", "institution": place} for place in places]
    batch = answered(settlement.post("/eligibility/batch", {"checks": checks}))
    assert [one["reason"] for one in batch["results"]] == ["suspended", "suspended"]
    then = answered(settlement.post("/eligibility/batch", {"checks": checks, "known_at": batch["known_at"]}))
    assert [one["reason"] for one in then["results"]] == ["suspended", "suspended"]
    assert [asked(settlement, person, place, "2025-06-20", known_at=known)["reason"] for place in places] == [
        "eligible",
        "eligible",
    ]
    posted = lifted(hands, entry)
    assert {one["institution"] for one in posted["affected"]["refusals"]} == set(places)
    assert [asked(settlement, person, place, "2025-06-20")["reason"] for place in places] == ["eligible", "eligible"]
    assert [asked(settlement, person, place, "2025-06-19")["reason"] for place in places] == ["suspended", "suspended"]
    assert [one["reason"] for one in answered(settlement.post("/eligibility/batch", {"checks": checks}))["results"]] == [
        "eligible",
        "eligible",
    ]


def test_the_letter_tells_everybody_opens_no_window_and_stands_alone(alone):
    hands = make_hands(alone)
    person = hands.person()
    entry = measured(hands, person)
    set_clock(alone, date(2025, 6, 20))
    posted = lifted(hands, entry)
    letters = [one for one in notices_of(hands, person) if one["entry"] == posted["entry"]]
    assert {one["addressee"]["kind"] for one in letters} == {"practitioner", "institution", "authority"}
    own = next(one for one in letters if one["addressee"]["kind"] == "practitioner")
    text = hands.clerk.get(f"/notices/{own['id']}/document").text
    assert "自2025年6月20日起恢复医保支付资格" in text
    assert "整改验收合格" in text
    assert "申诉期限" not in text
    receipt = {"received_on": "2025-06-20", "proof": "回执"}
    assert answered(hands.clerk.post(f"/notices/{own['id']}/acknowledge", receipt))["window_closes_on"] is None
    assert notices_of(hands, person, "resumption") == []
    run = alone.client_for("office.admin").post("/jobs/sanctions-due/runs", {"period": "2025-06-20"})
    assert answered(run, 201)["counts"] == {"began": 0, "ended": 1, "resumed": 0}
    assert notices_of(hands, person, "resumption") == []


def test_another_sanction_still_holds_and_the_letter_says_so(alone):
    hands = make_hands(alone)
    person = hands.person()
    scored(hands, person, 10)
    entry = measured(hands, person)
    set_clock(alone, date(2025, 6, 20))
    posted = lifted(hands, entry)
    assert standing(hands, person)["status"] == "suspended"
    letter = next(one for one in notices_of(hands, person) if one["entry"] == posted["entry"])
    text = hands.clerk.get(f"/notices/{letter['id']}/document").text
    assert "解除后，医保支付资格档案记载：暂停，自2025年6月3日起" in text


def test_a_termination_is_lifted_with_its_ban(hands):
    person = hands.person()
    entry = measured(hands, person, measure("agreement_terminated"))
    assert lifted(hands, entry)["affected"]["after"] == []
    after = standing(hands, person, as_of="2025-06-10")
    assert (after["status"], after["may_reapply_from"]) == ("normal", None)


def test_what_has_ended_cannot_be_lifted(alone):
    hands = make_hands(alone)
    person = hands.person()
    entry = measured(hands, person, measure(until="2025-06-20"))
    empty = measured(hands, hands.person(), measure(until="2025-06-03"))
    refused(hands.clerk.post(f"/entries/{empty}/lift", REASON), 409, "measure_ended")
    draft = lifting(hands, entry)
    set_clock(alone, date(2025, 6, 20))
    refused(decide(hands, draft), 409, "measure_ended")
    refused(hands.clerk.post(f"/entries/{entry}/lift", REASON), 409, "measure_ended")
    assert answered(decide(hands, draft, "reject", {"reason": "已经结束"}))["state"] == "rejected"


def test_a_measure_is_lifted_once(hands):
    entry = measured(hands, hands.person())
    draft = lifting(hands, entry)
    twice = refused(hands.clerk.post(f"/entries/{entry}/lift", REASON), 409, "lifting_exists")
    assert twice["lifting"] == draft["id"]
    answered(decide(hands, draft))
    refused(hands.clerk.post(f"/entries/{entry}/lift", REASON), 409, "measure_ended")
    refused(decide(hands, draft), 409, "lifting_state")


def test_who_proposed_it_does_not_approve_it(hands):
    both = hands.office.client_for("office.clerk", "office.reviewer")
    entry = measured(hands, hands.person())
    draft = answered(both.post(f"/entries/{entry}/lift", REASON), 201)
    refused(both.post(f"/liftings/{draft['id']}/approve"), 403, "same_person")
    refused(both.post(f"/liftings/{draft['id']}/reject", REASON), 403, "same_person")
    rejected = answered(decide(hands, draft, "reject", {"reason": "材料不足"}))
    assert (rejected["state"], rejected["rejected_because"], rejected["entry"]) == ("rejected", "材料不足", None)
    answered(hands.clerk.post(f"/entries/{entry}/lift", REASON), 201)


def test_only_a_measure_is_lifted_with_a_reason_and_in_its_version(hands):
    [score] = scored(hands, hands.person(), 4)
    assert pointers(hands.clerk.post(f"/entries/{score}/lift", REASON)) == [""]
    entry = measured(hands, hands.person())
    assert pointers(hands.clerk.post(f"/entries/{entry}/lift", {})) == ["/reason"]
    refused(hands.clerk.post(f"/entries/{NOBODY}/lift", REASON), 404, "not_found")
    draft = lifting(hands, entry)
    refused(decide(hands, draft, headers={"If-Match": '"9"'}), 412, "version_mismatch")


def test_a_measure_is_taken_back_as_if_it_had_never_been(alone):
    hands = make_hands(alone)
    person = hands.person()
    entry = measured(hands, person)
    set_clock(alone, date(2025, 6, 20))
    asked(alone.client_for("settlement"), person, hands.institution, "2025-06-10")
    assert pointers(hands.clerk.post(f"/entries/{entry}/corrections", correction(1))) == ["/value"]
    assert pointers(hands.clerk.post(f"/entries/{entry}/corrections", correction(3))) == ["/value"]
    posted = answered(hands.reviewer.post(f"/corrections/{drafted(hands.clerk, entry)['id']}/approve"))
    assert posted["affected"]["after"] == []
    assert [one["service_on"] for one in posted["affected"]["refusals"]] == ["2025-06-10"]
    assert standing(hands, person, as_of="2025-06-10")["status"] == "normal"
    assert pointers(hands.clerk.post(f"/entries/{entry}/corrections", correction(0))) == ["/value"]
    refused(hands.clerk.post(f"/entries/{entry}/lift", REASON), 409, "measure_ended")
    letter = next(one for one in notices_of(hands, person, "correction"))
    text = hands.clerk.get(f"/notices/{letter['id']}/document").text
    assert "机构措施" in text
    assert "自始不计" in text
    assert "累计记分" not in text


def test_a_measure_is_taken_back_after_it_was_lifted(alone):
    hands = make_hands(alone)
    person = hands.person()
    entry = measured(hands, person)
    set_clock(alone, date(2025, 6, 20))
    posted = lifted(hands, entry)
    assert standing(hands, person, as_of="2025-06-10")["status"] == "suspended"
    answered(hands.reviewer.post(f"/corrections/{drafted(hands.clerk, entry)['id']}/approve"))
    assert standing(hands, person, as_of="2025-06-10")["status"] == "normal"
    refused(
        hands.clerk.post(f"/entries/{posted['entry']}/corrections", correction(0)), 409, "not_correctable"
    )


def test_one_of_three_responsible_persons_is_lifted_and_the_others_stay(hands):
    people = [hands.person() for _ in range(3)]
    case = approved(hands, *map(unscored, people))
    lifted(hands, case["findings"][0]["measure_entry"])
    states = [standing(hands, person, as_of="2025-06-10")["status"] for person in people]
    assert states == ["normal", "suspended", "suspended"]


def test_a_lifting_that_leaves_a_suspension_asks_for_the_state_too(alone):
    hands = make_hands(alone)
    terminated = measure("agreement_terminated", start="2025-06-03")
    under, pending = hands.person(), hands.person()
    posted = approved(hands, finding(under, 10, reason="情节严重"), taken=terminated)["findings"][0]
    to_come = terminated | {"from": "2025-12-01"}
    later = approved(hands, finding(pending, 10, reason="情节严重"), taken=to_come)["findings"][0]
    set_clock(alone, date(2025, 6, 20))
    lifted(hands, posted["measure_entry"])
    lifted(hands, later["measure_entry"])
    assert standing(hands, under)["status"] == standing(hands, pending)["status"] == "suspended"
    assert maintenance_after_receipt(hands, under) == "2025-06-25"
    assert maintenance_after_receipt(hands, pending) is None


def maintenance_after_receipt(hands, person):
    letters = [each for each in notices_of(hands, person) if each["facts"]["stage"] == "lifted"]
    own = next(each for each in letters if each["addressee"]["ref"] == hands.institution)
    receipt = {"received_on": "2025-06-20", "proof": "回执 1 号"}
    return answered(hands.clerk.post(f"/notices/{own['id']}/acknowledge", receipt))["maintenance_due_on"]
