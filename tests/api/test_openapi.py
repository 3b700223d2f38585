"""The spec says what the application does, and the docs page asks no other host."""

import re

import jsonschema_rs
import pytest

from scoring_service.api.pipeline.access import PREFIX, access_of, template
from scoring_service.api.pipeline.docs import ASSETS

HTTP_METHODS = {"get", "post", "put", "patch", "delete"}
# What OpenAPI 3.1 asks of the parts that we write; the whole is read by schemathesis below.
PARAMETER_PLACES = {"path", "query", "header"}


@pytest.fixture(scope="module")
def spec(office):
    answer = office.app.test_client().get("/api/openapi.json")
    assert answer.status_code == 200
    return answer.json


def operations(spec):
    return [
        (path, method, operation)
        for path, item in spec["paths"].items()
        for method, operation in item.items()
        if method in HTTP_METHODS
    ]


def test_the_spec_is_openapi_3_1_and_a_reader_of_it_finds_every_operation(spec):
    from schemathesis import openapi

    assert spec["openapi"].startswith("3.1")
    loaded = openapi.from_dict(spec)
    loaded.validate()
    assert loaded.statistic.operations.total == len(operations(spec))


def test_every_route_is_documented(office, spec):
    documented = {(method.upper(), template(path)) for path, method, _ in operations(spec)}
    routes = {
        (method, template(rule.rule))
        for rule in office.app.url_map.iter_rules()
        if rule.rule.startswith(PREFIX)
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert routes == documented


def test_every_operation_says_what_it_does_and_how_it_refuses(spec):
    for path, method, operation in operations(spec):
        assert operation.get("summary"), (method, path)
        refusal = operation["responses"]["default"]["content"]
        assert list(refusal) == ["application/problem+json"], (method, path)


def test_every_schema_of_the_spec_is_a_json_schema(spec):
    for name, schema in spec["components"]["schemas"].items():
        jsonschema_rs.validator_for({"$ref": f"#/components/schemas/{name}", "components": spec["components"]})
        assert schema


def test_the_roles_of_the_spec_are_those_of_the_table(office, spec):
    for rule in office.app.url_map.iter_rules():
        if not rule.rule.startswith(PREFIX):
            continue
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            path = re.sub(r"<(?:[^<>:]+:)?([^<>]+)>", r"{\1}", rule.rule)
            operation = spec["paths"][path][method.lower()]
            row = access_of(method, rule)
            assert set(operation.get("x-roles", {})) == set(row.admitted), (method, path)
            assert (operation.get("security") == []) == row.public


def test_the_docs_page_takes_everything_from_this_host(office):
    client = office.app.test_client()
    with client.get("/api/docs") as page:
        assert page.status_code == 200
        assert "default-src 'self'" in page.headers["Content-Security-Policy"]
        addresses = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert addresses
    for address in addresses:
        assert address.startswith("/api/")
        with client.get(address) as answer:
            assert answer.status_code == 200, address
            assert not address.endswith("docs.js") or "http" not in answer.text


def test_only_the_page_s_own_files_are_sent(office):
    client = office.app.test_client()
    assert set(ASSETS) >= {"docs.js"}
    for name in ("docs.html", "../access.py", "index.css", "..%2faccess.py"):
        assert client.get(f"/api/docs/{name}").status_code == 404
