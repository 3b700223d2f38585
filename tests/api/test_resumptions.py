"""A suspension ends when its resumption is granted: in time, late, by an office that was late, or not at all (P39)."""

from datetime import date, timedelta

import pytest
from case_calls import answered, refused
from due_process_calls import drafted, scored, set_clock
from resumption_calls import (
    APPLY_BY,
    APPLY_FROM,
    RESUMPTIONS,
    TERM_ENDS,
    act,
    addressees,
    application,
    consented,
    filed,
    letters,
    make_hands_there,
    standing,
    status_on,
    suspended,
    text_of,
)
from sqlalchemy import select

from scoring_service.db.tables import events

ONE_DAY = timedelta(days=1)


@pytest.fixture
def hands(alone):
    return make_hands_there(alone)


@pytest.fixture
def person(hands):
    return suspended(hands)


def refused_line(alone, person, day):
    """Ask as settlement whether a fee of a day is paid, which it is not; the refusal goes on record."""
    settlement = alone.client_for("settlement")
    answer = answered(settlement.get(f"/eligibility/{person}", query_string={"service_time": str(day)}))
    assert (answer["payable"], answer["reason"]) == (False, "suspended")
    return answer["decision_id"]


def announced(alone, *kinds):
    with alone.service.engine.connect() as conn:
        rows = conn.execute(select(events).where(events.c.kind.in_(kinds)).order_by(events.c.number)).all()
    return [(row.kind, row.detail) for row in rows]


def test_whoever_asks_nobody_stays_suspended(hands, alone, person):
    a_year_later = date(2026, 8, 3)
    set_clock(alone, a_year_later)
    assert status_on(hands, person, a_year_later) == "suspended"
    refused_line(alone, person, a_year_later)


def test_applied_for_in_time_the_suspension_ends_with_its_term(hands, alone, person):
    set_clock(alone, APPLY_BY)
    doctor = alone.client_for("practitioner", practitioner=person)
    clinic = alone.client_for("institution", institution=hands.institution)
    waiting = filed(doctor, person)
    assert (waiting["consent_due_on"], waiting["evaluation_due_on"]) == ("2025-07-25", None)
    agreed = answered(act(clinic, waiting, "consent", {}))
    assert (agreed["state"], agreed["consented_on"], agreed["version"]) == ("consented", "2025-07-18", 2)
    assert (agreed["evaluation_due_on"], agreed["consent"]["institution"]) == ("2025-08-01", hands.institution)
    set_clock(alone, date(2025, 7, 22))
    granted = answered(act(hands.reviewer, agreed, "approve"))
    assert (granted["state"], granted["resumes_on"]) == ("approved", TERM_ENDS.isoformat())
    assert status_on(hands, person, TERM_ENDS - ONE_DAY) == "suspended"
    assert status_on(hands, person, TERM_ENDS) == "normal"
    [entry] = [
        each
        for each in answered(hands.clerk.get(f"/practitioners/{person}/ledger"))["items"]
        if each["kind"] == "resumption"
    ]
    assert (entry["id"], entry["application"], entry["effective_on"]) == (granted["entry"], granted["id"], "2025-07-22")
    assert [span["state_until"] for span in granted["affected"]["after"]] == [TERM_ENDS.isoformat()]
    assert granted["affected"]["refusals"] == []


def test_the_person_and_the_institution_read_that_it_is_granted(hands, alone, person):
    set_clock(alone, APPLY_BY)
    answered(act(hands.reviewer, consented(hands, person), "approve"))
    told = letters(hands, person, "resumption")
    assert addressees(told) == [
        ("authority", "health_commission"),
        ("institution", hands.institution),
        ("practitioner", person),
    ]
    own = next(each for each in told if each["addressee"]["kind"] == "practitioner")
    assert "自2025年8月3日起恢复你的医保支付资格" in text_of(hands, own)
    kinds = [kind for kind, _detail in announced(alone, "resumption", "resumption_filed", "sanctions_changed")]
    assert kinds == ["resumption_filed", "resumption", "sanctions_changed"]


def test_who_asks_thirty_days_late_is_normal_then(hands, alone, person):
    late = TERM_ENDS + timedelta(days=30)
    set_clock(alone, late)
    on_record = refused_line(alone, person, date(2025, 8, 20))
    granted = answered(act(hands.reviewer, consented(hands, person), "approve"))
    assert granted["resumes_on"] == late.isoformat()
    assert status_on(hands, person, late - ONE_DAY) == "suspended"
    assert status_on(hands, person, late) == "normal"
    assert on_record not in {each["decision_id"] for each in granted["affected"]["refusals"]}


def test_an_office_that_is_late_costs_nobody_a_day(hands, alone, person):
    set_clock(alone, APPLY_BY)
    waiting = consented(hands, person)
    set_clock(alone, date(2025, 8, 8))
    on_record = refused_line(alone, person, date(2025, 8, 5))
    before = refused_line(alone, person, date(2025, 8, 2))
    granted = answered(act(hands.reviewer, waiting, "approve"))
    assert granted["resumes_on"] == TERM_ENDS.isoformat()
    assert status_on(hands, person, TERM_ENDS) == "normal"
    payable = granted["affected"]["refusals"]
    assert [each["decision_id"] for each in payable] == [on_record] != [before]
    [own] = [each for each in letters(hands, person, "resumption") if each["addressee"]["kind"] == "practitioner"]
    assert "现可支付的医保费用查询记录1条" in text_of(hands, own)


def test_late_by_both_counts_to_the_day_on_which_the_evaluation_was_due(hands, alone, person):
    set_clock(alone, date(2025, 8, 4))
    waiting = consented(hands, person)
    assert waiting["evaluation_due_on"] == "2025-08-18"
    set_clock(alone, date(2025, 8, 25))
    granted = answered(act(hands.reviewer, waiting, "approve"))
    assert granted["resumes_on"] == "2025-08-18"
    assert [status_on(hands, person, day) for day in (date(2025, 8, 17), date(2025, 8, 18))] == ["suspended", "normal"]


def test_a_correction_that_comes_long_after_the_term_costs_no_day(hands, alone):
    person = hands.person()
    [entry] = scored(hands, person, 12)
    corrected_on = date(2025, 10, 10)
    set_clock(alone, corrected_on)
    answered(hands.reviewer.post(f"/corrections/{drafted(hands.clerk, entry, 9)['id']}/approve"))
    assert status_on(hands, person, corrected_on) == "suspended"
    granted = answered(act(hands.reviewer, consented(hands, person), "approve"))
    assert granted["resumes_on"] == TERM_ENDS.isoformat()
    assert status_on(hands, person, TERM_ENDS) == "normal"


def days_told(hands, person, **query):
    told = standing(hands, person, **query)
    return told["status"], told["may_apply_from"], told["may_resume_from"]


def test_the_standing_tells_from_when_one_may_apply(hands, alone, person):
    set_clock(alone, date(2025, 6, 10))
    assert days_told(hands, hands.person()) == ("normal", None, None)
    assert days_told(hands, person) == ("suspended", "2025-07-14", "2025-08-03")
    assert days_told(hands, person, as_of="2025-06-02") == ("normal", None, None)
    set_clock(alone, APPLY_BY)
    answered(act(hands.reviewer, consented(hands, person), "approve"))
    assert days_told(hands, person) == ("suspended", None, None)


def test_the_standing_of_a_terminated_person_tells_from_when_a_new_start_may_be_asked_for(hands, alone):
    person = hands.person()
    scored(hands, person, 6, 6)
    set_clock(alone, date(2025, 6, 10))
    # The fifteenth working day before 3 June 2026, the end of the ban.
    assert days_told(hands, person) == ("terminated", "2026-05-13", None)


def test_too_early_tells_from_which_day(hands, alone, person):
    set_clock(alone, APPLY_FROM - ONE_DAY)
    problem = refused(hands.clerk.post(RESUMPTIONS, application(person)), 409, "too_early")
    assert problem["may_apply_from"] == "2025-07-14"
    assert "2025-07-14" in problem["detail"]
    set_clock(alone, APPLY_FROM)
    filed(hands.clerk, person)


def test_who_is_not_suspended_has_nothing_to_resume(hands, person):
    refused(hands.clerk.post(RESUMPTIONS, application(hands.person())), 409, "not_suspended")


def test_a_suspension_that_is_resumed_already_is_not_resumed_again(hands, alone, person):
    set_clock(alone, APPLY_BY)
    answered(act(hands.reviewer, consented(hands, person), "approve"))
    assert status_on(hands, person, APPLY_BY) == "suspended"
    refused(hands.clerk.post(RESUMPTIONS, application(person)), 409, "not_suspended")


def test_a_suspension_that_ends_by_itself_is_not_applied_for(alone):
    elsewhere = make_hands_there(alone)
    person = alone.practitioner(alone.institution())["id"]
    scored(elsewhere, person, 9, institution=alone.institution())
    set_clock(alone, APPLY_BY)
    refused(elsewhere.clerk.post(RESUMPTIONS, application(person)), 409, "not_suspended")


def test_a_terminated_person_comes_back_another_way(hands, alone):
    person = hands.person()
    scored(hands, person, 12)
    set_clock(alone, APPLY_BY)
    refused(hands.clerk.post(RESUMPTIONS, application(person)), 409, "sanction_running")


def test_nothing_is_resumed_while_a_sanction_is_to_begin(hands, alone, person):
    set_clock(alone, APPLY_BY)
    scored(hands, person, 3, decided_on="2025-07-17")
    refused(hands.clerk.post(RESUMPTIONS, application(person)), 409, "sanction_pending")


def test_one_application_at_a_time(hands, alone, person):
    set_clock(alone, APPLY_BY)
    first = filed(hands.clerk, person)
    again = refused(hands.clerk.post(RESUMPTIONS, application(person)), 409, "resumption_exists")
    assert again["resumption"] == first["id"]


def test_who_has_left_applies_too(hands, alone, person):
    set_clock(alone, APPLY_BY)
    answered(hands.admin.post(f"/practitioners/{person}/deregistration", {"on": "2025-07-18", "reason": "调离"}))
    waiting = filed(alone.client_for("practitioner", practitioner=person), person, "consented")
    answered(act(hands.reviewer, waiting, "approve"))
    assert status_on(hands, person, TERM_ENDS) == "not_registered"


def test_two_years_side_by_side_are_resumed_together_with_the_last_of_their_terms(hands, alone):
    person = hands.person()
    set_clock(alone, date(2025, 12, 15))
    scored(hands, person, 9, decided_on="2025-12-15")
    set_clock(alone, date(2026, 1, 5))
    scored(hands, person, 9, decided_on="2026-01-05")
    set_clock(alone, date(2026, 2, 20))
    granted = answered(act(hands.reviewer, consented(hands, person), "approve"))
    assert granted["resumes_on"] == "2026-03-06"
    assert [span["state_until"] for span in granted["affected"]["after"]] == ["2026-03-06", "2026-03-06"]


def test_a_suspension_that_grows_after_it_was_resumed_waits_for_a_new_application(hands, alone, person):
    set_clock(alone, APPLY_BY)
    answered(act(hands.reviewer, consented(hands, person), "approve"))
    scored(hands, person, 1, decided_on="2025-07-17")
    assert status_on(hands, person, TERM_ENDS) == "suspended"
    problem = refused(hands.clerk.post(RESUMPTIONS, application(person)), 409, "too_early")
    assert problem["may_apply_from"] == "2025-09-11"
