"""One chunk in one transaction: judged in the check, judged again and written afterwards."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from scoring_service.db.tables import imports
from scoring_service.problems import Conflict
from scoring_service.services.imports import keeping
from scoring_service.services.imports.keeping import CellFaultRow, Chunks
from scoring_service.services.imports.kind import UPLOADED_BY, Counts, Judged, Outcome, counted, refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import RowMapping

    from scoring_service.services.imports.kind import ImportKind, Prepared, StagedRow
    from scoring_service.services.unit_of_work.transaction import Work


def check_chunk(work: Work, import_id: str, kind: ImportKind, position: int) -> None:
    """Judge the rows of a chunk and note what would become of them, on the import's row and as faults."""
    row = _row(work, import_id)
    rows = Chunks(work.service.identity_numbers, import_id, kind).read(work.conn, position)
    judged = [
        refused(*each.faults) if staged.unread else each
        for staged, each in zip(rows, kind.judge(work, rows, row["options"]), strict=True)
    ]
    faults = list(_at_cells(kind, rows, judged, row["headings"]))
    errors = keeping.keep_faults(work.conn, work.service.identity_numbers, import_id, faults)
    _step(work, row, len(rows), counted(judged), errors)


def prepare_chunk(work: Work, import_id: str, kind: ImportKind, position: int) -> Prepared | None:
    """Work a chunk out before its transaction; None where nothing can be told before it."""
    if kind.prepare is None:
        return None
    return kind.prepare(work, Chunks(work.service.identity_numbers, import_id, kind).read(work.conn, position))


def write_chunk(work: Work, import_id: str, kind: ImportKind, position: int, prepared: Prepared | None = None) -> None:
    """Write the rows of a chunk. Raises Conflict `registry_changed` when one is refused that was not in the check."""
    row = _row(work, import_id)
    if prepared is not None:
        counts = prepared(work)
    else:
        rows = Chunks(work.service.identity_numbers, import_id, kind).read(work.conn, position)
        counts = kind.write(work, rows, _options(row))
        if counts[Outcome.REFUSED]:
            raise _changed(rows[0].number)
    _step(work, row, counts.total(), counts, 0)


def _changed(number: int) -> Conflict:
    return Conflict(
        "registry_changed",
        f"检查之后有人更改了登记，自第 {number} 行起未写入；请重新导入同一文件，已写入的行不会重复 / the registry was "
        f"changed after the check: from row {number} on nothing was written; import the same file again, what was "
        "written is left as it is",
    )


def finish(work: Work, import_id: str, kind: ImportKind, *, write: bool) -> Counts:
    """Return what is counted, and with `write` done, once all chunks are through. Raises as the kind does."""
    row = _row(work, import_id)
    if kind.finish is None or row["errors_total"]:
        return Counts()
    read = Chunks(work.service.identity_numbers, import_id, kind).read
    chunks = (read(work.conn, position) for position in range(row["chunks"]))
    return kind.finish(work, chunks, row["options"], write=write)


def _options(row: RowMapping) -> dict[str, str]:
    """Return what was asked of an import, and who brought it where an account did."""
    uploader = row["uploaded_account"]
    options: dict[str, str] = row["options"]
    return options | ({UPLOADED_BY: uploader} if uploader else {})


def _row(work: Work, import_id: str) -> RowMapping:
    return work.conn.execute(select(imports).where(imports.c.id == import_id)).mappings().one()


def _step(work: Work, row: RowMapping, rows: int, counts: Counts, errors: int) -> None:
    values = {
        "cursor": row["cursor"] + 1,
        "rows_done": row["rows_done"] + rows,
        "counts": dict(Counter(row["counts"]) + counts),
        "errors_total": row["errors_total"] + errors,
    }
    work.conn.execute(update(imports).where(imports.c.id == row["id"]).values(values))


def _at_cells(
    kind: ImportKind, rows: Sequence[StagedRow], judged: Sequence[Judged], headings: Mapping[str, Mapping[str, str]]
) -> Iterator[CellFaultRow]:
    of_kind = {column.name: column for column in kind.columns}
    for staged, each in zip(rows, judged, strict=True):
        letters = headings.get(staged.sheet, {})
        for fault, warning in [(fault, False) for fault in each.faults] + [(fault, True) for fault in each.warnings]:
            letter = letters.get(fault.column or "")
            lacking = of_kind.get(fault.column or "") if letter is None else None
            yield CellFaultRow(
                sheet=staged.sheet,
                row=staged.number,
                column=letter,
                value=staged.shown(fault.column),
                expected=fault.expected if lacking is None else lacking.said(fault.expected),
                warning=warning,
            )
