"""`rebuild` and `verify-ledger`: the cache from the ledger, and the ledger's own proof."""

import sys
from collections.abc import Iterable

import click

from scoring_service.runtime.start import opened
from scoring_service.services.standing.proof import Misfit, check_standings, verify_ledger
from scoring_service.services.standing.proof import rebuild as rebuild_standings
from scoring_service.settings import Settings


@click.command()
@click.option("--check", is_flag=True, help="change nothing; exit 1 when a standing differs from its ledger")
def rebuild(*, check: bool) -> None:
    """Fold every file anew into its standing."""
    with opened(Settings.from_env()) as service:
        if not check:
            click.echo(f"{rebuild_standings(service)} files rebuilt.")
            return
        files, misfits = check_standings(service)
    _report(f"{files} files checked, {len(misfits)} differ.", misfits)


@click.command("verify-ledger")
def verify() -> None:
    """Check the hash chain of every file, and against the heads stored by the last run; exit 1 on a misfit."""
    with opened(Settings.from_env()) as service:
        files, misfits = verify_ledger(service)
    _report(f"{files} files verified, {len(misfits)} do not fit.", misfits)


def _report(summary: str, misfits: Iterable[Misfit]) -> None:
    faults = list(misfits)
    for misfit in faults:
        entry = "" if misfit.seq is None else f" entry {misfit.seq}"
        click.echo(f"practitioner {misfit.practitioner_id}{entry}: {misfit.what}", err=True)
    click.echo(summary)
    sys.exit(1 if faults else 0)


COMMANDS = (rebuild, verify)
