"""The scheduler killed outright while it judges claim files: judged again by the next, as if nothing had been."""

import sys
from dataclasses import replace
from io import BytesIO

import pytest
from api_office import make_office, make_test_service, settings_for_tests
from case_calls import answered
from eligibility_city import City
from jobs.processes import scheduler, wait_until
from sqlalchemy import func, select

from scoring_service.db.tables import eligibility_refusals
from scoring_service.screening.sent_files import screen_waiting

# A body of less than 500 KB, of which the test client makes no file.
LINES, KILLS = 12_000, 4
SMALL_PARTS = """
import os
os.environ["SCORING_IDENTITY_KEY"], os.environ["SCORING_SECRET_KEY"] = {identity!r}, {secret!r}
from scoring_service.screening import delimited, sent_files
delimited.BYTES_AT_ONCE, sent_files.PROGRESS_SECONDS = 1 << 16, 0
"""


def asked(client, text, query=""):
    sent = {"file": (BytesIO(text.encode()), "claims.csv")}
    return answered(client.post(f"/eligibility/claims{query}", data=sent, headers={"Prefer": "respond-async"}), 202)


@pytest.mark.soak
def test_kill_9_while_files_are_judged(fresh_engine, fresh_url, tmp_path):
    city = City(make_office(make_test_service(fresh_engine)))
    here = city.institution()
    people = [city.person(here) for _ in range(3)]
    city.score(people[0], here, 10)
    days = [f"2025-{month:02}-{day:02}" for month in range(1, 13) for day in range(1, 29)]
    rows = [f"{people[number % 3]},{here},{days[number % len(days)]}" for number in range(LINES)]
    text = "\n".join(["ref,institution,service_time", *rows, ""])
    own = settings_for_tests()
    before = SMALL_PARTS.format(identity=own.identity_key, secret=own.secret_key)
    kills = []
    for client in (city.settlement, city.office.client_for("institution", institution=here)):
        job = asked(client, text)
        where = f"/eligibility/claims/{job['id']}"
        for number in range(KILLS):
            with scheduler(fresh_url, tmp_path, before) as process:
                after = LINES * number // KILLS

                def is_further(where=where, client=client, after=after):
                    told = answered(client.get(where))
                    return told["state"] == "done" or (told["state"] == "judging" and told["done"] > after)

                wait_until(is_further, "progress")
                kills.append(answered(client.get(where))["done"])
                process.kill()
        with scheduler(fresh_url, tmp_path, before):
            wait_until(lambda where=where, client=client: answered(client.get(where))["state"] == "done", "the end")
        recorded = refusals(fresh_engine)
        again = asked(client, text, f"?known_at={job['known_at'].replace('+', '%2B')}")
        undisturbed = replace(city.office.service, settings=replace(own, data_dir=tmp_path))
        assert screen_waiting(undisturbed) == 1
        assert client.get(f"{where}/file").data == client.get(f"/eligibility/claims/{again['id']}/file").data
        assert answered(client.get(where))["summary"] == answered(client.get(f"/eligibility/claims/{again['id']}"))["summary"]
        assert refusals(fresh_engine) == recorded > 0
    assert list((tmp_path / "screening").iterdir()) == []
    sys.stdout.write(f"killed after {kills} lines\n")


def refusals(engine):
    with engine.connect() as conn:
        return conn.execute(select(func.count()).select_from(eligibility_refusals)).scalar_one()
