"""`scheduler` and `jobs`: what runs by itself, and what is run by hand."""

import click

from scoring_service.jobs import schedule
from scoring_service.runtime.children import follow_parent
from scoring_service.runtime.start import opened
from scoring_service.services.jobs.reading import overview
from scoring_service.services.jobs.runs import run_named
from scoring_service.settings import Settings
from scoring_service.telemetry.logs import configure_logs


@click.command()
@click.option("--with-parent", type=int, hidden=True, help="leave when the process of this number is gone")
def scheduler(*, with_parent: int | None) -> None:
    """Run the due jobs, until stopped. Any number may run: one leads, another takes over after its end."""
    settings = Settings.from_env()
    configure_logs(settings.log_level)
    if with_parent is not None:
        follow_parent(with_parent)
    with opened(settings) as service:
        schedule(service)


@click.group()
def jobs() -> None:
    """Jobs: what the scheduler runs, each once for each of its periods."""


@jobs.command("list")
def listed() -> None:
    """List the jobs in the order in which those of one day run, each with its last run."""
    with opened(Settings.from_env()) as service, service.work() as work:
        every_job = overview(work)
    for job in every_job:
        run = job.last_run
        last = f"{run.period} {run.state} {run.error or run.counts}" if run else "never ran"
        click.echo(f"{job.name:<14} {job.cadence:<7} next {job.next_period:<11} {last}   {job.title}")


@jobs.command("run")
@click.argument("name")
@click.option(
    "--period", help="YYYY for a yearly job, YYYY-MM-DD for a daily one; default the latest that is due"
)
def run(name: str, period: str | None) -> None:
    """Run the job NAME for a period; a period that is done stays as it is."""
    with opened(Settings.from_env()) as service:
        done = run_named(service, name, period)
    click.echo(f"{done.job} {done.period}: {done.state} {done.counts}")


COMMANDS = (scheduler, jobs)
