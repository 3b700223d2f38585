"""Registrations and affiliations in time, as they were known, and what follows from a day (scheme.md 2.2 and 2.4)."""

from datetime import timedelta

import pytest
from core_files import OPENED, day

from scoring_service.core.registry import (
    PRINCIPAL,
    Affiliation,
    Profile,
    Registration,
    RegistrationVersion,
    SpanVersion,
    days_without_commitment,
    known_versions,
)
from scoring_service.core.standing import Span

HOUR = timedelta(hours=1)
CITY, DISTRICT, FAR = "H15040200001", "H15040200002", "P43110000001"


def span(start, until=None):
    return Span(day(start), day(until) if until else None)


SINCE_NEW_YEAR = span("01-01")


def version(span_id, revision, of):
    return SpanVersion(span_id=span_id, revision=revision, recorded_at=OPENED + revision * HOUR, span=of)


FIRST, OTHER = version("a", 1, span("01-01")), version("b", 2, span("02-01"))
ENDED, EMPTIED = version("a", 3, span("01-01", "05-01")), version("b", 4, span("02-01", "02-01"))
VERSIONS = [EMPTIED, ENDED, OTHER, FIRST]


@pytest.mark.parametrize(
    ("known_at", "revision", "expected"),
    [
        (None, None, [ENDED]),
        (OPENED, None, []),
        (OPENED + HOUR, None, [FIRST]),
        (OPENED + 3 * HOUR, None, [ENDED, OTHER]),
        (OPENED + 4 * HOUR, None, [ENDED]),
        (OPENED + 4 * HOUR, 2, [FIRST, OTHER]),
        (OPENED + HOUR, 3, [FIRST]),
        (None, 0, []),
    ],
)
def test_the_last_known_version_of_each_span_holds(known_at, revision, expected):
    assert known_versions(VERSIONS, known_at, revision) == expected


def profile(*affiliations, category="doctor", registered=SINCE_NEW_YEAR, scored=()):
    return Profile(
        registrations=(Registration(category, registered),),
        affiliations=tuple(Affiliation(*one) for one in affiliations),
        sanctions=(),
        scored_under=tuple((day(on), rulebook) for on, rulebook in scored),
    )


@pytest.mark.parametrize(("on", "holds"), [("02-28", False), ("03-01", True), ("05-31", True), ("06-01", False)])
def test_a_span_holds_from_its_first_day_to_the_day_before_its_until(on, holds):
    one = profile((CITY, "150402", span("03-01", "06-01")), registered=span("03-01", "06-01"))
    assert one.registered_on(day(on)) is holds
    assert one.affiliated(CITY, day(on)) is holds
    assert one.region_on(day(on)) == ("150402" if holds else None)
    assert not one.affiliated(DISTRICT, day(on))


def test_an_open_span_holds_on():
    one = profile((CITY, "150402", span("03-01")))
    assert one.registered_on(day("2035-01-01"))
    assert one.affiliated(CITY, day("2035-01-01"))
    assert one.region_on(day("2035-01-01")) == "150402"


@pytest.mark.parametrize(
    ("on", "region"),
    [("03-01", "150402"), ("04-01", "150402"), ("06-01", "150403"), ("09-01", None)],
)
def test_the_region_is_that_of_the_first_institution_of_the_day_by_start_then_code(on, region):
    one = profile(
        (FAR, "431100", span("04-01", "09-01")),
        (CITY, "150402", span("03-01", "06-01")),
        (DISTRICT, "150403", span("04-01", "09-01")),
    )
    assert one.region_on(day(on)) == region


@pytest.mark.parametrize(
    ("on", "rulebook"), [("02-28", None), ("03-01", "hunan"), ("03-31", "hunan"), ("04-01", "tianjin")]
)
def test_the_last_score_effective_by_the_day_names_its_rulebook(on, rulebook):
    one = profile(scored=[("03-01", "hunan"), ("04-01", "tianjin")])
    assert one.last_scored_under(day(on)) == rulebook


def test_a_principal_is_registered_as_one_and_at_this_pharmacy():
    at_pharmacy = (FAR, "431100", span("03-01", "06-01"))
    principal = profile(at_pharmacy, category=PRINCIPAL, registered=span("01-01", "05-01"))
    assert [principal.is_principal_of(FAR, day(on)) for on in ("02-28", "03-01", "04-30", "05-01")] == [
        False,
        True,
        True,
        False,
    ]
    assert not principal.is_principal_of(CITY, day("03-01"))
    assert not profile(at_pharmacy, category="pharmacist").is_principal_of(FAR, day("03-01"))


@pytest.mark.parametrize(
    ("registered", "signed_on", "without"),
    [
        (span("03-01", "06-01"), None, span("03-01", "06-01")),
        (span("03-01"), None, span("03-01")),
        (span("03-01"), "02-20", None),
        (span("03-01"), "03-01", None),
        (span("03-01"), "03-02", span("03-01", "03-02")),
        (span("03-01", "06-01"), "05-31", span("03-01", "05-31")),
        (span("03-01", "06-01"), "06-01", span("03-01", "06-01")),
        (span("03-01", "06-01"), "09-01", span("03-01", "06-01")),
    ],
)
def test_the_days_before_a_commitment_was_signed(registered, signed_on, without):
    assert days_without_commitment([registration(1, registered, signed_on)]) == ((without,) if without else ())


def test_each_registration_has_a_commitment_of_its_own():
    rows = [registration(1, span("05-01"), None), registration(2, span("01-01", "03-01"), "01-10")]
    assert days_without_commitment(rows) == (span("01-01", "01-10"), span("05-01"))


def registration(revision, of, signed_on):
    row = {"span_id": str(revision), "revision": revision, "recorded_at": OPENED, "span": of, "category": "doctor"}
    return RegistrationVersion(**row, commitment_signed_on=signed_on and day(signed_on))


def test_a_principal_may_have_been_something_else_before():
    one = profile((FAR, "431100", span("01-01")), category="pharmacist", registered=span("01-01", "03-01"))
    later = one._replace(registrations=(*one.registrations, Registration(PRINCIPAL, span("04-01"))))
    assert [later.is_principal_of(FAR, day(on)) for on in ("02-01", "03-15", "04-01")] == [False, False, True]
