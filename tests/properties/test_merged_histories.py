"""Random files of one person, merged at random: every question by every reference agrees with the plain rule."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from random import Random

import pytest
from model import answers, histories, merges, plain
from model.rulebooks import RULEBOOKS
from properties.agreement import shown
from properties.served_histories import LINE, PLACES, ServedFile, drive, open_office

from scoring_service.db.files import read_files
from scoring_service.services.eligibility.answer import make_check
from scoring_service.services.eligibility.checks import check_lines
from scoring_service.services.proposals import merges as merging
from scoring_service.services.standing.proof import check_standings, verify_ledger
from scoring_service.services.standing.seen import standing_seen
from scoring_service.services.unit_of_work.sight import require_practitioner

PEOPLE_A_TEST, PEOPLE_IN_A_SOAK = 2, 150
WEIGHTS = histories.WEIGHTS | {"resumption": 0, "absence": 0}
AGREED = [(histories.OPENS, None)]
DAY_AFTER = timedelta(days=1)


@pytest.fixture(scope="module")
def office(module_engine):
    return open_office(module_engine)


@dataclass
class Person:
    """One person with several files: each with its served half and what the model knows of it; merges in their order."""

    office: object
    served: dict
    files: dict
    merges: list
    moments: list

    @classmethod
    def of(cls, office, rng, how_many):
        served, files = {}, {}
        for name in "abc"[:how_many]:
            home = rng.choice(list(PLACES))
            history = histories.random_history(rng, length=5, books=(home,), weights=WEIGHTS)
            file = served[name] = drive(ServedFile, office, history, home)
            if rng.random() < 0.5 and history.registrations[-1][0] < history.day:
                file.deregistration({"day": history.day})
                history.registrations[-1] = (history.registrations[-1][0], history.day)
            files[name] = {"entries": history.entries, "registrations": history.registrations, "day": history.day}
            files[name]["places"] = {PLACES[home][0]: history.registrations}
        made = cls(office, served, files, [], [])
        for name in files:
            made.number(name)
        return made

    def number(self, name):
        """Give the model's entries the instants and revisions that they have on record."""
        with self.office.work() as work:
            told = read_files(work.conn, [self.served[name].person])[self.served[name].person].entries
        for entry, stored in zip(self.files[name]["entries"], told, strict=True):
            entry |= {"recorded_at": stored.recorded_at, "revision": stored.revision}

    def merge(self, name, into):
        day = max(file["day"] for file in self.files.values()) + DAY_AFTER
        self.office.at(day)
        one, other = self.served[name].person, self.served[into].person
        with self.office.work("admin") as work:
            drafted = merging.draft(work, one, into=other, reason="随机并档")
        self.moments.append(self.now())
        with self.office.work("reviewer") as work:
            done = merging.approve(work, drafted.id)
        with self.office.work() as work:
            stored = read_files(work.conn, [other])[other]
        own = self.files[into]["entries"]
        copies = [entry for entry in stored.entries[len(own) :] if entry.kind != "year_closed"]
        recorded = [(entry.recorded_at, entry.revision) for entry in copies]
        self.files[into] |= {"entries": merges.copied(own, self.files[name]["entries"], recorded), "day": day}
        at = max(change.recorded_at for change in (*copies, *stored.persons, *stored.registrations, *stored.affiliations))
        self.merges.append({"merged": name, "into": into, "at": at, "revision": done.revision})
        self.moments.append(at)

    def score(self, rng, name, by):
        """A score after the merge, of a finding that names the person by any of their references."""
        entries, day = self.files[name]["entries"], self.files[name]["day"] + DAY_AFTER
        book, points = rng.choice(list(PLACES)), rng.choice(histories.POINTS)
        operation = {"day": day, "kind": "score", "rulebook": book, "points": points, "backfill": False}
        operation |= {"decided_on": day, "effective_on": day}
        served, person = self.served[name], self.served[name].person
        served.person = by
        try:
            assert served.do(operation) is None
        finally:
            served.person = person
        kept = ("kind", "rulebook", "points", "decided_on", "effective_on")
        entries.append({key: operation[key] for key in kept} | {"seq": len(entries) + 1})
        self.files[name]["day"] = day
        self.number(name)
        self.moments.append(self.now())

    def now(self):
        with self.office.work() as work:
            return work.now

    def refs(self):
        """Every reference of the person, with the file that it was given for."""
        with self.office.work() as work:
            files = read_files(work.conn, [served.person for served in self.served.values()])
            return {
                ref: name
                for name, served in self.served.items()
                for ref in (served.person, *(row.code for row in files[served.person].persons if row.merged_from is None))
            }

    def expected(self, ref_file, day, *, known_at=None, revision=None):
        name = merges.answering(ref_file, self.merges, known_at, revision)
        registrations, places = merges.seen(name, self.files, self.merges, known_at, revision)
        clocks = {"known_at": known_at, "revision": revision}
        told = answers.standing(self.files[name]["entries"], RULEBOOKS, registrations, day, **clocks)
        return told, plain.fold(self.files[name]["entries"], RULEBOOKS, **clocks), registrations, places

    def expected_line(self, ref_file, day, place, emergency, **clocks):
        told, file, registrations, places = self.expected(ref_file, day, **clocks)
        asked = None if place is None else {"agreements": AGREED, "affiliations": places.get(place, [])}
        payable, reason = answers.payable(file, registrations, day, institution=asked, emergency=emergency)
        until, may_resume, may_reapply = told["until"], told["may_resume_from"], told["may_reapply_from"]
        values = (payable, reason, told["status"], until, may_resume, may_reapply)
        return dict(zip(LINE, values, strict=True))


def days_of(person, rng):
    edges = {file["day"] for file in person.files.values()} | {histories.OPENS}
    for file in person.files.values():
        edges |= {edge for span in plain.fold(file["entries"], RULEBOOKS)["spans"] for edge in (span["from"], span["until"])}
    days = {edge + timedelta(days=by) for edge in edges if edge is not None for by in (-1, 0, 1)}
    return rng.sample(sorted(days), min(5, len(days)))


def check_standings_of(person, days, counted):
    """Points, state and sanctions by every reference, at every moment, and by each revision that was then given."""
    refs, end = person.refs(), person.now()
    for ref, name in refs.items():
        for known_at in (None, *person.moments):
            for day in days:
                with person.office.work("clerk") as work:
                    told = standing_seen(work, require_practitioner(work, ref).id, ref=ref, as_of=day, known_at=known_at)
                    again = {"known_at": end, "revision": told.revision}
                    kept = standing_seen(work, require_practitioner(work, ref).id, ref=ref, as_of=day, **again)
                expected, *_rest = person.expected(name, day, known_at=known_at)
                state, case = told.standing.state, (ref, name, known_at, day, person.merges)
                assert told.standing.points == expected["points"], case
                assert (state.status.value, state.until) == (expected["status"], expected["until"]), case
                assert shown(told.standing.sanctions) == expected["sanctions"], case
                assert kept.standing == told.standing, case
                assert kept.practitioner == told.practitioner, case
                counted["standings"] += 2


def check_lines_of(person, rng, days, counted):
    """Claim lines, all of a moment in one batch, and some of them alone with the revision that was told."""
    refs, end = person.refs(), person.now()
    places = (None, *PLACES.values())
    for known_at in (None, *person.moments):
        asked = [
            (ref, name, day, place and place[0], rng.random() < 0.3)
            for ref, name in refs.items()
            for day in days
            for place in rng.sample(places, 2)
        ]
        checks = [make_check(ref, day.isoformat(), day, place, emergency=urgent) for ref, _n, day, place, urgent in asked]
        with person.office.work("clerk") as work:
            told = check_lines(work, checks, known_at=known_at)
        for check, answer, (ref, name, day, place, urgent) in zip(checks, told, asked, strict=True):
            expected = person.expected_line(name, day, place, urgent, known_at=known_at)
            assert {field: getattr(answer, field) for field in LINE} == expected, (ref, name, day, place, known_at)
            counted["lines in batches"] += 1
            if rng.random() < 0.2:
                with person.office.work("clerk") as work:
                    [alone] = check_lines(work, [check], known_at=end, revision=answer.revision)
                assert alone.decision_id == answer.decision_id, (ref, name, day, known_at)
                counted["single lines"] += 1


def check_people(office, seed, how_many):
    rng, counted = Random(f"merges {seed}"), Counter()
    for number in range(how_many):
        person = Person.of(office, rng, 2 + number % 2)
        names = list(person.files)
        while len(names) > 1:
            name = names.pop(rng.randrange(len(names)))
            into = rng.choice(names)
            person.merge(name, into)
            by = [ref for ref, file in person.refs().items() if merges.answering(file, person.merges) == into]
            person.score(rng, into, rng.choice(by))
            counted["merges"] += 1
        days = days_of(person, rng)
        check_standings_of(person, days, counted)
        check_lines_of(person, rng, days, counted)
    assert check_standings(office.service)[1] == []
    assert verify_ledger(office.service)[1] == []
    return counted


@pytest.mark.parametrize("seed", range(1))
def test_every_reference_of_a_merged_person_answers_as_the_rule_says(office, seed):
    counted = check_people(office, seed, PEOPLE_A_TEST)
    assert min(counted.values()) > 0


@pytest.mark.soak
def test_every_reference_of_many_merged_people_answers_as_the_rule_says(office, capsys):
    counted = check_people(office, "soak", PEOPLE_IN_A_SOAK)
    with capsys.disabled():
        print(f"\nmerged people: {PEOPLE_IN_A_SOAK}, {dict(counted)}, 0 differences")  # noqa: T201 - the soak's figures.
