"""A claim file sent by an account: judged by the batch of the single questions, in its sight and on its record."""

from __future__ import annotations

import csv
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

import pyarrow as pa

from scoring_service.db.locks import Lock, share
from scoring_service.db.screening import pharmacies_known
from scoring_service.problems import Fault, Faulty, Invalid, TooLarge, WrongMediaType
from scoring_service.screening.columns import mapped_columns
from scoring_service.screening.delimited import DelimitedClaims
from scoring_service.screening.parts import Form, form_of
from scoring_service.screening.screen import Run, judge_files, put_on_record
from scoring_service.screening.summary import Summary
from scoring_service.screening.writing import Unfinished
from scoring_service.services.eligibility.answer import make_check
from scoring_service.services.eligibility.checks import check_lines
from scoring_service.services.standing.reading import check_knowledge

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from scoring_service.services.unit_of_work.transaction import Work

MOST_LINES = 200_000
MOST_BYTES = 256 << 20
LINES_AT_ONCE = 10_000
MOST_FAULTS = 200
TOO_MANY = (
    f"明细多于 {MOST_LINES} 行，请用命令 scoring-service screen"
    f" / more than {MOST_LINES} lines; use the command scoring-service screen"
)
OTHER_FORM = (
    "文件须为 .csv 或 .csv.gz；Parquet 请用命令 scoring-service screen"
    " / a .csv or .csv.gz file is taken; for Parquet use the command scoring-service screen"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenedFile:
    """The answer: a file at its beginning, gone when it is closed, its form, and what it sums up to."""

    content: IO[bytes]
    form: Form
    summary: Summary


class SingleQuestions:
    """Judges lines as the batch does: what the account may not know of is unknown, refusals and looks are recorded."""

    at_once = 1

    def __init__(self, work: Work, known_at: datetime) -> None:
        self._work, self._known_at, self._lines = work, known_at, 0
        self.pharmacies = pharmacies_known(work.conn)

    def judge(self, lines: pa.Table) -> pa.Table:
        """Return `line`, `reason`, `until` of each line; null of one that names nobody. Raises TooLarge."""
        rows = lines.to_pylist()
        self._lines += len(rows)
        if self._lines > MOST_LINES:
            raise TooLarge("too_large", TOO_MANY)
        verdicts: list[tuple[str | None, date | None]] = [(None, None)] * len(rows)
        named = [row for row in rows if row["person"] is not None or row["pharmacy"] is not None]
        for start in range(0, len(named), LINES_AT_ONCE):
            some = named[start : start + LINES_AT_ONCE]
            checks = [
                make_check(
                    row["person"], row["day"].isoformat(), row["day"], row["institution"], emergency=row["emergency"]
                )
                for row in some
            ]
            answers = check_lines(self._work, checks, known_at=self._known_at)
            for row, answer in zip(some, answers, strict=True):
                verdicts[row["line"]] = answer.reason.value, answer.until
        return pa.table(
            {
                "line": lines.column("line"),
                "reason": pa.array([reason for reason, _until in verdicts], pa.string()),
                "until": pa.array([until for _reason, until in verdicts], pa.date32()),
            }
        )


def screen_upload(
    work: Work, content: IO[bytes], filename: str, *, known_at: datetime | None, people: Sequence[str]
) -> ScreenedFile:
    """Judge the lines of a sent file (CSV, CSV.GZ); all by one knowledge, that of `known_at` (None: now).

    Raises Faulty with the lines that cannot be judged, Invalid for columns or an instant that cannot be used,
    TooLarge above 200,000 lines, WrongMediaType for another form.
    """
    form = _form(filename)
    share(work.conn, Lock.REGISTRY)
    instant = known_at or work.read_clock_again()
    check_knowledge(work, known_at)
    with tempfile.TemporaryDirectory(prefix="claims-") as folder, Unfinished() as unfinished:
        claims = Path(folder) / f"claims.{form}"
        with claims.open("wb") as file:
            shutil.copyfileobj(content, file)
        run = Run(claims=[claims], out=claims.with_name(f"screened.{form}"), known_at=instant, people=people)
        source = DelimitedClaims(claims, most_bytes=MOST_BYTES)
        columns = mapped_columns(source.headings, people)
        summary = Summary(known_at=instant.isoformat(), last_change=0, digest="", against=None, columns=columns)
        engine = SingleQuestions(work, instant)
        judge_files(run, [source], (engine, None), summary, unfinished, lambda _lines, _share: None)
        unfinished.finish()
        if summary.rejected:
            raise Faulty(_faults(run.rejects_file()))
        put_on_record(work, run, summary)
        return ScreenedFile(content=run.out.open("rb"), form=form, summary=summary)


def _form(filename: str) -> Form:
    with suppress(Invalid):
        form = form_of(Path(filename))
        if form is not Form.PARQUET:
            return form
    raise WrongMediaType("unsupported_media_type", OTHER_FORM)


def _faults(rejects: Path) -> list[Fault]:
    with rejects.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return [Fault(f"/lines/{row['line']}", row["reason"]) for row in rows[:MOST_FAULTS]]
