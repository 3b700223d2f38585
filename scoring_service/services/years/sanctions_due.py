"""Sanctions that begin and end: events on their day, and the letter that tells a person of the way back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, or_, select

from scoring_service.core.entries import MeasureLifted, Resumption
from scoring_service.core.procedure import NoticeKind
from scoring_service.core.rulebook import Ground
from scoring_service.core.sanctions import SanctionKind
from scoring_service.core.standing import Status
from scoring_service.core.touched import brought
from scoring_service.db import practitioner_lists
from scoring_service.db.cases import institutions_of_entries
from scoring_service.db.files import read_files
from scoring_service.db.locks import Lock, hold
from scoring_service.db.tables import installation, job_runs, notices, practitioners, standing_sanctions
from scoring_service.letters.resuming import resumed_facts
from scoring_service.services.notices.issuing import Letter, institutions_of_each, issue_each
from scoring_service.services.unit_of_work.step import Step

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from sqlalchemy import ColumnElement, Row

    from scoring_service.core.sanctions import Sanction
    from scoring_service.db.files import File
    from scoring_service.db.standing import ChangedFile
    from scoring_service.services.unit_of_work.transaction import Work

JOB = "sanctions-due"
KINDS = tuple(kind.value for kind in SanctionKind)


@dataclass(frozen=True, slots=True, order=True)
class SpanOfFile:
    """A sanction as the cache keeps it: a suspension to the end of its state, a termination to that of its ban."""

    practitioner_id: str
    kind: str
    ground: str
    start: date
    until: date | None


def announce_day(work: Work, period: str, cursor: str | None) -> Step:  # noqa: ARG001 - a day is one chunk.
    """Tell which sanctions begin and end on the day `period`, and write to those who return to normal."""
    day = date.fromisoformat(period)
    hold(work.conn, Lock.FILES)
    columns = standing_sanctions.c
    touched = and_(columns.kind.in_(KINDS), or_(columns.from_on == day, _ends_on(day)))
    spans = _spans(work, touched)
    starting = [span for span in spans if span.start == day]
    ending = [span for span in spans if span.until == day]
    return Step(counts=_announce(work, starting, ending, day, returning=ending))


def _ends_on(day: date) -> ColumnElement[bool]:
    columns = standing_sanctions.c
    return or_(
        and_(columns.kind == SanctionKind.SUSPENSION.value, columns.state_until_on == day),
        and_(columns.kind == SanctionKind.TERMINATION.value, columns.until_on == day),
    )


def settle(work: Work, changed: Collection[ChangedFile]) -> None:
    """After a change of files (cache refreshed): tell what began or ended on a day that the job has passed.

    A backfill or a start on the day itself begins a sanction, and a credit, a correction or a late resumption ends one,
    at once. Of a resumption and of a lifting the letter on its approval tells.
    """
    before = {
        span
        for each in changed
        for file in (each.before, *each.merged)
        for span in _spans_of(each.head.practitioner_id, file)
    }
    new = {span for each in changed for span in _spans_of(each.head.practitioner_id, each.after)} - before
    if not new:
        return
    starts = {(span.practitioner_id, span.kind, span.start) for span in before}
    ends = {(span.practitioner_id, span.kind, span.until) for span in before}
    starting = [span for span in new if (span.practitioner_id, span.kind, span.start) not in starts]
    ending = [span for span in new if (span.practitioner_id, span.kind, span.until) not in ends]
    ended = sorted(span for span in ending if span.until is not None and _has_passed(work, span.until))
    resumed = {each.head.practitioner_id for each in changed if _is_resumed(each)}
    _announce(
        work,
        sorted(span for span in starting if _has_passed(work, span.start)),
        ended,
        work.today,
        returning=[span for span in ended if span.practitioner_id not in resumed],
    )


def settle_history(work: Work, changed: Collection[ChangedFile]) -> None:
    """After history was written to files (cache refreshed): announce the sanctions that run today, and did not before.

    One that was announced and whose end the history tells is announced as ended. Nobody is written to.
    """
    before = {span for each in changed for span in _running(each.head.practitioner_id, each.before, work.today)}
    after = {span for each in changed for span in _running(each.head.practitioner_id, each.after, work.today)}
    known, kept = ({(span.practitioner_id, span.kind, span.start) for span in spans} for spans in (before, after))
    began = sorted(span for span in after if (span.practitioner_id, span.kind, span.start) not in known)
    ended = sorted(span for span in before if (span.practitioner_id, span.kind, span.start) not in kept)
    _announce(work, began, ended, work.today, returning=())


def _running(practitioner_id: str, file: File, today: date) -> Iterator[SpanOfFile]:
    held = (span for span in file.folded().sanctions if span.holds(today))
    return (_span_of(practitioner_id, span) for span in held)


def _is_resumed(changed: ChangedFile) -> bool:
    """Tell whether the change is a resumption or the lifting of a measure."""
    new = changed.after.entries[len(changed.before.entries) :]
    return any(isinstance(entry, Resumption | MeasureLifted) for entry in new)


def _spans_of(practitioner_id: str, file: File) -> Iterator[SpanOfFile]:
    return (_span_of(practitioner_id, span) for span in file.folded().sanctions)


def _span_of(practitioner_id: str, span: Sanction) -> SpanOfFile:
    until = span.state_until if span.kind is SanctionKind.SUSPENSION else span.until
    return SpanOfFile(practitioner_id, span.kind, span.ground, span.start, until)


def _has_passed(work: Work, day: date) -> bool:
    """Tell whether the job will not tell of `day` any more: it has run for it, or nothing was due so early."""
    if day > work.today:
        return False
    runs = select(func.max(job_runs.c.period)).where(job_runs.c.job == JOB, job_runs.c.state == "done")
    last, began = work.conn.execute(select(runs.scalar_subquery(), installation.c.began_at)).one()
    if last is not None and day.isoformat() <= last:
        return True
    return began is not None and day < began.date()


def _spans(work: Work, condition: ColumnElement[bool]) -> list[SpanOfFile]:
    rows = work.conn.execute(select(standing_sanctions).where(condition))
    return sorted(_span(row) for row in rows)


def _span(row: Row[Any]) -> SpanOfFile:
    until = row.state_until_on if row.kind == SanctionKind.SUSPENSION else row.until_on
    return SpanOfFile(row.practitioner_id, row.kind, row.ground, row.from_on, until)


def _announce(
    work: Work,
    starting: Sequence[SpanOfFile],
    ending: Sequence[SpanOfFile],
    day: date,
    *,
    returning: Sequence[SpanOfFile],
) -> dict[str, int]:
    if not starting and not ending:
        return {"began": 0, "ended": 0, "resumed": 0}
    work.record()
    for kind, spans in (("sanction_began", starting), ("sanction_ended", ending)):
        for span in spans:
            _event(work, kind, span)
    letters = _resumptions(work, returning, day)
    issue_each(work, letters)
    return {"began": len(starting), "ended": len(ending), "resumed": len(letters)}


def _event(work: Work, kind: str, span: SpanOfFile) -> None:
    until = None if span.until is None else span.until.isoformat()
    detail = {"from": span.start.isoformat(), "until": until}
    institutions = institutions_of_each(work, [span.practitioner_id])[span.practitioner_id]
    work.event(
        kind,
        practitioner_id=span.practitioner_id,
        sanction=span.kind,
        ground=span.ground,
        institutions=institutions,
        **detail,
    )


def _resumptions(work: Work, ending: Sequence[SpanOfFile], day: date) -> list[Letter]:
    """Return the letters to those whose suspension ended and whose state on `day` is normal."""
    ended = {span.practitioner_id: span for span in ending if span.kind == SanctionKind.SUSPENSION}
    back = _back_to_normal(work, list(ended), day) - _told_by_lifting(work, ending, day)
    files = read_files(work.conn, sorted(back)) if back else {}
    return [
        Letter(
            kind=NoticeKind.RESUMPTION,
            practitioner_id=practitioner_id,
            facts=resumed_facts(
                resumes_on=span.until,
                sanction={
                    "kind": span.kind,
                    "ground": span.ground,
                    "from": span.start.isoformat(),
                    "until": span.until.isoformat(),
                },
            ),
            case_institutions=institutions_of_entries(work.conn, _entries_behind(files[practitioner_id], span)),
        )
        for practitioner_id, span in ended.items()
        if practitioner_id in back and span.until is not None
    ]


def _told_by_lifting(work: Work, ending: Sequence[SpanOfFile], day: date) -> set[str]:
    """Return those whose measure was lifted on `day`: a letter has told them already."""
    measured = {span.practitioner_id for span in ending if span.ground == Ground.MEASURE}
    query = select(notices.c.practitioner_id).where(
        notices.c.practitioner_id.in_(measured),
        notices.c.kind == NoticeKind.MEASURE,
        notices.c.facts["lifted_on"].astext == day.isoformat(),
    )
    return set(work.conn.execute(query).scalars()) if measured else set()


def _entries_behind(file: File, span: SpanOfFile) -> list[str]:
    """Return the ids of the scores, or of the measure, that brought a suspension of a file."""
    folded = file.folded()
    suspensions = [
        each for each in folded.sanctions if each.kind is SanctionKind.SUSPENSION and each.start == span.start
    ]
    scores = [step.entry.id for step in folded.steps if any(brought(step, each) for each in suspensions)]
    return scores + [each.measure for each in suspensions if each.measure is not None]


def _back_to_normal(work: Work, practitioner_ids: list[str], day: date) -> set[str]:
    """Return those of the people whose state on `day` is normal: held by no other sanction, and registered."""
    query = select(practitioners.c.id).where(
        practitioners.c.id.in_(practitioner_ids), practitioner_lists.has_status(Status.NORMAL, day)
    )
    return set(work.conn.execute(query).scalars())
