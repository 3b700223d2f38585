"""The clock of the database server is set forwards and back: what was told comes out again, and nothing is lost."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from api_office import make_office, make_test_service
from eligibility_city import City
from sqlalchemy import make_url, text

from scoring_service.clock import SystemClock
from scoring_service.db.clock_mark import mark_present
from scoring_service.db.engine import make_owner_engine
from scoring_service.services.standing.proof import check_standings, verify_ledger

SHIFTED = (
    "CREATE SCHEMA shifted",
    "CREATE TABLE shifted.shift (by interval NOT NULL)",
    "INSERT INTO shifted.shift VALUES ('0')",
    ("CREATE FUNCTION shifted.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS"
    " 'SELECT pg_catalog.clock_timestamp() + by FROM shifted.shift'"),
    "GRANT USAGE ON SCHEMA shifted TO scoring_app",
    "GRANT SELECT ON shifted.shift TO scoring_app",
)


def run_as_owner(url, *statements):
    engine = make_owner_engine(url)
    with engine.begin() as conn:
        for statement in statements:
            conn.execute(text(statement))
    engine.dispose()


class JumpingCity(City):
    """A city on a server whose clock is set at will, with a scheduler that beats when it is told to."""

    def __init__(self, office, url):
        super().__init__(office)
        self._url, self.told = url, []

    def jump(self, by):
        run_as_owner(self._url, f"UPDATE shifted.shift SET by = by + interval '{by}'")

    def beat(self):
        with self.office.service.engine.begin() as conn:
            return mark_present(conn)

    def ask(self, ref, **question):
        answer = super().ask(ref, **question)
        self.told.append((ref, question, answer))
        return answer

    def agree(self, code, start, until):
        answer = self.admin.post(f"/institutions/{code}/agreements", {"from": start, "until": until})
        assert answer.status_code == 201, answer.json

    def told_anew(self):
        """Return the answers that are others when they are asked for again as known then."""
        others = []
        for ref, question, answer in self.told:
            known = {"known_at": answer["known_at"], "revision": answer["revision"]}
            again = City.ask(self, ref, **question, **known)
            others += [] if again == answer else [(answer, again)]
        return others


@pytest.fixture
def city(fresh_url, fresh_engine):
    name = make_url(fresh_url).database
    run_as_owner(fresh_url, *SHIFTED, f"ALTER DATABASE {name} SET search_path = shifted, pg_catalog, public")
    fresh_engine.dispose()
    return JumpingCity(make_office(replace(make_test_service(fresh_engine), clock=SystemClock())), fresh_url)


def _change_and_ask(city, person, place, day):
    """Agree with the institution for a day, score the person, and ask before, between and after."""
    question = {"service_time": f"2024-{day}", "institution": place}
    before = city.ask(person, **question)
    city.agree(place, f"2024-{day}", f"2024-{day[:3]}{int(day[3:]) + 1:02d}")
    between = city.ask(person, **question)
    city.score(person, place, 1)
    after = city.ask(person, **question)
    assert before["reason"] != between["reason"]
    assert after["revision"] == before["revision"] + 1
    instants = [datetime.fromisoformat(each["known_at"]) for each in (before, between, after)]
    assert instants == sorted(instants)
    return instants


def test_what_was_told_before_the_clock_went_back_comes_out_again_after_it(city):
    place = city.institution()
    person = city.person(place, registered_on="2023-01-01", signed_on="2022-12-20")
    earlier = _change_and_ask(city, person, place, "03-01")
    report = city.clerk.get("/statistics?year=2026").json
    city.beat()
    city.jump("-1 hour")
    stood = _change_and_ask(city, person, place, "03-05")
    assert stood[0] > earlier[-1]
    assert city.beat() > timedelta()
    assert city.office.app.test_client().get("/readyz").json["clock"]["state"] == "stands"
    again = _change_and_ask(city, person, place, "03-10")
    assert again[0] >= stood[-1]
    known_then = {"year": 2026, "known_at": report["known_at"]}
    assert city.clerk.get("/statistics", query_string=known_then).json == report
    assert not city.told_anew()
    city.jump("1 hour")
    assert city.office.app.test_client().get("/readyz").json["clock"] == {"state": "goes"}
    assert _change_and_ask(city, person, place, "03-15")[0] >= again[-1]
    assert not city.told_anew()
    assert (verify_ledger(city.office.service)[1], check_standings(city.office.service)[1]) == ([], [])


def test_a_clock_that_was_a_year_ahead_for_a_moment_holds_nothing_up(city):
    place = city.institution()
    person = city.person(place)
    city.jump("370 days")
    city.beat()
    assert city.settlement.get(f"/eligibility/{person}").status_code == 401, "by that clock the token has expired"
    city.jump("-370 days")
    answer = city.ask(person)
    assert datetime.fromisoformat(answer["known_at"]) < datetime.now().astimezone() + timedelta(days=1)
    city.score(person, place, 1)
    city.beat()
    with city.office.service.engine.connect() as conn:
        assert conn.execute(text("SELECT latest_at < clock_timestamp() + interval '1 second' FROM installation")).scalar_one()
