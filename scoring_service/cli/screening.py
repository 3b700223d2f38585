"""`screen`: claim files judged in bulk."""

from __future__ import annotations

import errno
import sys
import time
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scoring_service.runtime.start import opened
from scoring_service.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scoring_service.screening.summary import Sum, Summary

LINE_SECONDS = 2.0
MOST_NAMED = 10


class Instant(click.ParamType[datetime]):
    """An instant with an offset, as RFC 3339 writes it."""

    name = "instant"

    def convert(
        self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Return the instant; fail for one without an offset."""
        try:
            instant = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        except ValueError:
            instant = None
        if instant is None or instant.tzinfo is None:
            self.fail(f"{value}: an instant with an offset is wanted, like 2025-06-01T00:00:00+08:00", param, ctx)
        return instant


_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument(
    "claims", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--out", type=_FILE, required=True, help="a .csv, .csv.gz or .parquet file: the rows with the verdicts")
@click.option("--rejects", type=_FILE, help="lines that cannot be judged, and why; by default OUT.rejects.csv")
@click.option("--known-at", type=Instant(), metavar="T", help="judge as was known then; by default now")
@click.option("--against", type=Instant(), metavar="T", help="compare with what was known then: what changed")
@click.option("--people", metavar="COL,…", help="the columns of people who must all be payable")
@click.option("--engine", type=click.Choice(["duckdb", "spark"]), default="duckdb", help="what joins the lines")
@click.option(
    "--master", metavar="URL", envvar="SPARK_MASTER", default="local[*]", show_default=True, show_envvar=True,
    help="the cluster of --engine spark, as spark-submit names it",
)  # fmt: skip
@click.option("--verdicts", is_flag=True, help="line number, key columns and verdict alone")
def screen(
    claims: tuple[Path, ...],
    *,
    out: Path,
    rejects: Path | None,
    known_at: datetime | None,
    against: datetime | None,
    people: str | None,
    engine: str,
    master: str,
    verdicts: bool,
) -> None:
    """Say of every line of CLAIMS (CSV, CSV.GZ, Parquet) whether it is payable, why, and until when not.

    On Spark OUT is a folder of parts, and every machine sees it and CLAIMS under the same path.
    Columns: bilg_dr_code (else phar_code), fixmedins_code, fee_ocur_time, emergency, det_item_fee_sumamt, or as
    docs/operations.md lists them. Stopped midway, nothing has its final name: run it again.
    """
    # The engines' libraries take half a second to load, which no other command should pay for.
    from scoring_service.screening.screen import Run  # noqa: PLC0415
    from scoring_service.screening.screen import screen as screen_files  # noqa: PLC0415
    from scoring_service.screening.spark import EngineMissing, check_installed, screen_on_spark, started  # noqa: PLC0415

    named = [name for name in (people or "").split(",") if name.strip()]
    run = Run(
        claims=claims, out=out, rejects=rejects, known_at=known_at, against=against, people=named, verdicts=verdicts
    )
    begun = time.monotonic()
    try:
        if engine == "spark":
            check_installed()
        with opened(Settings.from_env()) as service:
            if engine == "spark":
                summary = screen_on_spark(service, run, partial(started, master), _Progress())
            else:
                summary = screen_files(service, run, _Progress())
    except EngineMissing as missing:
        raise click.UsageError(str(missing)) from missing
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        click.echo("磁盘已满，未写出任何结果 / the disk is full; nothing was written", err=True)
        sys.exit(1)
    _tell(summary, time.monotonic() - begun)
    if summary.rejected:
        click.echo(f"{run.rejects_file()} says why {summary.rejected:,} lines could not be judged.")


class _Progress:
    """Tells the pace on the terminal, or a line now and then where there is none."""

    def __init__(self) -> None:
        self._begun = self._shown = time.monotonic()

    def __call__(self, lines: int, share: float) -> None:
        now = time.monotonic()
        if now - self._shown < LINE_SECONDS:
            return
        self._shown, seconds = now, now - self._begun
        left = f", {seconds / share - seconds:,.0f} s left of this file" if share > 0 else ""
        click.echo(f"{lines:,} lines, {lines / seconds:,.0f} lines/s{left}", err=True)


def _tell(summary: Summary, seconds: float) -> None:
    click.echo(f"known at {summary.known_at}, after change {summary.last_change}, pack {summary.digest[:16]}")
    people = ", ".join(summary.columns.people) or "the pharmacies' principals"
    click.echo(f"judged by {people}; service time: {summary.columns.service_time}")
    if summary.without_offset:
        click.echo("times without an offset were read as Asia/Shanghai")
    lines = f"{summary.lines:,} lines = {summary.judged:,} rows + {summary.rejected:,} rejects"
    click.echo(f"{lines} in {seconds:.1f} s, {summary.lines / seconds:,.0f} lines/s")
    has_amounts = summary.columns.amount is not None
    _tell_sums("reason", summary.by_reason, has_amounts=has_amounts)
    _tell_sums("not payable, by institution", summary.by_institution, has_amounts=has_amounts)
    _tell_sums("not payable, by person", summary.by_person, has_amounts=has_amounts)
    if summary.without_amount:
        click.echo(f"{summary.without_amount:,} lines have no amount that can be read; they count as 0")
    if summary.against is not None:
        click.echo(f"against what was known at {summary.against}:")
        click.echo(f"  to be recovered (P48): {_shown(summary.recover, has_amounts=has_amounts)}")
        click.echo(f"  to be paid after all: {_shown(summary.pay, has_amounts=has_amounts)}")


def _tell_sums(title: str, sums: Mapping[str, Sum], *, has_amounts: bool) -> None:
    if sums:
        click.echo(f"{title}:")
    ordered = sorted(sums.items(), key=lambda each: (-each[1].lines, each[0]))
    for name, total in ordered[:MOST_NAMED]:
        click.echo(f"  {name}: {_shown(total, has_amounts=has_amounts)}")
    if len(ordered) > MOST_NAMED:
        click.echo(f"  … and {len(ordered) - MOST_NAMED:,} more")


def _shown(total: Sum, *, has_amounts: bool) -> str:
    return f"{total.lines:,} lines" + (f", {total.amount:,.2f}" if has_amounts else "")


COMMANDS = (screen,)
