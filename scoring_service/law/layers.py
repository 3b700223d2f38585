"""The law as it was known at a moment: what the service ships, and over it each adopted file from its adoption on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scoring_service.core.errors import RuleError
from scoring_service.law.adopting import laid_over, named_file
from scoring_service.law.files import RulebookError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from scoring_service.law.rulebooks import Rulebooks


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """A file that was adopted for a rulebook: known from an instant on, in force from a day on, which is later."""

    rulebook: str
    content: bytes
    begins_on: date
    known_from: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Layers:
    """The law of every moment: `adoptions` are in the order in which they became known."""

    shipped: Rulebooks
    adoptions: Sequence[Adoption] = ()
    _made: dict[int, Rulebooks] = field(default_factory=dict)

    def as_known(self, known_at: datetime) -> Rulebooks:
        """Return the law by the knowledge of an instant. Raises RulebookError where the layers do not fit together."""
        if not self.adoptions:
            return self.shipped
        return self._with(sum(adoption.known_from <= known_at for adoption in self.adoptions))

    def latest(self) -> Rulebooks:
        """Return the law with every adopted file. Raises as `as_known`."""
        return self._with(len(self.adoptions))

    def _with(self, many: int) -> Rulebooks:
        if many == 0:
            return self.shipped
        if many not in self._made:
            self._made[many] = _adopted(self._with(many - 1), self.adoptions[many - 1])
        return self._made[many]


def _adopted(law: Rulebooks, adoption: Adoption) -> Rulebooks:
    try:
        in_force = law.file(adoption.rulebook)
    except RuleError as unknown:
        raise RulebookError(
            f"{unknown.detail}，请保留其文件 / keep its file: the database has adopted ones of it"
        ) from unknown
    file = named_file(adoption.rulebook, adoption.content)
    return law.with_file(laid_over(in_force, file, adoption.begins_on))
