"""Letters to the authorities: who of them is told of which sanction, and that the regulator reads exactly these."""

import pytest
from case_calls import answered, make_hands, refused
from due_process_calls import drafted, granted, scored

COMMISSION, DRUGS = "health_commission", "drug_regulator"


@pytest.fixture(scope="module")
def hands(office):
    return make_hands(office)


@pytest.fixture(scope="module")
def regulator(office):
    return office.client_for("regulator", region="1504")


def letters(client, person):
    return answered(client.get(f"/notices?practitioner={person}&limit=200"))["items"]


def to_authorities(client, person):
    return [
        (row["kind"], row["addressee"]["ref"])
        for row in reversed(letters(client, person))
        if row["addressee"]["kind"] == "authority"
    ]


@pytest.mark.parametrize(("points", "kind"), [(5, None), (10, "suspension"), (12, "termination")])
def test_the_health_commission_is_told_of_a_sanction_and_of_no_mere_score(hands, regulator, points, kind):
    person = hands.person()
    scored(hands, person, points)
    expected = [(kind, COMMISSION)] if kind else []
    assert to_authorities(hands.clerk, person) == expected
    assert [(row["kind"], row["addressee"]["ref"]) for row in letters(regulator, person)] == expected


def at_a_pharmacy(office, hands):
    return office.practitioner(hands.institution, office.institution("pharmacy"))["id"]


def principal_who_left(office, hands):
    return hands.person(category="pharmacy_principal", code=None, id_number="150404199001010018")


@pytest.mark.parametrize("who", [at_a_pharmacy, principal_who_left])
def test_the_drug_regulator_is_told_of_pharmacies_too(office, hands, who):
    person = who(office, hands)
    scored(hands, person, 9)
    assert sorted(to_authorities(hands.clerk, person)) == [("suspension", DRUGS), ("suspension", COMMISSION)]


def test_a_sanction_is_told_to_the_person_every_institution_of_theirs_and_the_authorities(office, hands):
    pharmacy = office.institution("pharmacy")
    person = office.practitioner(hands.institution, pharmacy)["id"]
    scored(hands, person, 9)
    told = [row["addressee"]["ref"] for row in letters(hands.clerk, person) if row["kind"] == "suspension"]
    assert sorted(told) == sorted([person, hands.institution, pharmacy, COMMISSION, DRUGS])


def test_a_correction_is_told_to_them_when_it_changes_a_sanction(hands, regulator):
    person = hands.person()
    first, second = scored(hands, person, 2, 8)
    for entry, value in ((second, 7), (second, 6), (first, 1)):
        draft = drafted(hands.clerk, entry, value)
        answered(hands.reviewer.post(f"/corrections/{draft['id']}/approve"))
    # 10 points to 9: four months become two; to 8: no suspension; to 7: nothing about a sanction.
    assert to_authorities(regulator, person) == [
        ("suspension", COMMISSION),
        *[("correction", COMMISSION)] * 2,
    ]
    changes = letters(regulator, person)
    assert [row["facts"]["spans_after"] == [] for row in changes if row["kind"] == "correction"] == [
        True,
        False,
    ]


def test_the_regulator_reads_letters_to_authorities_of_its_region_and_nothing_else(office, hands, regulator):
    person = hands.person()
    scored(hands, person, 10)
    every = letters(hands.clerk, person)
    assert len(every) == 5
    for row in every:
        shown, document = (
            regulator.get(f"/notices/{row['id']}"),
            regulator.get(f"/notices/{row['id']}/document"),
        )
        if row["addressee"]["kind"] == "authority":
            assert answered(shown) == row
            assert "卫生健康行政部门：" in document.text
            assert "申诉" not in document.text
        else:
            refused(shown, 404, "not_found")
            refused(document, 404, "not_found")
    assert {row["addressee"]["kind"] for row in answered(regulator.get("/notices?limit=200"))["items"]} == {
        "authority"
    }
    elsewhere = office.client_for("regulator", region="13")
    refused(elsewhere.get(f"/notices?practitioner={person}"), 404, "not_found")
    [own] = letters(regulator, person)
    refused(elsewhere.get(f"/notices/{own['id']}"), 404, "not_found")
    for party in (
        office.client_for("practitioner", practitioner=person),
        office.client_for("institution", institution=hands.institution),
    ):
        refused(party.get(f"/notices/{own['id']}"), 404, "not_found")
        assert own["id"] not in {
            row["id"] for row in answered(party.get(f"/practitioners/{person}/file"))["notices"]
        }


def test_an_authority_s_receipt_is_recorded_on_paper_and_opens_no_window(hands, regulator):
    person = hands.person()
    scored(hands, person, 10)
    [own] = letters(regulator, person)
    path = f"/notices/{own['id']}/acknowledge"
    refused(regulator.post(path, {}), 403, "forbidden")
    done = answered(hands.clerk.post(path, {"proof": "公文交换回执"}))
    assert (done["received_on"], done["window_closes_on"], done["provisional"]) == ("2025-06-02", None, False)


def test_the_regulator_is_told_by_events_of_sanctions_and_of_no_points(alone):
    hands = make_hands(alone)
    regulator = alone.client_for("regulator", region="1504")
    person = hands.person()
    first, second = scored(hands, person, 2, 8)
    answered(granted(hands, person))
    answered(granted(hands, person, effect="term"), 409)
    for entry, value in ((second, 6), (first, 1)):
        answered(hands.reviewer.post(f"/corrections/{drafted(hands.clerk, entry, value)['id']}/approve"))
    told = answered(regulator.get("/events?limit=200"))["items"]
    assert [event["kind"] for event in told] == ["suspension", "sanctions_changed"]
