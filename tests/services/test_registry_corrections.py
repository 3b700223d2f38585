"""A typo in the registry does not last: its row is superseded under four eyes, and known only from then."""

from datetime import date

import pytest
from case_world import CLINIC, HOSPITAL, TODAY, finding

from scoring_service.core.payable import Reason
from scoring_service.db.standing import computed_rows, stored_rows
from scoring_service.problems import Conflict, Forbidden, Invalid, Problem
from scoring_service.services.eligibility.answer import make_check as line
from scoring_service.services.eligibility.checks import check_lines
from scoring_service.services.proposals import proposal, registry_corrections
from scoring_service.services.proposals.registry_corrections import REGISTRY_CORRECTION
from scoring_service.services.registry.person_codes import add_code
from scoring_service.services.registry.persons import change_practitioner
from scoring_service.services.registry.practitioners import read_practitioner
from scoring_service.services.registry.registrations import deregister, put_affiliation
from scoring_service.services.standing.reading import standing_of

BEGAN = date(2025, 1, 1)
NUMBER, OTHER_NUMBER = "150402198001011232", "15040219800101138X"


@pytest.fixture
def person(world):
    return world.person()


def drafted(world, person, kind, by="admin", **asked):
    return registry_corrections.draft(world.work(by), person, kind=kind, reason="登记笔误", **asked)


def corrected(world, person, kind, **asked):
    found = drafted(world, person, kind, **asked)
    told = registry_corrections.approve(world.work("reviewer"), found.id)
    assert stored_rows(world.conn, [person]) == computed_rows(world.conn, [person])
    return told


def refusal(world, person, kind, **asked):
    with pytest.raises(Problem) as refused:
        drafted(world, person, kind, **asked)
    return refused.value


def shown(world, person):
    return read_practitioner(world.work(), person)


def reason_on(world, ref, day, institution=HOSPITAL, **question):
    return check_lines(world.work("clerk"), [line(ref, day.isoformat(), day, institution)], **question)[0].reason


def days(rows):
    return [(row.number, row.start, row.until) for row in rows]


def test_a_wrong_first_day_is_taken_back_and_the_past_keeps_what_was_known(world, person):
    before = world.work().now
    assert reason_on(world, person, date(2025, 1, 15)) is Reason.ELIGIBLE
    corrected(world, person, "affiliation", number=2, span={"from": date(2025, 2, 1)})
    assert reason_on(world, person, date(2025, 1, 15)) is Reason.NOT_AFFILIATED
    assert reason_on(world, person, date(2025, 1, 15), known_at=before) is Reason.ELIGIBLE
    corrected(world, person, "registration", number=1, span={"from": date(2025, 2, 1)})
    assert reason_on(world, person, date(2025, 1, 15)) is Reason.NOT_REGISTERED
    assert (days(shown(world, person).registrations), days(shown(world, person).affiliations)) == (
        [(1, date(2025, 2, 1), None)],
        [(2, date(2025, 2, 1), None)],
    )


def test_a_wrong_hospital_is_void_or_another_one(world, person):
    corrected(world, person, "affiliation", fields={"institution": CLINIC})
    assert (reason_on(world, person, TODAY, CLINIC), reason_on(world, person, TODAY)) == (
        Reason.ELIGIBLE,
        Reason.NOT_AFFILIATED,
    )
    corrected(world, person, "affiliation", void=True)
    assert shown(world, person).affiliations == ()


def test_a_leaving_recorded_by_mistake_is_opened_again(world, person):
    deregister(world.work("admin"), person, on=TODAY, reason="误登记")
    assert reason_on(world, person, TODAY) is Reason.NOT_REGISTERED
    corrected(world, person, "registration", span={"until": None})
    corrected(world, person, "affiliation", span={"until": None})
    assert reason_on(world, person, TODAY) is Reason.ELIGIBLE
    assert shown(world, person).registrations[0].reason is None


def test_a_name_and_a_number_of_a_file_with_entries_are_corrected_by_two(world, person):
    change_practitioner(world.work("admin"), person, expected_version=None, changes={"id_number": NUMBER})
    world.approved(finding(person))
    then = standing_of(world.work(), person)
    told = corrected(world, person, "person", fields={"name": "改正", "id_number": OTHER_NUMBER})
    assert told.corrected == {"name": "改正", "id_number": "150***********138X"}
    assert (shown(world, person).name, shown(world, person).id_number) == ("改正", "150***********138X")
    known = {"known_at": world.work().service.clock.now(world.conn), "revision": then.revision}
    assert standing_of(world.work(), person, **known).practitioner == then.practitioner


def test_a_wrong_code_no_longer_answers_and_the_right_one_does(world, person):
    wrong = shown(world, person).code
    world.approved(finding(person))
    corrected(world, person, "person", fields={"code": "D150402770001"})
    assert reason_on(world, wrong, TODAY) is Reason.UNKNOWN_PRACTITIONER
    assert reason_on(world, "D150402770001", TODAY) is Reason.ELIGIBLE


def test_a_wrong_name_is_corrected_in_every_row_that_has_it_and_a_row_may_be_void_or_begin_later(world, person):
    first = shown(world, person).code
    row = add_code(
        world.work("admin"), person, code="D150402770002", from_on=date(2025, 5, 1), reason="换发"
    ).persons[1].number
    corrected(world, person, "person", number=1, fields={"name": "改正"})
    assert {each.name for each in shown(world, person).persons} == {"改正"}
    corrected(world, person, "person", number=row, span={"from": date(2025, 4, 1)})
    assert days(shown(world, person).persons) == [(1, date(2025, 1, 1), date(2025, 4, 1)), (row, date(2025, 4, 1), None)]
    corrected(world, person, "person", number=row, void=True)
    assert days(shown(world, person).persons) == [(1, date(2025, 1, 1), None)]
    assert shown(world, person).code == first
    assert reason_on(world, "D150402770002", TODAY) is Reason.UNKNOWN_PRACTITIONER


def test_nobody_approves_their_own_and_nothing_is_decided_twice(world, person):
    draft = drafted(world, person, "affiliation", span={"from": date(2025, 2, 1)})
    with pytest.raises(Forbidden) as refused:
        registry_corrections.approve(world.work("admin"), draft.id)
    assert refused.value.code == "same_person"
    rejected = proposal.reject(world.work("reviewer"), REGISTRY_CORRECTION, draft.id, reason="日期无误")
    assert (rejected.state, rejected.rejected_because) == ("rejected", "日期无误")
    with pytest.raises(Conflict) as twice:
        registry_corrections.approve(world.work("reviewer"), draft.id)
    assert (twice.value.code, twice.value.extra) == ("correction_state", {"state": "rejected"})
    assert days(shown(world, person).affiliations) == [(2, date(2025, 1, 1), None)]


def test_what_no_longer_fits_when_it_is_approved_is_refused_and_stays_drafted(world, person):
    draft = drafted(world, person, "affiliation", span={"until": date(2025, 9, 1)})
    corrected(world, person, "affiliation", void=True)
    with pytest.raises(Conflict) as refused:
        registry_corrections.approve(world.work("reviewer"), draft.id)
    assert refused.value.code == "correction_outdated"
    assert proposal.read(world.work(), REGISTRY_CORRECTION, draft.id).state == "drafted"


@pytest.mark.parametrize(
    ("kind", "asked", "code"),
    [
        ("registration", {"span": {"from": date(2025, 2, 1)}}, "affiliation_outside_registration"),
        ("registration", {"void": True}, "affiliation_outside_registration"),
        ("affiliation", {"number": 2, "span": {"from": date(2024, 12, 1)}}, "affiliation_outside_registration"),
        ("affiliation", {"number": 3, "span": {"from": date(2025, 5, 1)}}, "affiliation_overlaps"),
        ("affiliation", {"number": 2, "fields": {"institution": "H99999999999"}}, "unknown_institution"),
        ("affiliation", {"number": 2, "span": {"until": BEGAN}}, "invalid"),
        ("affiliation", {"number": 2, "span": {"from": BEGAN}}, "invalid"),
        ("affiliation", {"number": 2, "fields": {"name": "王"}}, "invalid"),
        ("affiliation", {"number": 2, "fields": {"institution": CLINIC}, "void": True}, "invalid"),
        ("affiliation", {}, "invalid"),
        ("affiliation", {"number": 1, "void": True}, "invalid"),
        ("person", {"void": True}, "invalid"),
        ("person", {"fields": {"code": None}}, "invalid"),
        ("person", {"fields": {"code": "N150402000001"}}, "invalid"),
        ("person", {"fields": {"id_number": "150402198001011233"}}, "invalid"),
        ("person", {"fields": {"name": "王"}, "span": {"from": date(2025, 2, 1)}}, "invalid"),
        ("person", {"span": {"until": date(2025, 2, 1)}}, "invalid"),
    ],
)
def test_what_would_break_the_registry_is_refused_with_what_to_do(world, person, kind, asked, code):
    admin = world.work("admin")
    put_affiliation(admin, person, institution=HOSPITAL, from_on=BEGAN, until_on=date(2025, 6, 1))
    added = put_affiliation(admin, person, institution=HOSPITAL, from_on=date(2025, 6, 1), until_on=None)
    again = added.affiliations[1].number
    if asked.get("number") == 3:
        asked = asked | {"number": again}
    assert refusal(world, person, kind, **asked).code == code


def test_somebody_else_s_code_is_refused(world, person):
    other = shown(world, world.person()).code
    assert refusal(world, person, "person", fields={"code": other}).code == "practitioner_exists"


def test_the_institutions_and_the_person_are_told_and_the_record_holds_no_name(world, person):
    found = drafted(world, person, "affiliation", fields={"institution": CLINIC})
    work = world.work("reviewer")
    registry_corrections.approve(work, found.id)
    told = [(event.practitioner_id, event.institution_code) for event in work._events]
    assert told == [(person, None), (None, HOSPITAL), (None, CLINIC)]
    assert [deed.detail for deed in work._audit] == [{"kind": "affiliation", "number": 2, "revision": 3}]


def test_a_commitment_and_a_category_are_corrected_on_the_registration(world, person):
    fields = {"commitment_signed_on": date(2025, 1, 3), "category": "fee_reviewer"}
    corrected(world, person, "registration", fields=fields)
    [row] = shown(world, person).registrations
    assert (row.category, row.commitment_signed_on) == ("fee_reviewer", date(2025, 1, 3))
    with pytest.raises(Invalid):
        drafted(world, person, "registration", fields=fields)


def test_an_office_of_another_region_sees_a_correction_of_a_former_person_and_leaves_it(world, person):
    world.account("elsewhere", "office.admin", "office.reviewer", region="1505")
    world.institution("H15050200001", region="150502")
    admin = world.work("admin")
    put_affiliation(admin, person, institution="H15050200001", from_on=date(2025, 2, 1), until_on=date(2025, 3, 1))
    draft = drafted(world, person, "affiliation", number=2, span={"from": date(2025, 1, 5)})
    for act in (
        lambda work: registry_corrections.approve(work, draft.id),
        lambda work: proposal.reject(work, REGISTRY_CORRECTION, draft.id, reason="不归本区"),
        lambda work: registry_corrections.draft(work, person, kind="affiliation", number=2, void=True, reason="误"),
    ):
        with pytest.raises(Forbidden) as refused:
            act(world.work("elsewhere"))
        assert refused.value.code == "outside_region"
