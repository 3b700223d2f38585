"""Cases over HTTP: drafted by one hand, approved by another."""

import json
from dataclasses import replace

import pytest
from case_calls import DECIDED, answered, finding, make_hands, pointers, refused

NOWHERE = "00000000-0000-0000-0000-000000000000"


@pytest.fixture(scope="module")
def hands(office):
    return make_hands(office)


def test_from_draft_to_entry(hands):
    person = hands.office.practitioner(hands.institution)
    response = hands.clerk.post("/cases", hands.body(finding(person["code"], 10, item="inducing_sham_treatment")))
    case = answered(response, 201)
    assert response.headers["ETag"] == '"1"'
    assert response.headers["Location"] == f"/api/v1/cases/{case['id']}"
    assert (case["state"], case["version"], case["handling"]["decided_on"]) == ("draft", 1, DECIDED)
    [told] = case["findings"]
    assert told["practitioner"] == {"id": person["id"], "code": person["code"], "name": "王一"}
    assert (told["band"], told["flags"], told["absorbed"]) == ("grave", [], False)
    submitted = answered(hands.clerk.post(f"/cases/{case['id']}/submit"))
    assert (submitted["state"], submitted["version"]) == ("submitted", 2)
    approved = answered(hands.reviewer.post(f"/cases/{case['id']}/approve", {"effective_on": None}))
    assert (approved["state"], approved["version"]) == ("approved", 3)
    [told] = approved["findings"]
    standing = answered(hands.clerk.get(f"/practitioners/{person['id']}/standing"))
    assert standing["trace"][0]["entry"] == told["entry"]
    assert standing["points"] == told["standing"]["points"] == 10
    assert [hand["deed"] for hand in approved["hands"]] == ["drafted", "submitted", "approved"]
    assert answered(hands.clerk.get(f"/cases/{case['id']}"))["findings"][0]["entry"] == told["entry"]


def test_what_looks_scored_twice_is_confirmed_by_the_reviewer(hands):
    person = hands.person()
    case = hands.submitted(finding(person, reason="一"), finding(hands.person()), finding(person, reason="二"))
    assert [told["flags"] for told in case["findings"]] == [["same_finding"], [], ["same_finding"]]
    path = f"/cases/{case['id']}/approve"
    problem = refused(hands.reviewer.post(path, {"confirm_duplicates": False}), 422, "likely_duplicate")
    assert problem["findings"] == [0, 2]
    assert [fault["pointer"] for fault in problem["errors"]] == ["/confirm_duplicates"]
    approved = answered(hands.reviewer.post(path, {"confirm_duplicates": True}))
    assert [hand["deed"] for hand in approved["hands"]] == [
        *("drafted", "submitted", "confirmed_duplicates", "approved")
    ]
    audited = answered(hands.office.client_for("office.auditor").get(f"/audit?object_id={case['id']}"))["items"]
    assert "case.duplicates_confirmed" in [entry["action"] for entry in audited]


@pytest.mark.parametrize("points", [0, 13, "3", 3.0, True, None, [3]])
def test_points_are_integers_from_1_to_12(hands, points):
    response = hands.clerk.post("/cases", hands.body(finding(hands.person(), points)))
    assert pointers(response) == ["/findings/0/points"]


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"summary": ""}, "/summary"),
        ({"summary": "a\u0007b"}, "/summary"),
        ({"findings": []}, "/findings"),
        ({"institution": "H99999999999"}, "/institution"),
        ({"note": "x"}, "/note"),
        ({"handling": {"kind": "penalty"}}, "/handling/authority"),
        ({"handling": None}, "/handling"),
    ],
)
def test_a_wrong_member_is_pointed_at(hands, changed, pointer):
    assert pointer in pointers(hands.clerk.post("/cases", hands.body(**changed)))


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"item": "no_such_item"}, "item"),
        ({"degree": "slight"}, "degree"),
        ({"practitioner": NOWHERE}, "practitioner"),
        ({"practitioner": "D150402999999"}, "practitioner"),
        ({"practitioner": "x' OR 1=1"}, "practitioner"),
        ({"occurred_from": "2025-02-30"}, "occurred_from"),
        ({"occurred_from": "2025-05-21"}, "occurred_from"),
        ({"points": 5, "act": ""}, "act"),
    ],
)
def test_a_wrong_member_of_a_finding_is_pointed_at(hands, wrong, pointer):
    response = hands.clerk.post("/cases", hands.body(finding(hands.person()) | wrong))
    assert pointers(response) == [f"/findings/0/{pointer}"]


def test_decisions_of_the_future_or_before_the_rules_are_refused(hands):
    body = hands.body()
    body["handling"]["decided_on"] = "2999-01-01"
    assert pointers(hands.clerk.post("/cases", body)) == ["/handling/decided_on"]
    body["handling"]["decided_on"] = "2024-12-31"
    problem = refused(hands.clerk.post("/cases", body), 422, "no_rulebook")
    assert problem["errors"][0]["pointer"] == "/handling/decided_on"


def test_a_flagged_finding_needs_its_reason(hands):
    case = hands.draft(finding(hands.person(), 7))
    assert case["findings"][0]["flags"] == ["outside_band"]
    assert pointers(hands.clerk.post(f"/cases/{case['id']}/submit")) == ["/findings/0/reason"]
    changes = {"findings": [finding(case["findings"][0]["practitioner"]["id"], 7, reason="情节严重")]}
    answered(hands.clerk.patch(f"/cases/{case['id']}", changes, headers={"If-Match": '"1"'}))
    assert answered(hands.clerk.post(f"/cases/{case['id']}/submit"))["state"] == "submitted"


def test_an_edit_needs_the_version_that_was_read(hands):
    case = hands.draft()
    path = f"/cases/{case['id']}"
    refused(hands.clerk.patch(path, {"summary": "更正"}), 428, "precondition_required")
    edited = hands.clerk.patch(path, {"handling": {"kind": "agreement"}}, headers={"If-Match": '"1"'})
    assert answered(edited)["handling"] == case["handling"] | {"kind": "agreement"}
    assert edited.headers["ETag"] == '"2"'
    refused(hands.clerk.patch(path, {"summary": "更正"}, headers={"If-Match": '"1"'}), 412, "version_mismatch")
    assert pointers(hands.clerk.patch(path, {"state": "approved"}, headers={"If-Match": '"2"'})) == ["/state"]
    assert pointers(hands.clerk.patch(path, {"findings": []}, headers={"If-Match": '"2"'})) == ["/findings"]


@pytest.mark.parametrize("decision", ["submit", "return", "approve", "withdraw"])
def test_every_decision_honours_the_version_that_was_read(hands, decision):
    case = hands.draft() if decision == "submit" else hands.submitted()
    client = hands.reviewer if decision in {"return", "approve"} else hands.clerk
    body = {"reason": "证据不足"} if decision in {"return", "withdraw"} else {}
    path = f"/cases/{case['id']}/{decision}"
    refused(client.post(path, body, headers={"If-Match": '"9"'}), 412, "version_mismatch")
    answered(client.post(path, body, headers={"If-Match": f'"{case["version"]}"'}))


def test_return_and_withdraw_keep_their_reasons(hands):
    case = hands.submitted()
    path = f"/cases/{case['id']}"
    assert pointers(hands.reviewer.post(f"{path}/return", {})) == ["/reason"]
    returned = answered(hands.reviewer.post(f"{path}/return", {"reason": "证据不足"}))
    assert (returned["state"], returned["reason"]) == ("draft", "证据不足")
    withdrawn = answered(hands.clerk.post(f"{path}/withdraw", {"reason": "误立"}))
    assert (withdrawn["state"], withdrawn["reason"]) == ("withdrawn", "误立")
    assert refused(hands.clerk.post(f"{path}/submit"), 409, "case_state")["state"] == "withdrawn"


def test_the_same_person_under_two_accounts_is_one_person(hands):
    twin = hands.office.client_for("office.reviewer", staff_no=hands.clerk.staff_no)
    case = hands.submitted()
    refused(twin.post(f"/cases/{case['id']}/approve", {}), 403, "same_person")
    refused(twin.post(f"/cases/{case['id']}/return", {"reason": "证据不足"}), 403, "same_person")
    answered(hands.reviewer.post(f"/cases/{case['id']}/approve", {}))
    problem = refused(hands.reviewer.post(f"/cases/{case['id']}/approve", {}), 409, "case_state")
    assert problem["state"] == "approved"


def test_a_staff_number_written_another_way_is_the_same_person(hands):
    clerk = hands.office.client_for("office.clerk", staff_no="FE1")
    case = replace(hands, clerk=clerk).submitted()
    for written in ("fe1", "Ｆｅ１", " f E 1 "):
        twin = hands.office.client_for("office.reviewer", staff_no=written)
        refused(twin.post(f"/cases/{case['id']}/approve", {}), 403, "same_person")


def test_approval_without_a_body(hands):
    assert answered(hands.reviewer.post(f"/cases/{hands.submitted()['id']}/approve"))["state"] == "approved"


def test_backfills(hands):
    path = f"/cases/{hands.submitted()['id']}/approve"
    refused(hands.reviewer.post(path, {"effective_on": DECIDED}), 403, "backfill_not_allowed")
    refused(hands.admin.post(path, {}), 403, "forbidden")
    assert pointers(hands.admin.post(path, {"effective_on": "2999-01-01"})) == ["/effective_on"]
    assert pointers(hands.admin.post(path, {"effective_on": "2025-05-19"})) == ["/effective_on"]
    assert pointers(hands.admin.post(path, {"effective_on": "yesterday"})) == ["/effective_on"]
    approved = answered(hands.admin.post(path, {"effective_on": DECIDED}))
    assert approved["effective_on"] == DECIDED


def test_absorbed_findings_post_no_entry(hands):
    person = hands.person()
    approved = hands.approved(finding(person, 4, act="A"), finding(person, 6, act="A"))
    told = [(row["absorbed"], row["entry"] is None, row["standing"]["points"]) for row in approved["findings"]]
    assert told == [(True, True, 6), (False, False, 6)]


def test_one_key_approves_once(hands):
    person = hands.person()
    case = hands.submitted(finding(person, 6))
    headers = {"Idempotency-Key": case["id"]}
    first = hands.reviewer.post(f"/cases/{case['id']}/approve", {}, headers=headers)
    again = hands.reviewer.post(f"/cases/{case['id']}/approve", {}, headers=headers)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert answered(first) == answered(again)
    assert again.headers["ETag"] == first.headers["ETag"]
    assert answered(hands.clerk.get(f"/practitioners/{person}/standing"))["points"] == 6


def test_the_list_goes_page_by_page_newest_first(hands):
    person = hands.person()
    ids = [hands.draft(finding(person))["id"] for _ in range(3)]
    first = answered(hands.clerk.get(f"/cases?practitioner={person}&limit=2"))
    assert [item["id"] for item in first["items"]] == [ids[2], ids[1]]
    rest = answered(hands.clerk.get(f"/cases?practitioner={person}&limit=2&cursor={first['next_cursor']}"))
    assert [item["id"] for item in rest["items"]] == [ids[0]]
    assert rest["next_cursor"] is None
    answered(hands.clerk.post(f"/cases/{ids[0]}/submit"))
    found = answered(hands.clerk.get(f"/cases?practitioner={person}&state=submitted"))["items"]
    assert [(item["id"], item["state"]) for item in found] == [(ids[0], "submitted")]
    assert pointers(hands.clerk.get("/cases?state=open")) == ["/query/state"]
    refused(hands.clerk.get(f"/cases?practitioner={person}&limit=2&cursor=tampered"), 400, "invalid_cursor")


def test_a_region_finds_its_own_cases_only(hands):
    case = hands.submitted()
    near = hands.office.client_for("office.reviewer", region="1504")
    far = hands.office.client_for("office.reviewer", region="1505")
    assert answered(near.get(f"/cases/{case['id']}"))["id"] == case["id"]
    refused(far.get(f"/cases/{case['id']}"), 404, "not_found")
    refused(far.post(f"/cases/{case['id']}/approve", {}), 404, "not_found")
    assert answered(far.get("/cases"))["items"] == []


def test_outsiders_see_approved_cases_only(hands):
    person = hands.person()
    doctor = hands.office.client_for("practitioner", practitioner=person)
    clinic = hands.office.client_for("institution", institution=hands.institution)
    stranger = hands.office.bound_client("institution")
    open_one = hands.submitted(finding(person))
    for client in (doctor, clinic):
        refused(client.get(f"/cases/{open_one['id']}"), 404, "not_found")
    answered(hands.reviewer.post(f"/cases/{open_one['id']}/approve", {}))
    for client in (doctor, clinic):
        told = answered(client.get(f"/cases/{open_one['id']}"))
        assert {"hands", "reason", "attachments"}.isdisjoint(told)
        assert [row["practitioner"]["id"] for row in told["findings"]] == [person]
    assert [item["id"] for item in answered(doctor.get("/cases"))["items"]] == [open_one["id"]]
    refused(stranger.get(f"/cases/{open_one['id']}"), 404, "not_found")


@pytest.mark.parametrize("case_id", [NOWHERE, "1", "..", "%00"])
@pytest.mark.parametrize("verb", ["", "/submit", "/withdraw"])
def test_there_is_no_such_case(hands, case_id, verb):
    path = f"/cases/{case_id}{verb}"
    response = hands.clerk.post(path, {"reason": "误立"}) if verb else hands.clerk.get(path)
    assert response.status_code == (422 if case_id == "%00" else 404), response.text
    assert response.json["code"] in {"not_found", "invalid"}


def test_text_that_cannot_be_stored_is_refused(hands):
    raw = json.dumps(hands.body(summary="x"), ensure_ascii=False).replace('"x"', '"\\u0000"')
    response = hands.clerk.open("POST", "/cases", data=raw.encode(), content_type="application/json")
    assert pointers(response) == ["/summary"]
    response = hands.clerk.open("POST", "/cases", data=b'{"summary": "\xff"}', content_type="application/json")
    refused(response, 400, "malformed_json")
