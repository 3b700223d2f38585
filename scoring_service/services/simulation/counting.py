"""The files of a year, folded and counted: by this process, or shared with others that read the same state."""

from __future__ import annotations

import gc
import multiprocessing
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from scoring_service.core.simulated_counts import Place, Tally
from scoring_service.core.simulation import Simulated, compare, simulate
from scoring_service.db.engine import make_session_engine
from scoring_service.db.simulation import (
    EVERYBODY,
    Part,
    Reading,
    Shapes,
    files_of_year,
    kept_rulebooks,
    places_of,
    whole_files,
)
from scoring_service.db.snapshots import read_long, shared_state, unmoved_as
from scoring_service.law.rulebooks import from_values

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from multiprocessing.connection import Connection as Pipe

    from sqlalchemy import Connection

    from scoring_service.core.rulebook import Rulebook

# Told how many files are folded by now, about.
Progress: TypeAlias = Callable[[int], None]
FILES_A_TELLING = 5_000
# Beyond that what is remembered of shapes is forgotten: they differ from file to file then.
MOST_SHAPES = 20_000
GARBAGE_OBJECTS = 100_000


class Stated(NamedTuple):
    """A version of a rulebook as it is kept, for other processes to read."""

    id: str
    valid_from: date
    values: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be counted: the year, by SHA-256 what stands for a rulebook, how many changed files are to be named.

    `region` bounds the institutions that are told; None for all.
    """

    year: int
    law: Mapping[str, Stated]
    most_people: int | None
    region: str | None = None

    def rulebooks(self) -> dict[str, Rulebook]:
        """Return what stands for each rulebook."""
        return {sha256: from_values(*stated) for sha256, stated in self.law.items()}


@dataclass(slots=True)
class Counted:
    """What was counted, and ids of changed files: at least those that are to be named."""

    tally: Tally = field(default_factory=Tally)
    people: list[str] = field(default_factory=list)

    def add(self, practitioner_id: str, simulated: Simulated, places: Sequence[Place], most: int | None) -> None:
        """Count a file; keep its id if it is one of the `most` changed ones."""
        changed = self.tally.changed
        self.tally.add(simulated, places)
        if self.tally.changed > changed:
            self.people.append(practitioner_id)
            if most is not None and len(self.people) > 2 * most:
                self.people = self.lowest(most)

    def join(self, other: Counted, most: int | None) -> None:
        """Count what another has counted of other files."""
        self.tally.join(other.tally)
        self.people = [*self.people, *other.people]
        self.people = self.lowest(most)

    def lowest(self, most: int | None) -> list[str]:
        """Return the ids of the changed files that are to be named, None for all."""
        return sorted(self.people)[:most]


def count(conn: Connection, plan: Plan, part: Part, progress: Progress | None = None) -> Counted:
    """Count the files of a part."""
    counting = _Counting(conn, plan)
    counted, others = Counted(), []
    files = files_of_year(conn, plan.year, part, counting.reading)
    for number, file in enumerate(files, start=1):
        if file.shape is None or file.places is None:
            others.append(file.practitioner_id)
        else:
            counted.add(
                file.practitioner_id, counting.of_shape(file.shape), places_of(file.places), plan.most_people
            )
        if progress is not None and number % FILES_A_TELLING == 0:
            progress(number * part.of)
    for practitioner_id, entries, places in whole_files(conn, others, plan.region):
        counted.add(practitioner_id, simulate(entries, plan.year, counting.law), places, plan.most_people)
    counted.tally.reduce()
    return counted


def changed_files(conn: Connection, plan: Plan, practitioner_ids: Sequence[str]) -> dict[str, Simulated]:
    """Return what files would have been, each folded by itself: in a shape the days of warnings are left out."""
    law = plan.rulebooks()
    files = whole_files(conn, practitioner_ids, plan.region)
    return {practitioner_id: simulate(entries, plan.year, law) for practitioner_id, entries, _places in files}


class _Counting:
    """The law of a plan, and what became of the shapes so far."""

    def __init__(self, conn: Connection, plan: Plan) -> None:
        self._year = plan.year
        self.law = plan.rulebooks()
        kept = kept_rulebooks(conn)
        self._scores = Shapes(kept, plan.year, self.law)
        self.reading = Reading(
            hashes=[rulebook.sha256 for rulebook in kept],
            harmless_below=min((rulebook.suspend_at for rulebook in (*kept, *self.law.values())), default=0),
            region=plan.region,
        )
        self._shapes: dict[str, Simulated] = {}

    def of_shape(self, shape: str) -> Simulated:
        simulated = self._shapes.get(shape)
        if simulated is None:
            if len(self._shapes) >= MOST_SHAPES:
                self._shapes.clear()
            recorded, others = zip(*self._scores.scores(shape), strict=True)
            simulated = self._shapes[shape] = compare(recorded, others, self._year)
        return simulated


def count_all(conn: Connection, plan: Plan, processes: int, progress: Progress | None = None) -> Counted:
    """Count every file by so many processes: this one, and others that read the state that `conn` reads."""
    read_long(conn)
    url = conn.engine.url.render_as_string(hide_password=False)
    state = shared_state(conn)
    parts = [EVERYBODY._replace(number=number, of=processes) for number in range(processes)]
    with _helping(url, state, plan, parts[1:]) as pipes, _collector_spared():
        counted = count(conn, plan, parts[0], progress)
        for pipe in pipes:
            answer = pipe.recv()
            if isinstance(answer, BaseException):
                raise answer
            counted.join(answer, plan.most_people)
    return counted


@contextmanager
def _helping(url: str, state: str, plan: Plan, parts: Sequence[Part]) -> Iterator[list[Pipe]]:
    """Start a process for each part; they are gone when the block ends, however it does."""
    context = multiprocessing.get_context("spawn")
    pipes, helpers = [], []
    try:
        for part in parts:
            receiver, sender = context.Pipe(duplex=False)
            helper = context.Process(target=_help, args=(sender, url, state, plan, part), daemon=True)
            helper.start()
            sender.close()
            pipes.append(receiver)
            helpers.append(helper)
        yield pipes
    finally:
        for helper in helpers:
            helper.kill()
            helper.join()


@contextmanager
def _collector_spared() -> Iterator[None]:
    """Collect less often: a file makes many short-lived objects without a cycle among them."""
    thresholds = gc.get_threshold()
    gc.set_threshold(GARBAGE_OBJECTS)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)


def _help(sender: Pipe, url: str, state: str, plan: Plan, part: Part) -> None:
    """Count a part in a process of its own."""
    engine = make_session_engine(url)
    try:
        with unmoved_as(engine, state) as conn, _collector_spared():
            read_long(conn)
            sender.send(count(conn, plan, part))
    except Exception as failure:  # noqa: BLE001 -- whoever asked for it raises it.
        sender.send(failure)
    finally:
        engine.dispose()
