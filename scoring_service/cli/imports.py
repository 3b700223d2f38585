"""`import`: a file into the registry or the ledger, by whoever operates the machine."""

import csv
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import click

from scoring_service.core.procedure import ImportState
from scoring_service.runtime.start import opened
from scoring_service.services.imports import requests
from scoring_service.services.imports.cells import shown
from scoring_service.services.imports.keeping import CellFaultRow
from scoring_service.services.imports.kinds import KINDS
from scoring_service.services.imports.records import AT_WORK, Import, every_fault, read_import
from scoring_service.services.imports.running import run_waiting
from scoring_service.services.imports.workbooks import commented_copy
from scoring_service.services.unit_of_work.transaction import Service
from scoring_service.settings import Settings
from scoring_service.terms import chinese
from scoring_service.workbooks.reading import read_workbook

LOOK_SECONDS = 0.5
LINE_SECONDS = 5.0
PATIENCE_SECONDS = 1.0
EXPLANATION = "说明 / explanation"
_PHASES = {
    ImportState.WAITING: "waiting",
    ImportState.CHECKING: "checking",
    ImportState.WRITING: "writing",
}


@click.command("import")
@click.argument("kind", type=click.Choice(list(KINDS)))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="check only: what would be created, changed, left and refused")
@click.option(
    "--rejects",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="OUT",
    help="write what is refused: the file with comments on its cells, or with a .csv name its wrong rows explained",
)
@click.option("--absent", type=click.Choice(["end"]), help="end the registration of people whom the file leaves out")
@click.option("--case", metavar="ID", help="the draft case that findings go into")
def bring(
    kind: str, file: Path, *, dry_run: bool, rejects: Path | None, absent: str | None, case: str | None
) -> None:
    """Import FILE (XLSX, XLS, ODS or CSV) as KIND; exit 1 when it is refused, and nothing is written then.

    The same file again changes nothing. Stopped midway, it is finished by the scheduler or the next import.
    """
    options = {name: value for name, value in (("absent", absent), ("case", case)) if value is not None}
    with opened(Settings.from_env()) as service:
        with service.work() as work:
            import_id = requests.upload(
                work, kind, filename=file.name, content=file.read_bytes(), dry_run=dry_run, options=options
            ).id
        done = _followed(service, import_id)
        faults = _faults(service, import_id)
        _tell(done, faults)
        if rejects is not None and done.errors_total:
            _write_rejects(service, import_id, file, rejects)
    sys.exit(0 if done.state in {ImportState.CHECKED, ImportState.DONE} else 1)


def _followed(service: Service, import_id: str) -> Import:
    """Work on the import beside whoever else does, and show how far it is; return it at rest."""
    worker = threading.Thread(target=_work, args=(service, _reader(service, import_id)), daemon=True)
    worker.start()
    read = _reader(service, import_id)
    shown_at = 0.0
    while (present := read()).state in AT_WORK and (worker.is_alive() or present.state in AT_WORK):
        if sys.stderr.isatty():
            click.echo(f"\r\x1b[K{_progress(present)}", nl=False, err=True)
        elif time.monotonic() - shown_at > LINE_SECONDS:
            click.echo(_progress(present), err=True)
            shown_at = time.monotonic()
        time.sleep(LOOK_SECONDS)
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", nl=False, err=True)
    worker.join()
    return read()


def _work(service: Service, read: Callable[[], Import]) -> None:
    while read().state in AT_WORK:
        if not run_waiting(service):
            time.sleep(PATIENCE_SECONDS)


def _reader(service: Service, import_id: str) -> Callable[[], Import]:
    def read() -> Import:
        with service.work() as work:
            return read_import(work, import_id)

    return read


def _progress(present: Import) -> str:
    if present.state is ImportState.CHECKING and present.rows is None:
        phase = "reading"
    else:
        phase = _PHASES.get(present.state, present.state.value)
    of_rows = "" if present.rows is None else f" of {present.rows:,}"
    speed = "" if present.rows_per_second is None else f", {present.rows_per_second:,} rows/s"
    left = "" if present.seconds_left is None else f", {present.seconds_left} s left"
    return f"{phase}: {present.rows_done:,}{of_rows} rows{speed}{left}"


def _faults(service: Service, import_id: str) -> list[CellFaultRow]:
    with service.work() as work:
        return every_fault(work, import_id)


def _tell(done: Import, faults: Sequence[CellFaultRow]) -> None:
    for fault in faults:
        place = f"{fault.sheet}!{fault.column or ''}{fault.row}"
        kind = "warning" if fault.warning else "error"
        click.echo(f"{place}\t{kind}\t{fault.value}\t{fault.expected}")
    if (hidden := done.errors_total - sum(not fault.warning for fault in faults)) > 0:
        click.echo(f"… and {hidden:,} more errors")
    if done.error is not None:
        click.echo(done.error, err=True)
    counts = ("created", "changed", "left", "refused", "ended")
    listed = ", ".join(f"{getattr(done, name):,} {name}" for name in counts if name != "ended" or done.ended)
    click.echo(f"{done.state.value}: {done.rows or 0:,} rows; {listed}")


def _write_rejects(service: Service, import_id: str, file: Path, out: Path) -> None:
    if out.suffix.lower() == ".csv":
        errors = [fault for fault in _faults(service, import_id) if not fault.warning]
        with out.open("w", encoding="utf-8-sig", newline="") as target:
            csv.writer(target).writerows(_explained(file, errors))
    else:
        with service.work() as work:
            out.write_bytes(commented_copy(work, import_id, chinese))
    click.echo(f"{out} explains the rows that were refused.", err=True)


def _explained(file: Path, errors: Sequence[CellFaultRow]) -> Iterator[list[str]]:
    """Give the headings, and each wrong row with what is wrong in it behind its cells."""
    wrong: dict[tuple[str, int], list[str]] = defaultdict(list)
    for fault in errors:
        wrong[fault.sheet, fault.row].append(f"{fault.column or ''}: {fault.expected}")
    for sheet in read_workbook(file, file.name):
        for position, row in enumerate(sheet.rows):
            explained = wrong.get((sheet.name, row.number))
            if explained or not position:
                cells = [shown(cell) for cell in row.cells]
                yield [*cells, "; ".join(explained) if explained else EXPLANATION]


COMMANDS = (bring,)
