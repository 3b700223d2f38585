"""A sanction as JSON columns keep it: in the facts of a notice, in an event, beside a correction."""

from __future__ import annotations

from typing import TYPE_CHECKING, NotRequired, Protocol, TypedDict

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
    def until(self) -> date | None: ...
    @property
    def state_until(self) -> date | None: ...


# A class could have no member `from`. What was kept before terms and states were apart has no `state_until`.
StatedSanction = TypedDict(
    "StatedSanction",
    {"kind": str, "ground": str, "from": str, "until": str | None, "state_until": NotRequired[str | None]},
)


def stated_sanction(span: SanctionSpan) -> StatedSanction:
    """Return a sanction as it is kept: `[from, until)` its term or ban, `state_until` the end of its state."""
    return {
        "kind": span.kind.value,
        "ground": span.ground.value,
        "from": span.start.isoformat(),
        "until": _text(span.until),
        "state_until": _text(span.state_until),
    }


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
