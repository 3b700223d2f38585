"""What like cases got: of the item and degree of a finding, decided in the two years before, here and elsewhere.

It is counted anew while a case is a draft. What was seen when it was submitted stays with the finding, so that the
reviewer and an appeal see the same.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scoring_service.core.errors import RuleError
from scoring_service.core.spread import like_days, similar_of
from scoring_service.db.like_cases import like_scores
from scoring_service.services.cases.findings import UNLIKE_SIMILAR_CASES, is_unlike, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from scoring_service.core.spread import Similar
    from scoring_service.db.cases import KnownFinding, StoredCase, StoredFinding
    from scoring_service.db.like_cases import Kind
    from scoring_service.services.unit_of_work.transaction import Work


def similar_cases(
    work: Work, known: Iterable[KnownFinding], *, division: str, decided_on: date, but: str | None
) -> dict[Kind, Similar]:
    """Return what cases like each of these findings with points got, as of now, in one statement.

    Like are the scores of the same item and degree decided in the two years before `decided_on`, that day not
    included: those of every approved case but `but`, with the points that they are held to now, one annulled left out.
    `division` is the case's: what was decided there is here.
    """
    return similar_kinds(
        work,
        {kind_of(finding) for finding in known if finding.points is not None},
        division=division,
        decided_on=decided_on,
        but=but,
    )


def similar_kinds(
    work: Work, kinds: set[Kind], *, division: str, decided_on: date, but: str | None
) -> dict[Kind, Similar]:
    """Return what `similar_cases` does, of these items and degrees."""
    if not kinds:
        return {}
    scores = like_scores(work.conn, kinds, division=division, days=like_days(decided_on), but=but)
    return {kind: similar_of(of_kind.here, of_kind.elsewhere) for kind, of_kind in scores.items()}


def similar_while_drafting(
    work: Work, kinds: set[Kind], *, division: str, decided_on: date, but: str | None
) -> dict[Kind, Similar]:
    """Return what `similar_kinds` does; nothing for a day of which no rulebook judges."""
    try:
        work.rulebooks.for_division(division, decided_on)
    except RuleError:
        return {}
    return similar_kinds(work, kinds, division=division, decided_on=decided_on, but=but)


def compared_anew(work: Work, case: StoredCase, stored: Sequence[StoredFinding]) -> list[StoredFinding]:
    """Return the findings of a case with what like cases got as of now, and flagged by it."""
    decided_on = case.handling.decided_on
    similar = similar_cases(work, stored, division=case.region, decided_on=decided_on, but=case.id)
    return [_compared(finding, similar.get(kind_of(finding))) for finding in stored]


def _compared(finding: StoredFinding, similar: Similar | None) -> StoredFinding:
    flags = tuple(flag for flag in finding.flags if flag != UNLIKE_SIMILAR_CASES)
    if is_unlike(finding, similar):
        flags = (*flags, UNLIKE_SIMILAR_CASES)
    return replace(finding, flags=flags, similar=None if finding.points is None else similar)


def similar_as_kept(stored: Iterable[StoredFinding]) -> dict[Kind, Similar]:
    """Return what like cases got as it was seen when the findings were submitted."""
    return {kind_of(finding): finding.similar for finding in stored if finding.similar is not None}
