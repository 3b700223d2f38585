"""A standing in sentences: what is still to begin first, then the state of the day, then what is near."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import gettext as _
from flask_babel import ngettext

from scoring_service.core.attention import Attention, attention_of
from scoring_service.core.sanctions import Sanction, SanctionKind
from scoring_service.core.standing import NextThreshold, Standing, Status, pending
from scoring_service.web.wording.languages import day
from scoring_service.web.wording.spans import ONE_DAY, first_day, from_to, last_day
from scoring_service.web.wording.words import GROUND, SANCTION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask


def prepare(app: Flask) -> None:
    """Give templates what is said of a standing, in full and in a few words."""
    app.add_template_filter(sentences, "standing_sentences")
    app.add_template_filter(attention_of, "attention")
    app.add_template_filter(begins)
    app.add_template_filter(remains)


def sentences(standing: Standing) -> list[str]:
    """Return the sentences of a standing, the most urgent first."""
    attention = attention_of(standing)
    return [*_coming(attention, standing), *_TELLERS[standing.state.status](standing, attention)]


def begins(span: Sanction) -> str:
    """Return in a few words what is still to begin: 自 2025-06-03 周二 起暂停资格."""
    return _("自 %(start)s 起%(what)s", start=first_day(span), what=SANCTION[span.kind.value])


def remains(near: NextThreshold) -> str:
    """Return in a few words how near a threshold is."""
    what = SANCTION[near.consequence.value]
    return ngettext("离%(what)s只差 %(num)s 分", "离%(what)s只差 %(num)s 分", near.remaining, what=what)


def _coming(attention: Attention, standing: Standing) -> Iterator[str]:
    if attention.coming is None:
        return
    for span in standing.sanctions:
        if span.start <= standing.as_of:
            continue
        if span.until is None:
            yield _("%(begins)s，没有规定结束日。", begins=begins(span))
        elif span.kind is SanctionKind.TERMINATION:
            yield _("%(begins)s，禁止登记期最后一日 %(last)s。", begins=begins(span), last=last_day(span))
        else:
            yield _("%(begins)s，最后一日 %(last)s。", begins=begins(span), last=last_day(span))


def _terminated(standing: Standing, _attention: Attention) -> Iterator[str]:
    state = standing.state
    assert state.sanction is not None  # noqa: S101 -- what makes the state
    ground = GROUND[state.sanction.ground.value]
    yield _("自 %(start)s 起终止医保支付资格（%(ground)s）。", start=first_day(state.sanction), ground=ground)
    if state.may_reapply:
        yield _("禁止登记期已满，可以向医保部门申请重新登记：须拟执业的机构同意、签署新的承诺书，并经评估通过。")
    else:
        yield _("%(day)s 起可以重新登记，期满前即可提出申请。", day=day(state.may_reapply_from))


def _suspended(standing: Standing, attention: Attention) -> Iterator[str]:
    state = standing.state
    assert state.sanction is not None  # noqa: S101 -- what makes the state
    ground = GROUND[state.sanction.ground.value]
    if attention.term_ended_on is None:
        yield _("暂停医保支付资格：%(span)s（%(ground)s）。", span=from_to(state.sanction), ground=ground)
    else:
        last = day(attention.term_ended_on - ONE_DAY)
        yield _("暂停期已于 %(last)s 届满，尚未恢复（%(ground)s）。", last=last, ground=ground)
    yield _what_ends(standing, state.sanction, attention)
    if attention.term_ended_on is not None and standing.rulebook.resumption_pays_after_term:
        yield _("期满后的费用可以结算。")
    else:
        yield _("期间费用不予结算，急诊抢救除外。")


def _what_ends(standing: Standing, suspension: Sanction, attention: Attention) -> str:
    """Return what a suspension ends with: a day, a termination, the end of a measure, or a resumption (P39)."""
    state = standing.state
    if state.until is not None:
        return _("%(day)s 恢复。", day=day(state.until))
    if any(span.kind is SanctionKind.TERMINATION for span in pending(standing.sanctions, standing.as_of)):
        return _("其后转为终止。")
    if suspension.until is None:
        return _("没有规定结束日，随机构措施的解除而结束。")
    if attention.term_ended_on is not None:
        return _("经申请、机构同意、医保部门评估通过后恢复。")
    return _("期满不自动恢复：须申请，经机构同意、医保部门评估通过。")


def _not_registered(_standing: Standing, _attention: Attention) -> Iterator[str]:
    yield _("目前不在登记期内，费用不予结算。")


def _normal(standing: Standing, attention: Attention) -> Iterator[str]:
    if attention.near is not None and attention.coming is None:
        yield _("%(remains)s。", remains=remains(attention.near))
    if attention.coming is None:
        yield _("可以正常结算。")
    else:
        yield _("在此之前可以正常结算。")
    if standing.next_threshold is not None and attention.near is None:
        threshold = standing.next_threshold
        what = SANCTION[threshold.consequence.value]
        yield ngettext(
            "再记 %(num)s 分将%(what)s。", "再记 %(num)s 分将%(what)s。", threshold.remaining, what=what
        )


_TELLERS = {
    Status.NORMAL: _normal,
    Status.SUSPENDED: _suspended,
    Status.TERMINATED: _terminated,
    Status.NOT_REGISTERED: _not_registered,
}
