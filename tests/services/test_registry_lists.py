"""Lists of people from the cache: states, the threshold, institutions, and who sees whom."""

from datetime import date

import pytest
from registry_world import (
    HOSPITAL,
    OTHER_HOSPITAL,
    actor_of,
    add_institution,
    asked,
    register,
    sanction,
    start_clock,
    work_of,
)
from sqlalchemy import insert

from scoring_service.db.tables import standing_totals
from scoring_service.services.registry.practitioners import list_practitioners, search_practitioners
from scoring_service.services.registry.registrations import deregister, put_affiliation

MAY, JUNE, AUGUST = date(2025, 5, 1), date(2025, 6, 2), date(2025, 8, 1)


@pytest.fixture
def work(module_engine, empty):
    start_clock(empty)
    opened = work_of(module_engine, empty)
    add_institution(opened)
    add_institution(opened, OTHER_HOSPITAL, region="210102")
    return opened


@pytest.fixture
def people(work):
    """One person by name for each letter."""
    return {
        name: register(work, code=f"D150402{number:06d}", name=name, affiliations=[asked(HOSPITAL)])
        for number, name in enumerate("abcdefgh")
    }


def names(work, **filters):
    items, _ = list_practitioners(work, limit=200, after=None, **filters)
    return "".join(sorted(item.name for item in items))


def points(work, person, year, total):
    work.conn.execute(insert(standing_totals).values(practitioner_id=person.id, year=year, points=total))


def test_states_of_today(work, people):
    sanction(work, people["a"], "suspension", MAY, AUGUST)
    sanction(work, people["b"], "suspension", MAY, JUNE)
    sanction(work, people["c"], "suspension", AUGUST, date(2025, 9, 1))
    sanction(work, people["d"], "termination", date(2023, 1, 1), date(2024, 1, 1))
    sanction(work, people["e"], "termination", AUGUST, date(2026, 8, 1))
    sanction(work, people["f"], "suspension", MAY, AUGUST)
    for leaver, day in (("f", JUNE), ("g", date(2025, 6, 3))):
        deregister(work, people[leaver].id, on=day, reason="离职")
    register(work, code="D150402000099", name="i", registered_on=AUGUST)
    # Leaving folded the ledger anew, which holds no sanction: put the one of the leaver back.
    sanction(work, people["f"], "suspension", MAY, AUGUST)
    assert names(work, status="suspended") == "a"
    assert names(work, status="terminated") == "d"
    assert names(work, status="not_registered") == "fi"
    assert names(work, status="normal") == "bcegh"


def test_who_returned_is_not_outside_the_registry(work, people):
    from scoring_service.services.registry.registrations import return_to_registry

    deregister(work, people["a"].id, on=MAY, reason="进修")
    assert names(work, status="not_registered") == "a"
    return_to_registry(work, people["a"].id, from_on=JUNE, affiliations=[], commitment_signed_on=None)
    assert names(work, status="not_registered") == ""


def test_near_the_threshold_of_this_year(work, people):
    for name, total in zip("abcde", (5, 6, 8, 9, 12), strict=True):
        points(work, people[name], 2025, total)
    points(work, people["f"], 2024, 8)
    assert names(work, near_points=3) == "bc"
    assert names(work, near_points=1) == "c"
    assert names(work, near_points=4) == "abc"
    assert names(work, near_points=11) == "abc"


def test_the_people_of_an_institution_today(work, people):
    put_affiliation(work, people["a"].id, institution=HOSPITAL, from_on=None, until_on=JUNE)
    put_affiliation(work, people["b"].id, institution=HOSPITAL, from_on=None, until_on=date(2025, 6, 3))
    put_affiliation(work, people["c"].id, institution=OTHER_HOSPITAL, from_on=JUNE, until_on=None)
    put_affiliation(work, people["d"].id, institution=OTHER_HOSPITAL, from_on=AUGUST, until_on=None)
    assert names(work, institution=HOSPITAL) == "bcdefgh"
    assert names(work, institution=OTHER_HOSPITAL) == "c"
    assert names(work, institution="H99999999999") == ""


def test_filters_hold_together_and_pages_do_not_overlap(work, people):
    for name in "abc":
        points(work, people[name], 2025, 8)
    sanction(work, people["c"], "suspension", MAY, AUGUST)
    assert names(work, near_points=3, status="normal", institution=HOSPITAL) == "ab"
    first, place = list_practitioners(work, limit=5, after=None)
    second, end = list_practitioners(work, limit=5, after=place)
    assert [item.id for item in first + second] == sorted(person.id for person in people.values())
    assert end is None


def test_a_region_lists_its_own_and_not_those_who_work_nowhere(module_engine, work, people):
    put_affiliation(work, people["a"].id, institution=OTHER_HOSPITAL, from_on=JUNE, until_on=None)
    register(work, code="D150402000099", name="x")
    far = work_of(module_engine, work.conn, actor_of("office.auditor", region="21"))
    assert names(far) == "a"
    assert "x" in names(work)
    near = work_of(module_engine, work.conn, actor_of("office.auditor", region="150402"))
    assert names(near) == "abcdefgh"


def test_an_institution_lists_who_works_there_and_not_who_left_or_comes(module_engine, work, people):
    put_affiliation(work, people["a"].id, institution=OTHER_HOSPITAL, from_on=MAY, until_on=None)
    put_affiliation(work, people["a"].id, institution=OTHER_HOSPITAL, from_on=None, until_on=JUNE)
    put_affiliation(work, people["b"].id, institution=OTHER_HOSPITAL, from_on=AUGUST, until_on=None)
    clinic = work_of(module_engine, work.conn, actor_of("institution", institution_code=OTHER_HOSPITAL))
    assert names(clinic) == ""
    assert names(clinic, institution=OTHER_HOSPITAL) == ""
    assert search_practitioners(clinic, name="b", limit=10, after=None) == ([], None)
