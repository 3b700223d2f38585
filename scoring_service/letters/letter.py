"""A letter as data: the text that both templates lay out, and no more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from scoring_service.letters.facts import Facts

if TYPE_CHECKING:
    from datetime import date

    from scoring_service.json_values import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table within a letter: `widths` are the columns' shares of the line in percent."""

    head: tuple[str, ...]
    widths: tuple[int, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A numbered part: its heading, paragraphs, labelled values and at most one table, in this order."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    table: Table | None = None
    closing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """The whole text of a letter, in the order in which it is read."""

    office: str
    number: str
    title: str
    addressee: str
    opening: str
    person: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    closing: str
    dated: str
    provisional: bool
    reference: str

    def as_json(self) -> JsonObject:
        """Return the letter as JSON values, as it is stored and handed to the templates."""
        kept: JsonObject = msgspec.to_builtins(self)
        return kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Whom the letter is about; `institutions` are the names of those where they are registered that day."""

    name: str
    code: str | None
    category: str
    institutions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """Whom the letter is to: `practitioner`, `institution` or `authority`."""

    kind: str
    name: str

    @property
    def is_person(self) -> bool:
        """Whether the letter speaks to the person it is about."""
        return self.kind == "practitioner"


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """What case, catalogue and rulebook tell of a score: the decision against the institution, the item.

    `adjustment` says in what way and why the points are lighter or heavier, None where they are not.
    `emergency_covers_termination` is the rulebook's: whether emergencies are paid for while terminated too.
    """

    institution: str
    handling_kind: str
    authority: str
    document_no: str
    decided_on: date
    item_title: str
    legal_basis: str
    degree: str
    adjustment: str | None
    occurred_from: date | None
    occurred_until: date | None
    emergency_covers_termination: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealTerms:
    """How long the addressee may appeal: from receipt, and until when if the receipt is never acknowledged.

    `deemed_on` is the day on which the notice then counts as received, `last_day` the last of the window from
    there; `provisional` while a calendar they reach is unpublished (scheme.md 2.7).
    """

    window_working_days: int
    deemed_working_days: int
    deemed_on: date
    last_day: date
    provisional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumptionTerms:
    """From when a suspended person may apply to be restored (P39): `apply_working_days` before the last term's end.

    That is `apply_from`, `provisional` while a calendar it reaches is unpublished (scheme.md 2.7); the last term ends
    on `ends_on`. `pays_after_term` is the rulebook's: whether fees are paid again from the term's end.
    """

    apply_working_days: int
    apply_from: date
    provisional: bool
    ends_on: date
    pays_after_term: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InstitutionDuties:
    """What the letter asks of the institution where the act happened, within working days of its receipt.

    `maintain_working_days` for the state in its own systems (P33), `talk_working_days` for the talk (P36); None where
    it does not ask.
    """

    maintain_working_days: int | None
    talk_working_days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """Everything that a letter is written from."""

    kind: str
    reference: str
    office: str
    number: str
    issued_on: date
    person: Person
    addressee: Addressee
    facts: Facts
    violation: Violation | None = None
    appeal: AppealTerms | None = None
    resumption: ResumptionTerms | None = None
    duties: InstitutionDuties | None = None
