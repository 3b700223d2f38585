"""What a transaction puts on record at its end: deeds and changes, and the statements that write and number them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import UUID, BigInteger, bindparam, cast, column, func, insert, select, true, update
from sqlalchemy.dialects.postgresql import JSONB

from scoring_service.db.tables import audit_log, events, events_head

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from scoring_service.db.tables.schema import Columns
    from scoring_service.json_values import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """An act or a look that is to be put on record, and of what it is one."""

    action: str
    object_kind: str | None
    object_id: str | None
    practitioner_id: str | None
    case_id: str | None
    institution_code: str | None
    detail: JsonObject | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change that is to be announced as an event."""

    kind: str
    practitioner_id: str | None
    institution_code: str | None
    region: str | None
    detail: JsonObject


def columns_of(record: Deed | Change) -> Columns:
    """Return a deed or a change by its columns."""
    return {name: getattr(record, name) for name in record.__slots__}


_HEAD = (
    update(events_head)
    .values(number=events_head.c.number + bindparam("count", type_=BigInteger))
    .returning(events_head.c.number)
    .cte("head")
)
_CHANGES = (
    func.jsonb_array_elements(bindparam("changes", type_=JSONB))
    .table_valued(column("value", JSONB), with_ordinality="position", name="change")
    .render_derived()
)
# One statement numbers the changes and writes them, so that the head's row is held for one round trip.
NUMBERED = insert(events).from_select(
    ["number", "recorded_at", "kind", "practitioner_id", "institution_code", "region", "detail"],
    select(
        _HEAD.c.number - bindparam("count", type_=BigInteger) + _CHANGES.c.position,
        bindparam("recorded_at", type_=events.c.recorded_at.type),
        _CHANGES.c.value["kind"].astext,
        cast(_CHANGES.c.value["practitioner_id"].astext, UUID),
        _CHANGES.c.value["institution_code"].astext,
        _CHANGES.c.value["region"].astext,
        _CHANGES.c.value["detail"],
    ).select_from(_HEAD.join(_CHANGES, true())),
)


def _of_deed(name: str) -> ColumnElement[Any]:
    value, kind = _DEED.c.value[name], audit_log.c[name].type
    return func.nullif(value, cast("null", JSONB)) if isinstance(kind, JSONB) else cast(value.astext, kind)


_DEED = (
    func.jsonb_array_elements(bindparam("deeds", type_=JSONB))
    .table_valued(column("value", JSONB), with_ordinality="position", name="deed")
    .render_derived()
)
_ACTED = ("at", "account_id", "username", "staff_no", "role", "request_id")
_DONE = [field.name for field in fields(Deed)]
# A few deeds are written by the statement that numbers the events: one round trip less under every file's lock.
RECORDED_AND_NUMBERED = NUMBERED.add_cte(
    insert(audit_log)
    .from_select(
        [*_ACTED, *_DONE],
        select(
            *(bindparam(name, type_=audit_log.c[name].type) for name in _ACTED),
            *(_of_deed(name) for name in _DONE),
        ).order_by(_DEED.c.position),
    )
    .cte("recorded")
)
