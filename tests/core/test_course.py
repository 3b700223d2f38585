"""The course of a sanction: what a score brought when it was recorded, and what later entries made of it."""

from core_files import NEXT_MONTH, RULEBOOK, WAITS, File, day

from scoring_service.core.course import courses
from scoring_service.core.sanctions import SanctionKind


def turns(file, seq=1):
    return [
        (turn.by.seq, turn.span and (turn.span.kind.value, turn.span.start, turn.span.until))
        for turn in courses(file.entries)[f"e{seq}"]
    ]


def suspended(start, until):
    return ("suspension", day(start), day(until))


def test_a_sanction_that_still_stands_has_one_turn():
    assert turns(File().score(10, "05-09")) == [(1, suspended("05-10", "09-10"))]
    assert turns(File().score(3, "05-09").score(2, "05-10")) == [(1, None)]


def test_a_termination_cuts_a_suspension_short():
    file = File().score(10, "05-09").score(3, "06-13")
    assert turns(file) == [(1, suspended("05-10", "09-10")), (2, suspended("05-10", "06-14"))]
    assert turns(file, 2) == [(2, ("termination", day("06-14"), day("2026-06-14")))]


def test_a_suspension_that_had_not_begun_vanishes():
    assert turns(File().score(10, "05-09").score(12, "05-09")) == [(1, suspended("05-10", "09-10")), (2, None)]


def test_a_suspension_grows_is_shortened_and_is_corrected_away():
    file = File().score(9, "05-09").score(1, "05-20").term_credit(10, "06-01").correct(1, 2, "06-02")
    assert turns(file) == [
        (1, suspended("05-10", "08-10")),
        (2, suspended("05-10", "09-10")),
        (3, suspended("05-10", "08-31")),
        (4, None),
    ]


def test_a_correction_of_one_score_changes_what_another_brought():
    file = File().score(8, "05-01").score(4, "05-09").correct(1, 6, "05-20")
    (first, then) = courses(file.entries)["e2"]
    assert (first.span.kind, then.span.kind) == (SanctionKind.TERMINATION, SanctionKind.SUSPENSION)
    assert then.by.seq == 3


def test_a_second_termination_lengthens_the_first():
    file = File().score(6, "03-01").score(6, "05-09").score(12, "06-01")
    assert [turn[1] for turn in turns(file, 2)] == [
        ("termination", day("05-10"), day("2026-05-10")),
        ("termination", day("05-10"), day("2028-06-02")),
    ]


def test_a_new_registration_ends_a_suspension():
    file = File().score(12, "2025-01-10").score(9, "2028-01-08", "2028-01-08").reregister("2028-02-01")
    assert turns(file, 2)[-1] == (3, ("suspension", day("2028-01-09"), day("2028-02-01")))


def ends(file, seq=1):
    """What turned the course of a score, and the end of the term and of the state from then on."""
    return [
        (turn.by.seq, turn.span and (turn.span.until, turn.span.state_until))
        for turn in courses(file.entries)[f"e{seq}"]
    ]


def test_a_resumption_is_a_turn_and_growth_after_it_is_another():
    file = File(WAITS).score(9, "03-10").resume("06-20", 4).score(1, "06-05")
    assert ends(file) == [
        (1, (day("06-11"), None)),
        (2, (day("06-11"), day("06-15"))),
        (3, (day("07-11"), day("07-11"))),
    ]


def test_a_measure_and_its_lifting_turn_no_score():
    file = File(WAITS).score(9, "03-10").measure("suspension", "03-10").measure("termination", "03-10").lift(2, "05-01")
    assert turns(file) == [(1, suspended("03-11", "06-11"))]
    assert courses(file.entries).keys() == {"e1"}


def test_a_termination_of_points_beside_a_measures_is_its_own():
    file = File().measure("termination", "03-10").score(12, "03-20").lift(1, "05-01")
    assert turns(file, 2) == [(2, ("termination", day("03-21"), day("2028-03-21")))]


def test_where_two_bans_cover_its_start_a_score_is_in_the_one_that_ends_last():
    """As mixed rulebooks bring them: the second was to begin after the first had ended, and was moved before that."""
    file = File().score(6, "03-01").score(6, "03-10").under(NEXT_MONTH).score(12, "2026-03-02")
    file.under(RULEBOOK).score(12, "2026-03-05")
    assert turns(file, 4) == [(4, ("termination", day("2026-03-06"), day("2029-04-01")))]
