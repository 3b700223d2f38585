"""One person, one file, several codes: all answer, each is told on its days, and nobody else gets them."""

from datetime import date

import pytest
from case_world import HOSPITAL, TODAY, finding

from scoring_service.core.payable import Reason
from scoring_service.core.standing import Span
from scoring_service.db.standing import computed_rows, stored_rows
from scoring_service.problems import Conflict, Invalid
from scoring_service.services.eligibility.answer import make_check as line
from scoring_service.services.eligibility.checks import check_lines
from scoring_service.services.registry.affiliations import AskedAffiliation
from scoring_service.services.registry.names import practitioner_names
from scoring_service.services.registry.person_codes import add_code
from scoring_service.services.registry.practitioners import (
    read_practitioner,
    register_practitioner,
    search_practitioners,
)
from scoring_service.services.registry.records import NamesakeWarning
from scoring_service.services.registry.registrations import deregister
from scoring_service.services.standing.reading import standing_of
from scoring_service.services.unit_of_work.sight import resolve

NURSE, DOCTOR = "N150402880001", "D150402880001"
BEGAN, BECAME = date(2025, 1, 1), date(2025, 5, 1)


@pytest.fixture
def nurse(world):
    return registered(world, code=NURSE, category="nurse", name="王护士").id


def registered(world, **given):
    whole = {
        "registered_on": BEGAN,
        "commitment_signed_on": BEGAN,
        "affiliations": [AskedAffiliation(institution=HOSPITAL, span=Span(BEGAN, None))],
    }
    return register_practitioner(world.work("admin"), **(whole | given))


def coded(world, ref, code=DOCTOR, from_on=BECAME, **more):
    return add_code(world.work("admin"), ref, code=code, from_on=from_on, reason="取得医师资格", **more)


def asked(world, ref, day=TODAY, **question):
    return check_lines(world.work("clerk"), [line(ref, day.isoformat(), day, HOSPITAL)], **question)[0]


def test_a_nurse_who_becomes_a_doctor_keeps_one_file_and_both_codes_find_it(world, nurse):
    told = coded(world, NURSE)
    assert (told.id, told.code, told.category) == (nurse, DOCTOR, "doctor")
    assert [resolve(world.conn, code) for code in (NURSE, DOCTOR)] == [nurse, nurse]
    for code in (NURSE, DOCTOR):
        assert read_practitioner(world.work(), code).id == nurse
        assert [one.id for one in search_practitioners(world.work(), code=code, limit=5, after=None)[0]] == [nurse]
    assert practitioner_names(world.work(), [NURSE, DOCTOR], "list") == {NURSE: "王护士", DOCTOR: "王护士"}
    assert [(row.code, row.start, row.until) for row in told.persons] == [
        (NURSE, date(2025, 1, 1), date(2025, 5, 1)),
        (DOCTOR, date(2025, 5, 1), None),
    ]


def test_a_suspension_reaches_the_person_under_either_code(world, nurse):
    coded(world, NURSE)
    world.approved(finding(nurse, 10, reason="情节严重"))
    day = date(2025, 6, 10)
    assert {asked(world, code, day).reason for code in (NURSE, DOCTOR)} == {Reason.SUSPENDED}


def test_the_code_told_is_that_of_the_day_and_unknown_before_it_was_recorded(world, nurse):
    before = world.work().now
    coded(world, NURSE)
    for day, code in ((date(2025, 4, 30), NURSE), (BECAME, DOCTOR), (date(2024, 1, 1), NURSE)):
        assert standing_of(world.work(), nurse, as_of=day).practitioner.code == code
    then = standing_of(world.work(), nurse, as_of=TODAY, known_at=before)
    assert then.practitioner.code == NURSE
    assert asked(world, DOCTOR, known_at=before).reason is Reason.UNKNOWN_PRACTITIONER
    assert asked(world, NURSE, known_at=before).reason is Reason.ELIGIBLE


def test_the_category_changes_on_the_day_and_registered_since_stays(world, nurse):
    told = coded(world, NURSE)
    assert [(row.category, row.start, row.until) for row in told.registrations] == [
        ("nurse", date(2025, 1, 1), date(2025, 5, 1)),
        ("doctor", date(2025, 5, 1), None),
    ]
    assert (told.registered_on, told.commitment_signed_on, told.status) == (date(2025, 1, 1), date(2025, 1, 1), "normal")
    assert stored_rows(world.conn, [nurse]) == computed_rows(world.conn, [nurse])


def test_who_leaves_before_the_new_code_s_day_leaves_both_registrations(world, nurse):
    coded(world, NURSE, from_on=date(2025, 9, 1))
    left = deregister(world.work("admin"), nurse, on=date(2025, 8, 1), reason="离职")
    assert [(row.start, row.until) for row in left.registrations] == [(date(2025, 1, 1), date(2025, 8, 1))]


def test_a_first_code_joins_the_file_that_had_only_a_number(world):
    person = registered(world, code=None, category="doctor", name="李", id_number="150402198001011232")
    assert [row.code for row in coded(world, person.id, from_on=BEGAN).persons] == [DOCTOR]


@pytest.mark.parametrize(("category", "code"), [("fee_reviewer", DOCTOR), ("pharmacy_principal", "HY150402880001")])
def test_who_may_hold_any_code_stays_in_the_category(world, category, code):
    person = registered(world, code="HJ150402880001", category=category, name="赵")
    assert coded(world, person.id, code).category == category


@pytest.mark.parametrize(
    ("given", "at"),
    [
        ({"code": "D15040288"}, "/code"),
        ({"code": DOCTOR, "category": "nurse"}, "/code"),
        ({"from_on": BEGAN}, "/from"),
        ({"from_on": date(2024, 1, 1)}, "/from"),
    ],
)
def test_a_wrong_code_or_day_is_refused_with_its_place(world, nurse, given, at):
    with pytest.raises(Invalid) as refused:
        coded(world, NURSE, **given)
    assert refused.value.errors[0].pointer == at


def test_a_code_that_somebody_has_or_had_is_nobody_else_s(world, nurse):
    coded(world, NURSE)
    other = world.person()
    for taken in (NURSE, DOCTOR):
        with pytest.raises(Conflict) as refused:
            coded(world, other, taken)
        assert refused.value.code == "practitioner_exists"
    with pytest.raises(Conflict):
        registered(world, code=NURSE, category="nurse", name="别人")
    with pytest.raises(Conflict):
        coded(world, nurse, DOCTOR, from_on=TODAY)


def test_fifteen_and_eighteen_digits_are_one_person(world):
    registered(world, code=None, category="doctor", name="孙", id_number="150402800101138")
    for again in ("150402800101138", "15040219800101138X"):
        with pytest.raises(Conflict) as refused:
            registered(world, code=None, category="doctor", name="孙", id_number=again)
        assert refused.value.code == "practitioner_exists"
        assert len(search_practitioners(world.work(), id_number=again, limit=5, after=None)[0]) == 1


def test_a_number_kept_with_fifteen_digits_from_before_is_found_by_its_eighteen(world):
    numbers = world.service.identity_numbers
    person = world.person()
    world.conn.exec_driver_sql(
        "UPDATE practitioners SET id_number_digest = %s WHERE id = %s", (numbers.digest("150402800101138"), person)
    )
    found = search_practitioners(world.work(), id_number="15040219800101138X", limit=5, after=None)[0]
    assert [one.id for one in found] == [person]
    with pytest.raises(Conflict):
        registered(world, code=None, category="doctor", name="孙", id_number="15040219800101138X")


def test_a_namesake_at_the_institution_is_told_of_and_elsewhere_not(world, nurse):
    told = registered(world, code=DOCTOR, category="doctor", name="王　护士").warnings
    assert told == (NamesakeWarning(institution=HOSPITAL, practitioners=(nurse,)),)
    elsewhere = registered(world, code="D150402880002", category="doctor", name="王护士", affiliations=())
    assert elsewhere.warnings == ()
