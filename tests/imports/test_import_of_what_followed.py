"""What followed cases, by file: credits and ways back of earlier days, open applications, findings, receipts."""

from datetime import date, datetime

import pytest
from backfill_world import (
    CODES,
    HOSPITAL,
    acting,
    brought,
    case_row,
    committed,
    exported,
    office,
    standings,
    table,
)
from import_world import counts, imported, service_on
from sqlalchemy import select, update

from scoring_service.core.civil import CIVIL_ZONE
from scoring_service.core.entries import EntryKind
from scoring_service.db.tables import clock_state, entries, letters, notices, remediation_applications
from scoring_service.services.cases.approval import approve
from scoring_service.services.cases.case import Handling
from scoring_service.services.cases.drafting import draft, submit
from scoring_service.services.cases.findings import Finding
from scoring_service.services.cases.reading import read_case

SCORED = [
    case_row(1, "2025-03-12", CODES[0], 4),
    case_row(2, "2025-03-13", CODES[1], 9, "settling_in_anothers_name"),
]
HISTORY = [
    {"类别": "减分", "人员代码": CODES[0], "修复活动": "online_course", "完成日": "2025-04-01", "数值": 1, "生效日": "2025-04-08"},
    {"类别": "缩短期限", "人员代码": CODES[1], "修复活动": "offline_training", "完成日": "2025-04-01", "数值": 10, "生效日": "2025-04-09"},
]  # fmt: skip
OPEN = [
    {"类别": "减分", "人员代码": CODES[0], "修复活动": "policy_publicity", "完成日": "2025-05-20", "说明": "宣传记录"},
]
DAYS = (date(2025, 4, 7), date(2025, 4, 8), date(2025, 5, 3), date(2025, 5, 4), date(2025, 6, 2))


@pytest.fixture(scope="module")
def service(module_engine):
    service = office(service_on(module_engine))
    imported(service, "cases", table(SCORED))
    return service


def rows(service, query):
    with service.engine.connect() as conn:
        return conn.execute(query).all()


def test_credits_of_earlier_days_are_posted_and_an_open_application_waits(service, fresh_engine):
    checked = brought(service, "remediation", table(HISTORY + OPEN))
    assert [(each.row, each.column, each.expected) for each in checked.errors] == []
    done = committed(service, checked.id, "reviewer")
    assert (done.state, counts(done)) == ("done", (3, 0, 0, 0)), done.error
    said = standings(service, *DAYS)
    assert [each[0] for each in said["医师1"]] == [4, 3, 3, 3, 3]
    assert [each[2] for each in said["医师2"]] == ["suspended"] * 3 + ["normal"] * 2
    columns = remediation_applications.c
    kept = rows(service, select(columns.state, columns.recorded_by, columns.decided_by).order_by(columns.completed_on))
    assert [tuple(row) for row in kept] == [("approved", "clerk", "reviewer")] * 2 + [("filed", "clerk", None)]
    again = imported(service, "remediation", table(HISTORY + OPEN))
    assert (again.state, counts(again)) == ("done", (0, 0, 3, 0))
    other = office(service_on(fresh_engine))
    for kind in ("cases", "remediation"):
        carried = imported(other, kind, exported(service, kind), filename=f"{kind}.xlsx")
        assert carried.state == "done", carried.errors
    assert standings(other, *DAYS) == said


def test_what_no_gate_lets_through_is_refused(service):
    wrong = [
        {**HISTORY[0], "完成日": "2025-04-02", "数值": 5},
        {**HISTORY[0], "完成日": "2025-04-02", "修复活动": "unheard_of"},
        {"类别": "恢复", "人员代码": CODES[2], "生效日": "2025-04-08"},
        {"类别": "重新登记", "人员代码": CODES[1], "生效日": "2025-04-08"},
        {"类别": "恢复", "人员代码": CODES[2], "说明": "申请恢复"},
        {"类别": "减分", "人员代码": CODES[0], "说明": "没有活动"},
    ]
    refused = imported(service, "remediation", table(wrong))
    assert [(each.row, each.column) for each in refused.errors] == [
        (2, "E"), (3, "C"), (4, "F"), (5, "F"), (6, "A"), (7, "C"), (7, "D"),
    ]  # fmt: skip
    assert not rows(service, select(entries.c.id).where(entries.c.kind == EntryKind.RESUMPTION))


def test_findings_go_into_a_draft_and_receipts_to_their_letters(service):
    handling = Handling(kind="penalty", authority="局", document_no="赤医保罚决〔2025〕9号", decided_on=date(2025, 5, 20))
    with service.work(acting(service, "clerk")) as work:
        first = Finding(practitioner=CODES[3], item="overtreatment", degree="main", points=5)
        case_id = draft(work, institution=HOSPITAL, handling=handling, summary="检查", findings=[first]).id
    charged = [{"人员代码": code, "违规情形": "过度诊疗", "责任程度": "主要", "记分": 5} for code in CODES[3:]]
    done = brought(service, "findings", table(charged), options={"case": case_id})
    assert (done.state, counts(done)) == ("done", (1, 0, 1, 0)), done.error or done.errors
    with service.work(acting(service, "clerk")) as work:
        submit(work, case_id)
    with service.work(acting(service, "reviewer")) as work:
        approve(work, case_id)
        assert len(read_case(work, case_id).findings) == 2
    numbers = rows(service, select(letters.c.number).join(notices).where(notices.c.addressee_kind == "practitioner"))
    received = [{"文书编号": number, "送达日": "2025-06-02", "送达凭证": "送达回证"} for (number,) in numbers]
    assert received
    unknown = imported(service, "receipts", table([*received, {**received[0], "文书编号": "〔2025〕0号"}]))
    assert (unknown.state, [(each.row, each.column) for each in unknown.errors]) == ("refused", [(len(received) + 2, "A")])
    handed = brought(service, "receipts", table(received))
    assert (handed.state, counts(handed)) == ("done", (len(received), 0, 0, 0)), handed.error
    assert counts(imported(service, "receipts", table(received))) == (0, 0, len(received), 0)


TWICE = [
    {"人员代码": "D150402000009", "姓名": "赵六", "登记日": "2025-01-01", "登记最后一日": "2026-03-09",
     "机构代码": HOSPITAL, "执业最后一日": "2026-03-09", "承诺书签署日": "2024-12-20"},
    {"人员代码": "D150402000009", "姓名": "赵六", "登记日": "2026-03-10", "机构代码": HOSPITAL, "承诺书签署日": "2026-03-09"},
]  # fmt: skip
BEFORE = {"同日在先": "reregistration 0", "处理决定日": "2026-03-10"}
TERMINATED = [
    case_row(11, "2025-03-12", "D150402000009", 6),
    case_row(12, "2025-03-13", "D150402000009", 6),
    case_row(13, "2026-03-10", "D150402000009", 4, **BEFORE),
]
ANEW = [{"类别": "重新登记", "人员代码": "D150402000009", "生效日": "2026-03-10"}]


def test_a_new_start_and_a_score_of_its_day_come_back_in_their_order(service, fresh_engine):
    """What followed the new start counts; brought in before it, it would be gone with the old points."""
    days = (date(2025, 12, 1), date(2026, 3, 9), date(2026, 3, 10))
    files = (("practitioners", TWICE), ("cases", TERMINATED), ("remediation", ANEW))
    other = office(service_on(fresh_engine))
    for each in (service, other):
        with each.engine.begin() as conn:
            conn.execute(update(clock_state).values(now=datetime(2026, 6, 1, 9, tzinfo=CIVIL_ZONE)))
    for kind, content in files:
        done = imported(service, kind, table(content))
        assert done.state == "done", done.error or done.errors
        assert counts(imported(service, kind, table(content)))[:2] == (0, 0)
    point = standings(service, *days)["赵六"]
    assert [(points, status) for points, _totals, status, _spans in point] == [
        (12, "terminated"), (0, "terminated"), (4, "normal"),
    ]  # fmt: skip
    for kind, _content in files:
        carried = imported(other, kind, exported(service, kind), filename=f"{kind}.xlsx")
        assert carried.state == "done", carried.error or carried.errors
    assert standings(other, *days)["赵六"] == point
