"""Open transactions on the simulated clock for the registry's use cases; they are rolled back with the test."""

from datetime import date, datetime
from functools import cache
from pathlib import Path

from own_law import OWN_LAW
from sqlalchemy import insert

from scoring_service.core.civil import CIVIL_ZONE
from scoring_service.core.standing import Span
from scoring_service.db.tables import clock_state, standing_sanctions
from scoring_service.runtime.assembly import make_service
from scoring_service.services.registry.affiliations import AskedAffiliation
from scoring_service.services.registry.institutions import register_institution
from scoring_service.services.registry.practitioners import register_practitioner
from scoring_service.services.unit_of_work.actor import SYSTEM, Actor
from scoring_service.services.unit_of_work.transaction import Work
from scoring_service.settings import Settings

START = datetime(2025, 6, 2, 9, 0, tzinfo=CIVIL_ZONE)
NEW_YEAR = date(2025, 1, 1)
HOSPITAL, OTHER_HOSPITAL, PHARMACY = "H15040200001", "H15040300002", "P15040200003"
DOCTOR = "D150402000123"


@cache
def service_on(engine):
    settings = Settings(
        data_dir=Path("var"), demo="off", clock="simulated", clock_start=START,
        secret_key="s" * 40, identity_key="i" * 40, rulebooks_dir=OWN_LAW,
    )  # fmt: skip
    return make_service(settings, engine)


def start_clock(conn):
    conn.execute(insert(clock_state).values(id=1, now=START))


def work_of(engine, conn, actor=SYSTEM):
    return Work(service=service_on(engine), conn=conn, actor=actor)


def actor_of(*roles, **bound):
    return Actor(account_id=None, username="someone", staff_no="A1", roles=frozenset(roles), **bound)


def asked(code, start=NEW_YEAR, until=None):
    return AskedAffiliation(institution=code, span=Span(start, until))


def add_institution(work, code=HOSPITAL, *, region="150402", agreement=None):
    kind = "pharmacy" if code.startswith("P") else "hospital"
    return register_institution(work, code=code, name="市医院", kind=kind, region=region, agreement=agreement)


def register(work, **given):
    whole = {"code": DOCTOR, "name": "王一", "category": "doctor", "registered_on": NEW_YEAR} | given
    return register_practitioner(work, **whole)


def sanction(work, person, kind, from_on, until_on):
    """A sanction as the cache holds it, without the ledger behind it."""
    work.conn.execute(
        insert(standing_sanctions).values(
            practitioner_id=person.id,
            position=1,
            kind=kind,
            ground="single",
            from_on=from_on,
            until_on=until_on,
            state_until_on=until_on if kind == "suspension" else None,
        )
    )
