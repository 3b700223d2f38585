"""Cases of earlier years by file: two people's act, on record with their names, and back again as they were."""

from datetime import date

import pytest
from backfill_world import (
    CODES,
    NUMBER,
    brought,
    case_row,
    committed,
    exported,
    office,
    standings,
    table,
)
from import_world import counts, imported, service_on
from sqlalchemy import func, select

from scoring_service.db.tables import cases, entries, notices
from scoring_service.problems import Forbidden
from scoring_service.workbooks.writing import Form

DAYS = (date(2025, 3, 13), date(2025, 4, 20), date(2025, 6, 2))
SINCE = {"更正后记分": 3, "更正日": "2025-04-01", "更正依据": "申诉决定", "更正文书号": "赤申〔2025〕1号"}
ROWS = [
    case_row(1, "2025-03-12", CODES[0], 9, "settling_in_anothers_name", 姓名="医师1"),
    case_row(1, "", NUMBER, 5, "过度诊疗"),
    case_row(2, "2025-03-13", CODES[1], 9, "settling_in_anothers_name", **SINCE),
    case_row(3, "2025-03-14", CODES[2], "", 机构措施="中止医保服务协议", 措施起始日="2025-03-15", 措施解除日="2025-05-01"),
]


@pytest.fixture
def service(fresh_engine):
    return office(service_on(fresh_engine))


def count(service, table, *conditions):
    with service.engine.connect() as conn:
        return conn.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one()


def test_a_clerk_brings_earlier_cases_and_an_administrator_lets_them_be(service):
    checked = brought(service, "cases", table(ROWS))
    assert [(each.row, each.column, each.expected) for each in checked.errors] == []
    assert (checked.state, counts(checked)) == ("checked", (4, 0, 0, 0))
    with pytest.raises(Forbidden):
        committed(service, checked.id, "clerk")
    done = committed(service, checked.id, "admin")
    assert (done.state, counts(done)) == ("done", (4, 0, 0, 0)), done.error
    assert count(service, cases, cases.c.state == "approved") == 3
    assert count(service, notices) == 0
    now = standings(service, *DAYS)
    assert [each[2] for each in now["医师1"]] == ["suspended", "suspended", "normal"]
    assert [each[0] for each in now["医师2"]] == [3, 3, 3]
    assert [each[2] for each in now["医师3"]] == ["normal", "suspended", "normal"]
    again = imported(service, "cases", table(ROWS))
    assert (again.state, counts(again), count(service, entries)) == ("done", (0, 0, 4, 0), 6)


def test_what_is_wrong_is_told_at_its_cell_and_nothing_is_written(service):
    wrong = [
        case_row(1, "2025-03-12", CODES[0], 9, "settling_in_anothers_name", 姓名="李四"),
        case_row(2, "2025-03-01", CODES[1], 5),
        case_row(3, "2025-03-12", "D150402999999", 5),
        case_row(4, "2025-03-12", CODES[2], 13),
        case_row(5, "2025-03-12", CODES[3], 5, "闻所未闻"),
        case_row(6, "2025-03-12", CODES[4], 12),
        {**case_row(7, "2025-03-12", CODES[4], 5), "处理方式": ""},
    ]
    refused = imported(service, "cases", table(wrong))
    cells = [(each.row, each.column) for each in refused.errors]
    assert refused.state == "refused"
    assert cells == [(2, "H"), (3, "F"), (4, "G"), (5, "K"), (6, "I"), (7, None), (8, "B")]
    assert count(service, cases) == 0


def test_an_export_reads_back_as_it_was(service, fresh_engine, other_service):
    imported(service, "cases", table(ROWS))
    carried = imported(other_service, "cases", exported(service, "cases"), filename="cases.xlsx")
    assert (carried.state, counts(carried)) == ("done", (4, 0, 0, 0)), carried.error
    assert standings(other_service, *DAYS) == standings(service, *DAYS)
    assert exported(other_service, "cases", Form.CSV) == exported(service, "cases", Form.CSV)


@pytest.fixture
def other_service(module_engine):
    return office(service_on(module_engine))
