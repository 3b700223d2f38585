"""The command line; `python -m scoring_service` is the same.

Lives here: options, messages and exit codes, and the parent process of the workers. Begin with `serving.py`, then
`server.py`. Does not live here: what a command does (runtime/, services/).
"""

import sys

import click

from scoring_service.cli import (
    accounts,
    backups,
    imports,
    jobs,
    keys,
    ledger,
    rulebooks,
    screening,
    serving,
    simulation,
    tables,
)
from scoring_service.cli.server import PortTaken
from scoring_service.law.yaml_files import FileError
from scoring_service.problems import Problem
from scoring_service.runtime.addresses import DatabaseUnreachable
from scoring_service.runtime.backups_manifest import BackupError
from scoring_service.runtime.embedded import EmbeddedError
from scoring_service.runtime.start import MigrationsMissing
from scoring_service.settings import SettingsError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def group() -> None:
    """医保支付资格记分管理 / points files of medical-insurance practitioners.

    Settings are environment variables SCORING_*; commands speak to SCORING_DATABASE_URL when it is set,
    else to the embedded database, which they start if it does not run.
    """


_ALL = (serving, accounts, ledger, jobs, imports, tables, screening, simulation, backups, keys, rulebooks)
for command in (command for module in _ALL for command in module.COMMANDS):
    group.add_command(command)


def main() -> None:
    """The console script. A wrong setting is one sentence and exit code 2, other refusals exit code 1."""
    try:
        group(prog_name="scoring-service")
    except SettingsError as error:
        _leave(str(error), 2)
    except Problem as problem:
        faults = [f"  {fault.pointer}: {fault.detail}" for fault in problem.errors]
        _leave("\n".join([problem.detail, *faults]), 1)
    except (DatabaseUnreachable, EmbeddedError, PortTaken, MigrationsMissing, FileError, BackupError) as error:
        _leave(str(error), 1)


def _leave(message: str, code: int) -> None:
    click.echo(message, err=True)
    sys.exit(code)
