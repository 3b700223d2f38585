"""What people take along of an import: the template of a kind, and their own file with comments on its cells."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from scoring_service.problems import NotFound, TooLarge
from scoring_service.services.imports import keeping
from scoring_service.services.imports.records import NOUN, every_fault, require_import
from scoring_service.workbooks.commented import Labels, Note, UncommentedFile, write_commented
from scoring_service.workbooks.writing import Form, Table, chunks

if TYPE_CHECKING:
    from scoring_service.services.imports.kind import ImportKind
    from scoring_service.services.unit_of_work.transaction import Work

# One side of a text in both languages (`中文 / English`).
Side: TypeAlias = Callable[[str], str]

_EXPLAINED = (
    "列 / Column",
    "是否必填 / Required",
    "示例 / Example",
    "说明 / Explanation",
    "也认这些表头 / Other headings that are read",
)
_LISTED = ("工作表 / Sheet", "行 / Row", "列 / Column", "现有内容 / What stands there", "应为 / What is expected")


def template(kind: ImportKind, form: Form, side: Side) -> Iterator[bytes]:
    """Return the template of a kind in pieces: its headings and, as XLSX, a second sheet that explains each column."""
    tables = [Table(name=side(kind.title), headings=[column.heading for column in kind.columns], rows=[])]
    if form is Form.XLSX:
        explained = [
            # The name stands behind the heading, so that nobody reads this line as headings.
            [
                f"{column.heading}（{column.name}）",
                side("必填 / required") if column.required else side("选填 / optional"),
                column.example,
                side(column.explanation),
                "、".join(column.aliases),
            ]
            for column in kind.columns
        ]
        tables.append(
            Table(name=side("填写说明 / How to fill in"), headings=[side(each) for each in _EXPLAINED], rows=explained)
        )
    return chunks(form, tables)


def commented_copy(work: Work, import_id: str, side: Side) -> bytes:
    """Return the file of an import as XLSX, with a comment on each cell in which something is wrong.

    Raises NotFound, also when the file was cleared, and TooLarge when it is too large for a copy.
    """
    row = require_import(work, import_id)
    if row["cleared_at"] is not None:
        raise NotFound(NOUN)
    notes = [
        Note(sheet=fault.sheet, row=fault.row, column=fault.column, value=fault.value, expected=side(fault.expected))
        for fault in every_fault(work, import_id)
    ]
    first, second, third, fourth, fifth = (side(each) for each in _LISTED)
    labels = Labels(
        title=side("检查结果 / Results"),
        headings=(first, second, third, fourth, fifth),
        unlisted=side("其余未列出，请先改正以上各处 / the others are not listed; mend these first"),
    )
    with (
        keeping.kept_file(work.conn, work.service.identity_numbers, import_id) as source,
        tempfile.TemporaryDirectory(prefix="scoring-import-") as folder,
    ):
        target = Path(folder) / "commented.xlsx"
        try:
            write_commented(source, row["filename"], target, notes, labels)
        except UncommentedFile:
            raise _too_large() from None
        return target.read_bytes()


def _too_large() -> TooLarge:
    detail = "文件过大，无法加注；请看页面上的列表 / the file is too large for comments: see the list"
    return TooLarge("copy_too_large", detail)
