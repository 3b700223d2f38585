"""`user add`: accounts made by whoever operates the machine."""

import secrets
import sys

import click

from scoring_service.runtime.start import opened
from scoring_service.services.accounts.opening import add_account
from scoring_service.services.unit_of_work.actor import ROLES
from scoring_service.settings import Settings

GENERATED_PASSWORD_BYTES = 18


@click.group()
def user() -> None:
    """Accounts."""


@user.command()
@click.argument("name")
@click.option(
    "--role", "roles", required=True, multiple=True, type=click.Choice(sorted(ROLES)), help="may be repeated"
)
@click.option("--staff-no", required=True, help="who the person is; two accounts of one person share it")
@click.option("--real-name", help="the person's name, shown beside what they do")
@click.option("--institution", metavar="CODE", help="the institution of a role bound to one")
@click.option("--practitioner", metavar="REF", help="the practitioner of a role bound to one: id or national code")
@click.option("--region", metavar="PREFIX", help="the division that the account sees, 2 to 6 digits")
@click.option("--password-stdin", is_flag=True, help="read the password from the first line of standard input")
@click.option("--no-password", is_flag=True, help="none: the account signs in by OpenID Connect alone")
def add(
    name: str,
    *,
    roles: tuple[str, ...],
    staff_no: str,
    real_name: str | None,
    institution: str | None,
    practitioner: str | None,
    region: str | None,
    password_stdin: bool,
    no_password: bool,
) -> None:
    """Add the account NAME. It asks for a password, or without a terminal makes one up, unless told otherwise."""
    if no_password and password_stdin:
        raise click.UsageError("--no-password and --password-stdin exclude each other")
    settings = Settings.from_env()
    given = no_password or password_stdin or sys.stdin.isatty()
    made_up = None if given else secrets.token_urlsafe(GENERATED_PASSWORD_BYTES)
    password = made_up if made_up or no_password else _password(from_stdin=password_stdin)
    with opened(settings) as service, service.work() as work:
        account_id = add_account(
            work,
            username=name,
            roles=roles,
            staff_no=staff_no,
            real_name=real_name,
            password=password,
            region=region,
            institution=institution,
            practitioner=practitioner,
        )
    click.echo(f"Added {name} ({', '.join(roles)}), id {account_id}.")
    if made_up:
        click.echo(f"Password, shown this once: {made_up}")


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    entered: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return entered


COMMANDS = (user,)
