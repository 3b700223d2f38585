"""`export`: what is on record, as a file for a spreadsheet."""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import IO

import click

from scoring_service.runtime.start import opened
from scoring_service.services.accounts.account import listing as accounts
from scoring_service.services.appeals import reading as appeals
from scoring_service.services.cases import reading as cases
from scoring_service.services.imports.exports import EXPORTS, export
from scoring_service.services.jobs import reading as jobs
from scoring_service.services.notices import issuing, talks
from scoring_service.services.proposals import proposal, resumption_reading
from scoring_service.services.proposals.kinds import KINDS
from scoring_service.services.record.audit import audit
from scoring_service.services.record.exports import Listed, pages_of, write_tables
from scoring_service.services.registry.institutions import list_institutions
from scoring_service.services.registry.practitioners import list_practitioners
from scoring_service.services.unit_of_work.actor import SYSTEM
from scoring_service.services.unit_of_work.transaction import Work
from scoring_service.settings import Settings
from scoring_service.workbooks.writing import Form

# Whoever operates the machine reads everything, and it goes on record.
OPERATOR = replace(SYSTEM, roles=SYSTEM.roles | {"office.auditor"})
LISTS: Mapping[str, Callable[[Work], Listed]] = {
    "institutions": lambda work: partial(list_institutions, work),
    "practitioners": lambda work: partial(list_practitioners, work),
    "cases": cases.listing,
    "notices": issuing.listing,
    "talks": talks.listing,
    "appeals": appeals.listing,
    "resumptions": resumption_reading.listing,
    "applications": partial(proposal.listing, kind=KINDS["remediation"].kind),
    "reregistrations": partial(proposal.listing, kind=KINDS["reregistrations"].kind),
    "corrections": partial(proposal.listing, kind=KINDS["corrections"].kind),
    "liftings": partial(proposal.listing, kind=KINDS["liftings"].kind),
    "registry-corrections": partial(proposal.listing, kind=KINDS["registry"].kind),
    "users": accounts,
    "audit": audit,
    "jobs": jobs.overview,
}
REPORTS = ("report", "statistics")
# What `import` reads back is written in its columns; of the rest the lists of the API.
KINDS_OF_FILE = (*EXPORTS, *(name for name in LISTS if name not in EXPORTS), *REPORTS)


@click.command("export")
@click.argument("kind", type=click.Choice(KINDS_OF_FILE), metavar="KIND")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="an .xlsx or .csv file")
@click.option("--year", type=click.IntRange(2000, 2999), help="of a report; this year by default")
@click.option("--language", type=click.Choice(("zh", "en")), help="of headings and words; codes without it")
def write_out(kind: str, out: Path, *, year: int | None, language: str | None) -> None:
    """Write what is on record of KIND to a file whose name ends in .xlsx or .csv; that is put on record.

    KIND is one of `import`, in the columns that it reads back (people without a code are named by their identity
    numbers: keep the file as the register itself is kept), a list such as `notices`, or `report` with the figures and
    sanctions of a year.
    """
    suffix = out.suffix.lower().removeprefix(".")
    if suffix not in set(Form):
        raise click.BadParameter("the file's name ends in .xlsx or .csv", param_hint="--out")
    with (
        opened(Settings.from_env()) as service,
        service.long_reading(OPERATOR) as work,
        _written(work, Form(suffix), kind, year, language) as made,
        out.open("wb") as file,
    ):
        shutil.copyfileobj(made, file)
    click.echo(f"Wrote {out}.")


def _written(work: Work, form: Form, kind: str, year: int | None, language: str | None) -> IO[bytes]:
    # The API brings the library of the counters, whose folder the server names first.
    from scoring_service.api.tables.files import list_file  # noqa: PLC0415
    from scoring_service.api.tables.report import year_report  # noqa: PLC0415

    if kind in REPORTS:
        return year_report(work, form, year=year, region=None, known_at=None, language=language)
    if kind in EXPORTS:
        return write_tables(form, [export(work, kind)])
    pages = pages_of(work, LISTS[kind](work))
    return list_file(work, kind, form, pages, language=language, detail={"path": "export"})


COMMANDS = (write_out,)
