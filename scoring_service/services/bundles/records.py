"""Bundles as they are shown, to who asked for them: how far one is, which letters it lacks, and the PDF."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from scoring_service.clock import real_now
from scoring_service.core.procedure import BundleState, NoticeKind
from scoring_service.db.tables import bundle_pieces, bundled_letters, letter_bundles, notices, practitioners
from scoring_service.letters.wording import document_name
from scoring_service.problems import NotFound, WrongState
from scoring_service.services.notices.issuing import visible_notices
from scoring_service.terms import BUNDLE_STATES
from scoring_service.written import is_id

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

    from scoring_service.services.unit_of_work.transaction import Work

AT_WORK = frozenset({BundleState.WAITING, BundleState.MAKING})
NOUN = "合并的文书 / bundle of letters"


@dataclass(frozen=True, slots=True, kw_only=True)
class LackingLetter:
    """A letter that could not be set: its document's name and whom it is about, and why."""

    notice: str
    document: str
    practitioner: str
    name: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleSummary:
    """A bundle without what it lacks: `done` of the letters `of` it are set, or were found not to be possible."""

    id: str
    state: BundleState
    case: str | None
    done: int
    of: int
    seconds_left: int | None
    error: str | None
    created_at: datetime
    finished_at: datetime | None
    cleared_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle(BundleSummary):
    """A bundle with the letters that could not be set."""

    lacking: tuple[LackingLetter, ...]


_LETTERS = bundled_letters.c
_SHOWN = (
    select(
        letter_bundles,
        func.count(_LETTERS.made).label("done"),
        func.count(_LETTERS.position).label("of"),
    )
    .join(bundled_letters, _LETTERS.bundle_id == letter_bundles.c.id)
    .group_by(letter_bundles.c.id)
)


def read_bundle(work: Work, bundle_id: str) -> Bundle:
    """Return a bundle of the actor's own; whose letter it lacks is looked at on record. Raises NotFound."""
    row = _require(work, bundle_id)
    return Bundle(**_members(row), lacking=_lacking(work, bundle_id))


def recent_bundles(work: Work, limit: int) -> list[BundleSummary]:
    """Return the actor's latest bundles that are kept still, the latest first."""
    mine = (letter_bundles.c.account_id == work.actor.account_id) & letter_bundles.c.cleared_at.is_(None)
    query = _SHOWN.where(mine).order_by(letter_bundles.c.created_at.desc(), letter_bundles.c.id).limit(limit)
    return [BundleSummary(**_members(row)) for row in work.conn.execute(query).mappings()]


def read_pdf(work: Work, bundle_id: str) -> bytes:
    """Return the PDF of a bundle of the actor's own; everybody in it is looked at on record.

    Raises NotFound, also for one that was cleared or holds a letter that the actor may no longer read, and WrongState
    before it is made.
    """
    row = _require(work, bundle_id)
    if row["cleared_at"] is not None:
        raise NotFound(NOUN)
    if row["state"] != BundleState.DONE:
        raise WrongState("bundle", row["state"], BUNDLE_STATES)
    _look_at_letters(work, bundle_id)
    pieces = select(bundle_pieces.c.sealed).where(bundle_pieces.c.bundle_id == bundle_id)
    unseal = work.service.identity_numbers.unseal_bytes
    return b"".join(map(unseal, work.conn.execute(pieces.order_by(bundle_pieces.c.position)).scalars()))


def _look_at_letters(work: Work, bundle_id: str) -> None:
    query = (
        select(notices.c.practitioner_id, notices.c.case_id, visible_notices(work).label("seen"))
        .join(bundled_letters, _LETTERS.notice_id == notices.c.id)
        .where(_LETTERS.bundle_id == bundle_id, _LETTERS.made)
    )
    rows = work.conn.execute(query).all()
    if not all(row.seen for row in rows):
        raise NotFound(NOUN)
    for row in rows:
        work.look(row.practitioner_id, "letter", row.case_id)


def _require(work: Work, bundle_id: str) -> RowMapping:
    row = None
    if is_id(bundle_id):
        mine = _SHOWN.where(letter_bundles.c.id == bundle_id, letter_bundles.c.account_id == work.actor.account_id)
        row = work.conn.execute(mine).mappings().one_or_none()
    if row is None:
        raise NotFound(NOUN)
    return row


def _lacking(work: Work, bundle_id: str) -> tuple[LackingLetter, ...]:
    query = (
        select(notices.c.id, notices.c.kind, notices.c.facts, notices.c.case_id, _LETTERS.fault)
        .add_columns(practitioners.c.id.label("practitioner_id"), practitioners.c.name)
        .join(bundled_letters, _LETTERS.notice_id == notices.c.id)
        .join(practitioners, practitioners.c.id == notices.c.practitioner_id)
        .where(_LETTERS.bundle_id == bundle_id, ~_LETTERS.made, visible_notices(work))
        .order_by(_LETTERS.position)
    )
    rows = work.conn.execute(query).all()
    for row in rows:
        work.look(row.practitioner_id, "notice", row.case_id)
    return tuple(
        LackingLetter(
            notice=row.id,
            document=document_name(NoticeKind(row.kind), row.facts),
            practitioner=row.practitioner_id,
            name=row.name,
            detail=row.fault,
        )
        for row in rows
    )


def _members(row: RowMapping) -> dict[str, Any]:
    state = BundleState(row["state"])
    names = ("id", "done", "of", "error", "created_at", "finished_at", "cleared_at")
    return {name: row[name] for name in names} | {
        "state": state,
        "case": row["case_id"],
        "seconds_left": _seconds_left(row) if state in AT_WORK else None,
    }


def _seconds_left(row: RowMapping) -> int | None:
    passed: float = (real_now() - row["began_at"]).total_seconds() if row["began_at"] else 0
    done: int = row["done"]
    return None if passed <= 0 or not done else round((row["of"] - done) * passed / done)
