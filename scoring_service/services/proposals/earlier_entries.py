"""Entries of earlier years: credits, ways back and corrections that were decided on paper, posted on their own days."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from scoring_service.core.entries import Basis, Entry, EntryKind, PointsCredit, Resumption, TermCredit
from scoring_service.problems import Fault
from scoring_service.services.proposals.credits import creditable_file
from scoring_service.services.standing.reading import rulebook_on
from scoring_service.services.standing.ways_back import window_on

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from scoring_service.core.rulebook import Rulebook
    from scoring_service.db.files import File
    from scoring_service.services.unit_of_work.transaction import Work
    from scoring_service.services.years.changing import ChangingFile

CREDITS = frozenset({EntryKind.POINTS_CREDIT, EntryKind.TERM_CREDIT})
# The column of an entry that holds its amount; a re-registration has none.
_AMOUNT = {EntryKind.POINTS_CREDIT: "points", EntryKind.TERM_CREDIT: "days", EntryKind.RESUMPTION: "late_days"}
_REASON = "补录时登记 / with a backfill"


class Verdict(StrEnum):
    """What becomes of what is brought in: recorded, left as it stands on record already, or refused."""

    CREATED = "created"
    LEFT = "left"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class SinceCorrected:
    """That an entry has counted with `value` since a decision of the day `on`; 0: as if it had never been."""

    value: int
    on: date
    basis: Basis
    document_no: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierThatDay:
    """What a file held already on the day of an entry, before it: a credit of `amount` points or days, a way back.

    Entries of one day are folded in their order (scheme.md 2.3), and cases are brought in before remediation.
    `amount` are the late days of a resumption, 0 of a re-registration.
    """

    kind: EntryKind
    amount: int


def correction_faults(at: str, corrected: SinceCorrected, first: date, today: date) -> Iterator[Fault]:
    """Yield what is wrong with the day of a correction of an entry that took effect on `first`."""
    if not first <= corrected.on <= today:
        yield Fault(f"{at}_on", "须在生效日与今日之间 / between effective_on and today")


def amount_of(entry: Entry) -> int:
    """Return the points, the days or the late days that an entry of remediation carries; else 0."""
    if isinstance(entry, PointsCredit):
        return entry.points
    if isinstance(entry, TermCredit):
        return entry.days
    return entry.late_days if isinstance(entry, Resumption) else 0


def posted_on(file: File, kind: EntryKind, day: date) -> list[Entry]:
    """Return the entries of a kind that a file holds on a day."""
    return [entry for entry in file.entries if entry.kind is kind and entry.effective_on == day]


def file_on(file: File, day: date) -> File:
    """Return a file with the entries that had taken effect by the end of a day."""
    return replace(file, entries=tuple(entry for entry in file.entries if entry.effective_on <= day))


def post_earlier(file: ChangingFile, kind: EntryKind, day: date, amount: int, application_id: str) -> str:
    """Post a credit or a way back of an earlier day; return the entry's id."""
    carried: dict[str, Any] = {} if kind is EntryKind.REREGISTRATION else {"application_id": application_id}
    if kind in _AMOUNT:
        carried[_AMOUNT[kind]] = amount
    rulebook = rulebook_of(file.work, file_on(file.after, day), kind, day)
    return file.post(kind, effective_on=day, rulebook=rulebook, **carried)


def rulebook_of(work: Work, file: File, kind: EntryKind, day: date) -> Rulebook:
    """Return the rulebook that an entry of remediation folds under, made for a file on a day (scheme.md 2.6)."""
    if kind in CREDITS:
        return creditable_file(work.rulebooks, file, day).touched(kind)
    folded = file.folded()
    window = window_on(work.service.calendar, folded, day) if kind is EntryKind.RESUMPTION else None
    return window.rulebook if window else rulebook_on(work.rulebooks, file.profile(folded), day)


def post_earlier_that_day(file: ChangingFile, day: date, earlier: Iterable[EarlierThatDay]) -> None:
    """Post what stood in the file on that day before an entry, unless it stands there; remediation adopts it later."""
    for each in earlier:
        if not any(amount_of(entry) == each.amount for entry in posted_on(file.after, each.kind, day)):
            post_earlier(file, each.kind, day, each.amount, str(uuid.uuid4()))


def post_earlier_correction(file: ChangingFile, target: str, corrected: SinceCorrected) -> str:
    """Post a correction that was decided on an earlier day; return the entry's id."""
    entry = next(entry for entry in file.after.entries if entry.id == target)
    return file.post(
        EntryKind.CORRECTION,
        effective_on=corrected.on,
        rulebook=entry.rulebook,
        target_id=target,
        value=corrected.value,
        basis=corrected.basis,
        document_no=corrected.document_no,
        reason=_REASON,
    )
