"""While suspended or terminated, or with a sanction to begin, nothing new may be registered (P34, scheme.md 2.4)."""

from datetime import date

from case_calls import answered, make_hands, refused
from due_process_calls import scored, set_clock


def join(hands, person, code, **span):
    body = {"institution": code, "from": "2025-06-02", "until": None} | span
    return hands.admin.post(f"/practitioners/{person}/affiliations", body)


def test_with_a_sanction_to_begin_or_running_no_affiliation_begins_and_one_may_end(alone):
    hands = make_hands(alone)
    person, other = hands.person(), alone.institution()
    answered(join(hands, person, other), 201)
    scored(hands, person, 9)
    third = alone.institution()
    refused(join(hands, person, third), 409, "sanction_running")
    set_clock(alone, date(2025, 6, 4))
    refused(join(hands, person, third), 409, "sanction_running")
    answered(join(hands, person, other, until="2025-06-10"), 201)


def test_who_left_while_suspended_returns_when_the_state_has_ended(alone):
    hands = make_hands(alone)
    person = hands.person()
    scored(hands, person, 9)
    set_clock(alone, date(2025, 6, 5))
    answered(hands.admin.post(f"/practitioners/{person}/deregistration", {"on": "2025-06-05", "reason": "离职"}))
    back = {"from": "2025-06-20", "affiliations": [], "commitment_signed_on": "2025-06-20"}
    set_clock(alone, date(2025, 6, 20))
    refused(hands.admin.post(f"/practitioners/{person}/registrations", back), 409, "sanction_running")
    set_clock(alone, date(2025, 8, 4))
    answered(hands.admin.post(f"/practitioners/{person}/registrations", back), 201)
