"""A sanction as JSON columns keep it: in the facts of a notice, in an event, beside a correction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypedDict

if TYPE_CHECKING:
    from datetime import date

    from scoring_service.core.rulebook import Ground
    from scoring_service.core.sanctions import SanctionKind


class SanctionSpan(Protocol):
    """What is told of a sanction."""

    @property
    def kind(self) -> SanctionKind: ...
    @property
    def ground(self) -> Ground: ...
    @property
    def start(self) -> date: ...
    @property
    def until(self) -> date: ...


# A class could have no member `from`.
StatedSanction = TypedDict("StatedSanction", {"kind": str, "ground": str, "from": str, "until": str})


def stated_sanction(span: SanctionSpan) -> StatedSanction:
    """Return a sanction as it is kept: `[from, until)`, of a termination its ban."""
    return {
        "kind": span.kind.value,
        "ground": span.ground.value,
        "from": span.start.isoformat(),
        "until": span.until.isoformat(),
    }
