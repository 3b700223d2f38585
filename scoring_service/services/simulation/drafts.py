"""A draft of a rulebook tried on a year, for whoever is to decide on it."""

from __future__ import annotations

import threading
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from scoring_service.law.adopting import named_file
from scoring_service.law.files import RulebookError
from scoring_service.problems import Invalid, Unavailable
from scoring_service.services.rulebooks import drafts
from scoring_service.services.rulebooks.checking import FILE, placed
from scoring_service.services.simulation.asking import Question, Simulation, simulate_year

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scoring_service.services.unit_of_work.transaction import Work

# What is folded within a request; a larger year is tried by the command.
MOST_ENTRIES = 100_000
MOST_PEOPLE = 1000
WAIT_SECONDS = 1
# One at a time in a process: it takes the processor, and a second connection.
_place = threading.BoundedSemaphore(1)


def simulate_draft(work: Work, rulebook_id: str, n: str, year: int, *, most_people: int = MOST_PEOPLE) -> Simulation:
    """Try a draft on a year as `simulate_year` does, whatever became of it.

    Raises NotFound, Invalid for a year to come and `rulebook_faulty` for a file that does not fit the law in force,
    Conflict `year_too_large` above MOST_ENTRIES, Unavailable while another simulation runs.
    """
    draft = drafts.read(work, rulebook_id, n)
    try:
        law = work.rulebooks.with_file(named_file(rulebook_id, draft.content))
    except RulebookError as fault:
        raise Invalid(FILE, placed(f"{fault}"), "rulebook_faulty") from None
    question = Question(
        law=law, rulebook_id=rulebook_id, year=year, most_people=most_people, most_entries=MOST_ENTRIES
    )
    with _alone():
        return simulate_year(lambda: nullcontext(work), question)


@contextmanager
def _alone() -> Iterator[None]:
    if not _place.acquire(timeout=WAIT_SECONDS):
        detail = "正在进行另一项试算，请稍候再试 / another simulation is running; try again in a moment"
        raise Unavailable("simulation_running", detail, retry_after=5)
    try:
        yield
    finally:
        _place.release()
