"""`serve`, `migrate` and `demo`: what brings the service up."""

import os
import sys
from dataclasses import replace

import click

from scoring_service.cli.server import serve as run
from scoring_service.runtime.start import database, keyed, prepare, seed
from scoring_service.settings import PREFIX, Demo, Settings

DEMO_NAMES = (
    "clerk", "reviewer", "appeals", "expert", "expert2", "auditor", "admin", "regulator", "settlement",
    "clinic", "doctor",
)  # fmt: skip


@click.command()
@click.option("--host", help="address to listen on (SCORING_HOST)")
@click.option("--port", help="port to listen on (SCORING_PORT)")
@click.option("--workers", help="worker processes (SCORING_WORKERS)")
def serve(host: str | None, port: str | None, workers: str | None) -> None:
    """Serve API and console; with the embedded database, start, migrate and stop that too."""
    overrides = {"HOST": host, "PORT": port, "WORKERS": workers}
    os.environ.update({PREFIX + name: value for name, value in overrides.items() if value is not None})
    run(Settings.from_env(), greet)


@click.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    settings = Settings.from_env()
    with database(settings) as addresses:
        prepare(settings, addresses)
    click.echo("The database is at the newest schema.")


@click.command()
@click.option("--accounts-only", is_flag=True, help="accounts, one institution and one practitioner; no scores")
def demo(*, accounts_only: bool) -> None:
    """Put the demo into a database that was never seeded (embedded, on the loopback, not in production)."""
    wanted: Demo = "accounts" if accounts_only else "full"
    settings = replace(Settings.from_env(os.environ | {PREFIX + "DEMO": "off"}), demo=wanted)
    settings.check_demo("Demo accounts are refused")
    with database(settings) as addresses:
        prepare(settings, addresses)
        settings = keyed(settings, addresses)
        present = seed(settings, addresses)
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


COMMANDS = (serve, migrate, demo)
