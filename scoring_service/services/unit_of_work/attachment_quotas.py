"""How much may be attached: to one thing, and by one party within a month, so that nobody fills the disk."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Select, func, or_, select

from scoring_service.db.locks import Lock, hold
from scoring_service.db.tables import accounts, attachments
from scoring_service.problems import Conflict

if TYPE_CHECKING:
    from scoring_service.services.unit_of_work.transaction import Work

MEGABYTE = 1024 * 1024
BYTES_OF_ONE = {"case": 400 * MEGABYTE, "appeal": 100 * MEGABYTE, "application": 60 * MEGABYTE, "notice": 60 * MEGABYTE}
# All attachments of a person, or of an institution, whatever they belong to. The office has no such bound.
BYTES_OF_PARTY = 200 * MEGABYTE
PARTY_WINDOW = timedelta(days=30)


def check_room(work: Work, owner_kind: str, owner_id: str, size_bytes: int) -> None:
    """Refuse an attachment beyond what its owner, whose row the caller holds, or the actor's party may have.

    Raises Conflict `attachments_full` with `limit_bytes` and `used_bytes`.
    """
    of_owner = (attachments.c.owner_kind == owner_kind) & (attachments.c.owner_id == owner_id)
    limit = BYTES_OF_ONE[owner_kind]
    detail = "这一事项的附件合计不得超过 {limit} MB / its attachments have at most {limit} MB together"
    _check(work, of_owner, limit, size_bytes, detail)
    if work.actor.practitioner_id is None and work.actor.institution_code is None:
        return
    hold(work.conn, Lock.ATTACHMENTS, f"{work.actor.practitioner_id} {work.actor.institution_code}")
    of_party = attachments.c.recorded_by.in_(_usernames(work)) & (
        attachments.c.recorded_at > work.now - PARTY_WINDOW
    )
    detail = "您一个月内上传的附件合计不得超过 {limit} MB / you attach at most {limit} MB within a month"
    _check(work, of_party, BYTES_OF_PARTY, size_bytes, detail)


def _usernames(work: Work) -> Select[tuple[str]]:
    own = [
        column == value
        for column, value in (
            (accounts.c.practitioner_id, work.actor.practitioner_id),
            (accounts.c.institution_code, work.actor.institution_code),
        )
        if value is not None
    ]
    return select(accounts.c.username).where(or_(*own))


def _check(work: Work, which: ColumnElement[bool], limit: int, more: int, detail: str) -> None:
    used: int = work.conn.execute(
        select(func.coalesce(func.sum(attachments.c.size_bytes), 0)).where(which)
    ).scalar_one()
    if used + more > limit:
        sentence = detail.format(limit=limit // MEGABYTE)
        raise Conflict("attachments_full", sentence, limit_bytes=limit, used_bytes=used)
