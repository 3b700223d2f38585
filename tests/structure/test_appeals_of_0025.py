"""Migration 0037 on appeals of the last release: each goes on where it is, and a release before it can go on too."""

from datetime import date
from pathlib import Path

import pytest
from database_addresses import application_engine
from sqlalchemy import text

from scoring_service.db.engine import make_owner_engine
from scoring_service.db.migrate import downgrade, upgrade
from scoring_service.runtime.assembly import make_service
from scoring_service.services.appeals.recounts import recount
from scoring_service.settings import Settings

FILES = Path(__file__).with_name("files_of_0025.sql").read_text(encoding="utf-8")
# Filed, complete, accepted with an expert awaited and one heard, accepted and extended, decided: against each a state.
APPEALS = """
    INSERT INTO accounts (id, username, staff_no, roles, created_at)
    VALUES ('00000000-0000-4000-9000-000000000001', 'expert', 'E1', ARRAY['expert'], now()),
        ('00000000-0000-4000-9000-000000000002', 'expert2', 'E2', ARRAY['expert'], now());
    INSERT INTO appeals (id, practitioner_id, against, grounds, filed_by, on_paper, received_on, window_provisional,
        rulebook_sha256, state, recorded_by, recorded_staff_no, recorded_at, countersign_until, countersign_provisional,
        completed_at, due_on, accepted_at, extended_at, extended_because, outcome, decided_at)
    SELECT ('00000000-0000-4000-a000-00000000000' || number)::uuid, person.id, 'state', '请复核', 'practitioner', false,
        '2026-09-01', false, (SELECT min(sha256) FROM rulebook_versions), state, 'doctor', 'S1',
        '2026-09-01 09:00+08', '2026-09-15', false, completed, due::date, accepted, extended, because, outcome, decided
    FROM (SELECT id, row_number() OVER (ORDER BY id) AS number FROM practitioners) AS person
    JOIN (VALUES
        (1, 'filed', NULL::timestamptz, NULL, NULL::timestamptz, NULL::timestamptz, NULL, NULL, NULL::timestamptz),
        (2, 'complete', '2026-09-02 09:00+08', '2026-09-30', NULL, NULL, NULL, NULL, NULL),
        (3, 'accepted', '2026-09-02 09:00+08', '2026-09-30', '2026-09-03 09:00+08', NULL, NULL, NULL, NULL),
        (4, 'accepted', '2026-09-02 09:00+08', '2026-11-04', '2026-09-03 09:00+08', '2026-09-07 09:00+08', '案情复杂',
            NULL, NULL),
        (5, 'decided', '2026-09-02 09:00+08', '2026-09-30', '2026-09-03 09:00+08', NULL, NULL, 'upheld',
            '2026-09-09 09:00+08')
    ) AS stage (number, state, completed, due, accepted, extended, because, outcome, decided) USING (number);
    INSERT INTO appeal_experts (appeal_id, account_id, practitioner_id, staff_no, chosen, assigned_by, assigned_at,
        opinion, text, given_at)
    SELECT appeals.id, expert.id, appeals.practitioner_id, expert.staff_no, 'drawn', 'appeals', assigned, opinion, opinion, given
    FROM appeals JOIN (VALUES
        ('expert', '2026-09-06 23:30+08'::timestamptz, NULL, NULL::timestamptz),
        ('expert2', '2026-09-06 23:30+08', 'uphold', '2026-09-08 10:00+08')
    ) AS heard (username, assigned, opinion, given) ON appeals.state = 'accepted' AND appeals.extended_at IS NULL
    JOIN accounts AS expert USING (username)
"""
STATES = "SELECT state, due_on, paused_since, paused_days FROM appeals ORDER BY id"


@pytest.fixture
def url(empty_url):
    upgrade(empty_url, "0025")
    run(empty_url, FILES)
    run(empty_url, APPEALS)
    upgrade(empty_url)
    return empty_url


def run(url, statements):
    engine = make_owner_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(statements)
    engine.dispose()


def rows(url, query):
    engine = make_owner_engine(url)
    with engine.connect() as connection:
        kept = [tuple(row) for row in connection.execute(text(query))]
    engine.dispose()
    return kept


def test_open_appeals_go_on_where_they_are(url):
    assert rows(url, STATES) == [
        ("filed", None, None, 0),
        ("complete", date(2026, 9, 30), None, 0),
        ("accepted", date(2026, 9, 30), date(2026, 9, 6), 0),
        ("accepted", date(2026, 11, 4), None, 0),
        ("decided", date(2026, 9, 30), None, 0),
    ]


def test_the_next_count_tells_until_when_a_complete_one_is_explained_and_shortens_nothing(url):
    engine = application_engine(url)
    service = make_service(Settings(identity_key="identity-of-the-tests-" * 2), engine)
    with service.work() as work:
        assert recount(work, all_of_them=False) == 1
    with service.work() as work:
        assert recount(work, all_of_them=True) == 0
    engine.dispose()
    # 3 4 7 8 9 September 2026.
    assert rows(url, "SELECT explanation_due_on FROM appeals WHERE explanation_due_on IS NOT NULL") == [(date(2026, 9, 9),)]
    assert [due_on for _state, due_on, *_pause in rows(url, STATES)][3] == date(2026, 11, 4)


def test_the_way_back_leaves_explained_and_insisted_appeals_complete(url):
    run(
        url,
        """
        UPDATE appeals SET state = 'insisted', explained_at = now(), answer_due_on = '2026-09-16', insisted_at = now()
        WHERE state = 'complete';
        UPDATE appeals SET state = 'explained', explained_at = now(), answer_due_on = '2026-09-16', paused_since = NULL
        WHERE state = 'accepted' AND due_on = '2026-09-30'
        """,
    )
    downgrade(url, "0036")
    kept = "SELECT state, extended_because FROM appeals ORDER BY id"
    states = ["filed", "complete", "complete", "accepted", "decided"]
    assert rows(url, kept) == [(state, None) for state in states]
    upgrade(url)
    assert [state for state, *_rest in rows(url, STATES)] == states
