"""What an act changes of a file's sanctions, and what it leaves out because it was so before."""

from core_files import File, day

from scoring_service.core.fold import fold
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
