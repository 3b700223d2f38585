from datetime import date

import pytest
from jobs.job_world import office_on
from reminder_servers import mail_server


@pytest.fixture
def office(fresh_engine):
    """An office that began on 20 December 2025."""
    return office_on(fresh_engine, date(2025, 12, 20))


@pytest.fixture
def mailbox():
    with mail_server() as mailbox:
        yield mailbox
