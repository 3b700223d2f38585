"""What like cases got: which count, beside a plain model of it; when the flag is raised, and what is kept."""

from collections import Counter
from datetime import date, timedelta
from random import Random

import pytest
from case_world import CLINIC, FAR_HOSPITAL, HOSPITAL, OVERTREATMENT, REPEAT_CHARGING, finding

from scoring_service.core.spread import similar_of
from scoring_service.problems import Problem
from scoring_service.services.cases.approval import approve
from scoring_service.services.cases.drafting import edit, give_back, submit
from scoring_service.services.cases.reading import read_case
from scoring_service.services.cases.similar_cases import similar_kinds
from scoring_service.services.proposals import merges

FLAG = "unlike_similar_cases"
EARLIER, DECIDED, TODAY = date(2025, 6, 3), date(2027, 5, 20), date(2027, 6, 2)
DIVISIONS = {HOSPITAL: "150402", CLINIC: "150402", FAR_HOSPITAL: "431122"}
MAIN = (OVERTREATMENT, "main")


def recorded(world, points, *, decided_on=EARLIER, institution=HOSPITAL, **charge):
    """An approved case with a finding for each of the points, each on somebody else."""
    findings = [finding(world.person(), each, reason="情节", **charge) for each in points]
    return world.approved(*findings, decided_on=decided_on, institution=institution)


@pytest.fixture
def later(world):
    """Two years on."""
    world.set_today(TODAY)
    return world


def drafted(world, points, **other):
    return world.draft(finding(world.person(), points, **other), decided_on=DECIDED)


def flags_of(case):
    return [flag for each in case.findings for flag in each.flags]


def similar(world, kinds, *, decided_on=DECIDED, division="150402", but=None):
    return similar_kinds(world.work(), kinds, division=division, decided_on=decided_on, but=but)


@pytest.mark.parametrize("seed", range(4))
def test_like_cases_are_counted_as_the_plain_model_counts_them(later, seed):
    random, held = Random(seed), []
    days = [DECIDED - timedelta(days=each) for each in (0, 1, 300, 729, 730, 731)]
    for _ in range(8):
        place, day = random.choice([*DIVISIONS]), random.choice(days)
        charged = [
            (random.choice([OVERTREATMENT, REPEAT_CHARGING]), random.choice(["main", "general"]), random.randint(2, 12))
            for _ in range(random.randint(1, 5))
        ]
        people = [later.person() for _ in charged]
        case = later.approved(
            *(
                finding(person, points, item=item, degree=degree, reason="情节")
                for person, (item, degree, points) in zip(people, charged, strict=True)
            ),
            decided_on=day,
            institution=place,
        )
        for person, shown, (item, degree, points) in zip(people, case.findings, charged, strict=True):
            value = points
            for value in random.choice([(), (), (0,), (points - 1,), (points - 1, points - 2)]):
                later.corrected(person, shown.entry, value)
            held.append((DIVISIONS[place], day, (item, degree), value, case.id))
    but = random.choice(held)[-1]
    kinds = {kind for *_, kind, _, _ in held} | {(OVERTREATMENT, "important")}
    for division in ("150402", "431122", "999999"):
        told = similar(later, kinds, division=division, but=but)
        assert told == {kind: model(held, kind, division, but) for kind in kinds}


def model(held, kind, division, but):
    like = [
        (place == division, value)
        for place, day, of_kind, value, case in held
        if of_kind == kind and date(2025, 5, 20) <= day < DECIDED and value > 0 and case != but
    ]
    here, elsewhere = (Counter(value for is_here, value in like if is_here is where) for where in (True, False))
    return similar_of(here, elsewhere)


def test_points_apart_from_twenty_like_cases_need_a_reason(later):
    recorded(later, [5] * 19)
    case = drafted(later, 6)
    assert flags_of(case) == []
    assert (case.findings[0].similar.n, case.findings[0].similar.here.n) == (19, 19)
    recorded(later, [5], institution=FAR_HOSPITAL)
    told = read_case(later.work(), case.id)
    assert (flags_of(told), told.findings[0].similar.elsewhere.n) == ([FLAG], 1)
    with pytest.raises(Problem) as refused:
        submit(later.work(), case.id)
    assert [fault.pointer for fault in refused.value.errors] == ["/findings/0/reason"]
    edit(later.work(), case.id, expected_version=None, findings=[finding(later.person(), 6, reason="情节恶劣")])
    assert flags_of(submit(later.work(), case.id)) == [FLAG]
    assert flags_of(drafted(later, 5)) == []
    assert flags_of(drafted(later, 6, degree="important")) == []


def test_the_reviewer_sees_what_was_seen_at_submission_and_a_draft_what_is_now(later):
    recorded(later, [5] * 20)
    case = later.submitted(finding(later.person(), 6, reason="情节恶劣"), decided_on=DECIDED)
    recorded(later, [6] * 20)
    seen = read_case(later.work("reviewer"), case.id)
    assert (flags_of(seen), seen.findings[0].similar.n) == ([FLAG], 20)
    back = give_back(later.work("reviewer"), case.id, reason="补充")
    assert (flags_of(back), back.findings[0].similar.n) == ([], 40)
    submit(later.work(), case.id)
    recorded(later, [5] * 5)
    done = approve(later.work("reviewer"), case.id)
    assert (flags_of(done), done.findings[0].similar.n) == ([], 40)
    assert read_case(later.work(), case.id).findings[0].similar == done.findings[0].similar


def test_a_finding_without_points_and_one_that_is_absorbed_are_no_like_cases(later):
    person = later.person()
    later.approved(
        finding(person, 6, act="一", reason="情节"),
        finding(person, 5, item=REPEAT_CHARGING, act="一", reason="情节"),
        decided_on=EARLIER,
    )
    told = similar(later, {MAIN, (REPEAT_CHARGING, "main")})
    assert [told[MAIN].n, told[REPEAT_CHARGING, "main"].n] == [1, 0]


def test_a_merged_file_counts_once(later):
    one, into = later.person(), later.person()
    later.approved(finding(one, 5, reason="情节"), decided_on=EARLIER)
    merges.approve(later.work("reviewer"), merges.draft(later.work("admin"), one, into=into, reason="同一人").id)
    assert similar(later, {MAIN})[MAIN].n == 1
