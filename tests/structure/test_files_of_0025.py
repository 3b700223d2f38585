"""Migrations 0026 and 0030 on files that the last release wrote: each keeps its standing, and its rows go back (docs/adr/0011).

`files_of_0025.sql` is what that release had in its tables: nobody scored; a suspension that runs, one that is over, two
side by side with a credit; a suspension cut by a termination; one under a ban; a termination corrected to a suspension;
one answered, and suspended anew; a points credit in a closed year; two years' suspensions that begin and end together.
"""

import json
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest
from database_addresses import application_engine
from sqlalchemy import text

from scoring_service.core.standing import Status, state_on
from scoring_service.db.engine import make_owner_engine
from scoring_service.db.migrate import downgrade, upgrade
from scoring_service.db.standing import decode_profile
from scoring_service.runtime.assembly import make_service
from scoring_service.services.standing.proof import check_standings, verify_ledger
from scoring_service.settings import Settings

FILES = Path(__file__).with_name("files_of_0025.sql").read_text(encoding="utf-8")
DAYS = [date(2025, 1, 1) + timedelta(days=number) for number in range(4 * 365)]
PROFILES = "SELECT practitioner_id::text, profile FROM standings ORDER BY 1"
SANCTIONS = """
    SELECT practitioner_id::text, position, kind, ground, from_on, until_on, answered_on
    FROM standing_sanctions ORDER BY 1, 2
"""


def rows(url, query):
    engine = make_owner_engine(url)
    with engine.connect() as connection:
        kept = connection.execute(text(query)).all()
    engine.dispose()
    return kept


@pytest.fixture
def url_of_0025(empty_url):
    upgrade(empty_url, "0025")
    engine = make_owner_engine(empty_url)
    with engine.begin() as connection:
        connection.exec_driver_sql(FILES)
    engine.dispose()
    return empty_url


def status_then(sanctions, day):
    """The status of a file as the last release read it from its spans."""
    begun = [span for span in sanctions if span.from_on <= day]
    if any(span.kind == "termination" and (span.answered_on is None or day < span.answered_on) for span in begun):
        return Status.TERMINATED
    suspended = any(span.kind == "suspension" and day < span.until_on for span in begun)
    return Status.SUSPENDED if suspended else Status.NORMAL


def test_every_file_has_the_status_of_before_on_every_day(url_of_0025):
    sanctions = rows(url_of_0025, SANCTIONS)
    upgrade(url_of_0025)
    statuses = set()
    for person, profile in rows(url_of_0025, PROFILES):
        spans = [span for span in sanctions if span.practitioner_id == person]
        for day in DAYS:
            state = state_on(day, decode_profile(profile).sanctions, registered=True)
            assert state.status is status_then(spans, day), (profile, day)
            assert state.may_resume_from is None
            statuses.add(state.status)
    assert statuses == {Status.NORMAL, Status.SUSPENDED, Status.TERMINATED}


def test_cache_and_ledger_fit_without_a_rebuild(url_of_0025):
    upgrade(url_of_0025)
    engine = application_engine(url_of_0025)
    service = make_service(Settings(secret_key="s" * 40, identity_key="i" * 40), engine)
    misfits = [check(service) for check in (check_standings, verify_ledger)]
    engine.dispose()
    assert misfits == [(11, []), (11, [])]


def of_years_together(sanctions):
    """Whose suspensions of two years begin and end together: the order of these is not that of before."""
    spans = Counter((span.practitioner_id, span.kind, span.from_on, span.until_on) for span in sanctions)
    return {person for (person, *_span), number in spans.items() if number > 1}


def in_any_order(profile):
    registrations, affiliations, sanctions, scored_under = json.loads(profile)
    return registrations, affiliations, sorted(map(json.dumps, sanctions)), scored_under


def test_the_rows_go_back_as_they_were(url_of_0025):
    profiles, sanctions = rows(url_of_0025, PROFILES), rows(url_of_0025, SANCTIONS)
    together = of_years_together(sanctions)
    upgrade(url_of_0025)
    assert rows(url_of_0025, PROFILES) != profiles
    downgrade(url_of_0025, "0025")
    assert len(together) == 2
    for kept, again in zip(profiles, rows(url_of_0025, PROFILES), strict=True):
        assert kept == again or kept[0] in together
        assert in_any_order(kept.profile) == in_any_order(again.profile)
    alone = [span for span in rows(url_of_0025, SANCTIONS) if span.practitioner_id not in together]
    assert alone == [span for span in sanctions if span.practitioner_id not in together]
