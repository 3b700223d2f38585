"""Every cell of route x role x relation, over the API and the console, with real people and things (contract.md, Roles)."""

import csv
import io
import re
import sys
from collections import Counter

import pytest
from api_office import make_office, make_test_service
from reach_pages import pages
from reach_routes import routes, rules, upload
from reach_world import World

from scoring_service.api.pipeline.access import ROWS
from scoring_service.services.accounts.sessions import open_session_of
from scoring_service.web.frame.pages import ACCESS
from scoring_service.web.frame.session import COOKIE

NOTHING = "没有"


@pytest.fixture(scope="module")
def world(module_engine):
    office = make_office(make_test_service(module_engine))
    world = World(office)
    world.ids["pharmacy"] = office.institution("pharmacy")
    return world


@pytest.fixture(scope="module")
def declared(world):
    return routes(world.ids)


def test_every_route_has_its_cells(declared):
    assert set(declared) == {f"{row.method} {row.path}" for row in ROWS if not row.public}


def called(client, key, call, letter):
    method, path = key.split(" ")
    named = {"ref": call["ref"], "n": "1"} | {
        name: call[name] for name in ("id", "code", "name", "kind") if name in call
    }
    path = re.sub(r"\{(\w+)\}", lambda found: str(named[found[1]]), path)
    how = {name: call[name] for name in ("headers",) if name in call}
    if call.get("json") is not None:
        how["json"] = call["json"]
    if call.get("file_as"):
        filed_by = {"i": "institution", "p": "practitioner"}.get(letter, "practitioner")
        how["json"] = call["json"] | {"filed_by": filed_by, "received_on": "2030-01-01"}
    if call.get("file"):
        how["data"] = upload()
    return client.open(method, path, query_string=call.get("query", {}), **how)


def verdict(response, call):
    status, told = (
        response.status_code,
        response.json if response.data and (response.is_json or "json" in (response.mimetype or "")) else {},
    )
    if status == 404:
        return "?"
    if status == 403:
        return "-" if told["code"] == "forbidden" else "x"
    if status == 422 and any(fault["detail"].startswith(NOTHING) for fault in told.get("errors", ())):
        return "?"
    assert status < 500, response.text
    assert status not in {400, 401, 405, 429}, response.text
    if call.get("judged"):
        return "?" if "unknown_practitioner" in response.text else "+"
    return "?" if "finds" in call and call["finds"] not in response.text else "+"


def expected(rule, roles, letter, relation, call):
    if letter not in roles:
        return "-"
    verdict = call.get("but", {}).get(letter, rule[relation])
    return rules()[verdict][relation] if verdict in rules() else verdict


def test_every_cell_of_route_role_and_relation(world, declared, capsys):
    table, tried, wrong = rules(), Counter(), []
    for key, (roles, rule, call) in declared.items():
        for (letter, relation), client in world.callers.items():
            wanted = expected(table[rule], roles, letter, relation, call)
            if call.get("skip") and wanted == "+":
                continue
            response = called(client, key, call | {"ref": world.mover}, letter)
            found = verdict(response, call)
            tried[found] += 1
            if found != wanted:
                wrong.append(
                    f"{key} as {letter} {relation}: {found}, not {wanted}: {response.status_code} {response.text[:160]}"
                )
    with capsys.disabled():
        sys.stdout.write(f"\nroute x role x relation over the API: {tried.total()} cells, {dict(tried)}\n")
    assert not wrong, "\n".join(wrong)


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Reading these adds to them.
GROWING = ("GET /audit", "GET /practitioners/{ref}/access-log")

LISTENERS = (("u", "unbound"), ("i", "former"))


def rows_of_csv(response):
    return list(csv.reader(io.StringIO(response.data.decode("utf-8-sig"))))


def shown_and_exported(world, key, call, place):
    """The items of a list as JSON, and the rows of it as CSV; None for what is no list to this caller."""
    call = call | {"ref": world.mover}
    shown = called(world.callers[place], key, call, place[0])
    if "json" not in shown.mimetype or "items" not in shown.json:
        return None
    table = called(world.callers[place], key, call | {"headers": {"Accept": "text/csv"}}, place[0])
    assert table.mimetype == "text/csv", f"{key} is not exported"
    return len(shown.json["items"]), len(rows_of_csv(table)) - 1


def test_every_list_is_exported_to_whom_it_is_shown(world, declared):
    """Whatever lists answers as CSV with as many rows as it has items, in the sight of who asks."""
    lists = set()
    for key, (_roles, _rule, call) in declared.items():
        asks = key.startswith("GET ") or key in {"POST /practitioners/search", "POST /search"}
        for place in LISTENERS if asks else ():
            counts = shown_and_exported(world, key, call, place)
            if counts is not None:
                assert counts[0] == counts[1] or (key in GROWING and counts[0] < counts[1]), (key, place)
                lists.add(re.sub(r"\{\w+\}", "{}", key))
    of_spec = {
        re.sub(r"\{\w+\}", "{}", f"{method.upper()} {path.removeprefix('/api/v1')}")
        for path, operations in world.office.app.test_client().get("/api/openapi.json").json["paths"].items()
        for method, operation in operations.items()
        if method != "parameters" and XLSX in operation["responses"].get("200", {}).get("content", {})
    }
    # As files these are reports, no lists.
    assert lists == of_spec - {"GET /statistics", "GET /statistics/reports/{}"}


def orders_of(world, declared):
    """The last order of each list that sorts, by its route as it is declared, whatever its parameters are called."""
    paths = world.office.app.test_client().get("/api/openapi.json").json["paths"]
    keys = {re.sub(r"\{\w+\}", "{}", key): key for key in declared}
    return {
        keys[re.sub(r"\{\w+\}", "{}", f"GET {path.removeprefix('/api/v1')}")]: parameter["schema"]["enum"][-1]
        for path, operations in paths.items()
        for parameter in operations.get("get", {}).get("parameters", ())
        if parameter["name"] == "sort"
    }


def test_nobody_reaches_more_by_an_order_or_a_total(world, declared):
    """Sorted and counted, a list holds for each caller what it holds without; what is out of sight is not counted."""
    table, orders, wrong = rules(), orders_of(world, declared), []
    assert len(orders) == 15
    for key, order in orders.items():
        roles, rule, call = declared[key]
        asked = call | {"ref": world.mover, "query": {**call.get("query", {}), "sort": order, "total": "true", "limit": 200}}
        for (letter, relation), client in world.callers.items():
            response = called(client, key, asked, letter)
            wanted, found = expected(table[rule], roles, letter, relation, call), verdict(response, asked)
            if found != wanted or (response.status_code == 200 and response.json["total"] != len(response.json["items"])):
                wrong.append(f"{key} as {letter} {relation}: {found}, not {wanted}: {response.text[:160]}")
    assert not wrong, "\n".join(wrong)


TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@pytest.fixture(scope="module")
def browsers(world):
    """A browser for each caller, signed in, with the token of its forms."""
    return {place: browser(world, client) for place, client in world.callers.items()}


def browser(world, client):
    username = client.get("/auth/me").json["username"]
    opened = world.office.app.test_client()
    opened.set_cookie(COOKIE, open_session_of(world.office.service, username).value)
    return opened, TOKEN.search(opened.get("/account").text)[1]


def test_every_page_has_its_cells(world):
    rules_of = world.office.app.url_map.iter_rules()
    shown = {
        f"{method} {rule.rule}"
        for rule in rules_of
        if ACCESS.get(rule.endpoint)
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert set(pages(world.ids)) == shown


def opened(place, key, call):
    (client, token), (method, path) = place, key.split(" ")
    path = re.sub(r"<(\w+)>", lambda found: str(call[found[1]]), path)
    if method == "GET":
        return client.get(path, query_string=call.get("query", {}))
    fields = {"csrf_token": token} | call.get("form", {}) | (upload() if call.get("file") else {})
    response = client.post(path, data=fields)
    asks = "finds" in call or "nobody" in call
    return client.get(response.location) if asks and response.status_code == 303 else response


def seen(response, call):
    status = response.status_code
    if status in {403, 404}:
        return {403: "x", 404: "?"}[status]
    assert status in {200, 303, 409, 412, 415, 422}, (status, response.text[:400])
    if call.get("nobody"):
        return "?" if call["nobody"] in response.text else "+"
    return "?" if "finds" in call and call["finds"] not in response.text else "+"


def test_every_cell_of_page_role_and_relation(world, browsers, capsys):
    table, tried, wrong = rules(), Counter(), []
    for key, (roles, rule, call) in pages(world.ids).items():
        for (letter, relation), place in browsers.items():
            wanted = expected(table[rule], roles, letter, relation, call)
            if wanted == "+" and (call.get("skip") or letter in call.get("skip_for", "")):
                continue
            response = opened(place, key, call | {"ref": world.mover})
            found = seen(response, call)
            tried[found] += 1
            if found != wanted.replace("-", "x"):
                wrong.append(f"{key} as {letter} {relation}: {found}, not {wanted}: {response.status_code}")
    with capsys.disabled():
        sys.stdout.write(f"\npage x role x relation in the console: {tried.total()} cells, {dict(tried)}\n")
    assert not wrong, "\n".join(wrong)
