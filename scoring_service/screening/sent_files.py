"""Claim files that wait for the scheduler: judged one at a time, by whichever process holds the lock.

A file is judged from its beginning by the knowledge that it was asked at, so that a killed process leaves nothing
behind but a folder, and whoever goes on says the same. Its answer is kept in the transaction that ends it.
"""

from __future__ import annotations

import errno
import shutil
import tempfile
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import select, update
from sqlalchemy.exc import InterfaceError, OperationalError

from scoring_service.core.procedure import ScreeningState
from scoring_service.db.clock_mark import SERVERS_CLOCK
from scoring_service.db.locks import Lock, alone, hold, share
from scoring_service.db.tables import screenings
from scoring_service.problems import Problem
from scoring_service.services.accounts.signing_in import actor_of_account
from scoring_service.services.claims.keeping import CLAIMS, keep_file, write_kept
from scoring_service.services.claims.records import AT_WORK
from scoring_service.services.unit_of_work.actor import OFFICE_ROLES
from scoring_service.services.unit_of_work.watch import Watch

if TYPE_CHECKING:
    from sqlalchemy import Connection, RowMapping

    from scoring_service.screening.screen import Run
    from scoring_service.screening.summary import Summary, Sums
    from scoring_service.services.unit_of_work.actor import Actor
    from scoring_service.services.unit_of_work.transaction import Service

log = structlog.get_logger("scoring_service.screening")

MAY_ASK = frozenset({"settlement", "institution", *OFFICE_ROLES})
# Unpacked: what a small file can blow up to is not to fill the disk.
MOST_BYTES = 16 << 30
PROGRESS_SECONDS = 1.0
MOST_INSTITUTIONS = 1_000
_DATABASE_GONE = (OperationalError, InterfaceError)
_FOLDER = "claims-"
_NEXT = (
    select(screenings)
    .where(screenings.c.state.in_(AT_WORK))
    .order_by(screenings.c.created_at, screenings.c.id)
    .limit(1)
)


class Interrupted(Exception):
    """The process is to leave; the file is judged again from its beginning."""


def screen_waiting(service: Service, watch: Watch | None = None) -> int:
    """Judge the files that wait, the oldest first, until none does or the caller stops; return how many were.

    Nothing while another process is at work on one. What a killed process left in the folder is cleared away first.
    """
    watch = watch or Watch()
    ended = 0
    if _next(service) is None and not _left(service):
        return ended
    with alone(service.session_engine, Lock.SCREENINGS) as is_alone:
        if is_alone:
            for folder in _left(service):
                shutil.rmtree(folder, ignore_errors=True)
        while is_alone and not watch.stopping() and (row := _next(service)) is not None:
            ended += _judge(service, row, watch)
    return ended


def _next(service: Service) -> RowMapping | None:
    with service.engine.connect() as conn:
        return conn.execute(_NEXT).mappings().one_or_none()


def _parent(service: Service) -> Path:
    return service.settings.data_dir / "screening"


def _left(service: Service) -> list[Path]:
    return list(_parent(service).glob(f"{_FOLDER}*"))


@contextmanager
def _folder(service: Service) -> Iterator[Path]:
    _parent(service).mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=_FOLDER, dir=_parent(service)) as name:
        yield Path(name)


def _judge(service: Service, row: RowMapping, watch: Watch) -> bool:
    """Lead a file to its end; tell whether it got there before the caller stopped."""
    log.info("screening", id=row["id"], state=row["state"])
    with service.engine.begin() as conn:
        actor = actor_of_account(conn, row["account_id"])
        _set(conn, row["id"], state=ScreeningState.JUDGING, began_at=SERVERS_CLOCK, lines_done=0, share_done=0)
    if actor is None or not actor.has(*MAY_ASK):
        _fail(service, row["id"], "提交的账号已停用 / the account that asked for it is closed")
        return True
    # On the route these roles alone count.
    actor = replace(actor, roles=actor.roles & MAY_ASK)
    try:
        with _folder(service) as folder:
            _judge_in(service, row, actor, folder, watch)
    except Interrupted:
        return False
    except _DATABASE_GONE:
        raise
    except Exception as error:  # noqa: BLE001 -- the row tells that it failed, the log where
        _fail(service, row["id"], _sentence_of(error, row["id"]))
    return True


def _judge_in(service: Service, row: RowMapping, actor: Actor, folder: Path, watch: Watch) -> None:
    # The readers of files take half a second to load and 60 MB, which a scheduler without files can do without.
    from scoring_service.screening.questions import questions_engine, recorded_engine  # noqa: PLC0415
    from scoring_service.screening.screen import Run, judge_run, put_on_record  # noqa: PLC0415

    seal = service.identity_numbers
    claims = folder / f"claims.{row['form']}"
    with service.work() as work:
        # No change of before the knowledge is still under way when this transaction ends.
        hold(work.conn, Lock.FILES)
        share(work.conn, Lock.REGISTRY)
    with service.engine.connect() as conn, claims.open("wb") as file:
        write_kept(conn, seal, row["id"], CLAIMS, file)
    run = Run(
        claims=[claims],
        out=folder / f"screened.{row['form']}",
        known_at=row["known_at"],
        against=row["against"],
        people=row["people"],
        most_bytes=MOST_BYTES,
    )
    working = partial(service.work, actor)
    # Whoever may ask about everybody, and whose looks nobody records.
    of_everybody = actor.has("settlement")
    engine_at = partial(recorded_engine, service, run, working) if of_everybody else partial(questions_engine, working)
    summary = judge_run(run, engine_at, progress=_Progress(service, row["id"], watch))
    with service.work(actor) as work:
        for name, path in _files(run):
            keep_file(work.conn, seal, row["id"], name, path)
        put_on_record(work, run, summary)
        _set(
            work.conn,
            row["id"],
            state=ScreeningState.DONE,
            finished_at=SERVERS_CLOCK,
            lines_done=summary.lines,
            share_done=1,
            summary=_shown(summary),
        )


def _files(run: Run) -> Iterator[tuple[str, Path]]:
    """Give the files of an answer that were written, by the names under which they are asked for."""
    names = ("file", "rejects", "recover", "pay")
    yield from ((name, path) for name, path in zip(names, run.files(), strict=True) if path.exists())


class _Progress:
    """Notes how far a file is, now and then; ends the work when the process leaves."""

    def __init__(self, service: Service, screening_id: str, watch: Watch) -> None:
        self._service, self._id, self._watch = service, screening_id, watch
        self._noted = time.monotonic()

    def __call__(self, lines: int, share: float) -> None:
        if self._watch.stopping():
            raise Interrupted
        if time.monotonic() - self._noted >= PROGRESS_SECONDS:
            self._noted = time.monotonic()
            with self._service.engine.begin() as conn:
                _set(conn, self._id, lines_done=lines, share_done=share)


def _shown(summary: Summary) -> dict[str, Any]:
    """Return what a file comes to; of institutions those with the most lines that are not payable."""
    has_amounts = summary.columns.amount is not None

    def sums(by_name: Sums) -> list[dict[str, Any]]:
        ordered = sorted(by_name.items(), key=lambda each: (-each[1].lines, each[0]))
        return [{"name": name} | both(total) for name, total in ordered[:MOST_INSTITUTIONS]]

    def both(total: Any) -> dict[str, Any]:
        return {"lines": total.lines, "amount": f"{total.amount:.2f}" if has_amounts else None}

    return {
        "lines": summary.lines,
        "payable": summary.payable,
        "rejected": summary.rejected,
        "without_amount": summary.without_amount,
        "without_offset": summary.without_offset,
        "by_reason": sums(summary.by_reason),
        "not_payable_by_institution": sums(summary.by_institution),
        "recover": None if summary.against is None else both(summary.recover),
        "pay": None if summary.against is None else both(summary.pay),
    }


def _sentence_of(error: Exception, screening_id: str) -> str:
    """Return what people are told of a failure; of one of ours the log tells where, its text may hold personal data."""
    if isinstance(error, Problem):
        return str(error.detail)
    frames = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    name = type(error).__name__
    log.error("screening failed", id=screening_id, error=name, frames=frames[-8:])
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return "磁盘已满，请联系管理员后重新提交 / the disk is full; tell the administrator, then send it again"
    return f"内部错误（{name}） / an internal error ({name})"


def _set(conn: Connection, screening_id: str, **values: Any) -> None:
    conn.execute(update(screenings).where(screenings.c.id == screening_id).values(**values))


def _fail(service: Service, screening_id: str, sentence: str) -> None:
    with service.engine.begin() as conn:
        _set(conn, screening_id, state=ScreeningState.FAILED, error=sentence, finished_at=SERVERS_CLOCK)
