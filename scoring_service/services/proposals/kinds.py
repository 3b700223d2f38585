"""Every kind of proposal that one desk approves or rejects, by the name under which the office finds what waits.

Applications for a resumption wait for others too, and have a desk of their own (`services/desks/resumption_desk.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from scoring_service.services.proposals import (
    corrections,
    liftings,
    merges,
    registry_corrections,
    remediation,
    reregistrations,
)
from scoring_service.services.proposals.consent import ConsentedKind
from scoring_service.services.proposals.corrections import CORRECTION
from scoring_service.services.proposals.liftings import LIFTING
from scoring_service.services.proposals.merges import MERGE
from scoring_service.services.proposals.proposal import Kind, Proposal
from scoring_service.services.proposals.registry_corrections import REGISTRY_CORRECTION
from scoring_service.services.proposals.remediation_reading import APPLICATION
from scoring_service.services.proposals.reregistrations import REREGISTRATION
from scoring_service.services.proposals.resumption_reading import RESUMPTION


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A kind of proposal with what its approval does."""

    kind: Kind[Any]
    approve: Callable[..., Proposal]


# Those that wait for an institution of the person's first.
CONSENTED_KINDS: tuple[ConsentedKind[Any], ...] = (RESUMPTION, APPLICATION)
KINDS = {
    "corrections": Decided(kind=CORRECTION, approve=corrections.approve),
    "liftings": Decided(kind=LIFTING, approve=liftings.approve),
    "merges": Decided(kind=MERGE, approve=merges.approve),
    "registry": Decided(kind=REGISTRY_CORRECTION, approve=registry_corrections.approve),
    "remediation": Decided(kind=APPLICATION, approve=remediation.approve),
    "reregistrations": Decided(kind=REREGISTRATION, approve=reregistrations.approve),
}
