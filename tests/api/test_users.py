"""Accounts, as administrators ask for them, and read them: forms, bindings, regions."""

import pytest
from api_office import fresh_staff_no, new_user

from scoring_service.api.pipeline.access import ROWS
from scoring_service.db.appeals import expert_accounts

FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


@pytest.fixture
def admin(client_for):
    return client_for("office.admin")


def test_an_account_is_added_and_shown_without_its_password(admin):
    body = new_user(region="1504")
    added = admin.post("/users", body)
    assert added.status_code == 201
    assert {name: added.json[name] for name in ("username", "staff_no", "roles", "region")} == {
        name: body[name] for name in ("username", "staff_no", "roles", "region")
    }
    assert added.json["created_by"] == admin.account_id
    shown = admin.get(f"/users/{added.json['username']}").json
    assert {name: shown[name] for name in added.json} == added.json
    assert "password" not in added.text


def test_the_auditor_reads_accounts_and_every_other_resource_and_adds_none(admin, client_for):
    added = admin.post("/users", new_user()).json
    auditor = client_for("office.auditor")
    assert auditor.get(f"/users/{added['id']}").json["username"] == added["username"]
    assert auditor.get("/users?limit=1").status_code == 200
    assert auditor.post("/users", new_user()).status_code == 403
    assert auditor.post(f"/users/{added['id']}/close", {"reason": "离职"}).status_code == 403
    hidden = {row.path for row in ROWS if row.method == "GET" and "office.auditor" not in row.admitted}
    # A bundle of letters is whose who asked for it, made of letters that the auditor reads; nothing waits for an auditor.
    own = {"/letters/bundles/{id}", "/letters/bundles/{id}/pdf", "/auth/reminders"}
    assert hidden == own, "the auditor reads everything else"


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"username": "with space"}, "/username"),
        ({"username": "-"}, "/username"),
        ({"real_name": "　"}, "/real_name"),
        ({"password": "short"}, "/password"),
        ({"staff_no": "a*b"}, "/staff_no"),
        ({"staff_no": "　"}, "/staff_no"),
        ({"roles": []}, "/roles"),
        ({"roles": ["god"]}, "/roles/0"),
        ({"roles": "office.clerk"}, "/roles"),
        ({"region": "15x4"}, "/region"),
        ({"roles": ["institution"]}, "/institution"),
        ({"roles": ["institution"], "institution": "H99999999999"}, "/institution"),
        ({"institution": "H99999999999"}, "/institution"),
        ({"roles": ["practitioner"]}, "/practitioner"),
        ({"roles": ["practitioner"], "practitioner": "D999999999999"}, "/practitioner"),
        ({"admin": True}, "/admin"),
    ],
)
def test_a_wrong_value_is_named(admin, wrong, pointer):
    answer = admin.post("/users", new_user(**wrong))
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json["errors"]] == [pointer]
    assert " / " in answer.json["errors"][0]["detail"], "in both languages"


def test_an_institution_and_a_person_are_bound_to_their_accounts(office, admin):
    code = office.institution()
    person = office.practitioner(code)
    clinic = admin.post("/users", new_user(roles=["institution"], institution=code)).json
    doctor = admin.post("/users", new_user(roles=["practitioner"], practitioner=person["code"])).json
    assert (clinic["institution"], doctor["practitioner"]) == (code, person["id"])
    me = office.client_for("practitioner", practitioner=person["id"]).get("/auth/me").json
    assert me["practitioner"] == {"id": person["id"], "code": person["code"]}
    assert office.client_for("institution", institution=code).get("/auth/me").json["institution"]["code"] == code


def test_a_staff_number_has_one_form_however_it_is_written(admin):
    number = fresh_staff_no()
    for written in (number, number.lower(), f" {number[:1]} {number[1:]}　", number.translate(FULL_WIDTH)):
        added = admin.post("/users", new_user(staff_no=written))
        assert (added.status_code, added.json["staff_no"]) == (201, number)


def test_a_staff_number_stands_for_one_practitioner(office, admin):
    code, number = office.institution(), fresh_staff_no()
    one, other = (office.practitioner(code) for _ in range(2))
    for ref, status in ((one["code"], 201), (one["id"], 201), (other["id"], 409)):
        body = new_user(roles=["practitioner"], practitioner=ref, staff_no=number.lower())
        added = admin.post("/users", body)
        assert added.status_code == status
    assert added.json["code"] == "staff_no_taken"
    assert admin.post("/users", new_user(staff_no=number)).status_code == 201


def test_a_username_is_taken_once(admin):
    body = new_user()
    assert admin.post("/users", body).status_code == 201
    assert admin.post("/users", body).json["code"] == "username_taken"


def test_an_administrator_of_a_region_stays_within_it(office):
    admin = office.client_for("office.admin", region="1504")
    outside = office.client_for("office.clerk", region="1301")
    assert admin.post("/users", new_user()).json["code"] == "outside_region"
    assert admin.post("/users", new_user(region="1301")).json["code"] == "outside_region"
    assert admin.post("/users", new_user(region="150402")).status_code == 201
    assert admin.post("/users", new_user(region="15")).json["code"] == "outside_region"
    assert admin.get(f"/users/{outside.account_id}").status_code == 404
    inside = office.client_for("office.clerk", region="150402").account_id
    for change in ({"region": "1301"}, {"region": None}, {"roles": ["settlement"]}):
        assert admin.patch(f"/users/{inside}", change).json["code"] == "outside_region"
    assert admin.get(f"/users/{inside}").json["life"][1:] == []
    assert admin.patch(f"/users/{inside}", {"region": "1504"}).status_code == 200
    assert admin.post(f"/users/{outside.account_id}/close", {"reason": "离职"}).status_code == 404


REGION = "1504"


def bound_bodies(office):
    """What a region's administrator may and may not make: (allowed, body)."""
    here, there = office.institution(region="150402"), office.institution(region="130102")
    present, past, elsewhere = (office.practitioner(here), office.practitioner(there), office.practitioner(there))
    ended = {"institution": here, "from": "2020-01-01", "until": "2025-01-01"}
    assert office.client_for("office.admin").post(f"/practitioners/{past['id']}/affiliations", ended).status_code == 201
    nowhere = office.practitioner()
    for region in (None, REGION):
        yield True, {"roles": ["institution"], "institution": here, "region": region}
        yield False, {"roles": ["institution"], "institution": there, "region": region}
        yield False, {"roles": ["institution"], "institution": "H99999999999", "region": region}
        yield True, {"roles": ["practitioner"], "practitioner": present["id"], "region": region}
        for other in (past["id"], elsewhere["id"], nowhere["code"], "D999999999999"):
            yield False, {"roles": ["practitioner"], "practitioner": other, "region": region}
        yield False, {"roles": ["settlement"], "region": region}
        yield region is not None, {"roles": ["expert"], "region": region}
        yield region is not None, {"roles": ["regulator"], "region": region}
        yield region is not None, {"roles": ["office.admin"], "region": region}
        yield False, {"roles": ["office.clerk", "institution"], "institution": there, "region": region}
        yield False, {"roles": ["office.clerk", "settlement"], "region": region}


def test_a_region_makes_and_sees_accounts_only_for_what_it_may_touch(office):
    regional, unbound = office.client_for("office.admin", region=REGION), office.client_for("office.admin")
    for allowed, bound in bound_bodies(office):
        answer = regional.post("/users", new_user(**bound))
        assert (answer.status_code, answer.json.get("code")) == ((201, None) if allowed else (403, "outside_region")), bound
        made = unbound.post("/users", new_user(**bound))
        if made.status_code == 201:
            path = f"/users/{made.json['id']}"
            assert regional.get(path).status_code == (200 if allowed else 404), bound
            assert regional.post(f"{path}/close", {"reason": "离职"}).status_code == (200 if allowed else 404), bound


def test_a_region_takes_no_staff_number_of_somebody_beyond_it(office):
    regional, clerk = office.client_for("office.admin", region=REGION), office.client_for("office.reviewer")
    answer = regional.post("/users", new_user(region=REGION, staff_no=clerk.staff_no))
    assert (answer.status_code, answer.json["code"]) == (403, "outside_region")


def test_a_region_appoints_experts_of_its_own_or_of_none(office):
    region = "360101"
    wide, inside, none, other = ({"region": at} for at in ("36", "360101", None, "370101"))
    names = [office.add_account("expert", **bound)["username"] for bound in (wide, inside, none, other)]
    with office.service.engine.begin() as conn:
        pool = {row.username for row in expert_accounts(conn, region)}
    assert pool & set(names) == set(names[:3])
