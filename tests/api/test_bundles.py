"""Letters of many notices as one PDF over HTTP: each as it was issued, what cannot be set told by name, nobody else's."""

import uuid
from datetime import timedelta
from io import BytesIO

import pytest
from case_calls import answered, finding, make_hands, refused
from pypdf import PdfReader

from scoring_service.clock import real_now
from scoring_service.services.bundles.asking import clear_bundles
from scoring_service.services.bundles.making import make_waiting
from scoring_service.services.notices import documents

BUNDLES = "/letters/bundles"
BROKEN = b"#panic()"


@pytest.fixture(scope="module")
def hands(office):
    return make_hands(office)


@pytest.fixture(scope="module")
def scored(hands):
    """A case on two people, and the ids of its letters."""
    case = hands.approved(*(finding(hands.person(), 10, item="inducing_sham_treatment") for _ in range(2)))["id"]
    rows = [row for row in answered(hands.clerk.get("/notices?limit=200"))["items"] if row["case"] == case]
    return case, [row["id"] for row in rows]


def pages_of(pdf):
    return [page.extract_text() for page in PdfReader(BytesIO(pdf)).pages]


def letter(client, notice):
    return client.get(f"/notices/{notice}/document", headers={"Accept": "application/pdf"}).data


def test_letters_of_a_case_are_joined_as_they_were_issued_for_who_asked(office, hands, scored):
    case, notices = scored
    asked = hands.clerk.post(BUNDLES, {"case": case}, headers={"Idempotency-Key": case})
    where = asked.headers["Location"].removeprefix("/api/v1")
    assert asked.status_code == 202
    assert {name: asked.json[name] for name in ("state", "case", "done", "of", "lacking")} == {
        "state": "waiting", "case": case, "done": 0, "of": len(notices), "lacking": [],
    }  # fmt: skip
    assert refused(hands.clerk.get(f"{where}/pdf"), 409, "bundle_state")["state"] == "waiting"
    assert make_waiting(office.service) == 1
    made = answered(hands.clerk.get(where))
    assert (made["state"], made["done"], made["seconds_left"]) == ("done", len(notices), None)
    joined = hands.clerk.get(f"{where}/pdf")
    assert (joined.mimetype, joined.headers["X-Content-Type-Options"]) == ("application/pdf", "nosniff")
    single = {notice: letter(hands.clerk, notice) for notice in notices}
    assert sorted(pages_of(joined.data)) == sorted(page for pdf in single.values() for page in pages_of(pdf))
    assert len(PdfReader(BytesIO(joined.data)).outline) == len(notices)
    for stranger in (office.client_for("office.clerk"), hands.admin):
        for what in ("", "/pdf"):
            refused(stranger.get(where + what), 404, "not_found")
    with office.service.work() as work:
        assert clear_bundles(work, real_now() + timedelta(days=8)) >= 1
    assert answered(hands.clerk.get(where))["cleared_at"] is not None
    refused(hands.clerk.get(f"{where}/pdf"), 404, "not_found")


def test_a_letter_that_cannot_be_set_is_told_by_name_and_the_rest_is_there(office, hands, scored, monkeypatch):
    _case, (good, *_others) = scored
    monkeypatch.setattr(documents, "present_template", lambda: BROKEN)
    person = hands.person(name="难排印")
    hands.approved(finding(person, 5))
    bad = answered(hands.clerk.get(f"/notices?practitioner={person}"))["items"][0]["id"]
    some, none = (answered(hands.clerk.post(BUNDLES, {"notices": ids}), 202)["id"] for ids in ([bad, good], [bad]))
    assert make_waiting(office.service) == 2
    made = answered(hands.clerk.get(f"{BUNDLES}/{some}"))
    [lacking] = made["lacking"]
    assert (made["state"], made["done"], lacking["notice"], lacking["name"]) == ("done", 2, bad, "难排印")
    assert pages_of(hands.clerk.get(f"{BUNDLES}/{some}/pdf").data) == pages_of(letter(hands.clerk, good))
    failed = answered(hands.clerk.get(f"{BUNDLES}/{none}"))
    assert (failed["state"], "不能生成 PDF" in failed["error"]) == ("failed", True)


def test_what_cannot_be_joined_is_refused_and_nothing_out_of_sight_is_told(office, hands, scored):
    _case, (first, second, *_others) = scored
    draft = hands.draft()["id"]
    for body, pointer in (
        ({}, "/notices"),
        ({"case": draft, "notices": [first]}, "/notices"),
        ({"notices": []}, "/notices"),
        ({"notices": [str(uuid.uuid4()) for _ in range(1001)]}, "/notices"),
        ({"notices": [first, second, first]}, "/notices/2"),
        ({"case": draft}, "/case"),
    ):
        told = refused(hands.clerk.post(BUNDLES, body), 422, "invalid")
        assert [fault["pointer"] for fault in told["errors"]] == [pointer]
    elsewhere = office.client_for("office.clerk", region="1505")
    for client, body in (
        (hands.clerk, {"notices": [first, str(uuid.uuid4())]}),
        (hands.clerk, {"notices": ["x"]}),
        (elsewhere, {"notices": [first]}),
        (elsewhere, {"case": scored[0]}),
    ):
        refused(client.post(BUNDLES, body), 404, "not_found")
