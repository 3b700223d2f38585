"""Drafts of rulebooks: proposed with a file, listed and read. A draft is named by its rulebook and its number there."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, true

from scoring_service.core.procedure import DraftState
from scoring_service.db.locks import Lock, hold
from scoring_service.db.tables import rulebook_drafts as table
from scoring_service.law.adopting import digest_of
from scoring_service.problems import Conflict, Forbidden, Invalid, NotFound, TooLarge
from scoring_service.services.proposals import proposal
from scoring_service.services.proposals.proposal import Hands, Kind
from scoring_service.services.rulebooks.checking import (
    FILE,
    Checked,
    check_against,
    check_file,
    require_rulebook,
)
from scoring_service.services.unit_of_work.attachments import check_file_name
from scoring_service.terms import DRAFT_STATES

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy import ColumnElement, RowMapping

    from scoring_service.services.unit_of_work.listing import Listing
    from scoring_service.services.unit_of_work.transaction import Work

LARGEST_BYTES = 1024 * 1024
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A file proposed for a rulebook, the `n`th of it; `begins_on` is the first day on which it says something else.

    An approved one is in force from that day on, known from `decided_at` on. `content` is the file as it was sent.
    """

    id: str
    rulebook: str
    n: int
    version: int
    state: str
    begins_on: date
    filename: str
    sha256: str
    hands: Hands
    recorded_at: datetime
    decided_at: datetime | None
    rejected_because: str | None
    content: bytes
    recorded_by_account: str | None
    recorded_staff_no: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDraft:
    """A draft with what it changes of the law in force, or did when it was decided; else why it cannot be adopted."""

    draft: Draft
    checked: Checked | None
    fault: str | None


def _show(_work: Work, row: RowMapping) -> Draft:
    plain = ("id", "n", "version", "state", "begins_on", "filename", "sha256", "recorded_at", "decided_at")
    return Draft(
        rulebook=row["rulebook_id"],
        hands=Hands(recorded_by=row["recorded_by"], decided_by=row["decided_by"]),
        rejected_because=row["rejected_because"],
        content=row["content"].encode(),
        recorded_by_account=row["recorded_by_account"],
        recorded_staff_no=row["recorded_staff_no"],
        **{name: row[name] for name in plain},
    )


def _check_touches(work: Work, row: RowMapping) -> None:
    check_touches_rulebook(work, row["rulebook_id"])


def _everybody(_work: Work) -> ColumnElement[bool]:
    return true()


DRAFT: Kind[Draft] = Kind(
    table=table,
    name="rulebook_draft",
    noun="规则草案 / draft",
    waiting=DraftState.PROPOSED,
    after=(DraftState.APPROVED, DraftState.REJECTED, DraftState.WITHDRAWN),
    terms=DRAFT_STATES,
    show=_show,
    check_touches=_check_touches,
    visible=_everybody,
    audited=("rulebook_id", "n"),
    people=(),
)


def check_touches_rulebook(work: Work, rulebook_id: str) -> None:
    """Refuse an act on a rulebook of more than the actor's region. Raises NotFound, Forbidden `outside_region`."""
    require_rulebook(work.rulebooks, rulebook_id)
    region = work.actor.region
    files = [work.rulebooks.file(each) for each in work.rulebooks.family(rulebook_id)]
    reached = [division for file in files for division in file.divisions]
    within = all(file.divisions for file in files) and all(each.startswith(region or "") for each in reached)
    if region is not None and not within:
        detail = "该规则适用于您管辖以外的地区 / the rulebook reaches beyond your region"
        raise Forbidden("outside_region", detail)


def may_touch(work: Work, rulebook_id: str) -> bool:
    """Tell whether a rulebook is the actor's to change, as far as their region goes. Raises NotFound."""
    try:
        check_touches_rulebook(work, rulebook_id)
    except Forbidden:
        return False
    return True


def propose(work: Work, rulebook_id: str, *, filename: str, content: bytes) -> ReadDraft:
    """Propose a file for adoption by another person; return the draft with what it changes.

    Raises NotFound, Forbidden `outside_region`, TooLarge, Invalid as `check_file` and for a file name, Conflict
    `draft_exists` where another file for that day waits, or is adopted and has not begun.
    """
    check_touches_rulebook(work, rulebook_id)
    check_file_name(filename)
    if len(content) > LARGEST_BYTES:
        raise TooLarge("rulebook_too_large", "规则文件不得超过 1 MB / a rulebook has at most 1 MB")
    checked = check_file(work, rulebook_id, content)
    hold(work.conn, Lock.LAW, rulebook_id)
    check_alone(work, rulebook_id, checked.begins_on)
    last = select(func.coalesce(func.max(table.c.n), 0)).where(table.c.rulebook_id == rulebook_id)
    columns: dict[str, Any] = {
        "rulebook_id": rulebook_id,
        "n": work.conn.execute(last).scalar_one() + 1,
        "begins_on": checked.begins_on,
        "filename": filename,
        "content": _text(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "shown_sha256": digest_of(checked.differences),
    }
    draft = proposal.propose(work, DRAFT, None, "proposed", **columns)
    return ReadDraft(draft=draft, checked=checked, fault=None)


def _text(content: bytes) -> str:
    text = content.decode()
    if "\0" in text:
        raise Invalid(
            FILE,
            "文件含有无法保存的字符 / the file holds characters that cannot be stored",
            "rulebook_faulty",
        )
    return text


def check_alone(work: Work, rulebook_id: str, begins_on: date, *, but: str | None = None) -> None:
    """Refuse a second file for one rulebook and day while the first waits, or has not begun. Raises Conflict."""
    query = select(table.c.n, table.c.state).where(
        table.c.rulebook_id == rulebook_id,
        table.c.begins_on == begins_on,
        table.c.state.in_((DraftState.PROPOSED, DraftState.APPROVED)),
    )
    if but is not None:
        query = query.where(table.c.id != but)
    other = work.conn.execute(query.limit(1)).one_or_none()
    if other is not None:
        raise Conflict(
            "draft_exists",
            f"{begins_on} 已有第 {other.n} 号草案待决定或已采纳 / "
            f"draft {other.n} for {begins_on} waits for its decision or is adopted already",
            n=other.n,
        )


def require(work: Work, rulebook_id: str, n: str) -> RowMapping:
    """Return the row of a draft. Raises NotFound."""
    number = int(n) if n.isdecimal() and len(n) < len("1000000") else 0
    query = select(table).where(table.c.rulebook_id == rulebook_id, table.c.n == number)
    row = work.conn.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFound(DRAFT.noun)
    return row


def read(work: Work, rulebook_id: str, n: str) -> Draft:
    """Return a draft. Raises NotFound."""
    return _show(work, require(work, rulebook_id, n))


def read_checked(work: Work, rulebook_id: str, n: str) -> ReadDraft:
    """Return a draft with what it changes: by the law in force now, of a decided one by that before its decision.

    Raises NotFound.
    """
    draft = read(work, rulebook_id, n)
    law, today = work.rulebooks, work.today
    if draft.decided_at is not None:
        law, today = work.rulebooks_known_at(draft.decided_at - _MOMENT), draft.decided_at.date()
    try:
        checked = check_against(work, law, rulebook_id, draft.content, today)
    except (Invalid, NotFound) as refused:
        return ReadDraft(draft=draft, checked=None, fault=refused.detail)
    return ReadDraft(draft=draft, checked=checked, fault=None)


def listing(work: Work, rulebook_id: str | None = None, *, state: str | None = None) -> Listing[Draft]:
    """Return the list of drafts, of one rulebook or all. Raises NotFound for an unknown rulebook."""
    listed = proposal.listing(work, DRAFT, state=state)
    if rulebook_id is None:
        return listed
    require_rulebook(work.rulebooks, rulebook_id)
    return replace(listed, query=listed.query.where(table.c.rulebook_id == rulebook_id))
