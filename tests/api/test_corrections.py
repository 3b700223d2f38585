"""Corrections: drafted by one, posted by another, and everything told that they change."""

from datetime import date

import pytest
from case_calls import answered, make_hands, pointers, refused
from due_process_calls import correction, drafted, granted, scored, set_clock
from sqlalchemy import select

from scoring_service.db.tables import events

NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def hands(office):
    return make_hands(office)


def standing(hands, person, **query):
    return answered(hands.clerk.get(f"/practitioners/{person}/standing", query_string=query))


def post(hands, draft, **kwargs):
    return hands.reviewer.post(f"/corrections/{draft['id']}/approve", **kwargs)


def test_a_posted_correction_counts_from_the_start_and_the_past_knowledge_stays(hands):
    person = hands.person()
    [entry] = scored(hands, person, 10)
    before = standing(hands, person, as_of="2025-06-10")
    draft = drafted(hands.clerk, entry, 6)
    assert (draft["state"], draft["version"], draft["target"]) == ("drafted", 1, entry)
    assert standing(hands, person)["points"] == 10
    posted = answered(post(hands, draft))
    assert (posted["state"], posted["version"]) == ("approved", 2)
    span = {"from": "2025-06-03", "until": "2025-10-03", "state_until": "2025-10-03"}
    suspension = {"kind": "suspension", "ground": "single"} | span
    affected = {"before": [suspension], "after": [], "refusals": [], "entry": posted["entry"]}
    assert posted["affected"] == affected
    after = standing(hands, person, as_of="2025-06-10")
    assert (after["points"], after["status"], after["revision"]) == (6, "normal", before["revision"] + 1)
    assert after["trace"][0]["corrected_to"] == 6
    then = standing(
        hands, person, as_of="2025-06-10", known_at=before["known_at"], revision=before["revision"]
    )
    assert then == before


def test_the_person_and_their_institutions_get_a_letter(hands):
    person = hands.person()
    [entry] = scored(hands, person, 10)
    posted = answered(post(hands, drafted(hands.clerk, entry, 6)))
    query = {"practitioner": person}
    told = answered(hands.clerk.get("/notices", query_string=query))["items"]
    letters = [notice for notice in told if notice["kind"] == "correction"]
    addressees = ["authority", "institution", "practitioner"]
    assert sorted(letter["addressee"]["kind"] for letter in letters) == addressees
    assert {letter["entry"] for letter in letters} == {posted["entry"]}
    facts = letters[0]["facts"]
    assert (facts["value_before"], facts["value_after"]) == (10, 6)
    assert (facts["total_before"], facts["total_after"]) == (10, 6)


def test_institutions_that_the_person_has_left_are_told_too(alone):
    """The one that was told of the score, and one joined later whose line was refused for it."""
    hands = make_hands(alone)
    person, asked = hands.person(), alone.institution()
    joined = {"institution": asked, "from": "2025-06-03", "until": None}
    answered(hands.admin.post(f"/practitioners/{person}/affiliations", joined), 201)
    [entry] = scored(hands, person, 10)
    query = {"service_time": "2025-06-03", "institution": asked}
    line = alone.client_for("settlement").get(f"/eligibility/{person}", query_string=query)
    assert answered(line)["reason"] == "suspended"
    set_clock(alone, date(2025, 6, 10))
    answered(hands.admin.post(f"/practitioners/{person}/deregistration", {"on": "2025-06-05", "reason": "离职"}))
    posted = answered(hands.reviewer.post(f"/corrections/{drafted(hands.clerk, entry, 6)['id']}/approve"))
    assert [refusal["institution"] for refusal in posted["affected"]["refusals"]] == [asked]
    listed = answered(hands.clerk.get(f"/notices?practitioner={person}&limit=200"))["items"]
    letters = {row["addressee"]["ref"] for row in listed if row["kind"] == "correction"}
    assert letters == {person, hands.institution, asked, "health_commission"}


def test_refusals_that_would_now_be_payable_are_listed(alone):
    hands = make_hands(alone)
    settlement = alone.client_for("settlement")
    person = hands.person()
    [entry] = scored(hands, person, 10)
    set_clock(alone, date(2025, 6, 20))

    def asked(day):
        query = {"service_time": day, "institution": hands.institution}
        return answered(settlement.get(f"/eligibility/{person}", query_string=query))

    refusals = [asked("2025-06-10"), asked("2025-06-20")]
    assert [line["reason"] for line in refusals] == ["suspended", "suspended"]
    assert asked("2025-06-02")["payable"]
    affected = answered(post(hands, drafted(hands.clerk, entry, 8)))["affected"]
    assert [(one["decision_id"], one["service_on"]) for one in affected["refusals"]] == [
        (line["decision_id"], line["service_time"]) for line in refusals
    ]
    assert asked("2025-06-10")["payable"]


def test_a_shorter_sanction_frees_only_the_days_behind_it(alone):
    hands = make_hands(alone)
    settlement = alone.client_for("settlement")
    person = hands.person()
    [entry] = scored(hands, person, 10)
    set_clock(alone, date(2025, 9, 1))
    for day in ("2025-07-10", "2025-08-10"):
        settlement.get(f"/eligibility/{person}", query_string={"service_time": day})
    affected = answered(post(hands, drafted(hands.clerk, entry, 9)))["affected"]
    assert affected["after"][0]["until"] == "2025-08-03"
    assert [one["service_on"] for one in affected["refusals"]] == ["2025-08-10"]


def test_zero_voids(hands):
    person = hands.person()
    [entry] = scored(hands, person, 12)
    answered(post(hands, drafted(hands.clerk, entry)))
    told = standing(hands, person, as_of="2025-06-10")
    assert (told["points"], told["status"], told["sanctions"]) == (0, "normal", [])


@pytest.mark.parametrize("value", [5, 6, 12])
def test_a_correction_upwards_or_to_the_same_is_refused(hands, value):
    [entry] = scored(hands, hands.person(), 5)
    assert pointers(hands.clerk.post(f"/entries/{entry}/corrections", correction(value))) == ["/value"]


def test_the_present_value_is_that_after_earlier_corrections(hands):
    person = hands.person()
    [entry] = scored(hands, person, 5)
    late = drafted(hands.clerk, entry, 4)
    answered(post(hands, drafted(hands.clerk, entry, 3)))
    assert pointers(hands.clerk.post(f"/entries/{entry}/corrections", correction(3))) == ["/value"]
    assert pointers(post(hands, late)) == ["/value"]
    assert standing(hands, person)["points"] == 3
    assert answered(hands.clerk.get(f"/corrections/{late['id']}"))["state"] == "drafted"


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"value": -1}, "/value"),
        ({"value": "3"}, "/value"),
        ({"value": 3.0}, "/value"),
        ({"value": True}, "/value"),
        ({"basis": "appeal"}, "/basis"),
        ({"basis": "whim"}, "/basis"),
        ({"document_no": ""}, "/document_no"),
        ({"reason": " "}, "/reason"),
    ],
)
def test_what_is_wrong_in_a_draft_is_named(hands, wrong, pointer):
    [entry] = scored(hands, hands.person(), 5)
    body = correction(1) | wrong
    assert pointers(hands.clerk.post(f"/entries/{entry}/corrections", body)) == [pointer]


def test_only_scores_and_credits_are_corrected(hands):
    [entry] = scored(hands, hands.person(), 5)
    posted = answered(post(hands, drafted(hands.clerk, entry, 1)))
    refused(
        hands.clerk.post(f"/entries/{posted['entry']}/corrections", correction(0)), 409, "not_correctable"
    )
    for unknown in (NOBODY, "x"):
        refused(hands.clerk.post(f"/entries/{unknown}/corrections", correction(0)), 404, "not_found")


def test_a_credit_is_corrected_too(hands):
    person = hands.person()
    scored(hands, person, 5)
    credit = answered(granted(hands, person))["entry"]
    answered(post(hands, drafted(hands.clerk, credit)))
    assert standing(hands, person)["points"] == 5


def test_who_drafted_may_not_decide_under_any_account(hands, office):
    [entry] = scored(hands, hands.person(), 5)
    both = office.client_for("office.appeals", "office.reviewer")
    second = office.client_for("office.reviewer", staff_no=hands.clerk.staff_no)
    for drafter, decider in ((both, both), (hands.clerk, second)):
        draft = drafted(drafter, entry, 1)
        refused(decider.post(f"/corrections/{draft['id']}/approve"), 403, "same_person")
        refused(decider.post(f"/corrections/{draft['id']}/reject", {"reason": "无"}), 403, "same_person")


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_a_decided_correction_is_not_decided_again(hands, decision):
    person = hands.person()
    [entry] = scored(hands, person, 5)
    draft = drafted(hands.clerk, entry, 1)
    path = f"/corrections/{draft['id']}"
    refused(hands.reviewer.post(f"{path}/approve", headers={"If-Match": '"9"'}), 412, "version_mismatch")
    rejected = answered(hands.reviewer.post(f"{path}/reject", {"reason": "依据不足"}))
    assert (rejected["state"], rejected["rejected_because"]) == ("rejected", "依据不足")
    body = {"reason": "再次"} if decision == "reject" else None
    again = refused(hands.reviewer.post(f"{path}/{decision}", body), 409, "correction_state")
    assert again["state"] == "rejected"
    assert standing(hands, person)["points"] == 5


def test_a_closed_year_is_stated_again(alone):
    hands = make_hands(alone)
    person = hands.person()
    [entry] = scored(hands, person, 5)
    admin = alone.client_for("office.admin")
    answered(admin.put("/clock", {"now": "2026-01-02T09:00:00+08:00"}))
    answered(post(hands, drafted(hands.clerk, entry, 2)))
    told = answered(hands.clerk.get("/notices", query_string={"practitioner": person}))["items"]
    totals = [
        (notice["facts"]["total"], notice["replaces"] is not None)
        for notice in told
        if (notice["kind"], notice["addressee"]["kind"]) == ("year_statement", "practitioner")
    ]
    assert totals == [(2, True), (5, False)]


def test_the_events_tell_of_it(hands, office):
    person = hands.person()
    [entry] = scored(hands, person, 10)
    answered(post(hands, drafted(hands.clerk, entry, 6)))
    with office.service.engine.connect() as conn:
        query = select(events.c.kind).where(events.c.practitioner_id == person).order_by(events.c.number)
        kinds = list(conn.execute(query).scalars())
    assert kinds[-2:] == ["correction", "sanctions_changed"]


def test_the_list_is_filtered_by_state(hands):
    [entry] = scored(hands, hands.person(), 5)
    draft = drafted(hands.clerk, entry, 1)
    first = answered(hands.reviewer.get("/corrections", query_string={"state": "drafted"}))["items"][0]
    assert first == draft
