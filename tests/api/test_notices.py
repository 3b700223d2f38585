"""Notices over HTTP: who sees which, and who may say that it was received."""

import pytest
from case_calls import finding, make_hands


@pytest.fixture(scope="module")
def hands(office):
    return make_hands(office)


@pytest.fixture
def told(hands):
    """A person with a score of today, and everybody who is told of it."""
    person = hands.person()
    hands.approved(finding(person, 5))
    return Told(
        person,
        hands.office.client_for("practitioner", practitioner=person),
        hands.office.client_for("institution", institution=hands.institution),
    )


class Told:
    def __init__(self, person, doctor, clinic):
        self.person, self.doctor, self.clinic = person, doctor, clinic


def score_to(client, person, kind):
    found = client.get(f"/notices?practitioner={person}").json["items"]
    return next(row for row in found if row["kind"] == "score" and row["addressee"]["kind"] == kind)


def test_the_person_and_their_institution_each_get_their_own(hands, told):
    listed = hands.clerk.get(f"/notices?practitioner={told.person}").json["items"]
    assert sorted((row["kind"], row["addressee"]["kind"]) for row in listed) == [
        ("score", "institution"),
        ("score", "practitioner"),
        ("warning", "institution"),
        ("warning", "practitioner"),
    ]
    own = told.doctor.get("/notices").json["items"]
    assert {row["addressee"]["ref"] for row in own} == {told.person}
    theirs = told.clinic.get(f"/notices?practitioner={told.person}").json["items"]
    assert {row["addressee"]["ref"] for row in theirs} == {hands.institution}
    shown = told.doctor.get(f"/notices/{own[0]['id']}").json
    assert shown == own[0]
    for member in ("received_on", "window_closes_on", "replaces"):
        assert shown[member] is None
    assert (shown["deemed"], shown["provisional"]) == (False, False)
    assert shown["created_at"].startswith("2025-06-02T09:00:00")


def test_nobody_sees_what_is_another_s(hands, told):
    notice = score_to(hands.clerk, told.person, "practitioner")["id"]
    strangers = (
        hands.office.bound_client("practitioner"),
        hands.office.bound_client("institution"),
        hands.office.client_for("office.clerk", region="1505"),
        told.clinic,
    )
    for stranger in strangers:
        assert stranger.get(f"/notices/{notice}").status_code == 404
        assert notice not in {row["id"] for row in stranger.get("/notices").json["items"]}
    outside = hands.office.client_for("office.clerk", region="1505")
    assert outside.get(f"/notices?practitioner={told.person}").status_code == 404
    assert hands.clerk.get("/notices/00000000-0000-4000-8000-000000000000").status_code == 404
    assert hands.clerk.get("/notices/nonsense").status_code == 404


def test_the_addressee_acknowledges_once_and_the_window_runs_from_that_day(hands, told):
    notice = score_to(told.doctor, told.person, "practitioner")
    answer = told.doctor.post(f"/notices/{notice['id']}/acknowledge", {})
    assert answer.status_code == 200
    # Monday 2 June: ten working days end with Monday 16 June.
    assert (answer.json["received_on"], answer.json["window_closes_on"]) == ("2025-06-02", "2025-06-16")
    again = told.doctor.post(f"/notices/{notice['id']}/acknowledge", {})
    assert (again.status_code, again.json["code"], again.json["received_on"]) == (
        409,
        "already_received",
        "2025-06-02",
    )
    left = told.doctor.get("/notices?unacknowledged=true").json["items"]
    assert [row["kind"] for row in left] == ["warning"]
    assert len(hands.clerk.get(f"/notices?practitioner={told.person}&unacknowledged=true").json["items"]) == 3
    other = score_to(told.clinic, told.person, "institution")
    assert told.clinic.post(f"/notices/{other['id']}/acknowledge").status_code == 200


def test_a_clerk_records_a_paper_receipt_and_others_of_the_office_do_not(hands, told):
    notice = score_to(hands.clerk, told.person, "practitioner")["id"]
    path = f"/notices/{notice}/acknowledge"
    assert hands.reviewer.post(path, {}).status_code == 403
    assert told.clinic.post(path, {}).status_code == 404
    for day in ("2025-06-03", "2025-06-01"):
        refused = hands.clerk.post(path, {"received_on": day, "proof": "签收单"})
        assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/received_on")
    for body in ({"received_on": "2025-02-30"}, {"proof": ""}, {"day": "2025-06-02"}, {"received_on": 5}):
        assert hands.clerk.post(path, body).status_code == 422
    done = hands.clerk.post(path, {"received_on": "2025-06-02", "proof": "签收单 7 号"})
    assert (done.status_code, done.json["received_on"]) == (200, "2025-06-02")


def test_the_list_is_cut_into_pages_and_filtered_by_institution(hands, told):
    seen, path = [], "/notices?limit=1"
    while path:
        answer = told.doctor.get(path).json
        seen += [row["id"] for row in answer["items"]]
        path = answer["next_cursor"] and f"/notices?limit=1&cursor={answer['next_cursor']}"
    assert len(seen) == len(set(seen)) == 2
    found = hands.clerk.get(f"/notices?institution={hands.institution}&limit=200").json["items"]
    assert {row["addressee"]["ref"] for row in found} == {hands.institution}
    assert told.doctor.get("/notices?unacknowledged=yes").status_code == 422
