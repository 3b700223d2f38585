"""The end of a suspension, as somebody in Chifeng lives through it by the law as it is written (P39, scheme.md 2.1, 2.3, 2.4).

Nine points at once, decided on and approved on Monday 2 June 2025, suspend for two months: [3 June, 3 August). The
fifteenth working day before the end is Monday 14 July, and ten working days from the filing the office owes its answer.
Only settlement's answer and the standing are asked, as hospitals and the office ask them.
"""

from datetime import date, timedelta

import pytest
from api_office import make_office, make_test_service
from case_calls import answered, make_hands, refused
from due_process_calls import drafted, scored, set_clock
from resumption_calls import (
    RESUMPTIONS,
    act,
    addressees,
    application,
    consented,
    letters,
    standing,
    status_on,
    text_of,
)

from scoring_service.law.rulebooks import RULEBOOKS_DIRECTORY

SCORED_ON, BEGINS, TERM_ENDS = date(2025, 6, 2), date(2025, 6, 3), date(2025, 8, 3)
APPLY_FROM, IN_TIME = date(2025, 7, 14), date(2025, 7, 18)
ONE_DAY = timedelta(days=1)


@pytest.fixture
def hands(fresh_engine):
    """The office of Chifeng under the rulebooks that the service is delivered with."""
    return make_hands(make_office(make_test_service(fresh_engine, rulebooks_dir=RULEBOOKS_DIRECTORY)))


@pytest.fixture
def person(hands):
    suspended = hands.person()
    scored(hands, suspended, 9, decided_on=str(SCORED_ON))
    return suspended


def fee(hands, person, day):
    """What settlement reads about a fee of a day."""
    settlement = hands.office.client_for("settlement")
    query = {"service_time": str(day), "institution": hands.institution}
    return answered(settlement.get(f"/eligibility/{person}", query_string=query))


def apply_on(hands, person, day):
    """The application that the person's institution files on a day, and so agrees to."""
    set_clock(hands.office, day)
    return consented(hands, person)


def grant_on(hands, waiting, day):
    """The office's decision of a day that the evaluation was passed."""
    set_clock(hands.office, day)
    return answered(act(hands.reviewer, waiting, "approve"))


def late_days(hands, granted):
    ledger = answered(hands.clerk.get(f"/practitioners/{granted['practitioner']}/ledger"))["items"]
    return next(entry["late_days"] for entry in ledger if entry["id"] == granted["entry"])


def assert_normal_from(hands, person, day):
    """Suspended and unpaid to the day before, normal and paid on the day."""
    for asked_on, status, reason in ((day - ONE_DAY, "suspended", "suspended"), (day, "normal", "eligible")):
        answer = fee(hands, person, asked_on)
        assert (status_on(hands, person, asked_on), answer["status"], answer["reason"]) == (status, status, reason)


def test_who_never_asks_is_suspended_a_year_later_and_told_since_when_it_need_not_be(hands, person):
    answered(hands.admin.put("/clock", {"now": "2026-08-03T09:00:00+08:00"}))
    for day in (BEGINS, TERM_ENDS - ONE_DAY, TERM_ENDS, date(2026, 1, 1), date(2026, 8, 3)):
        answer = fee(hands, person, day)
        assert (answer["payable"], answer["reason"], answer["status"]) == (False, "suspended", "suspended")
        assert (answer["until"], answer["may_resume_from"]) == (None, "2025-08-03")
    state = standing(hands, person)
    assert (state["status"], state["may_resume_from"], state["may_apply_from"]) == ("suspended", "2025-08-03", "2025-07-14")
    assert (state["points"], state["current_sanction"]["state_until"]) == (0, None)


def test_who_asks_in_time_is_normal_on_the_day_the_term_ends(hands, person):
    set_clock(hands.office, APPLY_FROM - ONE_DAY)
    early = refused(hands.clerk.post(RESUMPTIONS, application(person)), 409, "too_early")
    assert early["may_apply_from"] == str(APPLY_FROM)
    waiting = apply_on(hands, person, APPLY_FROM)
    assert waiting["evaluation_due_on"] == "2025-07-28"
    granted = grant_on(hands, waiting, date(2025, 7, 28))
    assert (granted["resumes_on"], late_days(hands, granted)) == (str(TERM_ENDS), 0)
    told = standing(hands, person)
    assert (told["status"], told["may_resume_from"], told["points"]) == ("suspended", None, 9)
    assert fee(hands, person, BEGINS)["until"] == str(TERM_ENDS)
    assert_normal_from(hands, person, TERM_ENDS)


def test_who_asks_thirty_days_late_is_normal_on_the_day_the_office_grants_it(hands, person):
    waiting = apply_on(hands, person, TERM_ENDS + timedelta(days=30))
    granted_on = date(2025, 9, 8)
    granted = grant_on(hands, waiting, granted_on)
    assert (granted["resumes_on"], late_days(hands, granted)) == (str(granted_on), 36)
    assert_normal_from(hands, person, granted_on)


def test_an_office_five_working_days_late_costs_who_asked_in_time_nothing(hands, person):
    waiting = apply_on(hands, person, IN_TIME)
    assert waiting["evaluation_due_on"] == "2025-08-01"
    decided_on = date(2025, 8, 8)  # The fifth working day after the first of August.
    set_clock(hands.office, decided_on)
    refusals = [fee(hands, person, day)["decision_id"] for day in (TERM_ENDS - ONE_DAY, TERM_ENDS, decided_on)]
    granted = grant_on(hands, waiting, decided_on)
    assert (granted["resumes_on"], late_days(hands, granted)) == (str(TERM_ENDS), 0)
    assert_normal_from(hands, person, TERM_ENDS)
    # What was refused from the term's end on is payable now, and the clinic is told which lines they are.
    assert [line["decision_id"] for line in granted["affected"]["refusals"]] == refusals[1:]


def test_an_office_five_working_days_late_costs_who_asked_late_their_own_lateness_only(hands, person):
    waiting = apply_on(hands, person, date(2025, 9, 2))
    assert waiting["evaluation_due_on"] == "2025-09-16"
    granted = grant_on(hands, waiting, date(2025, 9, 23))
    assert (granted["resumes_on"], late_days(hands, granted)) == ("2025-09-16", 44)
    assert_normal_from(hands, person, date(2025, 9, 16))


CORRECTED_ON = date(2026, 3, 2)


@pytest.fixture
def corrected(hands):
    """Terminated by twelve points, which are corrected to nine seven months after the term of those; a fee refused then."""
    person = hands.person()
    [entry] = scored(hands, person, 12, decided_on=str(SCORED_ON))
    assert letters(hands, person, "suspension") == []
    set_clock(hands.office, CORRECTED_ON)
    refusal = fee(hands, person, date(2025, 9, 1))
    assert (refusal["reason"], standing(hands, person)["status"]) == ("terminated", "terminated")
    answered(hands.reviewer.post(f"/corrections/{drafted(hands.clerk, entry, 9)['id']}/approve"))
    return person, refusal["decision_id"]


def test_twelve_corrected_to_nine_long_after_costs_no_day(hands, corrected):
    person, decision = corrected
    state = standing(hands, person)
    assert (state["status"], state["may_resume_from"]) == ("suspended", str(TERM_ENDS))
    granted = answered(act(hands.reviewer, consented(hands, person), "approve"))
    assert (granted["resumes_on"], late_days(hands, granted)) == (str(TERM_ENDS), 0)
    assert_normal_from(hands, person, TERM_ENDS)
    assert decision in {line["decision_id"] for line in granted["affected"]["refusals"]}


def test_days_are_counted_from_the_correction_and_not_from_the_term(hands, corrected):
    person, _ = corrected
    waiting = consented(hands, person)
    assert waiting["evaluation_due_on"] == "2026-03-16"
    granted = grant_on(hands, waiting, date(2026, 3, 20))
    assert (granted["resumes_on"], late_days(hands, granted)) == ("2025-08-17", 14)
    assert_normal_from(hands, person, date(2025, 8, 17))


def test_twelve_corrected_to_nine_has_a_letter_of_suspension_with_its_own_window(hands, corrected):
    person, _ = corrected
    told = letters(hands, person, "suspension")
    assert {("institution", hands.institution), ("practitioner", person)} <= set(addressees(told))
    own = next(letter for letter in told if letter["addressee"]["kind"] == "practitioner")
    assert "2025年6月3日" in text_of(hands, own)
    receipt = {"received_on": str(CORRECTED_ON), "proof": "送达回证第7号"}
    acknowledged = answered(hands.clerk.post(f"/notices/{own['id']}/acknowledge", receipt))
    assert acknowledged["window_closes_on"] == "2026-03-16"


def test_what_was_known_before_the_resumption_stays_to_be_read(hands, person):
    waiting = apply_on(hands, person, IN_TIME)
    before = standing(hands, person)
    grant_on(hands, waiting, date(2025, 7, 22))
    then = {"as_of": str(TERM_ENDS), "known_at": before["known_at"], "revision": before["revision"]}
    assert standing(hands, person, **then)["status"] == "suspended"
    assert status_on(hands, person, TERM_ENDS) == "normal"
