"""A rulebook adopted over recorded histories: it binds from its day in answers and packs, and the past stays as it was."""

import hashlib
from datetime import timedelta
from random import Random

import msgspec
import pytest
from own_law import with_value
from properties.served_histories import PLACES, open_office
from screening.test_agreement import answered, screened
from screening.test_known_at import drive_histories, recorded

from scoring_service.law.rulebooks import RULEBOOKS_DIRECTORY, Rulebooks
from scoring_service.services.eligibility.answer import make_check
from scoring_service.services.eligibility.checks import check_lines
from scoring_service.services.rulebooks import deciding, drafts
from scoring_service.services.standing.proof import check_standings
from scoring_service.services.standing.reading import standing_of
from scoring_service.written import is_id

MANY = 400
CHANGES = {"emergency_covers_termination": "false", "resumption.pays_after_term": "true", "suspend_at": "8"}


@pytest.fixture
def office(fresh_engine):
    made = open_office(fresh_engine, rulebooks=Rulebooks.load())
    made.add_hand("admin2", "office.admin")
    return made


def changed(begins_on):
    """The shipped national file with other values from a day on; at 8 points two months, for there is a new row."""
    text = (RULEBOOKS_DIRECTORY / "national.yaml").read_text(encoding="utf-8")
    for key, value in CHANGES.items():
        text = with_value(text, key, f"{begins_on}: {{value: {value}, source: A, verified: true}}")
    row = f"values: {{{begins_on}: {{value: 1, source: A, verified: true}}}}"
    for ground in ("accumulated", "single"):
        text = text.replace(f"    {ground}:\n", f"    {ground}:\n      8: {{{row}}}\n", 1)
    return text


def adopt(office, text):
    with office.work("admin") as work:
        draft = drafts.propose(work, "national", filename="national.yaml", content=text.encode()).draft
    with office.work("admin2") as work:
        deciding.approve(work, "national", str(draft.n))
    return draft


def random_checks(rng, refs, first, last, many=MANY):
    days = (last - first).days
    for ref in rng.choices(refs, k=many):
        day = first + timedelta(days=rng.randrange(days))
        yield make_check(ref, str(day), day, rng.choice([None, *(code for code, _ in PLACES.values())]), emergency=rng.random() < 0.5)


def hashed(answer):
    return hashlib.sha256(msgspec.json.encode(answer)).hexdigest()


def answers(office, checks, known_at=None):
    """The hash of each answer; of one about the present without its instant."""
    with office.work() as work:
        lines = check_lines(work, checks, known_at=known_at)
    return [hashed(line if known_at else msgspec.structs.replace(line, known_at="")) for line in lines]


def standings(office, questions):
    """The hash of the standing of a person on a day by the knowledge of a moment, the rulebook's values in it."""
    with office.work() as work:
        return [
            hashlib.sha256(repr(standing_of(work, person, as_of=day, known_at=known_at).standing).encode()).hexdigest()
            for person, day, known_at in questions
        ]


def test_an_adoption_binds_from_its_day_and_every_answer_of_before_stays(office, tmp_path):
    rng = Random("adopted law")
    drive_histories(office, rng, 3)
    refs, moments, _kinds, now = recorded(office)
    begins_on = now.date() + timedelta(days=30)
    first, last = begins_on - timedelta(days=700), begins_on + timedelta(days=700)
    past = list(random_checks(rng, refs, first, begins_on))
    all_days = list(random_checks(rng, refs, first, last))
    known = [now, *rng.sample(moments, 8)]
    people = [ref for ref in refs if is_id(ref)]
    days = [first + timedelta(days=rng.randrange(1400)) for _ in range(30)]
    asked = [(person, day, now) for person in people for day in days]
    before = (
        answers(office, past),
        [answers(office, all_days, known_at) for known_at in known],
        standings(office, asked),
        screened(office.service, tmp_path / "before", all_days, now),
    )
    then = list(answered(office.service, all_days))
    office.clock.instant += timedelta(hours=1)
    adopt(office, changed(begins_on))
    after = (
        answers(office, past),
        [answers(office, all_days, known_at) for known_at in known],
        standings(office, asked),
        screened(office.service, tmp_path / "after", all_days, now),
    )
    assert after == before
    hashes = [*before[0], *before[2], *(one for each in before[1] for one in each)]
    print(f"{len(hashes):,} hashes, {len(set(hashes)):,} different ones, the same before and after")  # noqa: T201
    # By the present knowledge the days from it on are judged by the new law, in answers and in packs alike.
    now_told = list(answered(office.service, all_days))
    assert screened(office.service, tmp_path / "now", all_days) == now_told
    moved = [check.service_on for check, old, new in zip(all_days, then, now_told, strict=True) if old != new]
    assert moved
    assert min(moved) >= begins_on
    assert check_standings(office.service)[1] == []
    office.at(begins_on + timedelta(days=1))
    assert answers(office, past) == before[0]
    assert [answers(office, all_days, known_at) for known_at in known] == before[1]
    assert check_standings(office.service)[1] == []
