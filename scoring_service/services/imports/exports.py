"""Exports that read back: what is on record, in the columns of the import of its kind.

Imported in the order of KINDS they fill an empty service: registry, cases, and what followed them. The present state
of the registry is told, of corrected rows the last; letters, appeals and what waits on desks stay behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from scoring_service.services.imports.case_columns import written_that_day
from scoring_service.services.imports.exported_cases import case_rows
from scoring_service.services.imports.exported_people import gives_numbers
from scoring_service.services.imports.exported_registry import (
    commitment_rows,
    institution_rows,
    practitioner_rows,
)
from scoring_service.services.imports.exported_remediation import remediation_rows
from scoring_service.services.imports.kinds import KINDS
from scoring_service.services.unit_of_work.transaction import Work
from scoring_service.terms import chinese
from scoring_service.workbooks.writing import Table

if TYPE_CHECKING:
    from scoring_service.services.imports.columns import Column
    from scoring_service.workbooks.writing import Value


EXPORTS: dict[str, Callable[[Work], Iterator[Any]]] = {
    "institutions": institution_rows,
    "practitioners": practitioner_rows,
    "commitments": commitment_rows,
    "cases": case_rows,
    "remediation": remediation_rows,
}
_WRITTEN: dict[str, Callable[[Any], Value]] = {"earlier_that_day": written_that_day}


def export(work: Work, kind: str) -> Table:
    """Return what is on record of a kind as a table whose rows are read while it is written; the export is on record.

    People without a code are named by identity number to administrators and the operator of the machine, to others
    by the service's id.
    """
    columns = KINDS[kind].columns
    work.audit(
        "export.read", object_kind="export", detail={"export_kind": kind, "identity_numbers": gives_numbers(work)}
    )
    return Table(
        name=chinese(KINDS[kind].title),
        headings=[column.heading for column in columns],
        rows=(_cells(columns, row) for row in EXPORTS[kind](work)),
    )


def _cells(columns: tuple[Column, ...], row: Any) -> list[Value]:
    return [_cell(column.name, getattr(row, column.name)) for column in columns]


def _cell(name: str, value: Any) -> Value:
    written = _WRITTEN.get(name)
    return value if written is None or value is None else written(value)
