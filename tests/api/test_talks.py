"""The talk that a warning asks for, recorded by the institution when it was held."""

import pytest
from case_calls import answered, make_hands, pointers, refused
from due_process_calls import scored

TODAY = "2025-06-02"


@pytest.fixture(scope="module")
def hands(office):
    return make_hands(office)


@pytest.fixture(scope="module")
def clinic(hands, office):
    return office.client_for("institution", institution=hands.institution)


def due(client, person, **query):
    found = client.get("/talks", query_string={"practitioner": person} | query)
    return answered(found)["items"]


def talk(notice, **other):
    return {"notice": notice, "held_on": TODAY, "summary": "谈话提醒并培训半天"} | other


def test_a_warning_asks_for_a_talk_until_it_was_held(hands, clinic):
    person = hands.person()
    scored(hands, person, 3)
    [task] = due(clinic, person, held="false")
    assert (task["institution"], task["since"], task["held_on"]) == (hands.institution, TODAY, None)
    assert task["measure"]
    held = answered(clinic.post("/talks", talk(task["notice"])), 201)
    assert (held["held_on"], held["summary"]) == (TODAY, "谈话提醒并培训半天")
    assert due(clinic, person, held="false") == []
    assert due(hands.clerk, person, held="true") == [held]
    refused(clinic.post("/talks", talk(task["notice"])), 409, "talk_recorded")


def test_every_institution_of_the_person_holds_its_own(hands, clinic, office):
    other = office.institution()
    person = office.practitioner(hands.institution, other)["id"]
    scored(hands, person, 6)
    assert {task["institution"] for task in due(hands.clerk, person)} == {hands.institution, other}
    [own] = due(clinic, person)
    [theirs] = due(hands.clerk, person, institution=other)
    answered(clinic.post("/talks", talk(own["notice"])), 201)
    refused(clinic.post("/talks", talk(theirs["notice"])), 404, "not_found")
    assert [task["notice"] for task in due(hands.clerk, person, held="false")] == [theirs["notice"]]


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"held_on": "2025-06-03"}, "/held_on"),
        ({"held_on": "2025-06-01"}, "/held_on"),
        ({"summary": ""}, "/summary"),
    ],
)
def test_what_is_wrong_in_a_talk_is_named(hands, clinic, wrong, pointer):
    person = hands.person()
    scored(hands, person, 3)
    [task] = due(clinic, person)
    assert pointers(clinic.post("/talks", talk(task["notice"], **wrong))) == [pointer]


def test_another_notice_asks_for_no_talk(hands, clinic):
    person = hands.person()
    scored(hands, person, 10)
    query = {"practitioner": person}
    notices = answered(clinic.get("/notices", query_string=query))["items"]
    assert due(clinic, person) == []
    for notice in notices:
        assert pointers(clinic.post("/talks", talk(notice["id"]))) == ["/notice"]
    refused(clinic.post("/talks", talk("x")), 404, "not_found")
