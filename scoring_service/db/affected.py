"""What a correction has affected: the sanctions before and after it, and the refusals that would now be payable."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from scoring_service.core.rulebook import Ground
from scoring_service.core.sanctions import SanctionKind
from scoring_service.db.sanction_json import stated_sanction

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scoring_service.core.sanctions import Sanction
    from scoring_service.db.tables.schema import Columns


@dataclass(frozen=True, slots=True, kw_only=True)
class AffectedSpan:
    """A sanction `[start, until)` as it was kept with the correction, and the end of its state."""

    kind: SanctionKind
    ground: Ground
    start: date
    until: date | None
    state_until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AffectedRefusal:
    """A refusal on record, by the id of its answer, whose fee would now be payable."""

    decision_id: str
    service_on: date
    institution: str | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """What the correction `entry` has affected: every sanction before and after it, and the refusals."""

    entry: str
    before: tuple[AffectedSpan, ...]
    after: tuple[AffectedSpan, ...]
    refusals: tuple[AffectedRefusal, ...]

    def kept(self) -> Columns:
        """Return it as it is kept in JSON."""
        return {
            "entry": self.entry,
            "before": [stated_sanction(span) for span in self.before],
            "after": [stated_sanction(span) for span in self.after],
            "refusals": [
                {
                    "decision_id": refusal.decision_id,
                    "service_on": refusal.service_on.isoformat(),
                    "institution": refusal.institution,
                    "reason": refusal.reason,
                }
                for refusal in self.refusals
            ],
        }


def affected_spans(sanctions: Iterable[Sanction]) -> tuple[AffectedSpan, ...]:
    """Return the sanctions of a file as they are kept with a correction."""
    return tuple(
        AffectedSpan(
            kind=span.kind, ground=span.ground, start=span.start, until=span.until, state_until=span.state_until
        )
        for span in sanctions
    )


def affected_of(kept: Mapping[str, Any]) -> Affected:
    """Return what was kept in JSON."""
    return Affected(
        entry=kept["entry"],
        before=tuple(map(_span, kept["before"])),
        after=tuple(map(_span, kept["after"])),
        refusals=tuple(
            AffectedRefusal(**refusal | {"service_on": date.fromisoformat(refusal["service_on"])})
            for refusal in kept["refusals"]
        ),
    )


def _span(kept: Mapping[str, Any]) -> AffectedSpan:
    """Before terms and states were apart, a suspension's state ended with its term and a ban's was not kept."""
    ended = kept["until"] if kept["kind"] == SanctionKind.SUSPENSION else None
    return AffectedSpan(
        kind=SanctionKind(kept["kind"]),
        ground=Ground(kept["ground"]),
        start=date.fromisoformat(kept["from"]),
        until=_day(kept["until"]),
        state_until=_day(kept.get("state_until", ended)),
    )


def _day(kept: str | None) -> date | None:
    return None if kept is None else date.fromisoformat(kept)
