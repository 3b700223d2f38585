"""Appeals in two stages: the office explains, the filer insists or withdraws, and only then is anything heard (P42)."""

import pytest
from appeal_calls import APPEALS, EXPLANATION, make_scene
from case_calls import answered, make_hands, pointers, refused

DUE_ANSWER = "2025-06-09"  # 3 4 5 6 9 June.


@pytest.fixture(scope="module")
def hands(office):
    return make_hands(office)


@pytest.fixture
def scene(hands):
    return make_scene(hands)


def path(appeal, step):
    return f"{APPEALS}/{appeal['id']}/{step}"


def wrong_state(response, state):
    """Refused for the state that the appeal is in, told in both languages."""
    problem = refused(response, 409, "appeal_state")
    chinese, english = problem["detail"].split(" / ")
    assert problem["state"] == state
    assert chinese.startswith("当前状态为")
    assert english.startswith("the state is")


def letters(client, kind):
    return [one for one in answered(client.get("/notices?limit=200"))["items"] if one["kind"] == kind]


def test_whoever_scored_explains_and_both_sides_get_the_letter(hands, scene):
    complete = scene.complete()
    assert (complete["explanation_due_on"], complete["answer_due_on"]) == ("2025-06-09", None)
    explained = answered(hands.reviewer.post(path(complete, "explain"), EXPLANATION))
    assert (explained["state"], explained["answer_due_on"]) == ("explained", DUE_ANSWER)
    assert (explained["explanation"], explained["answer_provisional"]) == (EXPLANATION["text"], False)
    reviewer = answered(hands.reviewer.get("/auth/me"))["username"]
    assert (explained["due_on"], explained["explained_by"]) == (complete["due_on"], reviewer)
    for party, ref in ((scene.doctor, scene.person), (scene.clinic, hands.institution)):
        [letter] = [one for one in letters(party, "appeal_explanation") if one["practitioner"] == scene.person]
        assert (letter["addressee"]["ref"], letter["entry"], letter["window_closes_on"]) == (ref, scene.entry, None)
        where = f"/notices/{letter['id']}/document"
        document = party.get(where).text
        assert "医保支付资格申诉解释说明书" in document
        assert "责任程度为主要" in document
        assert "最后一日为2025年6月9日" in document
        assert party.get(where, headers={"Accept": "application/pdf"}).data.startswith(b"%PDF-")
    seen = answered(scene.doctor.get(f"{APPEALS}/{complete['id']}"))
    assert seen["explanation"] == EXPLANATION["text"]
    assert not {"explained_by", "insisted_by"} & seen.keys()


def test_the_filer_insists_and_only_then_the_appeal_is_heard(scene):
    appeal = scene.filed()
    wrong_state(scene.desk.post(path(appeal, "explain"), EXPLANATION), "filed")
    answered(scene.clinic.post(path(appeal, "countersign")))
    wrong_state(scene.desk.post(path(appeal, "accept")), "complete")
    wrong_state(scene.desk.post(path(appeal, "decline"), {"reason": "无"}), "complete")
    wrong_state(scene.doctor.post(path(appeal, "insist"), {}), "complete")
    answered(scene.desk.post(path(appeal, "explain"), EXPLANATION))
    wrong_state(scene.desk.post(path(appeal, "explain"), EXPLANATION), "explained")
    wrong_state(scene.desk.post(path(appeal, "accept")), "explained")
    insisted = answered(scene.doctor.post(path(appeal, "insist"), {"grounds": "笔录未记载本人。"}))
    assert (insisted["state"], insisted["insisted_grounds"]) == ("insisted", "笔录未记载本人。")
    assert (insisted["insisted_silently"], insisted["insisted_at"][:10]) == (False, "2025-06-02")
    wrong_state(scene.doctor.post(path(appeal, "insist"), {}), "insisted")
    wrong_state(scene.desk.post(path(appeal, "explain"), EXPLANATION), "insisted")
    assert answered(scene.desk.post(path(appeal, "accept")))["state"] == "accepted"


def test_an_institution_insists_on_its_own_appeal(scene):
    appeal = scene.filed(scene.clinic, filed_by="institution")
    answered(scene.doctor.post(path(appeal, "countersign")))
    answered(scene.desk.post(path(appeal, "explain"), EXPLANATION))
    refused(scene.doctor.post(path(appeal, "insist"), {}), 403, "not_filer")
    assert answered(scene.clinic.post(path(appeal, "insist"), {"grounds": None}))["state"] == "insisted"


def test_nobody_but_the_filer_insists(hands, office, scene):
    appeal = scene.explained()
    for client in (scene.clinic, hands.clerk):
        problem = refused(client.post(path(appeal, "insist"), {}), 403, "not_filer")
        assert len(problem["detail"].split(" / ")) == 2
    refused(office.bound_client("institution").post(path(appeal, "insist"), {}), 404, "not_found")
    refused(scene.desk.post(path(appeal, "insist"), {}), 403, "forbidden")
    refused(hands.clerk.post(path(appeal, "explain"), EXPLANATION), 403, "forbidden")


def test_what_is_wrong_in_an_explanation_or_an_answer_is_named(scene):
    appeal = scene.complete()
    for body in ({}, {"text": None}, {"text": " "}, {"text": 7}):
        assert pointers(scene.desk.post(path(appeal, "explain"), body)) == ["/text"], body
    assert pointers(scene.desk.post(path(appeal, "explain"), EXPLANATION | {"by": "x"})) == ["/by"]
    refused(scene.desk.post(path(appeal, "explain"), EXPLANATION, headers={"If-Match": '"1"'}), 412, "version_mismatch")
    explained = scene.explained(appeal)
    for body, pointer in (({"grounds": ""}, "/grounds"), ({"grounds": 7}, "/grounds"), ({"reason": "无"}, "/reason")):
        assert pointers(scene.doctor.post(path(appeal, "insist"), body)) == [pointer], body
    stale = {"If-Match": f'"{explained["version"] - 1}"'}
    refused(scene.doctor.post(path(appeal, "insist"), {}, headers=stale), 412, "version_mismatch")


def test_after_a_withdrawal_nothing_is_explained_or_insisted_on(scene):
    appeal = scene.complete()
    answered(scene.doctor.post(path(appeal, "withdraw")))
    wrong_state(scene.desk.post(path(appeal, "explain"), EXPLANATION), "withdrawn")
    other = scene.explained()
    assert answered(scene.doctor.post(path(other, "withdraw")))["state"] == "withdrawn"
    wrong_state(scene.doctor.post(path(other, "insist"), {}), "withdrawn")
    wrong_state(scene.doctor.post(path(other, "withdraw")), "withdrawn")


def test_whoever_belongs_to_a_side_does_not_explain(hands, office, scene):
    appeal = scene.complete()
    for staff_no, code in ((scene.clinic.staff_no, "conflict_of_interest"), (scene.doctor.staff_no, "same_person")):
        second = office.client_for("office.reviewer", staff_no=staff_no)
        refused(second.post(path(appeal, "explain"), EXPLANATION), 403, code)
    elsewhere = office.client_for("office.reviewer", region="21")
    refused(elsewhere.post(path(appeal, "explain"), EXPLANATION), 404, "not_found")


def test_a_paper_appeal_is_answered_and_withdrawn_by_the_clerk_who_recorded_it(hands, office, scene):
    on_paper = scene.filed(hands.clerk, received_on="2025-06-02")
    answered(scene.clinic.post(path(on_paper, "countersign")))
    other = office.client_for("office.clerk")
    same = office.client_for("office.clerk", staff_no=hands.clerk.staff_no)
    answered(scene.desk.post(path(on_paper, "explain"), EXPLANATION))
    for act, body in (("insist", {}), ("withdraw", None)):
        refused(other.post(path(on_paper, act), body), 403, "not_filer")
    assert answered(hands.clerk.post(path(on_paper, "insist"), {"grounds": "书面答复"}))["state"] == "insisted"
    assert answered(same.post(path(on_paper, "withdraw")))["state"] == "withdrawn"
    electronic = scene.filed()
    refused(hands.clerk.post(path(electronic, "withdraw")), 403, "not_filer")


def test_the_filer_answers_a_paper_appeal_by_their_own_account_too(hands, scene):
    on_paper = scene.filed(hands.clerk, received_on="2025-06-02")
    answered(scene.clinic.post(path(on_paper, "countersign")))
    answered(scene.desk.post(path(on_paper, "explain"), EXPLANATION))
    assert answered(scene.doctor.post(path(on_paper, "insist"), {}))["state"] == "insisted"


def test_an_explanation_and_an_answer_are_given_once_for_a_key(scene):
    appeal = scene.complete()
    for client, act, body in ((scene.desk, "explain", EXPLANATION), (scene.doctor, "insist", {})):
        key = {"Idempotency-Key": f"{act}-once"}
        first = client.post(path(appeal, act), body, headers=key)
        again = client.post(path(appeal, act), body, headers=key)
        assert answered(first) == answered(again)
        assert again.headers["Idempotent-Replayed"] == "true"


def test_silence_insists_on_the_day_after_the_last(alone):
    hands = make_hands(alone)
    admin = alone.client_for("office.admin")
    scene, late = make_scene(hands), make_scene(hands)
    appeal, unanswered = scene.explained(), late.explained()
    answered(admin.put("/clock", {"now": f"{DUE_ANSWER}T23:59:59+08:00"}))
    assert answered(scene.doctor.post(path(appeal, "insist"), {}))["state"] == "insisted"
    assert answered(late.doctor.get(f"{APPEALS}/{unanswered['id']}"))["state"] == "explained"
    answered(admin.put("/clock", {"now": "2025-06-10T08:00:00+08:00"}))
    silent = answered(late.doctor.get(f"{APPEALS}/{unanswered['id']}"))
    assert (silent["state"], silent["insisted_silently"]) == ("insisted", True)
    assert (silent["insisted_at"], silent["insisted_grounds"]) == ("2025-06-10T00:00:00+08:00", None)
    wrong_state(late.doctor.post(path(unanswered, "insist"), {}), "insisted")
    assert answered(late.desk.post(path(unanswered, "accept")))["state"] == "accepted"
    assert answered(scene.desk.post(path(appeal, "decline"), {"reason": "不属受理范围"}))["state"] == "declined"
