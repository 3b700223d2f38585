"""Lists page by page: whole, in order, and not to be tampered with."""

import base64
from itertools import chain

import pytest


@pytest.fixture(scope="module")
def people(office):
    """Seven accounts of a region of their own, and its administrator."""
    admin = office.client_for("office.admin", region="991100", username="page-z")
    for letter in "fbdaec":
        office.add_account("office.clerk", region="991100", username=f"page-{letter}")
    return admin


def pages(client, limit):
    cursor, found = None, []
    while True:
        query = f"/users?limit={limit}" + (f"&cursor={cursor}" if cursor else "")
        answer = client.get(query)
        assert answer.status_code == 200, answer.text
        found.append([item["username"] for item in answer.json["items"]])
        cursor = answer.json["next_cursor"]
        if cursor is None:
            return found


@pytest.mark.parametrize("limit", [1, 2, 3, 6, 7, 8, 200])
def test_the_pages_together_are_the_list(people, limit):
    found = pages(people, limit)
    assert list(chain.from_iterable(found)) == [f"page-{letter}" for letter in "abcdefz"]
    assert all(len(page) == limit for page in found[:-1])
    assert 1 <= len(found[-1]) <= limit


def test_the_default_page_has_fifty(people, office):
    for number in range(51):
        office.add_account("office.clerk", region="991101", username=f"many-{number:03d}")
    admin = office.client_for("office.admin", region="991101", username="many-zzz")
    assert len(admin.get("/users").json["items"]) == 50


def test_what_is_added_behind_the_cursor_is_met_and_nothing_twice(office):
    admin = office.client_for("office.admin", region="991102", username="grow-a")
    office.add_account("office.clerk", region="991102", username="grow-c")
    first = admin.get("/users?limit=1").json
    office.add_account("office.clerk", region="991102", username="grow-b")
    rest = admin.get(f"/users?limit=5&cursor={first['next_cursor']}").json["items"]
    assert [item["username"] for item in first["items"] + rest] == ["grow-a", "grow-b", "grow-c"]


def tampered(cursor):
    payload, signature = cursor.rsplit(".", 1)
    other = "A" if payload[0] != "A" else "B"
    yield other + payload[1:] + "." + signature
    yield payload + "." + signature[:-1] + ("A" if signature[-1] != "A" else "B")
    yield payload
    yield base64.urlsafe_b64encode(b'["x", ["page-a"]]').decode() + "." + signature
    yield "nonsense"
    yield cursor * 50
    yield "%F0%9F%92%A9"


def test_a_tampered_cursor_is_400(people):
    cursor = people.get("/users?limit=2").json["next_cursor"]
    for altered in tampered(cursor):
        answer = people.get(f"/users?limit=2&cursor={altered}")
        assert (answer.status_code, answer.json["code"]) == (400, "invalid_cursor"), altered
    assert people.get(f"/users?limit=2&cursor={cursor}").status_code == 200


def test_an_empty_cursor_is_422_like_every_empty_parameter(people):
    answer = people.get("/users?limit=2&cursor=")
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/query/cursor")


def test_a_cursor_of_another_list_is_400(people, client_for):
    auditor = client_for("office.auditor")
    cursor = people.get("/users?limit=2").json["next_cursor"]
    assert auditor.get(f"/audit?cursor={cursor}").json["code"] == "invalid_cursor"
    audit = auditor.get("/audit?action=account.add&limit=1").json["next_cursor"]
    assert auditor.get(f"/audit?action=account.add&limit=1&cursor={audit}").status_code == 200
    assert auditor.get(f"/audit?action=look&limit=1&cursor={audit}").json["code"] == "invalid_cursor"
