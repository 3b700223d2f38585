"""Migrations: one head, a schema equal to the tables, and both ways."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

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
