"""Remediation: filed by one, approved by another, granted as far as it fits; and the outlook."""

from datetime import date
from io import BytesIO

import pytest
from case_calls import answered, make_hands, pointers, refused
from due_process_calls import APPLICATIONS, application, consented, drafted, filed, granted, scored, set_clock
from sqlalchemy import select

from scoring_service.db.tables import entries, events
from scoring_service.services.proposals import remediation

PDF = b"%PDF-1.7\n%%EOF\n"
TODAY = "2025-06-02"


@pytest.fixture(scope="module")
def hands(office):
    return make_hands(office)


def standing(hands, person, **query):
    return answered(hands.clerk.get(f"/practitioners/{person}/standing", query_string=query))


def test_any_signed_in_account_reads_the_catalogue(office):
    items = answered(office.client_for("settlement").get("/remediation/activities"))["items"]
    assert {item["key"] for item in items} == {
        "online_course",
        "offline_training",
        "policy_publicity",
        "inspection_participation",
    }
    assert {(item["points"], item["days"]) for item in items} == {(1, 10)}
    assert all(item["title"] for item in items)


def test_an_approved_application_gives_a_point_back(hands):
    person = hands.person()
    scored(hands, person, 5)
    asked = consented(hands, person)
    assert (asked["state"], asked["version"], asked["granted"], asked["entry"]) == ("consented", 2, None, None)
    approved = answered(hands.reviewer.post(f"{APPLICATIONS}/{asked['id']}/approve"))
    assert (approved["state"], approved["granted"], approved["version"]) == ("approved", 1, 3)
    told = standing(hands, person)
    assert (told["points"], told["trace"][-1]["entry"]) == (4, approved["entry"])
    assert told["trace"][-1]["effective_on"] == TODAY
    file = answered(hands.clerk.get(f"/practitioners/{person}/file"))
    assert [(one["id"], one["state"]) for one in file["remediation"]] == [(asked["id"], "approved")]


def test_a_term_credit_shortens_the_running_sanction_down_to_its_floor(hands, office):
    person = hands.person()
    scored(hands, person, 10, decided_on="2025-05-20")
    refused(granted(hands, person, effect="term"), 409, "nothing_to_credit")  # It begins tomorrow.
    with office.service.engine.connect() as conn:
        query = select(events.c.kind).where(events.c.practitioner_id == person)
        assert "credit_granted" not in set(conn.execute(query).scalars())


def test_a_term_credit_past_the_floor_grants_what_is_possible(alone):
    hands = make_hands(alone)
    person = hands.person()
    scored(hands, person, 9)
    assert standing(hands, person)["sanctions"] == [
        {"kind": "suspension", "ground": "single", "from": "2025-06-03"}
        | {"until": "2025-08-03", "state_until": "2025-08-03"}
    ]
    set_clock(alone, date(2025, 6, 20))
    answers = [granted(hands, person, effect="term") for _ in range(5)]
    # Half of two months is one: from 3 August down to 3 July are 31 days.
    assert [answer.json["granted"] for answer in answers[:4]] == [10, 10, 10, 1]
    refused(answers[4], 409, "nothing_to_credit")
    told = standing(hands, person)
    assert told["sanctions"][0]["until"] == "2025-07-03"
    assert told["points"] == 9
    with alone.service.engine.connect() as conn:
        kinds = list(conn.execute(select(events.c.kind).where(events.c.practitioner_id == person)).scalars())
    assert kinds.count("sanctions_changed") == kinds.count("credit_granted") == 4


def test_nothing_to_credit_without_points(hands):
    refused(granted(hands, hands.person()), 409, "nothing_to_credit")


def test_the_cap_of_a_year(hands):
    person = hands.person()
    scored(hands, person, 8)
    for _ in range(4):
        assert answered(granted(hands, person))["granted"] == 1
    refused(granted(hands, person), 409, "credit_cap_reached")
    assert standing(hands, person)["points"] == 4


def test_a_corrected_credit_makes_room_under_the_cap(hands):
    person = hands.person()
    scored(hands, person, 8)
    entries_of_credits = [answered(granted(hands, person))["entry"] for _ in range(4)]
    answered(hands.reviewer.post(f"/corrections/{drafted(hands.clerk, entries_of_credits[0])['id']}/approve"))
    assert standing(hands, person)["points"] == 5
    assert answered(granted(hands, person))["granted"] == 1


def test_no_points_are_credited_while_terminated_or_about_to_be(hands):
    person = hands.person()
    scored(hands, person, 12)
    refused(granted(hands, person), 409, "terminated")


def test_no_term_is_credited_on_a_suspension_with_a_termination_pending(alone):
    hands = make_hands(alone)
    person = hands.person()
    scored(hands, person, 9)
    set_clock(alone, date(2025, 6, 20))
    scored(hands, person, 3, decided_on="2025-06-20")
    refused(granted(hands, person, effect="term"), 409, "terminated")
    set_clock(alone, date(2025, 6, 21))
    assert answered(granted(hands, person, effect="term"))["granted"] == 10
    assert standing(hands, person)["current_sanction"]["until"] == "2026-06-11"


def test_the_points_of_last_year_are_not_credited(alone):
    hands = make_hands(alone)
    person = hands.person()
    scored(hands, person, 6)
    set_clock(alone, date(2026, 1, 1))
    refused(granted(hands, person), 409, "nothing_to_credit")


def test_the_same_application_waits_once(hands):
    person, other = hands.person(), hands.person()
    same = application(person)
    first = answered(hands.clerk.post(APPLICATIONS, same), 201)
    for client in (hands.clerk, hands.office.client_for("practitioner", practitioner=person)):
        problem = refused(client.post(APPLICATIONS, same), 409, "application_exists")
        assert problem["application"] == first["id"]
    for different in ({"effect": "term"}, {"activity": "offline_training"}, {"practitioner": other}):
        answered(hands.clerk.post(APPLICATIONS, same | different), 201)
    answered(hands.reviewer.post(f"{APPLICATIONS}/{first['id']}/reject", {"reason": "证书有误"}))
    answered(hands.clerk.post(APPLICATIONS, same), 201)


def test_a_party_has_so_many_applications_waiting_and_stops_no_other(hands, monkeypatch):
    monkeypatch.setattr(remediation, "MOST_OPEN", 2)
    person = hands.person()
    doctor = hands.office.client_for("practitioner", practitioner=person)
    waiting = [filed(doctor, person) for _ in range(2)]
    assert refused(doctor.post(APPLICATIONS, application(person)), 409, "too_many_applications")["limit"] == 2
    filed(hands.clerk, person)
    answered(hands.reviewer.post(f"{APPLICATIONS}/{waiting[0]['id']}/reject", {"reason": "证书有误"}))
    filed(doctor, person)


def test_an_activity_serves_once_whether_as_points_or_as_term(hands):
    person = hands.person()
    scored(hands, person, 6)
    once = {"completed_on": "2025-05-01"}
    answered(granted(hands, person, **once))
    for effect in ("points", "term"):
        refused(granted(hands, person, effect=effect, **once), 409, "activity_used")
    assert answered(granted(hands, person, activity="offline_training", **once))["granted"] == 1
    other = hands.person()
    scored(hands, other, 6)
    assert answered(granted(hands, other, **once))["granted"] == 1


def test_who_recorded_it_may_not_decide_it_under_any_account(hands, office):
    person = hands.person()
    scored(hands, person, 6)
    both = office.client_for("office.clerk", "office.reviewer")
    second = office.client_for("office.reviewer", staff_no=hands.clerk.staff_no)
    for filer, decider in ((both, both), (hands.clerk, second)):
        path = f"{APPLICATIONS}/{filed(filer, person)['id']}"
        refused(decider.post(f"{path}/approve"), 403, "same_person")
        refused(decider.post(f"{path}/reject", {"reason": "无"}), 403, "same_person")
        assert answered(hands.clerk.get(path))["state"] == "filed"


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_a_decided_application_is_not_decided_again(hands, decision):
    person = hands.person()
    scored(hands, person, 6)
    path = f"{APPLICATIONS}/{filed(hands.clerk, person)['id']}"
    rejected = answered(hands.reviewer.post(f"{path}/reject", {"reason": "证书不清"}))
    assert (rejected["state"], rejected["reason"]) == ("rejected", "证书不清")
    again = refused(hands.reviewer.post(f"{path}/{decision}", {"reason": "再次"}), 409, "application_state")
    assert again["state"] == "rejected"
    assert standing(hands, person)["points"] == 6


def test_if_match_is_honoured(hands):
    person = hands.person()
    scored(hands, person, 6)
    path = f"{APPLICATIONS}/{consented(hands, person)['id']}"
    refused(hands.reviewer.post(f"{path}/approve", headers={"If-Match": '"7"'}), 412, "version_mismatch")
    response = hands.reviewer.post(f"{path}/approve", headers={"If-Match": '"2"'})
    assert (response.status_code, response.headers["ETag"]) == (200, '"3"')


def test_the_same_key_approves_once(hands):
    person = hands.person()
    scored(hands, person, 6)
    path = f"{APPLICATIONS}/{consented(hands, person)['id']}/approve"
    first, again = (hands.reviewer.post(path, headers={"Idempotency-Key": "once"}) for _ in range(2))
    assert (first.json, again.headers["Idempotent-Replayed"]) == (again.json, "true")
    assert standing(hands, person)["points"] == 5


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"completed_on": "2025-06-03"}, "/completed_on"),
        ({"completed_on": "yesterday"}, "/completed_on"),
        ({"activity": "golf"}, "/activity"),
        ({"effect": "both"}, "/effect"),
        ({"evidence": ""}, "/evidence"),
        ({"evidence": 7}, "/evidence"),
        ({"granted": 4}, "/granted"),
    ],
)
def test_what_is_wrong_in_an_application_is_named(hands, wrong, pointer):
    assert pointers(hands.clerk.post(APPLICATIONS, application(hands.person(), **wrong))) == [pointer]


def test_a_stranger_is_not_found(hands):
    refused(hands.clerk.post(APPLICATIONS, application("D150402999999")), 404, "not_found")


def test_attachments_come_before_the_decision(hands):
    person = hands.person()
    scored(hands, person, 6)
    path = f"{APPLICATIONS}/{consented(hands, person)['id']}"
    sent = {"data": {"file": (BytesIO(PDF), "证书.pdf")}}
    assert answered(hands.clerk.post(f"{path}/attachments", **sent), 201)["version"] == 3
    assert hands.reviewer.get(f"{path}/attachments/1").data == PDF
    assert [one["n"] for one in answered(hands.clerk.get(path))["attachments"]] == [1]
    answered(hands.reviewer.post(f"{path}/approve"))
    sent = {"data": {"file": (BytesIO(PDF), "证书.pdf")}}
    refused(hands.clerk.post(f"{path}/attachments", **sent), 409, "application_state")


def test_an_attachment_of_thirty_megabytes_is_refused(hands):
    path = f"{APPLICATIONS}/{filed(hands.clerk, hands.person())['id']}/attachments"
    head = b'--cut\r\nContent-Disposition: form-data; name="file"; filename="x.pdf"\r\n\r\n'
    for megabytes, code in ((30, "too_large"), (21, "attachment_too_large")):
        body = head + PDF + bytes(megabytes * 1024 * 1024) + b"\r\n--cut--\r\n"
        refused(
            hands.clerk.post(path, data=body, content_type="multipart/form-data; boundary=cut"), 413, code
        )
    assert answered(hands.clerk.get(path))["items"] == []


def test_the_list_is_filtered(hands):
    person = hands.person()
    scored(hands, person, 6)
    first, second = consented(hands, person)["id"], filed(hands.clerk, person)["id"]
    answered(hands.reviewer.post(f"{APPLICATIONS}/{first}/approve"))

    def listed(**query):
        query = {"practitioner": person} | query
        return [one["id"] for one in answered(hands.clerk.get(APPLICATIONS, query_string=query))["items"]]

    assert listed() == [second, first]
    assert (listed(state="filed"), listed(state="approved"), listed(state="rejected")) == (
        [second],
        [first],
        [],
    )


def test_a_credit_folds_under_the_rulebook_of_what_it_touches(hands, office):
    liaoning = office.institution(region="210102")
    person = hands.person()
    scored(hands, person, 6, institution=liaoning)
    entry = answered(granted(hands, person))["entry"]
    with office.service.engine.connect() as conn:
        assert (
            conn.execute(select(entries.c.rulebook_id).where(entries.c.id == entry)).scalar_one()
            == "liaoning"
        )


# The outlook.


def outlook(client, person):
    return answered(client.get(f"/practitioners/{person}/outlook"))


def test_the_outlook_of_a_clean_file(hands):
    told = outlook(hands.clerk, hands.person())
    assert (told["points"], told["status"], told["resets_on"]) == (0, "normal", "2026-01-01")
    assert [(one["points"], one["remaining"], one["consequence"]) for one in told["thresholds"]] == [
        (3, 3, "warning"),
        (6, 6, "warning"),
        (9, 9, "suspension"),
        (12, 12, "termination"),
    ]
    nothing = {"granted": 0, "refused": "nothing_to_credit"}
    assert all(one["would_give"] == {"points": nothing, "term": nothing} for one in told["activities"])
    assert [(one["points"], one["total"], one["status"]) for one in told["next_score"]] == [
        (1, 1, "normal"),
        (3, 3, "normal"),
        (6, 6, "normal"),
        (12, 12, "terminated"),
    ]
    assert told["next_score"][3]["sanctions"] == [
        {"kind": "termination", "ground": "single", "from": "2025-06-03"}
        | {"until": "2028-06-03", "state_until": None}
    ]


def test_the_outlook_folds_what_a_next_score_would_do(hands):
    person = hands.person()
    scored(hands, person, 6, 2)
    told = outlook(hands.clerk, person)
    assert [one["remaining"] for one in told["thresholds"]] == [0, 0, 1, 4]
    assert [(one["points"], one["total"], one["consequence"]) for one in told["next_score"]] == [
        (1, 9, "suspension of 2 months"),
        (3, 11, "suspension of 6 months"),
        (6, 12, "termination with a ban of 1 year"),
        (12, 12, "termination with a ban of 3 years"),
    ]
    assert [one["sanctions"][0]["until"] for one in told["next_score"]] == [
        "2025-08-03",
        "2025-12-03",
        "2026-06-03",
        "2028-06-03",
    ]
    assert told["activities"][0]["would_give"]["points"] == {"granted": 1, "refused": None}


def test_what_the_outlook_says_of_a_next_score_comes_true(hands):
    person = hands.person()
    scored(hands, person, 6)
    foretold = {one["points"]: one for one in outlook(hands.clerk, person)["next_score"]}
    scored(hands, person, 6, decided_on=TODAY)
    told = standing(hands, person, as_of="2025-06-03")
    assert (told["points"], told["status"]) == (foretold[6]["total"], foretold[6]["status"])
    assert told["sanctions"] == foretold[6]["sanctions"]
    assert outlook(hands.clerk, person)["points"] == 12
