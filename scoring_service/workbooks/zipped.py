"""What XLSX and ODS files say of themselves in their ZIP container, and what calamine leaves unsaid of XLSX cells."""

import posixpath
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET
from zipfile import BadZipFile, ZipFile

from scoring_service.workbooks.sheets import Mark, Unreadable, UnreadableFile

ZIPPED = b"PK\x03\x04"

MOST_PARTS = 10_000
MOST_UNPACKED_BYTES = 2 << 30
_CHUNK = 1 << 20
_WORKBOOK, _RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_RELATION = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
_FORMULA = rb"<(?:\w+:)?f\b[^>]*?(?:/>|>[^<]*</(?:\w+:)?f>)"
# A cell that begins with a formula (a value may follow), or that holds an error.
_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*)>\s*(" + _FORMULA + rb")?\s*(?:<(?:\w+:)?v>([^<]*))?")
_PLACE = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_FAULTY = (b"<f>", b"<f ", b":f>", b":f ", b't="e"')


def check_zipped(path: Path) -> None:
    """Refuse a container that is damaged, a bomb, encrypted, has macros, or holds no workbook of a known kind."""
    try:
        with ZipFile(path) as container:
            parts = container.infolist()
            names = {part.filename for part in parts}
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED_BYTES:
                raise UnreadableFile(Unreadable.TOO_LARGE)
            _check_names(names)
            if any(part.flag_bits & 1 for part in parts) or _ods_is_encrypted(container, names):
                raise UnreadableFile(Unreadable.ENCRYPTED)
    except (BadZipFile, zlib.error, EOFError, OSError, KeyError):
        raise UnreadableFile(Unreadable.DAMAGED) from None


def _check_names(names: set[str]) -> None:
    if any(name.endswith("vbaProject.bin") or name.startswith("Basic/") for name in names):
        raise UnreadableFile(Unreadable.MACROS)
    if _WORKBOOK not in names and not {"mimetype", "content.xml"} <= names:
        raise UnreadableFile(Unreadable.NOT_A_TABLE)


def _ods_is_encrypted(container: ZipFile, names: set[str]) -> bool:
    if "mimetype" not in names:
        return False
    if b"opendocument.spreadsheet" not in container.read("mimetype"):
        raise UnreadableFile(Unreadable.NOT_A_TABLE)
    manifest = "META-INF/manifest.xml"
    return manifest in names and b"encryption-data" in container.read(manifest)


@dataclass(frozen=True, slots=True)
class Part:
    """The part of an XLSX that holds one sheet."""

    path: Path
    name: str

    def marks(self) -> dict[int, dict[int, Mark]]:
        """Cells with a formula of no stored result, or an error: by row number and column index."""
        marks: dict[int, dict[int, Mark]] = {}
        try:
            with ZipFile(self.path) as container:
                for cells in _suspicious(container, self.name):
                    _collect(marks, cells)
        except (BadZipFile, zlib.error, EOFError, KeyError):
            raise UnreadableFile(Unreadable.DAMAGED) from None
        return marks


def _suspicious(container: ZipFile, name: str) -> Iterator[bytes]:
    """Stretches of whole cells, as far as a formula or an error is in them."""
    rest = b""
    with container.open(name) as file:
        while chunk := file.read(_CHUNK):
            text = rest + chunk
            cut = max(text.rfind(b"<c "), text.rfind(b":c "), len(text) - _CHUNK)
            stretch, rest = text[:cut], text[cut:]
            if any(sign in stretch for sign in _FAULTY):
                yield stretch
    yield rest


def _collect(marks: dict[int, dict[int, Mark]], cells: bytes) -> None:
    for attributes, formula, stored in _CELL.findall(cells):
        place = _PLACE.search(attributes)
        # A formula's text may be empty; a number may not.
        unstored = formula and not stored and b't="str"' not in attributes
        mark = Mark.ERROR if b't="e"' in attributes else Mark.UNSTORED if unstored else None
        if place and mark:
            marks.setdefault(int(place[2]), {})[_column(place[1])] = mark


def _column(letters: bytes) -> int:
    index = 0
    for letter in letters:
        index = index * 26 + letter - ord("A") + 1
    return index - 1


def sheet_parts(path: Path) -> tuple[dict[str, Part], bool]:
    """The part of each sheet of an XLSX by the sheet's name, and whether its serial days count from 1904."""
    with ZipFile(path) as container:
        if _WORKBOOK not in container.namelist():
            return {}, False
        try:
            book, relations = (ET.fromstring(container.read(name)) for name in (_WORKBOOK, _RELATIONS))  # noqa: S314
        except (ET.ParseError, KeyError, BadZipFile, zlib.error):
            raise UnreadableFile(Unreadable.DAMAGED) from None
    targets = {
        relation.get("Id", ""): posixpath.normpath(posixpath.join("/xl", relation.get("Target", "")))
        for relation in relations
    }
    parts = {
        sheet.get("name", ""): Part(path, targets[relation].lstrip("/"))
        for sheet in book.iterfind("{*}sheets/{*}sheet")
        if (relation := sheet.get(_RELATION) or sheet.get(_STRICT_RELATION) or "") in targets
    }
    properties = book.find("{*}workbookPr")
    return parts, properties is not None and properties.get("date1904") in {"1", "true"}
