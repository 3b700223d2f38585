"""What an act changes of a file's sanctions, and what it leaves out because it was so before."""

from dataclasses import replace

import pytest
from core_files import WAITS, File, day

from scoring_service.core.fold import fold
from scoring_service.core.rulebook import Ground
from scoring_service.core.sanction_changes import sanction_changes


def changes(before, after):
    """Pairs of (start, until) before and after, and whether the change puts a day under a sanction."""
    found = sanction_changes(fold(before).sanctions, fold(after).sanctions)
    return [(dates(change.before), dates(change.after), change.burdens) for change in found]


def dates(span):
    return span and (span.start, span.until)


def span(start, until):
    return (day(start), day(until))


def test_what_begins_is_new_and_what_stays_is_left_out():
    before = File().score(9, "2025-05-09", "2025-05-09")
    kept = list(before.entries)
    after = before.score(9, "2026-01-08", "2026-01-08").entries
    assert changes(kept, after) == [(None, span("2026-01-09", "2026-04-09"), True)]
    assert changes(after, after) == []


def test_a_suspension_cut_short_by_a_termination_is_not_new():
    before = File().score(10, "05-09")
    kept = list(before.entries)
    after = before.score(3, "06-13").entries
    assert changes(kept, after) == [
        (span("05-10", "09-10"), span("05-10", "06-14"), False),
        (None, span("06-14", "2026-06-14"), True),
    ]


def test_a_suspension_that_vanishes_is_told_as_gone():
    before = File().score(10, "05-09")
    kept = list(before.entries)
    assert changes(kept, before.score(12, "05-09").entries) == [
        (None, span("05-10", "2028-05-10"), True),
        (span("05-10", "09-10"), None, False),
    ]


def test_longer_and_shorter():
    before = File().score(9, "05-09")
    kept = list(before.entries)
    grown = list(before.score(1, "05-20").entries)
    assert changes(kept, grown) == [(span("05-10", "08-10"), span("05-10", "09-10"), True)]
    assert changes(grown, before.term_credit(10, "06-01").entries) == [
        (span("05-10", "09-10"), span("05-10", "08-31"), False)
    ]


def test_a_new_registration_answers_a_termination():
    before = File().score(12, "2025-01-10")
    kept = list(before.entries)
    (change,) = sanction_changes(fold(kept).sanctions, fold(before.reregister("2028-01-11").entries).sanctions)
    assert (change.before.state_until, change.after.state_until) == (None, day("2028-01-11"))
    assert not change.burdens


def state_changes(file, act, *arguments):
    """The ends of the state before and after the act, None of a span for what is not there, and whether it burdens."""
    before = fold(list(file.entries)).sanctions
    after = fold(getattr(file, act)(*arguments).entries).sanctions
    return [
        (
            change.before and (change.before.start, change.before.state_until),
            change.after and (change.after.start, change.after.state_until),
            change.burdens,
        )
        for change in sanction_changes(before, after)
    ]


def test_a_resumption_changes_the_state_and_burdens_nobody():
    file = File(WAITS).score(9, "03-10")
    assert state_changes(file, "resume", "07-01", 5) == [
        ((day("03-11"), None), (day("03-11"), day("06-16")), False)
    ]


def test_a_state_that_is_open_again_is_a_burden_though_its_term_is_as_before():
    file = File(WAITS).score(9, "03-10")
    resumed = fold(list(file.resume("07-01").entries)).sanctions
    (change,) = sanction_changes(resumed, fold(file.entries[:1]).sanctions)
    assert (change.before.until, change.after.until) == (day("06-11"), day("06-11"))
    assert change.burdens


def test_a_measure_begins_and_its_lifting_ends_it_early():
    file = File(WAITS).score(9, "03-10")
    began = (day("04-11"), None)
    assert state_changes(file, "measure", "suspension", "04-10") == [(None, began, True)]
    assert state_changes(file, "lift", 2, "05-06") == [(began, (day("04-11"), day("05-06")), False)]


def test_measures_and_points_are_told_apart_where_they_overlap():
    """One measure takes the place of another, and of a suspension of points: each is its own change."""
    file = File().measure("suspension", "03-10", until="05-01").score(9, "03-10")
    kept = fold(list(file.entries)).sanctions
    other = fold(File().score(2, "03-01").measure("suspension", "03-10", until="05-02").entries).sanctions
    changes = sanction_changes(kept, other)
    assert [(change.before and change.before.ground, change.after and change.after.ground) for change in changes] == [
        (None, "measure"),
        ("measure", None),
        ("single", None),
    ]


@pytest.mark.parametrize("effect", ["suspension", "termination"])
def test_a_measure_taken_back_is_gone(effect):
    file = File().measure(effect, "03-10")
    (change,) = state_changes(file, "correct", 1, 0, "04-01")
    assert change[1:] == (None, False)


def test_an_open_span_overlaps_whatever_begins_in_it():
    file = File().measure("suspension", "03-10")
    (change,) = sanction_changes(
        fold(file.entries).sanctions, fold(File().measure("suspension", "03-10", "06-01", "07-01").entries).sanctions
    )
    assert (change.before.until, change.after.until, change.burdens) == (None, day("07-01"), False)


SPAN = fold(File(WAITS).score(9, "03-10").entries).sanctions[0]


@pytest.mark.parametrize(
    ("changed", "burdens"),
    [
        ({"start": day("03-01")}, True),
        ({"start": day("03-21")}, False),
        ({"until": day("07-11")}, True),
        ({"until": day("06-01")}, False),
        ({"state_until": day("06-11")}, False),
        ({"ground": Ground.ACCUMULATED}, False),
    ],
)
def test_what_puts_more_days_under_a_sanction_is_a_burden(changed, burdens):
    (change,) = sanction_changes([SPAN], [replace(SPAN, **changed)])
    assert (change.before, change.burdens) == (SPAN, burdens)


@pytest.mark.parametrize("first", [SPAN, replace(SPAN, start=day("06-11"), until=day("07-11"))])
def test_of_one_year_but_without_a_common_day_it_is_another_sanction(first):
    other = replace(first, start=first.until, until=day("08-11"))
    for before, after in ((first, other), (other, first)):
        changes = sanction_changes([before], [after])
        assert [(change.before, change.after) for change in changes] == [(None, after), (before, None)]


def test_what_stays_is_not_taken_for_what_began_beside_it():
    longer = replace(SPAN, start=day("03-01"))
    assert sanction_changes([SPAN], [longer, SPAN]) == ((None, longer),)
