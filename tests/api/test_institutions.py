"""Institutions over HTTP (contract.md, Registry)."""

import pytest
from registry_calls import fresh_code, institution, pointers


@pytest.fixture(scope="session")
def admin(client_for):
    return client_for("office.admin")


@pytest.fixture
def asked():
    return institution()


@pytest.fixture
def code(admin, asked):
    assert admin.post("/institutions", asked).status_code == 201
    return asked["code"]


def test_an_institution_is_registered_and_read(admin, asked):
    made = admin.post("/institutions", asked)
    assert made.status_code == 201
    assert made.headers["Location"] == f"/api/v1/institutions/{asked['code']}"
    read = admin.get(f"/institutions/{asked['code']}")
    assert read.json == made.json
    assert read.headers["ETag"].startswith(f'"{read.json["version"]}-')
    assert {key: read.json[key] for key in ("code", "name", "kind", "region")} == {
        key: asked[key] for key in ("code", "name", "kind", "region")
    }
    assert read.json["agreements"] == [{"from": "2025-01-01", "until": None}]


def test_twice_is_a_conflict(admin, asked, code):
    again = admin.post("/institutions", asked)
    assert (again.status_code, again.json["code"]) == (409, "institution_exists")


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"code": "X15040200001"}, "/code"),
        ({"kind": "pharmacy"}, "/code"),
        ({"kind": "clinic"}, "/kind"),
        ({"region": "15040"}, "/region"),
        ({"region": 150402}, "/region"),
        ({"name": "  "}, "/name"),
        ({"name": "a\u0007"}, "/name"),
        ({"agreement": {"until": None}}, "/agreement/from"),
        ({"agreement": {"from": "2025-01-01", "until": "2025-01-01"}}, "/agreement/until"),
        ({"agreement": {"from": "2025-13-01"}}, "/agreement/from"),
        ({"unknown": 1}, "/unknown"),
    ],
)
def test_a_wrong_value_is_pointed_at(admin, asked, wrong, pointer):
    assert pointers(admin.post("/institutions", asked | wrong)) == [pointer]


def test_an_agreement_is_ended_and_followed_by_another(admin, code):
    path = f"/institutions/{code}/agreements"
    ended = admin.post(path, {"from": "2025-01-01", "until": "2025-06-01"})
    assert (ended.status_code, ended.json["agreements"]) == (201, [{"from": "2025-01-01", "until": "2025-06-01"}])
    again = admin.post(path, {"from": "2025-09-01", "until": None})
    assert again.json["agreements"][1] == {"from": "2025-09-01", "until": None}
    overlapping = admin.post(path, {"from": "2025-05-01", "until": "2025-06-15"})
    assert (overlapping.status_code, overlapping.json["code"]) == (409, "agreement_overlaps")


def test_the_open_agreement_is_ended_by_until_alone(admin, code):
    ended = admin.post(f"/institutions/{code}/agreements", {"until": "2025-06-01"})
    assert ended.json["agreements"] == [{"from": "2025-01-01", "until": "2025-06-01"}]


def test_name_and_region_change_at_the_version_that_was_read(admin, code):
    tag = admin.get(f"/institutions/{code}").headers["ETag"]
    changed = admin.patch(f"/institutions/{code}", {"name": "新名"}, headers={"If-Match": tag})
    assert (changed.status_code, changed.json["name"]) == (200, "新名")
    assert changed.headers["ETag"] != tag
    stale = admin.patch(f"/institutions/{code}", {"name": "旧名"}, headers={"If-Match": tag})
    assert stale.status_code == 412


def test_the_list_goes_on_where_the_page_ended(admin, client_for):
    codes = sorted(fresh_code("H", "330102") for _ in range(3))
    for code in codes:
        body = {"code": code, "name": "医院", "kind": "hospital", "region": "330102"}
        assert admin.post("/institutions", body).status_code == 201
    regional = client_for("office.auditor", region="3301")
    first = regional.get("/institutions?limit=2").json
    second = regional.get(f"/institutions?limit=2&cursor={first['next_cursor']}").json
    assert [item["code"] for item in first["items"] + second["items"]] == codes
    assert second["next_cursor"] is None


def test_an_institution_of_another_region_does_not_exist(client_for, code):
    regional = client_for("office.admin", region="33")
    assert regional.get(f"/institutions/{code}").status_code == 404
    assert regional.patch(f"/institutions/{code}", {"name": "改"}).status_code == 404
    assert regional.post(f"/institutions/{code}/agreements", {"until": "2025-06-01"}).status_code == 404


def test_an_institution_sees_itself_only(client_for, admin, code, asked):
    other = asked | {"code": fresh_code("H")}
    admin.post("/institutions", other)
    own = client_for("institution", institution=code)
    assert [item["code"] for item in own.get("/institutions").json["items"]] == [code]
    assert own.get(f"/institutions/{other['code']}").status_code == 404


@pytest.mark.parametrize("role", ["office.clerk", "office.reviewer", "office.auditor", "settlement", "regulator"])
def test_only_the_admin_changes_the_registry(client_for, asked, role):
    assert client_for(role).post("/institutions", asked).status_code == 403
