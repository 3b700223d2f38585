"""An answer about a claim line in a sentence: payable or not, why, and what it waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import gettext as _

from scoring_service.core.payable import Reason
from scoring_service.core.standing import Status
from scoring_service.web.wording.languages import day
from scoring_service.web.wording.spans import ONE_DAY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from scoring_service.services.eligibility.answer import Answer


def explained(answer: Answer, service_on: date) -> str:
    """Return why the line of the day `service_on` is payable or not, in plain words."""
    return _TELLERS[answer.reason](answer, service_on)


def _eligible(answer: Answer, _service_on: date) -> str:
    if answer.status is Status.SUSPENDED:
        return _("暂停期已经届满，尚未恢复；按当地规则，期满后的费用可以结算。")
    return _("当天状态正常，并在本机构登记执业。")


def _suspended(answer: Answer, service_on: date) -> str:
    if answer.until is not None:
        return _("当天处于暂停期，费用不予结算，急诊抢救除外；%(day)s 起恢复。", day=day(answer.until))
    if answer.may_resume_from is None:
        return _("当天处于暂停期，费用不予结算，急诊抢救除外；目前没有恢复的日期。")
    last = day(answer.may_resume_from - ONE_DAY)
    if answer.may_resume_from <= service_on:
        return _("暂停期已于 %(last)s 届满，尚待经办机构评估恢复；费用不予结算，急诊抢救除外。", last=last)
    return _("当天处于暂停期，费用不予结算，急诊抢救除外；%(last)s 期满，其后须经评估才恢复。", last=last)


def _terminated(answer: Answer, _service_on: date) -> str:
    if answer.may_reapply_from is None:
        return _("当天资格已经终止，费用不予结算。")
    return _("当天资格已经终止，费用不予结算；%(day)s 起可以重新登记。", day=day(answer.may_reapply_from))


_TELLERS: Mapping[Reason, Callable[[Answer, date], str]] = {
    Reason.ELIGIBLE: _eligible,
    Reason.EMERGENCY_EXCEPTION: lambda *_answered: _("当天资格受限，但急诊抢救费用照常结算；请保留急诊记录备查。"),
    Reason.SUSPENDED: _suspended,
    Reason.TERMINATED: _terminated,
    Reason.NOT_REGISTERED: lambda *_answered: _("当天不在登记期内：尚未登记，或者登记已经结束。"),
    Reason.NO_COMMITMENT: lambda *_answered: _("当天尚未签署承诺书；按当地规则，费用不予结算。"),
    Reason.NOT_AFFILIATED: lambda *_answered: _("当天没有在本机构登记执业；如确在本机构工作，请先办理执业登记。"),
    Reason.INSTITUTION_NOT_CONTRACTED: lambda *_answered: _("本机构当天没有生效的医保服务协议。"),
    Reason.UNKNOWN_PRACTITIONER: lambda *_answered: _(
        "本机构没有这位人员。外单位人员与不存在的代码，回答相同；请核对代码。"
    ),
}
