"""`verify-ledger` beside approvals: it reads entries and heads one after the other, and a file may grow between."""

import pytest
from api_office import make_office, make_test_service
from eligibility_city import City
from sqlalchemy import event

from scoring_service.services.standing.proof import verify_ledger


@pytest.fixture
def city(fresh_engine):
    return City(make_office(make_test_service(fresh_engine)))


def test_a_file_that_grows_while_it_is_read_is_no_misfit(city):
    here = city.institution()
    person, grown = city.person(here), []
    city.score(person, here, 10)

    def grow(_conn, statement, *_rest):
        if "practitioners.head_hash" in str(statement) and "SELECT practitioners.id, " in str(statement) and not grown:
            grown.append(person)
            city.score(person, here, 10)

    event.listen(city.office.service.engine, "before_execute", grow)
    assert verify_ledger(city.office.service) == (1, [])
    assert grown
    assert verify_ledger(city.office.service) == (1, [])
