"""The terms of the scheme in both languages (`中文 / English`), one for each value that the services speak in.

Letters, problem details and pages take them here, so that a thing has one name wherever it is read.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from scoring_service.core.adjustments import AdjustmentKind
from scoring_service.core.entries import Basis, EntryKind
from scoring_service.core.procedure import (
    AccountAct,
    AccountState,
    AppealState,
    ApplicationState,
    BundleState,
    CaseState,
    DraftState,
    Duty,
    HandlingKind,
    ImportState,
    MeasureKind,
    NoticeKind,
    Outcome,
    ProposalState,
    RequestEffect,
    RequestKind,
    RequestState,
    ResumptionState,
    ScreeningState,
)
from scoring_service.core.reminding import CarrierFault, Channel, Matter, Rhythm
from scoring_service.core.rulebook import Degree, Ground
from scoring_service.core.sanctions import SanctionKind
from scoring_service.core.standing import Status

if TYPE_CHECKING:
    from collections.abc import Mapping

Terms = MappingProxyType

# The names of the documents, as the letter is headed and as lists and pages call it.
DOCUMENTS: Mapping[str, str] = Terms(
    {
        NoticeKind.WARNING: "医保支付资格记分预警通知书 / Notice of a warning",
        NoticeKind.SCORE: "医保支付资格记分告知书 / Notice of points",
        NoticeKind.SUSPENSION: "暂停医保支付资格决定书 / Decision on a suspension",
        NoticeKind.TERMINATION: "终止医保支付资格决定书 / Decision on a termination",
        NoticeKind.CORRECTION: "医保支付资格记分更正通知书 / Notice of a correction",
        NoticeKind.APPEAL_EXPLANATION: "医保支付资格申诉解释说明书 / Explanation on an appeal",
        NoticeKind.APPEAL_DECISION: "医保支付资格申诉决定书 / Decision on an appeal",
        NoticeKind.REMEDIATION_LAPSED: "医保支付资格修复申请失效通知书 / Notice of a lapsed application",
        NoticeKind.RESUMPTION: "恢复医保支付资格通知书 / Notice of a resumption",
        NoticeKind.RESUMPTION_REFUSED: "不予恢复医保支付资格通知书 / Notice of a refused resumption",
        NoticeKind.MEASURE: "医保支付资格措施通知书 / Notice of a measure",
        NoticeKind.YEAR_STATEMENT: "医保支付资格年度记分告知书 / Statement of a year",
    }
)
# A letter of the kind `resumption` that tells from when to apply: nobody reads in its name that they are restored.
RESUMPTION_TO_APPLY_FOR = "恢复医保支付资格申请告知书 / When to apply for a resumption"
ENTRIES: Mapping[str, str] = Terms(
    {
        EntryKind.SCORE: "记分 / Score",
        EntryKind.POINTS_CREDIT: "修复减分 / Points given back",
        EntryKind.TERM_CREDIT: "缩短期限 / Shorter term",
        EntryKind.RESUMPTION: "恢复 / Resumption",
        EntryKind.MEASURE: "机构措施 / Measure",
        EntryKind.MEASURE_LIFTED: "解除措施 / Measure lifted",
        EntryKind.CORRECTION: "更正 / Correction",
        EntryKind.REREGISTRATION: "重新登记 / Re-registration",
        EntryKind.YEAR_CLOSED: "年度结转 / Year closed",
    }
)
BASES: Mapping[str, str] = Terms(
    {
        Basis.APPEAL: "申诉决定 / Appeal decision",
        Basis.CLERICAL: "笔误更正 / Clerical correction",
        Basis.RECONSIDERATION: "行政复议决定 / Administrative reconsideration",
        Basis.COURT: "人民法院裁判 / Court decision",
    }
)
# What every score asks for (P36), where no tier of warnings asks for more.
REMINDER_TALK = "提醒谈话 / Reminder talk"
DUTIES: Mapping[str, str] = Terms(
    {
        Duty.DELIVERY: "送达 / Delivery",
        Duty.MAINTENANCE: "状态维护 / Maintenance of the state",
        Duty.TALK: REMINDER_TALK,
    }
)
STATUSES: Mapping[str, str] = Terms(
    {
        Status.NORMAL: "正常 / Normal",
        Status.SUSPENDED: "暂停 / Suspended",
        Status.TERMINATED: "终止 / Terminated",
        Status.NOT_REGISTERED: "未登记 / Not registered",
    }
)
SANCTIONS: Mapping[str, str] = Terms(
    {SanctionKind.SUSPENSION: "暂停 / Suspension", SanctionKind.TERMINATION: "终止 / Termination"}
)
GROUNDS: Mapping[str, str] = Terms(
    {
        Ground.ACCUMULATED: "累计记分 / accumulated",
        Ground.SINGLE: "一次性记分 / single score",
        Ground.MEASURE: "对医药机构采取的措施 / measure against the institution",
    }
)
DEGREES: Mapping[str, str] = Terms(
    {
        Degree.GENERAL: "一般责任 / General responsibility",
        Degree.IMPORTANT: "重要责任 / Important responsibility",
        Degree.MAIN: "主要责任 / Main responsibility",
    }
)
ADJUSTMENTS: Mapping[str, str] = Terms(
    {
        AdjustmentKind.LIGHTER: "从轻 / Lighter within the band",
        AdjustmentKind.ONE_BAND_DOWN: "降低一个档次 / One band down",
        AdjustmentKind.HEAVIER: "从重 / Heavier within the band",
        AdjustmentKind.ONE_BAND_UP: "提高一个档次 / One band up",
    }
)
HANDLINGS: Mapping[str, str] = Terms(
    {
        HandlingKind.PENALTY: "行政处罚 / Administrative penalty",
        HandlingKind.AGREEMENT: "协议处理 / Agreement handling",
    }
)
MEASURES: Mapping[str, str] = Terms(
    {
        MeasureKind.AGREEMENT_SUSPENDED: "中止医保服务协议 / Agreement suspended",
        MeasureKind.DEPARTMENT_SUSPENDED: "责令暂停科室医保服务 / Department suspended",
        MeasureKind.AGREEMENT_TERMINATED: "解除医保服务协议 / Agreement terminated",
    }
)
CASE_STATES: Mapping[str, str] = Terms(
    {
        CaseState.DRAFT: "草稿 / Draft",
        CaseState.SUBMITTED: "待审核 / To review",
        CaseState.APPROVED: "已审核通过 / Approved",
        CaseState.WITHDRAWN: "已撤回 / Withdrawn",
    }
)
APPEAL_STATES: Mapping[str, str] = Terms(
    {
        AppealState.FILED: "待会签 / To countersign",
        AppealState.COMPLETE: "待解释 / To explain",
        AppealState.EXPLAINED: "待申诉人答复 / For the filer to answer",
        AppealState.INSISTED: "待受理 / To accept",
        AppealState.ACCEPTED: "办理中 / Being heard",
        AppealState.DECIDED: "已决定 / Decided",
        AppealState.DECLINED: "不予受理 / Declined",
        AppealState.WITHDRAWN: "已撤回 / Withdrawn",
    }
)
PROPOSAL_STATES: Mapping[str, str] = Terms(
    {
        ProposalState.DRAFTED: "待决定 / To decide",
        ProposalState.PROPOSED: "待决定 / To decide",
        ProposalState.APPROVED: "已通过 / Approved",
        ProposalState.REJECTED: "已驳回 / Rejected",
    }
)
DRAFT_STATES: Mapping[str, str] = Terms(
    {
        DraftState.PROPOSED: "待决定 / To decide",
        DraftState.APPROVED: "已采纳 / Adopted",
        DraftState.REJECTED: "已驳回 / Rejected",
        DraftState.WITHDRAWN: "已撤回 / Withdrawn",
    }
)
ACCOUNT_STATES: Mapping[str, str] = Terms(
    {
        AccountState.REQUESTED: "待批准 / To be approved",
        AccountState.ACTIVE: "使用中 / In use",
        AccountState.CLOSED: "已注销 / Closed",
    }
)
ACCOUNT_ACTS: Mapping[str, str] = Terms(
    {
        AccountAct.OPENED: "由运维人员开立 / Opened by the machine's operator",
        AccountAct.REQUESTED: "申请开立 / Requested",
        AccountAct.APPROVED: "批准开立 / Approved",
        AccountAct.REFUSED: "退回申请 / Request refused",
        AccountAct.CHANGE_PROPOSED: "提出变更 / Change proposed",
        AccountAct.CHANGED: "批准变更 / Changed",
        AccountAct.CHANGE_REFUSED: "退回变更 / Change refused",
        AccountAct.RESET: "重置密码 / Password reset",
        AccountAct.FIRST_SIGNED_IN: "首次登录 / Signed in first",
        AccountAct.PASSWORD_CHOSEN: "本人改了密码 / Holder chose a password",
        AccountAct.CLOSED: "注销 / Closed",
    }
)
APPLICATION_STATES: Mapping[str, str] = Terms(
    {
        ApplicationState.FILED: "待机构同意 / Waiting for consent",
        ApplicationState.CONSENTED: "待决定 / To decide",
        ApplicationState.APPROVED: "已通过 / Approved",
        ApplicationState.REJECTED: "已驳回 / Rejected",
        ApplicationState.LAPSED: "已失效 / Lapsed",
    }
)
RESUMPTION_STATES: Mapping[str, str] = Terms(
    {
        ResumptionState.FILED: "待机构同意 / Waiting for consent",
        ResumptionState.CONSENTED: "待评估 / To evaluate",
        ResumptionState.APPROVED: "已恢复 / Granted",
        ResumptionState.REFUSED: "不予恢复 / Refused",
        ResumptionState.LAPSED: "已失效 / Lapsed",
    }
)
IMPORT_STATES: Mapping[str, str] = Terms(
    {
        ImportState.WAITING: "等待检查 / Waiting",
        ImportState.CHECKING: "检查中 / Being checked",
        ImportState.CHECKED: "已检查，待写入 / Checked, to commit",
        ImportState.REFUSED: "有误，未写入 / Refused, nothing written",
        ImportState.WRITING: "写入中 / Being written",
        ImportState.DONE: "已完成 / Done",
        ImportState.FAILED: "未完成 / Failed",
        ImportState.CANCELLED: "已取消 / Cancelled",
    }
)
BUNDLE_STATES: Mapping[str, str] = Terms(
    {
        BundleState.WAITING: "排队中 / Waiting",
        BundleState.MAKING: "生成中 / Being made",
        BundleState.DONE: "已生成 / Made",
        BundleState.FAILED: "没有生成 / Not made",
    }
)
SCREENING_STATES: Mapping[str, str] = Terms(
    {
        ScreeningState.WAITING: "排队中 / Waiting",
        ScreeningState.JUDGING: "筛查中 / Being judged",
        ScreeningState.DONE: "已筛查 / Judged",
        ScreeningState.FAILED: "没有筛查 / Not judged",
    }
)
REQUEST_KINDS: Mapping[str, str] = Terms(
    {
        RequestKind.REGISTRATION: "申请登记 / Registration",
        RequestKind.DEPARTURE: "报告离职 / Departure",
    }
)
REQUEST_STATES: Mapping[str, str] = Terms(
    {
        RequestState.REQUESTED: "待办理 / Waiting",
        RequestState.APPROVED: "已办理 / Done",
        RequestState.REFUSED: "未予办理 / Refused",
        RequestState.WITHDRAWN: "已撤回 / Withdrawn",
    }
)
REQUEST_EFFECTS: Mapping[str, str] = Terms(
    {
        RequestEffect.NEW_FILE: "新建档案并登记 / A new file, registered",
        RequestEffect.REGISTERED_AGAIN: "再次登记，原档案继续使用 / Registered again, the file goes on",
        RequestEffect.AFFILIATED: "增加执业机构，原档案和记分不变 / A further institution, file and points as they are",
        RequestEffect.AFFILIATION_ENDED: "结束在该机构的执业，登记保留 / The affiliation ends, the registration stays",
        RequestEffect.REGISTRATION_ENDED: "结束执业并注销登记，记分保留 / Work and registration end, the points stay",
    }
)
OUTCOMES: Mapping[str, str] = Terms(
    {
        Outcome.UPHELD: "维持 / Upheld",
        Outcome.REDUCED: "减轻 / Reduced",
        Outcome.REVOKED: "撤销 / Revoked",
    }
)
CATEGORIES: Mapping[str, str] = Terms(
    {
        "doctor": "医师 / Doctor",
        "nurse": "护士 / Nurse",
        "pharmacist": "药师 / Pharmacist",
        "technician": "技师 / Technician",
        "fee_reviewer": "费用审核结算人员 / Fee and settlement reviewer",
        "pharmacy_principal": "药店主要负责人 / Principal of a pharmacy",
    }
)
INSTITUTION_KINDS: Mapping[str, str] = Terms(
    {"hospital": "医疗机构 / Medical institution", "pharmacy": "零售药店 / Retail pharmacy"}
)
INSTITUTION_FIELDS: Mapping[str, str] = Terms(
    {
        "name": "名称 / Name",
        "code": "代码 / Code",
        "kind": "类型 / Kind",
        "region": "行政区划 / Division",
    }
)
# The figures of a period, in the order in which they are told; docs/statistics.md says what each counts.
FIGURES: Mapping[str, str] = Terms(
    {
        "person_times": "记分人次 / Person-times scored",
        "persons": "记分人数 / Persons scored",
        "points": "记分合计 / Points in all",
        "institutions": "涉及机构 / Institutions",
        "suspended": "暂停人数 / Persons suspended",
        "terminated": "终止人数 / Persons terminated",
        "measures": "随机构措施暂停、终止的人数 / Persons suspended or terminated with a measure",
        "appeals_filed": "提出申诉 / Appeals filed",
        "appeals_upheld": "申诉维持 / Appeals: upheld",
        "appeals_reduced": "申诉减轻 / Appeals: reduced",
        "appeals_revoked": "申诉撤销 / Appeals: revoked",
        "appeals_declined": "申诉不予受理 / Appeals: declined",
        "resumptions_granted": "评估通过、恢复 / Resumptions granted",
        "resumptions_refused": "评估未通过 / Resumptions refused",
        "corrections": "更正记录 / Corrections posted",
    }
)
# By what scores are told apart.
TOLD_APART: Mapping[str, str] = Terms(
    {
        "county": "行政区划 / Division",
        "item": "违规情形 / Item",
        "degree": "责任程度 / Degree of responsibility",
        "category": "人员类别 / Category",
    }
)
RATIO_LEVELS: Mapping[str, str] = Terms({"alert": "达到预警比例 / Alert", "severe": "达到严重比例 / Severe"})
# What has a last day, and is told to be in time or late.
PUNCTUAL: Mapping[str, str] = Terms(
    {
        "issue": "出具文书 / Letters issued",
        "delivery": "送达机构 / Letters delivered to institutions",
        "evaluation": "恢复评估 / Resumptions evaluated",
        "appeal_decision": "申诉决定 / Appeals decided",
    }
)
MATTERS: Mapping[str, str] = Terms(
    {
        Matter.RETURNED: "退回修改的草稿 / Drafts given back",
        Matter.LATE_CASES: "超过文书出具期限的案件 / Cases whose letters are overdue",
        Matter.SUBMITTED: "待审核的案件 / Cases to review",
        Matter.DECISIONS: "待决定的事项 / Matters to decide",
        Matter.RESUMPTIONS: "待评估的恢复申请 / Resumptions to evaluate",
        Matter.APPEALS: "办理中的申诉 / Appeals in hand",
        Matter.REQUESTS: "机构的登记申请 / Institutions' requests to the registry",
        Matter.DELIVERIES: "待送达的文书 / Letters to deliver",
        Matter.FAILED_JOBS: "失败的任务 / Failed jobs",
        Matter.OPINIONS: "待出具的专家意见 / Opinions to give",
        Matter.LETTERS: "未确认的文书 / Letters to acknowledge",
        Matter.STATES: "待维护的状态 / States to maintain",
        Matter.TALKS: "待进行的谈话 / Talks to hold",
        Matter.SIGNATURES: "待会签的申诉 / Appeals to countersign",
        Matter.ANSWERS: "待答复的申诉解释 / Explanations to answer",
        Matter.CONSENTS: "待同意的申请 / Applications to consent to",
    }
)
CHANNELS: Mapping[str, str] = Terms(
    {Channel.EMAIL: "电子邮件 / E-mail", Channel.GATEWAY: "短信或企业微信 / Short message or WeChat Work"}
)
CARRIER_FAULTS: Mapping[str, str] = Terms(
    {
        CarrierFault.RECIPIENT_REFUSED: "地址被拒收 / the address was refused",
        CarrierFault.MESSAGE_REFUSED: "消息被拒收 / the message was refused",
        CarrierFault.SIGN_IN_REFUSED: "邮件服务器或网关拒绝登录 / the mail server or gateway refused the sign-in",
        CarrierFault.TIMED_OUT: "邮件服务器或网关没有应答 / the mail server or gateway did not answer",
        CarrierFault.UNREACHABLE: "连接不上邮件服务器或网关 / the mail server or gateway cannot be reached",
        CarrierFault.NOT_SET_UP: "本系统没有设置 / it is not set up here",
        CarrierFault.INTERNAL: "内部错误 / an internal error",
    }
)
RHYTHMS: Mapping[str, str] = Terms(
    {Rhythm.DAILY: "每天一次 / Once a day", Rhythm.EACH: "有新的待办时 / When more waits"}
)
SIDES: Mapping[str, str] = Terms(
    {
        "practitioner": "本人 / The person",
        "institution": "机构 / The institution",
        "office": "医保部门 / The insurance office",
    }
)
AUTHORITIES: Mapping[str, str] = Terms(
    {
        "health_commission": "卫生健康行政部门 / Health commission",
        "drug_regulator": "药品监督管理部门 / Drug regulator",
    }
)


def chinese(term: str) -> str:
    """Return the Chinese half of a text in both languages (`中文 / English`)."""
    return term.split(" / ", maxsplit=1)[0].strip()


def english(term: str) -> str:
    """Return the English half of a text in both languages; the Chinese one where there is no other."""
    return term.split(" / ", maxsplit=1)[-1].strip()
