"""The office's decision on a resumption: by whom, refused, and overtaken by a change of the file (scheme.md 2.3)."""

from datetime import date

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

REASON = {"reason": "整改报告未附证明材料"}


@pytest.fixture
def hands(alone):
    return make_hands_there(alone)


@pytest.fixture
def person(hands, alone):
    suspended_person = suspended(hands)
    set_clock(alone, APPLY_BY)
    return suspended_person


@pytest.mark.parametrize("deed", ["approve", "refuse", "proceed"])
def test_who_recorded_it_decides_nothing_under_any_account(hands, alone, person, deed):
    waiting = filed(hands.clerk, person)
    second = alone.client_for("office.reviewer", staff_no=f" {hands.clerk.staff_no.lower()}")
    refused(act(second, waiting, deed, None if deed == "approve" else REASON), 403, "same_person")


def test_who_recorded_the_consent_does_not_decide(hands, alone, person):
    waiting = filed(alone.client_for("practitioner", practitioner=person), person)
    answered(act(hands.clerk, waiting, "consent", {"institution": hands.institution}))
    second = alone.client_for("office.reviewer", staff_no=hands.clerk.staff_no)
    refused(act(second, waiting, "approve"), 403, "same_person")
    refused(act(second, waiting, "refuse", REASON), 403, "same_person")
    answered(act(hands.reviewer, waiting, "approve"))


def test_nobody_decides_on_their_own_file(hands, alone, person):
    alone.client_for("practitioner", practitioner=person, staff_no="S-OWN")
    waiting = consented(hands, person)
    own = alone.client_for("office.reviewer", staff_no="S-OWN")
    for deed in ("approve", "refuse"):
        refused(act(own, waiting, deed, None if deed == "approve" else REASON), 403, "conflict_of_interest")
    clerk = alone.client_for("office.clerk", staff_no="S-OWN")
    refused(clerk.post(RESUMPTIONS, application(person)), 403, "conflict_of_interest")
    head = alone.client_for("institution", institution=hands.institution, staff_no="S-OWN")
    refused(act(head, waiting, "consent", {}), 403, "conflict_of_interest")


def test_an_office_of_another_region_may_not_decide(hands, alone, person):
    waiting = consented(hands, person)
    refused(act(alone.client_for("office.reviewer", region="1504"), waiting, "approve"), 404, "not_found")


def test_a_refusal_tells_why_and_the_person_may_ask_again(hands, person):
    waiting = consented(hands, person)
    decided = answered(act(hands.reviewer, waiting, "refuse", REASON))
    assert (decided["state"], decided["reason"], decided["version"]) == ("refused", REASON["reason"], 2)
    told = letters(hands, person, "resumption_refused")
    assert addressees(told) == [("institution", hands.institution), ("practitioner", person)]
    assert all(REASON["reason"] in text_of(hands, notice) for notice in told)
    for deed in ("approve", "refuse", "proceed"):
        problem = refused(act(hands.reviewer, waiting, deed, None if deed == "approve" else REASON), 409, "resumption_state")
        assert problem["state"] == "refused"
    answered(act(hands.reviewer, consented(hands, person), "approve"))
    assert status_on(hands, person, TERM_ENDS) == "normal"


def test_what_nobody_has_agreed_to_can_be_refused(hands, person):
    assert answered(act(hands.reviewer, filed(hands.clerk, person), "refuse", REASON))["state"] == "refused"


def lapsed(hands, waiting, code, **kwargs):
    """The problem of an approval that came too late; the application is closed by it."""
    problem = refused(act(hands.reviewer, waiting, "approve", **kwargs), 409, code)
    assert problem["state"] == "lapsed"
    shown = answered(hands.clerk.get(f"{RESUMPTIONS}/{waiting['id']}"))
    assert (shown["state"], shown["lapsed_because"], shown["entry"]) == ("lapsed", code, None)
    return problem


def test_a_term_that_has_grown_since_makes_it_lapse(hands, alone, person):
    waiting = consented(hands, person)
    scored(hands, person, 1, decided_on="2025-07-17")
    problem = lapsed(hands, waiting, "too_early")
    assert problem["may_apply_from"] == "2025-09-11"
    told = letters(hands, person, "resumption_refused")
    assert addressees(told) == [("institution", hands.institution), ("practitioner", person)]
    assert "本申请失效" in text_of(hands, told[0])
    assert not [entry for entry in standing(hands, person)["trace"] if entry["kind"] == "resumption"]
    refused(act(hands.reviewer, waiting, "approve"), 409, "resumption_state")
    set_clock(alone, date(2025, 9, 11))
    answered(act(hands.reviewer, consented(hands, person), "approve"))


def test_what_was_filed_before_the_window_of_the_longer_term_lapses_in_it_too(hands, alone, person):
    waiting = consented(hands, person)
    scored(hands, person, 1, decided_on="2025-07-17")
    set_clock(alone, date(2025, 9, 15))
    lapsed(hands, waiting, "too_early")


def test_a_sanction_still_to_begin_makes_it_lapse(hands, person):
    waiting = consented(hands, person)
    scored(hands, person, 3, decided_on="2025-07-17")
    lapsed(hands, waiting, "sanction_pending")


def test_a_suspension_that_was_revoked_since_needs_no_resumption(hands, alone):
    person = hands.person()
    [entry] = scored(hands, person, 9)
    set_clock(alone, APPLY_BY)
    waiting = consented(hands, person)
    answered(hands.reviewer.post(f"/corrections/{drafted(hands.clerk, entry)['id']}/approve"))
    lapsed(hands, waiting, "not_suspended")


def test_a_termination_since_makes_it_lapse(hands, alone, person):
    waiting = consented(hands, person)
    scored(hands, person, 12, decided_on="2025-07-17")
    set_clock(alone, date(2025, 7, 21))
    lapsed(hands, waiting, "sanction_running")


def test_the_answer_of_a_lapse_is_kept_with_its_key(hands, person):
    waiting = consented(hands, person)
    scored(hands, person, 1, decided_on="2025-07-17")
    key = {"Idempotency-Key": "lapse"}
    first = lapsed(hands, waiting, "too_early", headers=key)
    again = act(hands.reviewer, waiting, "approve", headers=key)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json == first


def test_a_version_that_somebody_has_changed_is_not_decided_on(hands, person):
    waiting = filed(hands.clerk, person)
    answered(act(hands.clerk, waiting, "consent", {"institution": hands.institution}))
    old = {"If-Match": '"1"'}
    refused(act(hands.reviewer, waiting, "approve", headers=old), 412, "version_mismatch")
    refused(act(hands.reviewer, waiting, "refuse", REASON, headers=old), 412, "version_mismatch")
    answered(act(hands.reviewer, waiting, "approve", headers={"If-Match": '"2"'}))


def test_the_same_key_files_once(hands, person):
    key = {"Idempotency-Key": "once"}
    first, again = (hands.clerk.post(RESUMPTIONS, application(person), headers=key) for _ in range(2))
    assert answered(first, 201) == answered(again, 201)
    assert first.headers["Location"].endswith(f"{RESUMPTIONS}/{first.json['id']}")


def test_the_list_tells_what_is_due(hands, alone):
    first, second = suspended(hands), suspended(hands)
    set_clock(alone, APPLY_FROM)
    early, unanswered = consented(hands, first), filed(hands.clerk, second)

    def listed(**query):
        return [each["id"] for each in answered(hands.reviewer.get(RESUMPTIONS, query_string=query))["items"]]

    assert listed() == [unanswered["id"], early["id"]]
    assert listed(state="filed") == [unanswered["id"]]
    assert listed(practitioner=first) == [early["id"]]
    assert early["evaluation_due_on"] == "2025-07-28"
    assert (listed(due_before="2025-07-28"), listed(due_before="2025-07-29")) == ([], [early["id"]])
    answered(act(hands.reviewer, early, "approve"))
    assert listed(due_before="2025-07-29") == []
    file = answered(hands.clerk.get(f"/practitioners/{first}/file"))
    assert [each["id"] for each in file["resumptions"]] == [early["id"]]


def test_the_audit_and_the_access_log_tell_of_it(hands, alone, person):
    waiting = consented(hands, person)
    answered(act(hands.reviewer, waiting, "approve"))
    auditor = alone.client_for("office.auditor")
    query = {"practitioner": person, "limit": 200}
    actions = {each["action"] for each in answered(auditor.get("/audit", query_string=query))["items"]}
    assert {"resumption.filed", "resumption.approved"} <= actions


def test_outside_the_office_nobody_reads_who_decided(hands, alone, person):
    waiting = consented(hands, person)
    answered(act(hands.reviewer, waiting, "refuse", REASON))
    doctor = alone.client_for("practitioner", practitioner=person)
    shown = answered(doctor.get(f"{RESUMPTIONS}/{waiting['id']}"))
    assert "decided_by" not in shown
    assert "recorded_by" not in shown
    assert shown["reason"] == REASON["reason"]
