"""What an approval will do, seen before it is pressed: it is done, looked at, and undone, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from scoring_service.core.sanctions import Sanction, SanctionKind
from scoring_service.db.tables import findings, notices, practitioners
from scoring_service.problems import Problem
from scoring_service.services.approval import approve
from scoring_service.services.standing import present_standing

if TYPE_CHECKING:
    from datetime import date

    from scoring_service.core.standing import Standing
    from scoring_service.services.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What an approval does to one person's file; `new` are the sanction spans that were not there before."""

    practitioner_id: str
    name: str
    before: Standing
    after: Standing
    new: tuple[Sanction, ...]

    @property
    def terminates(self) -> bool:
        """Whether the approval ends the person's eligibility."""
        return any(span.kind is SanctionKind.TERMINATION for span in self.new)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The effects of an approval and how many notices it issues; `refusal` is why it cannot be approved."""

    effects: tuple[Effect, ...] = ()
    notices: int = 0
    refusal: Problem | None = None


def preview_approval(work: Work, case_id: str, *, effective_on: date | None = None) -> Preview:
    """Return what approving the case by this actor would do; nothing of it stays. Call it before other acts."""
    savepoint = work.conn.begin_nested()
    try:
        return _approved(work, case_id, effective_on)
    except Problem as problem:
        return Preview(refusal=problem)
    finally:
        savepoint.rollback()
        work.discard()


def _approved(work: Work, case_id: str, effective_on: date | None) -> Preview:
    before = standings_of_case(work, case_id)
    approve(work, case_id, effective_on=effective_on)
    issued = select(func.count()).where(notices.c.case_id == case_id)
    return Preview(
        effects=effects_of(work, case_id, before), notices=work.conn.execute(issued).scalar_one()
    )


def standings_of_case(work: Work, case_id: str) -> dict[str, Standing]:
    """Return the present standing of each person in a case, by id."""
    query = select(findings.c.practitioner_id).where(findings.c.case_id == case_id).distinct()
    return present_standing(work, sorted(work.conn.execute(query).scalars()))


def effects_of(work: Work, case_id: str, before: dict[str, Standing]) -> tuple[Effect, ...]:
    """Return what became of each person in a case since `before`, in the order of its findings."""
    after = standings_of_case(work, case_id)
    people = work.conn.execute(
        select(practitioners.c.id, practitioners.c.name)
        .join(findings, findings.c.practitioner_id == practitioners.c.id)
        .where(findings.c.case_id == case_id)
        .group_by(practitioners.c.id)
        .order_by(func.min(findings.c.position))
    )
    return tuple(
        Effect(
            practitioner_id=row.id,
            name=row.name,
            before=before[row.id],
            after=after[row.id],
            new=tuple(span for span in after[row.id].sanctions if span not in before[row.id].sanctions),
        )
        for row in people
    )
