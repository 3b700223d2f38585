"""The outlook: how far to each threshold, what each activity would change, and what a next score would do.

What a score would do is found by folding the file with it, never by a table.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

from scoring_service.core.attention import attention_of
from scoring_service.core.entries import Score
from scoring_service.core.errors import RuleError
from scoring_service.core.fold import ConsequenceKind, FoldedFile, fold
from scoring_service.core.rulebook import LOWEST_POINTS, Degree, Ground
from scoring_service.core.sanction_changes import sanction_changes
from scoring_service.core.sanctions import Sanction, SanctionKind
from scoring_service.core.standing import state_on
from scoring_service.db.files import read_files
from scoring_service.services.proposals.choices import choice_json, choices
from scoring_service.services.proposals.credits import CreditableFile, creditable_file
from scoring_service.services.standing.reading import standing_from
from scoring_service.services.unit_of_work.sight import require_practitioner

if TYPE_CHECKING:
    from datetime import datetime

    from scoring_service.core.rulebook import Activity, Rulebook
    from scoring_service.core.standing import Standing
    from scoring_service.services.unit_of_work.transaction import Work


def outlook_of(work: Work, ref: str) -> dict[str, Any]:
    """Return the outlook of a person today, the look on record. Raises NotFound."""
    person = require_practitioner(work, ref)
    work.look(person["id"], "outlook")
    file = creditable_file(work.rulebooks, read_files(work.conn, [person["id"]])[person["id"]], work.today)
    standing = standing_from(work.rulebooks, file.file, work.today)
    state = standing.state
    return {
        "practitioner": {"id": person["id"], "code": person["code"], "name": person["name"]},
        "as_of": work.today.isoformat(),
        "rulebook": file.rulebook.id,
        "points": standing.points,
        "status": state.status.value,
        "attention": attention_of(standing),
        "current_sanction": state.sanction,
        "may_reapply_from": state.may_reapply_from and state.may_reapply_from.isoformat(),
        "thresholds": _thresholds(standing),
        "resets_on": date(work.today.year + 1, 1, 1).isoformat(),
        "choices": [choice_json(choice) for choice in choices(work.rulebooks, file, work.now)],
        "activities": [_activity(file, activity) for activity in file.rulebook.remediation],
        "next_score": [_next_score(file, points, work.now) for points in _tried(file.rulebook)],
    }


def _tried(rulebook: Rulebook) -> tuple[int, ...]:
    """Return the scores to try: the lowest, the highest of each band below a suspension, that which terminates."""
    below = (band.highest for band in rulebook.bands if band.highest < rulebook.suspend_at)
    return LOWEST_POINTS, *below, rulebook.terminate_at


def _thresholds(standing: Standing) -> list[dict[str, Any]]:
    """Every total with a consequence and the distance to it, 0 when it is reached."""
    rulebook = standing.rulebook
    totals = [(tier.points, ConsequenceKind.WARNING.value) for tier in rulebook.warnings]
    totals += [
        (rulebook.suspend_at, SanctionKind.SUSPENSION.value),
        (rulebook.terminate_at, SanctionKind.TERMINATION.value),
    ]
    return [
        {"points": points, "remaining": max(0, points - standing.points), "consequence": consequence}
        for points, consequence in totals
    ]


def _activity(file: CreditableFile, activity: Activity) -> dict[str, Any]:
    """What an activity would give today, as points and as days of a sanction, or why it would not."""
    would_give = {effect: _credit(file, activity, effect) for effect in ("points", "term")}
    return asdict(activity) | {"would_give": would_give}


def _credit(file: CreditableFile, activity: Activity, effect: str) -> dict[str, Any]:
    try:
        return {"granted": file.credit(activity, effect).amount, "refused": None}
    except RuleError as refused:
        return {"granted": 0, "refused": refused.code}


def _next_score(file: CreditableFile, points: int, now: datetime) -> dict[str, Any]:
    score = _hypothetical(file, points, now)
    folded = fold((*file.file.entries, score))
    step = next(step for step in folded.steps if step.entry is score)
    known = {_shown(span) for span in file.folded.sanctions}
    return {
        "points": points,
        "total": step.total_after,
        "consequence": str(step.consequence) if step.consequence else None,
        "status": _status(file, folded, file.rulebook.start(file.day)),
        "sanctions": [span for span in folded.sanctions if _shown(span) not in known],
        "changes": sanction_changes(file.folded.sanctions, folded.sanctions),
    }


def _shown(span: Sanction) -> tuple[SanctionKind, Ground, date, date]:
    """Return what an outlook shows of a sanction."""
    return span.kind, span.ground, span.start, span.until


def _status(file: CreditableFile, folded: FoldedFile, day: date) -> str:
    registered = file.file.profile(folded).registered_on(day)
    return state_on(day, folded.sanctions, registered=registered).status.value


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
