"""The report of a year as sheets: the figures, by month, band, category and institution, and the sanctions."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from scoring_service.api.tables.columns import Language, in_a_cell
from scoring_service.api.tables.lists import BANDS
from scoring_service.services.record.exports import put_on_record, write_tables
from scoring_service.services.years.report import SanctionOfPerson, sanctions_of
from scoring_service.services.years.statistics import statistics_of
from scoring_service.terms import CATEGORIES, GROUNDS, SANCTIONS, chinese, english
from scoring_service.workbooks.writing import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from scoring_service.json_values import JsonObject
    from scoring_service.services.unit_of_work.transaction import Work
    from scoring_service.services.years.statistics import Statistics
    from scoring_service.workbooks.writing import Form, Value

NAME = "report"
_NOT_TOLD_THEN = (
    "所问的是过去某一时刻的记录，名单只列现在的记录，请不带 known_at 下载 / "
    "asked for a past moment, of which the figures are told and no list; leave known_at out for it"
)


def year_report(
    opened: Work,
    form: Form,
    *,
    year: int | None,
    region: str | None,
    known_at: datetime | None,
    language: Language | str | None,
) -> IO[bytes]:
    """Return the report of a scoring year (default: this one) as a file; it and each person's look are on record.

    Raises as `statistics_of`.
    """
    counts = statistics_of(opened, year=year, region=region, known_at=known_at, most_institutions=None)
    chosen = Language.CHINESE if language is None else Language(language)
    sheets = _Sheets(chosen)
    sanctions = sheets.not_told() if known_at is not None else sheets.sanctions(sanctions_of(opened, counts))
    file = write_tables(form, [*sheets.figures(counts), sanctions])
    rows = counts.suspended + counts.terminated + counts.measures
    detail: JsonObject = {"year": counts.year, "region": counts.region}
    put_on_record(opened, NAME, form, rows=rows, detail=detail)
    return file


class _Sheets:
    """The sheets in a language."""

    def __init__(self, language: Language) -> None:
        self._side = chinese if language is Language.CHINESE else english

    def figures(self, counts: Statistics) -> Iterator[Table]:
        """Return the sheets of the figures."""
        side, by = self._side, counts.breakdown
        yield self._table("年度数字 / Figures", ("项目 / Item", "数值 / Value"), self._totals(counts))
        months = [(each.month, each.person_times) for each in counts.months_begun]
        yield self._counted("按月 / By month", "月份 / Month", months)
        yield self._counted("按档次 / By band", "档次 / Band", _worded(side, BANDS, by.by_band))
        categories = _worded(side, CATEGORIES, by.by_category)
        yield self._counted("按人员类别 / By category", "人员类别 / Category", categories)
        places = [(each.code, each.name, each.person_times) for each in counts.by_institution]
        heads = ("机构代码 / Code", "机构名称 / Institution", _TIMES)
        yield self._table("按机构 / By institution", heads, places)

    def _totals(self, counts: Statistics) -> list[tuple[Value, ...]]:
        rows: list[tuple[str, Value]] = [
            ("记分年度 / Scoring year", counts.year),
            ("行政区划 / Division", counts.region or in_a_cell(self._side("全部 / all"))),
            ("截至 / As known at", counts.known_at),
            (_TIMES, counts.person_times),
            ("记分人数 / Persons with a score", counts.persons),
            ("涉及机构 / Institutions", counts.institutions),
            ("暂停人数 / Persons suspended", counts.suspended),
            ("终止人数 / Persons terminated", counts.terminated),
            ("随机构措施暂停、终止的人数 / Persons suspended or terminated with a measure", counts.measures),
        ]
        return [(self._side(name), value) for name, value in rows]

    def sanctions(self, sanctions: Iterable[SanctionOfPerson]) -> Table:
        """Return the sheet of the sanctions that begin in the year."""
        side = self._side
        rows = (
            (
                *(each.code, each.name, side(CATEGORIES[each.category]), side(SANCTIONS[each.kind])),
                *(in_a_cell(side(GROUNDS[each.ground])), each.from_on, each.until_on, each.state_until_on),
            )
            for each in sanctions
        )
        heads = (
            *("人员代码 / Code", "姓名 / Name", "人员类别 / Category", "暂停或终止 / Suspension or termination"),
            *("依据 / Ground", "开始日 / From"),
            *("期限结束日（不含） / End of the term", "状态结束日（不含） / End of the state"),
        )
        return self._table(_SANCTIONED, heads, rows)

    def not_told(self) -> Table:
        """Return the sheet in place of a list that is not told of the past."""
        return self._table(_SANCTIONED, ("说明 / Note",), [(self._side(_NOT_TOLD_THEN),)])

    def _counted(self, name: str, head: str, rows: Iterable[tuple[Value, int]]) -> Table:
        return self._table(name, (head, _TIMES), rows)

    def _table(self, name: str, heads: Sequence[str], rows: Iterable[Sequence[Value]]) -> Table:
        return Table(name=self._side(name), headings=[self._side(head) for head in heads], rows=rows)


_TIMES, _SANCTIONED = "记分人次 / Person-times", "暂停与终止名单 / Suspended and terminated"


def _worded(
    side: Callable[[str], str], words: Mapping[str, str], counted: Mapping[str, int]
) -> list[tuple[Value, int]]:
    return [(in_a_cell(side(word)), counted.get(key, 0)) for key, word in words.items()]
