"""What follows a notice to the institution where the act happened: delivery, the state maintained, a talk (P33, P35, P36).

Everybody is scored on Monday 2 June 2025, the Dragon Boat Festival; 3 4 5 June are the next working days.
"""

import pytest
from case_calls import answered, finding, make_hands, pointers, refused
from due_process_calls import drafted, scored

TODAY, DAYS = "2025-06-02", ("deliver_due_on", "maintenance_due_on", "maintained_on", "talk_due_on")


@pytest.fixture(scope="module")
def hands(office):
    return make_hands(office)


@pytest.fixture(scope="module")
def clinic(hands, office):
    return office.client_for("institution", institution=hands.institution)


def notices(client, person, **query):
    listed = answered(client.get("/notices", query_string={"practitioner": person, "limit": 200} | query))
    return listed["items"]


def own(client, person, kind):
    """The newest notice of a kind that an institution has got of a person."""
    return next(each for each in notices(client, person) if each["kind"] == kind)


def days_of(notice):
    return tuple(notice[name] for name in DAYS)


def receive(client, notice, **more):
    return answered(client.post(f"/notices/{notice['id']}/acknowledge", more))


def maintain(client, notice, on=TODAY):
    return client.post(f"/notices/{notice['id']}/maintenance", {"on": on})


def leave(hands, person, at=None):
    """The person moves to another institution today; the code of that one."""
    other, where = hands.office.institution(), f"/practitioners/{person}/affiliations"
    for span in ({"institution": at or hands.institution, "until": TODAY}, {"institution": other, "from": TODAY}):
        answered(hands.admin.post(where, span), 201)
    return other


def test_delivery_runs_from_the_issue_and_the_rest_from_the_receipt(hands, clinic):
    person = hands.person()
    scored(hands, person, 10)
    letters = {each["kind"]: each for each in notices(clinic, person)}
    assert {kind: days_of(each) for kind, each in letters.items()} == {
        "score": ("2025-06-05", None, None, None),
        "suspension": ("2025-06-05", None, None, None),
    }
    assert days_of(receive(clinic, letters["score"])) == ("2025-06-05", None, None, "2025-06-16")
    assert days_of(receive(clinic, letters["suspension"])) == ("2025-06-05", "2025-06-05", None, None)


def test_the_days_are_those_of_the_institution_of_the_case_alone(hands, clinic, office):
    other = office.institution()
    person = office.practitioner(hands.institution, other)["id"]
    scored(hands, person, 12)
    elsewhere, doctor = office.client_for("institution", institution=other), office.client_for("practitioner", practitioner=person)
    for client in (elsewhere, doctor):
        for each in notices(client, person):
            assert days_of(receive(client, each)) == (None,) * 4
        refused(maintain(client, own(client, person, "termination")), *((409, "no_maintenance") if client is elsewhere else (403, "forbidden")))
    assert {each["addressee"]["ref"] for each in notices(hands.clerk, person, maintenance="open")} == {hands.institution}


def test_the_institution_of_the_case_gets_every_kind_though_the_person_has_left_it(hands, clinic):
    person = hands.person()
    other = leave(hands, person)
    [entry] = scored(hands, person, 12)
    corrected = drafted(hands.clerk, entry, 9)
    answered(hands.reviewer.post(f"/corrections/{corrected['id']}/approve"))
    kinds = {"score", "termination", "correction", "suspension"}
    assert {each["kind"] for each in notices(clinic, person)} == kinds
    elsewhere = hands.office.client_for("institution", institution=other)
    assert {each["kind"] for each in notices(elsewhere, person)} == kinds
    assert {each["deliver_due_on"] for each in notices(clinic, person)} == {"2025-06-05"}
    assert {each["kind"] for each in notices(clinic, person, maintenance="open")} == kinds - {"score"}


def test_a_warning_too(hands, clinic):
    person = hands.person()
    leave(hands, person)
    scored(hands, person, 3)
    assert {each["kind"] for each in notices(clinic, person)} == {"score", "warning"}
    assert notices(clinic, person, maintenance="open") == []


def test_a_correction_asks_for_the_state_only_where_it_changes_one(hands, clinic):
    person, other = hands.person(), hands.person()
    for each, points in ((person, 5), (other, 9)):
        [entry] = scored(hands, each, points)
        answered(hands.reviewer.post(f"/corrections/{drafted(hands.clerk, entry, 2)['id']}/approve"))
    assert notices(clinic, person, maintenance="open") == []
    assert own(clinic, other, "correction") in notices(clinic, other, maintenance="open")


def test_the_institution_confirms_the_state_once(hands, clinic):
    person = hands.person()
    scored(hands, person, 9)
    letter = own(clinic, person, "suspension")
    assert pointers(maintain(clinic, letter, "2025-06-03")) == ["/on"]
    assert pointers(maintain(clinic, letter, "2025-06-01")) == ["/on"]
    assert pointers(clinic.post(f"/notices/{letter['id']}/maintenance", {})) == ["/on"]
    assert answered(maintain(clinic, letter))["maintained_on"] == TODAY
    assert refused(maintain(clinic, letter), 409, "already_maintained")["maintained_on"] == TODAY
    assert notices(clinic, person, maintenance="open") == []
    recorded = answered(hands.clerk.get("/events?limit=200&after=0"))["items"]
    kinds = {each["kind"] for each in recorded if each["detail"].get("notice") == letter["id"]}
    assert kinds <= {"state_maintained"}
    refused(maintain(clinic, own(clinic, person, "score")), 409, "no_maintenance")


def test_nobody_else_confirms_the_state(hands, clinic, office):
    person = hands.person()
    scored(hands, person, 9)
    letter = own(clinic, person, "suspension")
    refused(maintain(hands.clerk, letter), 403, "forbidden")
    refused(maintain(office.client_for("institution", institution=office.institution()), letter), 404, "not_found")
    refused(clinic.post("/notices/x/maintenance", {"on": TODAY}), 404, "not_found")


def test_what_is_asked_of_the_institution_stands_in_its_letter(hands, clinic):
    person = hands.person()
    scored(hands, person, 9)

    def text(client, notice):
        return client.get(f"/notices/{notice['id']}/document").text

    suspension, score = own(clinic, person, "suspension"), own(clinic, person, "score")
    assert "自收到本文书之日起三个工作日内，在你单位信息系统中维护" in text(clinic, suspension)
    assert "自收到本文书之日起十个工作日内" in text(clinic, score)
    assert "开展“提醒谈话”" in text(clinic, score)
    doctor = hands.office.client_for("practitioner", practitioner=person)
    for each in notices(doctor, person):
        assert "你单位应当办理的事项" not in text(doctor, each)


@pytest.mark.parametrize("name", ["maintenance", "talk", "delivery"])
def test_what_a_list_is_asked_for_is_open_or_overdue(hands, name):
    answer = hands.clerk.get("/notices", query_string={name: "late"})
    assert pointers(answer) == [f"/query/{name}"]


@pytest.fixture
def desk(alone):
    """An office by itself, whose clock can be moved."""
    hands = make_hands(alone)
    clinic = alone.client_for("institution", institution=hands.institution)
    person = hands.person()
    scored(hands, person, 9)
    return hands, clinic, person


def move_to(hands, day):
    answered(hands.admin.put("/clock", {"now": f"{day}T09:00:00+08:00"}))


def overdue(hands, person, name):
    return {each["kind"] for each in notices(hands.clerk, person, **{name: "overdue"})}


def told(hands, kind):
    events = answered(hands.clerk.get("/events?limit=200"))["items"]
    return [(each["detail"]["due_on"], each["institution"]) for each in events if each["kind"] == kind]


def test_what_is_not_done_by_its_day_is_overdue_and_told_once(desk):
    hands, clinic, person = desk
    move_to(hands, "2025-06-05")
    assert overdue(hands, person, "delivery") == set()
    move_to(hands, "2025-06-07")
    assert overdue(hands, person, "delivery") == {"score", "suspension"}
    assert told(hands, "delivery_overdue") == [("2025-06-05", hands.institution)] * 2
    receive(clinic, own(clinic, person, "suspension"))
    receive(clinic, own(clinic, person, "score"))
    assert overdue(hands, person, "delivery") == set()
    # Received on Saturday 7 June: 9 10 11 June for the state, 9 to 13 and 16 to 20 June for the talk.
    move_to(hands, "2025-06-11")
    assert overdue(hands, person, "maintenance") == set()
    move_to(hands, "2025-06-21")
    assert (overdue(hands, person, "maintenance"), overdue(hands, person, "talk")) == ({"suspension"}, {"score"})
    assert told(hands, "maintenance_overdue") == [("2025-06-11", hands.institution)]
    assert told(hands, "talk_overdue") == [("2025-06-20", hands.institution)]
    answered(maintain(clinic, own(clinic, person, "suspension"), "2025-06-12"))
    assert overdue(hands, person, "maintenance") == set()
    move_to(hands, "2025-06-24")
    assert len(told(hands, "talk_overdue")) == 1


def test_a_corrected_receipt_counts_the_days_again_and_none_gets_earlier(desk):
    hands, clinic, person = desk
    move_to(hands, "2025-06-05")
    letter = own(clinic, person, "suspension")
    assert receive(clinic, letter)["maintenance_due_on"] == "2025-06-10"
    wrong = {"proof": "回执 1 号", "reason": "登记有误"}
    path = f"/notices/{letter['id']}/receipt-corrections"
    earlier = answered(hands.clerk.post(path, wrong | {"received_on": "2025-06-03"}))
    assert earlier["maintenance_due_on"] == "2025-06-10"
    move_to(hands, "2025-06-09")
    later = answered(hands.reviewer.post(path, wrong | {"received_on": "2025-06-09"}))
    assert later["maintenance_due_on"] == "2025-06-12"


def test_a_receipt_by_lapse_of_time_starts_the_days_too(desk):
    hands, clinic, person = desk
    # 3 4 5 6 9 June: received on the 9th; 10 11 12 June.
    move_to(hands, "2025-06-10")
    letter = own(clinic, person, "suspension")
    assert (letter["deemed"], letter["maintenance_due_on"]) == (True, "2025-06-12")
    assert own(clinic, person, "score")["talk_due_on"] == "2025-06-23"


def test_a_case_not_approved_by_its_day_is_told_once_to_the_office_alone(alone):
    hands = make_hands(alone)
    clinic = alone.client_for("institution", institution=hands.institution)
    case = hands.submitted(finding(hands.person()))
    move_to(hands, "2025-06-03")
    move_to(hands, "2025-06-05")
    events = answered(hands.clerk.get("/events?limit=200"))["items"]
    assert [each["detail"]["case"] for each in events if each["kind"] == "case_overdue"] == [case["id"]]
    seen = answered(clinic.get("/events?limit=200"))["items"]
    assert [each for each in seen if each["kind"] == "case_overdue"] == []
