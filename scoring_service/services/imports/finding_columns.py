"""The columns of a finding: of a case of earlier years, and into a draft."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from scoring_service.core.adjustments import Adjustment, AdjustmentKind
from scoring_service.core.rulebook import HIGHEST_POINTS, LOWEST_POINTS, Degree
from scoring_service.db.cases import KnownFinding
from scoring_service.services.imports import cells
from scoring_service.services.imports.cells import word
from scoring_service.services.imports.columns import Column
from scoring_service.services.imports.people_named import PERSON_COLUMNS
from scoring_service.terms import ADJUSTMENTS, DEGREES, chinese, english

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scoring_service.core.rulebook import Rulebook
    from scoring_service.services.imports.people_named import NamedPerson

ONE_DAY = timedelta(days=1)

FINDING_COLUMNS = (
    *PERSON_COLUMNS,
    Column(
        name="item",
        heading="违规情形",
        aliases=("记分情形", "违规事项", "情形"),
        reading=cells.line(),
        required=True,
        example="过度诊疗",
        explanation="规则目录中的情形，写名称或代号 / an item of the rulebook's catalogue, its title or key",
    ),
    Column(
        name="degree",
        heading="责任程度",
        aliases=("责任",),
        reading=cells.choice(
            {Degree.GENERAL: ("一般",), Degree.IMPORTANT: ("重要",), Degree.MAIN: ("主要",)}, DEGREES
        ),
        required=True,
        example="主要责任",
        explanation="一般、重要或主要 / general, important or main",
    ),
    Column(
        name="points",
        heading="记分",
        aliases=("分值", "记分分值", "扣分"),
        reading=cells.whole(LOWEST_POINTS, HIGHEST_POINTS),
        example="5",
        explanation="1 至 12；只因机构措施负责的不填 / 1 to 12; empty for who is responsible for a measure only",
    ),
    Column(
        name="adjustment",
        heading="从轻从重",
        reading=cells.choice(dict.fromkeys(AdjustmentKind, ()), ADJUSTMENTS),
        explanation="从轻、降低一个档次、从重、提高一个档次（P25） / lighter, one band down, heavier, one band up",
    ),
    Column(
        name="ground",
        heading="从轻从重情形",
        reading=cells.line(),
        explanation="规则中的情形，写名称或代号 / a ground of the rulebook, its title or key",
    ),
    Column(
        name="act",
        heading="同一行为",
        reading=cells.line(),
        explanation="同一人同一行为写同一个词，只记最高的一项（P26） / findings with the same word are one act",
    ),
    Column(
        name="occurred_from",
        heading="行为起始日",
        reading=cells.day,
        example="2025-02-01",
        explanation="违规行为的第一日 / the first day of the deed",
    ),
    Column(
        name="occurred_last_day",
        heading="行为最后一日",
        aliases=("行为截止日",),
        reading=cells.day,
        example="2025-03-15",
        explanation="含当日 / that day included",
    ),
    Column(
        name="legal_basis",
        heading="法律依据",
        reading=cells.prose,
        explanation="“其他”情形必填 / required for the catalogue's other items",
    ),
    Column(
        name="reason",
        heading="理由",
        aliases=("认定理由",),
        reading=cells.prose,
        explanation="有提示的认定（超出档次、当时不在该机构等）必填 / required for a finding that is flagged",
    ),
)
FINDING_NAMES = tuple(column.name for column in FINDING_COLUMNS)
# The columns of faults whose pointers end otherwise.
_COLUMN_OF = {"occurred_until": "occurred_last_day", "kind": "adjustment"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    """A row: a finding on a person."""

    practitioner: str | None
    name: str | None
    item: str | None
    degree: str | None
    points: int | None
    adjustment: str | None
    ground: str | None
    act: str | None
    occurred_from: date | None
    occurred_last_day: date | None
    legal_basis: str | None
    reason: str | None


def known_finding(values: FindingRow, person: NamedPerson, rulebook: Rulebook | None) -> KnownFinding:
    """Return the finding of a row; items and grounds that a rulebook does not have stay as they are written."""
    last_day = values.occurred_last_day
    return KnownFinding(
        id=str(uuid.uuid4()),
        practitioner_id=person.id,
        category=person.category,
        item=_key(values.item or "", rulebook.items if rulebook else ()),
        degree=values.degree or "",
        points=values.points,
        occurred_from=values.occurred_from,
        occurred_until=None if last_day is None else last_day + ONE_DAY,
        act=values.act,
        legal_basis=values.legal_basis,
        reason=values.reason,
        adjustment=_adjustment(values, rulebook),
    )


def _adjustment(values: FindingRow, rulebook: Rulebook | None) -> Adjustment | None:
    if values.adjustment is None:
        return None
    grounds = (*rulebook.lighter_grounds, *rulebook.heavier_grounds) if rulebook else ()
    return Adjustment(kind=AdjustmentKind(values.adjustment), ground=_key(values.ground or "", grounds))


def _key(spelt: str, catalogue: Iterable[Any]) -> str:
    """Return the key of what is written as key or title; what the catalogue does not have as it is written."""
    keys: dict[str, str] = {word(name): each.key for each in catalogue for name in (each.key, *_titles(each.title))}
    return keys.get(word(spelt), spelt)


def _titles(title: str) -> tuple[str, str, str]:
    return title, chinese(title), english(title)


def column_of(pointer: str) -> str:
    """Return the column that the end of a pointer into a finding is about."""
    end = pointer.rsplit("/", 1)[-1]
    return _COLUMN_OF.get(end, end)
