"""Every kind of proposal, by the name under which the office finds what waits for a decision."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic

from scoring_service.services.proposals import (
    corrections,
    proposal,
    registry_corrections,
    remediation,
    reregistrations,
    resumption_decisions,
)
from scoring_service.services.proposals.corrections import CORRECTION
from scoring_service.services.proposals.proposal import Kind, Shown
from scoring_service.services.proposals.registry_corrections import REGISTRY_CORRECTION
from scoring_service.services.proposals.remediation_reading import APPLICATION
from scoring_service.services.proposals.reregistrations import REREGISTRATION
from scoring_service.services.proposals.resumption_reading import RESUMPTION

if TYPE_CHECKING:
    from scoring_service.services.unit_of_work.transaction import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided(Generic[Shown]):
    """A kind of proposal with what its approval and its rejection do."""

    kind: Kind[Shown]
    approve: Callable[..., Shown]
    refuse: Callable[..., Shown] | None = None

    def reject(self, work: Work, proposal_id: str, *, reason: str, expected_version: int | None = None) -> Shown:
        """Reject a proposal in the way of its kind; return it."""
        if self.refuse is not None:
            return self.refuse(work, proposal_id, reason=reason, expected_version=expected_version)
        return proposal.reject(work, self.kind, proposal_id, reason=reason, expected_version=expected_version)


KINDS: Mapping[str, Decided[Any]] = {
    "corrections": Decided(kind=CORRECTION, approve=corrections.approve),
    "registry": Decided(kind=REGISTRY_CORRECTION, approve=registry_corrections.approve),
    "resumptions": Decided(
        kind=RESUMPTION, approve=resumption_decisions.approve, refuse=resumption_decisions.refuse
    ),
    "remediation": Decided(kind=APPLICATION, approve=remediation.approve),
    "reregistrations": Decided(kind=REREGISTRATION, approve=reregistrations.approve),
}
