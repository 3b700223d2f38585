"""What a person is admitted to do, the fields of P15: registered, changed, corrected, in the rows of their file."""

import pytest
from case_calls import answered, make_hands, refused
from due_process_calls import scored
from registry_calls import fresh_code, institution, made, pointers, practitioner

PRACTICE = {
    "practice_type": "临床",
    "practice_category": "执业医师",
    "practice_scope": "内科专业",
    "professional_title": "主治医师",
}


@pytest.fixture(scope="module")
def hands(office):
    return make_hands(office)


@pytest.fixture(scope="module")
def hospital(hands):
    return made(hands.admin, "/institutions", institution())["code"]


def told(answer):
    return {name: answer[name] for name in PRACTICE}


def test_they_are_registered_and_read_and_may_be_unknown(hands, hospital):
    person = made(hands.admin, "/practitioners", practitioner(hospital, **PRACTICE))
    assert told(person) == told(person["persons"][0]) == PRACTICE
    file = answered(hands.clerk.get(f"/practitioners/{person['id']}/file"))
    assert told(file["practitioner"]) == told(file["persons"][0]) == PRACTICE
    without = made(hands.admin, "/practitioners", practitioner(hospital, professional_title=None))
    assert told(without) == dict.fromkeys(PRACTICE)


def test_one_hand_changes_them_and_a_further_code_keeps_them(hands, hospital):
    person = made(hands.admin, "/practitioners", practitioner(hospital, code=fresh_code("N"), category="nurse", **PRACTICE))
    scored(hands, person["id"], 5)
    path = f"/practitioners/{person['id']}"
    changed = answered(hands.admin.patch(path, {"professional_title": "副主任医师"}, headers={"If-Match": "*"}))
    assert told(changed) == PRACTICE | {"professional_title": "副主任医师"}
    code = {"code": fresh_code(), "from": "2025-05-01", "reason": "取得医师资格"}
    parted = answered(hands.admin.post(f"{path}/codes", code), 201)
    assert [told(row) for row in parted["persons"]] == [told(changed)] * 2
    cleared = answered(hands.admin.patch(path, {"practice_scope": None}, headers={"If-Match": "*"}))
    assert [row["practice_scope"] for row in cleared["persons"]] == [PRACTICE["practice_scope"], None]


def test_a_wrong_one_is_corrected_by_two_people_in_every_row_that_has_it(hands, hospital):
    person = made(hands.admin, "/practitioners", practitioner(hospital, code=fresh_code("N"), category="nurse", **PRACTICE))
    path = f"/practitioners/{person['id']}"
    answered(hands.admin.post(f"{path}/codes", {"code": fresh_code(), "from": "2025-05-01", "reason": "转岗"}), 201)
    wrong = {"kind": "person", "fields": {"practice_scope": "儿科专业"}, "reason": "录入有误"}
    drafted = answered(hands.admin.post(f"{path}/registry-corrections", wrong), 201)
    assert drafted["before"]["practice_scope"] == PRACTICE["practice_scope"]
    refused(hands.admin.post(f"/registry-corrections/{drafted['id']}/approve"), 403, "same_person")
    answered(hands.reviewer.post(f"/registry-corrections/{drafted['id']}/approve"))
    rows = answered(hands.admin.get(path))["persons"]
    assert [row["practice_scope"] for row in rows] == ["儿科专业"] * 2
    of_registration = {"kind": "registration", "fields": {"practice_scope": "儿科"}, "reason": "录入有误"}
    assert pointers(hands.admin.post(f"{path}/registry-corrections", of_registration)) == ["/fields/practice_scope"]


@pytest.mark.parametrize("wrong", [7, "x" * 101, "内科\u0000", ""])
def test_what_is_wrong_is_pointed_at(hands, hospital, wrong):
    body = practitioner(hospital, practice_scope=wrong)
    assert pointers(hands.admin.post("/practitioners", body)) == ["/practice_scope"]


def test_a_former_employer_is_told_what_held_while_the_person_was_there(hands, hospital):
    person = made(hands.admin, "/practitioners", practitioner(hospital, code=fresh_code("N"), category="nurse", **PRACTICE))
    path = f"/practitioners/{person['id']}"
    answered(hands.admin.post(f"{path}/affiliations", {"institution": hospital, "until": "2025-04-01"}), 201)
    answered(hands.admin.post(f"{path}/codes", {"code": fresh_code(), "from": "2025-05-01", "reason": "转岗"}), 201)
    answered(hands.admin.patch(path, {"professional_title": "主任医师"}, headers={"If-Match": "*"}))
    clinic = hands.office.client_for("institution", institution=hospital)
    assert told(answered(clinic.get(path))) == PRACTICE
