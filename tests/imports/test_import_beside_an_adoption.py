"""A rulebook is adopted while an import runs: what is written cites days that are over, and stays as it would have been."""

from datetime import date

import pytest
from backfill_world import CODES, acting, at_rest, brought, case_row, office, table
from import_world import service_on
from own_law import RULEBOOKS, text_of, with_value
from sqlalchemy import select

from scoring_service.db.tables import entries
from scoring_service.services.accounts.opening import add_account
from scoring_service.services.imports import requests
from scoring_service.services.rulebooks import deciding, drafts

ROWS = [case_row(number, f"2025-03-1{number}", CODES[number], 9, "settling_in_anothers_name") for number in (1, 2, 3)]
TOMORROW = "2025-06-03"


@pytest.fixture
def service(fresh_engine):
    made = office(service_on(fresh_engine))
    with made.work() as work:
        add_account(work, username="admin2", roles=["office.admin"], staff_no="S-admin2")
    return made


def adopt(service):
    text = with_value(text_of("national"), "sanction_start", f"{TOMORROW}: {{value: effective_date, source: S, verified: true}}")
    with service.work(acting(service, "admin")) as work:
        draft = drafts.propose(work, "national", filename="national.yaml", content=text.encode()).draft
    with service.work(acting(service, "admin2")) as work:
        deciding.approve(work, "national", str(draft.n))


def test_rows_that_wait_to_be_written_are_written_under_the_law_of_their_days(service):
    checked = brought(service, "cases", table(ROWS))
    with service.work(acting(service, "admin")) as work:
        assert requests.commit(work, checked.id).state == "writing"
    adopt(service)
    done = at_rest(service, checked.id)
    assert (done.state, done.created) == ("done", 3), done.error
    with service.engine.connect() as conn:
        rows = conn.execute(select(entries.c.decided_on, entries.c.rulebook_sha256)).all()
    assert len(rows) == len(ROWS)
    assert all(row.rulebook_sha256 == RULEBOOKS.for_division("150402", row.decided_on).sha256 for row in rows)
    with service.work() as work:
        assert work.rulebooks.resolve("chifeng", date(2025, 6, 3)).sanction_start == "effective_date"
