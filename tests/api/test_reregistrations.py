"""The way back after a ban: proposed by one, approved by another, with a new commitment."""

from datetime import date, timedelta

import pytest
from case_calls import answered, make_hands, pointers, refused
from due_process_calls import reregistration, scored, set_clock

# Six and six points recorded on 2 June 2025: a year from the 3rd.
BAN_ENDS = date(2026, 6, 3)
ONE_DAY = timedelta(days=1)


@pytest.fixture
def hands(alone):
    return make_hands(alone)


@pytest.fixture
def banned(hands):
    person = hands.person()
    scored(hands, person, 6, 6)
    return person


def propose(hands, person, on, *institutions, **other):
    body = reregistration(on, *(institutions or (hands.institution,)), **other)
    return hands.clerk.post(f"/practitioners/{person}/reregistrations", body)


def approve(hands, proposal, **kwargs):
    return hands.reviewer.post(f"/reregistrations/{proposal['id']}/approve", **kwargs)


def person_of(hands, person):
    return answered(hands.clerk.get(f"/practitioners/{person}"))


def standing(hands, person, **query):
    return answered(hands.clerk.get(f"/practitioners/{person}/standing", query_string=query))


def test_a_new_start_after_the_ban(hands, alone, banned):
    other = alone.institution()
    set_clock(alone, BAN_ENDS)
    assert standing(hands, banned)["may_reapply"]
    proposal = answered(propose(hands, banned, BAN_ENDS, other), 201)
    assert (proposal["state"], proposal["on"], proposal["version"]) == ("proposed", "2026-06-03", 1)
    assert standing(hands, banned)["status"] == "terminated"
    approved = answered(approve(hands, proposal))
    assert (approved["state"], approved["version"]) == ("approved", 2)
    told = standing(hands, banned)
    assert (told["status"], told["points"], told["trace"][-1]["entry"]) == ("normal", 0, approved["entry"])
    assert told["trace"][-1]["kind"] == "reregistration"
    person = person_of(hands, banned)
    assert [(one["from"], one["until"]) for one in person["registrations"]] == [
        ("2020-01-01", "2026-06-03"),
        ("2026-06-03", None),
    ]
    assert person["commitment_signed_on"] == "2026-06-03"
    assert [(one["institution"], one["until"]) for one in person["affiliations"]] == [
        (hands.institution, "2026-06-03"),
        (other, None),
    ]


def test_what_was_known_before_stays(hands, alone, banned):
    set_clock(alone, BAN_ENDS)
    before = standing(hands, banned, as_of="2026-06-10")
    proposal = answered(propose(hands, banned, BAN_ENDS), 201)
    answered(approve(hands, proposal))
    known = {"known_at": before["known_at"], "revision": before["revision"]}
    assert standing(hands, banned, as_of="2026-06-10", **known) == before
    line = hands.clerk.get(f"/eligibility/{banned}", query_string={"service_time": "2026-06-02"})
    assert answered(line)["reason"] == "terminated"
    line = hands.clerk.get(f"/eligibility/{banned}", query_string={"service_time": "2026-06-03"})
    assert answered(line)["reason"] == "eligible"


def test_it_is_proposed_from_fifteen_working_days_before_the_bans_end_and_approved_from_then_on(hands, alone, banned):
    opens = date(2026, 5, 13)
    signed = {"commitment_signed_on": "2026-05-12", "statement": "已完成整改，申请重新登记。"}
    set_clock(alone, opens - ONE_DAY)
    early = refused(propose(hands, banned, BAN_ENDS, **signed), 409, "ban_running")
    assert early["may_apply_from"] == "2026-05-13"
    set_clock(alone, opens)
    refused(propose(hands, banned, BAN_ENDS - ONE_DAY, **signed), 409, "ban_running")
    proposal = answered(propose(hands, banned, BAN_ENDS, **signed), 201)
    assert proposal["statement"] == signed["statement"]
    refused(propose(hands, banned, BAN_ENDS, **signed), 409, "reregistration_exists")
    refused(approve(hands, proposal), 409, "ban_running")
    set_clock(alone, BAN_ENDS)
    answered(approve(hands, proposal))
    assert standing(hands, banned)["status"] == "normal"


def test_it_takes_effect_on_the_day_of_approval_not_before_the_day_proposed(hands, alone, banned):
    set_clock(alone, BAN_ENDS)
    day = BAN_ENDS + 7 * ONE_DAY
    signed = {"commitment_signed_on": BAN_ENDS.isoformat()}
    proposal = answered(propose(hands, banned, day, **signed), 201)
    assert refused(approve(hands, proposal), 409, "too_early")["on"] == "2026-06-10"
    set_clock(alone, day + ONE_DAY)
    answered(approve(hands, proposal))
    told = standing(hands, banned)
    assert (told["status"], told["trace"][-1]["effective_on"]) == ("normal", "2026-06-11")
    assert person_of(hands, banned)["affiliations"][-1]["from"] == "2026-06-11"
    assert standing(hands, banned, as_of="2026-06-10")["status"] == "terminated"


def test_who_is_not_terminated_needs_none(hands):
    refused(propose(hands, hands.person(), date(2025, 6, 2)), 409, "not_terminated")


def test_a_termination_still_to_begin_is_not_yet_one(hands, banned):
    refused(propose(hands, banned, date(2025, 6, 2)), 409, "not_terminated")


def test_a_running_suspension_holds_the_person(hands, alone, banned):
    set_clock(alone, BAN_ENDS - 30 * ONE_DAY)
    scored(hands, banned, 9, decided_on="2026-05-01")
    set_clock(alone, BAN_ENDS)
    refused(propose(hands, banned, BAN_ENDS), 409, "suspension_running")


def test_a_sanction_still_to_begin_holds_the_person(hands, alone, banned):
    set_clock(alone, BAN_ENDS)
    scored(hands, banned, 9, decided_on="2026-06-03")
    refused(propose(hands, banned, BAN_ENDS), 409, "sanction_pending")


def test_the_gates_are_asked_again_at_approval(hands, alone, banned):
    set_clock(alone, BAN_ENDS)
    proposal = answered(propose(hands, banned, BAN_ENDS), 201)
    scored(hands, banned, 9, decided_on="2026-06-03")
    refused(approve(hands, proposal), 409, "sanction_pending")
    assert standing(hands, banned)["status"] == "terminated"
    assert answered(hands.clerk.get(f"/reregistrations/{proposal['id']}"))["state"] == "proposed"


def test_who_left_and_was_then_terminated_has_the_same_way_back(hands, alone):
    person = hands.person()
    admin = alone.client_for("office.admin")
    answered(admin.post(f"/practitioners/{person}/deregistration", {"on": "2025-06-02", "reason": "调离"}))
    scored(hands, person, 12)
    set_clock(alone, date(2028, 6, 3))
    body = {"from": "2028-06-03", "affiliations": [], "commitment_signed_on": "2028-06-03"}
    refused(admin.post(f"/practitioners/{person}/registrations", body), 409, "terminated")
    proposal = answered(propose(hands, person, date(2028, 6, 3)), 201)
    answered(approve(hands, proposal))
    assert standing(hands, person)["status"] == "normal"
    assert [(one["from"], one["until"]) for one in person_of(hands, person)["registrations"]] == [
        ("2020-01-01", "2025-06-02"),
        ("2028-06-03", None),
    ]


def test_a_new_ban_counts_from_the_new_start(hands, alone, banned):
    set_clock(alone, BAN_ENDS)
    answered(approve(hands, answered(propose(hands, banned, BAN_ENDS), 201)))
    scored(hands, banned, 6, decided_on="2026-06-03")
    assert standing(hands, banned)["points"] == 6
    body = {"effective_on": "2026-06-02"}
    case = hands.submitted(
        {"practitioner": banned, "item": "overtreatment", "degree": "main", "points": 4, "reason": "补录"}
    )
    refused(hands.admin.post(f"/cases/{case['id']}/approve", body), 409, "before_reregistration")


def test_one_proposal_at_a_time(hands, alone, banned):
    set_clock(alone, BAN_ENDS)
    first = answered(propose(hands, banned, BAN_ENDS), 201)
    again = refused(propose(hands, banned, BAN_ENDS), 409, "reregistration_exists")
    assert again["reregistration"] == first["id"]
    rejected = answered(hands.reviewer.post(f"/reregistrations/{first['id']}/reject", {"reason": "材料不全"}))
    assert (rejected["state"], rejected["reason"]) == ("rejected", "材料不全")
    state = refused(approve(hands, first), 409, "reregistration_state")["state"]
    assert state == "rejected"
    second = answered(propose(hands, banned, BAN_ENDS), 201)
    refused(approve(hands, second, headers={"If-Match": '"3"'}), 412, "version_mismatch")
    listed = answered(hands.reviewer.get("/reregistrations", query_string={"state": "proposed"}))["items"]
    assert [one["id"] for one in listed] == [second["id"]]


def test_who_proposed_may_not_decide_under_any_account(hands, alone, banned):
    set_clock(alone, BAN_ENDS)
    proposal = answered(propose(hands, banned, BAN_ENDS), 201)
    second = alone.client_for("office.reviewer", staff_no=hands.clerk.staff_no)
    refused(second.post(f"/reregistrations/{proposal['id']}/approve"), 403, "same_person")
    refused(second.post(f"/reregistrations/{proposal['id']}/reject", {"reason": "无"}), 403, "same_person")


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"commitment_signed_on": None}, "/commitment_signed_on"),
        ({"commitment_signed_on": "2026-06-04"}, "/commitment_signed_on"),
        (
            {"affiliations": [{"institution": "H15040299999", "from": "2026-06-03", "until": None}]},
            "/affiliations/0/institution",
        ),
    ],
)
def test_what_is_wrong_in_a_proposal_is_named(hands, alone, banned, wrong, pointer):
    set_clock(alone, BAN_ENDS)
    response = propose(hands, banned, BAN_ENDS, **wrong)
    assert response.status_code == 422, response.text
    assert [fault["pointer"] for fault in response.json["errors"]] == [pointer]
    assert pointers(hands.clerk.post(f"/practitioners/{banned}/reregistrations", {})) == [
        "/on",
        "/commitment_signed_on",
    ]
