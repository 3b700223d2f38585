from dataclasses import replace
from datetime import date, timedelta

import pytest
from case_world import (
    CLINIC,
    DECIDED,
    FAR_HOSPITAL,
    HOSPITAL,
    OVERTREATMENT,
    SHAM,
    TODAY,
    finding,
    handling,
)
from sqlalchemy import func, select

from scoring_service.core.adjustments import Adjustment, AdjustmentKind
from scoring_service.db.tables import audit_log, case_hands, cases
from scoring_service.problems import Conflict, Forbidden, NotFound, Problem, Stale
from scoring_service.services.cases.drafting import draft, edit, give_back, submit, withdraw
from scoring_service.services.cases.reading import cases_of_person, listing, read_case
from scoring_service.services.unit_of_work.fields import narrowed

ONE_DAY = timedelta(days=1)


def listed(world, name, **filters):
    """The ids of the cases that an account finds, the oldest first."""
    work = world.work(name)
    person = filters.pop("practitioner", None)
    asked = narrowed(work, listing(work, practitioner=person), filters)
    return [row.id for row in world.conn.execute(asked.query.order_by(cases.c.created_at))]


def refusal(act, *args, **kwargs):
    with pytest.raises(Problem) as caught:
        act(*args, **kwargs)
    return caught.value


def pointers(problem):
    assert problem.status == 422
    return [fault.pointer for fault in problem.errors]


def test_a_draft_answers_with_band_and_flags(world):
    person = world.person()
    case = world.draft(finding(person, 5))
    assert (case.state, case.version, case.institution) == ("draft", 1, HOSPITAL)
    assert case.handling.decided_on == DECIDED
    assert case.rulebook.id == "chifeng"
    [told] = case.findings
    assert told.practitioner.id == person
    assert (told.band, told.flags, told.entry, told.absorbed) == ("moderate", (), None, False)


@pytest.mark.parametrize("points", [0, 13, -1, "3", 3.0, True, None])
def test_points_are_integers_from_1_to_12(world, points):
    person = world.person()
    assert pointers(refusal(world.draft, finding(person, points))) == ["/findings/0/points"]


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"item": "no_such_item"}, "item"),
        ({"degree": "slight"}, "degree"),
        ({"item": "certificate_revoked", "degree": "general", "points": 10}, "degree"),
        ({"occurred_from": DECIDED + ONE_DAY}, "occurred_from"),
        ({"occurred_until": DECIDED + 2 * ONE_DAY}, "occurred_until"),
        ({"occurred_from": DECIDED, "occurred_until": DECIDED - ONE_DAY}, "occurred_until"),
    ],
)
def test_a_wrong_member_of_a_finding_is_pointed_at(world, wrong, pointer):
    person = world.person()
    wrong_one = finding(person, **({"points": 5} | wrong))
    assert pointers(refusal(world.draft, finding(person), wrong_one)) == [f"/findings/1/{pointer}"]


def test_everything_that_is_wrong_with_a_case_is_told_at_once(world):
    person, ground = world.person(), Adjustment(kind=AdjustmentKind.LIGHTER, ground="intent")
    wrong = (
        *(finding("D150402999999"), finding(person, 13), finding(person, adjustment=ground)),
        finding(person, item="none", degree="slight"),
    )
    told = pointers(refusal(world.draft, *wrong, institution="H15040209999", decided_on=TODAY + ONE_DAY))
    assert set(told) == {"/institution", "/handling/decided_on", "/findings/0/practitioner", "/findings/1/points"}
    told = pointers(refusal(world.draft, *wrong))
    assert {pointer.removeprefix("/findings/") for pointer in told} == {
        *("0/practitioner", "1/points", "2/adjustment/ground", "3/item"),
    }
    case = world.draft(finding(person))
    changed = {"handling": {"decided_on": TODAY + ONE_DAY}, "institution": "H15040209999", "findings": wrong}
    problem = refusal(edit, world.work(), case.id, expected_version=1, **changed)
    assert len(pointers(problem)) == 4


def test_strangers_are_pointed_at_and_nothing_is_kept(world):
    person = world.person()
    problem = refusal(world.draft, finding("D150402999999"), finding(person), finding(HOSPITAL))
    assert pointers(problem) == ["/findings/0/practitioner", "/findings/2/practitioner"]
    assert world.conn.execute(select(func.count()).select_from(cases)).scalar_one() == 0


def test_a_case_needs_a_finding(world):
    assert pointers(refusal(world.draft)) == ["/findings"]


def test_a_person_registered_only_after_the_decision_is_flagged(world):
    late = world.person(since=DECIDED + ONE_DAY)
    assert world.draft(finding(late)).findings[0].flags == ("never_registered",)
    same_day = world.person(since=DECIDED)
    assert world.draft(finding(same_day)).findings[0].flags == ()


def test_who_has_left_can_still_be_charged(world):
    left = world.person(since=date(2025, 1, 1), until=date(2025, 2, 1))
    case = world.draft(finding(left, occurred_from=date(2025, 1, 10), occurred_until=date(2025, 1, 12)))
    assert case.findings[0].flags == ()


def test_an_institution_must_have_had_an_agreement(world):
    world.institution("H15040200003", since=DECIDED + ONE_DAY)
    world.institution("H15040200004", since=date(2025, 1, 1), until=date(2025, 2, 1))
    person = world.person()
    problem = refusal(world.draft, finding(person), institution="H15040200003")
    assert pointers(problem) == ["/institution"]
    assert pointers(refusal(world.draft, finding(person), institution="H15040209999")) == ["/institution"]
    assert world.draft(finding(person), institution="H15040200004").state == "draft"


def test_a_decision_of_tomorrow_is_refused_and_one_of_today_is_not(world):
    person = world.person()
    problem = refusal(world.draft, finding(person), decided_on=TODAY + ONE_DAY)
    assert pointers(problem) == ["/handling/decided_on"]
    assert world.draft(finding(person), decided_on=TODAY).state == "draft"


def test_a_decision_before_the_first_rulebook_has_no_rulebook(world):
    world.institution("H15040200003", since=date(2024, 1, 1))
    person = world.person(since=date(2024, 1, 1))
    problem = refusal(
        world.draft, finding(person), institution="H15040200003", decided_on=date(2024, 12, 31)
    )
    assert problem.code == "no_rulebook"
    assert pointers(problem) == ["/handling/decided_on"]


def test_the_rulebook_is_that_of_the_institutions_division(world):
    person = world.person(at=FAR_HOSPITAL)
    assert world.draft(finding(person), institution=FAR_HOSPITAL).rulebook.id == "hunan"


def test_points_outside_the_items_band_are_flagged_not_blocked(world):
    person = world.person()
    [told] = world.draft(finding(person, 7)).findings
    assert (told.band, told.flags) == ("moderate", ("outside_band",))


def test_a_person_of_another_institution_is_flagged(world):
    person = world.person(at=CLINIC)
    assert world.draft(finding(person)).findings[0].flags == ("not_affiliated_then",)


@pytest.mark.parametrize(
    ("occurred_from", "occurred_until", "flagged"),
    [
        (None, None, True),
        (date(2025, 3, 31), date(2025, 4, 1), False),
        (date(2025, 3, 31), date(2025, 3, 31), False),
        (date(2025, 4, 1), None, True),
        (date(2025, 3, 31), None, False),
        (None, date(2025, 4, 1), False),
        (None, date(2025, 4, 2), True),
    ],
)
def test_affiliation_is_judged_on_the_days_of_the_act(world, occurred_from, occurred_until, flagged):
    person = world.person(until=date(2025, 4, 1))
    case = world.draft(finding(person, occurred_from=occurred_from, occurred_until=occurred_until))
    assert case.findings[0].flags == (("not_affiliated_then",) if flagged else ())


@pytest.mark.parametrize(
    ("points", "item", "decided_on", "flagged"),
    [
        (6, OVERTREATMENT, DECIDED + ONE_DAY, True),
        (6, OVERTREATMENT, DECIDED, False),
        (6, OVERTREATMENT, DECIDED - ONE_DAY, False),
        (6, OVERTREATMENT, date(2026, 5, 19), True),
        (6, OVERTREATMENT, date(2026, 5, 20), False),
        (7, OVERTREATMENT, DECIDED + ONE_DAY, False),
        (6, "splitting_stays", DECIDED + ONE_DAY, False),
    ],
)
def test_the_same_item_again_within_twelve_months(world, points, item, decided_on, flagged):
    person = world.person()
    world.approved(finding(person, points, item=item, reason="情节较重"))
    world.set_today(date(2026, 6, 1))
    flags = world.draft(finding(person, 5), decided_on=decided_on).findings[0].flags
    assert flags == (("repeat_in_year",) if flagged else ())


def test_a_flagged_finding_needs_a_reason_to_be_submitted(world):
    first, second, third = world.person(), world.person(), world.person()
    case = world.draft(finding(first), finding(second, 7), finding(third, 7, reason=" "))
    problem = refusal(submit, world.work(), case.id)
    assert pointers(problem) == ["/findings/1/reason", "/findings/2/reason"]
    assert world.submitted(finding(first, 7, reason="情节较重")).state == "submitted"


def test_flags_are_judged_again_at_submission(world):
    person = world.person()
    case = world.draft(finding(person), decided_on=TODAY)
    world.approved(finding(person, 3, reason="情节较轻"))
    assert pointers(refusal(submit, world.work(), case.id)) == ["/findings/0/reason"]


def test_an_edit_replaces_what_is_given_and_judges_again(world):
    person = world.person()
    case = world.draft(finding(person))
    changed = edit(world.work(), case.id, expected_version=1, handling={"document_no": "2号"}, summary="更正")
    assert (changed.version, changed.summary) == (2, "更正")
    assert changed.handling == replace(case.handling, document_no="2号")
    assert changed.findings == case.findings
    moved = edit(world.work(), case.id, expected_version=2, institution=CLINIC)
    assert moved.findings[0].flags == ("not_affiliated_then",)
    replaced = edit(world.work(), case.id, expected_version=3, findings=[finding(person, 12, item=SHAM)])
    assert [row.points for row in replaced.findings] == [12]


def test_a_stale_version_changes_nothing(world):
    case = world.draft(finding(world.person()))
    edit(world.work(), case.id, expected_version=1, summary="一")
    for act in (edit, submit):
        with pytest.raises(Stale):
            act(world.work(), case.id, expected_version=1)
    with pytest.raises(Stale):
        withdraw(world.work(), case.id, reason="误立", expected_version=1)
    assert read_case(world.work(), case.id).summary == "一"


def test_only_a_draft_is_edited_and_submitted(world):
    case = world.submitted(finding(world.person()))
    for act in (edit, submit):
        with pytest.raises(Conflict) as caught:
            act(world.work(), case.id, expected_version=case.version)
        assert (caught.value.code, caught.value.extra) == ("case_state", {"state": "submitted"})


def test_a_returned_case_is_a_draft_with_the_reason(world):
    case = world.submitted(finding(world.person()))
    returned = give_back(world.work("reviewer"), case.id, reason="证据不足")
    assert (returned.state, returned.reason) == ("draft", "证据不足")
    again = submit(world.work(), case.id)
    assert (again.state, again.reason) == ("submitted", None)


def test_who_drafted_does_not_return_under_another_account_either(world):
    world.account("clerk-too", "office.reviewer", staff_no="S-clerk")
    case = world.submitted(finding(world.person()))
    with pytest.raises(Forbidden) as caught:
        give_back(world.work("clerk-too"), case.id, reason="证据不足")
    assert caught.value.code == "same_person"


def test_a_draft_cannot_be_returned_and_a_withdrawn_case_is_at_its_end(world):
    case = world.draft(finding(world.person()))
    with pytest.raises(Conflict):
        give_back(world.work("reviewer"), case.id, reason="证据不足")
    assert withdraw(world.work(), case.id, reason="误立").state == "withdrawn"
    with pytest.raises(Conflict):
        withdraw(world.work(), case.id, reason="误立")
    with pytest.raises(Conflict):
        submit(world.work(), case.id)


def test_an_approved_case_cannot_be_withdrawn(world):
    case = world.approved(finding(world.person()))
    with pytest.raises(Conflict) as caught:
        withdraw(world.work(), case.id, reason="误立")
    assert caught.value.extra == {"state": "approved"}


def test_every_hand_and_every_write_and_look_is_on_record(world):
    person = world.person()
    case = world.draft(finding(person))
    work = world.work()
    edit(work, case.id, expected_version=1, summary="更正")
    submit(work, case.id)
    read_case(work, case.id)
    work.close()
    hands = world.conn.execute(select(case_hands).where(case_hands.c.case_id == case.id)).all()
    assert {(hand.deed, hand.staff_no) for hand in hands} == {
        ("drafted", "S-CLERK"),
        ("edited", "S-CLERK"),
        ("submitted", "S-CLERK"),
    }
    rows = world.conn.execute(select(audit_log).where(audit_log.c.case_id == case.id)).all()
    assert {"case.edited", "case.submitted", "look"} <= {row.action for row in rows}
    looks = [row for row in rows if row.action == "look"]
    assert {(row.practitioner_id, row.object_kind) for row in looks} == {(person, "case")}


def test_a_region_sees_and_touches_its_own_cases_only(world):
    world.account("far-clerk", "office.clerk", region="43")
    case = world.draft(finding(world.person()))
    far = world.draft(finding(world.person(at=FAR_HOSPITAL)), institution=FAR_HOSPITAL)
    work = world.work("far-clerk")
    assert listed(world, "far-clerk") == [far.id]
    assert read_case(work, far.id).id == far.id
    for act in (read_case, submit):
        with pytest.raises(NotFound):
            act(work, case.id)
    with pytest.raises(Problem) as caught:
        world.draft(finding(world.person()), by="far-clerk")
    assert pointers(caught.value) == ["/institution", "/findings/0/practitioner"]


@pytest.mark.parametrize("case_id", ["1", "00000000-0000-0000-0000-000000000000", "'; --"])
def test_an_unknown_case_is_not_found(world, case_id):
    with pytest.raises(NotFound):
        read_case(world.work(), case_id)


def test_the_list_is_filtered(world):
    person, other = world.person(), world.person()
    first = world.draft(finding(person))
    second = world.submitted(finding(other))
    assert listed(world, "auditor") == [first.id, second.id]
    assert listed(world, "auditor", state="submitted") == [second.id]
    assert listed(world, "auditor", practitioner=person) == [first.id]
    assert listed(world, "auditor", institution=HOSPITAL) == [first.id, second.id]
    assert listed(world, "auditor", institution=CLINIC) == []


def test_outsiders_see_approved_cases_without_notes_and_their_own_people_only(world):
    own, colleague, stranger = world.person(), world.person(), world.person(at=CLINIC)
    world.account("hospital", "institution", institution=HOSPITAL)
    world.account("clinic", "institution", institution=CLINIC)
    world.account("doctor", "practitioner", practitioner=own)
    world.draft(finding(own))
    case = world.approved(
        finding(own, 7, reason="内部意见"), finding(colleague), finding(stranger, reason="内部意见")
    )
    seen = {
        name: read_case(world.work(name), case.id) for name in ("hospital", "clinic", "doctor")
    }
    people = {name: [row.practitioner.id for row in told.findings] for name, told in seen.items()}
    assert people == {"hospital": [own, colleague], "clinic": [stranger], "doctor": [own]}
    for told in seen.values():
        assert not any(hasattr(told, name) for name in ("hands", "reason", "attachments"))
        assert not any(hasattr(row, name) for row in told.findings for name in ("reason", "flags"))
    assert [row.id for row in cases_of_person(world.work("doctor"), own)] == [case.id]
    assert len(cases_of_person(world.work(), own)) == 2


def test_outsiders_do_not_see_an_open_case(world):
    own = world.person()
    world.account("doctor", "practitioner", practitioner=own)
    world.account("settlement", "settlement")
    case = world.submitted(finding(own))
    with pytest.raises(NotFound):
        read_case(world.work("doctor"), case.id)
    assert listed(world, "doctor") == []
    with pytest.raises(NotFound):
        read_case(world.work("settlement"), case.id)


def test_a_kind_of_handling_that_is_none_is_refused(world):
    person = world.person()
    problem = refusal(
        draft,
        world.work(),
        institution=HOSPITAL,
        handling=handling(kind="fine"),
        summary="检查",
        findings=[finding(person)],
    )
    assert pointers(problem) == ["/handling/kind"]
