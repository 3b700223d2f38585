"""Bring a database to the newest schema, one process at a time; alembic is configured here."""

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from scoring_service.db.engine import make_owner_engine
from scoring_service.db.locks import Lock, hold

SCRIPTS = Path(__file__).resolve().parents[2] / "migrations"
# Any constant will do, as long as nothing else of the service locks it.


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration for this repository, bound to a connection when there is one."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Run the missing migrations as the database's owner, under an advisory lock, all in one transaction."""
    _run(url, lambda config: command.upgrade(config, revision))


def downgrade(url: str, revision: str) -> None:
    """Take migrations back, for tests and for an operator who knows what is lost."""
    _run(url, lambda config: command.downgrade(config, revision))


def _run(url: str, act: Callable[[Config], None]) -> None:
    engine = make_owner_engine(url)
    try:
        with engine.begin() as connection:
            hold(connection, Lock.MIGRATION)
            act(alembic_config(connection))
    finally:
        engine.dispose()


def head_revision() -> str | None:
    """The newest migration in the repository."""
    return ScriptDirectory.from_config(alembic_config()).get_current_head()


def database_revision(engine: Engine) -> str | None:
    """The migration that a database stands at, None before the first."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()
