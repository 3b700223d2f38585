"""Commitment letters and who was never registered, over HTTP (P21, P13; contract.md, Registry)."""

from datetime import date

import pytest
from api.api_office import make_office, make_test_service
from case_calls import answered, make_hands, refused
from due_process_calls import reregistration, scored, set_clock
from own_law import unpaid_without_commitment
from registry_calls import fresh_code, institution, made, pointers, practitioner
from sqlalchemy import select

from scoring_service.db.tables import audit_log
from scoring_service.services.standing.proof import check_standings


@pytest.fixture(scope="module")
def hands(office):
    return make_hands(office)


@pytest.fixture(scope="module")
def admin(hands):
    return hands.admin


@pytest.fixture(scope="module")
def hospital(admin):
    return made(admin, "/institutions", institution())["code"]


@pytest.fixture
def unsigned(admin, hospital):
    return made(admin, "/practitioners", practitioner(hospital, commitment_signed_on=None))


def add(client, person, signed_on="2025-05-20"):
    return client.post(f"/practitioners/{person['id']}/commitment", {"signed_on": signed_on})


def lacking(client, **query):
    items = answered(client.get("/practitioners", query_string={"without_commitment": "true", "limit": 200} | query))["items"]
    return [item["id"] for item in items]


def test_a_missing_commitment_is_listed_until_it_is_added(admin, office, hospital, unsigned):
    clinic = office.client_for("institution", institution=hospital)
    signed = made(admin, "/practitioners", practitioner(hospital))["id"]
    for client in (admin, clinic):
        assert unsigned["id"] in lacking(client, institution=hospital)
        assert signed not in lacking(client, institution=hospital)
        assert unsigned["id"] not in lacking(client, institution=hospital, without_commitment="false")
    added = answered(add(admin, unsigned), 201)
    assert (added["commitment_signed_on"], added["revision"]) == ("2025-05-20", unsigned["revision"] + 1)
    assert unsigned["id"] not in lacking(admin, institution=hospital)
    unlacking = lacking(admin, institution=hospital, without_commitment="false")
    assert signed in unlacking
    assert unsigned["id"] in unlacking
    assert pointers(admin.get("/practitioners?without_commitment=1")) == ["/query/without_commitment"]


def test_it_is_added_once_and_on_a_day_that_has_come(admin, unsigned):
    assert pointers(add(admin, unsigned, "2025-06-03")) == ["/signed_on"]
    assert pointers(admin.post(f"/practitioners/{unsigned['id']}/commitment", {})) == ["/signed_on"]
    answered(add(admin, unsigned, "2025-06-02"), 201)
    assert refused(add(admin, unsigned), 409, "commitment_exists")["signed_on"] == "2025-06-02"


def test_a_letter_signed_before_the_registration_counts_from_its_first_day(admin, hospital):
    person = made(admin, "/practitioners", practitioner(hospital, commitment_signed_on=None))
    added = answered(add(admin, person, "2024-12-20"), 201)
    assert (added["registered_on"], added["commitment_signed_on"]) == ("2025-01-01", "2024-12-20")


def test_who_has_left_lacks_none_and_is_given_none(admin, unsigned):
    left = {"on": "2025-05-01", "reason": "离职"}
    answered(admin.post(f"/practitioners/{unsigned['id']}/deregistration", left))
    refused(add(admin, unsigned), 409, "not_registered")
    assert unsigned["id"] not in lacking(admin)


def test_nobody_but_the_registry_adds_one(admin, office, hospital, unsigned):
    for client in (
        office.client_for("institution", institution=hospital),
        office.client_for("practitioner", practitioner=unsigned["id"]),
        office.client_for("office.clerk"),
    ):
        refused(add(client, unsigned), 403, "forbidden")
    refused(add(office.client_for("office.admin", region="21"), unsigned), 404, "not_found")


def test_the_line_is_payable_from_the_day_of_the_signature(fresh_engine, tmp_path):
    service = make_test_service(fresh_engine, rulebooks_dir=unpaid_without_commitment(tmp_path))
    hands = make_hands(make_office(service))
    person = made(hands.admin, "/practitioners", practitioner(hands.institution, commitment_signed_on=None))
    settlement = hands.office.client_for("settlement")

    def reasons():
        query = {"institution": hands.institution}
        days = ("2025-05-19", "2025-05-20", "2025-06-02")
        path = f"/eligibility/{person['id']}"
        return [answered(settlement.get(path, query_string=query | {"service_time": day}))["reason"] for day in days]

    assert reasons() == ["no_commitment"] * 3
    answered(add(hands.admin, person), 201)
    assert reasons() == ["no_commitment", "eligible", "eligible"]
    assert check_standings(service)[1] == []


def never_registered(*institutions, **other):
    return practitioner(*institutions, registered_on=None, commitment_signed_on=None) | other


def test_who_was_never_registered_is_known_found_and_paid_nothing(admin, office, hospital):
    person = made(admin, "/practitioners", never_registered(hospital))
    assert (person["status"], person["registered_on"], person["registrations"]) == ("not_registered", None, [])
    assert person["affiliations"][0]["institution"] == hospital
    listed = answered(admin.get(f"/practitioners?institution={hospital}&status=not_registered"))["items"]
    assert [item["id"] for item in listed] == [person["id"]]
    assert person["id"] not in lacking(admin)
    path = f"/eligibility/{person['code']}?institution={hospital}"
    answer = answered(office.client_for("settlement").get(path))
    assert (answer["reason"], answer["payable"]) == ("not_registered", False)
    assert answered(admin.get(f"/practitioners/{person['id']}/file"))["registrations"] == []


def test_a_commitment_needs_a_registration(admin, hospital):
    wrong = never_registered(hospital, commitment_signed_on="2025-01-01")
    assert pointers(admin.post("/practitioners", wrong)) == ["/commitment_signed_on"]
    person = made(admin, "/practitioners", never_registered(hospital))
    refused(add(admin, person), 409, "not_registered")
    left = {"on": "2025-06-02", "reason": "离职"}
    refused(admin.post(f"/practitioners/{person['id']}/deregistration", left), 409, "not_registered")
    early = practitioner(hospital, commitment_signed_on="2025-06-03")
    assert pointers(admin.post("/practitioners", early)) == ["/commitment_signed_on"]
    missing = {name: value for name, value in practitioner(hospital).items() if name != "registered_on"}
    assert pointers(admin.post("/practitioners", missing)) == ["/registered_on"]


def test_who_was_never_registered_is_scored_and_then_registered(hands, admin):
    person = made(admin, "/practitioners", never_registered(hands.institution))["id"]
    [entry] = scored(hands, person, 5)
    standing = answered(hands.clerk.get(f"/practitioners/{person}/standing"))
    assert (standing["points"], standing["status"], standing["trace"][0]["entry"]) == (5, "not_registered", entry)
    body = {"from": "2025-06-02", "affiliations": [], "commitment_signed_on": "2025-06-02"}
    registered = made(admin, f"/practitioners/{person}/registrations", body)
    assert (registered["status"], registered["registered_on"]) == ("normal", "2025-06-02")
    assert answered(hands.clerk.get(f"/practitioners/{person}/standing"))["points"] == 5


def test_who_was_never_registered_and_is_terminated_needs_a_new_start(hands, admin):
    person = made(admin, "/practitioners", never_registered(hands.institution))["id"]
    scored(hands, person, 12)
    body = {"from": "2025-06-02", "affiliations": [], "commitment_signed_on": None}
    refused(admin.post(f"/practitioners/{person}/registrations", body), 409, "terminated")
    joined = {"institution": hands.office.institution(), "from": "2025-06-02", "until": None}
    refused(admin.post(f"/practitioners/{person}/affiliations", joined), 409, "sanction_running")


def test_each_change_is_on_record_without_a_name(admin, office, unsigned):
    answered(add(admin, unsigned), 201)
    with office.service.engine.connect() as conn:
        query = select(audit_log.c.detail).where(audit_log.c.action == "practitioner.commitment_added")
        details = conn.execute(query.where(audit_log.c.practitioner_id == unsigned["id"])).scalars().all()
    assert details == [{"signed_on": "2025-05-20"}]


# Who left while terminated, and who is suspended.


def test_who_left_while_terminated_returns_by_a_new_start_after_the_ban(alone):
    hands = make_hands(alone)
    person = hands.person()
    scored(hands, person, 6, 6)
    set_clock(alone, date(2025, 6, 10))
    left = {"on": "2025-06-10", "reason": "离职"}
    assert answered(hands.admin.post(f"/practitioners/{person}/deregistration", left))["status"] == "not_registered"
    back = {"from": "2025-06-11", "affiliations": [], "commitment_signed_on": None}
    refused(hands.admin.post(f"/practitioners/{person}/registrations", back), 409, "terminated")
    path = f"/practitioners/{person}/reregistrations"
    refused(hands.clerk.post(path, reregistration("2026-06-03", hands.institution)), 409, "ban_running")
    set_clock(alone, date(2026, 6, 3))
    refused(hands.admin.post(f"/practitioners/{person}/registrations", back | {"from": "2026-06-03"}), 409, "terminated")
    proposed = answered(hands.clerk.post(path, reregistration("2026-06-03", hands.institution)), 201)
    answered(hands.reviewer.post(f"/reregistrations/{proposed['id']}/approve"))
    person_now = answered(hands.admin.get(f"/practitioners/{person}"))
    assert (person_now["status"], person_now["registered_on"]) == ("normal", "2026-06-03")
    assert [span["from"] for span in person_now["registrations"]] == ["2020-01-01", "2026-06-03"]


def test_the_suspended_join_no_pharmacy_nor_hospital_and_their_institution_registers_nobody(alone):
    hands = make_hands(alone)
    pharmacies = [alone.institution("pharmacy") for _ in range(2)]
    principal = alone.practitioner(pharmacies[0], code=fresh_code("HY"), category="pharmacy_principal")["id"]
    scored(hands, principal, 9, institution=pharmacies[0])
    set_clock(alone, date(2025, 6, 4))
    clinic = alone.client_for("institution", institution=pharmacies[1])
    for place in (pharmacies[1], hands.institution):
        joined = {"institution": place, "from": "2025-06-04", "until": None}
        refused(hands.admin.post(f"/practitioners/{principal}/affiliations", joined), 409, "sanction_running")
        refused(clinic.post(f"/practitioners/{principal}/affiliations", joined), 403, "forbidden")
