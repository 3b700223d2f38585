"""A revision that the instant does not know is refused: a client that cuts `known_at` short learns it (scheme.md 2.2)."""

from datetime import datetime, timedelta

import pytest
from eligibility_city import City


@pytest.fixture(scope="module")
def city(office):
    return City(office)


@pytest.fixture(scope="module")
def scored(city):
    """A person with ten points, and the last answer before the score and the first after it."""
    person = city.person(here := city.institution())
    before = city.ask(person, institution=here)
    city.score(person, here, 10)
    return person, here, before, city.clerk.get(f"/practitioners/{person}/standing").json


def cut(city, person):
    """The instant before the last entry: what is left of it when a client cuts its microsecond off."""
    recorded_at = city.clerk.get(f"/practitioners/{person}/ledger").json["items"][-1]["recorded_at"]
    return (datetime.fromisoformat(recorded_at) - timedelta(microseconds=1)).isoformat()


def refused_at_revision(answer):
    return (answer.status_code, [fault["pointer"] for fault in answer.json["errors"]]) == (422, ["/query/revision"])


def test_the_standing_is_not_answered_from_an_earlier_revision(city, scored):
    person, _, before, after = scored
    asked = {"known_at": cut(city, person), "revision": after["revision"]}
    assert after["revision"] == before["revision"] + 1
    assert refused_at_revision(city.clerk.get(f"/practitioners/{person}/standing", query_string=asked))
    whole = asked | {"known_at": after["known_at"]}
    assert city.clerk.get(f"/practitioners/{person}/standing", query_string=whole).json["points"] == 10


@pytest.mark.parametrize("with_institution", [True, False])
def test_a_suspended_person_is_not_payable_by_a_revision_that_the_instant_does_not_know(city, scored, with_institution):
    person, here, _, after = scored
    asked = {"known_at": cut(city, person), "revision": after["revision"], "service_time": "2025-07-01"}
    asked |= {"institution": here} if with_institution else {}
    for client in (city.settlement, city.clerk):
        assert refused_at_revision(client.get(f"/eligibility/{person}", query_string=asked))
    whole = asked | {"known_at": after["known_at"]}
    assert city.ask(person, **whole)["reason"] == "suspended"
    assert city.ask(person, **whole | {"revision": after["revision"] - 1})["reason"] == "eligible"


def test_a_pharmacy_is_judged_by_its_principal_s_revision(city):
    pharmacy = city.institution(kind="pharmacy")
    person = city.person(pharmacy, category="pharmacy_principal", prefix="HY")
    city.score(person, pharmacy, 10)
    now = city.settlement.get(f"/eligibility?institution={pharmacy}&service_time=2025-07-01").json
    assert (now["reason"], now["revision"]) == ("suspended", 3)
    asked = {"institution": pharmacy, "service_time": "2025-07-01", "known_at": now["known_at"]}
    repeated = city.settlement.get("/eligibility", query_string=asked | {"revision": 3}).json
    assert repeated == now
    earlier = city.settlement.get("/eligibility", query_string=asked | {"revision": 2}).json
    assert (earlier["reason"], earlier["revision"]) == ("eligible", 2)
    assert refused_at_revision(city.settlement.get("/eligibility", query_string=asked | {"revision": 4}))
    cut_short = asked | {"known_at": cut(city, person)}
    assert refused_at_revision(city.settlement.get("/eligibility", query_string=cut_short | {"revision": 3}))


def test_a_batch_takes_no_revision_at_all(city, scored):
    person, _, _, after = scored
    checks = {"checks": [{"ref": person}]}
    for body in (checks | {"revision": after["revision"]}, {"checks": [{"ref": person, "revision": after["revision"]}]}):
        answer = city.settlement.post("/eligibility/batch", body | {"known_at": cut(city, person)})
        assert answer.status_code == 422
        assert answer.json["errors"][0]["pointer"].endswith("revision")
