from datetime import date

import pytest
from jobs.job_world import office_on


@pytest.fixture
def office(fresh_engine):
    """An office that began on 20 December 2025."""
    return office_on(fresh_engine, date(2025, 12, 20))
