"""A claim file sent by an account: judged at once while it is small, else kept for the scheduler to judge."""

from __future__ import annotations

import csv
import gzip
import shutil
import tempfile
import zlib
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING

from scoring_service.db.locks import Lock, share
from scoring_service.problems import Fault, Faulty, Invalid, WrongMediaType
from scoring_service.screening.columns import mapped_columns
from scoring_service.screening.parts import Form, ParquetClaims, form_of
from scoring_service.screening.questions import questions_engine
from scoring_service.screening.screen import Run, judge_run, opened, put_on_record
from scoring_service.services.claims.asking import NewScreening, ask_for_screening
from scoring_service.services.standing.reading import check_knowledge

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from scoring_service.screening.screen import Claims
    from scoring_service.screening.summary import Summary
    from scoring_service.services.claims.records import Screening
    from scoring_service.services.unit_of_work.transaction import Work

MOST_LINES = 200_000
# Unpacked, of a file that is answered at once.
MOST_BYTES = 256 << 20
MOST_FAULTS = 200
OTHER_FORM = "文件须为 .csv、.csv.gz 或 .parquet / a .csv, .csv.gz or .parquet file is taken"
_COUNTED_AT_ONCE = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenedFile:
    """The answer: a file at its beginning, gone when it is closed, its form, and what it sums up to."""

    content: IO[bytes]
    form: Form
    summary: Summary


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFile:
    """What came: the content, the name that tells its form, and what is asked of it (as of `screen.Run`)."""

    content: IO[bytes]
    filename: str
    known_at: datetime | None
    against: datetime | None
    people: Sequence[str]


def screen_upload(work: Work, sent: SentFile, *, later: bool) -> ScreenedFile | Screening:
    """Judge the lines of a sent file, all by one knowledge; `later`, and where it is large, the scheduler does.

    Two knowledges are compared later: their answer is several files. Raises Faulty with the lines that cannot be
    judged, Invalid for columns or an instant that cannot be used, WrongMediaType for another form.
    """
    form = _form(sent.filename)
    share(work.conn, Lock.REGISTRY)
    instant = sent.known_at or work.read_clock_again()
    for moment in (sent.known_at, sent.against):
        check_knowledge(work, moment)
    with tempfile.TemporaryDirectory(prefix="claims-") as folder:
        claims = Path(folder) / f"claims.{form}"
        with claims.open("wb") as file:
            shutil.copyfileobj(sent.content, file)
        source = opened(claims)
        mapped_columns(source.headings, sent.people)
        if later or sent.against is not None or _is_large(claims, source):
            rows = source.rows if isinstance(source, ParquetClaims) else None
            new = NewScreening(form=form, known_at=instant, against=sent.against, people=sent.people, rows=rows)
            return ask_for_screening(work, claims, new)
        run = Run(
            claims=[claims],
            out=claims.with_name(f"screened.{form}"),
            known_at=instant,
            people=sent.people,
            most_bytes=MOST_BYTES,
        )
        return _screened(work, run, form)


def _screened(work: Work, run: Run, form: Form) -> ScreenedFile:
    summary = judge_run(run, partial(questions_engine, lambda: nullcontext(work)))
    if summary.rejected:
        raise Faulty(_faults(run.rejects_file()))
    put_on_record(work, run, summary)
    return ScreenedFile(content=run.out.open("rb"), form=form, summary=summary)


def _form(filename: str) -> Form:
    with suppress(Invalid):
        return form_of(Path(filename))
    raise WrongMediaType("unsupported_media_type", OTHER_FORM)


def _is_large(path: Path, source: Claims) -> bool:
    """Tell whether a file holds more lines, or unpacked more bytes, than are answered at once."""
    if isinstance(source, ParquetClaims):
        return source.rows > MOST_LINES
    lines = size = 0
    unpacked = path.open if form_of(path) is Form.CSV else partial(gzip.open, path)
    # A file that is cut short is told of where it is read.
    with unpacked("rb") as file, suppress(EOFError, OSError, zlib.error):
        while lines <= MOST_LINES and size <= MOST_BYTES and (piece := file.read(_COUNTED_AT_ONCE)):
            lines += piece.count(b"\n")
            size += len(piece)
    # The headings are a line too.
    return lines > MOST_LINES + 1 or size > MOST_BYTES


def _faults(rejects: Path) -> list[Fault]:
    with rejects.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return [Fault(f"/lines/{row['line']}", row["reason"]) for row in rows[:MOST_FAULTS]]
