"""The law in force as a process remembers it: the adopted files over the shipped ones, until the epoch moves.

Every adoption moves the epoch (migration 0063), while it holds the law's lock alone. Whoever shares that lock knows
that none is under way: the law that it reads is whole up to any instant of its transaction, and no later adoption is
known from an instant before its end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select, text

from scoring_service.core.procedure import DraftState
from scoring_service.db.locks import Lock, shared_else, shared_for
from scoring_service.db.marks import LAW
from scoring_service.db.tables import rulebook_drafts
from scoring_service.law.layers import Adoption, Layers

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from scoring_service.db.marks import Marks
    from scoring_service.law.rulebooks import Rulebooks

_LAST = "pg_sequence_last_value('law_epoch')"
# It is 1 before the first adoption, so that 0 is none: an adoption is under way.
EPOCH = shared_else(Lock.LAW, _LAST, "0")
_EPOCH = text(f"SELECT {shared_for(Lock.LAW, _LAST)}")
_ADOPTED = (
    select(*(rulebook_drafts.c[name] for name in ("rulebook_id", "content", "begins_on", "decided_at")))
    .where(rulebook_drafts.c.state == DraftState.APPROVED)
    .order_by(rulebook_drafts.c.decided_at)
)


@dataclass(frozen=True, slots=True)
class _Held:
    """The law, the epoch at which it was read, and the number of the marks that stood before that."""

    epoch: int
    number: int
    layers: Layers


class PresentLaw:
    """The law in force, remembered by one process; it is shared by its threads."""

    def __init__(self) -> None:
        self._held: _Held | None = None

    def read(self, conn: Connection, shipped: Rulebooks, marks: Marks | None = None) -> Layers:
        """Return the law over the `shipped` rulebooks; until the transaction ends, nothing is adopted."""
        number = 0 if marks is None else marks.number()
        epoch: int = conn.execute(_EPOCH).scalar_one()
        held = self._held
        if held is not None and held.epoch == epoch and held.layers.shipped is shipped:
            layers = held.layers
        else:
            layers = Layers(shipped=shipped, adoptions=_adoptions(conn))
        if held is None or held.layers is not layers or held.number < number:
            self._held = _Held(epoch, number, layers)
        return layers

    def at_epoch(self, epoch: int, shipped: Rulebooks) -> Layers | None:
        """Return the law if it was read at this epoch, which somebody sharing the law's lock has seen."""
        held = self._held
        return held.layers if held and held.epoch == epoch and held.layers.shipped is shipped else None

    def as_marked(self, marks: Marks, shipped: Rulebooks) -> Layers | None:
        """Return the law if nothing was adopted on this machine since it was read, nor is being adopted.

        An instant that was read before is then one up to which it is whole.
        """
        held = self._held
        if held is None or held.layers.shipped is not shipped or not marks.holds(LAW, held.number):
            return None
        return held.layers


def _adoptions(conn: Connection) -> tuple[Adoption, ...]:
    return tuple(
        Adoption(
            rulebook=row.rulebook_id,
            content=row.content.encode(),
            begins_on=row.begins_on,
            known_from=row.decided_at,
        )
        for row in conn.execute(_ADOPTED)
    )
