"""A pack of a past moment judges as that moment's answers do: entries of all kinds, corrections, merges (scheme.md 2.2)."""

from collections import Counter
from datetime import timedelta
from random import Random

import pytest
from model import applications, histories
from model.rulebooks import SHIPPED
from model.working_days import published
from properties.served_histories import PLACES, ServedFile, drive, open_office
from screening.test_agreement import screened
from sqlalchemy import select

from scoring_service.core.entries import EntryKind
from scoring_service.db.tables import affiliations, entries, persons, practitioners, registrations
from scoring_service.law.rulebooks import Rulebooks
from scoring_service.problems import Invalid
from scoring_service.screening.pack import make_pack
from scoring_service.services.eligibility.answer import make_check
from scoring_service.services.eligibility.checks import check_lines
from scoring_service.services.proposals import merges, registry_corrections

BOOKS = ("chifeng", "liaoning", "hunan")
HISTORIES, HISTORIES_IN_A_SOAK = 3, 60
MOMENTS, MOMENTS_IN_A_SOAK = 4, 40
TICK = timedelta(microseconds=1)
WEIGHTS = applications.WEIGHTS | {"measure": 14, "measure_lifted": 16, "correction": 18}


@pytest.fixture
def office(fresh_engine):
    return open_office(fresh_engine, rulebooks=Rulebooks.load())


def drive_histories(office, rng, how_many):
    """Files of every overlay, one of them merged out of two, one whose code was recorded wrongly."""
    served, last = [], histories.OPENS
    for number in range(how_many + 1):
        home = BOOKS[number % len(BOOKS)]
        history = histories.random_history(
            rng, SHIPPED, length=12, books=(home,), weights=WEIGHTS, points=histories.FEWER_POINTS,
            acts=applications.ACTS, days=applications.next_day, working_days=published(),
        )  # fmt: skip
        served.append(drive(ServedFile, office, history, home).person)
        last = max(last, history.day)
    office.at(last + timedelta(days=1))
    with office.work("admin") as work:
        fields = {"code": "D150402990001"}
        drafted = registry_corrections.draft(work, served[0], kind="person", fields=fields, reason="笔误")
        merge = merges.draft(work, served[-1], into=served[1], reason="同一人")
    with office.work("reviewer") as work:
        registry_corrections.approve(work, drafted.id)
        merges.approve(work, merge.id)


def recorded(office):
    """All that ever named a person, and the moments at which something became known."""
    with office.work() as work:
        codes = work.conn.execute(select(persons.c.code).distinct().where(persons.c.code.is_not(None))).scalars().all()
        ids = work.conn.execute(select(practitioners.c.id)).scalars().all()
        tables = (entries, persons, registrations, affiliations)
        moments = {at for table in tables for at in work.conn.execute(select(table.c.recorded_at)).scalars()}
        kinds = set(work.conn.execute(select(entries.c.kind).distinct()).scalars())
        return [*codes, *map(str, ids)], sorted(moments), kinds, work.now


def check_moments(office, folder, rng, how_many):
    refs, moments, kinds, now = recorded(office)
    counted = Counter()
    some = rng.sample(moments[len(moments) // 4 :], min(how_many, len(moments) // 2))
    for number, moment in enumerate([now, *some, *(each - TICK for each in some)]):
        checks = [
            make_check(ref, str(day), day, rng.choice([None, *(code for code, _ in PLACES.values())]), emergency=rng.random() < 0.3)
            for ref in refs
            for day in (each.date() + timedelta(days=rng.randrange(-2, 200)) for each in rng.choices(moments, k=6))
        ]
        with office.work() as work:
            expected = [(each.reason.value, each.until) for each in check_lines(work, checks, known_at=moment)]
        verdicts = screened(office.service, folder / str(number), checks, moment)
        assert verdicts == expected, moment
        counted.update(reason for reason, _until in verdicts)
    print(f"{counted.total():,} lines:", dict(counted), kinds)  # noqa: T201 -- the counts are the finding.
    return counted, kinds


def test_screening_by_the_knowledge_of_a_moment(office, tmp_path):
    rng = Random("known at")
    drive_histories(office, rng, HISTORIES)
    counted, _kinds = check_moments(office, tmp_path, rng, MOMENTS)
    assert {"unknown_practitioner", "suspended", "terminated", "eligible"} <= set(counted)
    with pytest.raises(Invalid, match="known_at"):
        make_pack(office.service, tmp_path, recorded(office)[-1] + timedelta(days=1))


@pytest.mark.soak
def test_screening_by_the_knowledge_of_many_moments(office, tmp_path):
    rng = Random("known at, soak")
    drive_histories(office, rng, HISTORIES_IN_A_SOAK)
    _counted, kinds = check_moments(office, tmp_path, rng, MOMENTS_IN_A_SOAK)
    assert set(EntryKind) - {EntryKind.YEAR_CLOSED} <= kinds
