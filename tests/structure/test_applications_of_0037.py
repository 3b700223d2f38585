"""Migration 0038 on applications of before: who has agreed by filing, and from when the others wait for consent (P38)."""

from datetime import date

import pytest
from sqlalchemy import text

from scoring_service.db.engine import make_owner_engine
from scoring_service.db.migrate import downgrade, upgrade

ROWS = """
    INSERT INTO clock_state (id, now) VALUES (1, '2025-06-01 23:30+00');
    INSERT INTO institutions (code, name, kind, region, recorded_at, revision, last_recorded_at)
    VALUES ('H15040200001', '甲医院', 'hospital', '150402', '2025-01-02 09:00+08', 0, '2025-01-02 09:00+08');
    INSERT INTO accounts (id, username, staff_no, roles, institution_code, created_at)
    VALUES ('00000000-0000-4000-8000-00000000000a', 'clinic', 'C1', ARRAY['institution'], 'H15040200001', now());
    INSERT INTO practitioners
        (id, code, name, name_searched, category, recorded_at, revision, last_recorded_at)
    VALUES ('00000000-0000-4000-8000-000000000001', 'D150402000001', '甲', '甲', 'doctor',
        '2025-01-02 09:00+08', 1, '2025-01-02 09:00:00.000001+08');
    INSERT INTO remediation_applications (id, practitioner_id, state, recorded_by_account, recorded_by,
        recorded_staff_no, recorded_at, activity, completed_on, effect, evidence, filed_by, rejected_because)
    SELECT gen_random_uuid(), '00000000-0000-4000-8000-000000000001', state, account::uuid, who, 'C1',
        '2025-05-01 09:00+08', 'online_course', day::date, 'points', '无', who, reason
    FROM (VALUES
        ('filed', '00000000-0000-4000-8000-00000000000a', 'institution', '2025-04-01', NULL),
        ('filed', NULL, 'practitioner', '2025-04-02', NULL),
        ('rejected', '00000000-0000-4000-8000-00000000000a', 'institution', '2025-04-03', '无'),
        ('rejected', NULL, 'office', '2025-04-04', '无')
    ) AS rows (state, account, who, day, reason);
    INSERT INTO rulebook_versions (sha256, id, valid_from, "values")
    VALUES ('a', 'own', '2025-01-01', '{"consent.working_days":7}'), ('b', 'old', '2025-01-01', '{}');
    INSERT INTO resumptions (id, practitioner_id, state, recorded_by, recorded_staff_no, recorded_at, statement,
        filed_by, filed_on, rulebook_sha256, consent_due_on, rejected_because)
    SELECT gen_random_uuid(), '00000000-0000-4000-8000-000000000001', state, 'x', 'C1', '2025-05-01 09:00+08', '无',
        'office', '2025-05-01', sha256, '2025-05-13', reason
    FROM (VALUES ('filed', 'a', NULL), ('refused', 'b', '无')) AS rows (state, sha256, reason);
"""
APPLICATIONS = """
    SELECT state, filed_institution, consent_institution, consented_on, consent_asked_on, consent_working_days,
        consent_due_on, consent_provisional
    FROM remediation_applications ORDER BY completed_on
"""
HOSPITAL, UPGRADED_ON = "H15040200001", date(2025, 6, 2)


@pytest.fixture
def engine(empty_url):
    upgrade(empty_url, "0037")
    engine = make_owner_engine(empty_url)
    with engine.begin() as connection:
        connection.exec_driver_sql(ROWS)
    yield engine
    engine.dispose()


def rows(engine, query):
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def test_who_filed_has_agreed_and_the_others_are_asked_from_the_upgrade_on(engine, empty_url):
    upgrade(empty_url)
    assert rows(engine, APPLICATIONS) == [
        ("consented", HOSPITAL, HOSPITAL, date(2025, 5, 1), None, None, None, False),
        ("filed", None, None, None, UPGRADED_ON, 5, date(2025, 6, 9), True),
        ("rejected", HOSPITAL, None, None, None, None, None, False),
        ("rejected", None, None, None, None, None, None, False),
    ]


def test_resumptions_keep_the_days_of_their_rulebook(engine, empty_url):
    upgrade(empty_url)
    days = "SELECT consent_asked_on, consent_working_days FROM resumptions ORDER BY 2"
    assert rows(engine, days) == [(date(2025, 5, 1), 5), (date(2025, 5, 1), 7)]


def test_the_applications_go_back(engine, empty_url):
    states = "SELECT state FROM remediation_applications ORDER BY completed_on"
    before = rows(engine, states)
    upgrade(empty_url)
    with engine.begin() as connection:
        lapsed = "state = 'lapsed', lapsed_because = 'terminated'"
        connection.execute(text(f"UPDATE remediation_applications SET {lapsed} WHERE filed_by = 'practitioner'"))
    downgrade(empty_url, "0037")
    assert rows(engine, states) == [before[0], ("rejected",), *before[2:]]
