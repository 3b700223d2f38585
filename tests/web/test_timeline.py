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


def span_of(kind, start, until, **state):
    """A span whose state ends with it, if nothing else is said."""
    return Span(kind=kind, start=start, until=until, **({"state_until": until} | state))


def bars(*spans, width=WIDE, year=2025):
    return draw(year, width, steps=(), spans=spans, rulebook=CHIFENG, today=TODAY).bars


def test_a_long_span_holds_its_label():
    (bar,) = bars(span_of("suspension", date(2025, 3, 1), date(2025, 9, 1)))
    assert (bar.anchor, bar.label_x) == ("start", bar.x + 8)


def test_a_short_span_has_its_label_beside_it():
    early = span_of("suspension", date(2025, 2, 1), date(2025, 3, 1))
    late = span_of("termination", date(2025, 11, 29), date(2026, 11, 29))
    first, second = bars(early, late)
    assert (first.anchor, first.label_x) == ("start", first.x + first.width + 6)
    assert (second.anchor, second.label_x) == ("end", second.x - 6)


def test_an_appeal_that_runs_reaches_to_today():
    (bar,) = bars(span_of("appeal", date(2025, 11, 13), None))
    (ended,) = bars(span_of("appeal", date(2025, 11, 13), TODAY))
    assert bar.width == ended.width > 3


def test_a_state_that_outlasts_its_term_is_drawn_on_to_its_end_or_to_today():
    term = date(2025, 3, 1), date(2025, 9, 1)
    (ended,) = bars(span_of("suspension", *term))
    (waiting,) = bars(span_of("suspension", *term, state_until=None))
    (resumed,) = bars(span_of("suspension", *term, state_until=date(2025, 10, 1)))
    assert ended.rest == 0
    assert ended.width == waiting.width == resumed.width
    assert waiting.rest > resumed.rest > 0
    (today,) = bars(span_of("appeal", term[0], TODAY))
    assert round(waiting.width + waiting.rest, 1) == today.width


def test_a_term_of_last_year_whose_state_holds_is_drawn_as_state_alone():
    (bar,) = bars(span_of("suspension", date(2024, 6, 1), date(2024, 9, 1), state_until=None))
    assert bar.width == 0
    assert bar.rest > 0


def test_a_term_that_goes_on_is_drawn_to_its_end():
    (bar,) = bars(span_of("suspension", date(2025, 11, 1), date(2025, 12, 20), state_until=None))
    assert bar.rest == 0


def test_a_measure_without_an_end_that_is_still_to_begin_has_a_mark():
    (bar,) = bars(span_of("suspension", date(2025, 12, 1), None))
    assert (bar.width, bar.rest) == (3, 0)


def test_a_span_of_another_year_is_not_drawn():
    gone = span_of("suspension", date(2024, 2, 1), date(2024, 4, 1))
    running = span_of("appeal", date(2024, 12, 20), date(2025, 1, 10))
    assert [bar.span for bar in bars(gone, running)] == [running]


@given(start=DAYS, days=st.integers(1, 1100), width=st.sampled_from([WIDE, NARROW]))
def test_a_label_stays_within_the_drawing(start, days, width):
    span = span_of("termination", start, start + timedelta(days=days))
    (bar,) = bars(span, width=width)
    room = LABEL_ROOM if span.last.year == 2025 else LABEL_ROOM_WITH_YEAR
    left = bar.label_x - room if bar.anchor == "end" else bar.label_x
    assert -6 <= left <= width - room + 8
