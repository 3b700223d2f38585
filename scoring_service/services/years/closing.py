"""The closed year: an entry and a statement for each file with a score in it (scheme.md 2.1, `year_closed`).

The totals need no closing: a new year begins at 0 by arithmetic. This puts the old one on record and tells people.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import exists, literal_column, select

from scoring_service.core.entries import EntryKind, Score, YearClosed
from scoring_service.core.fold import fold
from scoring_service.core.procedure import NoticeKind
from scoring_service.db.ledger import Draft, append_many, lock_files, read_entries
from scoring_service.db.locks import Lock, hold
from scoring_service.db.merges import merged_by
from scoring_service.db.standing import refresh_heads
from scoring_service.db.tables import entries, job_runs, notices
from scoring_service.letters.facts import Facts
from scoring_service.letters.settling import year_statement_facts
from scoring_service.problems import Conflict
from scoring_service.services.notices.issuing import Letter, issue_each
from scoring_service.services.notices.records import Addressee
from scoring_service.services.unit_of_work.step import Step
from scoring_service.services.years.statement import stated_entries, stated_sanctions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection, Row

    from scoring_service.core.entries import Entry
    from scoring_service.core.fold import FoldedFile
    from scoring_service.core.rulebook import Rulebook
    from scoring_service.db.ledger import LockedFile
    from scoring_service.services.unit_of_work.transaction import Work
    from scoring_service.services.years.changing import ChangingFile

JOB = "year-close"
STATEMENT = NoticeKind.YEAR_STATEMENT
CHUNK_FILES = 500
# The cursor of the second pass, for files whose first score of the year came while the first pass ran.
SWEEP = "sweep"
# A literal, so that a prepared statement too may use the index on scores.
_SCORE: ColumnElement[str] = literal_column("'score'")


@dataclass(frozen=True, slots=True, kw_only=True)
class YearOfFile:
    """What a file holds of a scoring year: its final total, its scores, and the rulebook of the last of them."""

    total: int
    scores: int
    rulebook: Rulebook
    closed: bool
    folded: FoldedFile


def check_ended(work: Work, year: int) -> None:
    """Refuse a year that has not ended. Raises Conflict `year_not_ended`."""
    if work.today.year <= year:
        raise Conflict("year_not_ended", f"{year} 年尚未结束 / the year {year} has not ended", year=year)


def close_chunk(work: Work, period: str, cursor: str | None) -> Step:
    """Close the year `period` for the next files, in the order of their ids. Raises Conflict `year_not_ended`.

    The second pass waits for changes that are under way, so that no score falls between this and `restate`.
    """
    year = int(period)
    check_ended(work, year)
    if cursor == SWEEP:
        hold(work.conn, Lock.FILES)
        left = _unclosed(work.conn, year, after=None)
        closed = _close(work, year, left)
        return Step(cursor=SWEEP if left else None, counts={"files": closed})
    chunk = _unclosed(work.conn, year, after=cursor)
    closed = _close(work, year, chunk)
    return Step(cursor=chunk[-1] if chunk else SWEEP, counts={"files": closed})


def _unclosed(conn: Connection, year: int, after: str | None) -> list[str]:
    """Return the next files with a score of the year and without its closing, in the order of their ids."""
    closing = entries.alias("closing")
    query = (
        select(entries.c.practitioner_id)
        .distinct()
        .where(
            entries.c.kind == _SCORE,
            entries.c.decided_on.between(date(year, 1, 1), date(year, 12, 31)),
            entries.c.practitioner_id.not_in(merged_by()),
            ~exists().where(
                closing.c.practitioner_id == entries.c.practitioner_id,
                closing.c.kind == EntryKind.YEAR_CLOSED.value,
                closing.c.year == year,
            ),
        )
        .order_by(entries.c.practitioner_id)
        .limit(CHUNK_FILES)
    )
    return list(
        conn.execute(query if after is None else query.where(entries.c.practitioner_id > after)).scalars()
    )


def _close(work: Work, year: int, practitioner_ids: Sequence[str]) -> int:
    """Close the year of these files, each once; return how many were closed."""
    if not practitioner_ids:
        return 0
    files = lock_files(work.conn, practitioner_ids)
    years = _years_of(work.conn, year, practitioner_ids)
    open_files = [
        files[practitioner_id] for practitioner_id in practitioner_ids if not years[practitioner_id].closed
    ]
    if open_files:
        _post(work, year, open_files, years)
        refresh_heads(work.conn, open_files)
    return len(open_files)


def _post(
    work: Work,
    year: int,
    files: Sequence[LockedFile],
    years: Mapping[str, YearOfFile],
) -> None:
    drafts = [
        Draft(
            file=file,
            rulebook=years[file.practitioner_id].rulebook,
            carried={"year": year, "total": years[file.practitioner_id].total},
        )
        for file in files
    ]
    entry_ids = append_many(
        work.conn,
        drafts,
        kind=EntryKind.YEAR_CLOSED,
        effective_on=date(year, 12, 31),
        recorded_at=work.record(),
        recorded_by=work.actor.username,
    )
    closed = [
        (file.practitioner_id, years[file.practitioner_id], entry_id)
        for file, entry_id in zip(files, entry_ids, strict=True)
    ]
    _tell(work, year, closed)


def _tell(work: Work, year: int, closed: Sequence[tuple[str, YearOfFile, str]]) -> None:
    """Announce the closing of each file and issue its statement, whose document the job `backlog` writes."""
    for practitioner_id, of_file, _entry_id in closed:
        work.event("year_closed", practitioner_id=practitioner_id, year=year, total=of_file.total)
    letters = [_letter(practitioner_id, year, of_file, entry_id) for practitioner_id, of_file, entry_id in closed]
    issue_each(work, letters, documents_later=True)


def _letter(
    practitioner_id: str,
    year: int,
    of_year: YearOfFile,
    entry_id: str | None,
    replaces: Mapping[Addressee, str] | None = None,
) -> Letter:
    stated = year_statement_facts(
        year=year,
        total=of_year.total,
        entries=stated_entries(of_year.folded, year),
        sanctions=stated_sanctions(of_year.folded, year),
    )
    facts: Facts = {"scores": of_year.scores} | stated
    return Letter(
        kind=STATEMENT, practitioner_id=practitioner_id, facts=facts, entry_id=entry_id, replaces=replaces
    )


def _years_of(conn: Connection, year: int, practitioner_ids: Sequence[str]) -> dict[str, YearOfFile]:
    read = read_entries(conn, practitioner_ids)
    of_files = {practitioner_id: year_of(of_one, year) for practitioner_id, of_one in read.items()}
    return {practitioner_id: of_file for practitioner_id, of_file in of_files.items() if of_file is not None}


def year_of(of_one: Sequence[Entry], year: int) -> YearOfFile | None:
    """Return what a file's entries hold of a scoring year; None without a score in it, corrected or not.

    The final total is what the year ended with: a re-registration in a later year leaves it as it was.
    """
    scores = [entry for entry in of_one if isinstance(entry, Score) and entry.decided_on.year == year]
    if not scores:
        return None
    folded = fold(of_one)
    return YearOfFile(
        total=[step.total_after for step in folded.steps if step.year == year][-1],
        scores=len(scores),
        rulebook=max(scores, key=lambda score: (score.effective_on, score.seq)).rulebook,
        closed=any(isinstance(entry, YearClosed) and entry.year == year for entry in of_one),
        folded=folded,
    )


def restate(work: Work, file: ChangingFile, year: int) -> None:
    """After a new score or correction of a closed `year`: issue the statement again, marked `replaces`.

    A file that had no score in the year when it was closed is closed now. Nothing happens for a past year that is not
    closed.
    """
    of_file = year_of(file.after.entries, year)
    if of_file is None:
        return
    if of_file.closed:
        _issue_again(work, file.practitioner_id, year, of_file)
    elif _is_closed(work.conn, year):
        entry_id = _close_file(file, year, of_file)
        work.event("year_closed", practitioner_id=file.practitioner_id, year=year, total=of_file.total)
        # Of a file that was merged into this one a statement has gone out.
        earlier = _latest(_statements(work, file.practitioner_id, year))
        issue_each(work, [_letter(file.practitioner_id, year, of_file, entry_id, earlier)])


def restate_history(work: Work, file: ChangingFile, year: int) -> None:
    """After history of a closed `year`: put the closing on record; a statement that was issued is issued again.

    Whoever had none from this service was told on paper.
    """
    of_file = year_of(file.after.entries, year)
    if of_file is None:
        return
    if not of_file.closed and _is_closed(work.conn, year):
        _close_file(file, year, of_file)
        work.event("year_closed", practitioner_id=file.practitioner_id, year=year, total=of_file.total)
    elif of_file.closed and _statements(work, file.practitioner_id, year):
        _issue_again(work, file.practitioner_id, year, of_file)


def _close_file(file: ChangingFile, year: int, of_file: YearOfFile) -> str:
    return file.post(
        EntryKind.YEAR_CLOSED,
        effective_on=date(year, 12, 31),
        rulebook=of_file.rulebook,
        year=year,
        total=of_file.total,
    )


def _is_closed(conn: Connection, year: int) -> bool:
    run = select(job_runs.c.job).where(
        job_runs.c.job == JOB, job_runs.c.period == str(year), job_runs.c.state == "done"
    )
    return conn.execute(run).first() is not None


def _statements(work: Work, practitioner_id: str, year: int) -> Sequence[Row[Any, Any, Any, Any]]:
    """Return the statements of a year that were issued to a person's addressees, the oldest first."""
    query = select(notices.c.addressee_kind, notices.c.addressee_ref, notices.c.id, notices.c.entry_id).where(
        notices.c.practitioner_id == practitioner_id,
        notices.c.kind == STATEMENT,
        notices.c.facts["year"].as_integer() == year,
    )
    return work.conn.execute(query.order_by(notices.c.created_at, notices.c.id)).all()


def _latest(statements: Sequence[Row[Any, Any, Any, Any]]) -> dict[Addressee, str]:
    """Return the last of these statements that each addressee has."""
    return {Addressee(row.addressee_kind, row.addressee_ref): row.id for row in statements}


def _issue_again(work: Work, practitioner_id: str, year: int, of_year: YearOfFile) -> None:
    rows = _statements(work, practitioner_id, year)
    entry_id = rows[-1].entry_id if rows else None
    issue_each(work, [_letter(practitioner_id, year, of_year, entry_id, _latest(rows))])
    work.event("year_restated", practitioner_id=practitioner_id, year=year, total=of_year.total)
