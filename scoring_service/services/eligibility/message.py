"""An answer about a claim line in a sentence for the counter, in both languages: payable or not, and why.

The console says the same with its own days; how both languages stand in one text is told in `terms.py`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from scoring_service.core.payable import Reason
from scoring_service.core.standing import Status
from scoring_service.letters.words import day
from scoring_service.terms import chinese, english

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from scoring_service.services.eligibility.checks import Explained

ONE_DAY = timedelta(days=1)


class Sentence(NamedTuple):
    """A sentence in both languages, and the days that stand in it, by name."""

    words: str
    days: Mapping[str, date] = {}


def sentence_about(explained: Explained, service_on: date) -> Sentence:
    """Return why the line of the day `service_on` is payable or not."""
    return _SENTENCES[explained.answer.reason](explained, service_on)


def message_about(explained: Explained, service_on: date) -> str:
    """Return the whole message, Chinese first: whether the line is settled, and why.

    Days are written 2025年5月10日 in Chinese, 2025-05-10 in English.
    """
    words, days = sentence_about(explained, service_on)
    verdict = "可以结算 / Payable" if explained.answer.payable else "不予结算 / Not payable"
    in_chinese = chinese(words) % {name: day(value) for name, value in days.items()}
    in_english = english(words) % {name: value.isoformat() for name, value in days.items()}
    return f"{chinese(verdict)}：{in_chinese} / {english(verdict)}: {in_english}"


def _eligible(explained: Explained, _service_on: date) -> Sentence:
    answer = explained.answer
    if answer.status is Status.SUSPENDED:
        return Sentence(
            "暂停期已经届满，尚未恢复；按当地规则，期满后的费用可以结算。"
            " / The term is over and the person not restored yet; under the local rules services after the term can be"
            " settled."
        )
    if answer.institution is None:
        return Sentence("当天状态正常。 / In normal standing on that day.")
    return Sentence("当天状态正常，并在本机构登记执业。 / In normal standing on that day, and registered here.")


def _suspended(explained: Explained, service_on: date) -> Sentence:
    answer, days = explained.answer, _since(explained)
    if answer.until is not None:
        return Sentence(
            "自%(since)s起暂停医保支付资格，自%(day)s起恢复；急诊、抢救除外。"
            " / Suspended from %(since)s, restored from %(day)s; emergencies and rescue are excepted.",
            days | {"day": answer.until},
        )
    if answer.may_resume_from is None:
        return Sentence(
            "自%(since)s起暂停医保支付资格，目前没有可恢复之日；急诊、抢救除外。"
            " / Suspended from %(since)s, no day of return is known; emergencies and rescue are excepted.",
            days,
        )
    if answer.may_resume_from <= service_on:
        return Sentence(
            "自%(since)s起暂停医保支付资格，暂停期已于%(last)s届满，尚待经办机构评估恢复；急诊、抢救除外。"
            " / Suspended from %(since)s; the term ended on %(last)s, and the office has not yet evaluated the return."
            " Emergencies and rescue are excepted.",
            days | {"last": answer.may_resume_from - ONE_DAY},
        )
    return Sentence(
        "自%(since)s起暂停医保支付资格，可恢复之日不早于%(day)s；急诊、抢救除外。"
        " / Suspended from %(since)s, to be restored no earlier than %(day)s, after an evaluation;"
        " emergencies and rescue are excepted.",
        days | {"day": answer.may_resume_from},
    )


def _terminated(explained: Explained, _service_on: date) -> Sentence:
    answer, days = explained.answer, _since(explained)
    if answer.may_reapply_from is None:
        return Sentence(
            "自%(since)s起终止医保支付资格。 / Eligibility is terminated from %(since)s.",
            days,
        )
    return Sentence(
        "自%(since)s起终止医保支付资格，自%(day)s起可以重新登记。"
        " / Eligibility is terminated from %(since)s; a new registration is possible from %(day)s.",
        days | {"day": answer.may_reapply_from},
    )


def _excepted(explained: Explained, _service_on: date) -> Sentence:
    if explained.answer.status is Status.TERMINATED:
        return Sentence(
            "自%(since)s起终止医保支付资格，急诊、抢救费用照常结算；请保留急诊记录备查。"
            " / Eligibility is terminated from %(since)s, yet emergency and rescue are paid all the same;"
            " keep the emergency record.",
            _since(explained),
        )
    return Sentence(
        "自%(since)s起暂停医保支付资格，急诊、抢救费用照常结算；请保留急诊记录备查。"
        " / Suspended from %(since)s, yet emergency and rescue are paid all the same; keep the emergency record.",
        _since(explained),
    )


def _since(explained: Explained) -> dict[str, date]:
    if explained.since is None:
        raise RuntimeError(f"{explained.answer.reason} without the day since when")
    return {"since": explained.since}


def _not_registered(explained: Explained, _service_on: date) -> Sentence:
    answer = explained.answer
    if answer.ref is None and not answer.revision:
        return Sentence("该药店当天没有登记在册的主要负责人。 / This pharmacy had no registered principal on that day.")
    return Sentence(
        "当天不在登记期内：尚未登记，或者登记已经结束。 / Not registered on that day: not yet, or no longer."
    )


def _always(words: str) -> Callable[[Explained, date], Sentence]:
    return lambda _explained, _service_on: Sentence(words)


_SENTENCES: Mapping[Reason, Callable[[Explained, date], Sentence]] = {
    Reason.ELIGIBLE: _eligible,
    Reason.EMERGENCY_EXCEPTION: _excepted,
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
