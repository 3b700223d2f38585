"""A person's file as one page, for each of the desks: what `file_of` answers, put into words and drawings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import request

from scoring_service.core.attention import attention_of
from scoring_service.core.course import courses
from scoring_service.core.touched import brought
from scoring_service.services.desks.practitioner_file import file_of
from scoring_service.services.registry.names import institution_names
from scoring_service.services.standing.seen import standing_seen
from scoring_service.services.unit_of_work.tenure import tenure_of
from scoring_service.web.frame.pages import work
from scoring_service.web.person.timeline import Drawing, Span, draw
from scoring_service.web.wording.catalogue import item_title
from scoring_service.web.wording.entry_words import told
from scoring_service.web.wording.spans import ONE_DAY

if TYPE_CHECKING:
    from scoring_service.core.standing import Standing
    from scoring_service.services.standing.reading import StandingAnswer

WIDE, NARROW = 880, 380


def file_page(ref: str) -> dict[str, Any]:
    """Return what the templates of a file need. Raises NotFound."""
    file = file_of(work(), ref)
    answer = standing_seen(work(), file["practitioner"].id)
    found, tenure = answer.standing, tenure_of(work(), file["practitioner"].id)
    years = _years(file, found)
    year = _chosen_year(years, found)
    names = institution_names(work(), _codes(file))
    return {
        "file": file,
        "person": file["practitioner"],
        "revision": answer.revision,
        "found": found,
        "attention": attention_of(found),
        "rulebook": found.rulebook,
        "today": found.as_of,
        "last_day": tenure and tenure.last_day,
        "names": names,
        "lines": _lines(file, answer),
        "years": years,
        "year": year,
        "cause": _cause(file, found),
        "drawings": [_drawing(year, width, found, _spans(file, found)) for width in (WIDE, NARROW)],
    }


def _years(file: dict[str, Any], found: Standing) -> list[int]:
    """Return the years that the timeline can show, the newest first and none left out between."""
    present = work().today.year
    known = {present, *found.totals, *(span.start.year for span in found.sanctions)}
    known |= {int(entry["effective_on"][:4]) for entry in file["entries"]}
    return list(range(max(known), min(known) - 1, -1))


def _chosen_year(years: list[int], found: Standing) -> int:
    """Return the year asked for, else that in which the present sanction began, else this one."""
    asked = request.args.get("year", "")
    if asked.isascii() and asked.isdigit() and int(asked) in years:
        return int(asked)
    sanction = found.state.sanction
    return work().today.year if sanction is None else sanction.start.year


def _codes(file: dict[str, Any]) -> set[str]:
    codes = {row.institution for row in file["affiliations"]}
    codes |= {case.institution for case in file["cases"]}
    return codes | {
        notice["addressee"]["ref"] for notice in file["notices"] if notice["addressee"]["kind"] == "institution"
    }


def _lines(file: dict[str, Any], answer: StandingAnswer) -> list[dict[str, Any]]:
    """Return the entries, the newest first, each with its sentence."""
    steps = {step.entry.id: step for step in answer.standing.trace}
    turns = courses(answer.entries)
    seqs = {entry["id"]: entry["seq"] for entry in file["entries"]}
    lines = []
    for entry in reversed(file["entries"]):
        step = steps.get(entry["id"])
        lines.append(entry | {"told": told(entry, step, turns.get(entry["id"], ()), seqs), "step": step})
    return lines


def _cause(file: dict[str, Any], found: Standing) -> dict[str, Any] | None:
    """Return the score behind the present or coming sanction, the last that set its end, with its item's title."""
    coming = (span for span in found.sanctions if span.start > work().today)
    sanction = found.state.sanction or next(coming, None)
    steps = [step for step in found.trace if sanction and brought(step, sanction)]
    if not steps:
        return None
    entry = next(one for one in file["entries"] if one["id"] == steps[-1].entry.id)
    rulebook = steps[-1].entry.rulebook
    return entry | {"title": item_title(rulebook.id, rulebook.valid_from, entry["item"])}


def _spans(file: dict[str, Any], found: Standing) -> list[Span]:
    """Return what the timeline shows as spans: sanctions, then appeals from their filing to their end."""
    sanctions = [Span(kind=one.kind.value, start=one.start, until=one.until) for one in found.sanctions]
    return sanctions + [
        Span(
            kind="appeal",
            start=appeal.recorded_at.date(),
            until=None if appeal.decided_at is None else appeal.decided_at.date() + ONE_DAY,
        )
        for appeal in file["appeals"]
    ]


def _drawing(year: int, width: int, found: Standing, spans: list[Span]) -> Drawing:
    return draw(year, width, steps=found.trace, spans=spans, rulebook=found.rulebook, today=work().today)
