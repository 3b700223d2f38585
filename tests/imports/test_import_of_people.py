"""A file of people: opened together, changed where one hand may, left the second time, refused at the cell."""

import pytest
from backfill_world import acting
from import_world import HOSPITALS, counts, imported, service_on
from sqlalchemy import select

from scoring_service.db.tables import (
    affiliations,
    audit_log,
    events,
    persons,
    practitioners,
    registrations,
    standings,
)
from scoring_service.services.accounts.opening import add_account
from scoring_service.services.proposals import merges
from scoring_service.services.registry.practitioners import list_practitioners, read_practitioner
from scoring_service.services.standing.proof import check_standings

HEADINGS = ["人员代码", "证件号", "姓名", "类别", "登记日", "承诺书签署日", "机构代码", "执业起始日", "离职日期", "职称"]
DOCTOR = ["D150402000001", "11010519491231002X", "王一", "医师", "2025-01-01", "2024-12-20", "H15040200001", "", "", "主治医师"]
SECOND = ["Ｄ150402000001\u200b", "", "王一", "", "", "", "H15040300002", "2025.3.1", "20250531", ""]
NURSE = ["N150402000002", "", "𠀋其其格·巴特尔", "", "45658", "", "H15040200001", "2025年1月1日", "", ""]
NAMELESS = ["", "110105194912310127", "李三", "药店主要负责人", "2025-01-01", "", "P15040200003", "", "", ""]
PEOPLE = [HEADINGS, DOCTOR, NURSE, SECOND, NAMELESS]


def checked(digits):
    """An identity number with its check character."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return digits + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 11]


NAMELESS[1] = checked("11010519491231012")


@pytest.fixture
def service(fresh_engine):
    service = service_on(fresh_engine)
    assert imported(service, "institutions", HOSPITALS).state == "done"
    return service


def whole(service):
    """The registry without what is drawn by lot."""
    drawn = {"id", "span_id", "practitioner_id", "id_number_encrypted", "recorded_at", "last_recorded_at"}
    with service.engine.connect() as conn:
        return {
            table.name: sorted(
                str({name: value for name, value in row.items() if name not in drawn})
                for row in conn.execute(select(table)).mappings()
            )
            for table in (practitioners, persons, registrations, affiliations, standings)
        }


def changed(row, **cells):
    names = dict(zip(("code", "number", "name", "category", "registered", "signed", "place", "first", "last", "title"), row, strict=True))
    return list((names | cells).values())


def test_people_are_opened_together_and_the_same_file_changes_nothing(service):
    dry = imported(service, "practitioners", PEOPLE, dry_run=True)
    assert (dry.state, counts(dry), dry.errors) == ("checked", (4, 0, 0, 0), ())
    done = imported(service, "practitioners", PEOPLE)
    assert (done.state, counts(done)) == ("done", (4, 0, 0, 0))
    with service.work() as work:
        doctor = read_practitioner(work, "D150402000001")
        nurse = read_practitioner(work, "N150402000002")
        assert len(list_practitioners(work, limit=10, after=None)[0]) == 3
    assert (doctor.revision, doctor.professional_title, doctor.commitment_signed_on.isoformat()) == (3, "主治医师", "2024-12-20")
    spans = {(each.institution, each.start.isoformat(), str(each.until)) for each in doctor.affiliations}
    assert spans == {("H15040200001", "2025-01-01", "None"), ("H15040300002", "2025-03-01", "2025-06-01")}
    assert (nurse.name, nurse.registered_on.isoformat(), nurse.lacks_commitment) == ("𠀋其其格·巴特尔", "2025-01-01", True)
    assert check_standings(service) == (3, [])
    with service.engine.connect() as conn:
        told = conn.execute(select(events.c.number).where(events.c.kind == "practitioner.registered")).scalars().all()
        acts = select(audit_log.c.id).where(audit_log.c.action == "practitioner.registered")
        assert len(told) == len(conn.execute(acts).all()) == 3
    before = whole(service)
    again = imported(service, "practitioners", PEOPLE)
    assert (again.state, counts(again)) == ("done", (0, 0, 4, 0))
    assert whole(service) == before


def test_an_earlier_registration_told_again_touches_nothing_of_the_present_one(service):
    headings = ["人员代码", "姓名", "登记日", "登记最后一日", "机构代码", "执业起始日"]
    earlier = ["D150402000005", "王五", "2020-01-01", "2021-12-31", "H15040200001", ""]
    rows = [headings, earlier, ["D150402000005", "王五", "2023-01-01", "", "H15040200001", ""]]
    assert counts(imported(service, "practitioners", rows)) == (2, 0, 0, 0)
    before = whole(service)
    again = imported(service, "practitioners", rows)
    assert (again.state, counts(again)) == ("done", (0, 0, 2, 0))
    assert whole(service) == before
    late = [headings, ["D150402000006", "赵六", "2020-01-01", "2021-12-31", "H15040200001", "2023-05-01"]]
    endless = [headings, ["D150402000007", "钱七", "2025-01-01", "9999-12-31", "H15040200001", ""]]
    assert [(each.column, each.value) for each in imported(service, "practitioners", late).errors] == [("F", "2023-05-01")]
    assert [(each.column, each.value) for each in imported(service, "practitioners", endless).errors] == [("D", "9999-12-31")]


def test_what_a_missing_column_should_hold_is_told_by_its_name(service):
    nameless = [["人员代码", "登记日", "机构代码"], ["D150402000005", "2025-01-01", "H15040200001"]]
    refused = imported(service, "practitioners", nameless)
    assert [(each.row, each.expected) for each in refused.errors] == [(1, "缺少列“姓名” / the column name is missing")]
    codeless = [["姓名", "登记日", "机构代码"], ["王五", "2025-01-01", "H15040200001"]]
    refused = imported(service, "practitioners", codeless)
    assert (refused.errors[0].row, refused.errors[0].expected.startswith("列“人员代码”：")) == (2, True)


def test_what_differs_is_changed_and_who_is_left_out_is_ended_only_when_asked(service):
    imported(service, "practitioners", PEOPLE)
    later = [HEADINGS, changed(NURSE, number=checked("11010519500101002"), signed="2025-06-01", first="", title="主管护师")]
    kept = imported(service, "practitioners", later)
    assert (kept.state, counts(kept), kept.ended) == ("done", (0, 1, 0, 0), 0)
    dry = imported(service, "practitioners", later, dry_run=True, options={"absent": "end"})
    ended = imported(service, "practitioners", later, options={"absent": "end"})
    assert (dry.state, dry.ended, ended.state, ended.ended, counts(ended)) == ("checked", 1, "done", 1, (0, 0, 1, 0))
    with service.work() as work:
        doctor, nurse = (read_practitioner(work, ref) for ref in ("D150402000001", "N150402000002"))
    assert {each.institution: str(each.until) for each in doctor.affiliations}["H15040200001"] == "2025-06-02"
    assert (nurse.id_number[-4:], nurse.lacks_commitment, nurse.affiliations[0].until) == (later[1][1][-4:], False, None)
    assert check_standings(service) == (3, [])


def test_letters_that_were_missing_are_added(service):
    imported(service, "practitioners", PEOPLE)
    letters = [["代码", "人员代码", "姓名", "承诺书签署日"], ["", "N150402000002", "𠀋其其格·巴特尔", "2025-05-30"]]
    done = imported(service, "commitments", letters)
    assert (done.state, counts(done)) == ("done", (0, 1, 0, 0))
    again = imported(service, "commitments", letters)
    assert (again.state, counts(again)) == ("done", (0, 0, 1, 0))
    wrong = [letters[0], ["", "D150402000001", "王二", "2025-05-30"], ["", "N150402000009", "", "2025-05-30"], ["", "N150402000002", "", ""]]
    refused = imported(service, "commitments", wrong)
    assert [(each.row, each.column) for each in refused.errors] == [(2, "C"), (3, "B"), (4, "D")]


WRONG = [
    (changed(NURSE, code="N15040200000"), "A"),
    (changed(NURSE, code="D150402000009", category="护士"), "A"),
    (changed(DOCTOR, code="D150402000010", number="110105194912310021"), "B"),
    (changed(NURSE, code="", number=""), "A"),
    (changed(NURSE, code="N150402000011", name=""), "C"),
    (changed(NURSE, code="N150402000012", category="院长"), "D"),
    (changed(NURSE, code="N150402000013", registered="2025-02-30"), "E"),
    (changed(NURSE, code="N150402000014", registered=""), "E"),
    (changed(NURSE, code="N150402000015", signed="2025-06-03"), "F"),
    (changed(NURSE, code="N150402000016", place="H15040200099"), "G"),
    (changed(NURSE, code="N150402000017", first="2024-12-31"), "H"),
    (changed(NURSE, code="N150402000018", last="2024-12-31"), "I"),
    (changed(SECOND, name="王二"), "C"),
    (changed(SECOND, number=checked("11010519500101002")), "B"),
    (changed(SECOND, place="H15040200001", first="2025-03-01"), "H"),
    (changed(NAMELESS, code="N150402000002", category=""), None),
]


def test_a_row_of_a_merged_file_names_the_person_and_takes_no_code_or_number_away(service):
    once = ["D150402000009", checked("15040219800101001"), "王一", "", "2025-01-01", "", "H15040200001", "", "", ""]
    imported(service, "practitioners", [HEADINGS, DOCTOR, once])
    with service.work() as work:
        for name in ("reviewer", "admin"):
            add_account(work, username=name, roles=[f"office.{name}"], staff_no=f"S-{name}")
    with service.work(acting(service, "admin")) as work:
        merge = merges.draft(work, once[0], into=DOCTOR[0], reason="同一人").id
    with service.work(acting(service, "reviewer")) as work:
        merges.approve(work, merge)
    again = imported(service, "practitioners", [HEADINGS, once, DOCTOR])
    assert (again.state, counts(again)) == ("done", (0, 0, 2, 0))
    with service.work() as work:
        assert {read_practitioner(work, ref).code for ref in (once[0], DOCTOR[0])} == {DOCTOR[0]}


def test_every_wrong_cell_is_told_at_its_place_and_nothing_is_written(service):
    rows = [HEADINGS, DOCTOR, NURSE, NAMELESS, *(row for row, _column in WRONG)]
    refused = imported(service, "practitioners", rows)
    told = [(each.row, each.column) for each in refused.errors]
    assert (refused.state, told) == ("refused", [(row, column) for row, (_cells, column) in enumerate(WRONG, start=5)])
    with service.work() as work:
        assert list_practitioners(work, limit=10, after=None)[0] == []
