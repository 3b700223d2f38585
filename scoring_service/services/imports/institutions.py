"""Institutions with their agreements: a row an agreement, several rows of one code several agreements of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from scoring_service.core.standing import Span
from scoring_service.db import registry
from scoring_service.db.eligibility import people_of
from scoring_service.services.imports import cells
from scoring_service.services.imports.columns import Column
from scoring_service.services.imports.kind import ImportKind, Judged, Outcome, RowFault, counted, refused
from scoring_service.services.registry.institutions import (
    NewInstitution,
    change_institution,
    put_agreement,
    register_institutions,
)
from scoring_service.services.registry.spans import overlap
from scoring_service.written import LONGEST_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scoring_service.core.registry import SpanVersion
    from scoring_service.db.registry import StoredInstitution
    from scoring_service.services.imports.kind import Counts, Options, StagedRow
    from scoring_service.services.unit_of_work.transaction import Work

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class InstitutionRow:
    """A row: the institution, and one agreement of it from its first to its last day."""

    code: str | None
    name: str | None
    kind: str | None
    region: str | None
    agreement_from: date | None
    agreement_last_day: date | None

    @property
    def agreement(self) -> Span | None:
        """The agreement of the row, if it has one."""
        if self.agreement_from is None:
            return None
        last = self.agreement_last_day
        return Span(self.agreement_from, None if last is None else last + ONE_DAY)

    @property
    def kind_of_code(self) -> str:
        """The kind, which the code says where the column is empty."""
        return self.kind or ("pharmacy" if (self.code or "").startswith("P") else "hospital")


COLUMNS = (
    Column(
        name="code",
        heading="机构代码",
        aliases=("fixmedins_code", "定点医药机构编码", "定点医药机构编号", "机构编码", "医药机构代码", "institution"),
        reading=cells.institution_code,
        required=True,
        example="H15040200001",
        explanation="国家编码：医疗机构 H、零售药店 P，加 11 位数字 / the national code",
    ),
    Column(
        name="name",
        heading="机构名称",
        aliases=("fixmedins_name", "定点医药机构名称", "医药机构名称", "名称"),
        reading=cells.line(LONGEST_NAME),
        required=True,
        example="赤峰市医院",
        explanation="全称 / the full name",
    ),
    Column(
        name="kind",
        heading="机构类型",
        aliases=("fixmedins_type", "定点医疗服务机构类型", "机构类别", "类别", "类型"),
        reading=cells.institution_kind,
        example="医疗机构",
        explanation="医疗机构或零售药店；不填则按代码 / hospital or pharmacy; left empty, as the code says",
    ),
    Column(
        name="region",
        heading="行政区划",
        aliases=("admdvs", "行政区划代码", "统筹区", "医保区划", "division"),
        reading=cells.division,
        required=True,
        example="150402",
        explanation="6 位数字 / six digits",
    ),
    Column(
        name="agreement_from",
        heading="协议起始日",
        aliases=("begndate", "协议开始日期", "协议起始日期", "协议生效日期", "协议开始时间", "协议开始"),
        reading=cells.day,
        example="2025-01-01",
        explanation="医保服务协议的第一日；没有协议则不填 / first day of the agreement",
    ),
    Column(
        name="agreement_last_day",
        heading="协议最后一日",
        aliases=("enddate", "协议结束日期", "协议终止日期", "协议截止日期", "协议结束时间", "协议结束"),
        reading=cells.day,
        example="2025-12-31",
        explanation="协议有效的最后一日；未约定则不填 / the last day on which it is in force",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _OnRecord:
    """What is on record of the institutions of a chunk."""

    institutions: Mapping[str, StoredInstitution]
    agreements: Mapping[str, Sequence[SpanVersion]]
    peopled: frozenset[str]


def _read(work: Work, rows: Sequence[StagedRow]) -> _OnRecord:
    codes = {row.values.code for row in rows if row.values.code is not None}
    known = registry.institutions_by_code(work.conn, codes)
    moved = {
        row.values.code
        for row in rows
        if row.values.code in known and row.values.region not in {None, known[row.values.code].region}
    }
    peopled = {code for code, people in people_of(work.conn, sorted(moved)).items() if people} if moved else set()
    return _OnRecord(
        institutions=known, agreements=registry.agreements_known(work.conn, codes), peopled=frozenset(peopled)
    )


def judge(work: Work, rows: Sequence[StagedRow], _options: Options) -> list[Judged]:
    """Tell what becomes of each row: faults of form and of what is on record, else created, changed or left."""
    known = _read(work, rows)
    earlier: dict[str, list[StagedRow]] = defaultdict(list)
    judged = []
    for row in rows:
        faults = [*_faults_alone(work, row, known), *_faults_beside(row, earlier[row.values.code or ""])]
        judged.append(refused(*faults) if faults else Judged(outcome=_outcome(row, known, earlier[row.values.code])))
        earlier[row.values.code or ""].append(row)
    return judged


def _faults_alone(work: Work, row: StagedRow, known: _OnRecord) -> list[RowFault]:
    values: InstitutionRow = row.values
    faults = []
    if values.code is not None and values.kind_of_code != _kind(values.code):
        faults.append(RowFault(column="kind", expected=_OTHER_KIND))
    if values.region is not None and not work.actor.sees_region(values.region):
        faults.append(RowFault(column="region", expected=_OUTSIDE))
    if values.agreement_from is None and values.agreement_last_day is not None and "agreement_from" not in row.unread:
        faults.append(RowFault(column="agreement_from", expected="协议的起始日 / the agreement's first day"))
    span = values.agreement
    if span is not None and span.until is not None and span.until <= span.start:
        faults.append(RowFault(column="agreement_last_day", expected="不早于起始日 / not before the first day"))
    return faults + _faults_on_record(work, values, known)


_OTHER_KIND = "代码首字母所示的类型：H 医疗机构，P 零售药店 / the kind that the code tells: H hospital, P pharmacy"
_OUTSIDE = "您的管辖范围内的行政区划 / a division of your region"


def _kind(code: str) -> str:
    return "pharmacy" if code.startswith("P") else "hospital"


def _faults_on_record(work: Work, values: InstitutionRow, known: _OnRecord) -> list[RowFault]:
    present = known.institutions.get(values.code or "")
    if present is None or values.code is None:
        return []
    if not work.actor.sees_region(present.region):
        return [RowFault(column="code", expected=_ANOTHERS)]
    faults = []
    rulebook, region = work.rulebooks.id_for_division, values.region
    if region is not None and values.code in known.peopled and rulebook(region) != rulebook(present.region):
        faults.append(RowFault(column="region", expected=_OTHER_LAW))
    span = values.agreement
    if span is not None and _new_or_ended(span, known.agreements[values.code]) is Outcome.REFUSED:
        faults.append(RowFault(column="agreement_from", expected=_OVERLAPS))
    return faults


_ANOTHERS = "该机构属另一行政区划，由其经办机构登记 / this institution is another region's"
_OTHER_LAW = "该机构已有人员登记，不得改到适用另一规则的区划 / people are registered there under another rulebook"
_OVERLAPS = "与已有协议不重叠的日期 / days that overlap no agreement on record"


def _new_or_ended(span: Span, agreements: Sequence[SpanVersion]) -> Outcome:
    """Tell whether an agreement is on record (left), ends or adds to what is (changed), or overlaps it (refused)."""
    if any(version.span == span for version in agreements):
        return Outcome.LEFT
    others = [version for version in agreements if version.span.start != span.start or span.until is None]
    return Outcome.REFUSED if any(overlap(version.span, span) for version in others) else Outcome.CHANGED


def _faults_beside(row: StagedRow, earlier: Sequence[StagedRow]) -> list[RowFault]:
    """Tell what contradicts the earlier rows of the same institution."""
    if not earlier:
        return []
    first, values = earlier[0], row.values
    faults = [
        RowFault(column=name, expected=f"与第 {first.number} 行同一机构一致 / as in row {first.number}, its first one")
        for name in ("name", "region")
        if None not in {getattr(values, name), getattr(first.values, name)}
        and getattr(values, name) != getattr(first.values, name)
    ]
    for other in earlier:
        if (values.agreement is None) == (other.values.agreement is None) and (
            values.agreement is None or overlap(values.agreement, other.values.agreement)
        ):
            detail = f"与第 {other.number} 行重复 / the same as in row {other.number}"
            faults.append(RowFault(column="code", expected=detail))
            break
    return faults


def _outcome(row: StagedRow, known: _OnRecord, earlier: Sequence[StagedRow]) -> Outcome:
    values: InstitutionRow = row.values
    present = known.institutions.get(values.code or "")
    if present is None:
        return Outcome.CREATED
    if not earlier and (present.name, present.region) != (values.name, values.region):
        return Outcome.CHANGED
    if values.agreement is None:
        return Outcome.LEFT
    return _new_or_ended(values.agreement, known.agreements[present.code])


def write(work: Work, rows: Sequence[StagedRow], options: Options) -> Counts:
    """Register what is new in one go, and change one by one what differs."""
    judged = judge(work, rows, options)
    counts = counted(judged)
    if counts[Outcome.REFUSED]:
        return counts
    known = _read(work, rows)
    created: dict[str, InstitutionRow] = {}
    changed: list[InstitutionRow] = []
    for row, each in zip(rows, judged, strict=True):
        if each.outcome is Outcome.CREATED and row.values.code not in created:
            created[row.values.code] = row.values
        elif each.outcome in {Outcome.CREATED, Outcome.CHANGED}:
            changed.append(row.values)
    if created:
        register_institutions(work, [_new(values) for values in created.values()])
    for values in changed:
        _change(work, values, known)
    return counts


def _new(values: InstitutionRow) -> NewInstitution:
    return NewInstitution(
        code=values.code or "",
        name=values.name or "",
        kind=values.kind_of_code,
        region=values.region or "",
        agreement=values.agreement,
    )


def _change(work: Work, values: InstitutionRow, known: _OnRecord) -> None:
    code = values.code or ""
    present = known.institutions.get(code)
    if present is not None:
        wanted = {"name": values.name, "region": values.region}
        changes = {name: value for name, value in wanted.items() if getattr(present, name) != value}
        if changes:
            change_institution(work, code, expected_version=None, changes=changes)
    span = values.agreement
    on_record = known.agreements.get(code, ())
    if span is not None and all(version.span != span for version in on_record):
        put_agreement(work, code, from_on=span.start, until_on=span.until)


INSTITUTIONS = ImportKind(
    name="institutions",
    title="机构与协议 / Institutions with agreements",
    columns=COLUMNS,
    record=InstitutionRow,
    judge=judge,
    write=write,
    uploads=frozenset({"office.admin"}),
    keys=lambda record: (record.code,) if record.code else (),
    chunk_rows=500,
)
