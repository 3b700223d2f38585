"""Registry rows of two files as one: registered, committed, affiliated and a pharmacy's principal if either was."""

from datetime import UTC, date, datetime

import pytest

from scoring_service.core.merging import laid_affiliations, laid_registrations
from scoring_service.core.registry import AffiliationVersion, RegistrationVersion
from scoring_service.core.standing import Span

SEEN = datetime(2025, 1, 1, tzinfo=UTC)
PRINCIPAL = "pharmacy_principal"


def day(text):
    return None if text is None else date.fromisoformat(f"2025-{text}")


def registered(name, start, until=None, *, category="doctor", signed=None):
    span = Span(day(start), day(until))
    row = {"span_id": name, "revision": 1, "recorded_at": SEEN, "span": span, "category": category}
    return RegistrationVersion(**row, commitment_signed_on=day(signed))


def affiliated(name, place, start, until=None):
    span = Span(day(start), day(until))
    return AffiliationVersion(
        span_id=name, revision=1, recorded_at=SEEN, span=span, institution=place, region="150402"
    )


def laid(standing, merged):
    return [
        (
            supersedes,
            f"{row.span.start:%m-%d}",
            row.span.until and f"{row.span.until:%m-%d}",
            row.category,
            row.commitment_signed_on and f"{row.commitment_signed_on:%m-%d}",
        )
        for supersedes, row in laid_registrations(standing, merged)
    ]


@pytest.mark.parametrize(
    ("standing", "merged", "expected"),
    [
        ([registered("a", "01-01")], [registered("b", "02-01")], []),
        ([registered("a", "03-01")], [registered("b", "01-01")], [(None, "01-01", "03-01", "doctor", None)]),
        (
            [registered("a", "03-01", "05-01")],
            [registered("b", "01-01")],
            [(None, "01-01", "03-01", "doctor", None), (None, "05-01", None, "doctor", None)],
        ),
        (
            [registered("a", "01-01", signed="04-01")],
            [registered("b", "02-01", "06-01", signed="03-01")],
            [
                ("a", "01-01", "02-01", "doctor", "04-01"),
                (None, "02-01", "06-01", "doctor", "03-01"),
                (None, "06-01", None, "doctor", "04-01"),
            ],
        ),
        (
            [registered("a", "01-01")],
            [registered("b", "01-01", category=PRINCIPAL)],
            [("a", "01-01", None, PRINCIPAL, None)],
        ),
        ([registered("a", "01-01", category=PRINCIPAL)], [registered("b", "01-01")], []),
        ([], [registered("b", "01-01", "02-01", signed="01-01")], [(None, "01-01", "02-01", "doctor", "01-01")]),
    ],
)
def test_registrations_unite_day_by_day(standing, merged, expected):
    assert laid(standing, merged) == expected


@pytest.mark.parametrize(
    ("standing", "merged", "expected"),
    [
        ([affiliated("a", "H1", "01-01")], [affiliated("b", "H1", "02-01", "03-01")], []),
        ([affiliated("a", "H1", "02-01")], [affiliated("b", "H1", "01-01", "03-01")], [("a", "01-01", None)]),
        ([affiliated("a", "H1", "02-01")], [affiliated("b", "H2", "01-01")], [(None, "01-01", None)]),
        ([affiliated("a", "H1", "02-01")], [affiliated("b", "H1", "01-01", "02-01")], [(None, "01-01", "02-01")]),
        (
            [affiliated("a", "H1", "01-01", "02-01"), affiliated("c", "H1", "05-01")],
            [affiliated("b", "H1", "01-15", "06-01")],
            [("a", "01-01", None), ("c", "05-01", "05-01")],
        ),
    ],
)
def test_affiliations_at_one_institution_that_share_a_day_become_one(standing, merged, expected):
    rows = laid_affiliations(standing, merged)
    assert [
        (name, f"{row.span.start:%m-%d}", row.span.until and f"{row.span.until:%m-%d}") for name, row in rows
    ] == expected
