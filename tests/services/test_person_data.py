"""Person data are rows in time: what was known stays known, and no hand alone changes a name that has entries."""

from datetime import date, datetime

import pytest
from case_world import HOSPITAL, TODAY, finding
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError

from scoring_service.core.payable import Reason
from scoring_service.db.tables import persons, practitioners
from scoring_service.problems import Conflict
from scoring_service.services.desks.practitioner_file import file_of
from scoring_service.services.eligibility import answer
from scoring_service.services.eligibility.checks import check_lines
from scoring_service.services.registry.persons import change_practitioner
from scoring_service.services.standing.proof import _differences
from scoring_service.services.standing.reading import standing_of

NUMBER, OTHER_NUMBER = "150402198001011232", "150402198001019998"


@pytest.fixture
def person(world):
    return world.person()


def named(world, person, **question):
    return standing_of(world.work(), person, **question).practitioner


def change(world, person, **changes):
    return change_practitioner(world.work("admin"), person, expected_version=None, changes=changes)


def asked(world, ref, **question):
    check = answer.make_check(ref, TODAY.isoformat(), TODAY, HOSPITAL)
    return check_lines(world.work("clerk"), [check], **question)[0]


def test_the_old_name_is_told_by_the_knowledge_of_the_time(world, person):
    old = named(world, person)
    before = world.work().now
    changed = change(world, person, name="改名后")
    assert named(world, person).name == changed.name == "改名后"
    assert named(world, person, known_at=before) == old
    assert named(world, person, revision=2) == old
    assert [row.name for row in changed.persons] == ["改名后"]


def test_the_record_of_a_change_names_rows_and_neither_names_nor_numbers(world, person):
    work = world.work("admin")
    change_practitioner(
        work, person, expected_version=None, changes={"name": "改名后", "id_number": NUMBER}
    )
    told = {"fields": ["id_number", "name"], "superseded": 1, "by": 3}
    assert work._audit[-1].detail == work._events[-1].detail == told


@pytest.mark.parametrize("change_of", [{"name": "改名后"}, {"code": "D150402990001"}, {"id_number": OTHER_NUMBER}])
def test_with_entries_a_name_a_code_or_a_number_needs_a_second_person(world, person, change_of):
    change(world, person, id_number=NUMBER)
    world.approved(finding(person))
    with pytest.raises(Conflict) as refused:
        change(world, person, **change_of)
    assert refused.value.code == "second_person_required"
    assert "registry-corrections" in refused.value.detail


def test_with_entries_what_was_missing_may_still_be_added(world, person):
    world.approved(finding(person))
    assert change(world, person, id_number=NUMBER).id_number == "150***********1232"


def test_a_wrong_code_of_a_file_without_entries_is_let_go_and_answers_for_the_time_that_it_was_known(world, person):
    wrong, right = named(world, person).code, "D150402990002"
    before, then = world.work().now, asked(world, wrong)
    assert then.reason is Reason.ELIGIBLE
    change(world, person, code=right)
    assert (asked(world, wrong).reason, asked(world, right).reason) == (Reason.UNKNOWN_PRACTITIONER, Reason.ELIGIBLE)
    assert asked(world, wrong, known_at=before, revision=then.revision).decision_id == then.decision_id
    assert asked(world, right, known_at=before).reason is Reason.UNKNOWN_PRACTITIONER
    other = world.person()
    change(world, other, code=wrong)
    assert asked(world, wrong, known_at=before, revision=then.revision).decision_id == then.decision_id


def test_rows_of_person_data_are_neither_changed_nor_deleted(world, person):
    for statement in ("UPDATE persons SET name = 'x'", "DELETE FROM persons"):
        savepoint = world.conn.begin_nested()
        with pytest.raises(DBAPIError):
            world.conn.execute(text(statement))
        savepoint.rollback()
    assert world.conn.execute(select(persons.c.practitioner_id)).scalars().all() == [person]


def test_a_present_name_that_the_rows_do_not_tell_is_found(world, person):
    assert _differences(world.work("system"), [person]) == []
    world.conn.execute(practitioners.update().values(name="篡改"))
    assert [misfit.what.split(":")[0] for misfit in _differences(world.work("system"), [person])] == ["practitioners"]


def test_the_file_shows_the_rows_with_their_numbers(world, person):
    file = file_of(world.work(), person)
    assert [(row.number, row.start, row.until) for row in file.practitioner.persons] == [(1, date(2025, 1, 1), None)]
    assert [row.number for row in file.practitioner.registrations + file.practitioner.affiliations] == [1, 2]


def test_a_row_without_code_and_number_is_refused(world, person):
    row = {
        "practitioner_id": person, "revision": 9, "span_id": person, "name": "无名", "category": "doctor",
        "recorded_at": datetime.fromisoformat("2025-06-02T09:00:00+08:00"), "from_on": date(2025, 6, 2),
        "recorded_by": "admin",
    }  # fmt: skip
    savepoint = world.conn.begin_nested()
    with pytest.raises(DBAPIError):
        world.conn.execute(insert(persons).values(**row))
    savepoint.rollback()
