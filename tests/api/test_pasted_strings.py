"""Strings as people paste them, over HTTP: read in one way in bodies, queries and addresses."""

import pytest
from api_office import fresh_code
from eligibility_city import City


@pytest.fixture(scope="module")
def city(office):
    return City(office)


def wide(code):
    return "".join(chr(ord(character) + 0xFEE0) for character in code)


def pasted(code):
    return (code.lower(), wide(code), f" {code}\u00a0", f"\u3000{wide(code.lower())} ")


def test_a_code_is_the_same_person_however_it_is_written(city):
    person = city.person(here := city.institution())
    identity = city.clerk.get(f"/practitioners/{person}").json["id"]
    checks = []
    for ref in (*pasted(person), identity.upper(), f" {identity}"):
        assert city.clerk.get(f"/practitioners/{ref}").json["id"] == identity, ref
        assert city.clerk.get(f"/practitioners/{ref}/standing").json["practitioner"]["id"] == identity
        for place in (here, *pasted(here)):
            answer = city.ask(ref, institution=place)
            assert (answer["reason"], answer["ref"], answer["institution"]) == ("eligible", ref, place)
            checks.append({"ref": ref, "institution": place})
    results = city.settlement.post("/eligibility/batch", {"checks": checks}).json["results"]
    assert [(row["ref"], row["institution"], row["reason"]) for row in results] == [
        (check["ref"], check["institution"], "eligible") for check in checks
    ]


def test_a_suspended_person_is_refused_and_recorded_however_the_code_is_written(city):
    person = city.person(here := city.institution())
    city.score(person, here, 10)
    for ref in (person, *pasted(person)):
        answer = city.ask(ref, institution=here.lower(), service_time="2025-07-01")
        assert answer["reason"] == "suspended"
        assert city.settlement.get(f"/eligibility/decisions/{answer['decision_id']}").status_code in {200, 404}


def test_an_institution_is_the_same_however_its_code_is_written(city):
    here = city.institution()
    person = city.person(here)
    for code in pasted(here):
        assert city.admin.get(f"/institutions/{code}").json["code"] == here
        listed = city.clerk.get("/practitioners", query_string={"institution": code}).json["items"]
        assert [one["code"] for one in listed] == [person]
    tag = city.admin.get(f"/institutions/{here}").headers["ETag"]
    changed = city.admin.patch(f"/institutions/{here.lower()}", {"name": " 新名 "}, headers={"If-Match": tag})
    assert (changed.status_code, changed.json["name"]) == (200, "新名")


def test_what_is_registered_is_kept_in_one_form(city):
    here, code = city.institution(), fresh_code()
    body = {
        "code": wide(code.lower()),
        "name": "\u3000买买提•艾力 ",
        "category": "doctor",
        "registered_on": "2025-01-01",
        "affiliations": [{"institution": here.lower(), "from": "2025-01-01", "until": None}],
    }
    made = city.admin.post("/practitioners", body)
    assert (made.status_code, made.json["code"], made.json["name"]) == (201, code, "买买提•艾力")
    assert made.json["affiliations"][0]["institution"] == here
    again = city.admin.post("/practitioners", body | {"code": f" {code} "})
    assert (again.status_code, again.json["code"]) == (409, "practitioner_exists")


@pytest.mark.parametrize(
    "typed", ["吾买尔·艾力江", "吾买尔•艾力", "吾买尔‧艾力江", "吾买尔・艾", "\u3000吾买尔 · 艾力江", "吾买尔.艾力", "ＢＡＴＵ", "batu erd"]
)
def test_a_person_is_found_by_whichever_dot_width_and_blanks(city, typed):
    here = city.institution()
    wanted = "Batu Erdene" if typed.lower().startswith(("b", "ｂ")) else "吾买尔∙艾力江"
    body = {"code": fresh_code(), "name": wanted, "category": "doctor", "registered_on": "2025-01-01"}
    made = city.admin.post("/practitioners", body | {"affiliations": [{"institution": here, "from": "2025-01-01"}]})
    assert made.status_code == 201
    found = city.clerk.post("/practitioners/search?limit=200", {"name": typed}).json["items"]
    assert made.json["code"] in [one["code"] for one in found]
    assert {one["name"] for one in found} == {wanted}


def test_a_new_name_is_found_and_the_old_one_no_more(city):
    person = city.person(city.institution())
    tag = city.admin.get(f"/practitioners/{person}").headers["ETag"]
    changed = city.admin.patch(f"/practitioners/{person}", {"name": "阿·古拉"}, headers={"If-Match": tag})
    assert changed.status_code == 200, changed.json
    by = {"name": "阿•古拉", "code": person.lower()}
    assert [one["code"] for one in city.clerk.post("/practitioners/search", by).json["items"]] == [person]
    assert city.clerk.post("/practitioners/search", by | {"name": "张安"}).json["items"] == []


@pytest.mark.parametrize("name", ["三\u202e张", "张\u200b三", "张\ue5e5", "\ufeff张三", "\u3000", "张\n三"])
def test_a_name_that_would_read_otherwise_than_it_is_written_is_refused(city, name):
    body = {"code": fresh_code(), "name": name, "category": "doctor", "registered_on": "2025-01-01"}
    made = city.admin.post("/practitioners", body)
    assert (made.status_code, [fault["pointer"] for fault in made.json["errors"]]) == (422, ["/name"])
    place = {"code": fresh_code("H"), "name": name, "kind": "hospital", "region": "150402"}
    made = city.admin.post("/institutions", place)
    assert (made.status_code, [fault["pointer"] for fault in made.json["errors"]]) == (422, ["/name"])


def test_a_reason_keeps_its_lines_and_never_turns_direction(city):
    person = city.person(city.institution())
    path = f"/practitioners/{person}/deregistration"
    refused = city.admin.post(path, {"on": "2025-06-01", "reason": "已\u202e离职"})
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/reason")
    assert "U+202E" in refused.json["errors"][0]["detail"]
    left = city.admin.post(path, {"on": "2025-06-01", "reason": "\ufeff第一行\n第二行"})
    assert left.json["registrations"][-1]["reason"] == "第一行\n第二行"
