"""How tests reach a database of the run's server: `url` is its owner's address, as the fixtures give it.

With SCORING_TEST_POOLER=transaction the service's engines go through a PgBouncer that lends sessions so.
"""

from typing import Any

from sqlalchemy import Engine, event, make_url
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.util import LRUCache

from scoring_service.db.engine import APPLICATION_ROLE, make_engine, make_owner_engine, make_session_engine
from scoring_service.runtime.addresses import Addresses
from scoring_service.runtime.embedded import SUPERUSER

# The port of this process's PgBouncer, and its server's address.
_POOLED: dict[int, str] = {}


def go_through(port: int, owner_url: str) -> None:
    """Let the service's engines from now on go through a pooler."""
    _POOLED[port] = owner_url


def application_url(url: str) -> str:
    """The address by which the service signs in to a database."""
    return _of(url, APPLICATION_ROLE)


def application_engine(url: str) -> Engine:
    """The service's engine on a database."""
    for port in _POOLED:
        return _sharing(make_engine(through(port, url), pooled=True))
    return _sharing(make_engine(application_url(url)))


class _AlikeDialect(PGDialect_psycopg):
    """A dialect that counts as the same as that of another engine: they compile alike."""

    supports_statement_cache = True

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self)

    def __hash__(self) -> int:
        return hash(type(self))


_COMPILED: Any = LRUCache(5000)


def _sharing(engine: Engine) -> Engine:
    """Let an engine have the statements that another one has compiled: each test has engines of its own."""
    engine.dialect.__class__ = _AlikeDialect
    engine._compiled_cache = _COMPILED
    return engine


def session_engine(engine: Engine) -> Engine | None:
    """The engine of single sessions beside a service's engine; None where that one has sessions of its own."""
    if engine.url.port not in _POOLED:
        return None
    sessions = make_session_engine(_of(_direct(engine), APPLICATION_ROLE))
    event.listen(engine, "engine_disposed", lambda _engine: sessions.dispose())
    return sessions


def owner_engine(engine: Engine) -> Engine:
    """The owner's engine on the database of a service's engine."""
    return make_owner_engine(_of(_direct(engine), SUPERUSER))


def addresses_of(url: str) -> Addresses:
    """The addresses of a database, as a service has them."""
    return Addresses(application=application_url(url), direct=application_url(url), owner=url)


def through(port: int, url: str) -> str:
    """The address of a database by a pooler."""
    return f"postgresql+psycopg://{APPLICATION_ROLE}@127.0.0.1:{port}/{make_url(url).database}"


def _direct(engine: Engine) -> str:
    server = make_url(_POOLED[engine.url.port]) if engine.url.port in _POOLED else engine.url
    return server.set(database=engine.url.database).render_as_string(hide_password=False)


def _of(url: str, role: str) -> str:
    return make_url(url).set(username=role).render_as_string(hide_password=False)
