"""A year under another law: which warnings and sanctions would have been others, and how they are counted."""

from dataclasses import replace
from datetime import timedelta

from core_files import LOW, NEXT_MONTH, RULEBOOK, File, day

from scoring_service.core.rulebook import WarningTier
from scoring_service.core.simulated_counts import Counts, Group, Place, Tally
from scoring_service.core.simulation import simulate

HERE, THERE = Place("H1", "doctor"), Place("H2", "nurse")
LONGER = replace(
    RULEBOOK,
    sha256="1" * 64,
    suspension_months={ground: {points: months + 2 for points, months in row.items()}
                       for ground, row in RULEBOOK.suspension_months.items()},
)  # fmt: skip
STRICTER = replace(LOW, sha256="2" * 64)
WARNS_AT_FIVE = replace(RULEBOOK, sha256="3" * 64, warnings=(WarningTier(points=5, measure="talk"),))


def tried(file, other, year=2025):
    return simulate(file.entries, year, {RULEBOOK.sha256: other})


def spans(changes):
    return [tuple(span and (span.start, span.until) for span in change) for change in changes]


def counted(*files):
    tally = Tally()
    for simulated, places in files:
        tally.add(simulated, places)
    tally.reduce()
    return tally, tally.compared()


def test_under_the_law_that_was_in_force_nothing_is_other():
    file = File().score(4, "03-01").score(5, "04-01").term_credit(5, "04-05").correct(1, 2, "04-10")
    simulated = tried(file, RULEBOOK)
    assert simulated.before is simulated.after
    assert not simulated.is_changed


def test_a_longer_term_is_told_with_what_it_was():
    simulated = tried(File().score(4, "03-01").score(5, "04-01"), LONGER)
    assert spans(simulated.changes()) == [((day("04-02"), day("05-02")), (day("04-02"), day("07-02")))]


def test_entries_of_another_year_keep_their_law():
    file = File().score(9, "2024-12-20").score(9, "2026-01-10")
    assert not tried(file, LONGER).is_changed
    assert spans(tried(file, LONGER, 2026).changes()) == [
        ((day("2026-01-11"), day("2026-04-11")), (day("2026-01-11"), day("2026-06-11")))
    ]


def test_a_credit_and_a_resumption_are_left_as_they_were_made():
    file = File(replace(RULEBOOK, sha256=RULEBOOK.sha256)).score(9, "03-01").term_credit(10, "03-10")
    before, after = next(iter(tried(file, LONGER).changes()))
    assert (before.credited_days, after.credited_days) == (10, 10)
    assert after.until == day("08-02") - timedelta(days=10)


def test_a_warning_that_would_not_have_been_given_is_a_change():
    simulated = tried(File().score(3, "03-01").score(1, "05-01"), WARNS_AT_FIVE)
    assert [(warned.on, warned.points) for warned in simulated.before.warnings] == [(day("03-01"), 3)]
    assert simulated.after.warnings == ()
    assert simulated.is_changed
    assert simulated.changes() == ()


def test_persons_count_once_in_each_group_and_days_in_the_group_of_the_last_score():
    file = File().score(4, "03-01").score(5, "04-01").score(1, "04-10")
    simulated = tried(file, LONGER)
    tally, groups = counted((simulated, [HERE, HERE, THERE]))
    # 9 points: 1 month, 10: 2 months from the first; under the longer law 3 and 4.
    before = (day("06-02") - day("04-02")).days
    after = (day("08-02") - day("04-02")).days
    whole = Counts(person_times=3, warned=1, suspended=1, suspended_days=before)
    assert groups[Group("", "")] == (whole, replace(whole, suspended_days=after))
    assert groups[Group("institution", "H1")] == (Counts(person_times=2, warned=1),) * 2
    assert groups[Group("institution", "H2")][1] == Counts(person_times=1, suspended=1, suspended_days=after)
    assert groups[Group("category", "doctor")][0] == Counts(person_times=2, warned=1)
    assert (tally.persons, tally.changed, tally.outside) == (1, 1, 0)


def test_a_score_outside_every_band_of_the_other_law_is_told():
    other = replace(STRICTER, bands=(replace(RULEBOOK.bands[0], lowest=1, highest=8),))
    tally, groups = counted((tried(File().score(10, "03-01"), other), [HERE]))
    assert tally.outside == 1
    assert groups[Group("band", "outside")] == (Counts(), groups[Group("", "")][1])
    assert groups[Group("band", "heavy")][1] == Counts()


def test_a_score_corrected_to_nothing_is_no_person_time():
    file = File().score(9, "03-01").correct(1, 0, "03-05").score(2, "06-01")
    _tally, groups = counted((tried(file, LONGER), [HERE, THERE]))
    assert groups[Group("", "")] == (Counts(person_times=1),) * 2


def test_a_measure_that_begins_later_is_counted_by_itself():
    file = File().measure("suspension", "03-10", until="06-01").score(2, "03-10")
    next_month = replace(NEXT_MONTH, sha256="4" * 64)
    simulated = tried(file, next_month)
    assert spans(simulated.changes()) == [
        ((day("03-11"), day("06-01")), (day("04-01"), day("06-01"))),
    ]
    _tally, groups = counted((simulated, [HERE, HERE]))
    assert groups[Group("", "")] == (Counts(person_times=1, measures=1),) * 2


def test_counts_of_parts_join_to_those_of_the_whole():
    one = tried(File().score(4, "03-01").score(5, "04-01"), LONGER), [HERE, THERE]
    same = tried(File().score(3, "03-01"), LONGER), [THERE]
    whole, groups = counted(one, same)
    parted, _ = counted(one)
    other, _ = counted(same)
    parted.join(other)
    assert parted.compared() == groups
    assert (parted.persons, parted.changed) == (whole.persons, whole.changed) == (2, 1)
