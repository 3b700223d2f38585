"""The lists by name, each with its title and the words of its codes; and the table that a schema of an answer lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marshmallow import Schema, fields

from scoring_service import terms
from scoring_service.api.schemas.appeals import ListedAppeal
from scoring_service.api.schemas.audit import AuditRow, Look
from scoring_service.api.schemas.cases import AttachmentAnswer, CaseSummary
from scoring_service.api.schemas.corrections import CorrectionAnswer
from scoring_service.api.schemas.events import Event
from scoring_service.api.schemas.finding import FoundItem
from scoring_service.api.schemas.imports import ImportSummaryAnswer
from scoring_service.api.schemas.institutions import InstitutionAnswer
from scoring_service.api.schemas.jobs import Job, Run
from scoring_service.api.schemas.liftings import LiftingAnswer
from scoring_service.api.schemas.merges import ListedMerge
from scoring_service.api.schemas.notices import Notice, ProofAnswer
from scoring_service.api.schemas.practitioners import EntryAnswer, ListedPractitioner
from scoring_service.api.schemas.registration_requests import RegistrationRequestAnswer
from scoring_service.api.schemas.registry_corrections import RegistryCorrectionAnswer
from scoring_service.api.schemas.remediation import ActivityAnswer, ListedApplication
from scoring_service.api.schemas.reregistrations import ReregistrationAnswer
from scoring_service.api.schemas.resumptions import ResumptionAnswer
from scoring_service.api.schemas.rulebook_drafts import ListedDraft
from scoring_service.api.schemas.rulebooks import CatalogueItem, RulebookItem
from scoring_service.api.schemas.spread import OfficeSpreadAnswer
from scoring_service.api.schemas.statistics import (
    FigureChangeAnswer,
    PunctualityAnswer,
    RankedInstitutionAnswer,
    TallyAnswer,
)
from scoring_service.api.schemas.talks import TalkAnswer
from scoring_service.api.schemas.users import RoleAct, User
from scoring_service.api.tables.columns import ListTable
from scoring_service.services.imports.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping

_PARTIES = {
    "practitioner": "本人 / the person",
    "institution": "所在机构 / institution",
    "office": "医保部门 / office",
    "authority": "主管部门 / authority",
}
_AGAINST = {"points": "记分 / points", "state": "档案状态 / state"}
_EFFECTS = {"points": "减分 / points", "term": "缩短期限 / term", **terms.SANCTIONS}
_RUN_STATES = {"running": "运行中 / running", "done": "已完成 / done", "failed": "失败 / failed"}
_CADENCES = {"daily": "每日 / daily", "yearly": "每年 / yearly"}
BANDS = {
    "minor": "较轻 / minor",
    "moderate": "一般 / moderate",
    "serious": "较重 / serious",
    "grave": "严重 / grave",
    "outside": "档次之外 / outside",
}
_FOUND = {"practitioner": "人员 / person", "institution": "机构 / institution", "case": "案件 / case"}
_IMPORT_KINDS = {name: kind.title for name, kind in KINDS.items()}
_REGISTRY_ROWS = {
    "registration": "登记备案 / registration",
    "affiliation": "执业机构 / affiliation",
    "person": "个人信息 / person",
    "agreement": "服务协议 / agreement",
}


def _proposals(name: str, title: str, item: Schema, **words: Mapping[str, str]) -> ListTable:
    return ListTable(name=name, title=title, item=item, words={"state": terms.PROPOSAL_STATES} | words)


_TABLES = (
    ListTable(
        name="institutions", title="定点医药机构 / Institutions", item=InstitutionAnswer(),
        words={"kind": terms.INSTITUTION_KINDS}, headings={"code": "机构代码", "name": "机构名称"},
    ),
    ListTable(
        name="practitioners", title="相关人员 / Practitioners", item=ListedPractitioner(),
        words={"category": terms.CATEGORIES, "status": terms.STATUSES},
        headings={"code": "人员代码", "name": "姓名", "institutions": "执业机构代码", "points": "本年记分"},
    ),
    ListTable(
        name="search", title="查找结果 / What was found", item=FoundItem(),
        words={"kind": _FOUND, "state": {**terms.STATUSES, **terms.CASE_STATES}},
        headings={"title": "名称或文号", "workplace": "执业机构", "formerly": "曾登记为", "code": "代码"},
    ),
    ListTable(
        name="ledger", title="台账 / Ledger", item=EntryAnswer(),
        words={
            "kind": terms.ENTRIES, "degree": terms.DEGREES, "basis": terms.BASES, "effect": _EFFECTS,
        },
    ),
    ListTable(
        name="cases", title="案件 / Cases", item=CaseSummary(),
        words={
            "state": terms.CASE_STATES, "handling.kind": terms.HANDLINGS, "handling.measure.kind": terms.MEASURES,
        },
    ),
    ListTable(
        name="notices", title="文书 / Notices", item=Notice(),
        words={"kind": terms.DOCUMENTS, "addressee.kind": _PARTIES, "addressee.ref": terms.AUTHORITIES},
    ),
    ListTable(
        name="appeals", title="申诉 / Appeals", item=ListedAppeal(),
        words={
            "state": terms.APPEAL_STATES, "against": _AGAINST, "filed_by": _PARTIES, "outcome": terms.OUTCOMES,
        },
        headings={
            "grounds": "申诉理由", "provisional": "申诉期截止日为暂定", "points": "决定的分值", "due_on": "决定截止日",
            "due_provisional": "决定截止日为暂定", "outcome": "决定结果",
        },
    ),
    ListTable(
        name="applications", title="修复申请 / Applications for remediation", item=ListedApplication(),
        words={"state": terms.APPLICATION_STATES, "filed_by": _PARTIES, "effect": _EFFECTS},
    ),
    ListTable(
        name="resumptions", title="恢复申请 / Applications for a resumption", item=ResumptionAnswer(),
        words={"state": terms.RESUMPTION_STATES, "filed_by": _PARTIES},
    ),
    _proposals("reregistrations", "重新登记 / Re-registrations", ReregistrationAnswer()),
    _proposals("corrections", "更正 / Corrections", CorrectionAnswer(), basis=terms.BASES),
    _proposals("merges", "并档 / Merges", ListedMerge()),
    _proposals("liftings", "解除措施 / Liftings", LiftingAnswer()),
    _proposals(
        "registry-corrections", "登记更正 / Corrections of the registry", RegistryCorrectionAnswer(),
        kind=_REGISTRY_ROWS,
    ),
    ListTable(name="talks", title="提醒谈话 / Talks", item=TalkAnswer()),
    ListTable(name="activities", title="修复活动 / Activities", item=ActivityAnswer()),
    ListTable(name="attachments", title="附件 / Attachments", item=AttachmentAnswer(), words={"side": terms.SIDES}),
    ListTable(name="proofs", title="送达凭证 / Proofs of receipt", item=ProofAnswer(), words={"side": terms.SIDES}),
    ListTable(
        name="registration-requests", title="登记申请 / Requests for registrations", item=RegistrationRequestAnswer(),
        words={
            "kind": terms.REQUEST_KINDS, "state": terms.REQUEST_STATES, "effect": terms.REQUEST_EFFECTS,
            "person.category": terms.CATEGORIES, "on_file.category": terms.CATEGORIES,
        },
        headings={"practitioner": "本机构人员编号", "from": "登记开始日", "on": "离开日"},
    ),
    ListTable(
        name="imports", title="导入 / Imports", item=ImportSummaryAnswer(),
        words={"kind": _IMPORT_KINDS, "state": terms.IMPORT_STATES},
    ),
    ListTable(name="users", title="账号 / Accounts", item=User(), words={"state": terms.ACCOUNT_STATES}),
    ListTable(
        name="roles", title="谁可以做什么 / Who may do what", item=RoleAct(),
        headings={"subject": "事项", "deed": "可以做的事", "roles": "可以做的角色"},
    ),
    ListTable(name="audit", title="审计记录 / Audit", item=AuditRow()),
    ListTable(name="access-log", title="查看记录 / Looks at a person", item=Look()),
    ListTable(name="events", title="变动通知 / Events", item=Event()),
    ListTable(
        name="jobs", title="定时任务 / Jobs", item=Job(),
        words={"cadence": _CADENCES, "last_run.state": _RUN_STATES}, headings={"name": "任务"},
    ),
    ListTable(name="runs", title="任务运行 / Runs of a job", item=Run(), words={"state": _RUN_STATES}),
    ListTable(
        name="changes", title="与上月相比 / Changes since last month", item=FigureChangeAnswer(),
        words={"figure": terms.FIGURES},
        headings={
            "figure": "指标", "this_month": "本月", "last_month": "上月", "year_before": "上年同月",
        },
    ),
    ListTable(
        name="ranking", title="机构排名 / Institutions ranked", item=RankedInstitutionAnswer(),
        words={"level": terms.RATIO_LEVELS},
        headings={
            "person_times": "记分人次", "persons": "记分人数", "points": "记分合计", "sanctioned": "暂停、终止人数",
            "registered": "登记人数", "level": "比例等级",
        },
    ),
    ListTable(
        name="breakdown", title="分类统计 / Scores told apart", item=TallyAnswer(),
        words={"side": terms.TOLD_APART, "key": {**terms.DEGREES, **terms.CATEGORIES}},
        item_key="key",
        headings={"side": "分类", "key": "项目", "person_times": "记分人次", "points": "记分合计"},
    ),
    ListTable(
        name="timeliness", title="办理时限 / In time", item=PunctualityAnswer(), words={"what": terms.PUNCTUAL},
        headings={"what": "事项", "total": "合计", "in_time": "按期", "late": "逾期", "waiting": "未办结"},
    ),
    ListTable(
        name="spread", title="记分均衡 / Spread of points", item=OfficeSpreadAnswer(), words={"degree": terms.DEGREES},
        first=("office", "item", "degree"), item_key="item",
        headings={
            "office": "区划或部门", "item": "违规情形", "n": "件数", "median": "中位数", "p5": "九成下限",
            "p95": "九成上限", "few": "件数不足", "outside": "九成以外件数", "outside_percent": "九成以外占比（%）",
        },
    ),
    ListTable(name="rulebooks", title="规则 / Rulebooks", item=RulebookItem()),
    ListTable(
        name="drafts", title="规则草案 / Drafts of rulebooks", item=ListedDraft(), words={"state": terms.DRAFT_STATES},
        headings={"begins_on": "施行日", "filename": "规则文件"},
    ),
    ListTable(
        name="items", title="违规情形 / Items", item=CatalogueItem(),
        words={"band": BANDS, "degrees": terms.DEGREES},
    ),
)  # fmt: skip
LISTS: Mapping[str, ListTable] = {table.name: table for table in _TABLES}
_BY_SCHEMA = {type(table.item): table for table in _TABLES}


def table_of(answer: object) -> ListTable | None:
    """Return the table of what an answer lists: the objects of its `items`. None for an answer that is no list."""
    if isinstance(answer, type) and issubclass(answer, Schema):
        answer = answer()
    if not isinstance(answer, Schema):
        return None
    items = answer.dump_fields.get("items")
    if not isinstance(items, fields.List) or not isinstance(items.inner, fields.Nested):
        return None
    item = items.inner.schema
    named = _BY_SCHEMA.get(type(item))
    name = type(item).__name__.removesuffix("Answer")
    return named or ListTable(name=name.lower(), title=name, item=item)
