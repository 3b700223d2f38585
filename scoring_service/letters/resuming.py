"""Facts and wording of the way back from a suspension: who may apply from when, granted, refused, resumed (P39)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from scoring_service.core.procedure import NoticeKind
from scoring_service.letters import words
from scoring_service.letters.imposing import subject
from scoring_service.letters.letter import Section
from scoring_service.letters.words import day, number
from scoring_service.terms import SANCTIONS, chinese

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from scoring_service.db.sanction_json import StatedSanction
    from scoring_service.letters.facts import Facts
    from scoring_service.letters.letter import Matter


class Stage(StrEnum):
    """What a letter on a resumption tells: one may apply, it is high time, it is granted, the state is normal again."""

    WINDOW = "window"
    LAST_DAY = "last_day"
    GRANTED = "granted"
    RESUMED = "resumed"


def is_to_be_applied_for(facts: Mapping[str, Any]) -> bool:
    """Tell whether a letter with these facts tells of a resumption that nobody has been granted yet."""
    return facts.get("stage") in {Stage.WINDOW, Stage.LAST_DAY}


def resumed_facts(*, resumes_on: date, sanction: StatedSanction) -> Facts:
    """Return the facts of a `resumption` on its day: the first on which fees are paid again, and what has ended."""
    return {"stage": Stage.RESUMED.value, "resumes_on": resumes_on.isoformat(), "sanction": sanction}


def window_facts(
    *,
    stage: Stage,
    apply_from: date,
    apply_by: date,
    ends_on: date,
    evaluation_working_days: int,
    spans: Sequence[StatedSanction],
) -> Facts:
    """Return the facts of a `resumption` that tells from when one may apply: the suspensions, and when they end.

    Who applies by `apply_by`, with an institution's consent, is owed an answer before the last term ends on `ends_on`.
    """
    return {
        "stage": stage.value,
        "apply_from": apply_from.isoformat(),
        "apply_by": apply_by.isoformat(),
        "ends_on": ends_on.isoformat(),
        "evaluation_working_days": evaluation_working_days,
        "spans": list(spans),
    }


def granted_facts(
    *, resumes_on: date, ends_on: date, filed_on: date, spans: Sequence[StatedSanction], refusals: int
) -> Facts:
    """Return the facts of a `resumption` that is granted: from when on, and what the terms were, the last to `ends_on`.

    `refusals` is how many refused lines are payable now.
    """
    return {
        "stage": Stage.GRANTED.value,
        "resumes_on": resumes_on.isoformat(),
        "ends_on": ends_on.isoformat(),
        "filed_on": filed_on.isoformat(),
        "spans": list(spans),
        "refusals": refusals,
    }


def refused_facts(*, filed_on: date, lapsed: bool, reason: str) -> Facts:
    """Return the facts of a `resumption_refused`: refused for a `reason`, or `lapsed` because the file has changed."""
    return {"filed_on": filed_on.isoformat(), "lapsed": lapsed, "reason": reason}


def resumption(matter: Matter) -> list[Section]:
    """Return the parts of a letter on a resumption, by what it tells."""
    return _STAGES[Stage(matter.facts["stage"])](matter)


def _resumed(matter: Matter) -> list[Section]:
    facts = matter.facts
    span = facts["sanction"]
    text = (
        f"{subject(matter)}的医保支付资格{chinese(SANCTIONS[span['kind']])}（{words.from_to(span)}）已经结束，"
        f"自{day(facts['resumes_on'])}起恢复医保支付资格。自该日起提供服务发生的医保费用按规定支付。"
    )
    return [Section(heading="恢复事项", paragraphs=(text,)), _others(matter)]


def _granted(matter: Matter) -> list[Section]:
    facts = matter.facts
    heard = (
        f"{day(facts['filed_on'])}提出的恢复{subject(matter)}医保支付资格的申请，经本局评估，予以通过。"
        f"所涉暂停：{_terms(facts['spans'])}。"
    )
    granted = f"自{day(facts['resumes_on'])}起恢复{subject(matter)}的医保支付资格。{_later(facts)}"
    payable = f"此前因暂停状态拒付、现可支付的医保费用查询记录{facts['refusals']}条，可以重新申报结算。"
    return [
        Section(heading="申请和评估", paragraphs=(heard,)),
        Section(heading="恢复事项", paragraphs=(granted, *((payable,) if facts["refusals"] else ()))),
        _others(matter),
    ]


def _later(facts: Facts) -> str:
    """Tell why the state outlasted the term, if it did."""
    if facts["resumes_on"] == facts["ends_on"]:
        return "自该日起提供服务发生的医保费用按规定支付。"
    return (
        f"暂停期限至{day(words.last_day(facts['ends_on']))}止；其后至恢复之前，资格状态仍为暂停。"
        "自恢复之日起提供服务发生的医保费用按规定支付。"
    )


def _others(matter: Matter) -> Section:
    kept = "暂停期间发生的医保费用不因恢复而补付；年度累计记分继续有效，至年度终了清零。"
    maintained = "请你单位自恢复之日起将其医保支付资格状态维护为正常。"
    is_institution = matter.addressee.kind == "institution"
    return Section(heading="其他说明", paragraphs=(kept, *((maintained,) if is_institution else ())))


def _window(matter: Matter) -> list[Section]:
    facts = matter.facts
    is_over = matter.issued_on >= date.fromisoformat(facts["ends_on"])
    end = day(words.last_day(facts["ends_on"]))
    ends = f"于{end}届满" if is_over else f"将于{end}届满"
    state = (
        f"{subject(matter)}的医保支付资格暂停（{_terms(facts['spans'])}）{ends}。期限届满，资格状态不自动恢复："
        "须由本人提出申请，经所在定点医药机构同意，由本局评估通过后恢复。"
    )
    return [
        Section(heading="暂停期限", paragraphs=(state,)),
        Section(heading="恢复申请", paragraphs=(_how_to_apply(matter), *_in_time(matter))),
    ]


def _how_to_apply(matter: Matter) -> str:
    from_on = date.fromisoformat(matter.facts["apply_from"])
    since = "现在即可" if from_on <= matter.issued_on else f"自{day(from_on)}起可以"
    within = number(matter.facts["evaluation_working_days"])
    evaluated = f"本局自机构同意之日起，原则上在{within}个工作日内作出评估决定。"
    if matter.addressee.is_person:
        return f"你{since}向本局提出恢复申请，也可以由所在定点医药机构代为提出。{evaluated}"
    return f"{matter.person.name}{since}向本局提出恢复申请，所在定点医药机构也可以代为提出，并表示是否同意。{evaluated}"


def _in_time(matter: Matter) -> tuple[str, ...]:
    """Tell by when to apply so that no day is lost, while that day has not passed."""
    by = date.fromisoformat(matter.facts["apply_by"])
    if by < matter.issued_on:
        return ("在期限届满以后恢复的，届满之日至恢复之前，资格状态仍为暂停。",)
    is_today = by == matter.issued_on
    when = f"今日（{day(by)}）是最后一日：当日" if is_today else f"在{day(by)}以前（含当日）"
    in_time = f"{when}提出申请并取得机构同意的，本局应当在期限届满前作出决定，通过的自届满次日起恢复。"
    return (f"{in_time}逾期申请的，恢复可能相应延后。",)


def refused(matter: Matter) -> list[Section]:
    """Return the parts of a letter on an application that was refused, or overtaken by a change of the file."""
    facts = matter.facts
    heard = f"{day(facts['filed_on'])}，就{subject(matter)}的医保支付资格提出了恢复申请。"
    if facts["lapsed"]:
        decided = "申请提出后，档案情况发生变化，已不符合恢复的条件，本申请失效，资格状态不变。"
        again = "条件具备后，可以重新提出恢复申请。"
    else:
        decided = "经本局评估，本次申请不予通过，资格状态不变。"
        again = "按上述理由改正后，可以再次提出恢复申请。"
    return [
        Section(heading="申请情况", paragraphs=(heard,)),
        Section(heading="评估结果", paragraphs=(decided,)),
        Section(heading="理由", paragraphs=tuple(words.lines(facts["reason"]))),
        Section(heading="再次申请", paragraphs=(again,)),
    ]


def _terms(spans: Sequence[StatedSanction]) -> str:
    return "；".join(words.from_to(span) for span in spans)


_STAGES: Mapping[Stage, Callable[[Matter], list[Section]]] = {
    Stage.WINDOW: _window,
    Stage.LAST_DAY: _window,
    Stage.GRANTED: _granted,
    Stage.RESUMED: _resumed,
}
PARTS: Mapping[str, Callable[[Matter], list[Section]]] = {
    NoticeKind.RESUMPTION: resumption,
    NoticeKind.RESUMPTION_REFUSED: refused,
}
