"""The registry's use cases: rows in time, revisions, and what is refused."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from registry_world import (
    DOCTOR,
    HOSPITAL,
    NEW_YEAR,
    OTHER_HOSPITAL,
    PHARMACY,
    actor_of,
    add_institution,
    asked,
    register,
    sanction,
    start_clock,
    work_of,
)
from sqlalchemy import select

from scoring_service.core.standing import Span
from scoring_service.db.registry import agreements_known, spans_known
from scoring_service.db.standing import computed_rows, decode_profile, stored_rows
from scoring_service.db.tables import (
    affiliations,
    persons,
    practitioners,
    registrations,
    standing_codes,
    standings,
)
from scoring_service.problems import Conflict, Forbidden, Invalid, Problem, Stale
from scoring_service.services.registry.affiliations import AskedAffiliation
from scoring_service.services.registry.institutions import (
    change_institution,
    put_agreement,
    register_institution,
)
from scoring_service.services.registry.persons import change_practitioner
from scoring_service.services.registry.practitioners import register_practitioner
from scoring_service.services.registry.records import Affiliation
from scoring_service.services.registry.registrations import deregister, put_affiliation, return_to_registry


@pytest.fixture
def work(module_engine, empty):
    start_clock(empty)
    return work_of(module_engine, empty)


@pytest.fixture
def regional_work(module_engine, work):
    return work_of(module_engine, work.conn, actor_of("office.admin", region="1504"))


@pytest.fixture
def hospital(work):
    return add_institution(work, agreement=Span(NEW_YEAR, None))


@pytest.fixture
def doctor(work, hospital):
    return register(work, affiliations=[asked(HOSPITAL)])


def test_a_new_person_with_one_affiliation_has_revision_two_and_instants_in_order(work, doctor):
    person = work.conn.execute(select(practitioners)).one()
    rows = [work.conn.execute(select(table)).one() for table in (registrations, affiliations)]
    assert doctor.revision == person.revision == 2
    assert [row.revision for row in rows] == [1, 2]
    assert person.recorded_at < rows[0].recorded_at < rows[1].recorded_at == person.last_recorded_at
    assert work.now >= person.last_recorded_at
    assert work.conn.execute(select(standings.c.revision)).scalar_one() == 2


def test_the_answer_names_the_person_with_the_number_masked(work, hospital):
    person = register(work, id_number=" 15040219800101138x ", commitment_signed_on=date(2025, 1, 2))
    assert person.id_number == "150***********138X"
    assert person.commitment_signed_on == date(2025, 1, 2)
    assert (person.status, person.registered_on) == ("normal", date(2025, 1, 1))
    kept = work.conn.execute(select(practitioners)).one()
    assert b"150402" not in kept.id_number_encrypted
    assert work.service.identity_numbers.decrypt(kept.id_number_encrypted) == "15040219800101138X"


@pytest.mark.parametrize(
    "given",
    [{"id_number": None}, {"id_number": "150402198001011232", "code": None}],
)
def test_the_same_code_or_number_a_second_time_is_refused(work, hospital, given):
    register(work, id_number="150402198001011232")
    with pytest.raises(Conflict) as refused:
        register(work, **given)
    assert refused.value.code == "practitioner_exists"


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"code": None}, "/code"),
        ({"code": "D15040200012"}, "/code"),
        ({"code": "d150402000123"}, "/code"),
        ({"code": "N150402000123"}, "/code"),
        ({"category": "pharmacist"}, "/code"),
        ({"id_number": "1504021980010112"}, "/id_number"),
        ({"id_number": "X50402198001011234"}, "/id_number"),
        ({"affiliations": [asked("H15040299999")]}, "/affiliations/0/institution"),
        ({"affiliations": [asked(HOSPITAL, date(2024, 12, 31))]}, "/affiliations/0/from"),
        ({"affiliations": [asked(HOSPITAL, NEW_YEAR, NEW_YEAR)]}, "/affiliations/0/until"),
        ({"affiliations": [asked(HOSPITAL), asked(HOSPITAL, date(2025, 2, 1))]}, "/affiliations/1"),
    ],
)
def test_a_wrong_value_is_named_and_nothing_is_written(work, hospital, given, pointer):
    with pytest.raises(Invalid) as refused:
        register(work, **given)
    assert refused.value.errors[0].pointer == pointer
    assert work.conn.execute(select(practitioners)).first() is None


@pytest.mark.parametrize(
    ("category", "code"),
    [
        ("nurse", "N150402000123"),
        ("pharmacist", "HY150402000123"),
        ("technician", "HJ150402000123"),
        ("fee_reviewer", "D150402000123"),
        ("pharmacy_principal", "HY150402000123"),
    ],
)
def test_codes_of_every_category(work, category, code):
    assert register(work, category=category, code=code).code == code


def test_an_affiliation_is_added_and_ended_without_losing_what_was_known(work, doctor):
    before = work.now
    ended = put_affiliation(work, DOCTOR, institution=HOSPITAL, from_on=None, until_on=date(2025, 3, 1))
    assert ended.revision == 3
    left = Affiliation(number=2, institution=HOSPITAL, start=NEW_YEAR, until=date(2025, 3, 1))
    assert ended.affiliations == (left,)
    again = put_affiliation(work, DOCTOR, institution=HOSPITAL, from_on=date(2025, 3, 1), until_on=None)
    assert [span.until for span in again.affiliations] == [date(2025, 3, 1), None]
    known = spans_known(work.conn, [doctor.id], known_at=before)[doctor.id]
    assert [version.span for version in known.affiliations] == [Span(NEW_YEAR, None)]
    by_revision = spans_known(work.conn, [doctor.id], revision=3)[doctor.id]
    assert [version.span.until for version in by_revision.affiliations] == [date(2025, 3, 1)]
    assert again.version == 3


@pytest.mark.parametrize(
    ("from_on", "until_on"), [(NEW_YEAR, None), (date(2025, 5, 1), None), (date(2024, 1, 1), date(2025, 1, 2))]
)
def test_an_overlapping_affiliation_is_refused(work, hospital, from_on, until_on):
    register(work, registered_on=date(2024, 1, 1), affiliations=[asked(HOSPITAL)])
    with pytest.raises(Conflict) as refused:
        put_affiliation(work, DOCTOR, institution=HOSPITAL, from_on=from_on, until_on=until_on)
    assert refused.value.code == "affiliation_overlaps"


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"institution": "H15040299999", "from_on": NEW_YEAR, "until_on": None}, "/institution"),
        ({"institution": HOSPITAL, "from_on": NEW_YEAR, "until_on": NEW_YEAR}, "/until"),
        ({"institution": PHARMACY, "from_on": date(2024, 12, 31), "until_on": None}, "/from"),
        ({"institution": PHARMACY, "from_on": None, "until_on": date(2025, 2, 1)}, "/from"),
    ],
)
def test_a_wrong_affiliation_is_named(work, doctor, given, pointer):
    add_institution(work, PHARMACY, region="150402")
    with pytest.raises(Invalid) as refused:
        put_affiliation(work, DOCTOR, **given)
    assert refused.value.errors[0].pointer == pointer


def test_leaving_ends_registration_and_affiliations_and_keeps_what_was_known(work, doctor):
    before = work.now
    left = deregister(work, DOCTOR, on=date(2025, 5, 1), reason="退休")
    assert (left.status, left.revision) == ("not_registered", 4)
    assert left.registrations[0].until == left.affiliations[0].until == date(2025, 5, 1)
    assert left.registrations[0].reason == "退休"
    known = spans_known(work.conn, [doctor.id], known_at=before)[doctor.id]
    assert known.registrations[0].span.until is None


def test_leaving_empties_an_affiliation_that_was_still_to_begin(work, doctor):
    add_institution(work, OTHER_HOSPITAL, region="150403")
    put_affiliation(work, DOCTOR, institution=OTHER_HOSPITAL, from_on=date(2025, 9, 1), until_on=None)
    left = deregister(work, DOCTOR, on=date(2025, 7, 1), reason="调离")
    assert [span.institution for span in left.affiliations] == [HOSPITAL]
    assert left.status == "normal"


def test_leaving_twice_or_before_the_first_day_is_refused(work, doctor):
    with pytest.raises(Invalid):
        deregister(work, DOCTOR, on=NEW_YEAR, reason="误")
    deregister(work, DOCTOR, on=date(2025, 5, 1), reason="退休")
    with pytest.raises(Conflict) as refused:
        deregister(work, DOCTOR, on=date(2025, 5, 2), reason="退休")
    assert refused.value.code == "not_registered"


def test_a_planned_leaving_may_be_brought_forward(work, doctor):
    deregister(work, DOCTOR, on=date(2025, 12, 1), reason="退休")
    left = deregister(work, DOCTOR, on=date(2025, 7, 1), reason="退休")
    assert left.registrations[0].until == date(2025, 7, 1)


def test_return_after_leaving_opens_new_spans(work, doctor):
    deregister(work, DOCTOR, on=date(2025, 3, 1), reason="进修")
    back = return_to_registry(
        work, DOCTOR, from_on=date(2025, 6, 1), affiliations=[asked(HOSPITAL, date(2025, 6, 1))],
        commitment_signed_on=date(2025, 6, 1),
    )  # fmt: skip
    assert (back.status, back.revision, back.registered_on) == ("normal", 6, date(2025, 6, 1))
    assert [span.start for span in back.affiliations] == [date(2025, 1, 1), date(2025, 6, 1)]


@pytest.mark.parametrize("from_on", [date(2025, 2, 28), date(2025, 6, 1)])
def test_return_while_registered_is_refused(work, doctor, from_on):
    if from_on < date(2025, 3, 1):
        deregister(work, DOCTOR, on=date(2025, 3, 1), reason="进修")
    with pytest.raises(Conflict) as refused:
        return_to_registry(work, DOCTOR, from_on=from_on, affiliations=[], commitment_signed_on=None)
    assert refused.value.code == "already_registered"


def test_return_is_no_way_round_a_ban(work, doctor):
    deregister(work, DOCTOR, on=date(2025, 3, 1), reason="离职")
    sanction(work, doctor, "termination", date(2025, 6, 1), date(2028, 6, 1))
    with pytest.raises(Conflict) as refused:
        return_to_registry(work, DOCTOR, from_on=date(2025, 6, 1), affiliations=[], commitment_signed_on=None)
    assert refused.value.code == "terminated"


def test_changes_of_a_person(work, hospital):
    person = register(work, code=None, id_number="150402198001011232", affiliations=[asked(HOSPITAL)])
    changed = change_practitioner(
        work, person.id, expected_version=person.version,
        changes={"name": "王二", "code": DOCTOR, "commitment_signed_on": date(2025, 6, 1)},
    )  # fmt: skip
    assert (changed.code, changed.name, changed.commitment_signed_on) == (DOCTOR, "王二", date(2025, 6, 1))
    assert (changed.revision, changed.version) == (4, 2)
    named = work.conn.execute(select(persons).order_by(persons.c.revision)).all()
    assert [(row.revision, row.name, row.code) for row in named] == [(1, "王一", None), (3, "王二", DOCTOR)]
    assert work.conn.execute(select(standing_codes)).all() == [(DOCTOR, person.id)]


def test_a_new_category_is_written_on_the_running_registration(work):
    person = register(work, code="HY150402000123", category="pharmacist")
    before = work.now
    changed = change_practitioner(
        work, person.id, expected_version=1, changes={"category": "pharmacy_principal"}
    )
    assert changed.registrations[0].category == changed.category == "pharmacy_principal"
    known = spans_known(work.conn, [person.id], known_at=before)[person.id]
    assert known.registrations[0].category == "pharmacist"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"code": "N150402000999"}, "invalid"),
        ({"code": None}, "invalid"),
        ({"id_number": "150402198001019998"}, "practitioner_exists"),
        ({"id_number": None}, "invalid"),
        ({"category": "nurse"}, "invalid"),
    ],
)
def test_refused_changes_of_a_person(work, doctor, changes, code):
    register(work, code=None, id_number="150402198001019998")
    with pytest.raises((Conflict, Invalid)) as refused:
        change_practitioner(work, DOCTOR, expected_version=1, changes=changes)
    assert refused.value.code == code


def test_a_change_needs_the_version_that_was_read(work, doctor):
    change_practitioner(work, DOCTOR, expected_version=1, changes={"name": "王二"})
    with pytest.raises(Stale):
        change_practitioner(work, DOCTOR, expected_version=1, changes={"name": "王三"})


def test_an_agreement_ends_and_another_follows_and_the_past_stays_known(work, hospital):
    before = work.now
    ended = put_agreement(work, HOSPITAL, from_on=NEW_YEAR, until_on=date(2025, 4, 1))
    assert ended.agreements == (Span(NEW_YEAR, date(2025, 4, 1)),)
    again = put_agreement(work, HOSPITAL, from_on=date(2025, 4, 1), until_on=None)
    assert [span.start for span in again.agreements] == [date(2025, 1, 1), date(2025, 4, 1)]
    known = agreements_known(work.conn, [HOSPITAL], known_at=before)[HOSPITAL]
    assert [version.span for version in known] == [Span(NEW_YEAR, None)]


def test_the_open_agreement_is_ended_without_naming_its_first_day(work, hospital):
    ended = put_agreement(work, HOSPITAL, from_on=None, until_on=date(2025, 4, 1))
    assert ended.agreements == (Span(NEW_YEAR, date(2025, 4, 1)),)
    with pytest.raises(Invalid):
        put_agreement(work, HOSPITAL, from_on=None, until_on=date(2025, 5, 1))


@pytest.mark.parametrize(
    ("from_on", "until_on"), [(NEW_YEAR, None), (date(2026, 1, 1), None), (date(2024, 1, 1), date(2025, 1, 2))]
)
def test_an_overlapping_agreement_is_refused(work, hospital, from_on, until_on):
    with pytest.raises(Conflict) as refused:
        put_agreement(work, HOSPITAL, from_on=from_on, until_on=until_on)
    assert refused.value.code == "agreement_overlaps"


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"code": "P15040200001"}, "/code"),
        ({"code": "H1504020000"}, "/code"),
        ({"region": "1504"}, "/region"),
        ({"agreement": Span(NEW_YEAR, NEW_YEAR)}, "/agreement/until"),
    ],
)
def test_a_wrong_institution_is_named(work, given, pointer):
    whole = {"code": HOSPITAL, "name": "市医院", "kind": "hospital", "region": "150402", "agreement": None}
    with pytest.raises(Invalid) as refused:
        register_institution(work, **(whole | given))
    assert refused.value.errors[0].pointer == pointer


def test_an_institution_is_registered_once(work, hospital):
    with pytest.raises(Conflict) as refused:
        add_institution(work, HOSPITAL, region="150402")
    assert refused.value.code == "institution_exists"


def test_an_institution_is_changed_at_the_version_that_was_read(work, hospital):
    changed = change_institution(
        work, HOSPITAL, expected_version=hospital.version, changes={"name": "新名", "region": "150404"}
    )
    assert (changed.name, changed.region) == ("新名", "150404")
    with pytest.raises(Stale):
        change_institution(work, HOSPITAL, expected_version=hospital.version, changes={"name": "旧"})


def test_a_corrected_region_is_that_of_the_people_there_too(work, hospital):
    person = register(work, affiliations=[asked(HOSPITAL)]).id
    change_institution(work, HOSPITAL, expected_version=None, changes={"region": "150404"})
    rows = stored_rows(work.conn, [person])
    assert rows == computed_rows(work.conn, [person])
    assert decode_profile(rows[standings][0]["profile"]).region_on(NEW_YEAR) == "150404"


def test_an_institution_with_people_stays_under_its_rulebook(work, hospital):
    change_institution(work, HOSPITAL, expected_version=None, changes={"region": "430102"})
    change_institution(work, HOSPITAL, expected_version=None, changes={"region": "150402"})
    register(work, affiliations=[asked(HOSPITAL)])
    with pytest.raises(Conflict) as refused:
        change_institution(work, HOSPITAL, expected_version=None, changes={"region": "430102"})
    assert refused.value.code == "other_rulebook"


def test_a_regional_admin_keeps_to_the_region(regional_work):
    add_institution(regional_work)
    with pytest.raises(Forbidden):
        add_institution(regional_work, OTHER_HOSPITAL, region="150502")
    with pytest.raises(Forbidden):
        change_institution(regional_work, HOSPITAL, expected_version=None, changes={"region": "150502"})


def test_a_regional_admin_affiliates_only_there(work, hospital, regional_work):
    add_institution(work, OTHER_HOSPITAL, region="210102")
    with pytest.raises(Invalid):
        register(regional_work, affiliations=[asked(OTHER_HOSPITAL)])
    assert register(regional_work, affiliations=[asked(HOSPITAL)]).revision == 2


def test_every_instant_of_a_file_is_later_than_the_one_before(work, doctor):
    for until in (date(2025, 2, 1), date(2025, 2, 2), date(2025, 2, 3)):
        put_affiliation(work, DOCTOR, institution=HOSPITAL, from_on=NEW_YEAR, until_on=until)
    instants = list(
        work.conn.execute(select(affiliations.c.recorded_at).order_by(affiliations.c.revision)).scalars()
    )
    assert all(later - earlier >= timedelta(microseconds=1) for earlier, later in pairwise(instants))
    assert len(instants) == 4


def test_everything_that_is_wrong_with_a_new_person_or_institution_is_told_at_once(work):
    with pytest.raises(Problem) as refused:
        register_practitioner(
            work,
            code="D1",
            name="甲",
            category="doctor",
            registered_on=NEW_YEAR,
            id_number="1",
            affiliations=[AskedAffiliation(institution="H99999999999", span=Span(NEW_YEAR, NEW_YEAR))],
        )
    told = [fault.pointer for fault in refused.value.errors]
    assert told == ["/code", "/id_number", "/affiliations/0/institution", "/affiliations/0/until"]
    with pytest.raises(Problem) as refused:
        register_institution(
            work, code="H1", name="乙", kind="hospital", region="15", agreement=Span(NEW_YEAR, NEW_YEAR)
        )
    assert [fault.pointer for fault in refused.value.errors] == ["/code", "/region", "/agreement/until"]
