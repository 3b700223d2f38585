"""Put together what every use case stands on, for a worker, a job or a command."""

from __future__ import annotations

from sqlalchemy import Engine

from scoring_service.clock import make_clock
from scoring_service.identity import IdentityNumbers
from scoring_service.law.calendars import load_calendar
from scoring_service.law.rulebooks import Rulebooks
from scoring_service.services.unit_of_work.transaction import Service
from scoring_service.settings import Settings


def make_service(settings: Settings, engine: Engine) -> Service:
    """The service of one process. Raises RulebookError or CalendarError for wrong files; keys must be filled in."""
    return Service(
        engine=engine,
        clock=make_clock(settings),
        rulebooks=Rulebooks.load(settings.rulebooks_dir),
        calendar=load_calendar(settings.calendar_dir),
        identity_numbers=IdentityNumbers(settings.identity_key or ""),
        settings=settings,
    )
