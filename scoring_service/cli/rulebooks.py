"""`rulebooks check` and `rulebooks adopt`: a file that changes a rulebook, checked, proposed and adopted."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from scoring_service.core.procedure import DraftState
from scoring_service.law.adopting import Difference
from scoring_service.law.files import DatedValue
from scoring_service.problems import Forbidden, NotFound
from scoring_service.runtime.start import opened
from scoring_service.services.accounts.signing_in import actor_of_account, verified_account
from scoring_service.services.rulebooks import deciding, drafts
from scoring_service.services.rulebooks.checking import Checked, check_file
from scoring_service.services.rulebooks.drafts import Draft
from scoring_service.services.unit_of_work.listing import read_oldest
from scoring_service.services.unit_of_work.transaction import Service, Work
from scoring_service.settings import Settings

MOST_WAITING = 200
_FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.group()
def rulebooks() -> None:
    """Rulebooks that change: FILE is called as the rulebook, such as chifeng.yaml, and holds all of it."""


@rulebooks.command()
@_FILE
def check(file: Path) -> None:
    """Tell what FILE would change of the law in force, from which day on; exit 1 when it could not be adopted."""
    with opened(Settings.from_env()) as service, service.work() as work:
        _tell(check_file(work, file.stem, file.read_bytes()))


@rulebooks.command()
@_FILE
@click.option("--as", "username", required=True, metavar="NAME", help="the administrator's account that acts")
@click.option("--approve", is_flag=True, help="adopt FILE, which another person has proposed")
@click.option("--password-stdin", is_flag=True, help="read the password from the first line of standard input")
def adopt(file: Path, *, username: str, approve: bool, password_stdin: bool) -> None:
    """Propose FILE for adoption, or with --approve adopt what another person has proposed."""
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else click.prompt("Password", hide_input=True)
    rulebook_id, content = file.stem, file.read_bytes()
    with (
        opened(Settings.from_env()) as service,
        _signed_in(service, username, password) as work,
    ):
        if approve:
            waiting = _waiting(work, rulebook_id, content)
            read = deciding.approve(work, rulebook_id, str(waiting.n), expected_version=waiting.version)
        else:
            read = drafts.propose(work, rulebook_id, filename=file.name, content=content)
        draft = read.draft
        if read.checked is not None:
            _tell(read.checked)
    done = "Adopted" if approve else "Proposed, for another person to adopt:"
    click.echo(f"{done} draft {draft.n} of {draft.rulebook}, in force from {draft.begins_on}.")


@contextmanager
def _signed_in(service: Service, username: str, password: str) -> Iterator[Work]:
    """Open a transaction of an administrator's. Raises Unauthenticated, TooManyAttempts, Forbidden."""
    account_id = verified_account(service, username=username, password=password, address="127.0.0.1")
    with service.work() as work:
        actor = actor_of_account(work.conn, account_id)
        if actor is None or not actor.has("office.admin"):
            raise Forbidden
        work.actor = actor
        yield work


def _waiting(work: Work, rulebook_id: str, content: bytes) -> Draft:
    """Return the draft that waits with exactly this file. Raises NotFound."""
    listed = drafts.listing(work, rulebook_id, state=DraftState.PROPOSED)
    for draft in read_oldest(work, listed, limit=MOST_WAITING):
        if draft.content == content:
            return draft
    raise NotFound("待决定的草案 / draft with this file that waits for its decision")


def _tell(checked: Checked) -> None:
    click.echo(f"In force from {checked.begins_on}:")
    for each in checked.differences:
        click.echo(f"  {each.on} {each.key}: {_shown(each.before)} -> {_shown(each.after)} ({_where(each)})")
    for item in checked.dropped:
        click.echo(f"  {item.on} items.{item.item} is dropped; entries made under it: {item.entries:,}")


def _where(difference: Difference) -> str:
    own = f"; not {', '.join(difference.otherwise)}" if difference.otherwise else ""
    return ", ".join(difference.applies_to) + own


def _shown(value: DatedValue | None) -> str:
    if value is None:
        return "nothing"
    return f"{value.value}{'' if value.verified else ' (assumed)'}"


COMMANDS = (rulebooks,)
