"""Institutions ask the registry for registrations and departures, and the office decides (contract.md, Registry)."""

import json
from datetime import date

import pytest
from case_calls import answered, make_hands, refused
from due_process_calls import scored
from registry_calls import fresh_code, fresh_id_number, pointers
from sqlalchemy import select

from scoring_service.db.tables import audit_log, events, registration_requests
from scoring_service.services.standing.proof import check_standings

PATH = "/registration-requests"


@pytest.fixture(scope="module")
def hands(office):
    return make_hands(office)


@pytest.fixture(scope="module")
def clinic(hands):
    return hands.office.client_for("institution", institution=hands.institution)


@pytest.fixture(scope="module")
def elsewhere(hands):
    return hands.office.institution()


def registration(**other):
    whole = {"kind": "registration", "name": "乌云", "category": "doctor", "code": fresh_code(), "from": "2025-06-01"}
    return whole | {"commitment_signed_on": "2025-05-30"} | other


def departure(person, **other):
    return {"kind": "departure", "practitioner": person, "on": "2025-06-02", "reason": "调离"} | other


def asked(client, body):
    return answered(client.post(PATH, body), 201)


def approved(hands, request):
    return answered(hands.admin.post(f"{PATH}/{request['id']}/approve"))


def test_somebody_new_is_asked_for_approved_and_then_the_institutions_own(hands, clinic):
    number = fresh_id_number()
    body = registration(id_number=number, practice_type="临床")
    made = asked(clinic, body)
    assert (made["state"], made["from"], made["on"], made["practitioner"], made["on_file"]) == (
        *("requested", "2025-06-01"), None, None, None,
    )  # fmt: skip
    assert made["person"]["id_number"] == number[:3] + "*" * 11 + number[-4:]
    assert made["person"]["practice_type"] == "临床"
    assert refused(clinic.post(PATH, body), 409, "request_exists")["request"] == made["id"]
    refused(hands.admin.get(f"/practitioners/{body['code']}"), 404, "not_found")
    waiting = answered(hands.admin.get(f"{PATH}?state=requested&limit=200"))["items"]
    assert made["id"] in [each["id"] for each in waiting]
    refused(hands.clerk.post(f"{PATH}/{made['id']}/approve"), 403, "forbidden")
    refused(hands.admin.post(f"{PATH}/{made['id']}/approve", headers={"If-Match": '"9"'}), 412, "version_mismatch")
    done = approved(hands, made)
    assert (done["state"], done["effect"], done["version"]) == ("approved", "new_file", 2)
    person = answered(clinic.get(f"/practitioners/{body['code']}"))
    assert (person["id"], person["registered_on"], person["practice_type"]) == (done["practitioner"], "2025-06-01", "临床")
    read = answered(clinic.get(f"{PATH}/{made['id']}"))
    assert (read["practitioner"], read["decided_by"]) == (person["id"], None)
    assert done["decided_by"] is not None
    assert refused(hands.admin.post(f"{PATH}/{made['id']}/approve"), 409, "request_state")["state"] == "approved"
    assert refused(clinic.post(f"{PATH}/{made['id']}/withdraw"), 409, "request_state")["state"] == "approved"


@pytest.mark.parametrize("by", ["practitioner", "code", "id_number"])
def test_somebody_on_file_elsewhere_gets_a_further_place_and_the_institution_learns_nothing(hands, clinic, elsewhere, by):
    number = fresh_id_number()
    known = hands.office.practitioner(elsewhere, name="娜仁其其格", id_number=number)
    known_by = {"practitioner": known["code"], "code": known["code"], "id_number": number}
    body = {"kind": "registration", "from": "2025-06-01", by: known_by[by]}
    made = asked(clinic, body)
    said = json.dumps(made, ensure_ascii=False)
    hidden = {known["id"], known["name"], known["code"]} - {known_by[by]}
    assert not [word for word in hidden if word in said]
    assert (made["practitioner"], made["on_file"]) == (None, None)
    refused(clinic.get(f"/practitioners/{known['code']}"), 404, "not_found")
    seen = answered(hands.admin.get(f"{PATH}/{made['id']}"))
    assert (seen["on_file"]["name"], seen["on_file"]["id"]) == ("娜仁其其格", known["id"])
    assert approved(hands, made)["effect"] == "affiliated"
    after = answered(clinic.get(f"/practitioners/{known['code']}"))
    assert {row["institution"] for row in after["affiliations"]} == {elsewhere, hands.institution}
    refused(clinic.post(PATH, body), 409, "affiliation_overlaps")


def test_who_leaves_the_last_place_leaves_the_registry_and_is_registered_again_by_request(hands, clinic, elsewhere):
    person = hands.person()
    made = asked(clinic, departure(person))
    assert (made["kind"], made["on"], made["practitioner"], made["reason"]) == ("departure", "2025-06-02", person, "调离")
    assert approved(hands, made)["effect"] == "registration_ended"
    gone = answered(hands.admin.get(f"/practitioners/{person}"))
    assert (gone["status"], gone["registrations"][-1]["reason"]) == ("not_registered", "调离")
    refused(clinic.post(PATH, departure(person)), 404, "not_found")
    back = asked(clinic, {"kind": "registration", "practitioner": gone["code"], "from": "2025-06-02"})
    assert approved(hands, back)["effect"] == "registered_again"
    answered(
        hands.admin.post(f"/practitioners/{person}/affiliations", {"institution": elsewhere, "from": "2025-06-02"}), 201
    )
    leaving = asked(clinic, departure(person, on="2025-06-10"))
    assert approved(hands, leaving)["effect"] == "affiliation_ended"
    kept = answered(hands.admin.get(f"/practitioners/{person}"))
    assert (kept["status"], kept["registrations"][-1]["until"]) == ("normal", None)
    assert check_standings(hands.office.service)[1] == []


def test_a_request_is_refused_with_a_reason_or_withdrawn(hands, clinic):
    made = asked(clinic, registration())
    assert pointers(hands.admin.post(f"{PATH}/{made['id']}/refuse", {"reason": " "})) == ["/reason"]
    answered(hands.admin.post(f"{PATH}/{made['id']}/refuse", {"reason": "材料不齐"}))
    assert answered(clinic.get(f"{PATH}/{made['id']}"))["refused_because"] == "材料不齐"
    other = asked(clinic, registration())
    assert answered(clinic.post(f"{PATH}/{other['id']}/withdraw"))["state"] == "withdrawn"
    refused(hands.admin.post(f"{PATH}/{other['id']}/approve"), 409, "request_state")


def test_the_gates_are_those_of_the_acts_when_it_is_asked_and_when_it_is_decided(hands, clinic, elsewhere):
    suspended = hands.office.practitioner(elsewhere)
    ready = asked(clinic, {"kind": "registration", "practitioner": suspended["code"], "from": "2025-06-01"})
    scored(hands, suspended["id"], 9, institution=elsewhere)
    refused(hands.admin.post(f"{PATH}/{ready['id']}/approve"), 409, "sanction_running")
    fresh = {"kind": "registration", "practitioner": suspended["code"], "from": "2025-06-02"}
    answered(clinic.post(f"{PATH}/{ready['id']}/withdraw"))
    refused(clinic.post(PATH, fresh), 409, "sanction_running")
    left = hands.office.practitioner(elsewhere)
    scored(hands, left["id"], 12, institution=elsewhere)
    answered(hands.admin.post(f"/practitioners/{left['id']}/deregistration", {"on": "2025-06-02", "reason": "离职"}))
    refused(clinic.post(PATH, fresh | {"practitioner": left["code"]}), 409, "terminated")
    later = hands.office.practitioner(since=date(2025, 6, 20))
    refused(clinic.post(PATH, fresh | {"practitioner": later["code"]}), 409, "already_registered")
    one, two = hands.office.practitioner(elsewhere), hands.office.practitioner(elsewhere, id_number=fresh_id_number())
    number = fresh_id_number()
    answered(hands.admin.patch(f"/practitioners/{two['id']}", {"id_number": number}, headers={"If-Match": '"1"'}))
    refused(clinic.post(PATH, registration(code=one["code"], id_number=number)), 409, "practitioner_exists")


def test_who_came_on_file_meanwhile_is_that_person(hands, clinic, elsewhere):
    body = registration()
    made = asked(clinic, body)
    assert answered(hands.admin.get(f"{PATH}/{made['id']}"))["on_file"] is None
    same = hands.office.practitioner(elsewhere, code=body["code"])
    assert answered(hands.admin.get(f"{PATH}/{made['id']}"))["on_file"]["id"] == same["id"]
    assert answered(clinic.get(f"{PATH}/{made['id']}"))["on_file"] is None
    done = approved(hands, made)
    assert (done["effect"], done["practitioner"]) == ("affiliated", same["id"])


def test_a_departure_of_somebody_who_leaves_already_is_refused(hands, clinic):
    person = hands.person()
    ended = {"institution": hands.institution, "from": None, "until": "2025-06-10"}
    answered(hands.admin.post(f"/practitioners/{person}/affiliations", ended), 201)
    refused(clinic.post(PATH, departure(person, on="2025-06-10")), 409, "not_affiliated")


@pytest.mark.parametrize(
    ("body", "at"),
    [
        ({"kind": "arrival"}, ["/kind"]),
        ({"kind": "registration", "code": "D150402000001"}, ["/from"]),
        ({"kind": "departure"}, ["/practitioner", "/on", "/reason"]),
        (registration(code="D1"), ["/code"]),
        (registration(code=None), ["/code"]),
        (registration(name=None), ["/name"]),
        (registration(category=None), ["/category"]),
        (registration(code=None, id_number="150402198001011233"), ["/id_number"]),
        (registration(commitment_signed_on="2025-06-03"), ["/commitment_signed_on"]),
    ],
)
def test_a_wrong_request_is_refused_at_its_place(clinic, body, at):
    assert pointers(clinic.post(PATH, body)) == at


def test_a_day_before_the_persons_time_here_is_refused(hands, clinic):
    assert pointers(clinic.post(PATH, departure(hands.person(), on="2019-12-31"))) == ["/on"]


def test_requests_are_seen_by_the_institution_and_its_office_alone(hands, clinic, elsewhere):
    made = asked(clinic, registration())
    other = hands.office.client_for("institution", institution=elsewhere)
    far = hands.office.client_for("office.admin", region="4311")
    for client in (other, far):
        refused(client.get(f"{PATH}/{made['id']}"), 404, "not_found")
        assert answered(client.get(PATH))["items"] == []
    refused(other.post(f"{PATH}/{made['id']}/withdraw"), 404, "not_found")
    refused(far.post(f"{PATH}/{made['id']}/approve"), 404, "not_found")
    refused(far.post(f"{PATH}/{made['id']}/refuse", {"reason": "无"}), 404, "not_found")
    refused(other.post(PATH, departure(hands.person())), 404, "not_found")
    refused(clinic.post(PATH, {"kind": "registration", "practitioner": "D150402999999", "from": "2025-06-01"}), 404, "not_found")
    doctor = hands.office.client_for("practitioner", practitioner=hands.person())
    refused(doctor.get(PATH), 403, "forbidden")


def test_nobody_decides_on_their_own_file(hands, clinic):
    person = hands.person()
    code = answered(hands.admin.get(f"/practitioners/{person}"))["code"]
    own = hands.office.client_for("office.admin", staff_no=code)
    made = asked(clinic, departure(person))
    refused(own.post(f"{PATH}/{made['id']}/approve"), 403, "conflict_of_interest")


def test_the_number_is_sealed_and_neither_audit_nor_events_name_anybody(hands, clinic):
    number = fresh_id_number()
    body = registration(id_number=number, name="额尔敦巴雅尔")
    made = asked(clinic, body)
    with hands.office.service.engine.connect() as conn:
        row = conn.execute(select(registration_requests).where(registration_requests.c.id == made["id"])).mappings().one()
        deeds = conn.execute(select(audit_log.c.detail).where(audit_log.c.object_id == made["id"])).scalars().all()
        told = conn.execute(select(events.c.detail).where(events.c.kind == "registration_request")).scalars().all()
    assert number not in str(dict(row))
    assert deeds == [{"kind": "registration", "institution_code": hands.institution}]
    assert made["id"] in {event["request"] for event in told}
    assert "额尔敦巴雅尔" not in json.dumps([deeds, told], ensure_ascii=False)
