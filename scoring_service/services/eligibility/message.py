"""An answer about a claim line in a sentence for the counter, in both languages: payable or not, and why.

The console says the same with its own days; how both languages stand in one text is told in `terms.py`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from scoring_service.core.payable import Reason
from scoring_service.core.standing import Status
from scoring_service.terms import chinese, english

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from scoring_service.services.eligibility.answer import Answer

ONE_DAY = timedelta(days=1)


class Sentence(NamedTuple):
    """A sentence in both languages, and the days that stand in it, by name."""

    words: str
    days: Mapping[str, date] = {}


def sentence_about(answer: Answer, service_on: date) -> Sentence:
    """Return why the line of the day `service_on` is payable or not."""
    return _SENTENCES[answer.reason](answer, service_on)


def message_about(answer: Answer, service_on: date) -> str:
    """Return the whole message, Chinese first: whether the line is settled, and why; days are ISO dates."""
    words, days = sentence_about(answer, service_on)
    told_days = {name: day.isoformat() for name, day in days.items()}
    verdict = "可以结算 / Payable" if answer.payable else "不予结算 / Not payable"
    both = f"{chinese(verdict)}：{chinese(words)} / {english(verdict)}: {english(words)}"
    return both % told_days


def _eligible(answer: Answer, _service_on: date) -> Sentence:
    if answer.status is Status.SUSPENDED:
        return Sentence(
            "暂停期已经届满，尚未恢复；按当地规则，期满后的费用可以结算。"
            " / The term is over and the person not restored yet; under the local rules services after the term can be"
            " settled."
        )
    if answer.institution is None:
        return Sentence("当天状态正常。 / In normal standing on that day.")
    return Sentence("当天状态正常，并在本机构登记执业。 / In normal standing on that day, and registered here.")


def _suspended(answer: Answer, service_on: date) -> Sentence:
    if answer.until is not None:
        return Sentence(
            "当天处于暂停期，费用不予结算，急诊抢救除外；%(day)s 起恢复。"
            " / Suspended on that day: not paid, except for emergencies and rescue. Resumes on %(day)s.",
            {"day": answer.until},
        )
    if answer.may_resume_from is None:
        return Sentence(
            "当天处于暂停期，费用不予结算，急诊抢救除外；目前没有恢复的日期。"
            " / Suspended that day: not settled, emergencies excepted; no day of return is known."
        )
    last = {"last": answer.may_resume_from - ONE_DAY}
    if answer.may_resume_from <= service_on:
        return Sentence(
            "暂停期已于 %(last)s 届满，尚待经办机构评估恢复；费用不予结算，急诊抢救除外。"
            " / The term ended on %(last)s; the office has not yet evaluated the return."
            " Not settled, emergencies excepted.",
            last,
        )
    return Sentence(
        "当天处于暂停期，费用不予结算，急诊抢救除外；%(last)s 期满，其后须经评估才恢复。"
        " / Suspended that day: not settled, emergencies excepted."
        " The term ends on %(last)s; after it an evaluation restores the person.",
        last,
    )


def _terminated(answer: Answer, _service_on: date) -> Sentence:
    if answer.may_reapply_from is None:
        return Sentence("当天资格已经终止，费用不予结算。 / Eligibility is terminated on that day: not paid.")
    return Sentence(
        "当天资格已经终止，费用不予结算；%(day)s 起可以重新登记。"
        " / Terminated on that day: not paid. A new registration is possible from %(day)s.",
        {"day": answer.may_reapply_from},
    )


def _not_registered(answer: Answer, _service_on: date) -> Sentence:
    if answer.ref is None and not answer.revision:
        return Sentence("该药店当天没有登记在册的主要负责人。 / This pharmacy had no registered principal on that day.")
    return Sentence(
        "当天不在登记期内：尚未登记，或者登记已经结束。 / Not registered on that day: not yet, or no longer."
    )


def _always(words: str) -> Callable[[Answer, date], Sentence]:
    return lambda _answer, _service_on: Sentence(words)


_SENTENCES: Mapping[Reason, Callable[[Answer, date], Sentence]] = {
    Reason.ELIGIBLE: _eligible,
    Reason.EMERGENCY_EXCEPTION: _always(
        "当天资格受限，但急诊抢救费用照常结算；请保留急诊记录备查。"
        " / Not eligible on that day, yet emergency and rescue are paid all the same; keep the emergency record."
    ),
    Reason.SUSPENDED: _suspended,
    Reason.TERMINATED: _terminated,
    Reason.NOT_REGISTERED: _not_registered,
    Reason.NO_COMMITMENT: _always(
        "当天尚未签署承诺书；按当地规则，费用不予结算。"
        " / No commitment was signed by that day; under the local rules the fees are not settled."
    ),
    Reason.NOT_AFFILIATED: _always(
        "当天没有在本机构登记执业；如确在本机构工作，请先办理执业登记。"
        " / Not registered at this institution on that day."
        " If the person does work here, have the affiliation registered first."
    ),
    Reason.INSTITUTION_NOT_CONTRACTED: _always(
        "本机构当天没有生效的医保服务协议。 / This institution has no agreement in force on that day."
    ),
    Reason.UNKNOWN_PRACTITIONER: _always("查不到这位人员；请核对代码。 / No such person was found; check the code."),
}
