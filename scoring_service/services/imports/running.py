"""An import's way: read, checked as a whole, and written chunk by chunk, from wherever a killed process left it.

One import is at work at a time, in whichever process holds the lock. A chunk and the cursor behind it are written in
one transaction, so that nothing is done twice and nothing half.
"""

from __future__ import annotations

import gc
import sys
import traceback
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import structlog
from psycopg.errors import DeadlockDetected, UniqueViolation
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError

from scoring_service.core.procedure import ImportState
from scoring_service.db.clock_mark import SERVERS_CLOCK
from scoring_service.db.locks import Lock, alone
from scoring_service.db.tables import imports
from scoring_service.problems import Forbidden, Problem, Unavailable
from scoring_service.services.accounts.signing_in import actor_of_account
from scoring_service.services.imports import keeping
from scoring_service.services.imports.judging import check_chunk, finish, prepare_chunk, write_chunk
from scoring_service.services.imports.kinds import KINDS
from scoring_service.services.imports.requests import begun_writing
from scoring_service.services.imports.sniffing import sentence_of
from scoring_service.services.imports.staging import Staging
from scoring_service.services.registry.opening import WrittenTooLate
from scoring_service.services.unit_of_work.actor import SYSTEM, Actor
from scoring_service.services.unit_of_work.watch import Watch
from scoring_service.workbooks.sheets import UnreadableFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, RowMapping

    from scoring_service.services.imports.kind import ImportKind, Prepared
    from scoring_service.services.unit_of_work.transaction import Service

log = structlog.get_logger("scoring_service.imports")

AT_WORK = (ImportState.WAITING, ImportState.CHECKING, ImportState.WRITING)
# A chunk that met another's act is tried again.
MOST_TRIES = 5
GARBAGE_OBJECTS = 200_000
# Two threads take turns: whoever writes waits for the other at each of hundreds of small answers of the database.
TURN_SECONDS = 0.0005


class Overtaken(Exception):
    """The import was cancelled, or another process went on with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """An import at work: its row as it was taken up, its kind, and who acts."""

    row: RowMapping
    kind: ImportKind
    actor: Actor

    @property
    def id(self) -> str:
        """The import's id."""
        return str(self.row["id"])


def run_waiting(service: Service, watch: Watch | None = None) -> int:
    """Work on the imports that wait, the oldest first, until none does or the caller stops; return how many were.

    Nothing while another process is at work on one.
    """
    watch = watch or Watch()
    worked = 0
    with alone(service.session_engine, Lock.IMPORTS) as is_alone, _at_full_speed():
        while is_alone and not watch.stopping():
            with service.engine.connect() as conn:
                row = conn.execute(_NEXT).mappings().one_or_none()
            if row is None:
                break
            _work_on(service, row, watch)
            worked += 1
    return worked


_NEXT = select(imports).where(imports.c.state.in_(AT_WORK)).order_by(imports.c.created_at, imports.c.id).limit(1)


def is_any_waiting(service: Service) -> bool:
    """Tell whether there is an import to work on."""
    with service.engine.connect() as conn:
        return conn.execute(_NEXT).first() is not None


@contextmanager
def _at_full_speed() -> Iterator[None]:
    """Collect garbage less often, and let threads take shorter turns.

    A chunk makes a hundred thousand short-lived objects without a cycle among them.
    """
    thresholds, turn = gc.get_threshold(), sys.getswitchinterval()
    sys.setswitchinterval(TURN_SECONDS)
    gc.set_threshold(GARBAGE_OBJECTS)
    try:
        yield
    finally:
        sys.setswitchinterval(turn)
        gc.set_threshold(*thresholds)


def _work_on(service: Service, row: RowMapping, watch: Watch) -> None:
    """Lead an import on to its next rest; what goes wrong ends it and stands on its row."""
    log.info("import", id=row["id"], kind=row["kind"], state=row["state"])
    try:
        task = _Task(row=row, kind=KINDS[row["kind"]], actor=_actor(service, row))
        if row["state"] != ImportState.WRITING and not _checked(service, task, watch):
            return
        _write(service, task, watch)
    except Overtaken:
        return
    except UnreadableFile as fault:
        _fail(service, row["id"], sentence_of(fault))
    except Problem as problem:
        _fail(service, row["id"], problem.detail)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001 -- the row tells that it failed, the log where
        frames = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
        log.error("import failed", id=row["id"], error=type(error).__name__, frames=frames[-8:])  # noqa: TRY400 -- the text may hold personal data
        _fail(service, row["id"], f"内部错误（{type(error).__name__}） / an internal error ({type(error).__name__})")


def _actor(service: Service, row: RowMapping) -> Actor:
    """Return who acts: whoever committed the import, else who brought it. Raises Forbidden for a closed account."""
    account_id = row["committed_account"] or row["uploaded_account"]
    if account_id is None:
        return SYSTEM
    with service.engine.connect() as conn:
        actor = actor_of_account(conn, account_id)
    if actor is None:
        raise Forbidden("forbidden", "提交导入的账号已停用 / the account that brought it is closed")
    return actor


def _checked(service: Service, task: _Task, watch: Watch) -> bool:
    """Read and check the whole file; tell whether it goes on to be written."""
    chunks = task.row["chunks"]
    if chunks is None:
        chunks = _stage(service, task, watch)
    cursor = task.row["cursor"] if task.row["chunks"] is not None else 0
    for position in range(cursor, chunks):
        with service.work(task.actor) as work:
            _claim(work.conn, task.id, ImportState.CHECKING, position)
            check_chunk(work, task.id, task.kind, position)
        _pause(watch)
    return _finish_check(service, task)


def _stage(service: Service, task: _Task, watch: Watch) -> int:
    """Read the file into chunks; return how many there are."""
    with service.engine.begin() as conn:
        keeping.forget_rows(conn, task.id)
        _set(conn, task.id, state=ImportState.CHECKING, began_at=SERVERS_CLOCK, rows_done=0, errors_total=0, counts={})

    def alive() -> None:
        _pause(watch)
        with service.engine.connect() as conn:
            _claim(conn, task.id, ImportState.CHECKING)

    staging = Staging(service, task.id, task.kind, alive)
    with service.engine.connect() as conn, keeping.kept_file(conn, service.identity_numbers, task.id) as path:
        conn.rollback()
        staging.run(path, task.row["filename"])
    with service.engine.begin() as conn:
        _claim(conn, task.id, ImportState.CHECKING)
        _set(conn, task.id, chunks=staging.chunks, rows=staging.rows, rows_done=0, cursor=0, began_at=SERVERS_CLOCK)
    return staging.chunks


def _finish_check(service: Service, task: _Task) -> bool:
    with service.work(task.actor) as work:
        finished = finish(work, task.id, task.kind, write=False)
    with service.engine.begin() as conn:
        row = _claim(conn, task.id, ImportState.CHECKING)
        if row["errors_total"]:
            _set(conn, task.id, state=ImportState.REFUSED, finished_at=SERVERS_CLOCK)
            return False
        _set(conn, task.id, counts=dict(Counter(row["counts"]) + finished))
        if row["dry_run"] or (task.kind.four_eyes and task.actor is not SYSTEM):
            _set(conn, task.id, state=ImportState.CHECKED, finished_at=SERVERS_CLOCK)
            return False
        _set(conn, task.id, **begun_writing())
    return True


def _write(service: Service, task: _Task, watch: Watch) -> None:
    with service.engine.connect() as conn:
        row = _claim(conn, task.id, ImportState.WRITING)
    with _Ahead(service, task, row["chunks"]) as ahead:
        for position in range(row["cursor"], row["chunks"]):
            _write_chunk(service, task, position, ahead.prepared(position))
            _pause(watch)
    with service.work(task.actor) as work:
        row = _claim(work.conn, task.id, ImportState.WRITING)
        counts = dict(Counter(row["counts"]) + finish(work, task.id, task.kind, write=True))
        _set(work.conn, task.id, state=ImportState.DONE, finished_at=SERVERS_CLOCK, counts=counts)
        detail = {"import_kind": task.kind.name, "rows": row["rows"], **counts}
        work.audit("import.done", object_kind="import", object_id=task.id, detail=detail)


class _Ahead:
    """Works out each chunk in a thread of its own while the one before it is written, which waits for instants."""

    def __init__(self, service: Service, task: _Task, chunks: int) -> None:
        self._service, self._task, self._chunks = service, task, chunks
        self._thread = ThreadPoolExecutor(1)
        self._next: Future[Prepared | None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.shutdown(cancel_futures=True)

    def prepared(self, position: int) -> Prepared | None:
        """Return a chunk as it was worked out, and begin with the one after it."""
        present = self._next or self._thread.submit(self._prepare, position)
        prepared = present.result()
        if position + 1 < self._chunks:
            self._next = self._thread.submit(self._prepare, position + 1)
        return prepared

    def _prepare(self, position: int) -> Prepared | None:
        with self._service.work(self._task.actor) as work:
            return prepare_chunk(work, self._task.id, self._task.kind, position)


def _write_chunk(service: Service, task: _Task, position: int, prepared: Prepared | None) -> None:
    for tries_left in reversed(range(MOST_TRIES)):
        try:
            with service.work(task.actor) as work:
                _claim(work.conn, task.id, ImportState.WRITING, position)
                write_chunk(work, task.id, task.kind, position, prepared)
        except (OperationalError, IntegrityError) as error:
            if not tries_left or not isinstance(error.orig, DeadlockDetected | UniqueViolation):
                raise
        except Unavailable as late:
            if not tries_left:
                raise
            if isinstance(late, WrittenTooLate):
                continue
        else:
            return
        # What was worked out is out of date.
        prepared = None


def _pause(watch: Watch) -> None:
    """Stop between two transactions when the caller must. Raises Overtaken."""
    watch.alive()
    if watch.stopping():
        raise Overtaken


def _claim(conn: Connection, import_id: str, state: ImportState, cursor: int | None = None) -> RowMapping:
    """Lock the import's row, which is to stand where it was left. Raises Overtaken."""
    row = conn.execute(select(imports).where(imports.c.id == import_id).with_for_update()).mappings().one()
    if row["state"] != state or (cursor is not None and row["cursor"] != cursor):
        raise Overtaken
    return row


def _set(conn: Connection, import_id: str, **values: Any) -> None:
    conn.execute(update(imports).where(imports.c.id == import_id).values(**values))


def _fail(service: Service, import_id: str, sentence: str) -> None:
    with service.engine.begin() as conn:
        going = imports.c.state.in_(AT_WORK)
        # What a check had counted by then was not written.
        unwritten = update(imports).where(imports.c.id == import_id, going, imports.c.state != ImportState.WRITING)
        conn.execute(unwritten.values(counts={}))
        values = {"state": ImportState.FAILED, "error": sentence, "finished_at": SERVERS_CLOCK}
        conn.execute(update(imports).where(imports.c.id == import_id, going).values(values))


