"""Nothing asked about wrongly is payable: what is empty instead of absent, or given twice, is a 422 at its name."""

from urllib.parse import quote

import pytest
from eligibility_city import City

from scoring_service.api.pipeline.access import PREFIX
from scoring_service.services.unit_of_work.actor import OFFICE_ROLES

ANY_ID = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def city(office):
    return City(office)


@pytest.fixture(scope="module")
def spec(office):
    return office.app.test_client().get("/api/openapi.json").json


@pytest.fixture(scope="module")
def everybody(office):
    client = office.client_for(*OFFICE_ROLES, "settlement", "regulator", "expert")
    return client, office.bound_client("institution"), office.bound_client("practitioner")


def operations(spec):
    for path, item in spec["paths"].items():
        for method, operation in item.items():
            if method in {"get", "post", "patch", "put"} and path.startswith(PREFIX):
                yield path, method, operation


def queries(spec):
    for path, method, operation in operations(spec):
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "query":
                yield path, method, parameter["name"]


def bodies(spec):
    for path, method, operation in operations(spec):
        content = operation.get("requestBody", {}).get("content", {})
        reference = content.get("application/json", {}).get("schema", {}).get("$ref", "")
        if reference:
            schema = spec["components"]["schemas"][reference.rpartition("/")[2]]
            for name, about in schema["properties"].items():
                if "string" in str(about.get("type", "")):
                    yield path, method, name


def asked(clients, method, path, **kwargs):
    """The answer of whoever may ask at all."""
    filled = path.removeprefix(PREFIX)
    while "{" in filled:
        before, _, rest = filled.partition("{")
        filled = before + ("1" if rest.startswith("n}") else ANY_ID) + rest.partition("}")[2]
    for client in clients:
        answer = client.open(method.upper(), filled, headers={"If-Match": '"1"'}, **kwargs)
        if answer.status_code != 403:
            return answer
    raise AssertionError(f"nobody may ask {method} {path}")


def pointers(answer):
    return {fault["pointer"] for fault in answer.json["errors"]} if answer.status_code == 422 else answer.status_code


def test_every_parameter_of_a_query_is_refused_when_empty(spec, everybody):
    found = list(queries(spec))
    assert len(found) > 40
    for path, method, name in found:
        for empty in (name, f"{name}=", f"{name}=%20"):
            answer = asked(everybody, method, f"{path}?{empty}")
            assert f"/query/{name}" in (pointers(answer) if answer.status_code == 422 else ()), (path, empty)


def test_every_parameter_of_a_query_is_refused_when_given_twice(spec, everybody):
    for path, method, name in queries(spec):
        answer = asked(everybody, method, f"{path}?{name}=1&{name}=1")
        assert f"/query/{name}" in (pointers(answer) if answer.status_code == 422 else ()), (path, name)


def test_every_text_of_a_body_is_refused_when_empty(spec, everybody):
    found = list(bodies(spec))
    assert len(found) > 50
    for path, method, name in found:
        for empty in ("", " ", "\u3000"):
            answer = asked(everybody, method, path, json={name: empty})
            assert f"/{name}" in (pointers(answer) if answer.status_code == 422 else ()), (path, name, answer.json)


@pytest.mark.parametrize("empty", ["institution=", "institution", "institution=%E3%80%80", "institution=&institution="])
def test_a_person_at_no_institution_is_not_asked_about(city, empty):
    person = city.person(city.institution())
    answer = city.settlement.get(f"/eligibility/{person}?{empty}")
    assert (answer.status_code, answer.json["code"]) == (422, "invalid")
    assert {fault["pointer"] for fault in answer.json["errors"]} == {"/query/institution"}


@pytest.mark.parametrize("name", ["ref", "institution", "service_time"])
@pytest.mark.parametrize("empty", ["", " ", "\u3000"])
def test_a_line_of_a_batch_with_something_empty_refuses_the_batch_and_is_pointed_at(city, name, empty):
    person = city.person(here := city.institution())
    lines = [{"ref": person, "institution": here}, {"ref": person, "institution": here, name: empty}]
    answer = city.settlement.post("/eligibility/batch", {"checks": lines})
    assert (answer.status_code, pointers(answer)) == (422, {f"/checks/1/{name}"})


@pytest.mark.parametrize("ref", ["", "%20", "%E3%80%80"])
def test_nobody_at_all_is_not_asked_about(city, ref):
    here = city.institution()
    answer = city.settlement.get(f"/eligibility/{ref}?institution={here}")
    assert (answer.status_code, pointers(answer)) == (422, {"/path/ref"})


@pytest.mark.parametrize("ref", ["x", "/", "//x/", "a/b", "batch", "张三", "%FE", "?", "#", "x" * 64])
def test_any_other_text_is_an_unknown_person_told_back_as_it_was_asked(city, ref):
    answer = city.settlement.get(f"/eligibility/{quote(ref, safe='')}")
    assert (answer.status_code, answer.json["reason"], answer.json["ref"]) == (200, "unknown_practitioner", ref)
