"""The compiled codec of the batch beside its specification, on random bodies, good and bad."""

import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from scoring_service.api.schemas.eligibility import BatchSchema, civil_date, decode_batch

times = st.sampled_from(
    [
        "2025-06-01",
        "2025-06-01T08:00:00+08:00",
        "2025-06-01T08:00:00Z",
        "2025-06-01T08:00:00",
        "2025-02-30",
        "",
        "x",
        3,
    ]
)
refs = st.one_of(st.none(), st.text(max_size=70), st.integers(), st.booleans())
flags = st.one_of(st.booleans(), st.none(), st.sampled_from(["true", 1, 0]))
good_check = st.fixed_dictionaries(
    {},
    optional={
        "ref": st.one_of(st.none(), st.text(max_size=64)),
        "service_time": st.sampled_from(["2025-06-01", "2025-06-01T08:00:00.5+08:00", None]),
        "institution": st.one_of(st.none(), st.text(max_size=64)),
        "emergency": st.one_of(st.booleans(), st.none()),
    },
)
bad_check = st.fixed_dictionaries(
    {},
    optional={
        "ref": refs,
        "service_time": times,
        "institution": refs,
        "emergency": flags,
        "more": st.just(1),
    },
)
bodies = st.one_of(
    st.fixed_dictionaries({"checks": st.lists(good_check, min_size=1, max_size=3)}),
    st.fixed_dictionaries(
        {"checks": st.lists(bad_check, max_size=3)}, optional={"known_at": times, "x": st.just(1)}
    ),
    st.sampled_from([{}, [], None, 3, {"checks": {}}, {"checks": None}]),
)


def compiled(raw):
    """What the codec makes of a body, None when it leaves the body to the specification."""
    try:
        return decode_batch(raw)[0]
    except (msgspec.MsgspecError, ValidationError):
        return None


def specified(value):
    """What the specification makes of a body, None when it refuses."""
    try:
        loaded = BatchSchema().load(value)
    except ValidationError:
        return None
    return [
        (check["ref"], check["service_time"], check["institution"], bool(check["emergency"]))
        for check in loaded["checks"]
    ]


@settings(max_examples=400, deadline=None)
@given(bodies)
def test_the_codec_and_the_specification_accept_the_same_and_read_it_alike(value):
    raw = json.dumps(value, ensure_ascii=False).encode()
    read = compiled(raw)
    assert read == specified(value) or (read is None and b"\\" in raw)


def test_both_take_what_is_right_and_refuse_what_is_not():
    good, bad = {"checks": [{"ref": "x"}]}, {"checks": [{"ref": 3}]}
    assert compiled(json.dumps(good).encode()) == specified(good) == [("x", None, None, False)]
    assert compiled(json.dumps(bad).encode()) is specified(bad) is None


@pytest.mark.parametrize(
    "body",
    [
        b'{"checks":[{"ref":"x","ref":"y"}]}',
        b'{"checks":[{"ref":"x","\\u0072ef":"y"}]}',
        b'{"checks":[{"institution":null,"institution":null}]}',
        b'{"checks":[{"ref":"x"}],"checks":[{"ref":"y"}]}',
        b'{"checks":[{"ref":"x"}],"known_at":null,"known_at":null}',
        b'{"checks":[{"ref":"service_time"},{"emergency":true,"emergency":false}]}',
    ],
)
def test_a_member_named_twice_is_never_read_by_the_codec(body):
    assert compiled(body) is None


@pytest.mark.parametrize("name", ["ref", "institution", "service_time"])
@pytest.mark.parametrize("empty", ["", " ", "\u3000"])
def test_what_is_empty_is_refused_by_both(name, empty):
    value = {"checks": [{"ref": "x", name: empty}]}
    assert compiled(json.dumps(value, ensure_ascii=False).encode()) is specified(value) is None


@pytest.mark.parametrize(
    ("service_time", "day"),
    [
        ("2025-06-01", "2025-06-01"),
        ("2025-06-01T15:59:59Z", "2025-06-01"),
        ("2025-06-01T16:00:00Z", "2025-06-02"),
        ("2025-06-02T00:00:00+08:00", "2025-06-02"),
        ("2025-12-31T11:30:00-05:00", "2026-01-01"),
    ],
)
def test_a_service_time_counts_on_its_day_in_shanghai(service_time, day):
    assert civil_date(service_time).isoformat() == day
