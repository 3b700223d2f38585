"""Practitioners over HTTP (contract.md, Registry)."""

import pytest
from registry_calls import DIVISION, fresh_code, fresh_id_number, institution, made, pointers, practitioner
from sqlalchemy import select

from scoring_service.db.tables import audit_log


@pytest.fixture(scope="session")
def admin(client_for):
    return client_for("office.admin")


@pytest.fixture(scope="session")
def hospital(admin):
    return made(admin, "/institutions", institution())["code"]


@pytest.fixture
def person(admin, hospital):
    return made(admin, "/practitioners", practitioner(hospital))


def test_a_person_is_registered_and_read_by_id_and_by_code(admin, hospital):
    asked = practitioner(hospital, id_number="150402198001019998")
    person = made(admin, "/practitioners", asked)
    assert person["id_number"] == "150***********9998"
    assert (person["revision"], person["status"]) == (2, "normal")
    assert person["affiliations"] == [{"number": 2} | each for each in asked["affiliations"]]
    assert person["registered_on"] == person["commitment_signed_on"] == "2025-01-01"
    by_id, by_code = admin.get(f"/practitioners/{person['id']}"), admin.get(f"/practitioners/{person['code']}")
    assert by_id.json == by_code.json == person
    assert by_id.headers["ETag"].startswith('"1-')


def test_the_answer_to_a_registration_says_where_the_person_is(admin, hospital):
    registered = admin.post("/practitioners", practitioner(hospital))
    assert registered.headers["Location"] == f"/api/v1/practitioners/{registered.json['id']}"


def test_a_person_without_a_code_is_a_full_citizen(admin, hospital):
    person = made(admin, "/practitioners", practitioner(hospital, code=None, id_number=fresh_id_number()))
    assert person["code"] is None
    assert admin.get(f"/practitioners/{person['id']}/standing").json["status"] == "normal"
    changed = admin.patch(
        f"/practitioners/{person['id']}", {"code": fresh_code()}, headers={"If-Match": '"1"'}
    )
    assert admin.get(f"/practitioners/{changed.json['code']}").json["id"] == person["id"]


def test_twice_is_a_conflict(admin, hospital, person):
    again = admin.post("/practitioners", practitioner(hospital, code=person["code"]))
    assert (again.status_code, again.json["code"]) == (409, "practitioner_exists")


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"code": None}, "/code"),
        ({"code": "D12"}, "/code"),
        ({"code": 12}, "/code"),
        ({"id_number": "12"}, "/id_number"),
        ({"name": "王\u0000"}, "/name"),
        ({"name": "x" * 101}, "/name"),
        ({"category": "patient"}, "/category"),
        ({"registered_on": "2025-1-1"}, "/registered_on"),
        ({"affiliations": [{"from": "2025-01-01"}]}, "/affiliations/0/institution"),
        ({"affiliations": [{"institution": "H0", "from": "2025-01-01"}]}, "/affiliations/0/institution"),
        ({"affiliations": {}}, "/affiliations"),
        ({"points": 3}, "/points"),
    ],
)
def test_a_wrong_value_is_pointed_at(admin, hospital, wrong, pointer):
    assert pointers(admin.post("/practitioners", practitioner(hospital) | wrong)) == [pointer]


def test_an_affiliation_is_added_and_ended(admin, person):
    pharmacy = made(admin, "/institutions", institution(fresh_code("P")))["code"]
    path = f"/practitioners/{person['code']}/affiliations"
    span = {"institution": pharmacy, "from": "2025-03-01"}
    added = made(admin, path, span | {"until": None})
    assert (added["revision"], added["affiliations"][1]) == (3, {"number": 3} | span | {"until": None})
    ended = made(admin, path, {"institution": pharmacy, "until": "2025-05-01"})
    assert ended["affiliations"][1] == {"number": 3} | span | {"until": "2025-05-01"}
    again = admin.post(path, span | {"from": "2025-04-30", "until": None})
    assert (again.status_code, again.json["code"]) == (409, "affiliation_overlaps")
    unknown = admin.post(path, span | {"institution": "P15043099999"})
    assert pointers(unknown) == ["/institution"]


def test_leaving_and_returning(admin, hospital, person):
    path = f"/practitioners/{person['id']}"
    left = admin.post(f"{path}/deregistration", {"on": "2025-04-01", "reason": "调离"})
    assert (left.status_code, left.json["status"]) == (200, "not_registered")
    body = {
        "from": "2025-06-01",
        "affiliations": [{"institution": hospital, "from": "2025-06-01", "until": None}],
        "commitment_signed_on": "2025-06-01",
    }
    back = made(admin, f"{path}/registrations", body)
    assert back["status"] == "normal"
    again = admin.post(f"{path}/registrations", body | {"from": "2025-07-01", "affiliations": []})
    assert (again.status_code, again.json["code"]) == (409, "already_registered")


def test_a_change_needs_if_match(admin, person):
    path = f"/practitioners/{person['id']}"
    missing = admin.patch(path, {"name": "王二"})
    assert (missing.status_code, missing.json["code"]) == (428, "precondition_required")
    changed = admin.patch(path, {"name": "王二", "commitment_signed_on": "2025-06-01"}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    assert (changed.json["name"], changed.json["commitment_signed_on"]) == ("王二", "2025-06-01")
    assert admin.patch(path, {"name": "王三"}, headers={"If-Match": '"1"'}).status_code == 412


def test_search_by_name_number_and_code(admin, hospital):
    number = fresh_id_number()
    person = made(admin, "/practitioners", practitioner(hospital, name="欧阳一百分%", id_number=number.lower()))
    made(admin, "/practitioners", practitioner(hospital, name="欧阳一百分之一"))
    for asked in ({"name": "欧阳一百分%"}, {"id_number": number}, {"code": person["code"]}):
        found = admin.post("/practitioners/search", asked)
        assert [item["id"] for item in found.json["items"]] == [person["id"]], asked
    found = admin.post("/practitioners/search", {"name": "欧阳一百"}).json["items"]
    assert len(found) == 2
    assert admin.post("/practitioners/search", {"name": "阳一百"}).json["items"] == []
    assert admin.post("/practitioners/search", {"name": "欧阳", "code": person["code"]}).json["items"] != []


def test_a_search_needs_something_and_a_number_of_the_right_form(admin):
    assert pointers(admin.post("/practitioners/search", {})) == [""]
    assert pointers(admin.post("/practitioners/search", {"id_number": "123"})) == ["/id_number"]


def test_the_list_by_institution_and_state_goes_on_page_by_page(admin):
    place = made(admin, "/institutions", institution())["code"]
    people = sorted(made(admin, "/practitioners", practitioner(place))["id"] for _ in range(3))
    admin.post(f"/practitioners/{people[1]}/deregistration", {"on": "2025-12-01", "reason": "退休"})
    first = admin.get(f"/practitioners?institution={place}&status=normal&limit=2").json
    assert [item["id"] for item in first["items"]] == people[:2]
    second = admin.get(
        f"/practitioners?institution={place}&status=normal&limit=2&cursor={first['next_cursor']}"
    ).json
    assert ([item["id"] for item in second["items"]], second["next_cursor"]) == (people[2:], None)
    assert first["items"][0]["institutions"] == [place]
    assert (first["items"][0]["status"], first["items"][0]["points"]) == ("normal", 0)


@pytest.mark.parametrize("query", ["status=well", "near_threshold=0", "near_threshold=x", "near_threshold=false", "limit=0"])
def test_a_wrong_filter_is_pointed_at(admin, query):
    assert pointers(admin.get(f"/practitioners?{query}")) == [f"/query/{query.split('=')[0]}"]


def test_a_file_of_a_person_without_scores(admin, client_for, person):
    file = client_for("office.auditor").get(f"/practitioners/{person['id']}/file").json
    assert file["practitioner"]["id"] == person["id"]
    assert file["registrations"][0]["from"] == "2025-01-01"
    assert file["affiliations"] == person["affiliations"]
    assert file["commitment"] == {"signed_on": "2025-01-01"}
    assert file["standing"]["points"] == 0
    assert [file[part] for part in ("entries", "cases", "notices", "appeals", "remediation")] == [[]] * 5
    assert admin.get(f"/practitioners/{person['id']}/ledger").json == {"items": [], "next_cursor": None}


def test_everyone_sees_their_own_people_only(admin, client_for, hospital, person):
    elsewhere = made(admin, "/institutions", institution())["code"]
    other = made(admin, "/practitioners", practitioner(elsewhere))
    clinic = client_for("institution", institution=hospital)
    doctor = client_for("practitioner", practitioner=person["id"])
    far = client_for("office.auditor", region="21")
    for part in ("", "/file", "/ledger"):
        assert clinic.get(f"/practitioners/{person['id']}{part}").status_code == 200
        assert doctor.get(f"/practitioners/{person['code']}{part}").status_code == 200
        for client in (clinic, doctor, far):
            assert client.get(f"/practitioners/{other['id']}{part}").status_code == 404
    assert other["id"] not in [item["id"] for item in clinic.get("/practitioners?limit=200").json["items"]]
    assert clinic.post("/practitioners/search", {"code": other["code"]}).json["items"] == []


def test_an_institution_keeps_sight_of_who_has_left(admin, client_for, hospital, person):
    admin.post(f"/practitioners/{person['id']}/deregistration", {"on": "2025-04-01", "reason": "调离"})
    clinic = client_for("institution", institution=hospital)
    told = clinic.get(f"/practitioners/{person['id']}").json
    assert (told["status"], told["affiliations"][0]["until"]) == ("normal", "2025-04-01")


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("office.clerk", ""),
        ("office.clerk", "/ID/affiliations"),
        ("office.reviewer", "/ID/deregistration"),
        ("office.auditor", "/ID/registrations"),
        ("settlement", "/search"),
        ("regulator", "/search"),
    ],
)
def test_others_than_the_admin_are_refused(client_for, person, role, path):
    assert client_for(role).post(f"/practitioners{path.replace('ID', person['id'])}", {}).status_code == 403


def test_every_look_and_every_write_is_on_record(admin, service, person):
    for path in ("", "/file", "/ledger"):
        admin.get(f"/practitioners/{person['id']}{path}")
    admin.post("/practitioners/search", {"code": person["code"]})
    with service.engine.connect() as conn:
        rows = conn.execute(select(audit_log).where(audit_log.c.practitioner_id == person["id"])).all()
    assert {row.object_kind for row in rows if row.action == "look"} == {"practitioner", "file", "ledger", "list"}
    assert [row.action for row in rows if row.action != "look"] == ["practitioner.registered"]


def test_a_regional_admin_registers_at_institutions_of_the_region_only(client_for, hospital):
    far = client_for("office.admin", region="21")
    assert pointers(far.post("/practitioners", practitioner(hospital))) == ["/affiliations/0/institution"]
    near = client_for("office.admin", region=DIVISION)
    assert near.post("/practitioners", practitioner(hospital)).status_code == 201
