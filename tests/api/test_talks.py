"""The talk that each score asks of the institution where the act happened, recorded when it was held (P36)."""

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


def test_a_score_asks_for_a_talk_until_it_was_held(hands, clinic):
    person = hands.person()
    scored(hands, person, 1)
    [task] = due(clinic, person, held="false")
    assert (task["institution"], task["since"], task["held_on"]) == (hands.institution, TODAY, None)
    assert (task["measure"], task["due_on"]) == (None, None)
    answered(clinic.post(f"/notices/{task['notice']}/acknowledge"))
    # 3 4 5 6, 9 to 13, 16 June.
    assert due(clinic, person)[0]["due_on"] == "2025-06-16"
    held = answered(clinic.post("/talks", talk(task["notice"])), 201)
    assert (held["held_on"], held["summary"]) == (TODAY, "谈话提醒并培训半天")
    assert due(clinic, person, held="false") == []
    assert due(hands.clerk, person, held="true") == [held]
    refused(clinic.post("/talks", talk(task["notice"])), 409, "talk_recorded")


def test_the_measure_of_the_tier_that_is_reached_is_told_with_it(hands, clinic):
    person = hands.person()
    scored(hands, person, 3)
    [task] = due(clinic, person)
    assert task["measure"]


def test_each_score_asks_for_its_own(hands, clinic):
    person = hands.person()
    scored(hands, person, 1, 1)
    assert len(due(clinic, person, held="false")) == 2


def test_the_institution_of_the_case_holds_it_though_the_person_works_elsewhere_too(hands, clinic, office):
    other = office.institution()
    person = office.practitioner(hands.institution, other)["id"]
    scored(hands, person, 6)
    [task] = due(hands.clerk, person)
    assert task["institution"] == hands.institution
    theirs = office.client_for("institution", institution=other)
    assert due(theirs, person) == []
    refused(theirs.post("/talks", talk(task["notice"])), 404, "not_found")
    answered(clinic.post("/talks", talk(task["notice"])), 201)


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
    [asking] = due(clinic, person)
    others = [notice["id"] for notice in notices if notice["id"] != asking["notice"]]
    assert others
    for notice in others:
        assert pointers(clinic.post("/talks", talk(notice))) == ["/notice"]
    refused(clinic.post("/talks", talk("x")), 404, "not_found")
