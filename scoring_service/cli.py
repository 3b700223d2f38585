"""The command line. `python -m scoring_service` is the same."""

import os
import sys
from dataclasses import replace

import click

from scoring_service.embedded import EmbeddedError
from scoring_service.settings import PREFIX, Demo, Settings, SettingsError
from scoring_service.start import database, prepare, seed

DEMO_NAMES = (
    "clerk", "reviewer", "appeals", "expert", "expert2", "auditor", "admin", "regulator", "settlement",
    "clinic", "doctor",
)  # fmt: skip


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main_group() -> None:
    """医保支付资格记分管理 / points files of medical-insurance practitioners."""


def main() -> None:
    """The console script. A wrong setting is one sentence and exit code 2, other refusals exit code 1."""
    from scoring_service.server import PortTaken  # noqa: PLC0415 -- see serve

    try:
        main_group(prog_name="scoring-service")
    except SettingsError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    except (EmbeddedError, PortTaken) as error:
        click.echo(str(error), err=True)
        sys.exit(1)


@main_group.command()
@click.option("--host", help="address to listen on (SCORING_HOST)")
@click.option("--port", help="port to listen on (SCORING_PORT)")
@click.option("--workers", help="worker processes (SCORING_WORKERS)")
def serve(host: str | None, port: str | None, workers: str | None) -> None:
    """Serve API and console; with the embedded database, start, migrate and stop that too."""
    from scoring_service.server import serve as run  # noqa: PLC0415 -- the server is needed here only

    overrides = {"HOST": host, "PORT": port, "WORKERS": workers}
    os.environ.update({PREFIX + name: value for name, value in overrides.items() if value is not None})
    run(Settings.from_env(), greet)


@main_group.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    settings = Settings.from_env()
    with database(settings) as url:
        prepare(settings, url)
    click.echo("The database is at the newest schema.")


@main_group.command()
@click.option("--accounts-only", is_flag=True, help="accounts, one institution and one practitioner; no scores")
def demo(accounts_only: bool) -> None:  # noqa: FBT001 -- click's way
    """Put the demo into a database that was never seeded (embedded, on the loopback, not in production)."""
    wanted: Demo = "accounts" if accounts_only else "full"
    settings = replace(Settings.from_env(os.environ | {PREFIX + "DEMO": "off"}), demo=wanted)
    settings.check_demo("Demo accounts are refused")
    with database(settings) as url:
        prepare(settings, url)
        present = seed(settings, url)
    click.echo(f"What this database was seeded with: {present}.")
    if present != "off":
        show_logins()


def greet(settings: Settings, present: Demo) -> None:
    """Print where the service can be found, and the demo logins when they exist."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"http://{host}:{settings.port}"
    click.echo(f"定点医药机构相关人员医保支付资格管理 / scoring service: {address}/")
    click.echo(f"  API      {address}/api/v1")
    click.echo(f"  docs     {address}/api/docs")
    click.echo(f"  health   {address}/readyz")
    if settings.embedded:
        click.echo(f"  data     {settings.data_dir}")
    if present != "off":
        show_logins()
    click.echo("Ctrl-C stops it.")
    sys.stdout.flush()


def show_logins() -> None:
    """Print the demo accounts of contract.md."""
    click.echo("Demo logins (user / password):")
    for name in DEMO_NAMES:
        click.echo(f"  {name:<11} demo-{name}")


