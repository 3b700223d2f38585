"""The same decision scored twice: in a second case, however its number was typed, or twice in one case."""

import pytest
from case_world import CLINIC, REPEAT_CHARGING, finding, handling

from scoring_service.problems import Problem
from scoring_service.services.cases.approval import approve
from scoring_service.services.cases.drafting import draft, submit, withdraw
from scoring_service.services.cases.reading import read_case
from scoring_service.services.cases.same_decisions import folded_number

NUMBER = "赤医保罚〔2025〕31号"


def drafted(world, *findings, number=NUMBER, **more):
    decision = handling(document_no=number)
    asked = {"institution": "H15040200001", "summary": "检查发现过度诊疗"} | more
    return draft(world.work(), handling=decision, findings=findings, **asked)


def flags_of(case):
    return [list(finding.flags) for finding in case.findings]


@pytest.mark.parametrize(
    "typed",
    [
        *("赤医保罚[2025]31号", "赤医保罚（2025）31号", "赤医保罚【2025】31号", " 赤医保罚 〔２０２５〕 ３１ 号 "),
        *("赤医保罚\u3000〔2025〕31号", "赤医保罚〔2025〕\u200b31号"),
    ],
)
def test_a_second_case_of_the_same_decision_is_flagged_however_its_number_is_typed(world, typed):
    person = world.person()
    first = drafted(world, finding(person))
    second = drafted(world, finding(person), number=typed)
    assert flags_of(second) == [["same_decision"]]
    assert second.findings[0].same_decision_case == first.id
    with pytest.raises(Problem) as refused:
        submit(world.work(), second.id)
    assert [fault.pointer for fault in refused.value.errors] == ["/findings/0/reason"]


def test_what_differs_is_not_the_same(world):
    person, other = world.person(), world.person()
    drafted(world, finding(person))
    assert flags_of(drafted(world, finding(person), number="赤医保罚〔2025〕32号")) == [[]]
    assert flags_of(drafted(world, finding(other))) == [[]]
    assert flags_of(drafted(world, finding(person, item=REPEAT_CHARGING, points=4))) == [[]]
    assert "same_decision" not in flags_of(drafted(world, finding(person), institution=CLINIC))[0]


def test_the_earlier_case_shows_the_later_one_too_until_that_is_withdrawn(world):
    person = world.person()
    first, second = drafted(world, finding(person)), drafted(world, finding(person))
    told = read_case(world.work("reviewer"), first.id)
    assert (flags_of(told), told.findings[0].same_decision_case) == ([["same_decision"]], second.id)
    withdraw(world.work(), second.id, reason="重复")
    told = read_case(world.work("reviewer"), first.id)
    assert (flags_of(told), told.findings[0].same_decision_case) == ([[]], None)
    assert submit(world.work(), first.id).state == "submitted"


def test_with_a_reason_it_is_approved_and_stays_flagged(world):
    person = world.person()
    drafted(world, finding(person))
    second = drafted(world, finding(person, reason="另一次行为"))
    submit(world.work(), second.id)
    with pytest.raises(Problem) as refused:
        approve(world.work("reviewer"), second.id, confirm_duplicates=False)
    assert (refused.value.code, refused.value.extra) == ("likely_duplicate", {"findings": [0]})
    approved = approve(world.work("reviewer"), second.id, confirm_duplicates=True)
    assert "same_decision" in flags_of(approved)[0]
    assert [hand.deed for hand in approved.hands][-2:] == ["confirmed_duplicates", "approved"]


def test_who_says_nothing_of_what_looks_scored_twice_approves_it_for_its_reason(world):
    person = world.person()
    drafted(world, finding(person))
    second = drafted(world, finding(person, reason="另一次行为"))
    submit(world.work(), second.id)
    approved = approve(world.work("reviewer"), second.id)
    assert [hand.deed for hand in approved.hands][-2:] == ["submitted", "approved"]


def test_the_same_finding_twice_in_a_case_is_flagged_on_both(world):
    person, other = world.person(), world.person()
    case = drafted(world, finding(person), finding(other), finding(person, 6, act="一"))
    one_act = drafted(world, finding(other, 4, act="一"), finding(other, 6, act="一"), number="y")
    assert flags_of(one_act) == [[], []]
    assert flags_of(case) == [["same_finding"], [], ["same_finding"]]
    with pytest.raises(Problem) as refused:
        submit(world.work(), case.id)
    assert [fault.pointer for fault in refused.value.errors] == ["/findings/0/reason", "/findings/2/reason"]
    assert flags_of(drafted(world, finding(person), finding(person, item=REPEAT_CHARGING, points=4), number="x")) == [[], []]


def test_a_number_has_one_form():
    assert folded_number("ＡＢ－〔２０２５〕— 1 号") == folded_number("ab-(2025)-1号")
    assert folded_number("赤〔2025〕1号") != folded_number("赤〔2025〕11号")
