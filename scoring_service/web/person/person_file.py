"""A person's file as one page, for each of the desks: what `file_of` answers, put into words and drawings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import request

from scoring_service.core.attention import attention_of
from scoring_service.core.course import courses
from scoring_service.core.entries import Score
from scoring_service.core.touched import brought
from scoring_service.services.desks.practitioner_file import PractitionerFile, file_of
from scoring_service.services.desks.resumption_desk import way_back_of
from scoring_service.services.registry.names import institution_names
from scoring_service.services.standing.seen import standing_seen
from scoring_service.services.unit_of_work.tenure import tenure_of
from scoring_service.web.frame.pages import work
from scoring_service.web.person.timeline import Drawing, Span, draw
from scoring_service.web.wording.catalogue import item_title
from scoring_service.web.wording.entry_words import entry_sentence
from scoring_service.web.wording.spans import ONE_DAY

if TYPE_CHECKING:
    from scoring_service.core.fold import Step
    from scoring_service.core.sanctions import Sanction
    from scoring_service.core.standing import Standing
    from scoring_service.services.appeals.reading import Appeal
    from scoring_service.services.desks.ledger import LedgerEntry
    from scoring_service.services.desks.resumption_desk import WayBack
    from scoring_service.services.standing.reading import StandingAnswer

WIDE, NARROW = 880, 380


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An entry on the page: its sentence, and what it did in the fold (None for one that is not folded).

    `holds`: it is a measure whose sanction has not ended.
    """

    entry: LedgerEntry
    sentence: str
    step: Step | None
    holds: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """The score behind a sanction, with the title of its item."""

    seq: int
    points: int
    title: str


def file_page(ref: str) -> dict[str, Any]:
    """Return what the templates of a file need. Raises NotFound."""
    file = file_of(work(), ref)
    answer = standing_seen(work(), file.practitioner.id)
    standing, tenure = answer.standing, tenure_of(work(), file.practitioner.id)
    years = _years(file, standing)
    year = _chosen_year(years, standing)
    names = institution_names(work(), _codes(file))
    return {
        "file": file,
        "person": file.practitioner,
        "revision": answer.revision,
        "found": standing,
        "may_apply_from": answer.may_apply_from,
        "attention": attention_of(standing),
        "rulebook": standing.rulebook,
        "today": standing.as_of,
        "last_day": tenure and tenure.last_day,
        "names": names,
        "lines": _lines(file, answer),
        "way": _way_back(file, standing) if tenure is None else None,
        "years": years,
        "year": year,
        "cause": _cause(standing),
        "drawings": [_drawing(year, width, standing, _spans(file, standing)) for width in (WIDE, NARROW)],
    }


def _way_back(file: PractitionerFile, standing: Standing) -> WayBack | None:
    return None if standing.state.may_resume_from is None else way_back_of(work(), file.practitioner.id)


def _years(file: PractitionerFile, standing: Standing) -> list[int]:
    """Return the years that the timeline can show, the newest first and none left out between."""
    present = work().today.year
    known = {present, *standing.totals, *(span.start.year for span in standing.sanctions)}
    known |= {entry.effective_on.year for entry in file.entries}
    return list(range(max(known), min(known) - 1, -1))


def _chosen_year(years: list[int], standing: Standing) -> int:
    """Return the year asked for, else that in which the present sanction began, else this one."""
    typed = request.args.get("year", "")
    if typed.isascii() and typed.isdigit() and int(typed) in years:
        return int(typed)
    sanction = standing.state.sanction
    return work().today.year if sanction is None else sanction.start.year


def _codes(file: PractitionerFile) -> set[str]:
    codes = {row.institution for row in file.practitioner.affiliations}
    codes |= {case.institution for case in file.cases}
    return codes | {notice.institution_code for notice in file.notices if notice.institution_code is not None}


def _lines(file: PractitionerFile, answer: StandingAnswer) -> list[Line]:
    """Return the entries, the newest first, each with its sentence."""
    steps = {step.entry.id: step for step in answer.standing.trace}
    turns = courses(answer.entries)
    seqs = {entry.id: entry.seq for entry in file.entries}
    today = work().today
    unended = {span.measure for span in answer.standing.sanctions if span.start > today or span.holds(today)}
    lines = []
    for entry in reversed(file.entries):
        step = steps.get(entry.id)
        sentence = entry_sentence(entry, step, turns.get(entry.id, ()), seqs)
        lines.append(Line(entry=entry, sentence=sentence, step=step, holds=entry.id in unended))
    return lines


def _cause(standing: Standing) -> Cause | None:
    """Return the score behind the present or coming sanction, the last that set its end, with its item's title."""
    coming = (span for span in standing.sanctions if span.start > work().today)
    sanction = standing.state.sanction or next(coming, None)
    scores = [step.entry for step in standing.trace if sanction and brought(step, sanction)]
    if not scores or not isinstance(scores[-1], Score):
        return None
    score = scores[-1]
    title = item_title(score.rulebook.id, score.rulebook.valid_from, score.item)
    return Cause(seq=score.seq, points=score.points, title=title)


def _spans(file: PractitionerFile, standing: Standing) -> list[Span]:
    """Return what the timeline shows as spans: sanctions, then appeals from their filing to their end."""
    sanctions = [
        Span(kind=_kind_of_bar(span), start=span.start, until=span.until, state_until=span.state_until)
        for span in standing.sanctions
    ]
    return sanctions + [_appeal(appeal) for appeal in file.appeals]


def _kind_of_bar(sanction: Sanction) -> str:
    """Return how the timeline calls a sanction: what a measure brings apart from what points bring."""
    return sanction.kind.value if sanction.measure is None else f"measure_{sanction.kind.value}"


def _appeal(appeal: Appeal) -> Span:
    until = None if appeal.decided_at is None else appeal.decided_at.date() + ONE_DAY
    return Span(kind="appeal", start=appeal.recorded_at.date(), until=until, state_until=until)


def _drawing(year: int, width: int, standing: Standing, spans: list[Span]) -> Drawing:
    return draw(year, width, steps=standing.trace, spans=spans, rulebook=standing.rulebook, today=work().today)
