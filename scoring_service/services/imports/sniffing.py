"""Whether a file can be read at all, told while whoever brought it waits; of a large one by its worker later."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from scoring_service.problems import Invalid
from scoring_service.workbooks.reading import read_workbook
from scoring_service.workbooks.sheets import Unreadable, UnreadableFile

if TYPE_CHECKING:
    from collections.abc import Mapping

# A larger one takes seconds to open.
QUICKLY_OPENED_BYTES = 2 * 1024 * 1024

_SENTENCES: Mapping[Unreadable, str] = {
    Unreadable.NOT_A_TABLE: (
        "这不是表格文件，请提供 XLSX、XLS、ODS 或 CSV / this is no table: send XLSX, XLS, ODS or CSV"
    ),
    Unreadable.DAMAGED: "文件已损坏，请重新保存后再试 / the file is damaged: save it anew",
    Unreadable.ENCRYPTED: "文件有密码，请去掉密码后再试 / the file has a password: take it off",
    Unreadable.MACROS: "文件含有宏，请另存为不含宏的 XLSX / the file has macros: save it as XLSX without them",
    Unreadable.EMPTY: "文件中没有数据行 / the file has no rows",
    Unreadable.TOO_LARGE: "文件解开后过大，请分成几个文件 / unpacked the file is too large: part it",
    Unreadable.TOO_MANY_ROWS: "最多一百万行，请分成几个文件 / at most 1,000,000 rows: part the file",
    Unreadable.ENCODING: (
        "无法识别文字编码，请以 UTF-8 或 GB18030 保存 / the encoding is unknown: save it as UTF-8 or GB18030"
    ),
    Unreadable.QUOTES: "引号不成对或单元格过长，请改正 / a quotation mark is not closed, or a cell is too long",
    Unreadable.CONTROL_CHARACTERS: "含有控制字符，请删去 / the text holds a control character: take it out",
}


def sentence_of(fault: UnreadableFile) -> str:
    """Return why a file is not read, for whoever brought it."""
    if fault.row is None:
        return _SENTENCES[fault.reason]
    chinese, _, english = _SENTENCES[fault.reason].partition(" / ")
    return f"第 {fault.row} 行：{chinese} / line {fault.row}: {english}"


def refusal_of(fault: UnreadableFile) -> Invalid:
    """Return the refusal of a file that is not read; its code is `unreadable_file`."""
    refusal = Invalid("/file", sentence_of(fault), code="unreadable_file")
    refusal.extra = {"reason": fault.reason.value}
    return refusal


def check_readable(filename: str, content: bytes) -> None:
    """Open a file of up to QUICKLY_OPENED_BYTES and read its first row. Raises Invalid `unreadable_file`."""
    if not content:
        raise refusal_of(UnreadableFile(Unreadable.EMPTY))
    if len(content) > QUICKLY_OPENED_BYTES:
        return
    try:
        _open(filename, content)
    except UnreadableFile as fault:
        raise refusal_of(fault) from None


def _open(filename: str, content: bytes) -> None:
    with tempfile.TemporaryDirectory(prefix="scoring-import-") as folder:
        path = Path(folder) / "file"
        path.write_bytes(content)
        for sheet in read_workbook(path, filename):
            next(sheet.rows, None)
            return
