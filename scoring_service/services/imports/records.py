"""Imports as they are shown: state, progress, counts and faults."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select, true

from scoring_service.clock import real_now
from scoring_service.core.procedure import ImportState
from scoring_service.db.tables import imports
from scoring_service.identity import mask
from scoring_service.problems import NotFound
from scoring_service.services.imports.keeping import CellFaultRow, kept_faults
from scoring_service.services.imports.kind import Outcome
from scoring_service.services.unit_of_work.listing import Listing
from scoring_service.written import is_id

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, RowMapping, Select

    from scoring_service.services.unit_of_work.transaction import Work

NOUN = "导入 / import"
MOST_FAULTS_SHOWN = 1000


AT_WORK = frozenset({ImportState.WAITING, ImportState.CHECKING, ImportState.WRITING})


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportSummary:
    """An import without its faults. While its file is being read `rows` is None; `ended`: people that a file left out.

    `rows_done`, `rows_per_second` and `seconds_left` are those of the present phase: reading, checking, writing.
    """

    id: str
    kind: str
    state: ImportState
    dry_run: bool
    filename: str
    options: Mapping[str, str]
    rows: int | None
    rows_done: int
    rows_per_second: int | None
    seconds_left: int | None
    created: int
    changed: int
    left: int
    refused: int
    ended: int
    errors_total: int
    error: str | None
    uploaded_by: str
    committed_by: str | None
    created_at: datetime
    finished_at: datetime | None
    cleared_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Import(ImportSummary):
    """An import with the first MOST_FAULTS_SHOWN of its faults, and its warnings, at their cells."""

    errors: tuple[CellFaultRow, ...] = field(default=())
    warnings: tuple[CellFaultRow, ...] = field(default=())


def read_import(work: Work, import_id: str) -> Import:
    """Return an import with its faults. Raises NotFound, also for what lies outside the actor's sight."""
    row = require_import(work, import_id)
    faults = _faults(work, row)
    return Import(
        **_members(row),
        errors=tuple(fault for fault in faults if not fault.warning)[:MOST_FAULTS_SHOWN],
        warnings=tuple(fault for fault in faults if fault.warning)[:MOST_FAULTS_SHOWN],
    )


def listing(work: Work) -> Listing[ImportSummary]:
    """Return the imports that the actor may see, the latest first."""
    return Listing(
        query=select(imports).where(_seen(work)),
        keys=(imports.c.created_at, imports.c.id),
        show=lambda row: ImportSummary(**_members(row)),
    )


def require_import(work: Work, import_id: str) -> RowMapping:
    """Return the row of an import that the actor may see. Raises NotFound."""
    return _row(work, import_id, select(imports))


def hold_import(work: Work, import_id: str) -> RowMapping:
    """Return the row of an import that the actor may see, locked. Raises NotFound."""
    return _row(work, import_id, select(imports).with_for_update())


def _row(work: Work, import_id: str, query: Select[Any]) -> RowMapping:
    row = None
    if is_id(import_id):
        mine = query.where(imports.c.id == import_id, _seen(work))
        row = work.conn.execute(mine).mappings().one_or_none()
    if row is None:
        raise NotFound(NOUN)
    return row


def _seen(work: Work) -> ColumnElement[bool]:
    """An office sees the files of its region, and one that is bound to none all of them."""
    region = work.actor.region
    if region is None:
        return true()
    mine = imports.c.uploaded_account == work.actor.account_id
    return or_(mine, imports.c.region.startswith(region))


def _members(row: RowMapping) -> dict[str, Any]:
    state = ImportState(row["state"])
    speed, left = _speed(row) if state in AT_WORK else (None, None)
    counts = {outcome.value: row["counts"].get(outcome.value, 0) for outcome in Outcome}
    return {name: row[name] for name in _AS_KEPT} | counts | {
        "state": state,
        "ended": row["counts"].get("ended", 0),
        "rows_per_second": speed,
        "seconds_left": left,
    }


_COUNTED = {*(outcome.value for outcome in Outcome), "ended", "state", "rows_per_second", "seconds_left"}
_AS_KEPT = tuple(each.name for each in fields(ImportSummary) if each.name not in _COUNTED)


def _speed(row: RowMapping) -> tuple[int | None, int | None]:
    """Return the rows a second of the present phase, and the seconds that are left of it."""
    passed = (real_now() - row["began_at"]).total_seconds() if row["began_at"] else 0
    if passed <= 0 or not row["rows_done"]:
        return None, None
    speed = row["rows_done"] / passed
    left = None if row["rows"] is None else round((row["rows"] - row["rows_done"]) / speed)
    return round(speed), left


def every_fault(work: Work, import_id: str) -> list[CellFaultRow]:
    """Return all faults and warnings that are kept of an import. Raises NotFound."""
    return _faults(work, require_import(work, import_id))


def _faults(work: Work, row: RowMapping) -> list[CellFaultRow]:
    """Return the faults with identity numbers masked (contract.md): the file itself tells them whole."""
    kept = kept_faults(work.conn, work.service.identity_numbers, row["id"])
    columns = {sheet: {letters: name for name, letters in named.items()} for sheet, named in row["headings"].items()}
    names = [columns.get(each.sheet, {}).get(each.column or "") for each in kept]
    return [replace(each, value=_masked(each.value, name)) for each, name in zip(kept, names, strict=True)]


def _masked(value: str, column: str | None) -> str:
    """Return what stands in a cell, an identity number in it masked: of a column of such numbers, or by its length."""
    is_number = column in NUMBER_COLUMNS and _DIGIT.search(value) and not _CODE.fullmatch(value)
    return mask(value) if is_number else _NUMBER.sub(lambda number: mask(number[0]), value)


# Columns that may hold an identity number of whatever kind, however misspelt; one of them takes codes too.
NUMBER_COLUMNS = frozenset({"id_number", "practitioner"})
_DIGIT = re.compile(r"[0-9]")
_CODE = re.compile(r"(?:D|N|HY|HJ)[0-9]{0,12}", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]{14,}[0-9Xx]")
