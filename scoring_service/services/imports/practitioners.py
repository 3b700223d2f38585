"""Practitioners: a row a person at an institution; several rows of one person are several affiliations.

Rows of one person with different days of registration are several registrations, each before the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Protocol

from scoring_service.core.standing import Span
from scoring_service.services.imports import cells
from scoring_service.services.imports.columns import Column
from scoring_service.written import LONGEST_NAME, LONGEST_PRACTICE

if TYPE_CHECKING:
    from collections.abc import Iterable

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PractitionerRow:
    """A row: the person, their registration, and one affiliation; days are first and last days."""

    code: str | None = None
    id_number: str | None = None
    name: str | None = None
    category: str | None = None
    registered_on: date | None = None
    registration_last_day: date | None = None
    commitment_signed_on: date | None = None
    institution: str | None = None
    affiliated_from: date | None = None
    affiliation_last_day: date | None = None
    practice_type: str | None = None
    practice_category: str | None = None
    practice_scope: str | None = None
    professional_title: str | None = None


class Named(Protocol):
    """A record that names a person by code or identity number."""

    @property
    def code(self) -> str | None: ...
    @property
    def id_number(self) -> str | None: ...


def keys_of(record: Named) -> tuple[str, ...]:
    """Return what names the person of a row."""
    named = (("C", record.code), ("N", record.id_number))
    return tuple(prefix + value for prefix, value in named if value is not None)


def span_to(first: date, last: date | None) -> Span:
    """Return the half-open span from a first to a last day."""
    return Span(first, None if last is None else last + ONE_DAY)


def _practice(name: str, heading: str, aliases: Iterable[str], example: str) -> Column:
    return Column(
        name=name,
        heading=heading,
        aliases=tuple(aliases),
        reading=cells.line(LONGEST_PRACTICE),
        example=example,
        explanation="一医一档（经办规程第十五条） / for the file kept of each practitioner (P15)",
    )


COLUMNS = (
    Column(
        name="code",
        heading="人员代码",
        aliases=("prac_psn_code", "国家医保代码", "医保医师代码", "人员编码", "医师代码", "护士代码", "医保编码"),
        reading=cells.practitioner_code,
        example="D150402000123",
        explanation="D、N、HY 或 HJ 加 12 位数字；没有代码的填证件号 / the national code; who has none has a number",
    ),
    Column(
        name="id_number",
        heading="证件号",
        aliases=("certno", "身份证号", "身份证号码", "证件号码", "身份证", "居民身份证号"),
        reading=cells.id_number,
        example="11010519491231002X",
        explanation="18 位身份证或其他证件，以文本填写；代码与证件号至少填一项 / as text; a code or a number is needed",
    ),
    Column(
        name="name",
        heading="姓名",
        aliases=("prac_psn_name", "人员姓名", "医师姓名"),
        reading=cells.line(LONGEST_NAME),
        required=True,
        example="王一",
        explanation="与证件一致，逐字保留 / as on the card, kept to the character",
    ),
    Column(
        name="category",
        heading="人员类别",
        aliases=("prac_psn_type", "类别", "人员类型", "岗位类别"),
        reading=cells.category,
        example="医师",
        explanation="医师、护士、药师、技师、费用审核结算人员、药店主要负责人；不填则按代码 / empty: as the code says",
    ),
    Column(
        name="registered_on",
        heading="登记日",
        aliases=("登记备案日期", "登记日期", "备案日期", "登记备案日"),
        reading=cells.day,
        example="2025-01-01",
        explanation="登记备案的第一日；从未登记的不填 / first day of the registration; empty: never registered",
    ),
    Column(
        name="registration_last_day",
        heading="登记最后一日",
        aliases=("注销日期", "登记结束日期", "登记终止日期"),
        reading=cells.day,
        explanation="已注销登记的最后一日；在册的不填 / last day of a registration that has ended",
    ),
    Column(
        name="commitment_signed_on",
        heading="承诺书签署日",
        aliases=("承诺书签署日期", "承诺书日期", "签署承诺书日期"),
        reading=cells.day,
        example="2024-12-20",
        explanation="未签署则不填 / empty: not signed",
    ),
    Column(
        name="institution",
        heading="机构代码",
        aliases=("fixmedins_code", "执业机构代码", "定点医药机构编码", "定点医药机构编号", "机构编码", "医药机构代码"),
        reading=cells.institution_code,
        example="H15040200001",
        explanation="执业机构；多点执业每个机构一行 / where the person works; of several each on a row of its own",
    ),
    Column(
        name="affiliated_from",
        heading="执业起始日",
        aliases=("begndate", "执业开始日期", "执业起始日期", "在该机构起始日", "入职日期"),
        reading=cells.day,
        example="2025-01-01",
        explanation="不填则同登记日 / empty: the day of registration",
    ),
    Column(
        name="affiliation_last_day",
        heading="执业最后一日",
        aliases=("enddate", "执业结束日期", "执业终止日期", "离职日期"),
        reading=cells.day,
        explanation="仍在该机构执业的不填 / empty: works there still",
    ),
    _practice("practice_type", "执业类型", ("执业种类",), "执业医师"),
    _practice("practice_category", "执业类别", (), "临床"),
    _practice("practice_scope", "执业范围", ("执业科目",), "内科专业"),
    _practice("professional_title", "专业技术职务", ("职称", "专业技术职称", "pro_techtl"), "主治医师"),
)
