"""Cases assigned over HTTP: by whom, to whom, all of them or none; nobody outside the office is told."""

import uuid

import pytest
from case_calls import answered, finding, make_hands, refused

ASSIGN = "/cases/assignments"


@pytest.fixture(scope="module")
def hands(office):
    return make_hands(office)


@pytest.fixture(scope="module")
def other(office):
    return office.add_account("office.clerk")["username"]


def me(client):
    return answered(client.get("/auth/me"))["username"]


def seen(*cases, to=None, by=None):
    return {"cases": [{"case": case["id"], "version": case["version"], "assigned_to": by} for case in cases], "to": to}


def test_a_clerk_takes_what_nobody_has_and_a_reviewer_assigns_many(office, hands, other):
    one, two = hands.draft(), hands.draft()
    mine = me(hands.clerk)
    assert one["assigned_to"] is None
    told = answered(hands.clerk.post(ASSIGN, seen(one, to=mine)))["assigned"]
    assert [(row["id"], row["assigned_to"], row["version"]) for row in told] == [(one["id"], mine, one["version"])]
    refused(hands.clerk.post(ASSIGN, seen(two, to=other)), 403, "forbidden")
    changed = refused(hands.reviewer.post(ASSIGN, seen(two, one, to=other)), 409, "assignments_refused")
    assert [(row["pointer"], row["code"]) for row in changed["rows"]] == [("/cases/1", "case_assigned")]
    assert answered(hands.clerk.get(f"/cases/{two['id']}"))["assigned_to"] is None
    answered(hands.reviewer.post(ASSIGN, seen(one, to=other, by=mine)))
    taken = refused(hands.clerk.post(ASSIGN, seen(one, to=mine, by=other)), 409, "assignments_refused")
    assert [row["code"] for row in taken["rows"]] == ["case_assigned"]
    auditor = office.client_for("office.auditor")
    deeds = answered(auditor.get(f"/audit?action=case.assigned&object_id={one['id']}"))["items"]
    assert [row["detail"] for row in deeds] == [{"from": mine, "to": other}, {"from": None, "to": mine}]
    answered(hands.admin.post(ASSIGN, seen(one, by=other)))
    assert answered(hands.clerk.get(f"/cases/{one['id']}"))["assigned_to"] is None


def test_what_cannot_be_assigned_is_refused_whole(office, hands, other):
    case, person = hands.draft(), hands.person()
    own = hands.draft(finding(person))
    same = office.add_account("practitioner", practitioner=person)["staff_no"]
    tied = office.add_account("office.clerk", staff_no=same)["username"]
    elsewhere = office.add_account("office.clerk", region="1505")["username"]
    stale = seen(case, to=other)
    stale["cases"][0]["version"] = 7
    assert refused(hands.admin.post(ASSIGN, stale), 409, "assignments_refused")["rows"][0]["code"] == "version_mismatch"
    gone = hands.draft()
    gone = answered(hands.clerk.post(f"/cases/{gone['id']}/withdraw", {"reason": "误立"}))
    assert refused(hands.admin.post(ASSIGN, seen(gone, to=other)), 409, "assignments_refused")["rows"][0]["code"] == "case_state"
    many = {"cases": [{"case": str(uuid.uuid4()), "version": 1} for _ in range(1001)], "to": other}
    for body, pointer in (
        ({"cases": [], "to": other}, "/cases"),
        (many, "/cases"),
        (seen(case, case, to=other), "/cases/1"),
        (seen(case, to="nobody"), "/to"),
        (seen(case, to=me(hands.reviewer)), "/to"),
        (seen(case, to=elsewhere), "/cases/0"),
        (seen(case, own, to=tied), "/cases/1"),
    ):
        told = refused(hands.admin.post(ASSIGN, body), 422, "invalid")
        assert [fault["pointer"] for fault in told["errors"]] == [pointer]
    regional = office.client_for("office.reviewer", region="1505")
    refused(regional.post(ASSIGN, seen(case, to=elsewhere)), 404, "not_found")
    assert answered(hands.clerk.get(f"/cases/{case['id']}"))["assigned_to"] is None


def test_who_works_on_a_case_is_told_to_the_office_alone(office, hands, other):
    person = hands.person()
    case = hands.approved(finding(person))
    answered(hands.admin.post(ASSIGN, seen(case, to=other)))
    for client, told in ((hands.clerk, other), (office.client_for("practitioner", practitioner=person), None)):
        assert answered(client.get(f"/cases/{case['id']}"))["assigned_to"] == told
        [listed] = answered(client.get(f"/cases?practitioner={person}"))["items"]
        assert listed["assigned_to"] == told
        assert answered(client.get(f"/practitioners/{person}/file"))["cases"][0]["assigned_to"] == told
