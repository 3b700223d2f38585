"""A workbook given back as it came, with a comment on every cell in which something is wrong."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from scoring_service.workbooks.apart import started

MOST_NOTES = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What is wrong at a cell: its sheet's name, its row as the spreadsheet counts, its column's letters.

    Without a column the whole row is meant. `value` stands there, `expected` is what should.
    """

    sheet: str
    row: int
    column: str | None
    value: str
    expected: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """The words of the list in front, in the reader's language.

    `headings` are those of sheet, row, column, what stands there, what is expected; `unlisted` follows a list that
    was cut off.
    """

    title: str
    headings: tuple[str, str, str, str, str]
    unlisted: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Commission:
    """What is to be written: for the process that writes it."""

    source: str
    filename: str
    target: str
    notes: tuple[Note, ...]
    labels: Labels
    cut: bool


class UncommentedFile(Exception):
    """The copy could not be made within the limits of memory and time."""


def write_commented(source: Path, filename: str, target: Path, notes: Sequence[Note], labels: Labels) -> None:
    """Write an XLSX of the rows of a workbook, with a list of the notes in front and comments on their cells.

    An XLSX of ordinary size keeps its looks; of anything else the values are kept. At most MOST_NOTES notes are
    written. Raises UncommentedFile.
    """
    commission = Commission(
        source=str(source.absolute()),
        filename=filename,
        target=str(target.absolute()),
        notes=tuple(notes[:MOST_NOTES]),
        labels=labels,
        cut=len(notes) > MOST_NOTES,
    )
    with started("commenting", stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        process.communicate(msgspec.msgpack.encode(commission))
    if process.returncode:
        raise UncommentedFile
