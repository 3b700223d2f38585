"""The drawing of a year: where spans lie, and that no label lies across the end of its span."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st
from own_law import RULEBOOKS

from scoring_service.web.person.person_file import NARROW, WIDE
from scoring_service.web.person.timeline import LABEL_ROOM, LABEL_ROOM_WITH_YEAR, Span, draw

CHIFENG = RULEBOOKS.resolve("chifeng", date(2025, 1, 1))
TODAY = date(2025, 11, 26)
DAYS = st.integers(0, 364).map(lambda days: date(2025, 1, 1) + timedelta(days=days))


def bars(*spans, width=WIDE, year=2025):
    return draw(year, width, steps=(), spans=spans, rulebook=CHIFENG, today=TODAY).bars


def test_a_long_span_holds_its_label():
    (bar,) = bars(Span(kind="suspension", start=date(2025, 3, 1), until=date(2025, 9, 1)))
    assert (bar.anchor, bar.label_x) == ("start", bar.x + 8)


def test_a_short_span_has_its_label_beside_it():
    early = Span(kind="suspension", start=date(2025, 2, 1), until=date(2025, 3, 1))
    late = Span(kind="termination", start=date(2025, 11, 29), until=date(2026, 11, 29))
    first, second = bars(early, late)
    assert (first.anchor, first.label_x) == ("start", first.x + first.width + 6)
    assert (second.anchor, second.label_x) == ("end", second.x - 6)


def test_an_appeal_that_runs_reaches_to_today():
    (bar,) = bars(Span(kind="appeal", start=date(2025, 11, 13), until=None))
    (ended,) = bars(Span(kind="appeal", start=date(2025, 11, 13), until=TODAY))
    assert bar.width == ended.width > 3


def test_a_span_of_another_year_is_not_drawn():
    gone = Span(kind="suspension", start=date(2024, 2, 1), until=date(2024, 4, 1))
    running = Span(kind="appeal", start=date(2024, 12, 20), until=date(2025, 1, 10))
    assert [bar.span for bar in bars(gone, running)] == [running]


@given(start=DAYS, days=st.integers(1, 1100), width=st.sampled_from([WIDE, NARROW]))
def test_a_label_stays_within_the_drawing(start, days, width):
    span = Span(kind="termination", start=start, until=start + timedelta(days=days))
    (bar,) = bars(span, width=width)
    room = LABEL_ROOM if span.last.year == 2025 else LABEL_ROOM_WITH_YEAR
    left = bar.label_x - room if bar.anchor == "end" else bar.label_x
    assert -6 <= left <= width - room + 8
