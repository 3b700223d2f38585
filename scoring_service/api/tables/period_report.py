"""The report of a period for the authorities or the public, as a workbook or as PDF, in one language, Chinese first.

Both bear the moment by whose knowledge they were made, inside too, and nothing of the clock: made again they are the
same to the byte.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from itertools import chain
from typing import IO, TYPE_CHECKING

from scoring_service.api.tables.columns import Language, in_a_cell
from scoring_service.api.tables.lists import BANDS
from scoring_service.api.tables.person_document import template
from scoring_service.core.civil import CIVIL_ZONE
from scoring_service.core.small_numbers import FEWEST, Withheld
from scoring_service.letters.pdf import make_pdf
from scoring_service.services.record.exports import put_on_record, write_tables
from scoring_service.services.years.period_report import PeriodReport, ReportKind
from scoring_service.services.years.reported_scores import reported_scores
from scoring_service.terms import (
    BASES,
    CATEGORIES,
    DEGREES,
    FIGURES,
    GROUNDS,
    PUNCTUAL,
    RATIO_LEVELS,
    SANCTIONS,
    chinese,
    english,
)
from scoring_service.workbooks.writing import Form, Mark, Share, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from scoring_service.core.rulebook import Ground
    from scoring_service.core.small_numbers import Told
    from scoring_service.json_values import JsonObject
    from scoring_service.services.unit_of_work.transaction import Work
    from scoring_service.workbooks.writing import Value

NAME = "period-report"
PDF = "pdf"
# A document for print lists so many institutions; the workbook has all.
PRINTED_INSTITUTIONS = 50
# A table of so few rows is not parted between two pages.
KEPT_WHOLE = 8
TITLES = {
    ReportKind.PERIODIC: "医保支付资格记分管理情况报告 / Report on points for payment eligibility",
    ReportKind.YEARLY: "医保支付资格记分管理年度报备 / Yearly filing on points for payment eligibility",
}
_TIMES, _POINTS = "记分人次 / Person-times", "记分合计 / Points"
_TABLES = {
    "month": "按月 / By month",
    "band": "按档次 / By band",
    "county": "按行政区划 / By division",
    "item": "按违规情形 / By item",
    "degree": "按责任程度 / By degree",
    "category": "按人员类别 / By category",
}
_WORDS: Mapping[str, Mapping[str, str]] = {"band": BANDS, "degree": DEGREES, "category": CATEGORIES}
_NOT_PUBLISHED = "人数过少，本表不公布 / Too few people: this table is not published"
_LEGEND = (
    f"不足 {FEWEST}：1 至 {FEWEST - 1}；—：为避免推算而不公布 / "
    f"<{FEWEST}: from 1 to {FEWEST - 1}; —: withheld, so that no other can be worked out"
)
_NONE = "无 / None"
_NO_DATA = "这个期间没有记分，也没有开始的暂停或终止 / No scores and no suspensions or terminations in this period"


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of a report: its heading, the heads of its columns with their widths, its rows, and a remark."""

    heading: str
    columns: Sequence[tuple[str, float]]
    rows: Sequence[Sequence[Value]]
    note: str = ""


def report_workbook(work: Work, report: PeriodReport, language: Language | str | None) -> IO[bytes]:
    """Return a report as a workbook; the full one lists its scores for the office. It is on record.

    Raises Unavailable while others are exporting.
    """
    made = _Report(work, report, language)
    count = _Counted(made.score_rows())
    scores = [made.scores(count)] if not report.is_public and work.actor.is_office else []
    tables = [made.table(section) for section in chain([made.head()], made.sections())]
    file = write_tables(Form.XLSX, [*tables, *scores], created_at=report.known_at)
    _record(work, report, Form.XLSX, count.rows)
    return file


def report_pdf(work: Work, report: PeriodReport, language: Language | str | None) -> IO[bytes]:
    """Return a report as PDF/A, without the scores one by one. It is on record. Raises Unavailable as `make_pdf`."""
    document = _Report(work, report, language).as_json()
    made = make_pdf(document, created_at=report.known_at, source=template())
    _record(work, report, PDF, 0)
    return BytesIO(made)


def _record(work: Work, report: PeriodReport, form: str, rows: int) -> None:
    question: JsonObject = {
        "kind": report.kind,
        "period": str(report.period),
        "region": report.scope.region,
        "known_at": report.known_at.isoformat(),
        "audience": report.audience,
    }
    put_on_record(work, NAME, form, rows=rows, detail=question)


class _Counted:
    """Rows that are counted while they are written."""

    def __init__(self, rows: Iterable[Sequence[Value]]) -> None:
        self._of, self.rows = rows, 0

    def __iter__(self) -> Iterator[Sequence[Value]]:
        for row in self._of:
            self.rows += 1
            yield row


class _Report:
    """A report in a language."""

    def __init__(self, work: Work, report: PeriodReport, language: Language | str | None) -> None:
        chosen = Language.CHINESE if language is None else Language(language)
        self._work, self._report, self._language = work, report, chosen
        self._side = chinese if chosen is Language.CHINESE else english
        self._items = _item_titles(work, report, chosen)

    def head(self) -> Section:
        """Return what the report is of, and its figures."""
        report, side = self._report, self._side
        of_what: list[tuple[str, Value]] = [
            ("期间 / Period", str(report.period)),
            ("行政区划 / Division", report.scope.region or self._called("全部 / all")),
            ("截至 / As known at", self._known()),
            ("形式 / Form", self._called("公开 / public" if report.is_public else "完整 / full")),
        ]
        figures = [(FIGURES[name], self._cell(many)) for name, many in report.figures.items()]
        return Section(
            heading=side("概要 / Summary"),
            columns=[(side("项目 / Item"), 5), (side("数值 / Value"), 3)],
            rows=[(side(name), value) for name, value in [*of_what, *figures]],
            note=self._remark(),
        )

    def _remark(self) -> str:
        if self._is_empty():
            return self._side(_NO_DATA)
        return self._side(_LEGEND) if self._report.is_public else ""

    def _is_empty(self) -> bool:
        counted = ("person_times", "suspended", "terminated", "measures")
        return not any(self._report.figures[name] for name in counted)

    def sections(self) -> Iterator[Section]:
        """Return the tables."""
        yield from (self._counted(name, rows) for name, rows in self._report.tables.items())
        if not self._report.is_public:
            yield self._institutions()
            yield self._sanctions()
            yield self._bases()
        yield self._punctual()
        yield self._rulebooks()

    def _counted(self, name: str, rows: Sequence[object] | None) -> Section:
        report, side = self._report, self._side
        columns = [(side(_TABLES[name]).removeprefix("按").removeprefix("By ").capitalize(), 5.0), (side(_TIMES), 2)]
        if not report.is_public:
            columns.append((side(_POINTS), 2))
        table = report.tables[name]
        values: list[list[Value]] = [
            [self._label(name, row.key), self._cell(row.person_times), *([] if report.is_public else [row.points])]
            for row in table or ()
        ]
        note = side(_NOT_PUBLISHED) if rows is None else ""
        return Section(heading=side(_TABLES[name]), columns=columns, rows=values, note=note)

    def _label(self, table: str, key: str) -> str:
        if table == "month":
            return f"{self._report.period.year}-{int(key):02}"
        words = _WORDS.get(table, {})
        return self._called(words[key]) if key in words else self._items.get(key, key)

    def _called(self, words: str) -> str:
        """Return words that stand in a cell of their own."""
        return in_a_cell(self._side(words))

    def _institutions(self) -> Section:
        heads = (
            ("机构代码 / Code", 2.8), ("机构名称 / Institution", 4.3), ("行政区划 / Division", 1.8), (_TIMES, 1.75),
            ("人数 / Persons", 1.6), (_POINTS, 1.75), ("暂停、终止 / Sanctioned", 2.2), ("登记 / Registered", 2.2),
            ("比例等级 / Level", 2.5),
        )  # fmt: skip
        rows: list[Sequence[Value]] = [
            (
                *(row.institution, row.institution_name, row.region, row.person_times, row.persons, row.points),
                *(row.sanctioned, row.registered),
                self._side(RATIO_LEVELS[row.level]) if row.level else "",
            )
            for row in self._report.institutions
        ]
        return self._section("按机构 / By institution", heads, rows)

    def _sanctions(self) -> Section:
        heads = (("暂停或终止 / Suspension or termination", 3), ("依据 / Ground", 4), ("人数 / Persons", 2))
        rows: list[Sequence[Value]] = [
            (self._called(SANCTIONS[row.kind]), self._called(GROUNDS[row.ground]), row.persons)
            for row in self._report.sanctions
        ]
        return self._section("暂停与终止 / Suspensions and terminations", heads, rows)

    def _bases(self) -> Section:
        rows: list[Sequence[Value]] = [(self._side(BASES[key]), many) for key, many in self._report.bases.items()]
        return self._section("更正 / Corrections", (("依据 / Basis", 5), ("件数 / Number", 2)), rows)

    def _punctual(self) -> Section:
        heads = (
            ("事项 / Matter", 5), ("合计 / Total", 2), ("按期 / In time", 2), ("逾期 / Late", 2),
            ("未办结 / Not done", 2), ("按期率 / Share in time", 2),
        )  # fmt: skip
        rows: list[Sequence[Value]] = []
        for row in self._report.punctual:
            counts = (row.total, row.in_time, row.late, row.waiting)
            rows.append((self._side(PUNCTUAL[row.what]), *map(self._cell, counts), _share(row.in_time, row.late)))
        return self._section("办理时限 / In time", heads, rows)

    def _rulebooks(self) -> Section:
        public = self._report.is_public
        heads = [("规则 / Rulebook", 3.0), ("施行日 / In force from", 2.4), ("暂停、终止分值 / Thresholds", 2.4)]
        heads += [("暂停月数 / Months of suspension", 5), ("校验值 / SHA-256", 3)]
        heads += [] if public else [(_TIMES, 2)]
        rows: list[Sequence[Value]] = [
            (
                *(each.rulebook.id, each.rulebook.valid_from),
                self._side(
                    f"{each.rulebook.suspend_at}、{each.rulebook.terminate_at}"
                    f" / {each.rulebook.suspend_at}, {each.rulebook.terminate_at}"
                ),
                self._months(each.rulebook.suspension_months),
                each.rulebook.sha256[:16],
                *([] if public else [each.person_times]),
            )
            for each in self._report.rulebooks
        ]
        return self._section("所用规则 / Rules applied", heads, rows)

    def _months(self, table: Mapping[Ground, Mapping[int, int]]) -> str:
        grounds = {self._side(GROUNDS[ground]): rows for ground, rows in sorted(table.items())}
        comma, semicolon = ("、", "；") if self._language is Language.CHINESE else (", ", "; ")
        return semicolon.join(
            f"{name} " + comma.join(f"{points}→{months}" for points, months in sorted(rows.items()))
            for name, rows in grounds.items()
        )

    def score_rows(self) -> Iterator[Sequence[Value]]:
        """Return the scores one by one."""
        for each in reported_scores(self._work, self._report):
            yield (
                *(each.decided_on, each.document_no, each.institution, each.institution_name),
                *(each.person_code, each.person_name, self._side(CATEGORIES[each.category])),
                *(self._items.get(each.item, each.item), self._side(DEGREES[each.degree]), each.points),
            )

    def scores(self, rows: Iterable[Sequence[Value]]) -> Table:
        """Return the sheet of the scores one by one."""
        heads = (
            *("处理决定日 / Decided on", "文号 / Document", "机构代码 / Code", "机构名称 / Institution"),
            *("人员代码 / Person's code", "姓名 / Name", "人员类别 / Category"),
            *("违规情形 / Item", "责任程度 / Degree", "记分 / Points"),
        )
        return Table(name=self._side("记分名单 / Scores"), headings=[self._side(head) for head in heads], rows=rows)

    def table(self, section: Section) -> Table:
        """Return a section as a sheet, its remark below the rows."""
        note = section.note or ("" if section.rows else self._side(_NONE))
        rows = [*section.rows, *([[], [note]] if note else [])]
        return Table(name=section.heading, headings=[head for head, _width in section.columns], rows=rows)

    def as_json(self) -> JsonObject:
        """Return what the template of a document sets."""
        side, head = self._side, self.head()
        known = f"{side('截至 / as known at')} {self._known()} (UTC+8)"
        reference = f"{side(TITLES[self._report.kind])} {self._report.period} · {known}"
        return {
            "title": f"{side(TITLES[self._report.kind])} · {self._report.period}",
            "office": side("医疗保障部门 / Healthcare security office"),
            "known": known,
            "language": ["zh", "cn"] if self._language is Language.CHINESE else ["en", "gb"],
            "person": [[str(name), _printed(value) if name else ""] for name, value in _even(head.rows)],
            "sections": [
                *([self._note(head.note)] if head.note else []),
                *(self._printed(section) for section in self.sections()),
            ],
            "footer": {
                "reference": reference,
                "page": ["第 ", " 页 共 ", " 页"] if self._language is Language.CHINESE else ["Page ", " of ", ""],
            },
        }

    def _printed(self, section: Section) -> JsonObject:
        rows = section.rows[:PRINTED_INSTITUTIONS]
        left_out = len(section.rows) - len(rows)
        more = self._side(f"另有 {left_out} 行，见工作簿 / {left_out} further rows: see the workbook")
        columns = [[row[place] for row in rows] for place in range(len(section.columns))]
        numbers = [place for place, values in enumerate(columns) if _are_numbers(values)]
        table: JsonObject = {
            "widths": [width for _head, width in section.columns],
            "head": [head for head, _width in section.columns],
            "rows": [[_printed(value) for value in row] for row in rows],
            "numbers": numbers,
            "whole": len(rows) <= KEPT_WHOLE,
        }
        note = section.note or (more if left_out else "") or ("" if rows else self._side(_NONE))
        return {"heading": section.heading, "pairs": [], "table": table if rows else None, "note": note}

    def _note(self, text: str) -> JsonObject:
        return {"heading": self._side("说明 / Note"), "pairs": [], "table": None, "note": text}

    def _section(self, name: str, heads: Iterable[tuple[str, float]], rows: Sequence[Sequence[Value]]) -> Section:
        columns = [(self._side(head), width) for head, width in heads]
        return Section(heading=self._side(name), columns=columns, rows=rows)

    def _cell(self, many: Told) -> Value:
        if many is Withheld.SMALL:
            return Mark(self._side(f"不足 {FEWEST} / <{FEWEST}"))
        return Mark("—") if many is Withheld.BESIDE else many

    def _known(self) -> str:
        return self._report.known_at.astimezone(CIVIL_ZONE).replace(tzinfo=None).isoformat(" ")


def _item_titles(work: Work, report: PeriodReport, language: Language) -> dict[str, str]:
    """Return the titles of the items by key, as the rulebooks of the period had them; days past keep theirs."""
    titles: dict[str, str] = {}
    for each in report.rulebooks:
        described = work.rulebooks.describe(each.rulebook.id, report.last_counted)["items"]
        titles |= {item.key: item.title for item in each.rulebook.items}
        if language is Language.ENGLISH:
            titles |= {item["key"]: item["title_en"] for item in described if item["title_en"]}
    return titles


def _share(in_time: Told, late: Told) -> Value:
    if not isinstance(in_time, int) or not isinstance(late, int) or not in_time + late:
        return Mark("—")
    return Share(in_time / (in_time + late))


def _are_numbers(values: Sequence[Value]) -> bool:
    """Tell whether a column holds numbers, or what stands in their place."""
    filled = [value for value in values if value not in {None, ""}]
    return bool(filled) and all(isinstance(value, int | float | Mark) for value in filled)


def _printed(value: Value) -> str:
    return "—" if value is None or value == "" else str(value)


def _even(rows: Sequence[Sequence[Value]]) -> Sequence[Sequence[Value]]:
    """Return the rows of pairs with as many on the left as on the right of the page."""
    return rows if len(rows) % 2 == 0 else [*rows, ("", "")]
