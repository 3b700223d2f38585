"""The scheme's words on the pages, by the values that the services speak in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from scoring_service import terms
from scoring_service.core.rulebook import LOWEST_POINTS
from scoring_service.letters import wording
from scoring_service.services.cases.findings import REPEAT_HIGHEST_POINTS, REPEAT_MONTHS
from scoring_service.web.wording import rule_words
from scoring_service.web.wording.languages import side

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scoring_service.services.notices.records import IssuedNotice


def _sides(table: Mapping[str, str]) -> dict[str, LazyString]:
    """Return the terms of a table, each in the language of the page that shows it."""
    return {value: LazyString(side, term) for value, term in table.items()}


def document_name(notice: IssuedNotice) -> str:
    """Return what the document of a notice is called, as its letter is headed."""
    return side(wording.document_name(notice.kind, notice.facts))


STATUS = _sides(terms.STATUSES)
CATEGORY = _sides(terms.CATEGORIES)
INSTITUTION_KIND = _sides(terms.INSTITUTION_KINDS)
INSTITUTION_FIELD = _sides(terms.INSTITUTION_FIELDS)
# The catalogue quotes them in Chinese, as what a person was charged with; English pages name them in English.
LEGAL_BASIS = (
    _("《医疗保障基金使用监督管理条例》第三十八条"),
    _("《医疗保障基金使用监督管理条例》第三十九条"),
    _("《医疗保障基金使用监督管理条例》第四十条"),
    _("医疗保障服务协议(协议处理)"),
    _("《医疗机构医疗保障定点管理暂行办法》第三十八条第四项、《零售药店医疗保障定点管理暂行办法》第三十五条第三项"),
    _("医保发〔2024〕23号附件2"),
    _("医保支付资格管理规定(医保发〔2024〕23号及省级细则)"),
)
DEGREE = _sides(terms.DEGREES)
# Gravest last; the points of each are the rulebook's.
BAND = {"minor": _("较轻"), "moderate": _("一般"), "serious": _("较重"), "grave": _("严重")}
ADJUSTMENT = _sides(terms.ADJUSTMENTS)
HANDLING = _sides(terms.HANDLINGS)
MEASURE = _sides(terms.MEASURES)
CASE_STATE = _sides(terms.CASE_STATES)
IMPORT_STATE = _sides(terms.IMPORT_STATES)
DEED = {
    "drafted": _("起草"),
    "edited": _("作了修改"),
    "submitted": _("提交了审核"),
    "returned": _("予以退回"),
    "confirmed_duplicates": _("核对了可能的重复，确认记分"),
    "approved": _("予以通过"),
    "withdrawn": _("撤回"),
}
FLAG = {
    "outside_band": _("分值超出该事项的档次"),
    "degree_order": _("分值高于责任程度更重的人员"),
    "unlike_similar_cases": _("分值在类似案件的九成以外"),
    "never_registered": _("该人员在处理决定日及以前从未登记"),
    "same_decision": _("同一处理决定已在另一案件中对该人员的该事项记分"),
    "same_finding": _("本案中对该人员的该事项有多项认定"),
    "repeat_in_year": _("%(months)s 个月内同一事项再次发生", months=REPEAT_MONTHS),
    "not_affiliated_then": _("行为发生时不在该机构执业登记"),
}
FLAG_HELP = {
    "outside_band": _("规则允许，但须写明理由，由审核人确认。"),
    "degree_order": _(
        "同一情形按一般、重要、主要责任由低到高记分（经办规程第二十五条）；确有从轻、从重情形的，请选择裁量。"
    ),
    "unlike_similar_cases": _("请核对分值；确与类似案件不同的，写明有何不同。"),
    "never_registered": _("请核对姓名与代码；确未登记而提供服务的，写明理由。"),
    "same_decision": _("请先打开另一案件核对，确非重复记分的，写明理由。"),
    "same_finding": _("重复录入的请删除；确为不同行为的，写明理由。"),
    "repeat_in_year": _(
        "前一次计 %(lowest)s–%(highest)s 分后 %(months)s 个月内再犯，可考虑较重档次；须写明理由。",
        lowest=LOWEST_POINTS,
        highest=REPEAT_HIGHEST_POINTS,
        months=REPEAT_MONTHS,
    ),
    "not_affiliated_then": _("请核对行为日期与机构；确属该人员的，写明理由。"),
}
SANCTION = {"suspension": _("暂停资格"), "termination": _("终止资格")}
SPAN = SANCTION | {
    "measure_suspension": _("随措施暂停"),
    "measure_termination": _("随措施终止"),
    "appeal": _("申诉办理"),
}
GROUND = _sides(terms.GROUNDS)
ENTRY = _sides(terms.ENTRIES)
BASIS = _sides(terms.BASES)
# By kind, and of an authority by its ref.
ADDRESSEE = {
    "practitioner": _("本人"),
    "institution": _("所在机构"),
    "authority": _("主管部门"),
} | _sides(terms.AUTHORITIES)
SIDE = _sides(terms.SIDES)
CHANNEL = _sides(terms.CHANNELS)
RHYTHM = _sides(terms.RHYTHMS)
CARRIER_FAULT = _sides(terms.CARRIER_FAULTS)
FILED_BY = {"practitioner": _("本人"), "institution": _("所在机构"), "office": _("经办人登记")}
THRESHOLD = {"warning": _("预警"), "suspension": _("暂停资格"), "termination": _("终止资格")}
NO_CREDIT = {
    "credit_cap_reached": _("本年减分已到上限"),
    "nothing_to_credit": _("今年没有可减的分"),
    "terminated": _("资格已终止或即将终止，不能用"),
}
# Why an application has lapsed.
NO_CREDIT_NOW = NO_CREDIT | {
    "nothing_to_credit": _("没有可减的分，或者没有可缩短的期限"),
    "activity_used": _("该活动已用于修复"),
}
NO_CREDIT_TERM = {"nothing_to_credit": _("现在没有可以缩短的期限")}
REGISTRY_GAP = {
    "commitment": _("缺承诺书"),
    "id_number": _("没有证件号"),
    "code": _("没有人员代码"),
    "code_at_first": _("代码后补"),
}
LOOKED_AT = {
    "file": _("整份档案"),
    "practitioner": _("登记资料"),
    "standing": _("状态与记分"),
    "ledger": _("记分记录"),
    "list": _("人员名单"),
    "eligibility": _("可否结算"),
    "case": _("案件"),
    "notice": _("文书"),
    "notices": _("文书列表"),
    "letter": _("文书全文"),
    "appeal": _("申诉"),
    "application": _("修复申请"),
    "correction": _("更正"),
    "lifting": _("解除措施"),
    "registry_correction": _("登记更正"),
    "registration_request": _("登记申请"),
    "merge": _("并档"),
    "reregistration": _("重新登记"),
    "resumption": _("恢复申请"),
    "attachment": _("附件"),
    "talk": _("谈话提醒"),
    "outlook": _("怎样减分"),
    "audit": _("审计记录"),
    "events": _("变动通知"),
    "today": _("今日待办"),
    "account": _("账号"),
    "access-log": _("查看记录"), "export": _("下载的列表"),
}
AUDIT_SUBJECT = {
    "case": _("案件"),
    "appeal": _("申诉"),
    "application": _("修复申请"),
    "correction": _("更正"),
    "lifting": _("解除措施"),
    "registry_correction": _("登记更正"),
    "registration_request": _("登记申请"),
    "merge": _("并档"),
    "reregistration": _("重新登记"),
    "resumption": _("恢复申请"), "rulebook_draft": _("规则草案"), "rulebook": _("规则"),
    "notice": _("文书"),
    "talk": _("谈话"),
    "institution": _("机构"),
    "agreement": _("服务协议"),
    "affiliation": _("执业登记"),
    "practitioner": _("相关人员"),
    "account": _("账号"),
    "job": _("任务"),
    "clock": _("时钟"),
}
ACCOUNT_STATE = _sides(terms.ACCOUNT_STATES)
ACCOUNT_ACT = _sides(terms.ACCOUNT_ACTS)
DISUSE = {"unused": _("半年没有登录"), "left": _("人员已离开机构")}
AUDIT_DEED = ACCOUNT_ACT | {f"account.{act}": words for act, words in ACCOUNT_ACT.items()} | DEED | {
    "filed": _("提出"),
    "merged": _("并档"),
    "attached": _("上传附件"),
    "rejected": _("驳回"),
    "proposed": _("提出"),
    "accepted": _("受理"),
    "declined": _("不予受理"),
    "complete": _("会签齐备"),
    "countersignature_refused": _("拒绝会签"),
    "decided": _("作出决定"),
    "consented": _("机构同意"),
    "consent_refused": _("机构不同意"),
    "proceeded": _("未经机构同意继续办理"),
    "refused": _("不予恢复"),
    "lapsed": _("失效"),
    "experts_assigned": _("分配专家"),
    "explained": _("解释说明"),
    "insisted": _("坚持申诉"),
    "opinion_given": _("出具意见"),
    "recused": _("回避"),
    "expert_released": _("解除专家"),
    "acknowledged": _("确认收到"),
    "receipt_corrected": _("更正送达"),
    "proof_attached": _("上传送达凭证"),
    "window_moved": _("重新计算申诉期"),
    "recorded": _("登记"),
    "registered": _("登记"),
    "changed": _("修改登记"),
    "deregistered": _("注销登记"),
    "code_added": _("新增代码"), "commitment_added": _("补登承诺书"),
    "practitioner.returned": _("恢复登记"),
    "add": _("开户"),
    "disable": _("停用"),
    "sign_out_everywhere": _("在所有地方退出"),
    "change_password": _("修改密码"),
    "reminder_chosen": _("选择提醒"),
    "reminder_confirmed": _("确认提醒的地址"),
    "reminder_ended": _("关闭提醒"),
    "run": _("运行"), "set": _("拨快"), "simulated": _("试算"),
}
ROLE = {
    "office.clerk": _("经办人"),
    "office.reviewer": _("审核人"),
    "office.appeals": _("申诉专员"),
    "office.admin": _("管理员"),
    "office.auditor": _("审计员"),
    "expert": _("专家"),
    "institution": _("机构医保办"),
    "practitioner": _("医务人员"),
    "settlement": _("结算接口"),
    "regulator": _("监管部门"),
}
ROLE_HELP = {
    "office.clerk": _("起草案件、登记送达，查询本区域档案"),
    "office.reviewer": _("审核他人起草的案件，先看后果再通过；先行解释申诉"),
    "office.appeals": _("解释、受理并办理申诉"),
    "office.admin": _("登记机构与人员，管理账号、任务与时钟"),
    "office.auditor": _("查看一切，包括审计记录；不作任何改动"),
    "expert": _("对分配的申诉出具意见"),
    "institution": _("本机构人员、文书与申诉"),
    "practitioner": _("我的记分、文书与申诉"),
    "settlement": _("查询费用是否可结算"),
    "regulator": _("查看本区域状态与统计"),
}
APPEAL_STATE = _sides(terms.APPEAL_STATES)
AGAINST = {"points": _("对记分有异议"), "state": _("对档案状态有异议")}
OUTCOME = _sides(terms.OUTCOMES)
OPINION = {"uphold": _("建议维持"), "reduce": _("建议减轻"), "revoke": _("建议撤销")}
EXPERT_STATE = {"assigned": _("待出具"), "given": _("已出具"), "recused": _("已回避"), "released": _("已解除")}
DECISION_STATE = _sides(terms.PROPOSAL_STATES) | _sides(terms.APPLICATION_STATES)
DRAFT_STATE = _sides(terms.DRAFT_STATES)
RESUMPTION_STATE = _sides(terms.RESUMPTION_STATES)
REQUEST_KIND = _sides(terms.REQUEST_KINDS)
REQUEST_STATE = _sides(terms.REQUEST_STATES)
REQUEST_EFFECT = _sides(terms.REQUEST_EFFECTS)
LAPSED = {
    "sanction_running": _("资格已终止，或对机构采取的措施仍在执行"),
    "sanction_pending": _("另有尚未开始的暂停或终止"),
    "not_suspended": _("已没有等待恢复的暂停"),
    "too_early": _("暂停期限延长，还不到申请的时候"),
}
# What has to be decided on before two files are merged.
MERGE_MATTER = {
    "registry_correction": _("登记更正"),
    "resumption": _("恢复申请"),
    "reregistration": _("重新登记"),
    "appeal": _("对档案状态的申诉"),
}
REGISTRY_ROW = {
    "person": _("人员信息"),
    "registration": _("登记期"),
    "affiliation": _("执业机构"),
    "agreement": _("服务协议"),
}
# What a person is admitted to do (P15).
PRACTICE_FIELD = {
    "practice_type": _("执业类型"),
    "practice_category": _("执业类别"),
    "practice_scope": _("执业范围"),
    "professional_title": _("专业技术职务"),
}
REGISTRY_FIELD = PRACTICE_FIELD | {
    "name": _("姓名"),
    "code": _("人员代码"),
    "id_number": _("身份证号"),
    "category": _("类别"),
    "institution": _("执业机构"),
    "commitment_signed_on": _("承诺书签署日"),
}
DUTY = _sides(terms.DUTIES)
# As lists call what is open of each and what they say of it; its last day on the page, and how it was done.
DUTY_OPEN = {"delivery": _("待送达"), "maintenance": _("待维护状态"), "talk": _("待谈话")}
DUTY_DUE = {"delivery": _("送达期限"), "maintenance": _("维护状态的期限"), "talk": _("谈话的期限")}
DUTY_DONE = {"delivery": _("按期送达"), "maintenance": _("已维护"), "talk": _("已谈话")}
DUTY_LATE = {"delivery": _("逾期送达"), "maintenance": _("逾期维护"), "talk": _("逾期谈话")}
DUTY_HELP = {
    "delivery": _("文书出具后，应当在规定的工作日内送达违规行为发生地的机构。"),
    "maintenance": _("机构收到文书后，应当在规定的工作日内在信息系统中维护人员状态；未及时维护造成的损失由机构承担。"),
    "talk": _("机构收到每份记分告知书后，应当在规定的工作日内与本人谈话提醒，并登记。"),
}
DUTY_NONE = {
    "delivery": _("没有待送达的文书"),
    "maintenance": _("没有待维护的状态"),
    "talk": _("没有待进行的谈话"),
}
DUTY_NONE_HELP = {
    "delivery": _("出具给案件所在机构的文书都已送达。"),
    "maintenance": _("暂停、终止、恢复或者更正改变状态时，会出现在这里。"),
    "talk": _("每次记分后，违规行为发生地的机构应当谈话提醒，并在这里登记。"),
}
EFFECT = {"points": _("减分"), "term": _("缩短期限")}
JOB_STATE = {"done": _("已完成"), "running": _("进行中"), "failed": _("失败")}
RATIO_LEVEL = _sides(terms.RATIO_LEVELS)

# The last part of a field's name, as a summary of faults names it.
FIELD = {
    "institution": _("涉案机构"),
    "kind": _("处理方式"),
    "department": _("暂停的科室"),
    "authority": _("作出决定的部门"),
    "document_no": _("处理决定文号"),
    "decided_on": _("处理决定日"),
    "received_on": _("收到日期"),
    "summary": _("案情"),
    "practitioner": _("相关人员"),
    "item": _("违规事项"),
    "degree": _("责任程度"),
    "points": _("分值"),
    "measure/kind": _("措施"),
    "measure/from": _("措施起始日"),
    "measure/until": _("措施最后一日"),
    "adjustment/kind": _("裁量"),
    "adjustment/ground": _("裁量情形"),
    "occurred_from": _("行为起始日"),
    "occurred_until": _("行为最后一日"),
    "act": _("行为编号"),
    "legal_basis": _("法律依据"),
    "reason": _("理由"),
    "typed": _("输入"),
    "file": _("文件"),
    "proof": _("送达凭证"),
    "effective_on": _("生效日"),
    "current": _("当前密码"),
    "wanted": _("新密码"),
    "again": _("再输入一次新密码"),
    "name": _("姓名或名称"),
    "code": _("代码"),
    "id_number": _("身份证号"),
    "category": _("类别"),
    "region": _("行政区划"),
    **PRACTICE_FIELD,
    "registered_on": _("登记日"),
    "signed_on": _("承诺书签署日"),
    "commitment_signed_on": _("承诺书签署日"),
    "from": _("起始日"),
    "until": _("最后一日"),
    "on": _("日期"),
    "to": _("日期"),
    "value": _("改为"),
    "basis": _("依据"),
    "activity": _("修复活动"),
    "effect": _("希望"),
    "completed_on": _("完成日"),
    "evidence": _("凭据"),
    "statement": _("申请理由"),
    "grounds": _("申诉理由"),
    "entry": _("对什么有异议"),
    "outcome": _("结果"),
    "reasons": _("决定理由"),
    "draw": _("随机抽取几名"),
    "experts": _("专家"),
    "opinion": _("意见"),
    "text": _("说明"),
    "filed_by": _("谁提出的"),
    "ref": _("人员"),
    "day": _("服务日期"),
    "list": _("名单"),
    "named": _("姓名"),
    "held_on": _("谈话日"),
    "said": _("谈话内容"),
}
RULE_VALUE = rule_words.VALUES


def all_words() -> dict[str, dict[str, object]]:
    """Return the tables that templates look words up in, by their names in lower case."""
    return {name.lower(): table for name, table in globals().items() if name.isupper() and isinstance(table, dict)}
