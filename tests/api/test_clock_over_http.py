"""The scheme's clock over HTTP."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from api_office import make_office

from scoring_service.clock import SystemClock


def test_the_simulated_clock_stands_still_and_is_moved_forward_only(alone):
    admin, clerk = alone.client_for("office.admin"), alone.client_for("office.clerk")
    before = clerk.get("/clock").json
    assert before["simulated"] is True
    assert clerk.get("/clock").json == before
    later = datetime.fromisoformat(before["now"]) + timedelta(days=1)
    moved = admin.put("/clock", {"now": later.astimezone(UTC).isoformat()})
    assert moved.status_code == 200
    assert datetime.fromisoformat(clerk.get("/clock").json["now"]) >= later
    back = admin.put("/clock", {"now": before["now"]})
    assert (back.status_code, back.json["code"]) == (409, "clock_backwards")
    assert datetime.fromisoformat(clerk.get("/clock").json["now"]) >= later


def test_a_slip_of_the_year_is_refused_and_not_lived_through(alone):
    admin = alone.client_for("office.admin")
    before = admin.get("/clock").json
    slipped = admin.put("/clock", {"now": "9999-12-31T23:59:59+08:00"})
    assert (slipped.status_code, slipped.json["errors"][0]["pointer"]) == (422, "/now")
    assert admin.get("/clock").json == before


def test_an_instant_is_told_with_the_offset_of_shanghai(client_for):
    assert client_for("office.clerk").get("/clock").json["now"].endswith("+08:00")


def test_the_system_clock_cannot_be_moved(alone):
    office = make_office(replace(alone.service, clock=SystemClock()))
    admin = office.client_for("office.admin")
    assert admin.get("/clock").json["simulated"] is False
    refused = admin.put("/clock", {"now": "2100-01-01T00:00:00+08:00"})
    assert (refused.status_code, refused.json["code"]) == (409, "clock_not_simulated")
