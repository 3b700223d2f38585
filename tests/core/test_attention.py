"""What a standing asks attention for: never calm while something runs, begins or is near."""

import pytest
from core_files import LOW, RULEBOOK, WAITS, File, day

from scoring_service.core.attention import attention_of
from scoring_service.core.fold import fold
from scoring_service.core.standing import Span, standing

ALWAYS = [Span(day("2024-01-01"), None)]


def told(file, on, *, registered=ALWAYS):
    found = standing(day(on), fold(file.entries), registered, file.rulebook)
    return attention_of(found)


@pytest.mark.parametrize(("points", "tone"), [(1, "calm"), (5, "calm"), (6, "warning"), (8, "warning")])
def test_near_a_suspension_is_no_calm(points, tone):
    found = told(File().score(points, "05-09"), "05-09")
    assert (found.tone, found.coming) == (tone, None)
    assert (found.near is None) == (tone == "calm")


def test_the_thresholds_are_the_rulebooks():
    assert told(File(LOW).score(1, "05-09"), "05-09").tone == "calm"
    near = told(File(LOW).score(2, "05-09"), "05-09")
    assert (near.tone, near.near.points, near.near.remaining) == ("warning", LOW.suspend_at, 3)
    assert RULEBOOK.suspend_at != LOW.suspend_at


def test_what_begins_tomorrow_has_its_colour_today():
    suspension = told(File().score(10, "05-09"), "05-09")
    assert (suspension.tone, suspension.coming.start) == ("warning", day("05-10"))
    termination = told(File().score(12, "05-09"), "05-09")
    assert (termination.tone, termination.coming.kind) == ("danger", "termination")
    over_a_suspension = told(File().score(10, "05-09").score(2, "06-01"), "06-01")
    assert (over_a_suspension.tone, over_a_suspension.coming.kind) == ("danger", "termination")


def test_after_a_suspension_the_termination_is_near():
    found = told(File().score(10, "05-09"), "09-10")
    assert (found.tone, found.coming, found.near.remaining) == ("warning", None, 2)


def test_what_runs_has_its_colour_and_who_is_not_registered_none():
    assert told(File().score(10, "05-09"), "06-01").tone == "warning"
    assert told(File().score(12, "05-09"), "06-01").tone == "danger"
    gone = [Span(day("2024-01-01"), day("05-01"))]
    assert told(File(), "05-09", registered=gone).tone == "absent"
    assert told(File().score(12, "05-09"), "05-09", registered=gone).tone == "danger"


def test_a_state_that_waits_and_an_open_measure_are_no_calm():
    waits = File(WAITS).score(9, "03-10")
    assert told(waits, "2026-01-05").tone == "warning"
    assert told(waits.resume("2026-01-06"), "2026-01-06").tone == "calm"
    assert told(File().measure("suspension", "03-10"), "2026-01-05").tone == "warning"
    coming = told(File().measure("termination", "03-10", "04-01"), "03-20")
    assert (coming.tone, coming.coming.ground) == ("danger", "measure")
