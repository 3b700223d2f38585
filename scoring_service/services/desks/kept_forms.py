"""Forms that were sent and are seen again: a refused one with its faults, a question with its answer, half a draft.

Each lies under an opaque id that only its account can open, so that an address leads back to it and holds neither a
name nor a number. What was typed is kept encrypted, for a day; half a draft until it is finished or thrown away.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select, update

from scoring_service.db.clock_mark import SERVERS_CLOCK
from scoring_service.db.tables import kept_forms
from scoring_service.problems import Conflict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Row

    from scoring_service.services.unit_of_work.transaction import Work

ID_BYTES = 16
LONGEST_ID = 64
# Of one account's forms the newest that fit in here; half drafts count by their number.
MOST_BYTES = 20 * 1024 * 1024
MOST_UNFINISHED = 100
# A secret is typed again.
_NEVER_KEPT = frozenset({"csrf_token", "password", "current", "wanted", "again"})


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptForm:
    """What was sent: the `fields` in order; the `errors` by field, and the `refusal` (status, detail) of the rest.

    An `unfinished` one is half a draft, which waits until it is finished or thrown away.
    """

    fields: Sequence[tuple[str, str]]
    errors: Mapping[str, str] = field(default_factory=dict)
    refusal: tuple[int, str] | None = None
    unfinished: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished:
    """Half a draft: where it goes on, and what was typed so far."""

    id: str
    page: str
    fields: Mapping[str, str]
    kept_at: datetime


def keep(work: Work, page: str, form: KeptForm) -> str:
    """Keep a form that is seen again at the address `page`; return its id. Raises Conflict `too_many_unfinished`."""
    if form.unfinished:
        _check_room(work)
    kept_id = secrets.token_urlsafe(ID_BYTES)
    fields = [(name, value) for name, value in form.fields if name not in _NEVER_KEPT]
    content = {"fields": fields, "errors": dict(form.errors), "refusal": form.refusal}
    row = {
        "id": kept_id,
        "account_id": work.actor.account_id,
        "page": page,
        "sealed": work.service.identity_numbers.seal(json.dumps(content, ensure_ascii=False)),
        "unfinished": form.unfinished,
        "kept_at": SERVERS_CLOCK,
    }
    work.conn.execute(insert(kept_forms).values(row))
    _make_room(work)
    return kept_id


def find(work: Work, kept_id: str, page: str) -> KeptForm | None:
    """Return the actor's form that is seen at `page`; None when there is none, or no longer."""
    row = work.conn.execute(select(kept_forms).where(_own(work, kept_id), kept_forms.c.page == page)).one_or_none()
    return None if row is None else _opened(work, row)


def unfinished(work: Work) -> list[Unfinished]:
    """Return the actor's half drafts, the newest first."""
    query = select(kept_forms).where(_mine(work), kept_forms.c.unfinished).order_by(kept_forms.c.kept_at.desc())
    return [
        Unfinished(id=row.id, page=row.page, fields=dict(_opened(work, row).fields), kept_at=row.kept_at)
        for row in work.conn.execute(query)
    ]


def unfinished_at(work: Work, page: str) -> str | None:
    """Return the id of the actor's newest half draft that goes on at the address `page`."""
    mine = _mine(work) & kept_forms.c.unfinished & (kept_forms.c.page == page)
    newest = select(kept_forms.c.id).where(mine).order_by(kept_forms.c.kept_at.desc()).limit(1)
    return work.conn.execute(newest).scalar_one_or_none()


def finish(work: Work, kept_id: str) -> bool:
    """Let a half draft go: it was saved, kept anew or thrown away. Its address still leads to it for the day.

    Returns whether there was one.
    """
    values = {"unfinished": False, "kept_at": SERVERS_CLOCK}
    half = update(kept_forms).where(_own(work, kept_id), kept_forms.c.unfinished)
    return work.conn.execute(half.values(values)).rowcount > 0


def _opened(work: Work, row: Row[Any]) -> KeptForm:
    content = json.loads(work.service.identity_numbers.unseal(row.sealed))
    refusal = content["refusal"]
    return KeptForm(
        fields=[(name, value) for name, value in content["fields"]],
        errors=content["errors"],
        refusal=refusal and (refusal[0], refusal[1]),
        unfinished=row.unfinished,
    )


def _mine(work: Work) -> ColumnElement[bool]:
    return kept_forms.c.account_id == work.actor.account_id


def _own(work: Work, kept_id: str) -> ColumnElement[bool]:
    return _mine(work) & (kept_forms.c.id == kept_id[:LONGEST_ID])


def _check_room(work: Work) -> None:
    query = select(func.count()).where(_mine(work), kept_forms.c.unfinished)
    if work.conn.execute(query).scalar_one() >= MOST_UNFINISHED:
        raise Conflict(
            "too_many_unfinished",
            f"未完成的草稿已有 {MOST_UNFINISHED} 份，请先完成或删除一些 / "
            f"{MOST_UNFINISHED} unfinished drafts already: finish or delete some first",
        )


def _make_room(work: Work) -> None:
    """Delete the actor's oldest forms beyond the bytes that one account may keep."""
    columns = kept_forms.c
    newer = func.sum(func.octet_length(columns.sealed)).over(order_by=(columns.kept_at.desc(), columns.id))
    sizes = select(columns.id, newer.label("bytes")).where(_mine(work), ~columns.unfinished).subquery()
    beyond = select(sizes.c.id).where(sizes.c.bytes > MOST_BYTES)
    work.conn.execute(delete(kept_forms).where(columns.id.in_(beyond)))
