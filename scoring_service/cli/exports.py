"""`export`: what is on record, in a file that `import` reads back."""

from pathlib import Path

import click

from scoring_service.runtime.start import opened
from scoring_service.services.imports.exports import EXPORTS, export
from scoring_service.settings import Settings
from scoring_service.workbooks.writing import Form, chunks


@click.command("export")
@click.argument("kind", type=click.Choice(list(EXPORTS)))
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="an .xlsx or .csv file")
def write_out(kind: str, out: Path) -> None:
    """Write what is on record of KIND to a file that `import KIND` reads back.

    People without a code are named by their identity numbers: keep the file as the register itself is kept.
    """
    suffix = out.suffix.lower().removeprefix(".")
    if suffix not in set(Form):
        raise click.BadParameter("the file's name ends in .xlsx or .csv", param_hint="--out")
    with opened(Settings.from_env()) as service, service.work() as work, out.open("wb") as file:
        for chunk in chunks(Form(suffix), [export(work, kind)]):
            file.write(chunk)
    click.echo(f"Wrote {out}.")


COMMANDS = (write_out,)
