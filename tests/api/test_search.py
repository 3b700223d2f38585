"""One search for everything, over HTTP (contract.md, Search)."""

import pytest
from registry_calls import fresh_code, fresh_id_number, institution, made, practitioner

from scoring_service.services.finding.searching import MOST_FOUND


@pytest.fixture(scope="module")
def admin(client_for):
    return client_for("office.admin")


@pytest.fixture(scope="module")
def hospital(admin):
    return made(admin, "/institutions", institution(name="翁牛特旗朝阳医院"))["code"]


@pytest.fixture(scope="module")
def person(admin, hospital):
    one = made(admin, "/practitioners", practitioner(hospital, name="仇晓棠", id_number=fresh_id_number()))
    changed = admin.patch(f"/practitioners/{one['id']}", {"name": "区晓棠"}, headers={"If-Match": '"1"'})
    return changed.json


def found(client, typed, **more):
    response = client.post("/search", {"q": typed, **more})
    assert response.status_code == 200, response.json
    return response.json


@pytest.mark.parametrize(
    ("typed", "formerly"),
    [
        ("区晓棠", None),
        ("晓棠", None),
        ("ouxiaotang", None),
        ("oxt", None),
        ("quxt", None),
        ("仇晓", "仇晓棠"),
        ("qiuxiaotang", "仇晓棠"),
    ],
)
def test_a_person_is_found_by_every_name_and_its_sound(admin, hospital, person, typed, formerly):
    [item] = found(admin, typed)["items"]
    assert item == {
        "kind": "practitioner",
        "id": person["id"],
        "code": person["code"],
        "title": "区晓棠",
        "workplace": "翁牛特旗朝阳医院",
        "state": "normal",
        "formerly": formerly,
    }


def test_codes_fit_best_and_are_found_in_part(admin, hospital, person):
    code = person["code"]
    for typed in (code, code.lower(), code[1:], code[-4:], code[3:9]):
        assert person["id"] in {item["id"] for item in found(admin, typed, limit=200)["items"]}, typed
    assert found(admin, code)["items"][0]["id"] == person["id"]
    for typed in (hospital, "朝阳医院", "chaoyangyiyuan", "wntqzyyy"):
        answer = found(admin, typed)
        assert (hospital, "institution") in {(item["id"], item["kind"]) for item in answer["items"]}, typed
    assert admin.get("/search", query_string={"q": "区晓棠"}).json == found(admin, "区晓棠")


@pytest.mark.parametrize("typed", ["%", "_", "👩‍⚕️", "' OR 1=1; --", "\\", "z' | 'x", "\u200b", "无此人无此人"])
def test_what_is_nobodys_finds_nothing(admin, typed):
    assert found(admin, typed) == {
        "items": [], "total": 0, "totals": {"practitioner": 0, "institution": 0, "case": 0}, "more": False,
    }


def test_nothing_typed_and_too_much_are_refused_with_what_to_do(admin):
    for typed in ("", "   ", "张" * 101, "z" * 10_000):
        response = admin.post("/search", {"q": typed})
        assert (response.status_code, response.json["errors"][0]["pointer"]) == (422, "/q"), typed
    assert admin.get("/search").status_code == 422
    number = fresh_id_number()
    assert "POST /search" in admin.get("/search", query_string={"q": number}).json["errors"][0]["detail"]


def test_an_identity_number_finds_its_person(admin, hospital):
    number = fresh_id_number()
    one = made(admin, "/practitioners", practitioner(hospital, name="邸七", id_number=number, code=fresh_code("N"), category="nurse"))
    assert [item["id"] for item in found(admin, number)["items"]] == [one["id"]]


def test_each_sees_its_own_and_counts_nothing_else(client_for, admin, hospital, person):
    elsewhere = made(admin, "/institutions", institution(region="150502", name="外院"))["code"]
    stranger = made(admin, "/practitioners", practitioner(elsewhere, name="瞿晓棠"))
    both = found(admin, "晓棠")
    assert (both["total"], {item["id"] for item in both["items"]}) == (2, {person["id"], stranger["id"]})
    for own in (client_for("institution", institution=hospital), client_for("office.clerk", region="150430")):
        answer = found(own, "晓棠")
        assert (answer["total"], [item["id"] for item in answer["items"]]) == (1, [person["id"]])
    itself = client_for("practitioner", practitioner=stranger["id"])
    assert [item["id"] for item in found(itself, "晓棠")["items"]] == [stranger["id"]]
    for nobody in (client_for("regulator", region="1504"), client_for("settlement"), client_for("expert")):
        assert found(nobody, "晓棠")["total"] == 0


def test_more_is_told_than_is_counted(admin, hospital, person):
    made(admin, "/practitioners", practitioner(hospital, name="仇晓棠"))
    answer = found(admin, "晓棠", limit=1)
    assert (len(answer["items"]), answer["more"]) == (1, True)
    assert answer["total"] == len(found(admin, "晓棠")["items"]) > 1
    assert found(admin, "D", limit=1)["total"] <= MOST_FOUND
