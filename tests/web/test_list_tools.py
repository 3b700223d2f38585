"""Every list over HTTP: each field that it declares narrows and sorts as plain Python does over the whole answer."""

import csv
import io
import re
from datetime import date, datetime, timedelta

import pytest
from looks_world import make_world

from scoring_service.core.rulebook import Degree
from scoring_service.services.appeals.appeal_fields import APPEAL_FIELDS
from scoring_service.services.cases.case_fields import CASE_FIELDS
from scoring_service.services.notices.notice_fields import NOTICE_FIELDS
from scoring_service.services.proposals.kinds import KINDS
from scoring_service.services.proposals.registration_requests import REQUEST
from scoring_service.services.proposals.resumption_reading import RESUMPTION
from scoring_service.services.registry.list_fields import INSTITUTION_FIELDS, PEOPLE_FIELDS
from scoring_service.services.unit_of_work.fields import FieldKind, parameters, sorts

LISTS = {
    "/cases": CASE_FIELDS,
    "/notices": NOTICE_FIELDS,
    "/appeals": APPEAL_FIELDS,
    "/remediation/applications": KINDS["remediation"].kind.fields,
    "/resumptions": RESUMPTION.fields,
    "/practitioners": PEOPLE_FIELDS,
    "/institutions": INSTITUTION_FIELDS,
    "/corrections": KINDS["corrections"].kind.fields,
    "/liftings": KINDS["liftings"].kind.fields,
    "/reregistrations": KINDS["reregistrations"].kind.fields,
    "/merges": KINDS["merges"].kind.fields,
    "/registry-corrections": KINDS["registry"].kind.fields,
    "/registration-requests": REQUEST.fields,
}
# What is asked for by more than the answer of a list says; such a filter leaves no more than there was.
BEHIND = {"due", "mine", "case_institution"}
PLACES = {
    (path, name)
    for path in ("/notices", "/practitioners", "/appeals", "/remediation/applications", "/resumptions")
    for name in ("institution", "region")
} | {("/cases", name) for name in ("item", "degree", "category")}
OTHERS = ("clinic", "doctor", "expert")
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def world(module_engine):
    return make_world(module_engine)


def items(world, path, username="reviewer", **query):
    asked = "&".join(f"{name}={value}" for name, value in {"limit": 200, **query}.items())
    answer = world.call(username, "GET", f"{path}?{asked}")
    assert answer.status_code == 200, (path, query, answer.text)
    return answer.json["items"]


def value_of(item, name):
    if name == "points":
        return item[name] or None  # Who has none this year has no total to stand by.
    for part in name.split("."):
        item = item.get(part)
    return item


def key_of(path, item):
    return item["code" if path == "/institutions" else "id"]


def day_of(value):
    return None if value is None else date.fromisoformat(value[:10]) if len(value) == 10 else datetime.fromisoformat(value).date()


def in_order(path, rows, sort):
    name = sort.removeprefix("-")
    falls = sort != name
    having = sorted(
        (row for row in rows if value_of(row, name) is not None), key=lambda row: (value_of(row, name), key_of(path, row)), reverse=falls
    )
    lacking = sorted((row for row in rows if value_of(row, name) is None), key=lambda row: key_of(path, row), reverse=falls)
    return having + lacking


def keys(path, rows):
    return [key_of(path, row) for row in rows]


def test_every_field_sorts_as_plain_python_does(world):
    wrong, tried = [], 0
    for path, fields in LISTS.items():
        whole = items(world, path)
        for sort in sorts(fields):
            if sort.removeprefix("-") in BEHIND:
                continue
            tried += len(whole)
            if keys(path, items(world, path, sort=sort)) != keys(path, in_order(path, whole, sort)):
                wrong.append((path, sort))
    assert wrong == []
    assert tried > 300


def test_every_field_narrows_as_plain_python_does(world):
    wrong, narrower = [], 0
    for path, fields in LISTS.items():
        whole = items(world, path)
        for parameter, name, _bound in parameters(fields):
            behind = name in BEHIND or (path, name) in PLACES
            for value, fitting in () if behind else questions(fields[name], whole, parameter, name):
                shown = keys(path, items(world, path, **{parameter: value}))
                narrower += len(shown) < len(whole)
                if shown != keys(path, fitting):
                    wrong.append((path, parameter, value))
    assert wrong == []
    assert narrower > 60


def questions(field, whole, parameter, name):
    """What a list is asked for by one parameter, each with the rows that fit."""
    kind, having = field.kind, [row for row in whole if value_of(row, name) is not None]
    if parameter != name:
        for day in {day_of(value_of(row, name)) + shift for row in having[:2] for shift in (0 * DAY, DAY)}:
            yield day, [row for row in having if (day_of(value_of(row, name)) >= day) is (parameter.endswith("_from"))]
    elif kind is FieldKind.FLAG:
        for value in (True, False):
            yield str(value).lower(), [row for row in whole if value_of(row, name) is value]
    elif kind is FieldKind.DIVISION:
        for start in ("15", "1504", "37", "%"):
            yield start.replace("%", "%25"), [row for row in whole if value_of(row, name).startswith(start)]
    else:
        for value in field.choices or {value_of(row, name) for row in having}:
            yield value, [row for row in whole if value_of(row, name) == value]


def test_nobody_finds_more_by_a_filter_an_order_a_total_or_a_file(world):
    """Every role, with what reaches behind the answer: whatever is asked, it is some of what is shown anyway."""
    code, tried = world.ids["institution"], 0
    values = {"due": ("week",), "mine": ("false",), "institution": (code,), "region": ("37",)}
    for username in OTHERS:
        for path, fields in LISTS.items():
            if world.call(username, "GET", path).status_code == 403:
                continue
            whole = keys(path, items(world, path, username))
            asked = [{name: value} for name in (*values, "case_institution") if name in fields for value in values.get(name, (code,))]
            for query in [{"sort": sorts(fields)[-1]}, *asked]:
                answer = world.call(username, "GET", f"{path}?limit=200&total=true&" + "&".join(f"{name}={each}" for name, each in query.items()))
                shown = keys(path, answer.json["items"])
                tried += 1
                assert set(shown) <= set(whole), (username, path, query)
                assert (answer.json["total"], answer.json["total_is_exact"]) == (len(shown), True), (username, path, query)
    assert tried > 60
    former = keys("/resumptions", items(world, "/resumptions", "clinic", institution="H37010200001"))
    assert former == [], "where somebody works now is not for a former employer to find out"


def test_a_case_is_found_by_any_of_its_findings(world):
    cases = {row["id"]: world.call("reviewer", "GET", f"/cases/{row['id']}").json for row in items(world, "/cases")}
    charged = {finding["item"] for whole in cases.values() for finding in whole["findings"]}
    for name, values in {"item": {*charged, "certificate_revoked"}, "degree": {*Degree}}.items():
        of_case = {case: {finding[name] for finding in whole["findings"]} for case, whole in cases.items()}
        shown = {value: {row["id"] for row in items(world, "/cases", **{name: value})} for value in values}
        assert shown == {value: {case for case, own in of_case.items() if value in own} for value in values}
        assert set() < {case for each in shown.values() for case in each} <= set(cases)
        assert any(len(each) < len(cases) for each in shown.values())
    doctors, principals = (items(world, "/cases", category=each) for each in ("doctor", "pharmacy_principal"))
    assert doctors
    assert len(principals) < len(cases)


def test_a_file_holds_what_is_asked_for_in_its_order(world):
    token = world.tokens["reviewer"]
    client = world.console.app.test_client()
    for path, query in (("/cases", "state=approved&sort=-handling.document_no"), ("/appeals", "sort=filed_at&due=overdue"), ("/practitioners", "sort=-name")):
        shown = world.call("reviewer", "GET", f"{path}?limit=200&{query}").json["items"]
        file = client.get(f"/api/v1{path}?{query}", headers={"Authorization": f"Bearer {token}", "Accept": "text/csv"})
        rows = list(csv.DictReader(io.StringIO(file.get_data().decode("utf-8-sig"))))
        column = next(name for name in rows[0] if re.search(r"\bid\b", name)) if rows else ""
        assert [row[column] for row in rows] == [row["id"] for row in shown], path


def test_pages_under_any_order_are_the_list_and_tell_no_name(world):
    whole = items(world, "/practitioners", sort="name")
    cursor, paged = "", []
    while cursor is not None:
        page = world.call("reviewer", "GET", f"/practitioners?limit=2&sort=name{cursor and '&cursor=' + cursor}").json
        paged += page["items"]
        cursor = page["next_cursor"]
    assert keys("/practitioners", paged) == keys("/practitioners", whole)
    later = world.call("reviewer", "GET", "/practitioners?limit=1&sort=name").json["next_cursor"]
    other = world.call("reviewer", "GET", f"/practitioners?limit=1&sort=code&cursor={later}")
    assert (other.status_code, other.json["code"]) == (400, "invalid_cursor")


REFUSED = [
    ("/cases?sort=colour", "/query/sort", "institution_name"),
    ("/cases?sort=-mine", "/query/sort", "-changed_at"),
    ("/appeals?due_on_from=2025-06-02&due_on_until=2025-06-02", "/query/due_on_until", "must be after"),
    ("/cases?handling.decided_on_from=2025-06-02&handling.decided_on_until=2025-06-01", "/query/handling.decided_on_until", "must be after"),
    ("/cases?due=someday", "/query/due", "overdue"),
    ("/resumptions?filed_at_from=yesterday", "/query/filed_at_from", "2025-01-31"),
    ("/institutions?kind=bakery", "/query/kind", "pharmacy"),
]


@pytest.mark.parametrize(("path", "pointer", "told"), REFUSED)
def test_a_question_that_makes_no_sense_is_told_at_its_parameter(world, path, pointer, told):
    answer = world.call("reviewer", "GET", path)
    assert answer.status_code == 422
    [fault] = answer.json["errors"]
    assert fault["pointer"] == pointer
    assert told in fault["detail"]
