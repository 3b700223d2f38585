"""Which columns of a claim file are judged: the national names first, others mapped (docs/contract.md)."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoring_service.problems import Invalid

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# In the order in which one is taken: of the fee line the ordering doctor, else who dispensed.
PERSON = ("bilg_dr_code", "prac_psn_code", "ref", "practitioner", "医师代码", "开单医师代码", "人员代码")
DISPENSER = ("phar_code", "药师代码")
INSTITUTION = ("fixmedins_code", "institution", "定点医药机构编码", "定点医药机构编号", "机构代码", "机构编码")
SERVICE_TIME = ("fee_ocur_time", "service_time", "service_date", "费用发生时间", "服务时间", "服务日期", "就诊日期")
EMERGENCY = ("emergency", "急诊", "急诊抢救", "急诊标志")
AMOUNT = ("det_item_fee_sumamt", "medfee_sumamt", "amount", "明细项目费用总额", "医疗费总额", "金额", "费用")
# What an answer adds: a file that has one already has been answered before.
ADDED = ("payable", "reason", "until", "reason_column", "payable_then")


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The headings of the columns that are read, as they stand in the file.

    `people` are all that must be payable; none where only pharmacies are asked about. The others are None where the
    file has none of the kind.
    """

    people: tuple[str, ...]
    institution: str | None
    service_time: str
    emergency: str | None
    amount: str | None

    def keys(self) -> tuple[str, ...]:
        """Return the headings that say which claim a line is."""
        return (*self.people, *([self.institution] if self.institution else []), self.service_time)

    def every(self) -> tuple[str, ...]:
        """Return all headings that are read."""
        return (*self.keys(), *(name for name in (self.emergency, self.amount) if name))


def mapped_columns(headings: Sequence[str], people: Sequence[str]) -> Columns:
    """Return the columns of a file with these `headings`; `people` names those of persons, none by default.

    Raises Invalid for a column that is missing, stands twice, or is named as one that the answer adds.
    """
    places = _places(headings)
    if added := [heading for heading in headings if _read(heading) in ADDED]:
        detail = f"文件已有列 {added[0]}，请先删去 / the file has a column {added[0]} already; take it out"
        raise Invalid("/columns", detail)
    named = tuple(_named(places, name) for name in people)
    person = named or tuple(_first(places, PERSON) or _first(places, DISPENSER))
    institution = _first(places, INSTITUTION)
    if not person and not institution:
        raise _missing("人员或机构 / a person or an institution", (*PERSON[:3], INSTITUTION[0]))
    time = _first(places, SERVICE_TIME)
    if not time:
        raise _missing("服务时间 / the service time", SERVICE_TIME)
    return Columns(
        people=person,
        institution=next(iter(institution), None),
        service_time=time[0],
        emergency=next(iter(_first(places, EMERGENCY)), None),
        amount=next(iter(_first(places, AMOUNT)), None),
    )


def _read(heading: str) -> str:
    return unicodedata.normalize("NFKC", heading).strip().casefold()


def _places(headings: Sequence[str]) -> dict[str, list[str]]:
    places: dict[str, list[str]] = {}
    for heading in headings:
        places.setdefault(_read(heading), []).append(heading)
    return places


def _first(places: dict[str, list[str]], names: Sequence[str]) -> list[str]:
    """Return the heading of the first of the names that there is, in a list; an empty list where there is none."""
    present: Iterator[str] = (name for name in names if _read(name) in places)
    return [_named(places, name) for name in present][:1]


def _named(places: dict[str, list[str]], name: str) -> str:
    headings = places.get(_read(name), [])
    if not headings:
        raise _missing(name, [name])
    if len(headings) > 1:
        raise Invalid("/columns", f"列 {name} 出现不止一次 / the column {name} stands more than once")
    return headings[0]


def _missing(what: str, names: Sequence[str]) -> Invalid:
    chinese, _, english = what.partition(" / ")
    listed = ", ".join(names)
    detail = f"缺少{chinese}列，列名可为 {listed} / no column of {english or chinese}; it may be named {listed}"
    return Invalid("/columns", detail)
