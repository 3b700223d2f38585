"""What each way to use a completed activity would change, best first.

Each is tried on the file by the gates and the fold that a real credit goes through (scheme.md 2.3): on today, or for a
sanction that is still to begin on its first day, the first on which the credit could be granted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from scoring_service.core.entries import EntryKind, PointsCredit, TermCredit
from scoring_service.core.errors import RuleError
from scoring_service.core.sanction_changes import SanctionChange, sanction_changes
from scoring_service.core.standing import NextThreshold, Standing, pending
from scoring_service.services.proposals.credits import EFFECTS, CreditableFile, creditable_file
from scoring_service.services.standing.reading import standing_from

if TYPE_CHECKING:
    from datetime import date, datetime

    from scoring_service.core.rulebook import Activity
    from scoring_service.law.rulebooks import Rulebooks
    from scoring_service.services.proposals.credits import Credit


class PointsChange(NamedTuple):
    """The points of the year without a credit and with it."""

    before: int
    after: int


class ThresholdChange(NamedTuple):
    """The next total with a consequence without a credit and with it; None when none is left."""

    before: NextThreshold | None
    after: NextThreshold | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """An activity used for `effect` on the day `on`: the standings of that day without the credit and with it.

    `refused` is the code of why nothing would be granted; both standings are then the same.
    """

    activity: Activity
    effect: str
    on: date
    granted: int
    refused: str | None
    before: Standing
    after: Standing

    @property
    def possible_on(self) -> date | None:
        """The first day on which it could be granted; None while it is refused."""
        return None if self.refused else self.on

    @property
    def points(self) -> PointsChange:
        """What it would make of the points of the year."""
        return PointsChange(self.before.points, self.after.points)

    @property
    def next_threshold(self) -> ThresholdChange:
        """What it would make of the distance to the next total with a consequence."""
        return ThresholdChange(self.before.next_threshold, self.after.next_threshold)

    @property
    def sanction(self) -> SanctionChange | None:
        """The sanction that would end earlier."""
        return next(iter(sanction_changes(self.before.sanctions, self.after.sanctions)), None)

    @property
    def days(self) -> int:
        """By how many days a sanction would be shorter."""
        change = self.sanction
        if change is None or change.before is None or change.after is None:
            return 0
        before, after = change.before.until, change.after.until
        return 0 if before is None or after is None else (before - after).days

    @property
    def distance(self) -> int:
        """By how many points every threshold ahead would be farther away."""
        return self.points.before - self.points.after if self.after.next_threshold else 0

    @property
    def helps(self) -> bool:
        """Whether it would change anything for the better."""
        return self.days > 0 or self.distance > 0

    @property
    def worth(self) -> tuple[int, int]:
        """What choices are compared by: days of a sanction first, then distance to a threshold."""
        return self.days, self.distance


def choices(rulebooks: Rulebooks, file: CreditableFile, now: datetime) -> tuple[Choice, ...]:
    """Return every activity of the catalogue for either effect, the one that changes most first, equals as listed."""
    catalogue = file.rulebook.remediation
    each = [_choice(rulebooks, file, now, activity, effect) for activity in catalogue for effect in EFFECTS]
    return tuple(sorted(each, key=lambda choice: choice.worth, reverse=True))


def _choice(
    rulebooks: Rulebooks, file: CreditableFile, now: datetime, activity: Activity, effect: str
) -> Choice:
    today = _tried(rulebooks, file, now, activity, effect)
    coming = min((span.start for span in pending(file.folded.sanctions, file.day)), default=None)
    if today.refused is None or effect == "points" or coming is None:
        return today
    later = _tried(rulebooks, creditable_file(rulebooks, file.file, coming), now, activity, effect)
    return today if later.refused else later


def _tried(
    rulebooks: Rulebooks, file: CreditableFile, now: datetime, activity: Activity, effect: str
) -> Choice:
    before = standing_from(rulebooks, file.file, file.day)
    nothing = Choice(
        activity=activity, effect=effect, on=file.day, granted=0, refused=None, before=before, after=before
    )
    try:
        credit = file.credit(activity, effect)
    except RuleError as refused:
        return replace(nothing, refused=refused.code)
    credited = replace(file.file, entries=(*file.file.entries, _entry(file, credit, now)))
    return replace(nothing, granted=credit.amount, after=standing_from(rulebooks, credited, file.day))


def _entry(file: CreditableFile, credit: Credit, now: datetime) -> PointsCredit | TermCredit:
    """Return the credit as the entry that would follow the last one of the file."""
    made = PointsCredit if credit.kind is EntryKind.POINTS_CREDIT else TermCredit
    return made(
        id="hypothetical",
        seq=max((entry.seq for entry in file.file.entries), default=0) + 1,
        revision=0,
        effective_on=file.day,
        recorded_at=now,
        rulebook=credit.rulebook,
        application="hypothetical",
        **credit.carried,
    )
