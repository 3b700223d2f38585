"""An answer about a claim line in a sentence: payable or not, why, and until when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import gettext as _

from scoring_service.core.payable import Reason
from scoring_service.web.wording.languages import day

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scoring_service.services.eligibility.answer import Answer


def explained(answer: Answer) -> str:
    """Return why the line is payable or not, in plain words."""
    return _TELLERS[answer.reason](answer)


def _suspended(answer: Answer) -> str:
    if answer.until is None:
        return _("当天处于暂停期，费用不予结算，急诊抢救除外；暂停之后转为终止。")
    return _("当天处于暂停期，费用不予结算，急诊抢救除外；%(day)s 起恢复。", day=day(answer.until))


def _terminated(answer: Answer) -> str:
    if answer.may_reapply_from is None:
        return _("当天资格已经终止，费用不予结算。")
    return _("当天资格已经终止，费用不予结算；%(day)s 起可以申请重新登记。", day=day(answer.may_reapply_from))


_TELLERS: Mapping[Reason, Callable[[Answer], str]] = {
    Reason.ELIGIBLE: lambda _answer: _("当天状态正常，并在本机构登记执业。"),
    Reason.EMERGENCY_EXCEPTION: lambda _answer: _("当天资格受限，但急诊抢救费用照常结算；请保留急诊记录备查。"),
    Reason.SUSPENDED: _suspended,
    Reason.TERMINATED: _terminated,
    Reason.NOT_REGISTERED: lambda _answer: _("当天不在登记期内：尚未登记，或者登记已经结束。"),
    Reason.NOT_AFFILIATED: lambda _answer: _("当天没有在本机构登记执业；如确在本机构工作，请先办理执业登记。"),
    Reason.INSTITUTION_NOT_CONTRACTED: lambda _answer: _("本机构当天没有生效的医保服务协议。"),
    Reason.UNKNOWN_PRACTITIONER: lambda _answer: _(
        "本机构没有这位人员。外单位人员与不存在的代码，回答相同；请核对代码。"
    ),
}
