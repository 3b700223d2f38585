"""docs/contract.md says what the service answers, no more and no less, and what is announced is not there yet."""

import json
import re
from pathlib import Path

import click
import pytest
from api.api_office import settings_for_tests
from contract_reading import (
    CALL,
    KEY,
    VALUE,
    answer_names,
    command_of,
    parameter_names,
    request_names,
    section,
    template,
)
from database_addresses import application_engine

import scoring_service
from scoring_service.api.pipeline.access import OPEN, PREFIX
from scoring_service.app import create_app
from scoring_service.cli import group
from scoring_service.core.procedure import NoticeKind
from scoring_service.runtime.assembly import make_service

BODY, ANNOUNCED = section("body"), section("Announced")


@pytest.fixture(scope="module")
def app(committed_url):
    settings = settings_for_tests()
    engine = application_engine(committed_url)
    yield create_app(settings, make_service(settings, engine))
    engine.dispose()


@pytest.fixture(scope="module")
def sources():
    return "\n".join(path.read_text(encoding="utf-8") for path in Path(scoring_service.__file__).parent.rglob("*.py"))


@pytest.fixture(scope="module")
def spec(app):
    return app.test_client().get("/api/openapi.json").json


@pytest.fixture(scope="module")
def operations(spec):
    """Every operation of the API by its method and the shape of its path below the base."""
    return {
        (method.upper(), template(path.removeprefix(PREFIX))): operation
        for path, methods in spec["paths"].items()
        for method, operation in methods.items()
        if method in {"get", "post", "put", "patch", "delete"}
    }


@pytest.fixture(scope="module")
def routes(operations):
    return set(operations) | {("GET", template(path)) for path in OPEN}


def calls(text):
    return [(match["method"], template(match["path"])) for match in CALL.finditer(text)]


def test_every_route_of_the_body_is_answered(routes):
    assert len(calls(BODY)) > 90
    assert set(calls(BODY)) - routes == set()


def test_every_route_is_named(operations):
    assert set(operations) - set(calls(BODY)) == set()


def test_no_announced_route_is_answered_yet(routes):
    announced = set(calls(section("Routes")))
    assert len(announced) > 10
    assert announced & routes == set()
    assert announced & set(calls(BODY)) == set()


def test_requests_are_written_as_the_service_takes_them(spec, operations):
    strays = [
        (*call, name)
        for match in CALL.finditer(BODY)
        if (call := (match["method"], template(match["path"]))) in operations and call != ("POST", "/eligibility/batch")
        for name in asked_of(match) - request_names(spec, operations[call])
    ]
    assert strays == []


def asked_of(match):
    """The parameters, fields and values that a call is written with."""
    body = match["body"] or ""
    return {*re.findall(r"[?&](\w+)=", match["query"] or ""), *KEY.findall(body), *VALUE.findall(body)}


def test_answers_are_written_as_the_service_gives_them(spec, operations):
    written = [
        (call, set(KEY.findall(match["answer"])))
        for match in CALL.finditer(BODY)
        if match["answer"] and (call := (match["method"], template(match["path"]))) in operations
    ]
    assert len(written) > 8
    strays = {call: names - answer_names(spec, operations[call]) for call, names in written}
    assert {call: names for call, names in strays.items() if names} == {}


def test_the_standing_is_told_as_printed(spec, operations):
    [printed] = re.findall(r"```json\n(.*?)```", BODY, re.DOTALL)
    json.loads(printed)
    named = set(re.findall(r'"(\w+)":', printed))
    assert named - answer_names(spec, operations["GET", template("/practitioners/{ref}/standing")]) == set()


def test_no_announced_field_is_there_yet(spec, operations):
    rows = re.findall(r"^\| `(\w+) (\S+)` \| (.*?) \|", section("Parameters and fields of routes that answer already"), re.MULTILINE)
    assert len(rows) > 2
    for method, path, names in rows:
        operation = operations[method, template(path)]
        assert set(re.findall(r"`\?(\w+)`", names)) & parameter_names(spec, operation) == set(), (method, path)
        there = request_names(spec, operation) | answer_names(spec, operation)
        assert set(re.findall(r"`(\w+)`", names)) & there == set(), (method, path)


def test_every_kind_of_notice_is_named():
    [kinds] = re.findall(r"^- Kinds: (.*?)\.(?: |$)", BODY, re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", kinds)) == set(NoticeKind)


def test_every_refusal_of_the_body_has_its_code_in_the_service(sources):
    lists = re.findall(r"\b40[39] ((?:`\w+`(?: \([^)]*\))?(?:, )?)+)", BODY)
    codes = {code for codes in lists for code in re.findall(r"`(\w+)`", codes) if not code.endswith("_state")}
    assert len(codes) > 20
    assert {code for code in codes if f'"{code}"' not in sources} == set()


def commands(text):
    return {words: options for match in re.findall(r"`scoring-service ([^`]+)`", text) for words, options in [command_of(match)]}


def test_every_command_of_the_body_is_there_with_its_options():
    written = commands(BODY)
    assert set(written) == set(present_commands(group))
    for words, options in written.items():
        there = {option for parameter in present_commands(group)[words].params for option in parameter.opts}
        assert options <= there, words


def test_no_announced_command_is_there_yet():
    announced = set(commands(section("Commands", within=ANNOUNCED)))
    assert announced
    assert announced & set(present_commands(group)) == set()


def present_commands(parent, before=()):
    """Every command by its words, those of a group one by one."""
    there = {}
    for name, command in parent.commands.items():
        words = (*before, name)
        there |= present_commands(command, words) if isinstance(command, click.Group) else {words: command}
    return there
