"""What happens between the command and the first request: database, migrations, clock, demo.

Every command that needs a database takes it from `database`, so that all of them follow the same rule:
SCORING_DATABASE_URL when it is set, else the embedded server, started if need be and then stopped again. The service
signs in as a role that owns nothing; only migrations are the owner's.
"""

import importlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy import Connection, Engine, select, text, update

from scoring_service.clock import start_clock
from scoring_service.db.clock_mark import SERVERS_CLOCK
from scoring_service.db.engine import make_engine, make_session_engine
from scoring_service.db.law import PresentLaw
from scoring_service.db.migrate import database_revision, head_revision, upgrade
from scoring_service.db.replicas import Replicas
from scoring_service.db.tables import installation
from scoring_service.runtime.addresses import Addresses, set_addresses
from scoring_service.runtime.assembly import make_service, present_copy, read_law
from scoring_service.runtime.embedded import EmbeddedServer, embedded_database
from scoring_service.runtime.keys import admit_keys, compare_keys
from scoring_service.runtime.pooling import check_sessions
from scoring_service.runtime.rights import check_login
from scoring_service.services.unit_of_work.transaction import Service
from scoring_service.settings import Demo, Settings


class MigrationsMissing(Exception):
    """A command met an older or newer schema; the message says what to run."""


@contextmanager
def database(settings: Settings) -> Iterator[Addresses]:
    """The addresses of the database, for as long as the block runs."""
    if (addresses := set_addresses(settings)) is not None:
        yield addresses
        return
    with embedded_database(settings.data_dir) as addresses:
        yield addresses


def running_database(settings: Settings) -> Addresses:
    """The addresses of a database that runs already, for a worker. Raises EmbeddedError when none does."""
    return set_addresses(settings) or EmbeddedServer(data_dir=settings.data_dir).addresses()


def await_database(settings: Settings, seconds: float) -> None:
    """Wait so long for an embedded database that is being started again; what then does not run is told elsewhere."""
    until = time.monotonic() + seconds
    server = EmbeddedServer(data_dir=settings.data_dir)
    while settings.embedded and server.url() is None and time.monotonic() < until:
        time.sleep(0.1)


def application_engine(settings: Settings, addresses: Addresses) -> Engine:
    """The engine of one process: a connection for each of its threads."""
    return make_engine(
        addresses.application,
        pool_size=settings.threads,
        statement_timeout_seconds=settings.statement_timeout_seconds,
        pooled=addresses.pooled,
    )


def application_service(settings: Settings, addresses: Addresses) -> Service:
    """The service of one process on its database, and on the copy of the present that the machine's processes share."""
    engine = application_engine(settings, addresses)
    replicas = Replicas(settings.database_replica_urls)
    service = replace(
        make_service(settings, engine), present_copy=present_copy(settings, engine), replicas=replicas
    )
    if not addresses.pooled:
        return service
    limit = settings.statement_timeout_seconds
    return replace(service, sessions=make_session_engine(addresses.direct, statement_timeout_seconds=limit))


def prepare(settings: Settings, addresses: Addresses) -> None:
    """Migrate, start the clock, and check that what is here may be served under these settings and keys.

    Raises FileError for a wrong rulebook or calendar, and leaves the database as it was; RulebookError where an adopted
    rulebook does not fit over the shipped ones; MigrationsMissing when the schema is older and the owner's address is
    not known.
    """
    rulebooks, _calendar = read_law(settings)
    _check_sessions(settings, addresses)
    _migrate(settings, addresses)
    engine = application_engine(settings, addresses)
    try:
        with engine.begin() as conn:
            PresentLaw().read(conn, rulebooks).latest()
            compare_keys(conn, settings)
            start_clock(conn, settings)
            if seeded(conn) not in {None, "off"}:
                settings.check_demo()
    finally:
        engine.dispose()


def _check_sessions(settings: Settings, addresses: Addresses) -> None:
    if not settings.embedded:
        check_sessions(addresses, settings)


def _migrate(settings: Settings, addresses: Addresses) -> None:
    """Migrate as the owner. Where only the service's login is known, its schema must be the newest, or its own."""
    if not settings.embedded and settings.database_owner_url is None:
        engine = application_engine(settings, addresses)
        try:
            if database_revision(engine) == head_revision():
                return
            with engine.connect() as conn:
                if not conn.execute(_MAY_MIGRATE).scalar_one():
                    raise MigrationsMissing(
                        "The database is not at this version's schema, and the login of SCORING_DATABASE_URL may not"
                        " change it: run `scoring-service migrate` with SCORING_DATABASE_OWNER_URL."
                    )
        finally:
            engine.dispose()
    upgrade(addresses.owner)


_MAY_MIGRATE = text("SELECT has_schema_privilege('public', 'CREATE')")


def seeded(conn: Connection) -> Demo | None:
    """What the first start put into this database; None before that."""
    demo: Demo | None = conn.execute(select(installation.c.seeded)).scalar_one()
    return demo


def seed(settings: Settings, addresses: Addresses) -> Demo:
    """Put the demo that the settings ask for into a database that was never seeded; say what is in it now.

    Needs keys.
    """
    with _service(settings, addresses) as service:
        with service.engine.connect() as conn:
            present = seeded(conn)
        if present is not None:
            return present
        wanted = settings.demo_seed
        if wanted != "off":
            importlib.import_module("scoring_service.demo").seed(service, wanted)
        with service.engine.begin() as conn:
            conn.execute(update(installation).values(seeded=wanted, seeded_at=SERVERS_CLOCK))
    return wanted


@contextmanager
def opened(settings: Settings) -> Iterator[Service]:
    """The service for one command, on a database at the newest schema. Raises as `keyed`."""
    with database(settings) as addresses:
        if settings.embedded:
            prepare(settings, addresses)
        with _service(keyed(settings, addresses), addresses) as service:
            yield service


def keyed(settings: Settings, addresses: Addresses) -> Settings:
    """The settings with the keys that this database was begun with; the first start makes what is not set.

    Raises MigrationsMissing, and SettingsError for a lost or changed identity key, a pooler that shares sessions, or a
    login that may more than the service needs.
    """
    _check_sessions(settings, addresses)
    engine = application_engine(settings, addresses)
    try:
        if database_revision(engine) != head_revision():
            raise MigrationsMissing("The database is not at this version's schema: run `migrate` first.")
        check_login(engine, settings)
        with engine.begin() as conn:
            return admit_keys(conn, settings)
    finally:
        engine.dispose()


@contextmanager
def _service(settings: Settings, addresses: Addresses) -> Iterator[Service]:
    service = application_service(settings, addresses)
    try:
        yield service
    finally:
        service.dispose()
