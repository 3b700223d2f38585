"""Points that are lighter or heavier than the degree suggests, with their ground (P25), over HTTP."""

import pytest
from case_calls import answered, finding, make_hands, pointers


@pytest.fixture(scope="module")
def hands(office):
    return make_hands(office)


def adjusted(person, points, kind, ground, **more):
    return finding(person, points, adjustment={"kind": kind, "ground": ground}, **more)


def test_a_ground_for_one_band_down_needs_no_reason(hands):
    person = hands.person()
    case = hands.draft(adjusted(person, 3, "one_band_down", "owned_up"))
    [found] = case["findings"]
    assert (found["band"], found["flags"], found["suggested_points"]) == ("moderate", [], 3)
    assert found["adjustment"] == {"kind": "one_band_down", "ground": "owned_up"}
    assert answered(hands.clerk.post(f"/cases/{case['id']}/submit"))["state"] == "submitted"


def test_two_bands_away_is_flagged_and_asks_for_a_reason(hands):
    case = hands.draft(adjusted(hands.person(), 10, "one_band_up", "intent"))
    assert case["findings"][0]["flags"] == ["outside_band"]
    assert pointers(hands.clerk.post(f"/cases/{case['id']}/submit")) == ["/findings/0/reason"]


@pytest.mark.parametrize(
    ("adjustment", "pointer"),
    [
        ({"kind": "lighter"}, "/ground"),
        ({"ground": "owned_up"}, "/kind"),
        ({"kind": "lighter", "ground": ""}, "/ground"),
        ({"kind": "lighter", "ground": None}, "/ground"),
        ({"kind": "lighter", "ground": "intent"}, "/ground"),
        ({"kind": "heavier", "ground": "owned_up"}, "/ground"),
        ({"kind": "softer", "ground": "owned_up"}, "/kind"),
        ({"kind": "one_band_down", "ground": "owned_up"}, "/kind"),
        ({"kind": "lighter", "ground": "owned_up", "why": "x"}, "/why"),
        ("lighter", ""),
        ([], ""),
    ],
)
def test_an_adjustment_without_a_ground_or_of_no_kind_is_pointed_at(hands, adjustment, pointer):
    answer = hands.clerk.post("/cases", hands.body(finding(hands.person(), 5, adjustment=adjustment)))
    assert pointers(answer) == [f"/findings/0/adjustment{pointer}"]


def test_a_lesser_degree_with_more_points_is_flagged(hands):
    case = hands.draft(finding(hands.person(), 4), finding(hands.person(), 6, degree="general"))
    assert [found["flags"] for found in case["findings"]] == [[], ["degree_order"]]


def test_the_person_reads_the_ground_in_file_and_letter(hands):
    person = hands.person()
    hands.approved(adjusted(person, 4, "lighter", "owned_up"))
    doctor = hands.office.client_for("practitioner", practitioner=person)
    shown = answered(doctor.get(f"/practitioners/{person}/file"))
    assert shown["cases"][0]["findings"][0]["adjustment"] == {"kind": "lighter", "ground": "owned_up"}
    notices = answered(doctor.get(f"/notices?practitioner={person}"))["items"]
    (notice,) = [each for each in notices if each["kind"] == "score"]
    letter = doctor.get(f"/notices/{notice['id']}/document").text
    assert "从轻：主动承认" in letter
