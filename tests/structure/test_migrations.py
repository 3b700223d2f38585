"""Migrations: one head, a schema equal to the tables, and both ways."""

import re

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from scoring_service.db.engine import make_owner_engine
from scoring_service.db.migrate import alembic_config, database_revision, downgrade, head_revision, upgrade
from scoring_service.db.tables import metadata


def differences(url):
    engine = make_owner_engine(url)
    with engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), metadata)
    engine.dispose()
    return found


def revision_and_tables(url):
    engine = make_owner_engine(url)
    found = database_revision(engine), set(inspect(engine).get_table_names())
    engine.dispose()
    return found


def conditions(url):
    """Return each CHECK of a table as PostgreSQL reads it, the words of a list in order."""
    engine = make_owner_engine(url)
    with engine.connect() as connection:
        rows = connection.execute(text(_CHECKS)).all()
    engine.dispose()
    return {(table, name): sorted(re.findall(r"'[^']*'|\w+", condition)) for table, name, condition in rows}


_CHECKS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE contype = 'c' AND connamespace = 'public'::regnamespace
"""


def test_there_is_one_head():
    assert len(ScriptDirectory.from_config(alembic_config()).get_heads()) == 1


def test_migrations_run_up_down_and_up_and_give_the_tables_of_the_code(empty_url):
    upgrade(empty_url)
    revision, tables = revision_and_tables(empty_url)
    assert revision == head_revision()
    assert set(metadata.tables) <= tables
    downgrade(empty_url, "base")
    assert revision_and_tables(empty_url) == (None, {"alembic_version"})
    upgrade(empty_url)
    assert differences(empty_url) == []


def test_migrations_give_the_conditions_of_the_tables(empty_url):
    upgrade(empty_url)
    migrated = conditions(empty_url)
    downgrade(empty_url, "base")
    engine = make_owner_engine(empty_url)
    metadata.create_all(engine)
    engine.dispose()
    assert len(migrated) > 40
    assert migrated == conditions(empty_url)


def test_person_data_from_before_become_rows_and_a_later_code_is_known_only_from_then(empty_url):
    upgrade(empty_url)
    downgrade(empty_url, "0012")
    engine = make_owner_engine(empty_url)
    with engine.begin() as connection:
        connection.execute(text(_PEOPLE_OF_0012))
    upgrade(empty_url)
    with engine.connect() as connection:
        rows = connection.execute(text(_ROWS)).all()
        codes = connection.execute(text("SELECT code FROM standing_codes ORDER BY code")).scalars().all()
    downgrade(empty_url, "0012")
    with engine.connect() as connection:
        later = connection.execute(text("SELECT code, code_recorded_at = '2025-03-01 09:00+08' FROM standings ORDER BY code")).all()
    engine.dispose()
    assert rows == [
        ("甲", 1, "D150402000001", "2025-01-02"),
        ("乙", 0, None, "2025-01-02"),
        ("乙", 1, "D150402000002", "2025-03-01"),
    ]
    assert codes == ["D150402000001", "D150402000002"]
    assert later == [("D150402000001", False), ("D150402000002", True)]


_PEOPLE_OF_0012 = """
    INSERT INTO practitioners
        (id, code, code_recorded_at, name, id_number_digest, category, recorded_at, revision, last_recorded_at)
    VALUES ('00000000-0000-4000-8000-000000000001', 'D150402000001', '2025-01-02 09:00+08', '甲', NULL, 'doctor',
        '2025-01-02 09:00+08', 1, '2025-01-02 09:00:00.000001+08'),
        ('00000000-0000-4000-8000-000000000002', 'D150402000002', '2025-03-01 09:00+08', '乙', 'x', 'doctor',
        '2025-01-02 09:00+08', 1, '2025-01-02 09:00:00.000001+08');
    INSERT INTO registrations (practitioner_id, revision, span_id, recorded_at, from_on, category, recorded_by)
    SELECT id, 1, id, last_recorded_at, '2025-01-01', 'doctor', 'admin' FROM practitioners;
    INSERT INTO standings (practitioner_id, code, code_recorded_at, seq, revision, recorded_at, profile)
    SELECT id, code, code_recorded_at, 0, 1, last_recorded_at, '[]' FROM practitioners
"""
_ROWS = """
    SELECT name, revision, code, (recorded_at AT TIME ZONE 'Asia/Shanghai')::date::text
    FROM persons ORDER BY practitioner_id, revision
"""


def test_accounts_of_before_have_staff_numbers_in_their_form_a_state_and_a_life(empty_url):
    upgrade(empty_url, "0012")
    engine = make_owner_engine(empty_url)
    account = "INSERT INTO accounts (id, username, staff_no, roles, created_at) VALUES (gen_random_uuid(), {}, {}, {}, now())"
    with engine.begin() as connection:
        connection.execute(text(account.format("'old'", "'fe1'", "ARRAY['office.clerk']")))
        connection.execute(text(account.format("'new'", "'FE2'", "ARRAY['office.clerk']")))
        connection.execute(text("UPDATE accounts SET disabled_at = now() WHERE username = 'old'"))
    upgrade(empty_url)
    with engine.connect() as connection:
        found = connection.execute(text(_LIVES)).all()
    engine.dispose()
    assert [tuple(row) for row in found] == [
        ("FE1", "closed", None, ["opened", "closed"]),
        ("FE2", "active", None, ["opened"]),
    ]


_LIVES = """
    SELECT staff_no, state, real_name, (SELECT array_agg(act ORDER BY number) FROM account_acts WHERE account_id = id)
    FROM accounts ORDER BY 1
"""


def test_decisions_of_before_count_as_received_on_their_day(empty_url):
    upgrade(empty_url, "0032")
    engine = make_owner_engine(empty_url)
    with engine.begin() as connection:
        connection.execute(text(_CASE_OF_0032))
    upgrade(empty_url)
    columns = "received_on::text, notice_due_on, notice_due_provisional"
    with engine.connect() as connection:
        [row] = connection.execute(text(f"SELECT {columns} FROM cases")).all()
    engine.dispose()
    assert tuple(row) == ("2025-05-20", None, False)


_CASE_OF_0032 = """
    INSERT INTO institutions (code, name, kind, region, recorded_at, revision, last_recorded_at)
    VALUES ('H15040200001', '医院', 'hospital', '150402', now(), 1, now());
    INSERT INTO cases (id, institution_code, region, handling_kind, authority, document_no, decided_on, summary, state,
        rulebook_id, rulebook_sha256, created_at, changed_at)
    VALUES (gen_random_uuid(), 'H15040200001', '150402', 'penalty', '局', '1号', '2025-05-20', '案情', 'draft',
        'chifeng', 'x', now(), now())
"""


def test_talks_that_warnings_asked_for_stay_without_a_last_day(empty_url):
    upgrade(empty_url, "0033")
    engine = make_owner_engine(empty_url)
    with engine.begin() as connection:
        connection.execute(text(_NOTICES_OF_0033))
    upgrade(empty_url)
    columns = "right(notice_id::text, 1), duty, due_on, met_on::text, recorded_by"
    with engine.connect() as connection:
        rows = connection.execute(text(f"SELECT {columns} FROM notice_duties ORDER BY 1")).all()
    engine.dispose()
    assert [tuple(row) for row in rows] == [("1", "talk", None, None, None), ("2", "talk", None, "2025-05-28", "clinic")]


_NOTICES_OF_0033 = """
    INSERT INTO practitioners (id, code, name, name_searched, category, recorded_at, revision, last_recorded_at)
    VALUES ('00000000-0000-4000-8000-000000000009', 'D150402000001', '甲', '甲', 'doctor', now(), 1, now());
    INSERT INTO institutions (code, name, kind, region, recorded_at, revision, last_recorded_at)
    VALUES ('H15040200001', '医院', 'hospital', '150402', now(), 1, now());
    INSERT INTO notices (id, kind, practitioner_id, addressee_kind, addressee_ref, created_at, facts)
    SELECT ('00000000-0000-4000-8000-00000000000' || n)::uuid, kind, '00000000-0000-4000-8000-000000000009', addressee,
        'H15040200001', '2025-05-26 09:00+08', '{}'
    FROM (VALUES (1, 'warning', 'institution'), (2, 'warning', 'institution'), (3, 'warning', 'practitioner'),
        (4, 'score', 'institution'), (5, 'suspension', 'institution')) AS told (n, kind, addressee);
    INSERT INTO talks (notice_id, practitioner_id, institution_code, held_on, summary, recorded_by, recorded_at)
    SELECT id, practitioner_id, addressee_ref, '2025-05-28', '已谈话', 'clinic', now()
    FROM notices WHERE right(id::text, 1) = '2'
"""


def test_what_is_on_record_gets_its_words(empty_url):
    upgrade(empty_url, "0050")
    engine = make_owner_engine(empty_url)
    with engine.begin() as connection:
        connection.execute(text(_PEOPLE_OF_0050))
        people = ScriptDirectory.from_config(alembic_config()).get_revision("0053").module.PEOPLE
        plan = "\n".join(connection.execute(text(f"EXPLAIN {people}")).scalars())
        assert "SubPlan" not in plan, "a question for each row takes hours where there are many"
    upgrade(empty_url)
    with engine.connect() as connection:
        [people] = connection.execute(text("SELECT words, sound, initials FROM practitioner_words")).all()
        [(place,)] = connection.execute(text("SELECT words FROM institution_words")).all()
    engine.dispose()
    assert (people.sound, people.initials) == ("zenger", "ze")
    assert {"n=曾二", "s=cenger", "n=仇一", "s=qiuyi", "#001"} <= set(people.words.split())
    assert "n=误三" not in people.words
    assert {"c=h15040200001", "n=甲医院", "s~yiyuan"} <= set(place.split())


_PEOPLE_OF_0050 = """
    INSERT INTO practitioners (id, code, name, name_searched, category, recorded_at, revision, last_recorded_at)
    VALUES ('00000000-0000-4000-8000-000000000001', 'D150402000001', '曾二', '曾二', 'doctor', now(), 4, now());
    INSERT INTO persons (practitioner_id, revision, span_id, recorded_at, from_on, until_on, name, category, code, recorded_by)
    SELECT id, row_revision, span::uuid, recorded_at + row_revision * interval '1 second', '2025-01-01', until::date, called,
        'doctor', code, 'admin'
    FROM practitioners, (VALUES
        (1, '00000000-0000-4000-8000-00000000000a', NULL, '仇一'),
        (2, '00000000-0000-4000-8000-00000000000a', NULL, '曾二'),
        (3, '00000000-0000-4000-8000-00000000000b', NULL, '误三'),
        (4, '00000000-0000-4000-8000-00000000000b', '2025-01-01', '误三')
    ) AS rows (row_revision, span, until, called);
    INSERT INTO standing_codes (code, practitioner_id) SELECT code, id FROM practitioners;
    INSERT INTO institutions (code, name, kind, region, recorded_at, revision, last_recorded_at)
    VALUES ('H15040200001', '甲医院', 'hospital', '150402', now(), 1, now())
"""
