"""Receipts of many notices over HTTP: recorded as single ones are, or none of them and every faulty row told."""

import uuid

import pytest
from case_calls import answered, finding, make_hands, refused

RECEIPTS = "/notices/receipts"
PROOF = "送达回证 3 号，本人签收"


@pytest.fixture(scope="module")
def hands(office):
    return make_hands(office)


@pytest.fixture
def letters(hands):
    """The ids of four letters that nobody has received."""
    case = hands.approved(*(finding(hands.person(), 5) for _ in range(2)))["id"]
    rows = [row for row in answered(hands.clerk.get("/notices?limit=200"))["items"] if row["case"] == case]
    return [row["id"] for row in rows if row["kind"] == "score"]


def asked(*ids, **more):
    return {"items": [{"notice": notice, "version": 0, "proof": PROOF} | more for notice in ids]}


def received(hands, ids):
    return [answered(hands.clerk.get(f"/notices/{notice}"))["received_on"] for notice in ids]


def test_many_receipts_are_recorded_as_single_ones_are(hands, letters):
    single, *many = letters
    today = answered(hands.clerk.get("/clock"))["now"][:10]
    one = answered(hands.clerk.post(f"/notices/{single}/acknowledge", {"proof": PROOF}))
    told = answered(hands.clerk.post(RECEIPTS, asked(*many)))["recorded"]
    assert [row["id"] for row in told] == many
    same = ("received_on", "proof", "window_closes_on", "provisional", "version", "deemed", "receipt_recorded_by")
    assert [{name: row[name] for name in same} for row in told] == [{name: one[name] for name in same}] * len(many)
    assert (one["received_on"], one["version"]) == (today, 1)
    talks = {row["talk_due_on"] for row in (one, *told) if row["addressee"]["kind"] == "institution"}
    assert len(talks) == 1
    assert None not in talks
    auditor = hands.office.client_for("office.auditor")
    for notice in letters:
        [deed] = answered(auditor.get(f"/audit?action=notice.acknowledged&object_id={notice}"))["items"]
        assert deed["detail"] == {"received_on": today, "proof": PROOF}


def test_rows_that_changed_meanwhile_are_told_and_nothing_is_recorded(hands, letters):
    taken, stale, early, good = letters
    answered(hands.clerk.post(f"/notices/{taken}/acknowledge", {"proof": PROOF}))
    body = asked(*letters)
    body["items"][1]["version"], body["items"][2]["received_on"] = 3, "2024-01-01"
    told = refused(hands.clerk.post(RECEIPTS, body), 409, "receipts_refused")
    assert [(row["pointer"], row["code"]) for row in told["rows"]] == [
        ("/items/0", "already_received"),
        ("/items/1", "version_mismatch"),
        ("/items/2/received_on", "invalid"),
    ]
    assert received(hands, (stale, early, good)) == [None] * 3


def test_what_cannot_be_recorded_is_refused_whole(office, hands, letters):
    first, second, *_others = letters
    for body, pointers in (
        ({"items": []}, ["/items"]),
        (asked(*(str(uuid.uuid4()) for _ in range(1001))), ["/items"]),
        (asked(first, second, first), ["/items/2"]),
        (asked(first, second, proof=None), ["/items/0/proof", "/items/1/proof"]),
        (asked(first, received_on="2030-01-01"), ["/items/0/received_on"]),
    ):
        told = refused(hands.clerk.post(RECEIPTS, body), 422, "invalid")
        assert [fault["pointer"] for fault in told["errors"]] == pointers
    elsewhere = office.client_for("office.clerk", region="1505")
    for client, ids in ((elsewhere, [first]), (hands.clerk, [first, str(uuid.uuid4())])):
        refused(client.post(RECEIPTS, asked(*ids)), 404, "not_found")
    assert received(hands, letters) == [None] * 4


def test_an_institution_acknowledges_its_own_without_a_proof(office, hands, letters):
    hospital = office.client_for("institution", institution=hands.institution)
    own = [row["id"] for row in answered(hospital.get("/notices?limit=200"))["items"] if row["id"] in letters]
    told = answered(hospital.post(RECEIPTS, asked(*own, proof=None)))["recorded"]
    assert [(row["id"], row["proof"]) for row in told] == [(notice, None) for notice in own]
    refused(hospital.post(RECEIPTS, asked(*letters)), 404, "not_found")
