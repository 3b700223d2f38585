"""An institution consents to an application for remediation before the office decides on it (scheme.md 2.3, Gates; P38).

What is filed on Monday 2 June 2025 an institution may answer until the fifth working day after it, Monday 9 June.
"""

from datetime import date

import pytest
from case_calls import answered, make_hands, pointers, refused
from due_process_calls import APPLICATIONS, application, consented, filed, scored, set_clock
from resumption_calls import addressees, end_agreement, letters, text_of
from sqlalchemy import select

from scoring_service.db.tables import events

REASON, REFUSAL = {"reason": "机构迟迟未答复"}, {"reason": "没有参加培训的记录"}
TODAY, LAST_DAY, DAY_AFTER = date(2025, 6, 2), date(2025, 6, 9), date(2025, 6, 10)


@pytest.fixture
def hands(alone):
    return make_hands(alone)


@pytest.fixture
def clinic(hands, alone):
    return alone.client_for("institution", institution=hands.institution)


@pytest.fixture
def person(hands):
    scored_person = hands.person()
    scored(hands, scored_person, 6)
    return scored_person


def act(client, waiting, deed, body=None, **kwargs):
    return client.post(f"{APPLICATIONS}/{waiting['id']}/{deed}", body, **kwargs)


def test_what_waits_for_an_institution_is_not_decided_and_what_it_agreed_to_is(hands, clinic, person):
    waiting = filed(hands.office.client_for("practitioner", practitioner=person), person)
    assert (waiting["state"], waiting["consent"], waiting["consent_due_on"]) == ("filed", None, LAST_DAY.isoformat())
    assert refused(act(hands.reviewer, waiting, "approve"), 409, "application_state")["state"] == "filed"
    agreed = answered(act(clinic, waiting, "consent", {}))
    assert (agreed["state"], agreed["consented_on"]) == ("consented", TODAY.isoformat())
    assert (agreed["consent"]["institution"], agreed["consent"]["on_paper"]) == (hands.institution, False)
    for deed, body in (("consent", {}), ("refuse-consent", REFUSAL)):
        assert refused(act(clinic, waiting, deed, body), 409, "application_state")["state"] == "consented"
    assert answered(act(hands.reviewer, waiting, "approve"))["granted"] == 1


def test_what_the_institution_files_it_has_agreed_to(hands, clinic, person):
    waiting = filed(clinic, person)
    assert (waiting["state"], waiting["filed_by"], waiting["filed_institution"]) == (
        "consented",
        "institution",
        hands.institution,
    )
    assert (waiting["consent"]["institution"], waiting["consent_due_on"]) == (hands.institution, None)
    assert answered(act(hands.reviewer, waiting, "approve"))["state"] == "approved"


def test_where_none_can_consent_none_is_needed(hands, alone, person):
    end_agreement(alone, hands.institution, date(2025, 6, 1))
    waiting = filed(hands.clerk, person)
    assert (waiting["state"], waiting["consent"], waiting["consented_on"]) == ("consented", None, TODAY.isoformat())
    assert answered(act(hands.reviewer, waiting, "approve"))["state"] == "approved"


def test_where_none_can_consent_any_more_a_clerk_records_that_or_a_reviewer_goes_on(hands, alone, person):
    first, second = filed(hands.clerk, person), filed(hands.clerk, person)
    end_agreement(alone, hands.institution, TODAY)
    assert pointers(act(hands.clerk, first, "refuse-consent", REFUSAL)) == ["/institution"]
    agreed = answered(act(hands.clerk, first, "consent", {}))
    assert (agreed["state"], agreed["consent"]["institution"]) == ("consented", None)
    assert answered(act(hands.reviewer, second, "proceed", REASON))["state"] == "consented"


def test_an_institution_that_the_person_has_left_knows_of_it_what_it_has_filed(hands, alone, clinic, person):
    by_itself, by_clerk = filed(clinic, person), filed(hands.clerk, person)
    new_place = alone.institution()
    on = TODAY.isoformat()
    answered(hands.admin.post(f"/practitioners/{person}/affiliations", {"institution": new_place, "from": on}), 201)
    answered(hands.admin.post(f"/practitioners/{person}/affiliations", {"institution": hands.institution, "until": on}), 201)
    refused(act(clinic, by_clerk, "consent", {}), 404, "not_found")
    refused(act(clinic, by_clerk, "refuse-consent", REFUSAL), 404, "not_found")
    assert answered(clinic.get(f"{APPLICATIONS}/{by_itself['id']}"))["state"] == "consented"
    assert pointers(act(hands.clerk, by_clerk, "consent", {"institution": hands.institution})) == ["/institution"]
    there = alone.client_for("institution", institution=new_place)
    assert answered(act(there, by_clerk, "consent", {}))["consent"]["institution"] == new_place


def test_an_institution_without_an_agreement_answers_nothing(hands, alone, clinic):
    person = alone.practitioner(hands.institution, alone.institution())["id"]
    end_agreement(alone, hands.institution, TODAY)
    waiting = filed(clinic, person)
    assert waiting["state"] == "filed"
    refused(act(clinic, waiting, "consent", {}), 403, "not_party")
    refused(act(clinic, waiting, "refuse-consent", REFUSAL), 403, "not_party")


def test_after_a_refusal_another_may_agree_or_the_office_goes_on(hands, alone, clinic):
    other = alone.institution()
    person = alone.practitioner(hands.institution, other)["id"]
    scored(hands, person, 6)
    first, second = filed(hands.clerk, person), filed(hands.clerk, person)
    for waiting in (first, second):
        declined = answered(act(clinic, waiting, "refuse-consent", REFUSAL))
        assert (declined["state"], declined["consent"]["refused_because"]) == ("filed", REFUSAL["reason"])
    agreed = answered(act(alone.client_for("institution", institution=other), first, "consent", {}))
    assert (agreed["state"], agreed["consent"]["institution"]) == ("consented", other)
    going_on = answered(act(hands.reviewer, second, "proceed", REASON))
    assert (going_on["state"], going_on["proceeded_because"]) == ("consented", REASON["reason"])
    refused(act(hands.reviewer, second, "proceed", REASON), 409, "application_state")
    assert answered(act(hands.reviewer, second, "approve"))["state"] == "approved"


def test_while_an_institution_may_still_answer_the_office_waits(hands, alone, person):
    waiting = filed(hands.clerk, person)
    set_clock(alone, LAST_DAY)
    problem = refused(act(hands.reviewer, waiting, "proceed", REASON), 409, "consent_pending")
    assert problem["consent_due_on"] == LAST_DAY.isoformat()
    set_clock(alone, DAY_AFTER)
    assert answered(act(hands.reviewer, waiting, "proceed", REASON))["consented_on"] == DAY_AFTER.isoformat()


def test_an_institution_answers_for_itself_and_a_clerk_names_which_has(hands, alone, clinic, person):
    waiting = filed(hands.clerk, person)
    assert pointers(act(clinic, waiting, "consent", {"institution": alone.institution()})) == ["/institution"]
    elsewhere = {"institution": alone.institution()}
    assert pointers(act(hands.clerk, waiting, "consent", elsewhere)) == ["/institution"]
    paper = {"proof": "回函 3 页"}
    agreed = answered(act(hands.clerk, waiting, "consent", paper))
    assert agreed["consent"]["institution"] == hands.institution
    assert (agreed["consent"]["on_paper"], agreed["consent"]["proof"]) == (True, paper["proof"])


def test_who_recorded_the_consent_does_not_decide(hands, alone, person):
    waiting = filed(hands.office.client_for("practitioner", practitioner=person), person)
    both = alone.client_for("office.clerk", "office.reviewer")
    answered(act(both, waiting, "consent", {"institution": hands.institution}))
    refused(act(both, waiting, "approve"), 403, "same_person")
    refused(act(both, waiting, "reject", REASON), 403, "same_person")
    assert answered(act(hands.reviewer, waiting, "approve"))["state"] == "approved"


def test_what_nobody_has_agreed_to_can_be_rejected_and_is_then_closed(hands, clinic, person):
    waiting = filed(hands.clerk, person)
    assert answered(act(hands.reviewer, waiting, "reject", REASON))["state"] == "rejected"
    for client, deed, body in (
        (clinic, "consent", {}),
        (clinic, "refuse-consent", REFUSAL),
        (hands.reviewer, "proceed", REASON),
        (hands.reviewer, "approve", None),
    ):
        assert refused(act(client, waiting, deed, body), 409, "application_state")["state"] == "rejected"


def test_what_is_wrong_is_named(hands, clinic, person):
    waiting = filed(hands.clerk, person)
    assert pointers(act(clinic, waiting, "refuse-consent", {})) == ["/reason"]
    assert pointers(act(hands.reviewer, waiting, "proceed", {"reason": " "})) == ["/reason"]
    assert pointers(act(clinic, waiting, "consent", {"proof": 7})) == ["/proof"]
    refused(act(clinic, waiting, "consent", {}, headers={"If-Match": '"7"'}), 412, "version_mismatch")
    assert pointers(hands.clerk.get(APPLICATIONS, query_string={"state": "drafted"})) == ["/query/state"]


def test_one_that_fails_at_its_approval_lapses_with_a_letter_and_may_be_filed_anew(hands, person):
    body = {"completed_on": "2025-05-01"}
    answered(act(hands.reviewer, consented(hands, person, **body), "approve"))
    again = consented(hands, person, effect="points", **body)
    problem = refused(act(hands.reviewer, again, "approve", headers={"Idempotency-Key": "k"}), 409, "activity_used")
    assert problem["state"] == "lapsed"
    replayed = act(hands.reviewer, again, "approve", headers={"Idempotency-Key": "k"})
    assert (replayed.json["code"], replayed.headers["Idempotent-Replayed"]) == ("activity_used", "true")
    shown = answered(hands.clerk.get(f"{APPLICATIONS}/{again['id']}"))
    assert (shown["state"], shown["lapsed_because"], shown["granted"]) == ("lapsed", "activity_used", None)
    written = letters(hands, person, "remediation_lapsed")
    assert addressees(written) == [("institution", hands.institution), ("practitioner", person)]
    assert "已用于修复" in text_of(hands, written[0])
    assert refused(act(hands.reviewer, again, "approve"), 409, "application_state")["state"] == "lapsed"
    assert filed(hands.clerk, person, **body)["state"] == "filed"


@pytest.mark.parametrize(("points", "effect", "code"), [(12, "points", "terminated"), (1, "term", "nothing_to_credit")])
def test_each_gate_closes_the_application(hands, points, effect, code):
    person = hands.person()
    scored(hands, person, points)
    waiting = consented(hands, person, effect=effect)
    assert refused(act(hands.reviewer, waiting, "approve"), 409, code)["state"] == "lapsed"
    assert [notice["kind"] for notice in letters(hands, person, "remediation_lapsed")] == ["remediation_lapsed"] * 2


def test_each_step_is_announced_to_the_institution(hands, alone, clinic, person):
    waiting = filed(hands.clerk, person)
    answered(act(clinic, waiting, "refuse-consent", REFUSAL))
    answered(act(hands.reviewer, waiting, "proceed", REASON))
    with alone.service.engine.connect() as conn:
        query = select(events.c.kind).where(events.c.practitioner_id == person).order_by(events.c.number)
        steps = [kind for kind in conn.execute(query).scalars() if kind.startswith("application_")]
    assert steps == ["application_filed", "application_consent_refused", "application_proceeded"]
    seen = answered(clinic.get("/events", query_string={"after": 0, "limit": 200}))["items"]
    assert [event["kind"] for event in seen if event["kind"].startswith("application_")] == steps


def test_a_stranger_s_institution_knows_nothing_of_it(hands, alone, person):
    waiting = filed(hands.clerk, person)
    stranger = alone.bound_client("institution")
    for deed, body in (("consent", {}), ("refuse-consent", REFUSAL)):
        refused(act(stranger, waiting, deed, body), 404, "not_found")
    refused(stranger.post(APPLICATIONS, application(person)), 404, "not_found")
