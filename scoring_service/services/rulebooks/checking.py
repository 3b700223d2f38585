"""What a file would change if it were adopted, and what its approver has to see besides."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from scoring_service.core.errors import RuleError
from scoring_service.db.tables import entries
from scoring_service.law.adopting import examined, named_file
from scoring_service.law.files import RulebookError
from scoring_service.problems import Invalid, NotFound

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from scoring_service.law.adopting import Difference, Examined
    from scoring_service.law.rulebooks import Rulebooks
    from scoring_service.services.unit_of_work.transaction import Work

FILE = "/file"
_PLACE = re.compile(r"\S+\.yaml:[0-9]+")
NOUN = "规则 / rulebook"


@dataclass(frozen=True, slots=True, kw_only=True)
class DroppedItem:
    """An item that is no longer one from the day `on`, and the number of entries that were made under it."""

    item: str
    title: str
    title_en: str
    on: date
    entries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a file would change, from which day on, and the items that it drops."""

    examined: Examined
    dropped: tuple[DroppedItem, ...]

    @property
    def begins_on(self) -> date:
        """The first day on which something is other than in force."""
        return self.examined.begins_on

    @property
    def differences(self) -> tuple[Difference, ...]:
        """What is other, by its day."""
        return self.examined.differences


def check_file(work: Work, rulebook_id: str, content: bytes) -> Checked:
    """Return what a file would change of the law in force if it were adopted today.

    Raises NotFound for an unknown rulebook; Invalid `rulebook_faulty`, `changes_nothing` and `not_from_the_future`,
    with the line of the file where there is one.
    """
    return check_against(work, work.rulebooks, rulebook_id, content, work.today)


def check_against(work: Work, law: Rulebooks, rulebook_id: str, content: bytes, today: date) -> Checked:
    """Return what a file would have changed of a law if it had been adopted on the day `today`; raises as above."""
    require_rulebook(law, rulebook_id)
    try:
        changes = examined(law, named_file(rulebook_id, content), today)
    except RulebookError as fault:
        raise Invalid(FILE, placed(f"{fault}"), "rulebook_faulty") from None
    except RuleError as refused:
        raise Invalid(FILE, placed(refused.detail), refused.code) from None
    return Checked(examined=changes, dropped=_dropped(work, law.family(rulebook_id), changes.differences))


def placed(detail: str) -> str:
    """Return a fault with the line of the file in front of it in both languages, for whoever is told one of them.

    A file is told by its name: in which folder of the server it lies is nobody's business.
    """
    place, _, sentence = detail.partition(": ")
    chinese, slash, english = sentence.partition(" / ")
    if not _PLACE.fullmatch(place):
        return detail
    name = PurePath(place).name
    return f"{name}: {chinese}{slash}{name}: {english}"


def require_rulebook(law: Rulebooks, rulebook_id: str) -> None:
    """Refuse a rulebook that there is not. Raises NotFound."""
    try:
        law.file(rulebook_id)
    except RuleError:
        raise NotFound(NOUN) from None


def _dropped(
    work: Work, family: Collection[str], differences: Collection[Difference]
) -> tuple[DroppedItem, ...]:
    ending = {each.key.removeprefix("items."): each for each in differences if each.ends_item}
    used = _entries_by_item(work, family, ending) if ending else {}
    return tuple(
        DroppedItem(
            item=item,
            title=each.before.value["title"],
            title_en=each.before.value["title_en"],
            on=each.on,
            entries=used.get(item, 0),
        )
        for item, each in ending.items()
        if each.before is not None
    )


def _entries_by_item(work: Work, family: Collection[str], items: Collection[str]) -> Mapping[str, int]:
    query = select(entries.c.item, func.count()).where(
        entries.c.item.in_(items), entries.c.rulebook_id.in_(family), entries.c.copied_from.is_(None)
    )
    rows = work.conn.execute(query.group_by(entries.c.item)).all()
    return {row[0]: row[1] for row in rows}
