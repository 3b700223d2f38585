"""The outlook: how far to each threshold, what each activity would change, and what a next score would do.

What a score would do is found by folding the file with it, never by a table.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from scoring_service.core.entries import Score
from scoring_service.core.errors import RuleError
from scoring_service.core.fold import ConsequenceKind, fold
from scoring_service.core.rulebook import LOWEST_POINTS, Degree
from scoring_service.core.sanction_changes import sanction_changes
from scoring_service.core.standing import state_on
from scoring_service.db.files import read_files
from scoring_service.services.proposals.choices import choices
from scoring_service.services.proposals.credits import EFFECTS, creditable_file
from scoring_service.services.standing.reading import standing_from
from scoring_service.services.unit_of_work.sight import require_practitioner

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from scoring_service.core.fold import Consequence, FoldedFile
    from scoring_service.core.rulebook import Activity, Ground, Rulebook
    from scoring_service.core.sanction_changes import SanctionChange
    from scoring_service.core.sanctions import Sanction, SanctionKind
    from scoring_service.core.standing import Standing, Status
    from scoring_service.db.persons import NamedPractitioner
    from scoring_service.services.proposals.choices import Choice
    from scoring_service.services.proposals.credits import CreditableFile
    from scoring_service.services.unit_of_work.transaction import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A total with a consequence and the points that remain to it, 0 when it is reached."""

    points: int
    remaining: int
    consequence: ConsequenceKind


@dataclass(frozen=True, slots=True, kw_only=True)
class WouldGive:
    """What an activity would give today, in points or days, or the code of why it would not."""

    granted: int
    refused: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedActivity:
    """An activity of the catalogue with what it would give today for either effect."""

    activity: Activity
    would_give: Mapping[str, WouldGive]


@dataclass(frozen=True, slots=True, kw_only=True)
class NextScore:
    """What a score of `points` would do today; `sanctions` are the spans that would be new or other ones."""

    points: int
    total: int
    consequence: Consequence | None
    status: Status
    sanctions: tuple[Sanction, ...]
    changes: tuple[SanctionChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """A person's standing today and what lies ahead of it; the total begins anew on `resets_on`."""

    practitioner: NamedPractitioner
    standing: Standing
    thresholds: tuple[Threshold, ...]
    resets_on: date
    choices: tuple[Choice, ...]
    activities: tuple[OfferedActivity, ...]
    next_scores: tuple[NextScore, ...]


def outlook_of(work: Work, ref: str) -> Outlook:
    """Return the outlook of a person today, the look on record. Raises NotFound."""
    person = require_practitioner(work, ref)
    work.look(person.id, "outlook")
    file = creditable_file(work.rulebooks, read_files(work.conn, [person.id])[person.id], work.today)
    standing = standing_from(work.rulebooks, file.file, work.today)
    return Outlook(
        practitioner=person,
        standing=standing,
        thresholds=tuple(_thresholds(standing)),
        resets_on=date(work.today.year + 1, 1, 1),
        choices=choices(work.rulebooks, file, work.now),
        activities=tuple(_offered(file, activity) for activity in file.rulebook.remediation),
        next_scores=tuple(_next_score(file, points, work.now) for points in _tried(file.rulebook)),
    )


def _tried(rulebook: Rulebook) -> tuple[int, ...]:
    """Return the scores to try: the lowest, the highest of each band below a suspension, that which terminates."""
    below = (band.highest for band in rulebook.bands if band.highest < rulebook.suspend_at)
    return LOWEST_POINTS, *below, rulebook.terminate_at


def _thresholds(standing: Standing) -> list[Threshold]:
    """Every total with a consequence and the distance to it, 0 when it is reached."""
    rulebook = standing.rulebook
    totals = [(tier.points, ConsequenceKind.WARNING) for tier in rulebook.warnings]
    totals += [
        (rulebook.suspend_at, ConsequenceKind.SUSPENSION),
        (rulebook.terminate_at, ConsequenceKind.TERMINATION),
    ]
    return [
        Threshold(points=points, remaining=max(0, points - standing.points), consequence=consequence)
        for points, consequence in totals
    ]


def _offered(file: CreditableFile, activity: Activity) -> OfferedActivity:
    """What an activity would give today, as points and as days of a sanction, or why it would not."""
    would_give = {effect: _would_give(file, activity, effect) for effect in EFFECTS}
    return OfferedActivity(activity=activity, would_give=would_give)


def _would_give(file: CreditableFile, activity: Activity, effect: str) -> WouldGive:
    try:
        return WouldGive(granted=file.credit(activity, effect).amount, refused=None)
    except RuleError as refused:
        return WouldGive(granted=0, refused=refused.code)


def _next_score(file: CreditableFile, points: int, now: datetime) -> NextScore:
    score = _hypothetical(file, points, now)
    folded = fold((*file.file.entries, score))
    step = next(step for step in folded.steps if step.entry is score)
    known = {_shown(span) for span in file.folded.sanctions}
    return NextScore(
        points=points,
        total=step.total_after,
        consequence=step.consequence,
        status=_status(file, folded, file.rulebook.start(file.day)),
        sanctions=tuple(span for span in folded.sanctions if _shown(span) not in known),
        changes=sanction_changes(file.folded.sanctions, folded.sanctions),
    )


def _shown(span: Sanction) -> tuple[SanctionKind, Ground, date, date | None]:
    """Return what an outlook shows of a sanction."""
    return span.kind, span.ground, span.start, span.until


def _status(file: CreditableFile, folded: FoldedFile, day: date) -> Status:
    registered = file.file.profile(folded).registered_on(day)
    return state_on(day, folded.sanctions, registered=registered).status


def _hypothetical(file: CreditableFile, points: int, now: datetime) -> Score:
    """Return a score of today under the person's rulebook, as it would follow the last entry."""
    return Score(
        id="hypothetical",
        seq=max((entry.seq for entry in file.file.entries), default=0) + 1,
        revision=0,
        effective_on=file.day,
        recorded_at=now,
        rulebook=file.rulebook,
        points=points,
        decided_on=file.day,
        finding="hypothetical",
        item="hypothetical",
        degree=Degree.MAIN,
    )
