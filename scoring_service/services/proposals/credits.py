"""What an activity gives back: the gates asked for a file on a day, and the rulebook the credit folds under."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from scoring_service.core.entries import EntryKind
from scoring_service.core.gates import grant_days, grant_points
from scoring_service.core.sanctions import creditable
from scoring_service.core.touched import rulebook_of_points, rulebook_of_sanction
from scoring_service.services.standing.reading import rulebook_on

if TYPE_CHECKING:
    from datetime import date

    from scoring_service.core.fold import FoldedFile
    from scoring_service.core.rulebook import Activity, Rulebook
    from scoring_service.db.files import File
    from scoring_service.law.rulebooks import Rulebooks

Effect = Literal["points", "term"]
EFFECTS = ("points", "term")


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """A credit as its entry carries it: `amount` in points or days, under the rulebook of what it touches."""

    kind: EntryKind
    amount: int
    rulebook: Rulebook

    @property
    def carried(self) -> dict[str, int]:
        """The column of the entry that holds the amount."""
        return {"points" if self.kind is EntryKind.POINTS_CREDIT else "days": self.amount}


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditableFile:
    """A file on a day, folded once, with the rulebook of its standing: that of the caps and of the catalogue."""

    file: File
    folded: FoldedFile
    day: date
    rulebook: Rulebook

    def credit(self, activity: Activity, effect: str) -> Credit:
        """Return what `activity` gives on the day. Raises RuleError as `core.gates` does."""
        kind = EntryKind.POINTS_CREDIT if effect == "points" else EntryKind.TERM_CREDIT
        full = activity.points if effect == "points" else activity.days
        return Credit(kind=kind, amount=self.granted(kind, full), rulebook=self.touched(kind))

    def granted(self, kind: EntryKind, amount: int) -> int:
        """Return how many of so many points or days a credit gives. Raises RuleError as `core.gates` does."""
        if kind is EntryKind.POINTS_CREDIT:
            return grant_points(self.file.entries, self.day, amount, self.rulebook)
        return grant_days(self.file.entries, self.day, amount, self.touched(kind))

    def touched(self, kind: EntryKind) -> Rulebook:
        """Return the rulebook of what a credit touches: the year's last score, or the sanction that runs."""
        if kind is EntryKind.POINTS_CREDIT:
            return rulebook_of_points(self.folded, self.day.year) or self.rulebook
        span = creditable(self.folded.sanctions, self.day)
        return rulebook_of_sanction(self.folded, span) if span else self.rulebook


def creditable_file(rulebooks: Rulebooks, file: File, day: date) -> CreditableFile:
    """Return a file as credits of `day` see it."""
    folded = file.folded()
    rulebook = rulebook_on(rulebooks, file.profile(folded), day)
    return CreditableFile(file=file, folded=folded, day=day, rulebook=rulebook)
