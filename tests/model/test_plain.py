"""The model is right where people can check it: examples of scheme.md 2.1 to 2.5, worked by hand."""

from datetime import date, timedelta

import pytest

from model import answers, gates, plain
from model.ledgers import day, ledger
from model.rulebooks import CHIFENG, RULEBOOKS

ALWAYS = [(date(2025, 1, 1), None)]


def folded(*lines, book="chifeng"):
    return plain.fold(ledger(*lines, book=book), RULEBOOKS)


def shown(file):
    return [
        (s["kind"], s["ground"], f"{s['from']:%y-%m-%d}", f"{s['until']:%y-%m-%d}") for s in answers.spans(file)
    ]


SUSPENSIONS = [
    ("9 in one score", [9], [("suspension", "single", "25-05-10", "25-07-10")]),
    ("10 in one score", [10], [("suspension", "single", "25-05-10", "25-09-10")]),
    ("11 in one score", [11], [("suspension", "single", "25-05-10", "25-11-10")]),
    ("6 and 4 add up", [6, 4], [("suspension", "accumulated", "25-05-10", "25-09-10")]),
    ("8 is no sanction", [8], []),
    ("12 in one score", [12], [("termination", "single", "25-05-10", "28-05-10")]),
    ("12 by 7 and 5", [7, 5], [("termination", "accumulated", "25-05-10", "26-05-10")]),
    (
        "9, then 3 the same day: the suspension never begins",
        [9, 3],
        [("termination", "accumulated", "25-05-10", "26-05-10")],
    ),
    ("7 and 5, then 12: the longer ban", [7, 5, 12], [("termination", "single", "25-05-10", "28-05-10")]),
    ("12, then 12 the same day: nothing more", [12, 12], [("termination", "single", "25-05-10", "28-05-10")]),
]


@pytest.mark.parametrize(
    ("points", "spans"), [case[1:] for case in SUSPENSIONS], ids=[case[0] for case in SUSPENSIONS]
)
def test_scores_of_one_day(points, spans):
    assert shown(folded(*[("score", "25-05-09", p) for p in points])) == spans


def test_the_day_of_approval_is_still_payable():
    file = folded(("score", "25-05-09", 9))
    assert answers.payable(file, ALWAYS, day("25-05-09")) == (True, "eligible")
    assert answers.payable(file, ALWAYS, day("25-05-10")) == (False, "suspended")
    assert answers.payable(file, ALWAYS, day("25-07-09")) == (False, "suspended")
    assert answers.payable(file, ALWAYS, day("25-07-10")) == (True, "eligible")
    assert answers.sanctioned_until(file, ALWAYS, day("25-06-01")) == day("25-07-10")
    assert answers.sanctioned_until(file, ALWAYS, day("25-05-09")) is None


def test_a_second_crossing_lets_the_suspension_grow():
    file = folded(("score", "25-05-09", 5), ("score", "25-05-09", 4), ("score", "25-07-08", 1))
    assert shown(file) == [("suspension", "accumulated", "25-05-10", "25-09-10")]


def test_a_second_crossing_after_the_end_opens_a_new_suspension_of_what_is_still_due():
    file = folded(("score", "25-05-09", 9), ("score", "25-07-09", 1))
    assert shown(file) == [
        ("suspension", "single", "25-05-10", "25-07-10"),
        ("suspension", "single", "25-07-10", "25-09-10"),
    ]


def test_liaoning_tells_accumulated_from_single():
    assert shown(folded(("score", "25-05-09", 5), ("score", "25-05-09", 4), book="liaoning")) == [
        ("suspension", "accumulated", "25-05-10", "25-06-10")
    ]
    assert shown(folded(("score", "25-05-09", 9), ("score", "25-05-20", 1), book="liaoning")) == [
        ("suspension", "single", "25-05-10", "25-09-10")
    ]


def test_hunan_starts_on_the_first_of_the_next_month():
    file = folded(("score", "25-12-09", 9), book="hunan")
    assert shown(file) == [("suspension", "single", "26-01-01", "26-03-01")]
    assert answers.state(file, ALWAYS, day("25-12-31")) == "normal"


def test_a_points_credit_lowers_the_total_and_lifts_nothing():
    file = folded(("score", "25-05-09", 10), ("points_credit", "25-06-01", 4))
    assert file["totals"] == {2025: 6}
    assert shown(file) == [("suspension", "single", "25-05-10", "25-09-10")]


def test_crossing_again_after_a_credit_imposes_only_what_was_not_yet_imposed():
    credited = [("score", "25-05-09", 10), ("points_credit", "25-06-01", 4)]
    served = [("suspension", "single", "25-05-10", "25-09-10")]
    assert shown(folded(*credited, ("score", "25-08-01", 4))) == served
    assert shown(folded(*credited, ("score", "25-08-01", 5))) == [
        ("suspension", "single", "25-05-10", "25-11-10")
    ]


def test_a_term_credit_stops_at_half_of_a_suspension():
    file = folded(("score", "25-05-09", 10), ("term_credit", "25-05-20", 50), ("term_credit", "25-05-20", 50))
    assert shown(file) == [("suspension", "single", "25-05-10", "25-07-10")]
    assert [t["consequence"] for t in file["trace"][1:]] == [("shortened", 50), ("shortened", 12)]


def test_a_term_credit_never_reaches_back_before_its_own_day():
    file = folded(("score", "25-05-09", 10), ("term_credit", "25-09-01", 30))
    assert shown(file) == [("suspension", "single", "25-05-10", "25-09-01")]


def test_half_of_an_odd_number_of_months_is_rounded_up():
    file = folded(("score", "25-05-09", 9), ("term_credit", "25-05-20", 90), book="liaoning")
    assert shown(file) == [("suspension", "single", "25-05-10", "25-07-10")]


def test_growth_keeps_the_days_that_were_credited():
    file = folded(("score", "25-05-09", 9), ("term_credit", "25-05-20", 10), ("score", "25-06-01", 1))
    assert shown(file) == [("suspension", "single", "25-05-10", "25-08-31")]


def test_the_floor_of_a_ban_counts_from_what_last_moved_its_end():
    bans = [("score", "25-05-09", 7), ("score", "25-05-09", 5), ("score", "25-08-09", 12)]
    file = folded(*bans, ("term_credit", "25-09-01", 1000))
    assert shown(file) == [("termination", "single", "25-05-10", "27-02-10")]


def test_a_shorter_ban_or_one_of_the_same_end_moves_nothing():
    year = [("score", "25-05-09", 12), ("score", "26-05-09", 7), ("score", "26-05-09", 5)]
    assert shown(folded(*year)) == [("termination", "single", "25-05-10", "28-05-10")]
    tie = [("score", "25-05-09", 12), ("score", "27-05-09", 7), ("score", "27-05-09", 5)]
    assert shown(folded(*tie)) == [("termination", "single", "25-05-10", "28-05-10")]
    later = [("score", "25-05-09", 12), ("score", "27-05-10", 7), ("score", "27-05-10", 5)]
    assert shown(folded(*later)) == [("termination", "accumulated", "25-05-10", "28-05-11")]


def test_a_term_credit_goes_to_the_termination_first():
    file = folded(("score", "25-05-09", 12), ("score", "26-01-09", 9), ("term_credit", "26-02-01", 10))
    assert shown(file) == [
        ("termination", "single", "25-05-10", "28-04-30"),
        ("suspension", "single", "26-01-10", "26-03-10"),
    ]


def test_a_termination_ends_the_suspensions_of_its_year_only():
    file = folded(("score", "25-12-09", 9), ("score", "26-01-09", 10), ("score", "26-01-20", 2))
    assert shown(file) == [
        ("suspension", "single", "25-12-10", "26-02-10"),
        ("suspension", "single", "26-01-10", "26-01-21"),
        ("termination", "accumulated", "26-01-21", "27-01-21"),
    ]


def test_two_years_run_side_by_side_and_the_state_lasts_as_long_as_either():
    file = folded(("score", "25-12-09", 10), ("score", "26-02-01", 9))
    assert answers.current_sanction(file, day("26-03-01"))["until"] == day("26-04-10")
    assert answers.current_sanction(file, day("26-04-01"))["from"] == day("25-12-10")
    assert answers.sanctioned_until(file, ALWAYS, day("26-03-01")) == day("26-04-10")


def test_terminated_until_answered_and_free_to_reapply_when_the_ban_is_over():
    lines = [("score", "25-05-09", 7), ("score", "25-05-09", 5)]
    file = folded(*lines)
    assert not answers.may_reapply(file, ALWAYS, day("26-05-09"))
    assert answers.may_reapply(file, ALWAYS, day("26-05-10"))
    assert answers.may_reapply_from(file, ALWAYS, day("25-06-01")) == day("26-05-10")
    assert answers.state(file, ALWAYS, day("27-01-01")) == "terminated"
    answered = folded(*lines, ("reregistration", "26-06-01"))
    assert answers.state(answered, ALWAYS, day("26-05-31")) == "terminated"
    assert answers.state(answered, ALWAYS, day("26-06-01")) == "normal"


def test_a_reregistration_starts_again_at_0_and_ends_suspensions():
    lines = [("score", "25-05-09", 12), ("score", "28-05-09", 9), ("reregistration", "28-05-20")]
    file = folded(*lines)
    assert file["totals"] == {2025: 0, 2028: 0}
    assert shown(file)[1:] == [("suspension", "single", "28-05-10", "28-05-20")]
    assert shown(folded(*lines, ("score", "28-06-01", 9)))[2:] == [
        ("suspension", "single", "28-06-02", "28-08-02")
    ]


def test_a_new_ban_after_an_answered_one_is_a_span_of_its_own():
    file = folded(
        ("score", "25-05-09", 7),
        ("score", "25-05-09", 5),
        ("reregistration", "26-05-10"),
        ("score", "26-05-10", 12),
    )
    assert shown(file) == [
        ("termination", "accumulated", "25-05-10", "26-05-10"),
        ("termination", "single", "26-05-11", "29-05-11"),
    ]
    assert answers.state(file, ALWAYS, day("26-05-10")) == "normal"


def test_the_year_is_that_of_the_decision_and_needs_no_act_to_turn():
    file = folded(("score", "25-12-31", 8), ("score", "26-01-05", 1, "25-12-30"), ("score", "26-01-05", 8))
    assert file["totals"] == {2025: 9, 2026: 8}
    assert shown(file) == [("suspension", "accumulated", "26-01-06", "26-03-06")]
    entries = ledger(("score", "25-12-31", 8), ("year_closed", "25-12-31"))
    assert answers.standing(entries, RULEBOOKS, ALWAYS, day("26-01-01"))["points"] == 0


def test_months_and_years_are_clipped_to_the_month_end():
    assert plain.add_months(date(2025, 1, 31), 1) == date(2025, 2, 28)
    assert plain.add_months(date(2028, 1, 31), 1) == date(2028, 2, 29)
    assert plain.add_months(date(2025, 11, 30), 3) == date(2026, 2, 28)
    assert plain.add_years(date(2028, 2, 29), 1) == date(2029, 2, 28)
    assert plain.add_months(date(2025, 12, 31), 12) == date(2026, 12, 31)


def test_a_correction_counts_from_the_start_but_is_known_only_from_its_own_moment():
    entries = ledger(
        ("score", "25-05-09", 12), ("correction", "25-08-01", 1, 8), ("correction", "25-09-01", 1, 0)
    )
    at = [e["recorded_at"] for e in entries]
    assert (
        shown(plain.fold(entries, RULEBOOKS, known_at=at[1] - timedelta(microseconds=1)))[0][0]
        == "termination"
    )
    assert plain.fold(entries, RULEBOOKS, known_at=at[1])["totals"] == {2025: 8}
    assert plain.fold(entries, RULEBOOKS, revision=2)["totals"] == {2025: 8}
    assert answers.totals_on(entries, RULEBOOKS, day("25-05-09")) == {2025: 0}
    assert shown(plain.fold(entries, RULEBOOKS)) == []


def test_a_warning_is_the_highest_tier_crossed_and_comes_once_a_year():
    lines = [("score", "25-02-01", 7), ("points_credit", "25-02-02", 4), ("points_credit", "25-02-03", 1)]
    file = folded(*lines, ("score", "25-03-01", 1), ("score", "25-03-02", 3), ("score", "26-03-02", 3))
    assert [t["consequence"] for t in file["trace"]] == [
        ("warning", 6),
        None,
        None,
        ("warning", 3),
        None,
        ("warning", 3),
    ]


def test_the_gate_of_points_credits():
    def grant(when, asked, *lines):
        return gates.grant_points(ledger(*lines), RULEBOOKS, day(when), asked, CHIFENG)

    assert grant("25-06-01", 4, ("score", "25-05-09", 3)) == (3, None)
    assert grant("25-06-01", 4, ("score", "25-05-09", 9), ("points_credit", "25-05-10", 3)) == (1, None)
    assert grant("25-06-01", 1, ("score", "25-05-09", 9), ("points_credit", "25-05-10", 4)) == (
        0,
        "credit_cap_reached",
    )
    assert grant("26-06-01", 1, ("score", "25-05-09", 9)) == (0, "nothing_to_credit")
    assert grant("25-05-09", 1, ("score", "25-05-09", 12)) == (0, "terminated")
    assert grant("28-06-09", 1, ("score", "25-05-09", 12)) == (0, "terminated")


def test_the_gate_of_term_credits():
    def grant(when, asked, *lines):
        return gates.grant_days(ledger(*lines), RULEBOOKS, day(when), asked)

    assert grant("25-05-09", 10, ("score", "25-05-09", 9)) == (0, "nothing_to_credit")
    assert grant("25-05-10", 10, ("score", "25-05-09", 9)) == (10, None)
    assert grant("25-07-05", 10, ("score", "25-05-09", 9)) == (5, None)
    assert grant("25-05-20", 10, ("score", "25-05-09", 9), ("score", "25-05-20", 3)) == (0, "terminated")
    assert grant("25-05-21", 10, ("score", "25-05-09", 9), ("score", "25-05-20", 3)) == (10, None)
    assert grant("26-05-21", 10, ("score", "25-05-09", 9), ("score", "25-05-20", 3)) == (
        0,
        "nothing_to_credit",
    )


def test_the_gate_of_reregistration():
    def refusal(when, *lines):
        return gates.refuse_reregistration(ledger(*lines), RULEBOOKS, day(when))

    banned = [("score", "25-05-09", 7), ("score", "25-05-09", 5)]
    assert refusal("25-05-09", *banned) == "not_terminated"
    assert refusal("26-05-09", *banned) == "ban_running"
    assert refusal("26-05-10", *banned) is None
    assert refusal("26-05-10", *banned, ("score", "26-04-09", 9)) == "suspension_running"
    assert refusal("26-05-10", *banned, ("score", "26-05-10", 9)) == "sanction_pending"


def test_leaving_and_returning_keep_what_runs():
    file = folded(("score", "25-05-09", 9))
    away = [(day("25-01-01"), day("25-05-20")), (day("25-06-01"), None)]
    assert [answers.state(file, away, day(d)) for d in ("25-05-19", "25-05-20", "25-06-01")] == [
        "suspended",
        "not_registered",
        "suspended",
    ]
    assert answers.current_sanction(file, day("25-05-25"))["kind"] == "suspension"


def test_the_reasons_of_a_claim_line_come_in_their_order():
    here = {"agreements": [(day("25-01-01"), day("26-01-01"))], "affiliations": [(day("25-02-01"), None)]}
    file = folded(("score", "25-05-09", 9), ("score", "25-06-01", 3))

    def answer(when, file=file, registrations=ALWAYS, **asked):
        return answers.payable(file, registrations, day(when), **asked)

    assert answer("25-05-20", file=None) == (False, "unknown_practitioner")
    assert answer("24-12-31", institution=here) == (False, "not_registered")
    assert answer("26-01-01", institution=here, emergency=True) == (False, "institution_not_contracted")
    assert answer("25-01-20", institution=here) == (False, "not_affiliated")
    assert answer("25-05-20", institution=here, emergency=True) == (True, "emergency_exception")
    assert answer("25-06-02", emergency=True) == (True, "emergency_exception")
    assert answer("25-06-02", emergency=True, emergency_covers_termination=False) == (False, "terminated")
    assert answer("25-05-20", institution=here) == (False, "suspended")
    assert answer("25-03-01", institution=here, emergency=True) == (True, "eligible")
