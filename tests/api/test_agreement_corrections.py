"""A wrong agreement is corrected by two people, and known from then on (scheme.md 2.2)."""

import pytest
from case_calls import answered, make_hands, pointers, refused
from registry_calls import institution, made
from sqlalchemy import select

from scoring_service.db.tables import audit_log


@pytest.fixture(scope="module")
def hands(office):
    return make_hands(office)


@pytest.fixture
def hospital(hands):
    return made(hands.admin, "/institutions", institution())["code"]


def draft(hands, code, **wrong):
    whole = {"agreement": "2025-01-01", "reason": "协议日期录错"} | wrong
    return hands.admin.post(f"/institutions/{code}/registry-corrections", whole)


def agreements(hands, code):
    return [(span["from"], span["until"]) for span in answered(hands.clerk.get(f"/institutions/{code}"))["agreements"]]


def test_other_days_are_drafted_and_approved_by_another_person(hands, hospital):
    drafted = answered(draft(hands, hospital, **{"from": "2025-02-01", "until": "2026-01-01"}), 201)
    assert (drafted["kind"], drafted["practitioner"], drafted["institution"]) == ("agreement", None, hospital)
    assert (drafted["before"], drafted["from"], drafted["until"]) == (
        *({"from": "2025-01-01", "until": None}, "2025-02-01", "2026-01-01"),
    )
    path = f"/registry-corrections/{drafted['id']}"
    assert drafted["id"] in [each["id"] for each in answered(hands.clerk.get("/registry-corrections?limit=200"))["items"]]
    refused(hands.admin.post(f"{path}/approve"), 403, "same_person")
    assert agreements(hands, hospital) == [("2025-01-01", None)]
    answered(hands.reviewer.post(f"{path}/approve"))
    assert agreements(hands, hospital) == [("2025-02-01", "2026-01-01")]
    refused(hands.reviewer.post(f"{path}/reject", {"reason": "迟了"}), 409, "correction_state")


def test_one_never_concluded_is_voided_once(hands, hospital):
    drafts = [answered(draft(hands, hospital, void=True), 201) for _ in range(2)]
    answered(hands.reviewer.post(f"/registry-corrections/{drafts[0]['id']}/approve"))
    assert agreements(hands, hospital) == []
    refused(hands.reviewer.post(f"/registry-corrections/{drafts[1]['id']}/approve"), 409, "correction_outdated")
    answered(hands.reviewer.post(f"/registry-corrections/{drafts[1]['id']}/reject", {"reason": "已撤销"}))


def test_what_would_overlap_or_changes_nothing_is_refused(hands, hospital):
    where = f"/institutions/{hospital}/agreements"
    answered(hands.admin.post(where, {"from": "2025-01-01", "until": "2025-04-01"}), 201)
    answered(hands.admin.post(where, {"from": "2025-05-01"}), 201)
    refused(draft(hands, hospital, until=None), 409, "agreement_overlaps")
    for wrong, at in (
        ({}, ""),
        ({"agreement": "2024-01-01", "void": True}, "/agreement"),
        ({"until": "2025-01-01"}, "/until"),
        ({"from": "2025-04-02"}, "/from"),
        ({"void": True, "reason": ""}, "/reason"),
    ):
        assert pointers(draft(hands, hospital, **wrong)) == [at], wrong


def test_an_agreement_elsewhere_is_nobody_s_business(hands, hospital):
    far = hands.office.client_for("office.admin", region="4311")
    refused(far.post(f"/institutions/{hospital}/registry-corrections", {"agreement": "2025-01-01", "reason": "无"}), 404, "not_found")
    drafted = answered(draft(hands, hospital, void=True), 201)
    refused(far.get(f"/registry-corrections/{drafted['id']}"), 404, "not_found")
    assert answered(far.get("/registry-corrections"))["items"] == []
    refused(hands.clerk.post(f"/institutions/{hospital}/registry-corrections", {"agreement": "2025-01-01", "reason": "无"}), 403, "forbidden")


def test_a_changed_name_is_on_record_as_it_was_and_as_it_is(hands, hospital):
    answered(hands.admin.patch(f"/institutions/{hospital}", {"name": "旗人民医院"}, headers={"If-Match": '"2"'}))
    with hands.office.service.engine.connect() as conn:
        query = select(audit_log.c.detail).where(audit_log.c.object_id == hospital, audit_log.c.action == "institution.changed")
        [detail] = conn.execute(query).scalars()
    assert detail == {"fields": ["name"], "before": {"name": "旗医院"}, "after": {"name": "旗人民医院"}, "reason": None}
