"""A file of institutions: checked, written, left as it is the second time, refused whole when a cell is wrong."""

import pytest
from import_world import HOSPITALS, counts, imported, service_on

from scoring_service.services.registry.institutions import list_institutions


@pytest.fixture
def service(fresh_engine):
    return service_on(fresh_engine)


def on_record(service):
    with service.work() as work:
        return {each.code: each for each in list_institutions(work, limit=200, after=None)[0]}


def test_a_dry_run_writes_nothing_and_the_same_file_twice_changes_nothing(service):
    dry = imported(service, "institutions", HOSPITALS, dry_run=True)
    assert (dry.state, counts(dry), on_record(service)) == ("checked", (3, 0, 0, 0), {})
    done = imported(service, "institutions", HOSPITALS)
    assert (done.state, counts(done), done.errors) == ("done", (3, 0, 0, 0), ())
    written = on_record(service)
    assert written["H15040300002"].agreements[0].until.isoformat() == "2026-01-01"
    again = imported(service, "institutions", HOSPITALS)
    assert (again.state, counts(again)) == ("done", (0, 0, 3, 0))
    assert on_record(service) == written


def test_what_differs_is_changed(service):
    imported(service, "institutions", HOSPITALS)
    renamed = [list(row) for row in HOSPITALS]
    renamed[1][1], renamed[1][4] = "赤峰市中心医院", "2025-09-30"
    done = imported(service, "institutions", renamed)
    assert (done.state, counts(done)) == ("done", (0, 1, 2, 0))
    changed = on_record(service)["H15040200001"]
    assert (changed.name, changed.agreements[0].until.isoformat()) == ("赤峰市中心医院", "2025-10-01")


def test_every_wrong_cell_is_told_and_nothing_is_written(service):
    wrong = [
        ["赤峰市定点医药机构名册"],
        ["机构代码*", "机构名称（必填）", "行政区划", "协议开始日期", "协议截止日期", "联系人"],
        ["H1504020000", "甲", "150402", "", "", "王"],
        ["H15040200001", "", "15040", "2025-13-01", "", ""],
        ["H15040200002", "乙", "150402", "2025-05-01", "2025-04-30", ""],
        ["H15040200002", "丙", "150402", "2025-05-01", "", ""],
    ]
    done = imported(service, "institutions", wrong)
    assert (done.state, counts(done), on_record(service)) == ("refused", (0, 0, 0, 4), {})
    assert [(fault.row, fault.column, fault.value) for fault in done.errors] == [
        (3, "A", "H1504020000"),
        (4, "B", ""),
        (4, "C", "15040"),
        (4, "D", "2025-13-01"),
        (5, "E", "2025-04-30"),
        (6, "B", "丙"),
    ]
    assert [(fault.row, fault.column) for fault in done.warnings] == [(2, "F")]
