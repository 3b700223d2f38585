"""A console whose hospital has a doctor suspended for two months from 3 June 2025, under a law that asks for resumptions.

The demo's clinic is that hospital, the demo's doctor that doctor. The window opens on 14 July, 18 July is the last day
in time, 2 August the last of the term.
"""

from datetime import date, datetime

from console_world import HOSPITAL, make_console
from own_law import on_application
from sqlalchemy import select, update

from scoring_service.core.civil import CIVIL_ZONE
from scoring_service.db.tables import accounts, resumptions
from scoring_service.services.proposals import resumptions as use_cases
from scoring_service.services.proposals.consent import consent
from scoring_service.services.proposals.resumption_reading import RESUMPTION

DOCTOR = "蓝一"
OPENS, IN_TIME, OVER = date(2025, 7, 14), date(2025, 7, 18), date(2025, 8, 3)


def make_resumption_world(engine, folder):
    """Rulebooks are kept in `folder`, which is empty."""
    console = make_console(engine, rulebooks_dir=on_application(folder))
    ours = {"clinic": {"institution_code": HOSPITAL}, "doctor": {"practitioner_id": console.people[DOCTOR]}}
    with engine.begin() as conn:
        for username, place in ours.items():
            conn.execute(update(accounts).where(accounts.c.username == username).values(**place))
    console.approved(DOCTOR, 9)
    return console


def advance(console, day):
    with console.service.engine.begin() as conn:
        console.service.clock.advance(conn, datetime(day.year, day.month, day.day, 9, tzinfo=CIVIL_ZONE))


def filed(console, name=DOCTOR, username="doctor"):
    """An application by an account; the address of its page."""
    with console.service.work(console.actor(username)) as work:
        application = use_cases.file_resumption(work, practitioner=console.people[name], statement="已完成整改")
    return f"/resumptions/{application.id}"


def consented(console, name=DOCTOR, username="doctor"):
    """An application that the clinic has consented to; the address of its page."""
    path = filed(console, name, username)
    with console.service.work(console.actor("clinic")) as work:
        consent(work, RESUMPTION, path.rsplit("/", 1)[-1])
    return path


def states(console):
    with console.service.engine.connect() as conn:
        return list(conn.execute(select(resumptions.c.state).order_by(resumptions.c.recorded_at)).scalars())
