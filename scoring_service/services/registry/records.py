"""The registry as values: people, their rows in time, institutions; identity numbers are masked."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING

from scoring_service.db.registry import InstitutionFields

if TYPE_CHECKING:
    from datetime import datetime

    from scoring_service.core.attention import Attention
    from scoring_service.core.standing import Span, Status
    from scoring_service.json_values import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryRow:
    """A half-open span of the registry; `until` is None while it is open.

    Its `number` never changes: the file's revision at which it was first recorded.
    """

    number: int
    start: date
    until: date | None


    def as_json(self) -> JsonObject:
        """Return the row as JSON values, as the proposal of its correction keeps it."""
        columns = asdict(self)
        own = {name: value for name, value in columns.items() if name not in {"start", "until"}}
        shown = {"from": self.start, "until": self.until, **own}
        return {name: value.isoformat() if isinstance(value, date) else value for name, value in shown.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRecord(RegistryRow):
    """What a person was called and coded as in a span; every code still names the person.

    A row that came `merged_from` another file of the person is what that file called them.
    """

    name: str
    code: str | None
    id_number: str | None
    category: str
    practice_type: str | None
    practice_category: str | None
    practice_scope: str | None
    professional_title: str | None
    reason: str | None
    merged_from: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedFile:
    """A file that was merged into this one: its id, its codes, and since when this one answers for it."""

    id: str
    codes: tuple[str, ...]
    merged_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration(RegistryRow):
    """A span in the registry; `reason` is that of its end."""

    category: str
    commitment_signed_on: date | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Affiliation(RegistryRow):
    """A span at an institution."""

    institution: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NamesakeWarning:
    """People of the same name who are registered at an institution of the person; is it one person?"""

    institution: str
    practitioners: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PractitionerSummary:
    """A person and the state of their file today."""

    id: str
    code: str | None
    name: str
    id_number: str | None
    category: str
    status: Status
    revision: int
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPractitioner(PractitionerSummary):
    """A person as a list shows them: this year's points and the institutions of today.

    `attention` is what they ask attention for today; `to_suspension` is the distance to the suspension's threshold, 0
    from there on, both under the person's own rulebook.
    """

    attention: Attention
    points: int
    to_suspension: int
    institutions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Practitioner(PractitionerSummary):
    """A person with registrations and affiliations; `registered_on` is the first day of the unbroken present ones.

    `lacks_commitment` is whether they are registered today and have signed no commitment letter.
    """

    registered_on: date | None
    commitment_signed_on: date | None
    lacks_commitment: bool
    practice_type: str | None
    practice_category: str | None
    practice_scope: str | None
    professional_title: str | None
    persons: tuple[PersonRecord, ...]
    registrations: tuple[Registration, ...]
    affiliations: tuple[Affiliation, ...]
    merged_files: tuple[MergedFile, ...]
    warnings: tuple[NamesakeWarning, ...]

    @property
    def opened_by(self) -> int:
        """The number of the row of person data that opened the file: it has no other day and is never void."""
        return next(row.number for row in self.persons if row.merged_from is None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Institution(InstitutionFields):
    """An institution with its agreements, as known now."""

    agreements: tuple[Span, ...]
    recorded_at: datetime
    version: int
