"""A list narrowed, sorted and read page by page is what plain Python makes of all its rows."""

from datetime import date, datetime, timedelta
from itertools import count as counting
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Date, DateTime, Integer, MetaData, Table, Text, delete, insert, select

from scoring_service.core.civil import CIVIL_ZONE, civil_day, midnight
from scoring_service.services.unit_of_work.fields import (
    Due,
    Field,
    FieldKind,
    due_days,
    due_field,
    narrowed,
    own_field,
    parameters,
    sorted_by,
    sorts,
)
from scoring_service.services.unit_of_work.listing import Listing, count_each, every_page, read_page

THINGS = Table(
    "listed_things",
    MetaData(),
    Column("id", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("points", Integer),
    Column("due_on", Date),
    Column("made_at", DateTime(timezone=True), nullable=False),
    prefixes=["TEMPORARY"],
)
THING = THINGS.c
TODAY = date(2025, 6, 4)
FIELDS = {
    "state": Field(kind=FieldKind.CHOICE, column=THING.state, choices=("open", "done")),
    "place": Field(kind=FieldKind.DIVISION, column=THING.place),
    "points": Field(column=THING.points),
    "twice": Field(column=THING.points * 2),
    "due_on": Field(kind=FieldKind.DAY, column=THING.due_on),
    "due": due_field(THING.due_on, runs=THING.state == "open"),
    "made_at": Field(kind=FieldKind.INSTANT, column=THING.made_at),
    "mine": own_field(lambda _work: THING.place == "1504"),
}
DAYS = st.dates(TODAY - timedelta(days=9), TODAY + timedelta(days=9))
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "state": st.sampled_from(["open", "done"]),
            "place": st.sampled_from(["15", "1504", "150402", "21", "%5"]),
            "points": st.none() | st.integers(0, 3),
            "due_on": st.none() | DAYS,
            "made_at": DAYS.map(midnight) | DAYS.map(lambda day: midnight(day) - timedelta(microseconds=1)),
        }
    ),
    max_size=12,
)
FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "state": st.sampled_from(["open", "done"]),
        "place": st.sampled_from(["15", "1504", "%"]),
        "due_on_from": DAYS,
        "due_on_until": DAYS,
        "made_at_from": DAYS,
        "made_at_until": DAYS,
        "due": st.sampled_from(list(Due)),
        "mine": st.booleans(),
    },
)
VALUES = {"due": lambda row: row["due_on"], "twice": lambda row: None if row["points"] is None else row["points"] * 2}


@pytest.fixture
def work(empty):
    THINGS.create(empty)
    return SimpleNamespace(conn=empty, today=TODAY)


def fits(row, parameter, value):
    """What a filter means, said without a database."""
    name, _, bound = parameter.rpartition("_")
    if bound in {"from", "until"}:
        day = civil_day(row[name]) if isinstance(row[name], datetime) else row[name]
        return day is not None and (day >= value if bound == "from" else day < value)
    if parameter == "due":
        first, end = due_days(TODAY, Due(value))
        return row["state"] == "open" and row["due_on"] is not None and first <= row["due_on"] < end
    if parameter == "mine":
        return (row["place"] == "1504") is value
    return row[parameter].startswith(value) if parameter == "place" else row[parameter] == value


def in_order(rows, sort):
    """What an order means: by the field, equals by id, both in its direction; whoever lacks the field comes last."""
    name = sort.removeprefix("-")
    value = VALUES.get(name, lambda row: row[name])
    falls = sort != name
    having = sorted((row for row in rows if value(row) is not None), key=lambda row: (value(row), row["id"]), reverse=falls)
    return having + sorted((row for row in rows if value(row) is None), key=lambda row: row["id"], reverse=falls)


def listing_of_things():
    return Listing(query=select(THINGS), keys=(THING.made_at, THING.id), show=lambda row: row["id"], fields=FIELDS)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, filters=FILTERS, sort=st.sampled_from(sorts(FIELDS)), limit=st.integers(1, 5))
def test_a_list_is_what_plain_python_makes_of_its_rows(work, rows, filters, sort, limit):
    rows = [row | {"id": f"{number * 7 % 13:02}"} for number, row in enumerate(rows)]
    work.conn.execute(delete(THINGS))
    if rows:
        work.conn.execute(insert(THINGS), rows)
    listing = sorted_by(narrowed(work, listing_of_things(), filters), sort)
    fitting = [row for row in rows if all(fits(row, *asked) for asked in filters.items())]
    pages = list(every_page(work, listing, rows=limit))
    assert [each for page in pages for each in page] == [row["id"] for row in in_order(fitting, sort)]
    assert all(len(page) == limit for page in pages[:-1])
    assert count_each(work, {"all": listing, "some": listing}, most=3) == dict.fromkeys(("all", "some"), min(len(fitting), 3))


def test_a_place_stays_where_its_row_stood(work):
    """Rows that come, go or change meanwhile move nobody else from one page to another."""
    numbers = counting()
    rows = [
        {"id": f"{next(numbers):02}", "state": "open", "place": "15", "points": points, "made_at": midnight(TODAY)}
        for points in (1, 1, 2, None, None)
    ]
    work.conn.execute(insert(THINGS), rows)
    listing = sorted_by(listing_of_things(), "points")
    first = read_page(work, listing, limit=2)
    work.conn.execute(delete(THINGS).where(THING.id == "01"))
    second = read_page(work, listing, after=first.further, limit=2)
    third = read_page(work, listing, after=second.further, limit=2)
    assert (first.items, second.items, third.items, third.further) == (["00", "01"], ["02", "03"], ["04"], None)


@pytest.mark.parametrize("unknown", ["nothing", "-nothing", "mine", "state_from"])
def test_what_no_field_is_called_neither_sorts_nor_narrows(work, unknown):
    with pytest.raises(KeyError):
        sorted_by(listing_of_things(), unknown)
    if unknown != "mine":
        with pytest.raises(KeyError):
            narrowed(work, listing_of_things(), {unknown: "open"})
    assert "mine" in {parameter for parameter, _name, _bound in parameters(FIELDS)}


def test_a_week_is_that_of_its_monday():
    assert due_days(TODAY, Due.WEEK) == (date(2025, 6, 2), date(2025, 6, 9))
    assert due_days(date(2025, 6, 8), Due.WEEK) == due_days(date(2025, 6, 2), Due.WEEK)
    assert midnight(TODAY).tzinfo is CIVIL_ZONE
