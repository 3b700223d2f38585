"""`keys rotate` and `keys list`: the service's own keys, by their fingerprints."""

import sys
import time

import click

from scoring_service.runtime.key_file import KeyName
from scoring_service.runtime.rotation import ORDER, KeyOnRecord, list_keys, rotate
from scoring_service.settings import Settings

LINE_SECONDS = 10.0
_NAMES: dict[str, tuple[KeyName, ...]] = {
    "session": ("secret_key",),
    "identity": ("identity_key",),
    "both": ORDER,
}


@click.group()
def keys() -> None:
    """The keys that sign sessions and encrypt identity numbers."""


@keys.command("list")
def show_keys() -> None:
    """Show the fingerprint of every key, with when it came and went."""
    for key in list_keys(Settings.from_env()):
        click.echo(_line(key))


def _line(key: KeyOnRecord) -> str:
    dates = [f"known since {key.known_from:%Y-%m-%d %H:%M %z}"]
    for word, instant in (
        ("present since", key.present_from),
        ("until", key.present_until),
        ("forgotten", key.forgotten_at),
    ):
        if instant is not None:
            dates.append(f"{word} {instant:%Y-%m-%d %H:%M %z}")
    return f"{key.name:<13} {key.fingerprint}  {', '.join(dates)}"


@keys.command("rotate")
@click.option("--only", type=click.Choice(list(_NAMES)), default="both", show_default=True, help="which key")
def rotate_keys(*, only: str) -> None:
    """Bring in a new key, seal anew what lies under the old one, and forget it when it may go.

    The service may run meanwhile. Stopped midway, run it again: it goes on. It says what it waits for.
    """
    rotate(Settings.from_env(), click.echo, _Progress().show, names=_NAMES[only])


class _Progress:
    """How far the sealing is: a line that moves on a terminal, else one every ten seconds."""

    def __init__(self) -> None:
        self._begun = self._shown = time.monotonic()

    def show(self, seen: int, whole: int) -> None:
        now = time.monotonic()
        is_terminal = sys.stderr.isatty()
        if now - self._shown < (0.2 if is_terminal else LINE_SECONDS) and not (is_terminal and seen == whole):
            return
        self._shown = now
        rate = seen / max(now - self._begun, 0.001)
        line = f"{seen:,} of {whole:,} rows looked at, {rate:,.0f} a second, {(whole - seen) / max(rate, 1):.0f} s left"
        ended = "\r\x1b[K" if is_terminal and seen == whole else ""
        click.echo(f"\r\x1b[K{line}{ended}" if is_terminal else line, nl=not is_terminal, err=True)


COMMANDS = (keys,)
