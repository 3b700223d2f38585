"""Put together what every use case stands on, for a worker, a job or a command."""

from __future__ import annotations

from sqlalchemy import Engine

from scoring_service.clock import make_clock
from scoring_service.core.working_days import WorkingCalendar
from scoring_service.db.marks import Marks, others_have_ended
from scoring_service.db.present_copy import PresentCopy
from scoring_service.identity import IdentityNumbers
from scoring_service.law.calendars import load_calendar
from scoring_service.law.rulebooks import Rulebooks
from scoring_service.runtime.key_file import KeysInUse
from scoring_service.services.unit_of_work.transaction import Service
from scoring_service.settings import Settings


def read_law(settings: Settings) -> tuple[Rulebooks, WorkingCalendar]:
    """The rulebooks and the calendar that the settings name. Raises RulebookError or CalendarError for wrong files."""
    return Rulebooks.load(settings.rulebooks_dir), load_calendar(settings.calendar_dir)


def present_copy(settings: Settings, engine: Engine) -> PresentCopy | None:
    """The copy of the present that the processes on an embedded database share; whoever comes first begins it anew.

    None elsewhere: another machine may change the database. What `engine` changes is marked from now on.
    """
    if not settings.embedded:
        return None
    marks = Marks(settings.data_dir / "present")
    copy = PresentCopy(marks)
    with marks.first_alone() as alone:
        if alone:
            copy.remove()
            if not marks.any_open() or others_have_ended(engine):
                marks.start_anew()
    marks.follow(engine)
    return None if settings.clock == "simulated" else copy


def make_service(settings: Settings, engine: Engine) -> Service:
    """The service of one process. Raises as `read_law`; keys must be filled in."""
    rulebooks, calendar = read_law(settings)
    return Service(
        engine=engine,
        clock=make_clock(settings),
        rulebooks=rulebooks,
        calendar=calendar,
        identity_numbers=IdentityNumbers(KeysInUse(settings, "identity_key").read),
        settings=settings,
    )
