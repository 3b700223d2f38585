"""Reminders of the way back from a suspension, each day: when one may apply, and the last day to do so in time (P39).

That a letter was written is told by the notice itself, by the end of the term that it names: a term that grows later
gets letters of its own.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import Date, and_, cast, or_, select

from scoring_service.core.procedure import NoticeKind
from scoring_service.core.sanctions import SanctionKind
from scoring_service.db.cases import institutions_of_entries
from scoring_service.db.files import read_files
from scoring_service.db.sanction_json import stated_sanction
from scoring_service.db.tables import notices, resumptions, standing_sanctions
from scoring_service.letters.resuming import Stage, window_facts
from scoring_service.problems import Conflict
from scoring_service.services.notices.documents import Loaded
from scoring_service.services.notices.issuing import Letter, issue_each
from scoring_service.services.proposals.consent import OPEN
from scoring_service.services.standing.ways_back import open_window

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import ColumnElement

    from scoring_service.db.files import File
    from scoring_service.services.standing.ways_back import ResumptionWindow
    from scoring_service.services.unit_of_work.transaction import Work

_SPANS, _NOTICES = standing_sanctions.c, notices.c


def remind(work: Work, day: date, limit: int, after: str | None) -> tuple[dict[str, int], str | None]:
    """Write what the day asks for to the next `limit` people behind the id `after`; return the counts and the last id.

    It is None when nobody is left.
    """
    people = _waiting(work, day, limit, after)
    files = read_files(work.conn, people) if people else {}
    letters = [letter for person, file in files.items() if (letter := _letter(work, person, file, day)) is not None]
    if letters:
        work.record()
        issue_each(work, letters, loaded=Loaded(files=files))
    return {"resumption_reminders": len(letters)}, people[-1] if len(people) == limit else None


def _waiting(work: Work, day: date, limit: int, after: str | None) -> list[str]:
    """Return the ids of people with a suspension that waits for a resumption and of which a letter may be due."""
    waits = and_(
        _SPANS.kind == SanctionKind.SUSPENSION.value,
        _SPANS.from_on <= day,
        _SPANS.state_until_on.is_(None),
        _SPANS.until_on.is_not(None),
        or_(~_is_told(Stage.WINDOW), and_(_SPANS.until_on > day, ~_is_told(Stage.LAST_DAY))),
    )
    query = select(_SPANS.practitioner_id).where(waits).distinct().order_by(_SPANS.practitioner_id).limit(limit)
    if after is not None:
        query = query.where(_SPANS.practitioner_id > after)
    return list(work.conn.execute(query).scalars())


@cache
def _is_told(stage: Stage) -> ColumnElement[bool]:
    """Return the condition on a span that a letter of this stage has told of its term, or of a longer one."""
    letter = and_(
        _NOTICES.practitioner_id == _SPANS.practitioner_id,
        _NOTICES.kind == NoticeKind.RESUMPTION,
        _NOTICES.facts["stage"].astext == stage.value,
        cast(_NOTICES.facts["ends_on"].astext, Date) >= _SPANS.until_on,
    )
    return select(notices.c.id).where(letter).exists()


def _letter(work: Work, person: str, file: File, day: date) -> Letter | None:
    """Return the letter that is due to a person on `day`; None while no resumption can be applied for."""
    try:
        window = open_window(work.service.calendar, file.folded(), day)
    except Conflict:
        return None
    stage = _stage_due(work, person, window, day)
    if stage is None:
        return None
    return Letter(
        kind=NoticeKind.RESUMPTION,
        practitioner_id=person,
        facts=window_facts(
            stage=stage,
            apply_from=window.apply_from,
            apply_by=window.apply_by,
            ends_on=window.ends_on,
            evaluation_working_days=window.rulebook.resumption_evaluation_working_days,
            spans=[stated_sanction(span) for span in window.suspensions],
        ),
        case_institutions=institutions_of_entries(work.conn, window.brought_by),
    )


def _stage_due(work: Work, person: str, window: ResumptionWindow, day: date) -> Stage | None:
    if _has_applied(work, person):
        return None
    stages = _stages_told(work, person, window.ends_on)
    if Stage.WINDOW not in stages:
        return Stage.WINDOW
    return Stage.LAST_DAY if day == window.apply_by and Stage.LAST_DAY not in stages else None


def _has_applied(work: Work, person: str) -> bool:
    query = select(resumptions.c.id).where(
        resumptions.c.practitioner_id == person, resumptions.c.state.in_(OPEN)
    )
    return work.conn.execute(query).first() is not None


def _stages_told(work: Work, person: str, ends_on: date) -> set[str]:
    stage = _NOTICES.facts["stage"].astext
    query = select(stage).where(
        _NOTICES.practitioner_id == person,
        _NOTICES.kind == NoticeKind.RESUMPTION,
        cast(_NOTICES.facts["ends_on"].astext, Date) >= ends_on,
    )
    return set(work.conn.execute(query).scalars())
