"""The columns of cases of earlier years: the decision, the finding, and what has become of it since."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scoring_service.core.entries import Basis, EntryKind
from scoring_service.core.procedure import HandlingKind, MeasureKind
from scoring_service.core.rulebook import HIGHEST_POINTS
from scoring_service.services.imports import cells
from scoring_service.services.imports.cells import CellFault
from scoring_service.services.imports.columns import Column
from scoring_service.services.imports.finding_columns import FINDING_COLUMNS
from scoring_service.services.proposals.earlier_entries import EarlierThatDay
from scoring_service.terms import BASES, HANDLINGS, MEASURES

if TYPE_CHECKING:
    from scoring_service.workbooks.sheets import Value

MOST_PARTS = 999
_BEFORE = {
    "points": EntryKind.POINTS_CREDIT,
    "term": EntryKind.TERM_CREDIT,
    "resumption": EntryKind.RESUMPTION,
    "reregistration": EntryKind.REREGISTRATION,
}
_PART = re.compile(r"(points|term|resumption|reregistration) ?([0-9]{1,4})?")
basis = cells.choice(dict.fromkeys(Basis, ()), BASES)


def earlier_that_day(value: Value) -> tuple[EarlierThatDay, ...]:
    """Return what a file held before an entry on its day, written like `points 2; resumption 0`. Raises CellFault."""
    parts = [_PART.fullmatch(part.strip()) for part in cells.text(value).casefold().split(";")]
    if not all(parts):
        raise CellFault(
            "如 points 2; resumption 0; reregistration / such as points 2; resumption 0; reregistration"
        )
    return tuple(
        EarlierThatDay(kind=_BEFORE[part[1]], amount=int(part[2] or 0)) for part in parts if part is not None
    )


def written_that_day(earlier: tuple[EarlierThatDay, ...]) -> str:
    """Return it as it is written."""
    names = {kind: name for name, kind in _BEFORE.items()}
    return "; ".join(f"{names[each.kind]} {each.amount}" for each in earlier)


DECISION_COLUMNS = (
    Column(
        name="institution",
        heading="机构代码",
        aliases=("fixmedins_code", "定点医药机构编码", "机构编码"),
        reading=cells.institution_code,
        required=True,
        example="H15040200001",
        explanation="决定所对的定点医药机构 / the institution that was handled",
    ),
    Column(
        name="handling_kind",
        heading="处理方式",
        reading=cells.choice(
            {HandlingKind.PENALTY: ("处罚",), HandlingKind.AGREEMENT: ("协议",)}, HANDLINGS
        ),
        example="行政处罚",
        explanation="行政处罚或协议处理；同案各行只须填一次 / once a case is enough",
    ),
    Column(
        name="authority",
        heading="决定机关",
        aliases=("作出处理决定的机关",),
        reading=cells.line(),
        example="赤峰市医疗保障局",
        explanation="作出处理决定的单位全称 / the full name of who took the decision",
    ),
    Column(
        name="document_no",
        heading="文书号",
        aliases=("文号", "决定书文号", "处理决定文号"),
        reading=cells.line(),
        required=True,
        example="赤医保罚决〔2025〕12号",
        explanation="同一机构、文书号、决定日的各行是一件案件 / rows of one institution, number and day are one case",
    ),
    Column(
        name="decided_on",
        heading="处理决定日",
        aliases=("决定日期", "处理决定日期"),
        reading=cells.day,
        required=True,
        example="2025-03-10",
        explanation="记分计入该日所在年度（P27） / the points count in the year of this day",
    ),
    Column(
        name="received_on",
        heading="收到日",
        reading=cells.day,
        explanation="经办机构收到之日；不填则为处理决定日 / when the office received it; else as decided",
    ),
    Column(
        name="summary",
        heading="案情摘要",
        aliases=("摘要",),
        reading=cells.prose,
        explanation="查明的事实，一案填一次 / the facts, once a case",
    ),
    Column(
        name="measure_kind",
        heading="机构措施",
        reading=cells.choice(dict.fromkeys(MeasureKind, ()), MEASURES),
        explanation="对机构采取的措施（P34），没有则不填 / the measure against the institution, if any",
    ),
    Column(
        name="measure_from",
        heading="措施起始日",
        reading=cells.day,
        explanation="有机构措施时必填 / required with a measure",
    ),
    Column(
        name="measure_last_day",
        heading="措施最后一日",
        reading=cells.day,
        explanation="含当日；未定则不填 / that day included; empty while there is no end",
    ),
    Column(
        name="measure_department",
        heading="措施科室",
        reading=cells.line(),
        explanation="措施只针对某一科室时填写 / where the measure is against a department only",
    ),
    Column(
        name="effective_on",
        heading="生效日",
        aliases=("记分生效日", "审核通过日"),
        reading=cells.day,
        example="2025-03-12",
        explanation="记分当年审核通过之日，暂停、终止由此起算；不填则为处理决定日 / the day of its approval then",
    ),
    Column(
        name="part",
        heading="同一文书第几件",
        reading=cells.whole(1, MOST_PARTS),
        explanation="同一文书分成几件案件时编号，一般不填 / numbers several cases of one decision",
    ),
)
# Of a correction that a file of earlier years tells of, beside the value that has counted since.
CORRECTION_COLUMNS = (
    Column(
        name="corrected_on",
        heading="更正日",
        reading=cells.day,
        explanation="更正生效之日；有更正时必填 / when the correction took effect; required with one",
    ),
    Column(
        name="corrected_basis",
        heading="更正依据",
        reading=basis,
        explanation="申诉决定、笔误更正、行政复议决定或人民法院裁判 / appeal, clerical, reconsideration or court",
    ),
    Column(
        name="corrected_document_no",
        heading="更正文书号",
        reading=cells.line(),
        explanation="作为更正依据的文书 / the document that the correction rests on",
    ),
)
SINCE_COLUMNS = (
    Column(
        name="corrected_to",
        heading="更正后记分",
        reading=cells.whole(0, HIGHEST_POINTS - 1),
        explanation="后来更正为几分，0 为撤销；没有更正则不填 / what it has counted since; 0: revoked",
    ),
    *CORRECTION_COLUMNS,
    Column(
        name="lifted_on",
        heading="措施解除日",
        reading=cells.day,
        explanation="提前解除的第一日；写在该人的第一项认定上 / the day from which the measure has not held",
    ),
    Column(
        name="measure_voided_on",
        heading="措施撤销日",
        reading=cells.day,
        explanation="措施本不该有、后来撤销的，撤销之日 / when a measure that should never have been was revoked",
    ),
    Column(
        name="measure_voided_basis",
        heading="措施撤销依据",
        reading=basis,
        explanation="写法同更正依据 / written as the basis of a correction",
    ),
    Column(
        name="earlier_that_day",
        heading="同日在先",
        reading=earlier_that_day,
        explanation=(
            "仅当同一人同一日在本条之前另有修复、恢复或重新登记时填写 / only where the file held a credit or a way "
            "back before this entry on the same day"
        ),
    ),
)
CASE_COLUMNS = (*DECISION_COLUMNS, *FINDING_COLUMNS, *SINCE_COLUMNS)
DECISION_NAMES = tuple(column.name for column in DECISION_COLUMNS)
