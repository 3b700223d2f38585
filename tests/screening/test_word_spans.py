"""The spans of the core say of every day what the single answer says of it (scheme.md 2.5)."""

from collections import Counter
from functools import partial
from itertools import pairwise
from random import Random

import pytest
from screening.random_profiles import (
    PLACES,
    VariedLaw,
    edge_days,
    random_day,
    random_institutions,
    random_profile,
)

from scoring_service.core.payable import Reason
from scoring_service.core.screening import Candidate, principal_spans, reason_of, united, word_spans
from scoring_service.core.standing import Span, covered
from scoring_service.services.eligibility.answer import judge, make_check
from scoring_service.services.standing.reading import rulebook_on

PROFILES, PROFILES_IN_A_SOAK = 250, 20_000
PHARMACY = PLACES[-1]


def word_on(spans, day):
    """The one span that covers a day: they are disjoint."""
    covering = [span for span in spans if Span(*span[:2]).covers(day)]
    assert len(covering) <= 1
    return covering[0] if covering else None


def judged(law, profile, institutions, *, day, place, emergency, ref="D150402000001"):
    check = make_check(ref, str(day), day, place, emergency=emergency)
    answer = judge(law, check, revision=1, profile=profile, institution=institutions.get(place), told_at="")
    return answer.reason, answer.until


def screened(span, agreements, affiliated, *, day, place, emergency):
    contracted = None if place is None else covered(agreements, day)
    word, until = (None, None) if span is None else span[2:]
    reason = reason_of(word, known=True, contracted=contracted, affiliated=affiliated, emergency=emergency)
    return reason, until


def check_profile(rng, counted):
    law, profile, institutions = VariedLaw(rng), random_profile(rng), random_institutions(rng)
    spans = word_spans(profile, partial(rulebook_on, law), law.days_of_change())
    assert all(some.until is not None and some.until <= other.start for some, other in pairwise(spans))
    for day in {*edge_days(profile), *law.days, *(random_day(rng) for _ in range(8))}:
        for place in (None, *PLACES):
            line = {"day": day, "place": place, "emergency": rng.random() < 0.5}
            there = united(row.span for row in profile.affiliations if row.institution == place)
            agreements = united(institutions[place].agreements) if place in institutions else ()
            affiliated = None if place is None else covered(there, day)
            told = screened(word_on(spans, day), agreements, affiliated, **line)
            assert told == judged(law, profile, institutions, **line), (profile, line)
            counted[told[0]] += 1


def check_pharmacy(rng, counted):
    """The principal of a day is chosen among several as services/eligibility/checks.py chooses."""
    law = VariedLaw(rng)
    people = {f"person {number}": random_profile(rng) for number in range(rng.randrange(4))}
    words = partial(word_spans, rulebook_on=partial(rulebook_on, law), law_days=law.days_of_change())
    spans = principal_spans(PHARMACY, [Candidate(name, each, words(each)) for name, each in people.items()])
    days = {random_day(rng), *(day for profile in people.values() for day in edge_days(profile))}
    for day in days:
        there = [
            (max(row.span.start for row in each.affiliations if row.institution == PHARMACY and row.span.covers(day)), name)
            for name, each in people.items()
            if each.is_principal_of(PHARMACY, day)
        ]
        span, institutions = word_on(spans, day), random_institutions(rng)
        line = {"day": day, "place": PHARMACY, "emergency": rng.random() < 0.5}
        agreements = united(institutions[PHARMACY].agreements) if PHARMACY in institutions else ()
        told = screened(span, agreements, True, **line)
        if there:
            principal = people[max(there)[1]]
            assert told == judged(law, principal, institutions, ref=None, **line)
        else:
            assert (span, told) == (None, (Reason.NOT_REGISTERED, None))
        counted[f"pharmacy {told[0]}"] += 1


def check_spans(seed, how_many):
    rng, counted = Random(f"spans {seed}"), Counter()
    for _ in range(how_many):
        check_profile(rng, counted)
        check_pharmacy(rng, counted)
    print(f"{counted.total():,} lines:", dict(counted))  # noqa: T201 -- the counts are the finding.
    assert set(Reason) - {Reason.UNKNOWN_PRACTITIONER} <= set(counted)


def test_spans_say_of_every_day_what_the_single_answer_says():
    check_spans(1, PROFILES)


@pytest.mark.soak
def test_spans_say_the_same_of_very_many_profiles():
    check_spans(2, PROFILES_IN_A_SOAK)


def test_the_short_way_of_a_file_without_sanctions_is_the_long_one():
    rng = Random("short")
    for _ in range(300):
        law, profile = VariedLaw(rng), random_profile(rng)._replace(sanctions=(), without_commitment=())
        words = partial(word_spans, rulebook_on=partial(rulebook_on, law), law_days=law.days_of_change())
        elsewhere = Span(random_day(rng).replace(year=1990), random_day(rng).replace(year=1991))
        assert words(profile) == words(profile._replace(without_commitment=(elsewhere,)))
