"""`simulate`: what a rulebook would have brought to the entries of a year."""

from __future__ import annotations

import time
from dataclasses import asdict
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scoring_service.law.files import read_rulebook_file
from scoring_service.runtime.start import opened
from scoring_service.services.simulation.asking import Question, simulate_year
from scoring_service.services.simulation.people import table_of_people
from scoring_service.services.unit_of_work.actor import SYSTEM
from scoring_service.settings import Settings
from scoring_service.workbooks.writing import Form, chunks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scoring_service.core.sanction_changes import SanctionChange
    from scoring_service.core.sanctions import Sanction
    from scoring_service.core.simulated_counts import Counts
    from scoring_service.core.simulation import Warned
    from scoring_service.services.simulation.asking import ChangedPerson, Compared, Simulation

LINE_SECONDS = 2.0
PROCESSES = 2
MOST_SHOWN = 1000
ONE_DAY = timedelta(days=1)


@click.command()
@click.option(
    "--rulebook", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True, metavar="FILE",
    help="a rulebook file, named as its id",
)  # fmt: skip
@click.option("--year", type=click.IntRange(2000, 2999), required=True, metavar="Y", help="the scoring year")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="a .csv or .xlsx file: the people, all of them",
)
def simulate(*, rulebook: Path, year: int, out: Path | None) -> None:
    """Say who would have been warned, suspended or terminated under a rulebook FILE in the year Y, and for how long.

    Every file with entries of the year is folded as recorded, and once more with the newest version of FILE in the
    place of the rulebook of each entry of the year that was recorded under it, or under one based on it; where there is
    none, in the place of every one. Points stay as they were decided. Nothing is changed but the audit, which says that
    this was asked.
    """
    if out is not None and out.suffix.lower().removeprefix(".") not in set(Form):
        raise click.BadParameter("the file's name ends in .csv or .xlsx", param_hint="--out")
    begun = time.monotonic()
    with opened(Settings.from_env()) as service:
        working = partial(service.work, SYSTEM)
        with working() as work:
            law = work.rulebooks.with_file(read_rulebook_file(rulebook))
        question = Question(
            law=law,
            rulebook_id=rulebook.stem,
            year=year,
            most_people=MOST_SHOWN if out is None else None,
            most_processes=PROCESSES,
        )
        simulation = simulate_year(working, question, _Progress())
    if out is not None:
        _write(simulation, out)
    for line in _lines(simulation):
        click.echo(line)
    click.echo(f"{simulation.entries:,} entries in {time.monotonic() - begun:.1f} s.", err=True)


def _write(simulation: Simulation, out: Path) -> None:
    form = Form(out.suffix.lower().removeprefix("."))
    with out.open("wb") as file:
        file.writelines(chunks(form, [table_of_people(simulation)]))


class _Progress:
    """Says now and then how many files are folded."""

    def __init__(self) -> None:
        self._shown = time.monotonic()

    def __call__(self, files: int) -> None:
        now = time.monotonic()
        if now - self._shown >= LINE_SECONDS:
            self._shown = now
            click.echo(f"{files:,} files", err=True)


def _lines(simulation: Simulation) -> Iterator[str]:
    rulebook, year = simulation.rulebook, simulation.year
    version = f"the version of {rulebook.valid_from} ({rulebook.sha256[:16]})"
    yield f"{rulebook.id}, {version}, tried on the entries of {year}"
    if not simulation.entries:
        yield f"{year} has no entries: there is nothing to try it on."
        return
    if rulebook.valid_from.year > year:
        yield f"It begins on {rulebook.valid_from}, after the year; its values were tried on {year} all the same."
    if simulation.everywhere:
        yield f"No entry of {year} was recorded under {rulebook.id}: it was tried on all entries of the year instead."
    for each in simulation.applied:
        stood = "the file's values stood for its own" if each.is_replaced else "as recorded"
        yield f"  {each.rulebook}: {each.entries:,} entries, {stood}"
    if simulation.outside:
        yield f"{simulation.outside:,} scores lie outside every band of {rulebook.id}; their points stay as decided."
    yield f"{simulation.changed:,} of {simulation.persons:,} people would have been treated otherwise."
    yield "What changes is told as recorded -> simulated."
    yield from _table("the year", [simulation.whole])
    yield from _table("by band", simulation.by_band)
    yield from _table("by category", simulation.by_category)
    yield from _table("by institution, where something changes", simulation.by_institution)
    yield from _people(simulation)


def _table(title: str, rows: Sequence[Compared]) -> Iterator[str]:
    if rows:
        yield f"{title}:"
    for row in rows:
        called = " ".join(filter(None, (row.key, row.name)))
        yield f"  {called + ': ' if called else ''}{_compared(row.before, row.after)}"


def _compared(before: Counts, after: Counts) -> str:
    was, becomes = asdict(before), asdict(after)
    return ", ".join(
        f"{name.replace('_', ' ')} {_moved(was[name], becomes[name])}" for name in was if was[name] or becomes[name]
    )


def _moved(was: int, becomes: int) -> str:
    return f"{was:,}" if was == becomes else f"{was:,} -> {becomes:,}"


def _people(simulation: Simulation) -> Iterator[str]:
    people = simulation.people or ()
    if people:
        yield "people:"
    for person in people[:MOST_SHOWN]:
        yield f"  {person.code or person.id} {person.name}: {'; '.join(_person(person))}"
    if simulation.changed > MOST_SHOWN:
        yield f"  … and {simulation.changed - MOST_SHOWN:,} more; --out writes all of them"


def _person(person: ChangedPerson) -> Iterator[str]:
    if person.warnings_before != person.warnings_after:
        yield f"warnings: {_warned(person.warnings_before)} -> {_warned(person.warnings_after)}"
    yield from (_change(change) for change in person.changes)


def _warned(warnings: Sequence[Warned]) -> str:
    return ", ".join(f"{warning.on} at {warning.points}" for warning in warnings) or "none"


def _change(change: SanctionChange) -> str:
    span = change.after or change.before
    return f"{span.kind.value if span else ''}: {_span(change.before)} -> {_span(change.after)}"


def _span(span: Sanction | None) -> str:
    if span is None:
        return "none"
    last = "open" if span.until is None else _day(span.until - ONE_DAY)
    return f"{_day(span.start)} to {last} ({span.ground.value}, {_state(span)})"


def _state(span: Sanction) -> str:
    return "not restored" if span.state_until is None else f"restored on {_day(span.state_until)}"


def _day(day: date) -> str:
    return day.isoformat()


COMMANDS = (simulate,)
