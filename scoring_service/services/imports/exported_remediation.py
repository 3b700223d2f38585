"""Credits, resumptions and new starts as their file has them, and the applications that wait for a decision."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from scoring_service.core.entries import EntryKind
from scoring_service.core.procedure import ApplicationState, ProposalState
from scoring_service.db.tables import (
    entries,
    practitioners,
    remediation_applications,
    reregistrations,
    resumptions,
)
from scoring_service.services.imports.exported_people import ExportedPerson, exported_people
from scoring_service.services.imports.remediation import KINDS_OF_ROW, NAMES, RemediationRow
from scoring_service.services.unit_of_work.sight import practitioner_filter
from scoring_service.terms import BASES, chinese

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import RowMapping, Table

    from scoring_service.services.unit_of_work.transaction import Work

PEOPLE_AT_ONCE = 500
_KIND = {kind: name for name, kind in KINDS_OF_ROW.items()}
_TABLES = (remediation_applications, resumptions, reregistrations)
_WAITING = (ApplicationState.FILED, ApplicationState.CONSENTED, ProposalState.PROPOSED)
_AMOUNT = {EntryKind.POINTS_CREDIT: "points", EntryKind.TERM_CREDIT: "days", EntryKind.RESUMPTION: "late_days"}


def remediation_rows(work: Work) -> Iterator[RemediationRow]:
    """Return the rows person by person, each one's in the order of the ledger, what is open after them."""
    people = _people(work)
    for first in range(0, len(people), PEOPLE_AT_ONCE):
        yield from _rows_of(work, people[first : first + PEOPLE_AT_ONCE])


def _people(work: Work) -> list[str]:
    concerned = [select(entries.c.practitioner_id).where(entries.c.kind.in_(_KIND))]
    concerned += [select(table.c.practitioner_id).where(table.c.state.in_(_WAITING)) for table in _TABLES]
    query = select(practitioners.c.id).where(
        practitioners.c.id.in_(concerned[0].union(*concerned[1:])),
        practitioners.c.merged_into.is_(None),
        practitioner_filter(work),
    )
    return list(work.conn.execute(query.order_by(practitioners.c.code, practitioners.c.id)).scalars())


def _rows_of(work: Work, people: Sequence[str]) -> Iterator[RemediationRow]:
    named = exported_people(work, people)
    applications = {
        row["entry_id"]: row for table in _TABLES for row in _applications(work, table, people, is_open=False)
    }
    open_ones: dict[str, list[RemediationRow]] = defaultdict(list)
    for table in _TABLES:
        for row in _applications(work, table, people, is_open=True):
            open_ones[row["practitioner_id"]].append(_open_row(table, row, named[row["practitioner_id"]]))
    posted, corrections = defaultdict(list), {}
    query = select(entries).where(entries.c.practitioner_id.in_(people)).order_by(entries.c.seq)
    for entry in work.conn.execute(query).mappings():
        if entry["kind"] == EntryKind.CORRECTION:
            corrections[entry["target_id"]] = entry
        elif entry["kind"] in _KIND:
            posted[entry["practitioner_id"]].append(entry)
    for person in people:
        for entry in posted[person]:
            yield _row(entry, named[person], applications.get(entry["id"]), corrections.get(entry["id"]))
        yield from open_ones[person]


def _applications(work: Work, table: Table, people: Sequence[str], *, is_open: bool) -> Sequence[RowMapping]:
    state = table.c.state.in_(_WAITING) if is_open else table.c.entry_id.is_not(None)
    query = select(table).where(table.c.practitioner_id.in_(people), state).order_by(table.c.recorded_at, table.c.id)
    return work.conn.execute(query).mappings().all()


def _row(
    entry: RowMapping, person: ExportedPerson, application: RowMapping | None, corrected: RowMapping | None
) -> RemediationRow:
    kept: Mapping[str, Any] = dict(application or {})
    amount = _AMOUNT.get(EntryKind(entry["kind"]))
    return _empty(
        kind=chinese(NAMES[_KIND[entry["kind"]]]),
        practitioner=person.ref,
        name=person.name,
        activity=kept.get("activity"),
        completed_on=kept.get("completed_on"),
        amount=entry[amount] if amount else None,
        effective_on=entry["effective_on"],
        filed_on=kept.get("filed_on"),
        statement=kept.get("evidence") or kept.get("statement"),
        corrected_to=corrected["value"] if corrected else None,
        corrected_on=corrected["effective_on"] if corrected else None,
        corrected_basis=chinese(BASES[corrected["basis"]]) if corrected else None,
        corrected_document_no=corrected["document_no"] if corrected else None,
    )


def _open_row(table: Table, row: RowMapping, person: ExportedPerson) -> RemediationRow:
    if table is remediation_applications:
        own = {"kind": row["effect"], "statement": row["evidence"]}
        own |= {name: row[name] for name in ("activity", "completed_on")}
    elif table is resumptions:
        own = {"kind": "resumption", "statement": row["statement"]}
    else:
        place = row["affiliations"][0]["institution"] if row["affiliations"] else None
        own = {"kind": "reregistration", "institution": place, "starts_on": row["proposed_on"]}
        own |= {name: row[name] for name in ("statement", "commitment_signed_on")}
    return _empty(**own | {"kind": chinese(NAMES[own["kind"]]), "practitioner": person.ref, "name": person.name})


def _empty(**values: Any) -> RemediationRow:
    return RemediationRow(**dict.fromkeys(_MEMBERS) | values)


_MEMBERS = tuple(RemediationRow.__dataclass_fields__)
