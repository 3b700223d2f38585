"""Lists as files: every row of every page, typed and headed, each person looked at on record, the export once."""

import csv
import io
import threading

import openpyxl
import pytest

from scoring_service.api.pipeline import exports
from scoring_service.api.pipeline.negotiation import form_asked, language_asked
from scoring_service.api.tables.columns import Language
from scoring_service.api.tables.lists import LISTS
from scoring_service.services.imports.kinds import KINDS
from scoring_service.services.record import exports as making
from scoring_service.workbooks.writing import MEDIA_TYPES, Form

CSV, XLSX = MEDIA_TYPES[Form.CSV], MEDIA_TYPES[Form.XLSX]


def exported(client, path, accept=CSV, **headers):
    answer = client.get(path, headers={"Accept": accept} | headers)
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == accept
    assert {"Accept", "Accept-Language"} <= set(answer.vary)
    return answer


def lines(answer):
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


@pytest.fixture(scope="module")
def clinic(office):
    """An institution with five people, one of whom is called like a formula."""
    code = office.institution()
    for name in ("=王一", "李二", "𠮷三", "巴特尔·四", "赵五"):
        office.practitioner(code, name=name)
    return code


def test_the_whole_list_comes_whatever_the_page(client_for, clinic, monkeypatch):
    monkeypatch.setattr(exports, "PAGE_ROWS", 2)
    clerk = client_for("office.clerk")
    rows = lines(exported(clerk, f"/practitioners?institution={clinic}&limit=1"))
    assert {row["姓名 / name"] for row in rows} == {"'=王一", "李二", "𠮷三", "巴特尔·四", "赵五"}
    assert {row["档案状态 / status"] for row in rows} == {"normal"}
    assert {row["执业机构代码 / institutions"] for row in rows} == {clinic}


def test_a_workbook_has_types_words_and_a_name(client_for, clinic):
    clerk = client_for("office.clerk")
    answer = exported(clerk, f"/practitioners?institution={clinic}", XLSX, **{"Accept-Language": "zh-CN,en;q=0.5"})
    assert answer.headers["Content-Disposition"] == "attachment; filename=practitioners-2025-06-02.xlsx"
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data))["相关人员"]
    head, *rows = sheet.iter_rows(values_only=True)
    people = [dict(zip(head, row, strict=True)) for row in rows]
    assert {row["姓名"] for row in people} == {"=王一", "李二", "𠮷三", "巴特尔·四", "赵五"}
    assert {(row["人员类别"], row["档案状态"], row["本年记分"]) for row in people} == {("医师", "正常", 0)}


def test_an_export_is_on_record_once_and_each_person_looked_at(client_for, clinic):
    clerk, auditor = client_for("office.clerk"), client_for("office.auditor")
    exported(clerk, f"/practitioners?institution={clinic}")
    [export] = auditor.get(f"/audit?staff_no={clerk.staff_no}&action=export").json["items"]
    assert export["object_kind"] == "practitioners"
    assert export["detail"] == {
        "path": "/api/v1/practitioners", "filters": {"institution": clinic}, "form": "csv", "rows": 5,
    }  # fmt: skip
    looks = auditor.get(f"/audit?staff_no={clerk.staff_no}&action=look").json["items"]
    assert len({look["practitioner"] for look in looks}) == len(looks) == 5


def test_whom_a_row_is_about_is_named_beside_the_reference(client_for, clinic, office):
    admin = client_for("office.admin")
    person = office.practitioner(clinic, name="周六")
    wrong = {"kind": "affiliation", "number": 2, "from": "2020-02-01", "reason": "录入有误"}
    assert admin.post(f"/practitioners/{person['id']}/registry-corrections", wrong).status_code == 201
    [row] = [row for row in lines(exported(admin, "/registry-corrections")) if person["id"] in row.values()]
    assert (row["人员代码 / practitioner.code"], row["人员姓名 / practitioner.name"]) == (person["code"], "周六")


def test_events_go_on_to_the_last(client_for, monkeypatch):
    monkeypatch.setattr(exports, "PAGE_ROWS", 2)
    clerk = client_for("office.clerk")
    rows = lines(exported(clerk, "/events"))
    assert [int(row["号 / number"]) for row in rows] == sorted(int(row["号 / number"]) for row in rows)
    assert len(rows) > 4


def test_more_at_once_than_there_is_room_for_are_asked_to_come_back(client_for, monkeypatch):
    monkeypatch.setattr(making, "WAIT_SECONDS", 0)
    monkeypatch.setattr(making, "_places", threading.BoundedSemaphore(1))
    clerk = client_for("office.clerk")
    with making._place():
        answer = clerk.get("/cases", headers={"Accept": CSV})
    assert (answer.status_code, answer.json["code"]) == (503, "exports_busy")
    assert int(answer.headers["Retry-After"]) > 0
    exported(clerk, "/cases")


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        (None, None),
        ("*/*", None),
        ("text/html,application/xhtml+xml,*/*;q=0.8", None),
        ("application/json;q=0.5, text/csv;q=0.4", None),
        ("text/csv;q=0, */*", None),
        ("application/*", None),
        ("application/pdf", None),
        ("text/csv", Form.CSV),
        ("TEXT/CSV; charset=utf-8", Form.CSV),
        ("text/*", Form.CSV),
        ("text/csv, */*", Form.CSV),
        ("text/csv;q=0.5, application/json;q=0.4", Form.CSV),
        (f"{XLSX}, text/csv;q=0.9", Form.XLSX),
    ],
)
def test_the_preferred_form_is_given(app, accept, form):
    with app.test_request_context(headers={"Accept": accept} if accept else {}):
        assert form_asked() == form


@pytest.mark.parametrize(
    ("named", "language"),
    [(None, None), ("*", None), ("fr", None), ("zh-CN,zh;q=0.9,en;q=0.8", Language.CHINESE), ("en-GB", Language.ENGLISH)],
)
def test_words_are_of_the_language_that_is_named(app, named, language):
    with app.test_request_context(headers={"Accept-Language": named} if named else {}):
        assert language_asked() == language


def test_every_column_of_every_list_has_a_heading_in_both_languages():
    columns = [(name, column) for name, table in LISTS.items() for column in table.columns]
    assert [(name, column.path) for name, column in columns if column.called is None] == []
    for table in LISTS.values():
        for language in Language:
            headings = [column.heading(language) for column in table.columns]
            assert len(set(headings)) == len(headings), table.name


def test_a_code_of_the_scheme_is_told_in_words():
    wordless = [
        (name, ".".join(column.path))
        for name, table in LISTS.items()
        for column in table.columns
        if column.path[-1] in {"state", "effect", "status"} and not column.words
    ]
    assert wordless == []
    assert LISTS["registration-requests"].words["kind"]
    assert set(LISTS["imports"].words["kind"]) == set(KINDS)
