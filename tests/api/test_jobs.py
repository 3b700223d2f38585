"""Jobs over HTTP: who sees them, what is refused, and what moving the clock runs."""

from datetime import datetime

import pytest
from case_calls import finding, make_hands


@pytest.fixture
def hands(alone):
    return make_hands(alone)


def test_the_jobs_of_a_day_are_listed_in_their_order(office):
    auditor = office.client_for("office.auditor")
    answer = auditor.get("/jobs").json
    assert [job["name"] for job in answer["items"]] == [
        "year-close",
        "sanctions-due",
        "deadlines",
        "ratio-watch",
        "letters",
        "ledger-check",
        "reminders",
        "retention",
    ]
    assert {job["cadence"] for job in answer["items"]} == {"yearly", "daily"}
    assert auditor.get("/jobs/nothing/runs").status_code == 404


@pytest.mark.parametrize(
    ("name", "period", "status", "code"),
    [
        ("year-end", "2024", 404, "not_found"),
        ("year-close", "2025", 409, "year_not_ended"),
        ("year-close", "2025-01", 422, "unknown_period"),
        ("deadlines", "2025-02-30", 422, "unknown_period"),
        ("deadlines", "2025-06-03", 409, "period_not_due"),
        ("deadlines", 5, 422, "invalid"),
    ],
)
def test_a_job_or_period_that_does_not_exist_is_refused(office, name, period, status, code):
    answer = office.client_for("office.admin").post(f"/jobs/{name}/runs", {"period": period})
    assert (answer.status_code, answer.json["code"]) == (status, code)


def test_a_run_by_hand_is_told_and_a_second_one_changes_nothing(office):
    admin = office.client_for("office.admin")
    first = admin.post("/jobs/ledger-check/runs", {"period": "2025-05-30"})
    assert (first.status_code, first.json["state"], first.json["counts"]["misfits"]) == (201, "done", 0)
    assert admin.post("/jobs/ledger-check/runs", {"period": "2025-05-30"}).json == first.json
    listed = admin.get("/jobs/ledger-check/runs?limit=1").json["items"]
    assert listed[0]["job"] == "ledger-check"
    assert admin.post("/jobs/year-close/runs").json["period"] == "2024"


def test_moving_the_clock_runs_every_day_s_jobs_before_it_answers(hands):
    person = hands.person()
    hands.approved(finding(person, 9, reason="情节严重"))
    moved = hands.admin.put("/clock", {"now": "2026-01-05T09:00:00+08:00"})
    assert moved.status_code == 200
    assert datetime.fromisoformat(moved.json["now"]) == datetime.fromisoformat("2026-01-05T09:00:00+08:00")
    standing = hands.clerk.get(f"/practitioners/{person}/standing").json
    assert (standing["points"], standing["status"]) == (0, "normal")
    assert {"year": 2025, "points": 9} in standing["totals"]
    items = hands.clerk.get(f"/notices?practitioner={person}&limit=200").json["items"]
    made = {
        kind: {row["created_at"][:10] for row in items if row["kind"] == kind}
        for kind in ("resumption", "year_statement")
    }
    # Suspended for two months from 3 June.
    assert made == {"resumption": {"2025-08-03"}, "year_statement": {"2026-01-01"}}
    periods = [row["period"] for row in hands.admin.get("/jobs/sanctions-due/runs?limit=200").json["items"]]
    assert len(periods) == len(set(periods)) == 200
    assert (periods[0], hands.admin.get("/jobs").json["items"][0]["last_run"]["period"]) == (
        "2026-01-05",
        "2025",
    )
    entries = hands.clerk.get(f"/practitioners/{person}/ledger").json["items"]
    assert [(entry["kind"], entry["effective_on"]) for entry in entries][-1] == ("year_closed", "2025-12-31")


def test_readiness_tells_who_leads_the_schedulers(alone):
    told = alone.app.test_client().get("/readyz").json
    assert told["scheduler"] == {"state": "no leader"}
    metrics = alone.app.test_client().get("/metrics").text
    assert "scoring_jobs_failed 0.0" in metrics
