"""Numbered events: no gaps, in the order of commits, and to everyone what is theirs."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest


def everything(client, after=0, limit=200):
    found = []
    while True:
        answer = client.get(f"/events?after={after}&limit={limit}").json
        found += answer["items"]
        if answer["last"] == after or len(answer["items"]) < limit:
            return found
        after = answer["last"]


@pytest.fixture
def clerk(alone):
    return alone.client_for("office.clerk")


def test_numbers_have_no_gaps_even_when_written_at_once_and_rolled_back(alone, clerk):
    def write(number):
        with suppress(ZeroDivisionError), alone.service.work() as work:
            work.event("tried", region="150402", number=number)
            work.event("tried", region="150402", number=number // (number % 5))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(30)))
    events = everything(clerk, limit=7)
    assert [event["number"] for event in events] == list(range(1, len(events) + 1))
    assert len([event for event in events if event["kind"] == "tried"]) == 48


def test_after_and_limit_page_through(alone, clerk):
    for _ in range(5):
        with alone.service.work() as work:
            work.event("tried", region="150402")
    first = clerk.get("/events?after=0&limit=2").json
    assert [event["number"] for event in first["items"]] == [1, 2]
    assert first["last"] == 2
    rest = clerk.get("/events?after=2").json
    assert [event["number"] for event in rest["items"]] == [3, 4, 5]
    assert rest["last"] == 5
    assert clerk.get("/events?after=5").json["items"] == []


def test_everyone_is_told_what_is_theirs(office):
    own, other = office.institution(), office.institution(region="130102")
    mine, theirs = office.practitioner(own), office.practitioner(other)
    start = office.client_for("office.clerk").get("/events?limit=1&after=2147483647").json["last"]
    assert start == 2147483647
    with office.service.work() as work:
        for person, code, region in ((mine, own, "150402"), (theirs, other, "130102")):
            work.event("suspension", practitioner_id=person["id"], institution_code=code, region=region)
            work.event("score_recorded", practitioner_id=person["id"], institution_code=code, region=region)
    both = {mine["id"], theirs["id"]}

    def seen(role, **bound):
        events = everything(office.client_for(role, **bound))
        wanted = [event for event in events if event["kind"] in {"suspension", "score_recorded"}]
        return {(event["practitioner"], event["kind"]) for event in wanted if event["practitioner"] in both}

    of_mine = {(mine["id"], "suspension"), (mine["id"], "score_recorded")}
    assert seen("institution", institution=own) == of_mine
    assert seen("practitioner", practitioner=mine["id"]) == of_mine
    assert seen("office.clerk", region="1504") == of_mine
    assert seen("office.clerk") == of_mine | {(theirs["id"], "suspension"), (theirs["id"], "score_recorded")}
    assert seen("regulator", region="1504") == {(mine["id"], "suspension")}


def test_a_region_is_told_of_everyone_whose_file_it_may_read(office):
    placed, unplaced = office.practitioner(office.institution()), office.practitioner()
    elsewhere = office.practitioner(office.institution(region="130102"))
    with office.service.work() as work:
        for person in (placed, unplaced, elsewhere):
            work.event("sanctions_changed", practitioner_id=person["id"])
        work.event("calendar_missing", year=2027)
    for role in ("office.clerk", "regulator"):
        client = office.client_for(role, region="1504")
        told = {event["practitioner"] for event in everything(client) if event["kind"] == "sanctions_changed"}
        assert (placed["id"] in told, unplaced["id"] in told, elsewhere["id"] in told) == (True, False, False), role
        assert "calendar_missing" not in {event["kind"] for event in everything(client)}
