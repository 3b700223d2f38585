"""Until when the letters of a case are to be issued: from the agreement handling or the receipt of the penalty (P31)."""

import pytest
from case_calls import DECIDED, answered, finding, make_hands, pointers

TODAY = "2025-06-02"


@pytest.fixture(scope="module")
def hands(office):
    return make_hands(office)


def drafted(hands, **handling):
    body = hands.body(finding(hands.person()))
    return answered(hands.clerk.post("/cases", body | {"handling": body["handling"] | handling}), 201)


def changed(hands, case, **handling):
    headers = {"If-Match": f'"{case["version"]}"'}
    return hands.clerk.patch(f"/cases/{case['id']}", {"handling": handling}, headers=headers)


def test_a_penalty_is_counted_from_its_receipt_and_that_from_its_day_where_none_is_given(hands):
    case = drafted(hands)
    assert (case["handling"]["received_on"], case["notice_due_on"]) == (DECIDED, "2025-05-27")
    # 29 30 May, 3 4 5 June; 2 June is the Dragon Boat Festival.
    later = drafted(hands, received_on="2025-05-28")
    assert (later["handling"]["received_on"], later["notice_due_on"]) == ("2025-05-28", "2025-06-05")
    assert later["notice_due_provisional"] is False
    assert answered(hands.clerk.get(f"/cases/{later['id']}"))["notice_due_on"] == "2025-06-05"


def test_an_agreement_handling_is_counted_from_its_own_day(hands):
    case = drafted(hands, kind="agreement", received_on="2025-05-28")
    assert case["notice_due_on"] == "2025-05-27"


def test_a_changed_draft_is_counted_again(hands):
    case = drafted(hands)
    moved = answered(changed(hands, case, decided_on="2025-05-22"))
    assert (moved["handling"]["received_on"], moved["notice_due_on"]) == ("2025-05-22", "2025-05-29")
    received = answered(changed(hands, moved, received_on="2025-05-28"))
    assert received["notice_due_on"] == "2025-06-05"
    assert pointers(changed(hands, received, decided_on="2025-05-29")) == ["/handling/received_on"]
    back = answered(changed(hands, received, received_on=None))
    assert (back["handling"]["received_on"], back["notice_due_on"]) == ("2025-05-22", "2025-05-29")


@pytest.mark.parametrize("day", ["2025-05-19", "2025-06-03"])
def test_nothing_is_received_before_it_was_decided_or_after_today(hands, day):
    body = hands.body(finding(hands.person()))
    refused = hands.clerk.post("/cases", body | {"handling": body["handling"] | {"received_on": day}})
    assert pointers(refused) == ["/handling/received_on"]
    assert pointers(changed(hands, drafted(hands), received_on=day)) == ["/handling/received_on"]


def test_the_open_cases_are_listed_by_what_is_due(hands, office):
    institution = office.institution()
    person = office.practitioner(institution)["id"]
    late = drafted(hands, received_on="2025-05-28")
    bodies = [hands.body(finding(person), institution=institution) for _ in range(3)]
    bodies[1]["handling"]["received_on"] = "2025-05-28"
    bodies[2]["handling"]["received_on"] = "2025-05-23"
    ids = [answered(hands.clerk.post("/cases", body), 201)["id"] for body in bodies]

    def due_before(day):
        query = {"institution": institution, "notice_due_before": day, "limit": 1}
        page = answered(hands.clerk.get("/cases", query_string=query))
        listed = [page["items"]]
        while page["next_cursor"]:
            page = answered(hands.clerk.get("/cases", query_string=query | {"cursor": page["next_cursor"]}))
            listed.append(page["items"])
        return [item["id"] for items in listed for item in items]

    assert due_before("2025-06-06") == [ids[0], ids[2], ids[1]]
    assert due_before("2025-05-27") == []
    assert due_before("2025-05-28") == [ids[0]]
    answered(hands.clerk.post(f"/cases/{ids[0]}/submit"))
    answered(hands.reviewer.post(f"/cases/{ids[0]}/approve", {}))
    answered(hands.clerk.post(f"/cases/{ids[2]}/withdraw", {"reason": "撤回"}))
    assert due_before("2025-06-06") == [ids[1]]
    assert late["id"] not in ids
    assert pointers(hands.clerk.get("/cases", query_string={"notice_due_before": "x"})) == ["/query/notice_due_before"]
