"""Who may do what, in words: drawn from the API's table of access, so that no right is typed twice."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping


class Row(Protocol):
    """A row of the table: the roles that a method on a path admits."""

    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def admitted(self) -> Mapping[str, object]: ...


# By the first word of a path, or by its first and its last.
SUBJECTS: Mapping[str, str] = {
    "auth": "登录与密码 / Sign-in and password",
    "auth/reminders": "提醒 / Reminders",
    "auth/confirm": "提醒 / Reminders",
    "users": "账号 / Accounts",
    "roles": "账号 / Accounts",
    "clock": "时钟 / Clock",
    "institutions": "机构 / Institutions",
    "institutions/registry-corrections": "登记更正 / Corrections of the registry",
    "practitioners": "人员与登记 / People and registration",
    "practitioners/file": "个人档案 / A person's file",
    "practitioners/ledger": "个人档案 / A person's file",
    "practitioners/standing": "个人档案 / A person's file",
    "practitioners/outlook": "个人档案 / A person's file",
    "practitioners/access-log": "查看记录 / Who looked",
    "practitioners/reregistrations": "重新登记 / Re-registration",
    "practitioners/registry-corrections": "登记更正 / Corrections of the registry",
    "practitioners/merge": "并档 / Merging files",
    "merges": "并档 / Merging files",
    "registration-requests": "机构的登记申请 / Institutions' requests for registrations",
    "registry-corrections": "登记更正 / Corrections of the registry",
    "cases": "案件 / Cases",
    "corrections": "更正 / Corrections",
    "entries/corrections": "更正 / Corrections",
    "entries/lift": "解除措施 / Liftings of measures",
    "liftings": "解除措施 / Liftings of measures",
    "resumptions": "恢复申请 / Resumptions",
    "remediation": "修复申请 / Remediation",
    "reregistrations": "重新登记 / Re-registration",
    "appeals": "申诉 / Appeals",
    "talks": "谈话 / Talks",
    "eligibility": "可否结算 / Eligibility",
    "rulebooks": "规则 / Rulebooks",
    "rulebooks/drafts": "规则草案 / Drafts of rulebooks",
    "audit": "审计记录 / Audit",
    "statistics": "统计 / Statistics",
    "notices": "文书 / Notices",
    "letters/bundles": "合并的文书 / Letters as one PDF",
    "letters/pdf": "合并的文书 / Letters as one PDF",
    "search": "查找 / Search",
    "jobs": "任务 / Jobs",
    "events": "变动通知 / Events",
    "imports": "导入 / Imports",
    "exports": "导出 / Exports",
}
# By the last word of a path that is acted on, else by the method.
DEEDS: Mapping[str, str] = {
    "approve": "通过 / approve",
    "reject": "驳回 / reject",
    "refuse": "退回 / refuse",
    "return": "退回 / return",
    "submit": "提交 / submit",
    "withdraw": "撤回 / withdraw",
    "attachments": "上传附件 / attach",
    "corrections": "提出 / propose",
    "registry-corrections": "提出 / propose",
    "reregistrations": "提出 / propose",
    "lift": "提出 / propose",
    "merge": "提出 / propose",
    "consent": "同意 / consent",
    "refuse-consent": "不同意 / refuse consent",
    "proceed": "未经同意继续办理 / go on without consent",
    "countersign": "会签 / countersign",
    "refuse-countersignature": "拒绝会签 / refuse to countersign",
    "explain": "解释 / explain",
    "insist": "坚持 / insist",
    "accept": "受理 / accept",
    "decline": "不予受理 / decline",
    "experts": "分配专家 / appoint experts",
    "release": "解除专家 / release experts",
    "decide": "决定 / decide",
    "opinions": "出具意见 / give an opinion",
    "recuse": "回避 / recuse",
    "acknowledge": "确认收到 / acknowledge",
    "maintenance": "确认维护 / confirm maintenance",
    "receipt-corrections": "更正送达 / correct a receipt",
    "runs": "运行 / run",
    "agreements": "登记协议 / record agreements",
    "affiliations": "登记执业机构 / record affiliations",
    "commitment": "补登承诺书 / add a commitment",
    "codes": "新增代码 / add a code",
    "deregistration": "注销登记 / deregister",
    "registrations": "恢复登记 / register again",
    "reset": "重置密码 / reset passwords",
    "close": "注销 / close",
    "commit": "写入 / write",
    "cancel": "取消 / cancel",
    "search": "查看 / read",
    "bundles": "合并打印 / join for print",
    "assignments": "分派 / assign",
    "receipts": "登记送达 / record receipts",
    "batch": "查看 / read",
    "password": "修改密码 / change one's password",
    "revoke": "退出 / sign out",
    "confirm": "确认地址 / confirm an address",
    "GET": "查看 / read",
    "POST": "提出或登记 / propose or record",
    "PATCH": "修改 / change",
    "PUT": "调整 / set",
    "DELETE": "关闭 / turn off",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleAct:
    """An act in words (`中文 / English`), and the roles that may do it."""

    subject: str
    deed: str
    roles: tuple[str, ...]


def role_acts(rows: Iterable[Row]) -> list[RoleAct]:
    """Return every act with its roles, subject by subject; routes that read the same are one act."""
    roles: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows:
        if row.admitted:
            roles[words_of(row)] |= set(row.admitted)
    subjects = list(dict.fromkeys(subject for subject, _deed in roles))
    return [
        RoleAct(subject=subject, deed=deed, roles=tuple(sorted(admitted)))
        for (subject, deed), admitted in sorted(roles.items(), key=lambda act: subjects.index(act[0][0]))
    ]


def deeds_of(acts: Iterable[RoleAct], roles: Collection[str]) -> dict[str, list[str]]:
    """Return what somebody with these roles may do: the deeds by their subjects."""
    deeds: dict[str, list[str]] = defaultdict(list)
    for act in acts:
        if set(act.roles) & set(roles):
            deeds[act.subject].append(act.deed)
    return dict(deeds)


def words_of(row: Row) -> tuple[str, str]:
    """Return the subject and the deed of a row; the path's own words where it has no others."""
    parts = [part for part in row.path.strip("/").split("/") if not re.fullmatch(r"\{\w+\}", part)]
    subject = SUBJECTS.get(f"{parts[0]}/{parts[-1]}") or SUBJECTS.get(parts[0]) or parts[0]
    is_read = row.method == "GET" or len(parts) == 1
    return subject, DEEDS[row.method] if is_read else DEEDS.get(parts[-1]) or DEEDS[row.method]
