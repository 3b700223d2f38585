"""Facts and wording of a measure: what befell the institution befalls who is responsible, and how that ends (P34)."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from scoring_service.core.procedure import NoticeKind
from scoring_service.core.sanctions import SanctionKind
from scoring_service.letters import words
from scoring_service.letters.imposing import subject
from scoring_service.letters.letter import Section
from scoring_service.letters.words import day
from scoring_service.terms import HANDLINGS, MEASURES, SANCTIONS, chinese

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from scoring_service.db.cases import Handling, HandlingMeasure
    from scoring_service.db.sanction_json import StatedSanction
    from scoring_service.letters.facts import Facts
    from scoring_service.letters.letter import Matter


class Stage(StrEnum):
    """What a letter on a measure tells: that it holds, or that it was lifted."""

    IMPOSED = "imposed"
    LIFTED = "lifted"


def decision_facts(institution_name: str, handling: Handling, measure: HandlingMeasure) -> Facts:
    """Return the facts of the decision that took a measure, as every letter on it cites them."""
    return {
        "decision": {
            "institution_name": institution_name,
            "handling_kind": handling.kind,
            "authority": handling.authority,
            "document_no": handling.document_no,
            "decided_on": handling.decided_on.isoformat(),
        },
        "measure": {
            "kind": measure.kind.value,
            "from": measure.start.isoformat(),
            "until": measure.until and measure.until.isoformat(),
            "department": measure.department,
        },
    }


def imposed_facts(*, emergency: bool) -> Facts:
    """Return the facts of a `measure` that begins; `emergency`: whether emergencies are paid for under it."""
    return {"stage": Stage.IMPOSED.value, "emergency": emergency}


def lifted_facts(
    *,
    lifted_on: date,
    reason: str,
    restored: bool,
    spans_after: Sequence[StatedSanction],
    refusals: int,
) -> Facts:
    """Return the facts of a `measure` that was lifted; `restored`: whether the person is normal from that day on.

    `spans_after` is every sanction after it, `refusals` how many refused lines are payable now.
    """
    return {
        "stage": Stage.LIFTED.value,
        "lifted_on": lifted_on.isoformat(),
        "reason": reason,
        "restored": restored,
        "spans_after": list(spans_after),
        "refusals": refusals,
    }


def measure(matter: Matter) -> list[Section]:
    """Return the parts of a letter on a measure, by what it tells."""
    return _STAGES[Stage(matter.facts["stage"])](matter)


def _imposed(matter: Matter) -> list[Section]:
    responsible = f"经认定，{subject(matter)}对相关违规行为负有责任。"
    follows = (
        "对定点医药机构或者科室采取措施的，对违规行为负有责任的人员，医保支付资格随之暂停或者终止；"
        "不承担责任的人员不受影响。措施不记分；本案另有记分的，另行告知。"
    )
    is_terminated = matter.facts["sanction"]["kind"] == SanctionKind.TERMINATION
    state = _terminated(matter) if is_terminated else _suspended(matter)
    return [
        Section(heading="认定事实和依据", paragraphs=(_decided(matter) + responsible, follows), pairs=_pairs(matter)),
        Section(heading="资格状态", paragraphs=(state, _unpaid(matter))),
    ]


def _decided(matter: Matter) -> str:
    decision = matter.facts["decision"]
    return (
        f"{day(decision['decided_on'])}，{decision['authority']}对{decision['institution_name']}作出"
        f"{chinese(HANDLINGS[decision['handling_kind']])}决定（文号：{decision['document_no']}）。"
    )


def _pairs(matter: Matter) -> tuple[tuple[str, str], ...]:
    taken = matter.facts["measure"]
    span: StatedSanction = {"kind": "", "ground": "", "from": taken["from"], "until": taken["until"]}
    department = (("科室", taken["department"]),) if taken["department"] else ()
    return (("措施", chinese(MEASURES[taken["kind"]])), *department, ("措施期限", words.from_to(span)))


def _suspended(matter: Matter) -> str:
    span = matter.facts["sanction"]
    is_open = span["until"] is None
    ends = "，至措施解除之日止。措施解除之日起恢复" if is_open else "。措施结束之日起恢复"
    return (
        f"{subject(matter)}的医保支付资格{words.from_to(span)}暂停{ends}，无须申请；"
        "另有记分引起的暂停、终止的，仍按其规定执行。暂停期间在各统筹地区、各定点医药机构均适用。"
    )


def _terminated(matter: Matter) -> str:
    span = matter.facts["sanction"]
    return (
        f"自{day(span['from'])}起终止{subject(matter)}的医保支付资格，"
        f"{words.length(span)}内（至{day(words.last_day(span['until']))}止）不得再次登记备案；"
        f"自{day(span['until'])}起可以重新登记备案，期满前可以依照规定提出申请。"
    )


def _unpaid(matter: Matter) -> str:
    who = "你" if matter.addressee.is_person else "其"
    state = chinese(SANCTIONS[matter.facts["sanction"]["kind"]])
    excepted = "，急诊、抢救除外" if matter.facts["emergency"] else ""
    return f"{state}期间{who}提供服务发生的医保费用不予支付{excepted}。"


def _lifted(matter: Matter) -> list[Section]:
    facts = matter.facts
    on = day(facts["lifted_on"])
    lifted = f"自{on}起，解除上述措施对{subject(matter)}医保支付资格的影响。理由：{words.sentence(facts['reason'])}"
    return [
        Section(heading="原措施", paragraphs=(_decided(matter),), pairs=_pairs(matter)),
        Section(heading="解除", paragraphs=(lifted,)),
        Section(heading="资格状态", paragraphs=(_state_now(facts, on), *_payable(facts))),
    ]


def _state_now(facts: Facts, on: str) -> str:
    if facts["restored"]:
        return f"自{on}起恢复医保支付资格，自该日起提供服务发生的医保费用按规定支付。"
    spans = "；".join(f"{chinese(SANCTIONS[span['kind']])}，{words.from_to(span)}" for span in facts["spans_after"])
    return f"解除后，医保支付资格档案记载：{spans or '无暂停、终止'}。其余暂停、终止仍按其规定执行。"


def _payable(facts: Facts) -> tuple[str, ...]:
    if not facts["refusals"]:
        return ()
    return (f"此前因该措施拒付、现可支付的医保费用查询记录{facts['refusals']}条，可以重新申报结算。",)


_STAGES: Mapping[Stage, Callable[[Matter], list[Section]]] = {Stage.IMPOSED: _imposed, Stage.LIFTED: _lifted}
PARTS: Mapping[str, Callable[[Matter], list[Section]]] = {NoticeKind.MEASURE: measure}
