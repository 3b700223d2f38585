"""Profiles, laws and claim lines at random: all that `judge` looks at, in every constellation."""

from dataclasses import replace
from datetime import date, timedelta
from functools import cache

from own_law import RULEBOOKS

from scoring_service.core.registry import PRINCIPAL, Affiliation, Profile, Registration
from scoring_service.core.rulebook import Ground
from scoring_service.core.sanctions import Sanction, SanctionKind, in_order
from scoring_service.core.standing import Span
from scoring_service.db.eligibility import KnownInstitution

FIRST = date(2024, 12, 1)
REGIONS = {"H15040200001": "150402", "H21010200001": "210102", "H43010200001": "430102", "P15040200001": "150402"}
PLACES = tuple(REGIONS)
BOOKS = ("chifeng", "liaoning", "hunan", "national")


class VariedLaw:
    """The shipped overlays with the three settings that an answer looks at drawn anew, changing on days of the year."""

    def __init__(self, rng):
        self.days = sorted({random_day(rng) for _ in range(3)})
        self._settings = {
            (book, period): {
                "emergency_covers_termination": rng.random() < 0.5,
                "resumption_pays_after_term": rng.random() < 0.5,
                "commitment_unpaid_without": rng.random() < 0.5,
            }
            for book in (*BOOKS, "tianjin")
            for period in range(4)
        }
        self.resolve_for_reading = cache(self._resolve)

    def _resolve(self, book, day):
        period = sum(start <= day for start in self.days)
        return replace(RULEBOOKS.resolve_for_reading(book, day), **self._settings[book, period])

    def for_reading(self, division, day):
        return self.resolve_for_reading(RULEBOOKS.id_for_division(division), day)

    def days_of_change(self):
        return {*self.days, *RULEBOOKS.days_of_change()}


def random_day(rng):
    return FIRST + timedelta(days=rng.randrange(420))


def random_span(rng):
    start = random_day(rng)
    return Span(start, None if rng.random() < 0.4 else start + timedelta(days=rng.randrange(1, 200)))


def random_sanction(rng):
    span, kind = random_span(rng), rng.choice([SanctionKind.SUSPENSION, SanctionKind.SUSPENSION, SanctionKind.TERMINATION])
    ground = rng.choice(list(Ground))
    late = None if rng.random() < 0.4 else (span.until or random_day(rng)) + timedelta(days=rng.randrange(30))
    ends = {"until": span.until, "state_until": late if late is None or late > span.start else span.start}
    return Sanction(
        kind=kind, ground=ground, start=span.start, year=rng.choice([None, 2025]), imposed_months=2,
        floor_from=span.start, measure="measure" if ground is Ground.MEASURE else None, **ends,
    )  # fmt: skip


def random_profile(rng):
    affiliations = tuple(
        Affiliation(place, REGIONS[place], random_span(rng)) for place in rng.choices(PLACES, k=rng.randrange(4))
    )
    registered = tuple(
        Registration(rng.choice(["doctor", PRINCIPAL]), random_span(rng)) for _ in range(rng.choice([0, 1, 1, 1, 2]))
    )
    has_sanctions, has_gaps = rng.random() < 0.6, rng.random() < 0.4
    return Profile(
        registrations=registered,
        affiliations=affiliations,
        sanctions=in_order([random_sanction(rng) for _ in range(rng.randrange(1, 4))]) if has_sanctions else (),
        scored_under=tuple(sorted((random_day(rng), rng.choice(BOOKS)) for _ in range(rng.randrange(3)))),
        without_commitment=tuple(sorted((random_span(rng) for _ in range(2)), key=lambda span: span.start)) if has_gaps else (),
    )


def random_institutions(rng):
    """Of the places some are unknown, some without an agreement."""
    return {
        code: KnownInstitution(
            code=code, kind="hospital" if code[0] == "H" else "pharmacy",
            agreements=tuple(random_span(rng) for _ in range(rng.randrange(3))),
        )
        for code in PLACES if rng.random() < 0.8
    }  # fmt: skip


def edge_days(profile):
    """The days on which something begins or ends, and those before them."""
    spans = [*(row.span for row in (*profile.registrations, *profile.affiliations)), *profile.without_commitment]
    days = {day for span in spans for day in span if day}
    days |= {day for each in profile.sanctions for day in (each.start, each.until, each.state_until) if day}
    days |= {day for day, _book in profile.scored_under}
    return sorted(days | {day - timedelta(days=1) for day in days})
