"""Commitments: a row a person who has signed the letter that was missing (P21)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from scoring_service.db.ledger import lock_files
from scoring_service.services.imports import practitioners
from scoring_service.services.imports.columns import Column
from scoring_service.services.imports.kind import ImportKind, Judged, Outcome, RowFault, counted, refused
from scoring_service.services.imports.people import OnRecord, PersonRows, people_of, read_on_record
from scoring_service.services.registry.changes import FileChange, write_changes
from scoring_service.services.registry.persons import running_registration
from scoring_service.written import as_searched

if TYPE_CHECKING:
    from scoring_service.services.imports.kind import Counts, Options, StagedRow
    from scoring_service.services.unit_of_work.transaction import Work

PERSONAL = ("code", "id_number", "name", "commitment_signed_on")


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentRow:
    """A row: the person by code or identity number, the name to compare, the day of the signature."""

    code: str | None = None
    id_number: str | None = None
    name: str | None = None
    commitment_signed_on: date | None = None


def _columns() -> tuple[Column, ...]:
    named = {column.name: column for column in practitioners.COLUMNS}
    signed = replace(named["commitment_signed_on"], required=True, explanation="签署日 / the day of the signature")
    compared = replace(named["name"], required=False, explanation="填写时与在册姓名核对 / compared with the record")
    return (named["code"], named["id_number"], compared, signed)


def judge(work: Work, rows: Sequence[StagedRow], _options: Options) -> list[Judged]:
    """Tell for each row whether its letter is added, there already, or refused."""
    people = people_of(rows, PERSONAL)
    on_record = read_on_record(work, people)
    judged = {
        (row.sheet, row.number): each
        for person in people
        for row, each in zip(person.rows, _judged(work, on_record, person), strict=True)
    }
    return [judged[row.sheet, row.number] for row in rows]


def _judged(work: Work, on_record: OnRecord, person: PersonRows) -> list[Judged]:
    first, *later = person.rows
    judged = [_first(work, on_record, person)]
    for row in later:
        same = row.values.commitment_signed_on == first.values.commitment_signed_on
        detail = f"与第 {first.number} 行同一人一致 / as in row {first.number}, of the same person"
        fault = RowFault(column="commitment_signed_on", expected=detail)
        judged.append(Judged(outcome=Outcome.LEFT) if same else refused(fault))
    return judged


def _first(work: Work, on_record: OnRecord, person: PersonRows) -> Judged:
    code, number, signed_on = (person.values[name] for name in ("code", "id_number", "commitment_signed_on"))
    ids = on_record.ids(code, number)
    if len(ids) != 1:
        column = "code" if code is not None or number is None else "id_number"
        return refused(RowFault(column=column, expected=_NOBODY))
    known = on_record.people[ids[0]]
    if known.is_own_file:
        return refused(RowFault(column="code", expected="不得办理本人的档案 / not your own file"))
    regions = {each.region for each in known.spans.affiliations}
    if work.actor.region is not None and not any(map(work.actor.sees_region, regions)):
        return refused(RowFault(column="code", expected="您管辖范围内的人员 / a person of your region"))
    name = person.values["name"]
    if name is not None and as_searched(name) != as_searched(known.spans.persons[-1].name):
        return refused(RowFault(column="name", expected="与在册姓名一致 / the name on record"))
    running = running_registration(work, known.spans)
    if running is None:
        return refused(RowFault(column="code", expected="在册登记的人员 / a person who is registered at present"))
    if signed_on is None or running.commitment_signed_on == signed_on:
        return Judged(outcome=Outcome.LEFT)
    if running.commitment_signed_on is not None:
        detail = f"承诺书已于 {running.commitment_signed_on} 签署 / it was signed on {running.commitment_signed_on}"
        return refused(RowFault(column="commitment_signed_on", expected=detail))
    if signed_on > work.today:
        return refused(RowFault(column="commitment_signed_on", expected="不晚于今日 / not after today"))
    return Judged(outcome=Outcome.CHANGED)


_NOBODY = "一名在册人员的代码或证件号 / the code or number of one person on record"


def write(work: Work, rows: Sequence[StagedRow], options: Options) -> Counts:
    """Add the letters that are missing."""
    people = people_of(rows, PERSONAL)
    on_record = read_on_record(work, people)
    files = lock_files(work.conn, on_record.people)
    judged = judge(work, rows, options)
    counts = counted(judged)
    if counts[Outcome.REFUSED]:
        return counts
    changed = [row for row, each in zip(rows, judged, strict=True) if each.outcome is Outcome.CHANGED]
    changes = {
        on_record.ids(row.values.code, row.values.id_number)[0]: FileChange(
            registration={"commitment_signed_on": row.values.commitment_signed_on}
        )
        for row in changed
    }
    if changes:
        write_changes(work, files, changes, "practitioner.commitment_added")
    return counts


COMMITMENTS = ImportKind(
    name="commitments",
    title="承诺书 / Commitments",
    columns=_columns(),
    record=CommitmentRow,
    judge=judge,
    write=write,
    uploads=frozenset({"office.admin"}),
    keys=practitioners.keys_of,
    chunk_rows=1000,
)
