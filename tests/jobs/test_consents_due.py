"""The deadlines job and the consent that applications wait for: told on the last days, told when they are over, counted again."""

from datetime import date

import pytest
from jobs.job_world import HOSPITAL, at
from sqlalchemy import select, update

from scoring_service.db.tables import remediation_applications
from scoring_service.services.proposals.consent import consent, refuse_consent
from scoring_service.services.proposals.remediation import file_application
from scoring_service.services.proposals.remediation_reading import APPLICATION

# Filed on Monday 22 December 2025: the fifth working day after it is Monday the 29th.
FILED, LAST_DAY = date(2025, 12, 22), date(2025, 12, 29)


@pytest.fixture
def filed(office):
    person = office.person()
    office.set_clock(at(FILED, 9))
    with office.work("clerk") as work:
        return file_application(
            work, practitioner=person, activity="online_course", completed_on=FILED, effect="points", evidence="证书"
        ).id


def steps(office):
    reminders = office.events("application_consent_due_soon", "application_consent_overdue")
    return [(event.kind, event.detail["consent_due_on"]) for event in reminders]


def test_institutions_are_reminded_once_before_the_last_day_and_once_after_it(office, filed):
    for day in range(23, 32):
        office.run("deadlines", date(2025, 12, day))
    assert filed
    assert steps(office) == [
        ("application_consent_due_soon", LAST_DAY.isoformat()),
        ("application_consent_overdue", LAST_DAY.isoformat()),
    ]


@pytest.mark.parametrize("answer", [consent, refuse_consent])
def test_who_has_answered_is_not_reminded(office, filed, answer):
    reason = {"reason": "无记录"} if answer is refuse_consent else {}
    with office.work("clerk") as work:
        answer(work, APPLICATION, filed, institution=HOSPITAL, **reason)
    for day in (26, 29, 30):
        office.run("deadlines", date(2025, 12, day))
    assert steps(office) == []


def test_a_provisional_last_day_is_counted_again_and_is_never_earlier(office, filed):
    """What an upgrade has left: a day a week from now, to be counted by the calendar."""
    later = date(2025, 12, 31)
    with office.engine.begin() as conn:
        conn.execute(update(remediation_applications).values(consent_due_on=later, consent_provisional=True))
    office.run("deadlines", date(2025, 12, 23))
    [row] = office.rows(select(remediation_applications))
    assert (row.id, row.consent_due_on, row.consent_provisional) == (filed, later, False)
