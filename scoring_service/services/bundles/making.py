"""Bundles at work: each letter's PDF is made and kept as if it were asked for by itself, then all are joined.

A letter that cannot be set is told on its row and the rest is joined. Each letter is a transaction of its own, so that
a killed process goes on where it stood; one bundle is at work at a time, in whichever process holds the lock.
"""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import InterfaceError, OperationalError

from scoring_service.core.procedure import BundleState, NoticeKind
from scoring_service.db.clock_mark import SERVERS_CLOCK
from scoring_service.db.locks import Lock, alone
from scoring_service.db.tables import (
    bundle_pieces,
    bundled_letters,
    letter_bundles,
    letter_pdfs,
    letters,
    notices,
    practitioners,
)
from scoring_service.letters.joining import join
from scoring_service.letters.wording import document_name
from scoring_service.problems import Problem
from scoring_service.services.accounts.signing_in import actor_of_account
from scoring_service.services.bundles.records import AT_WORK
from scoring_service.services.imports.keeping import PIECE_BYTES
from scoring_service.services.notices.handing_out import keep_pdf
from scoring_service.services.unit_of_work.watch import Watch
from scoring_service.terms import chinese

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Row, RowMapping

    from scoring_service.services.unit_of_work.actor import Actor
    from scoring_service.services.unit_of_work.transaction import Service

log = structlog.get_logger("scoring_service.bundles")

_DATABASE_GONE = (OperationalError, InterfaceError)

_LETTERS = bundled_letters.c
_NEXT = (
    select(letter_bundles)
    .where(letter_bundles.c.state.in_(AT_WORK))
    .order_by(letter_bundles.c.created_at, letter_bundles.c.id)
    .limit(1)
)


def make_waiting(service: Service, watch: Watch | None = None) -> int:
    """Make the bundles that wait, the oldest first, until none does or the caller stops; return how many were.

    Nothing while another process is at work on one.
    """
    watch = watch or Watch()
    made = 0
    if _next(service) is None:
        return made
    with alone(service.session_engine, Lock.BUNDLES) as is_alone:
        while is_alone and not watch.stopping() and (row := _next(service)) is not None:
            made += _make(service, row, watch)
    return made


def _next(service: Service) -> RowMapping | None:
    with service.engine.connect() as conn:
        return conn.execute(_NEXT).mappings().one_or_none()


def _make(service: Service, row: RowMapping, watch: Watch) -> bool:
    """Lead a bundle to its end; tell whether it got there before the caller stopped."""
    log.info("bundle", id=row["id"], state=row["state"])
    with service.engine.begin() as conn:
        actor = actor_of_account(conn, row["account_id"])
        _set(conn, row["id"], state=BundleState.MAKING, began_at=row["began_at"] or SERVERS_CLOCK)
    if actor is None:
        _fail(service, row["id"], "提交的账号已停用 / the account that asked for it is closed")
        return True
    for letter in _waiting_letters(service, row["id"]):
        if watch.stopping():
            return False
        _set_letter(service, actor, row["id"], letter)
    try:
        _finish(service, row["id"])
    except _DATABASE_GONE:
        raise
    except Exception as error:  # noqa: BLE001 -- the row tells that it failed, the log where
        _fail(service, row["id"], _internal(error, row["id"]))
    return True


def _internal(error: Exception, bundle_id: str) -> str:
    """Return what people are told of an error of ours; the log tells where, its own text may hold personal data."""
    frames = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    name = type(error).__name__
    log.error("bundle failed", id=bundle_id, error=name, frames=frames[-8:])
    return f"内部错误（{name}） / an internal error ({name})"


def _waiting_letters(service: Service, bundle_id: str) -> list[Row[tuple[int, str]]]:
    waiting = (_LETTERS.bundle_id == bundle_id) & _LETTERS.made.is_(None)
    query = select(_LETTERS.position, _LETTERS.notice_id).where(waiting).order_by(_LETTERS.position)
    with service.engine.connect() as conn:
        return list(conn.execute(query))


def _set_letter(service: Service, actor: Actor, bundle_id: str, letter: Row[tuple[int, str]]) -> None:
    """Make the PDF of a letter that the asker may read, if it is not kept yet; why it cannot be stands on its row."""
    try:
        with service.work(actor) as work:
            keep_pdf(work, letter.notice_id)
            _note(work.conn, bundle_id, letter.position, made=True)
    except _DATABASE_GONE:
        raise
    except Exception as error:  # noqa: BLE001 -- the others are joined all the same
        fault = error.detail if isinstance(error, Problem) else _internal(error, bundle_id)
        with service.engine.begin() as conn:
            _note(conn, bundle_id, letter.position, made=False, fault=fault)


def _note(conn: Connection, bundle_id: str, position: int, **values: Any) -> None:
    mine = (_LETTERS.bundle_id == bundle_id) & (_LETTERS.position == position)
    conn.execute(update(bundled_letters).where(mine).values(**values))


def _finish(service: Service, bundle_id: str) -> None:
    with service.engine.connect() as conn:
        joined = join(_made(conn, bundle_id))
        fault = conn.execute(select(_LETTERS.fault).where(_LETTERS.bundle_id == bundle_id, ~_LETTERS.made)).first()
        is_any = conn.execute(select(_LETTERS.made).where(_LETTERS.bundle_id == bundle_id, _LETTERS.made)).first()
    if fault and not is_any:
        _fail(service, bundle_id, fault[0])
        return
    seal = service.identity_numbers.seal_bytes
    with service.engine.begin() as conn:
        conn.execute(delete(bundle_pieces).where(bundle_pieces.c.bundle_id == bundle_id))
        for position, start in enumerate(range(0, len(joined), PIECE_BYTES)):
            piece = {"bundle_id": bundle_id, "position": position, "sealed": seal(joined[start : start + PIECE_BYTES])}
            conn.execute(insert(bundle_pieces), piece)
        _set(conn, bundle_id, state=BundleState.DONE, finished_at=SERVERS_CLOCK)


def _made(conn: Connection, bundle_id: str) -> Iterator[tuple[str, bytes]]:
    """Return each letter's bookmark and PDF, one at a time."""
    query = (
        select(letters.c.number, notices.c.kind, notices.c.facts, practitioners.c.name, letter_pdfs.c.pdf)
        .join(notices, notices.c.id == letters.c.notice_id)
        .join(practitioners, practitioners.c.id == notices.c.practitioner_id)
        .join(letter_pdfs, letter_pdfs.c.notice_id == notices.c.id)
        .join(bundled_letters, _LETTERS.notice_id == notices.c.id)
        .where(_LETTERS.bundle_id == bundle_id, _LETTERS.made)
        .order_by(_LETTERS.position)
    )
    for row in conn.execution_options(yield_per=20).execute(query):
        document = chinese(document_name(NoticeKind(row.kind), row.facts))
        yield f"{row.name} {document} {row.number}", bytes(row.pdf)


def _set(conn: Connection, bundle_id: str, **values: Any) -> None:
    conn.execute(update(letter_bundles).where(letter_bundles.c.id == bundle_id).values(**values))


def _fail(service: Service, bundle_id: str, sentence: str) -> None:
    with service.engine.begin() as conn:
        _set(conn, bundle_id, state=BundleState.FAILED, error=sentence, finished_at=SERVERS_CLOCK)
