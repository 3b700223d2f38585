"""What happens between the command and the first request: database, migrations, clock, demo.

Every command that needs a database takes it from `database`, so that all of them follow the same rule:
SCORING_DATABASE_URL when it is set, else the embedded server, started if need be and then stopped again.
"""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy import Connection, Engine, select, update

from scoring_service.clock import real_now, start_clock
from scoring_service.db.engine import make_engine
from scoring_service.db.migrate import database_revision, head_revision, upgrade
from scoring_service.db.tables import installation
from scoring_service.runtime.assembly import make_service, present_copy, read_law
from scoring_service.runtime.embedded import EmbeddedError, embedded_database, running_url
from scoring_service.runtime.keys import admit_keys, compare_keys
from scoring_service.runtime.pooling import refuse_shared_sessions
from scoring_service.services.unit_of_work.transaction import Service
from scoring_service.settings import Demo, Settings


class MigrationsMissing(Exception):
    """A command met an older or newer schema; the message says what to run."""


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """The address of the database, for as long as the block runs."""
    if settings.database_url is not None:
        yield settings.database_url
        return
    with embedded_database(settings.data_dir) as url:
        yield url


def database_url(settings: Settings) -> str:
    """The address of a database that runs already, for a worker. Raises EmbeddedError when none does."""
    url = settings.database_url or running_url(settings.data_dir)
    if url is None:
        raise EmbeddedError("No database runs: use `scoring-service serve`, or set SCORING_DATABASE_URL.")
    return url


def application_engine(settings: Settings, url: str) -> Engine:
    """The engine of one process: a connection for each of its threads."""
    return make_engine(
        url, pool_size=settings.threads, statement_timeout_seconds=settings.statement_timeout_seconds
    )


def application_service(settings: Settings, url: str) -> Service:
    """The service of one process on its database, and on the copy of the present that the machine's processes share."""
    engine = application_engine(settings, url)
    return replace(make_service(settings, engine), present_copy=present_copy(settings, engine))


def prepare(settings: Settings, url: str) -> None:
    """Migrate, start the clock, and check that what is here may be served under these settings and keys.

    Raises FileError for a wrong rulebook or calendar, and leaves the database as it was.
    """
    read_law(settings)
    _refuse_pooler(settings, url)
    upgrade(url)
    engine = application_engine(settings, url)
    try:
        with engine.begin() as conn:
            compare_keys(conn, settings)
            start_clock(conn, settings)
            if seeded(conn) not in {None, "off"}:
                settings.check_demo()
    finally:
        engine.dispose()


def _refuse_pooler(settings: Settings, url: str) -> None:
    if not settings.embedded:
        refuse_shared_sessions(url)


def seeded(conn: Connection) -> Demo | None:
    """What the first start put into this database; None before that."""
    demo: Demo | None = conn.execute(select(installation.c.seeded)).scalar_one()
    return demo


def seed(settings: Settings, url: str) -> Demo:
    """Put the demo that the settings ask for into a database that was never seeded; say what is in it now.

    Needs keys.
    """
    with _service(settings, url) as service:
        with service.engine.connect() as conn:
            present = seeded(conn)
        if present is not None:
            return present
        wanted = settings.demo_seed
        if wanted != "off":
            importlib.import_module("scoring_service.demo").seed(service, wanted)
        with service.engine.begin() as conn:
            conn.execute(update(installation).values(seeded=wanted, seeded_at=real_now()))
    return wanted


@contextmanager
def opened(settings: Settings) -> Iterator[Service]:
    """The service for one command, on a database at the newest schema. Raises as `keyed`."""
    with database(settings) as url:
        if settings.embedded:
            prepare(settings, url)
        with _service(keyed(settings, url), url) as service:
            yield service


def keyed(settings: Settings, url: str) -> Settings:
    """The settings with the keys that this database was begun with; the first start makes what is not set.

    Raises MigrationsMissing, and SettingsError for a lost or changed identity key or a pooler that shares sessions.
    """
    _refuse_pooler(settings, url)
    engine = application_engine(settings, url)
    try:
        if database_revision(engine) != head_revision():
            raise MigrationsMissing("The database is not at this version's schema: run `migrate` first.")
        with engine.begin() as conn:
            return admit_keys(conn, settings)
    finally:
        engine.dispose()


@contextmanager
def _service(settings: Settings, url: str) -> Iterator[Service]:
    service = application_service(settings, url)
    try:
        yield service
    finally:
        service.engine.dispose()
