"""What hangs on a file that is merged: cases, notices, appeals, applications and accounts go on with the other file.

Rows that may not change stay with the closed file and are read along (`db/merges.of_one_file`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, ColumnElement, Table, and_, func, literal, select, union_all, update

from scoring_service.core.procedure import ProposalState
from scoring_service.db.merges import COPY, IS_COPY, ORIGIN
from scoring_service.db.tables import (
    affiliations,
    appeals,
    eligibility_refusals,
    entries,
    ledger_heads,
    merges,
    metadata,
    notices,
    persons,
    practitioners,
    registrations,
    registry_corrections,
    remediation_applications,
    reregistrations,
    resumptions,
    standing_affiliations,
    standing_codes,
    standing_sanctions,
    standing_totals,
    standings,
)
from scoring_service.db.tables.appeals import OPEN as OPEN_APPEAL
from scoring_service.db.tables.schema import one_of
from scoring_service.problems import Conflict
from scoring_service.services.proposals.consent import OPEN as OPEN_APPLICATION
from scoring_service.terms import chinese, english

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Select

# The closed file itself, its cache, and what is written once.
STAYING = frozenset(
    {
        *(entries, ledger_heads, persons, registrations, affiliations),
        *(standings, standing_codes, standing_affiliations, standing_totals, standing_sanctions),
        *(eligibility_refusals, registry_corrections, merges, practitioners),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenMatter:
    """Something that waits and cannot go on with the one file."""

    kind: str
    id: str


_NOUNS = {
    "registry_correction": "登记更正 / registry correction",
    "resumption": "恢复申请 / resumption",
    "reregistration": "重新登记 / re-registration",
    "appeal": "对档案状态的申诉 / appeal against the state",
}


def open_matters(conn: Connection, merged: str, into: str) -> list[OpenMatter]:
    """Return what stands in the way: a correction of the merged file's rows, and what a person may have but one of."""
    waiting = conn.execute(union_all(*map(_of_kind, _OPEN)), {"people": [merged, into]}).all()
    holders = {(row.kind, row.person) for row in waiting}
    return [
        OpenMatter(kind=row.kind, id=row.id)
        for row in waiting
        if (row.kind == "registry_correction" and row.person == merged)
        or (row.kind != "registry_correction" and {(row.kind, merged), (row.kind, into)} <= holders)
    ]


_OPEN: tuple[tuple[str, Table, ColumnElement[bool]], ...] = (
    ("registry_correction", registry_corrections, registry_corrections.c.state == ProposalState.DRAFTED),
    ("resumption", resumptions, resumptions.c.state.in_(OPEN_APPLICATION)),
    ("reregistration", reregistrations, reregistrations.c.state == ProposalState.PROPOSED),
    ("appeal", appeals, and_(appeals.c.entry_id.is_(None), OPEN_APPEAL)),
)


def _of_kind(open_kind: tuple[str, Table, ColumnElement[bool]]) -> Select[tuple[str, str, str]]:
    kind, table, is_open = open_kind
    person: Column[str] = table.c.practitioner_id
    columns = (literal(kind).label("kind"), table.c.id, person.label("person"))
    return select(*columns).where(one_of(person, "people"), is_open)


def check_nothing_open(conn: Connection, merged: str, into: str) -> None:
    """Refuse a merge while something waits that cannot go on with the one file. Raises Conflict `matters_open`."""
    matters = open_matters(conn, merged, into)
    if not matters:
        return
    nouns = [_NOUNS[kind] for kind in sorted({matter.kind for matter in matters})]
    named, called = "、".join(map(chinese, nouns)), ", ".join(map(english, nouns))
    raise Conflict(
        "matters_open",
        f"请先办结未决事项再并档：{named} / decide on what is open first: {called}",
        matters=[{"kind": matter.kind, "id": matter.id} for matter in matters],
    )


def move_matters(conn: Connection, merged: str, into: str) -> None:
    """Let all that hangs on the merged file go on with the other, where the copies of its entries are by now."""
    for table in metadata.sorted_tables:
        if table in STAYING:
            continue
        for column in _referring(table, entries):
            moved = update(table).values({column: COPY.c.id}).where(column == ORIGIN.c.id, IS_COPY)
            conn.execute(moved.where(ORIGIN.c.practitioner_id == merged, COPY.c.practitioner_id == into))
        for column in _referring(table, practitioners):
            conn.execute(update(table).where(column == merged).values(_moved(table, column, into)))
    to_person = and_(notices.c.addressee_kind == "practitioner", notices.c.addressee_ref == merged)
    conn.execute(update(notices).where(to_person).values(addressee_ref=into))


def _moved(table: Table, column: Column[str], into: str) -> dict[Any, Any]:
    values: dict[Any, Any] = {column: into}
    if table is remediation_applications:
        values[table.c.merged_from] = func.coalesce(table.c.merged_from, column)
    return values


def _referring(table: Table, to: Table) -> Iterator[Column[str]]:
    """Return the columns of a table that name a file, or an entry."""
    return (
        column
        for column in table.columns
        if column.name != "merged_from" and any(key.column is to.c.id for key in column.foreign_keys)
    )
