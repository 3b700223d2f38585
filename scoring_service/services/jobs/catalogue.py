"""The jobs: what each is called, when it is due, and the step that does its work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from scoring_service.problems import NotFound
from scoring_service.services.jobs import deadlines, retention
from scoring_service.services.notices import backlog
from scoring_service.services.reminders import outbox
from scoring_service.services.standing import proof
from scoring_service.services.unit_of_work.step import Step
from scoring_service.services.unit_of_work.transaction import Work
from scoring_service.services.years import closing, ratio_watch, sanctions_due


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job: `step` is one transaction of it.

    A yearly one has the year as its period and is due on the next 1 January; a daily one has the day. All are due
    at 00:00. Of a job of the `present` several missed days are done by one run, the latest: what it looks at is the
    state of now.
    """

    name: str
    title: str
    step: Callable[[Work, str, str | None], Step]
    yearly: bool = False
    present: bool = False

    def period_due_on(self, day: date) -> str | None:
        """Return the period that becomes due on `day`, None when none does."""
        if not self.yearly:
            return day.isoformat()
        return str(day.year - 1) if (day.month, day.day) == (1, 1) else None

    def due_on(self, period: str) -> date | None:
        """Return the day on which `period` becomes due; None when there is no such period."""
        try:
            if not self.yearly:
                day = date.fromisoformat(period)
                return day if day.isoformat() == period else None
            year = int(period) if len(period) == 4 and period.isascii() and period.isdigit() else 0  # noqa: PLR2004
            return date(year + 1, 1, 1) if year else None
        except ValueError:
            return None


def _job(name: str, title: str, step: Callable[[Work, str, str | None], Step], **kind: bool) -> Job:
    return Job(name=name, title=title, step=step, **kind)


# In the order in which the jobs of one day run.
JOBS = (
    _job("year-close", "年度结转 / Closing of the year", closing.close_chunk, yearly=True),
    _job("sanctions-due", "暂停、终止的起止 / Sanctions that begin and end", sanctions_due.announce_day),
    _job("deadlines", "送达与期限 / Receipts and deadlines", deadlines.run_parts),
    _job("ratio-watch", "机构比例 / Ratios of institutions", ratio_watch.watch),
    _job("letters", "补制文书 / Letters of the closed year", backlog.write_chunk),
    _job("ledger-check", "台账核验 / Proof of ledger and standings", proof.check_chunk, present=True),
    _job("reminders", "每日提醒 / Daily reminders", outbox.write_daily, present=True),
    _job("retention", "到期清理 / What is kept no longer", retention.clear, present=True),
)


def job_named(name: str) -> Job:
    """Return the job with this name. Raises NotFound."""
    job = next((job for job in JOBS if job.name == name), None)
    if job is None:
        raise NotFound("任务 / job")
    return job
