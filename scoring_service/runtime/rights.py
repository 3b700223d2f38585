"""What the service's login may do: what `scoring_app` may, and nothing more.

Whoever gets hold of the service's password or of its connections gets no further than the service itself: it owns
nothing, changes no entry of the ledger, and cannot become a role that does.
"""

import structlog
from sqlalchemy import Connection, Engine, text

from scoring_service.db.engine import APPLICATION_ROLE
from scoring_service.settings import PREFIX, Settings, SettingsError

log = structlog.get_logger("scoring_service.runtime.rights")

# A member of a role may become it, or give itself the right to. A superuser is a member of every role.
_HELD = """
    WITH held AS (SELECT * FROM pg_roles
        WHERE rolname IN (session_user, :role) AND pg_has_role(session_user, oid, 'MEMBER'))
"""
_MORE = {
    "be a superuser": "SELECT bool_or(rolsuper) FROM held",
    "make roles": "SELECT bool_or(rolcreaterole) FROM held",
    "make databases": "SELECT bool_or(rolcreatedb) FROM held",
    "replicate": "SELECT bool_or(rolreplication) FROM held",
    "pass over row security": "SELECT bool_or(rolbypassrls) FROM held",
    "change the database, which it owns": "SELECT bool_or(datdba IN (SELECT oid FROM held)) FROM pg_database"
    " WHERE datname = current_database()",
    "change tables, which it owns": "SELECT bool_or(relowner IN (SELECT oid FROM held)) FROM pg_class"
    " WHERE relnamespace = 'public'::regnamespace",
    "change the ledger": "SELECT has_table_privilege(session_user, 'public.entries',"
    " 'UPDATE, DELETE, TRUNCATE, TRIGGER')",
}
_ALL = text(_HELD + "SELECT " + ", ".join(f"({question})" for question in _MORE.values()))
_OTHERS = text(
    "SELECT rolname FROM pg_roles WHERE rolname NOT IN (session_user, :role)"
    " AND pg_has_role(session_user, oid, 'MEMBER') ORDER BY rolname"
)
_WORKS = text("SELECT has_table_privilege(session_user, 'public.entries', 'INSERT')")


def check_login(engine: Engine, settings: Settings) -> None:
    """Look at what the login of a database at the newest schema may do.

    Raises SettingsError in production when that is more than the service needs; elsewhere the log tells. Raises it
    everywhere for a login that may not even do what the service does.
    """
    with engine.connect() as conn:
        login: str = conn.execute(text("SELECT session_user")).scalar_one()
        if not conn.execute(_WORKS).scalar_one():
            raise SettingsError(
                f'The login "{login}" of {PREFIX}DATABASE_URL has not the rights of the service: let the owner of'
                f' the database run GRANT {APPLICATION_ROLE} TO "{login}".'
            )
        more = _more(conn)
    if more and settings.production:
        raise SettingsError(
            f'The login "{login}" of {PREFIX}DATABASE_URL may {", ".join(more)}: with {PREFIX}ENV=production it must be'
            f" a member of {APPLICATION_ROLE} and nothing else (docs/operations.md, Another PostgreSQL). The owner of"
            f" the database belongs into {PREFIX}DATABASE_OWNER_URL, for `migrate`."
        )
    if more:
        log.warning("the service's login may more than it needs", login=login, may=more)


def _more(conn: Connection) -> list[str]:
    role = {"role": APPLICATION_ROLE}
    answers = conn.execute(_ALL, role).one()
    deeds = [deed for deed, is_allowed in zip(_MORE, answers, strict=True) if is_allowed]
    if "be a superuser" in deeds:
        return ["be a superuser"]
    return deeds + [f"become {other}" for other in conn.execute(_OTHERS, role).scalars()]
