"""Points of a finding: by degree, lighter or heavier with a ground, and in the order of degrees (P25)."""

import pytest
from case_world import OVERTREATMENT, SHAM, finding

from scoring_service.core.adjustments import Adjustment, AdjustmentKind
from scoring_service.problems import Problem
from scoring_service.services.cases.drafting import submit


def adjustment(kind, ground):
    return Adjustment(kind=kind, ground=ground)


def refusal(act, *args, **kwargs):
    with pytest.raises(Problem) as caught:
        act(*args, **kwargs)
    return caught.value


def pointers(problem):
    return [fault.pointer for fault in problem.errors]


@pytest.mark.parametrize(
    ("points", "adjustment", "flags", "suggested"),
    [
        (4, adjustment(AdjustmentKind.LIGHTER, "owned_up"), (), 6),
        (3, adjustment(AdjustmentKind.LIGHTER, "owned_up"), ("outside_band",), 6),
        (3, adjustment(AdjustmentKind.ONE_BAND_DOWN, "owned_up"), (), 3),
        (9, adjustment(AdjustmentKind.ONE_BAND_UP, "intent"), (), 9),
        (10, adjustment(AdjustmentKind.ONE_BAND_UP, "intent"), ("outside_band",), 9),
        (6, adjustment(AdjustmentKind.HEAVIER, "intent"), (), 6),
    ],
)
def test_a_ground_takes_points_one_band_away_and_no_further(world, points, adjustment, flags, suggested):
    [shown] = world.draft(finding(world.person(), points, adjustment=adjustment)).findings
    assert (shown.flags, shown.suggested_points, shown.adjustment) == (flags, suggested, adjustment)


@pytest.mark.parametrize(
    ("points", "item", "adjustment", "pointer"),
    [
        (4, OVERTREATMENT, adjustment(AdjustmentKind.LIGHTER, "intent"), "ground"),
        (6, OVERTREATMENT, adjustment(AdjustmentKind.HEAVIER, "owned_up"), "ground"),
        (5, OVERTREATMENT, adjustment(AdjustmentKind.LIGHTER, ""), "ground"),
        (5, OVERTREATMENT, adjustment(AdjustmentKind.ONE_BAND_DOWN, "owned_up"), "kind"),
        (12, SHAM, adjustment(AdjustmentKind.ONE_BAND_UP, "intent"), "kind"),
    ],
)
def test_an_adjustment_needs_a_ground_of_its_kind_and_a_band_to_go_to(world, points, item, adjustment, pointer):
    problem = refusal(world.draft, finding(world.person(), points, item=item, adjustment=adjustment))
    assert pointers(problem) == [f"/findings/0/adjustment/{pointer}"]


def test_a_lesser_degree_with_more_points_is_flagged_unless_a_ground_says_why(world):
    main, general = world.person(), world.person()
    greater, lesser = finding(main, 4), finding(general, 5, degree="general")
    assert [shown.flags for shown in world.draft(greater, lesser).findings] == [(), ("degree_order",)]
    softer = finding(main, 4, adjustment=adjustment(AdjustmentKind.LIGHTER, "owned_up"))
    assert [shown.flags for shown in world.draft(softer, lesser).findings] == [(), ()]
    case = world.draft(greater, lesser)
    assert pointers(refusal(submit, world.work(), case.id)) == ["/findings/1/reason"]
