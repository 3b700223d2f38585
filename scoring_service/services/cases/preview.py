"""What a decision will do, seen before it is pressed: it is done, looked at, and undone, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from scoring_service.core.sanction_changes import SanctionChange, sanction_changes
from scoring_service.core.sanctions import SanctionKind
from scoring_service.db.tables import findings, notices, practitioners
from scoring_service.problems import Problem
from scoring_service.services.cases.approval import approve
from scoring_service.services.standing.reading import present_standing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from scoring_service.core.standing import Standing
    from scoring_service.services.unit_of_work.transaction import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a decision does to one person's file: `changes` of sanctions only, what stays as it was is left out."""

    practitioner_id: str
    name: str
    before: Standing
    after: Standing
    changes: tuple[SanctionChange, ...]

    @property
    def terminates(self) -> bool:
        """Whether the decision ends the person's eligibility, or ends it for longer."""
        return self._burdens(SanctionKind.TERMINATION)

    @property
    def suspends(self) -> bool:
        """Whether the decision suspends the person, or suspends them for longer."""
        return self._burdens(SanctionKind.SUSPENSION)

    @property
    def is_measured(self) -> bool:
        """Whether the decision makes a span of a measure; one that has ended before it could begin makes none."""
        return any(change.before is None and change.after and change.after.measure for change in self.changes)

    @property
    def changed_totals(self) -> list[tuple[int, int, int]]:
        """The years whose points become others, each with the points before and after."""
        before, after = self.before.totals, self.after.totals
        pairs = [(year, before.get(year, 0), after.get(year, 0)) for year in sorted({*before, *after})]
        return [pair for pair in pairs if pair[1] != pair[2]]

    def _burdens(self, kind: SanctionKind) -> bool:
        return any(
            change.burdens and change.after is not None and change.after.kind is kind for change in self.changes
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The effects of a decision and how many notices it issues; `refusal` is why it cannot be made."""

    effects: tuple[Effect, ...] = ()
    notices: int = 0
    refusal: Problem | None = None


def preview_approval(work: Work, case_id: str, *, effective_on: date | None = None) -> Preview:
    """Return what approving the case by this actor would do; nothing of it stays. Call it before other acts."""
    people = people_of_case(work, case_id)
    act = partial(approve, work, case_id, effective_on=effective_on, confirm_duplicates=True)
    return preview(work, people, act)


def preview(work: Work, practitioner_ids: Sequence[str], act: Callable[[], object]) -> Preview:
    """Return what `act` would do to these people, in their order; nothing of it stays."""
    before = present_standing(work, list(practitioner_ids))
    issued = _notices(work, practitioner_ids)
    savepoint = work.conn.begin_nested()
    try:
        act()
        effects = effects_of(work, practitioner_ids, before)
        return Preview(effects=effects, notices=_notices(work, practitioner_ids) - issued)
    except Problem as problem:
        return Preview(refusal=problem)
    finally:
        savepoint.rollback()
        work.discard()


def _notices(work: Work, practitioner_ids: Sequence[str]) -> int:
    query = select(func.count()).where(notices.c.practitioner_id.in_(practitioner_ids))
    return work.conn.execute(query).scalar_one()


def people_of_case(work: Work, case_id: str) -> list[str]:
    """Return the ids of the people in a case, in the order of its findings."""
    query = (
        select(findings.c.practitioner_id)
        .where(findings.c.case_id == case_id)
        .group_by(findings.c.practitioner_id)
        .order_by(func.min(findings.c.position))
    )
    return list(work.conn.execute(query).scalars())


def effects_of(
    work: Work, practitioner_ids: Sequence[str], before: dict[str, Standing]
) -> tuple[Effect, ...]:
    """Return what became of each of these people since `before`, in their order."""
    after = present_standing(work, list(practitioner_ids))
    query = select(practitioners.c.id, practitioners.c.name).where(practitioners.c.id.in_(practitioner_ids))
    names = {row.id: row.name for row in work.conn.execute(query)}
    return tuple(_effect(person, names[person], before[person], after[person]) for person in practitioner_ids)


def _effect(practitioner_id: str, name: str, before: Standing, after: Standing) -> Effect:
    return Effect(
        practitioner_id=practitioner_id,
        name=name,
        before=before,
        after=after,
        changes=sanction_changes(before.sanctions, after.sanctions),
    )
