"""One person, one file: what the office, the person and an institution read in it."""

from datetime import date, timedelta

import pytest
from case_world import CLINIC, FAR_HOSPITAL, HOSPITAL, TODAY, finding
from registry_world import actor_of

from scoring_service.core.entries import EntryKind
from scoring_service.problems import NotFound
from scoring_service.services.desks.ledger import CARRIED, ledger_of
from scoring_service.services.desks.practitioner_file import file_of
from scoring_service.services.registry.practitioners import list_practitioners
from scoring_service.services.registry.registrations import deregister, put_affiliation
from scoring_service.services.standing.reading import standing_of
from scoring_service.services.unit_of_work.transaction import Work


@pytest.fixture
def person(world):
    person = world.person()
    world.approved(finding(person, 5), finding(world.person(), 4))
    world.draft(finding(person, 3, reason="复查"))
    return person


def as_actor(world, *roles, **bound):
    return Work(service=world.service, conn=world.conn, actor=actor_of(*roles, **bound))


def test_the_office_reads_everything(world, person):
    file = file_of(world.work("clerk"), person)
    assert [case.state for case in file.cases] == ["draft", "approved"]
    [entry] = file.entries
    carried = entry.carried
    assert (entry.seq, entry.kind, carried.points, carried.decided_on) == (1, "score", 5, date(2025, 5, 20))
    assert (entry.recorded_by, carried.degree, entry.revision) == ("reviewer", "main", 3)
    assert carried.case == file.cases[1].id
    assert entry.rulebook.id == "chifeng"
    assert file.standing.standing.points == 5
    assert {notice.addressee.kind for notice in file.notices} == {"practitioner", "institution"}


@pytest.mark.parametrize("who", ["person", "institution"])
def test_outside_the_office_a_file_shows_approved_cases_and_no_hands(world, person, who):
    reader = (
        as_actor(world, "practitioner", practitioner_id=person)
        if who == "person"
        else as_actor(world, "institution", institution_code=HOSPITAL)
    )
    file = file_of(reader, person)
    assert [case.state for case in file.cases] == ["approved"]
    assert [told.practitioner.id for told in file.cases[0].findings] == [person]
    assert not hasattr(file.entries[0], "recorded_by")
    assert not hasattr(file.cases[0], "hands")
    assert {notice.addressee.kind for notice in file.notices} == {
        "practitioner" if who == "person" else "institution"
    }


def test_a_stranger_finds_no_file(world, person):
    with pytest.raises(NotFound):
        file_of(as_actor(world, "institution", institution_code=CLINIC), person)
    other = world.person()
    with pytest.raises(NotFound):
        ledger_of(as_actor(world, "practitioner", practitioner_id=other), person, limit=50, after=None)


def test_a_ledger_goes_on_after_a_seq(world, person):
    for number in range(2):
        world.approved(finding(person, 1, act=f"act {number}", reason="复查"))
    first, place = ledger_of(world.work("auditor"), person, limit=2, after=None)
    second, end = ledger_of(world.work("auditor"), person, limit=2, after=place)
    assert ([entry.seq for entry in first], place) == ([1, 2], 2)
    assert ([entry.seq for entry in second], end) == ([3], None)


def test_the_lists_follow_the_ledger(world, person):
    world.approved(finding(person, 3, act="another", reason="复查"))
    near, _ = list_practitioners(world.work("clerk"), near_points=1, limit=10, after=None)
    assert [(item.id, item.points, item.status) for item in near] == [(person, 8, "normal")]
    world.approved(finding(person, 2, act="a third", reason="复查"))
    world.set_today(world.work().today + timedelta(days=1))
    suspended, _ = list_practitioners(world.work("clerk"), status="suspended", limit=10, after=None)
    assert [(item.id, item.points) for item in suspended] == [(person, 10)]


def test_an_affiliation_after_scores_goes_on_with_the_revision(world, person):
    added = put_affiliation(
        world.work("system"), person, institution=CLINIC, from_on=world.work().today, until_on=None
    )
    assert added.revision == 4


def test_every_kind_of_entry_is_told_with_what_it_carries():
    assert set(CARRIED) == set(EntryKind)


def test_the_rulebook_is_that_of_the_place_then_of_the_last_score_then_the_default(world):
    scored, voided, clean = (world.person(at=FAR_HOSPITAL) for _ in range(3))
    entries_of = [
        world.approved(finding(one, 3, reason="从轻"), institution=FAR_HOSPITAL).findings[0].entry
        for one in (scored, voided)
    ]
    world.corrected(voided, entries_of[1], 0)

    def rulebooks():
        standings = (standing_of(world.work("clerk"), one).standing for one in (scored, voided, clean))
        return [standing.rulebook.id for standing in standings]

    assert rulebooks() == ["hunan", "hunan", "hunan"]
    for one in (scored, voided, clean):
        deregister(world.work("admin"), one, on=TODAY, reason="离职")
    assert rulebooks() == ["hunan", "national", "national"]
    yesterday = standing_of(world.work("clerk"), clean, as_of=TODAY - timedelta(days=1)).standing
    assert yesterday.rulebook.id == "hunan"
