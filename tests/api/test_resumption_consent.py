"""Who files for whom, which institution may consent, and when the office goes on without (scheme.md 2.3, Gates)."""

from datetime import date

import pytest
from case_calls import answered, pointers, refused
from due_process_calls import scored, set_clock
from resumption_calls import (
    APPLY_BY,
    REGION,
    RESUMPTIONS,
    act,
    application,
    consented,
    end_agreement,
    filed,
    make_hands_there,
    suspended,
)

REASON = {"reason": "机构迟迟未答复"}
REFUSAL = {"reason": "整改尚未到位"}
# Five working days after Friday 18 July.
LAST_DAY_OF_CONSENT, DAY_AFTER = date(2025, 7, 25), date(2025, 7, 26)


@pytest.fixture
def hands(alone):
    return make_hands_there(alone)


@pytest.fixture
def clinic(hands, alone):
    return alone.client_for("institution", institution=hands.institution)


@pytest.fixture
def person(hands, alone):
    suspended_person = suspended(hands)
    set_clock(alone, APPLY_BY)
    return suspended_person


@pytest.fixture
def of_two(hands, alone):
    """Somebody suspended who works at two institutions, and the code of the second."""
    other = alone.institution(region=REGION)
    suspended_person = alone.practitioner(hands.institution, other)["id"]
    scored(hands, suspended_person, 9)
    set_clock(alone, APPLY_BY)
    return suspended_person, other


def test_what_the_institution_files_it_has_agreed_to(hands, person):
    waiting = consented(hands, person)
    assert (waiting["filed_by"], waiting["filed_institution"]) == ("institution", hands.institution)
    assert (waiting["consent"]["institution"], waiting["consent"]["on_paper"]) == (hands.institution, False)
    assert (waiting["evaluation_due_on"], waiting["consent_due_on"]) == ("2025-08-01", None)


def test_what_is_not_agreed_to_is_not_evaluated(hands, person):
    waiting = filed(hands.clerk, person)
    problem = refused(act(hands.reviewer, waiting, "approve"), 409, "resumption_state")
    assert problem["state"] == "filed"


def test_an_institution_without_an_agreement_neither_consents_by_filing_nor_at_all(hands, alone, clinic, of_two):
    person, other = of_two
    end_agreement(alone, hands.institution, date(2025, 7, 1))
    waiting = filed(clinic, person)
    refused(act(clinic, waiting, "consent", {}), 403, "not_party")
    refused(act(clinic, waiting, "refuse-consent", REFUSAL), 403, "not_party")
    agreed = answered(act(alone.client_for("institution", institution=other), waiting, "consent", {}))
    assert agreed["consent"]["institution"] == other


def test_where_none_can_consent_none_is_needed(hands, alone, person):
    end_agreement(alone, hands.institution, date(2025, 7, 1))
    waiting = filed(alone.client_for("practitioner", practitioner=person), person, "consented")
    assert (waiting["consent"], waiting["consented_on"]) == (None, APPLY_BY.isoformat())


def test_where_none_can_consent_any_more_a_clerk_records_that(hands, alone, person):
    waiting = filed(hands.clerk, person)
    end_agreement(alone, hands.institution, APPLY_BY)
    assert pointers(act(hands.clerk, waiting, "refuse-consent", REFUSAL)) == ["/institution"]
    agreed = answered(act(hands.clerk, waiting, "consent", {}))
    assert (agreed["state"], agreed["consent"]["institution"]) == ("consented", None)


def test_any_institution_of_the_person_may_consent_and_a_refusal_of_one_does_not_bind_another(hands, alone, clinic, of_two):
    other = alone.client_for("institution", institution=of_two[1])
    waiting = filed(hands.clerk, of_two[0])
    declined = answered(act(clinic, waiting, "refuse-consent", REFUSAL))
    assert (declined["state"], declined["consent"]["refused_because"]) == ("filed", REFUSAL["reason"])
    agreed = answered(act(other, waiting, "consent", {}))
    assert (agreed["state"], agreed["consent"]["refused_because"]) == ("consented", None)
    refused(act(other, waiting, "consent", {}), 409, "resumption_state")


def test_a_strangers_institution_knows_nothing_of_it(hands, alone, person):
    waiting = filed(hands.clerk, person)
    stranger = alone.bound_client("institution")
    refused(stranger.get(f"{RESUMPTIONS}/{waiting['id']}"), 404, "not_found")
    refused(act(stranger, waiting, "consent", {}), 404, "not_found")
    refused(stranger.post(RESUMPTIONS, application(person)), 404, "not_found")
    assert answered(stranger.get(RESUMPTIONS))["items"] == []


def test_the_person_files_for_nobody_else_and_consents_to_nothing(hands, alone, person):
    doctor = alone.client_for("practitioner", practitioner=hands.person())
    refused(doctor.post(RESUMPTIONS, application(person)), 404, "not_found")
    own = alone.client_for("practitioner", practitioner=person)
    refused(act(own, filed(own, person), "consent", {}), 403, "forbidden")


def test_an_institution_answers_for_itself_only(hands, clinic, of_two):
    person, other = of_two
    waiting = filed(hands.clerk, person)
    assert pointers(act(clinic, waiting, "consent", {"institution": other})) == ["/institution"]
    agreed = answered(act(clinic, waiting, "consent", {"institution": hands.institution}))
    assert agreed["consent"]["institution"] == hands.institution


def test_a_clerk_names_the_institution_on_paper_unless_only_one_can_answer(hands, alone, person):
    waiting = filed(hands.clerk, person)
    agreed = answered(act(hands.clerk, waiting, "consent", {"proof": "盖章回函"}))
    assert (agreed["consent"]["institution"], agreed["consent"]["on_paper"]) == (hands.institution, True)


def test_a_clerk_records_on_paper_which_institution_has_answered(hands, alone, of_two):
    person, _other = of_two
    waiting = filed(hands.clerk, person)
    assert waiting["filed_by"] == "office"
    for wrong in ({}, {"institution": alone.institution()}):
        assert pointers(act(hands.clerk, waiting, "consent", wrong)) == ["/institution"]
    paper = {"institution": hands.institution, "proof": "盖章回函,扫描件 3 页"}
    agreed = answered(act(hands.clerk, waiting, "consent", paper))
    assert agreed["consent"]["on_paper"] is True
    assert (agreed["consent"]["institution"], agreed["consent"]["proof"]) == (hands.institution, paper["proof"])


def test_while_an_institution_may_still_answer_the_office_waits(hands, alone, person):
    waiting = filed(hands.clerk, person)
    set_clock(alone, LAST_DAY_OF_CONSENT)
    problem = refused(act(hands.reviewer, waiting, "proceed", REASON), 409, "consent_pending")
    assert problem["consent_due_on"] == LAST_DAY_OF_CONSENT.isoformat()
    set_clock(alone, DAY_AFTER)
    going_on = answered(act(hands.reviewer, waiting, "proceed", REASON))
    assert (going_on["state"], going_on["proceeded_because"]) == ("consented", REASON["reason"])
    assert going_on["evaluation_due_on"] == "2025-08-08"
    assert answered(act(hands.reviewer, waiting, "approve"))["state"] == "approved"


def test_after_a_refusal_the_office_may_go_on_at_once(hands, clinic, person):
    waiting = filed(hands.clerk, person)
    answered(act(clinic, waiting, "refuse-consent", REFUSAL))
    going_on = answered(act(hands.reviewer, waiting, "proceed", REASON))
    assert (going_on["state"], going_on["consent"]["refused_because"]) == ("consented", REFUSAL["reason"])
    refused(act(hands.reviewer, waiting, "proceed", REASON), 409, "resumption_state")


def test_where_nobody_can_answer_any_more_the_office_need_not_wait(hands, alone, person):
    waiting = filed(hands.clerk, person)
    end_agreement(alone, hands.institution, APPLY_BY)
    assert answered(act(hands.reviewer, waiting, "proceed", REASON))["state"] == "consented"


def test_what_is_wrong_is_named(hands, clinic, person):
    assert pointers(hands.clerk.post(RESUMPTIONS, {})) == ["/practitioner", "/statement"]
    assert pointers(hands.clerk.post(RESUMPTIONS, application(person, statement=" "))) == ["/statement"]
    assert pointers(hands.clerk.post(RESUMPTIONS, application(person, filed_on="2025-07-18"))) == ["/filed_on"]
    waiting = filed(hands.clerk, person)
    assert pointers(act(clinic, waiting, "refuse-consent", {})) == ["/reason"]
    for deed in ("proceed", "refuse"):
        assert pointers(act(hands.reviewer, waiting, deed, {})) == ["/reason"]
    assert pointers(hands.clerk.get(RESUMPTIONS, query_string={"state": "rejected"})) == ["/query/state"]
    assert pointers(hands.clerk.get(RESUMPTIONS, query_string={"due_before": "soon"})) == ["/query/due_before"]
    refused(hands.clerk.get(f"{RESUMPTIONS}/nothing"), 404, "not_found")
