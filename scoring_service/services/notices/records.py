"""A notice as a value: what it says from its issue on, what its receipt added, and how that was corrected."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from scoring_service.core.procedure import APPEALABLE_NOTICES, Duty, NoticeKind
from scoring_service.letters import measures

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import RowMapping

    from scoring_service.letters.facts import Facts

PRACTITIONER = "practitioner"
INSTITUTION = "institution"


class Addressee(NamedTuple):
    """To whom a notice is addressed: the person's id, the institution's code, or which authority."""

    kind: str
    ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedNotice:
    """What a notice says and to whom; `replaces` is the notice that it takes the place of."""

    id: str
    kind: NoticeKind
    practitioner_id: str
    addressee_kind: str
    addressee_ref: str
    entry_id: str | None
    case_id: str | None
    created_at: datetime
    replaces: str | None
    facts: Facts

    @property
    def addressee(self) -> Addressee:
        """To whom it is addressed."""
        return Addressee(self.addressee_kind, self.addressee_ref)

    @property
    def institution_code(self) -> str | None:
        """The institution that it is addressed to, None for another addressee."""
        return self.addressee_ref if self.addressee_kind == INSTITUTION else None

    @property
    def is_appealable(self) -> bool:
        """Whether its addressee may appeal against what it tells; that a measure has ended burdens nobody."""
        return self.kind in APPEALABLE_NOTICES and self.facts.get("stage") != measures.Stage.LIFTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice(IssuedNotice):
    """A notice with its receipt; `window_closes_on` is the last day of its appeal window, which ends at 24:00."""

    received_on: date | None
    deemed: bool
    receipt_recorded_at: datetime | None
    receipt_recorded_by: str | None
    receipt_recorded_account: str | None
    receipt_recorded_staff_no: str | None
    proof: str | None
    window_closes_on: date | None
    provisional: bool
    window_closed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectedReceipt:
    """A receipt as it was and as it was corrected, with the window's last day before and after."""

    received_on_before: date
    deemed_before: bool
    proof_before: str | None
    recorded_by_before: str
    window_closes_on_before: date | None
    received_on: date
    window_closes_on: date | None
    proof: str
    reason: str
    recorded_by: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeDuty:
    """What follows a notice to the institution of its case, by the end of `due_on`; `met_on` is None while it is open.

    `due_on` is None while no day runs, `provisional` while a calendar is missing; `recorded_by` says who did it.
    """

    duty: Duty
    due_on: date | None
    provisional: bool
    met_on: date | None
    recorded_by: str | None

    @property
    def is_late(self) -> bool:
        """Whether it was done after its last day."""
        return self.met_on is not None and self.due_on is not None and self.met_on > self.due_on


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeOnRecord(Notice):
    """A notice with all that was corrected about its receipt, the oldest first, and what follows it."""

    receipt_corrections: tuple[CorrectedReceipt, ...]
    duties: tuple[NoticeDuty, ...]

    @property
    def version(self) -> int:
        """How often its receipt was recorded or corrected: 0 while nobody has received it."""
        return (self.received_on is not None) + len(self.receipt_corrections)

    @property
    def deliver_due_on(self) -> date | None:
        """The last day of its delivery to the case's institution (P33)."""
        return self._due_on(Duty.DELIVERY)

    @property
    def maintenance_due_on(self) -> date | None:
        """The last day on which that institution shows the state in its own systems (P33, P35)."""
        return self._due_on(Duty.MAINTENANCE)

    @property
    def maintained_on(self) -> date | None:
        """The day on which it did."""
        duty = self.following(Duty.MAINTENANCE)
        return None if duty is None else duty.met_on

    @property
    def talk_due_on(self) -> date | None:
        """The last day of the talk that the score asks for (P36)."""
        return self._due_on(Duty.TALK)

    def following(self, duty: Duty) -> NoticeDuty | None:
        """Return what follows the notice of this sort, None where nothing of it does."""
        return next((each for each in self.duties if each.duty == duty), None)

    def _due_on(self, duty: Duty) -> date | None:
        following = self.following(duty)
        return None if following is None else following.due_on


def notice_of(row: Mapping[Any, Any]) -> Notice:
    """Return the notice of a row of `notices`."""
    return Notice(**{**row, "kind": NoticeKind(row["kind"])})


def notice_on_record(row: RowMapping) -> NoticeOnRecord:
    """Return the notice of a row of `listing` in `issuing.py`."""
    members = {
        "kind": NoticeKind(row["kind"]),
        "receipt_corrections": msgspec.convert(row["receipt_corrections"], tuple[CorrectedReceipt, ...]),
        "duties": msgspec.convert(row["duties"], tuple[NoticeDuty, ...]),
    }
    return NoticeOnRecord(**{**row, **members})
