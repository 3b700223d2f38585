"""What new entries bring about in a file: the scores themselves, and consequences that were not there before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoring_service.core.entries import Score
from scoring_service.core.fold import Consequence, ConsequenceKind, FoldedFile, Step
from scoring_service.core.procedure import NoticeKind
from scoring_service.core.standing import state_on
from scoring_service.core.touched import brought
from scoring_service.db.sanction_json import stated_sanction
from scoring_service.letters.facts import Facts
from scoring_service.services.standing.ways_back import window_on

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scoring_service.core.sanctions import Sanction
    from scoring_service.core.working_days import WorkingCalendar
    from scoring_service.services.standing.ways_back import ResumptionWindow


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """Something to tell: `kind` is that of its notice, `facts` are what the notice keeps."""

    kind: NoticeKind
    entry_id: str
    facts: Facts


def news_of(calendar: WorkingCalendar, before: FoldedFile, after: FoldedFile) -> list[News]:
    """Return what is new in `after`, in the order of the fold; the calendar counts from when a resumption is asked for.

    A backfilled entry may change what a later one brings about, so consequences are compared entry by entry. A
    sanction that a later entry has already taken in is not told.
    """
    known = {step.entry.id: step.consequence for step in before.steps}
    return [
        news
        for step in after.steps
        for news in _of_step(calendar, step, after, is_new=step.entry.id not in known, known=known.get(step.entry.id))
    ]


def news_of_sanction(calendar: WorkingCalendar, folded: FoldedFile, span: Sanction) -> News | None:
    """Return what is to be told of a sanction of `folded`, by the score that last made it what it is.

    None where no score did: a measure is told in its own letter.
    """
    steps = [step for step in folded.steps if brought(step, span)]
    if not steps:
        return None
    step = steps[-1]
    facts = _facts(step) | {"consequence": str(step.consequence)} | _imposed(calendar, folded, span)
    return News(kind=NoticeKind(span.kind.value), entry_id=step.entry.id, facts=facts)


def _of_step(
    calendar: WorkingCalendar, step: Step, folded: FoldedFile, *, is_new: bool, known: Consequence | None
) -> Iterator[News]:
    facts = _facts(step)
    consequence = step.consequence
    brought = (
        None if consequence is None or consequence == known else _brought_about(calendar, step, consequence, folded)
    )
    if is_new and isinstance(step.entry, Score):
        yield News(kind=NoticeKind.SCORE, entry_id=step.entry.id, facts=facts | (brought.facts if brought else {}))
    if brought:
        yield News(
            kind=brought.kind,
            entry_id=step.entry.id,
            facts=facts | {"consequence": str(consequence)} | brought.facts,
        )


def _brought_about(
    calendar: WorkingCalendar, step: Step, consequence: Consequence, folded: FoldedFile
) -> News | None:
    """Return the notice that a consequence needs, with the facts that it adds to those of its entry."""
    if consequence.kind is ConsequenceKind.WARNING:
        return News(kind=NoticeKind.WARNING, entry_id=step.entry.id, facts={"measure": consequence.measure})
    if consequence.kind is ConsequenceKind.MEASURE:
        return _measure_taken(step, folded)
    span = next((span for span in folded.sanctions if brought(step, span)), None)
    if span is None:
        return None
    return News(kind=NoticeKind(span.kind.value), entry_id=step.entry.id, facts=_imposed(calendar, folded, span))


def _measure_taken(step: Step, folded: FoldedFile) -> News | None:
    span = next((span for span in folded.sanctions if span.measure == step.entry.id), None)
    if span is None:
        return None
    return News(kind=NoticeKind.MEASURE, entry_id=step.entry.id, facts={"sanction": stated_sanction(span)})


def _imposed(calendar: WorkingCalendar, folded: FoldedFile, span: Sanction) -> Facts:
    """Return what a letter tells of a sanction: its span, and the day of return, known already or to be applied for."""
    state = state_on(span.start, folded.sanctions, registered=True)
    window = window_on(calendar, folded, span.start) if state.may_resume_from else None
    return {
        "sanction": stated_sanction(span),
        "resumes_on": state.until and state.until.isoformat(),
        "resumption": window and _resumption(calendar, window),
    }


def _resumption(calendar: WorkingCalendar, window: ResumptionWindow) -> Facts:
    return {
        "apply_working_days": window.rulebook.resumption_apply_working_days,
        "apply_from": window.apply_from.isoformat(),
        "provisional": not {window.apply_from.year, window.ends_on.year} <= calendar.years,
        "ends_on": window.ends_on.isoformat(),
        "pays_after_term": window.rulebook.resumption_pays_after_term,
    }


def _facts(step: Step) -> Facts:
    entry = step.entry
    facts: Facts = {
        "effective_on": entry.effective_on.isoformat(),
        "year": step.year,
        "counted": step.counted,
        "total": step.total_after,
    }
    if isinstance(entry, Score):
        facts |= {
            "points": entry.points if step.corrected_to is None else step.corrected_to,
            "decided_on": entry.decided_on.isoformat(),
            "item": entry.item,
            "degree": entry.degree.value,
        }
    return facts
