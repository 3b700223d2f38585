"""No commitment, no payment (P21), where the rulebook of the day says so: each day of many files, cache and past alike."""

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest
from case_world import CLINIC, FAR_HOSPITAL, HOSPITAL, TODAY, build, make_service
from database_addresses import application_engine
from model import answers, plain
from own_law import unpaid_without_commitment
from sqlalchemy import select, text

from scoring_service.core.payable import Reason
from scoring_service.core.standing import Span
from scoring_service.db.migrate import downgrade, upgrade
from scoring_service.db.standing import computed_rows, stored_rows
from scoring_service.db.tables import standings
from scoring_service.law.rulebooks import Rulebooks
from scoring_service.services.eligibility.answer import make_check
from scoring_service.services.eligibility.checks import check_lines
from scoring_service.services.registry.affiliations import AskedAffiliation
from scoring_service.services.registry.person_codes import add_code
from scoring_service.services.registry.persons import change_practitioner
from scoring_service.services.registry.practitioners import register_practitioner
from scoring_service.services.registry.registrations import deregister, return_to_registry

NEW_YEAR, LEFT = date(2025, 1, 1), date(2025, 3, 1)
SIGNED_ON = (None, date(2024, 12, 20), NEW_YEAR, date(2025, 1, 20), LEFT, date(2025, 5, 30))
EVERY_DAY = [NEW_YEAR + timedelta(days=number) for number in range(-2, 200)]


def unpaid(world, folder, **since):
    books = Rulebooks.load(unpaid_without_commitment(folder, **since))
    return replace(world, service=replace(world.service, rulebooks=books))


@pytest.fixture
def strict(world, tmp_path):
    """The world in which Chifeng pays nothing without a commitment."""
    return unpaid(world, tmp_path)


def registered(world, number, signed_on, *places):
    asked = [AskedAffiliation(institution=code, span=Span(NEW_YEAR, None)) for code in places or (HOSPITAL,)]
    return register_practitioner(
        world.work("admin"), name="王一", code=f"D15040266{number:04}", category="doctor",
        registered_on=NEW_YEAR, commitment_signed_on=signed_on, affiliations=asked,
    ).id  # fmt: skip


def reasons(world, person, days, **knowledge):
    checks = [make_check(person, day.isoformat(), day, None) for day in days]
    return [answer.reason for answer in check_lines(world.work("clerk"), checks, **knowledge)]


def signed(world, person, signed_on):
    change_practitioner(world.work("admin"), person, expected_version=None, changes={"commitment_signed_on": signed_on})


def test_every_day_of_every_file_is_answered_as_the_model_does_and_the_cache_is_the_fold(strict):
    dice, people, seen = random.Random(21), [], set()
    for number in range(30):
        commitments, registrations = [dice.choice(SIGNED_ON)], [(NEW_YEAR, None)]
        people.append(person := registered(strict, number, commitments[0]))
        if dice.random() < 0.5:
            deregister(strict.work("admin"), person, on=LEFT, reason="离职")
            back, again = dice.choice([date(2025, 3, 1), date(2025, 4, 1)]), dice.choice(SIGNED_ON)
            place = AskedAffiliation(institution=HOSPITAL, span=Span(back, None))
            return_to_registry(
                strict.work("admin"), person, from_on=back, affiliations=[place], commitment_signed_on=again
            )
            registrations, commitments = [(NEW_YEAR, LEFT), (back, None)], [*commitments, again]
        for day, reason in zip(EVERY_DAY, reasons(strict, person, EVERY_DAY), strict=True):
            expected = answers.payable(plain.fold([], {}), registrations, day, commitments=commitments)[1]
            assert reason == expected, (day, registrations, commitments)
            seen.add(expected)
    assert seen == {"eligible", "not_registered", "no_commitment"}
    stored, computed = stored_rows(strict.conn, people), computed_rows(strict.conn, people)
    assert {row["profile"] for row in stored[standings]} == {row["profile"] for row in computed[standings]}


def test_a_commitment_added_later_counts_from_the_day_it_was_signed_and_is_known_only_from_then(strict):
    person = registered(strict, 1, None)
    before, days = strict.work().now, [date(2025, 1, 31), date(2025, 2, 1), TODAY]
    assert reasons(strict, person, days) == ["no_commitment"] * 3
    signed(strict, person, date(2025, 2, 1))
    assert reasons(strict, person, days) == ["no_commitment", "eligible", "eligible"]
    assert reasons(strict, person, days, known_at=before) == ["no_commitment"] * 3


def test_a_letter_signed_before_another_code_counts_for_the_days_before_it_too(strict):
    person = registered(strict, 2, None)
    add_code(
        strict.work("admin"), person, code="N150402660002", from_on=date(2025, 4, 1), reason="执业类别变更"
    )
    signed(strict, person, date(2025, 2, 1))
    days = [date(2025, 1, 31), date(2025, 2, 1), date(2025, 3, 31), date(2025, 4, 1)]
    assert reasons(strict, person, days) == ["no_commitment", *["eligible"] * 3]


def test_the_rulebook_is_that_of_the_first_institution_of_the_day_and_of_the_day(world, tmp_path):
    later = unpaid(world, tmp_path, since="2025-03-01")
    here, far = registered(later, 3, None, HOSPITAL), registered(later, 4, None, FAR_HOSPITAL)
    days = [date(2025, 2, 28), date(2025, 3, 1)]
    assert reasons(later, here, days) == ["eligible", "no_commitment"]
    assert reasons(later, far, days) == ["eligible", "eligible"]


def test_it_comes_before_the_institution_and_after_the_registration(strict):
    person = registered(strict, 5, None)
    line = make_check(person, "2025-06-01", date(2025, 6, 1), CLINIC, emergency=True)
    answer = check_lines(strict.work("clerk"), [line])[0]
    assert (answer.reason, answer.payable, answer.status) == (Reason.NO_COMMITMENT, False, "normal")
    assert reasons(strict, person, [date(2024, 12, 31)]) == ["not_registered"]


def test_the_shipped_value_pays(world):
    assert reasons(world, registered(world, 6, None), [TODAY]) == ["eligible"]


def test_profiles_of_before_learn_the_days_and_forget_them_again(fresh_url):
    """Migration 0031: what the cache held before is what the ledger gives after it, both ways, byte for byte."""
    engine = application_engine(fresh_url)
    with engine.begin() as conn:
        world = build(make_service(engine), conn)
        people = [registered(world, number, signed_on) for number, signed_on in enumerate(SIGNED_ON)]
        for person in (people[0], people[3]):
            deregister(world.work("admin"), person, on=LEFT, reason="离职")
            return_to_registry(
                world.work("admin"), person, from_on=date(2025, 4, 1), affiliations=[], commitment_signed_on=None
            )
        signed(world, people[4], date(2025, 2, 2))
    now = profiles(engine)
    downgrade(fresh_url, "0030")
    before = profiles(engine)
    assert {length for length, _ in before} == {4}
    assert sorted({length for length, _ in now}) == [4, 5]
    upgrade(fresh_url)
    assert profiles(engine) == now
    engine.dispose()


def profiles(engine):
    query = select(text("json_array_length(CAST(profile AS json))"), standings.c.profile).order_by(standings.c.practitioner_id)
    with engine.connect() as conn:
        return [tuple(row) for row in conn.execute(query)]
