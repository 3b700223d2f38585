"""What a release says of a data folder: a script, run under the release that is asked, the last one or this.

With the release on PYTHONPATH and the data folder in SCORING_DATA_DIR it writes JSON to FILE, and uses only what both
releases have:

    python release_says.py files FILE    every file on every day of DAYS; an answer stands at the day from which it holds
    python release_says.py jobs FILE [INSTANT]    what is issued, when the jobs of the present have run, or all to INSTANT
"""

import json
import sys
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

import scoring_service
from scoring_service.core.civil import civil_day, midnight
from scoring_service.core.standing import Status
from scoring_service.db import practitioner_lists
from scoring_service.db.files import read_files
from scoring_service.db.tables import events, job_runs, notices, practitioners
from scoring_service.runtime.start import opened
from scoring_service.services.eligibility.answer import make_check
from scoring_service.services.eligibility.checks import check_lines
from scoring_service.services.jobs.runs import Watch, move_clock, run_now
from scoring_service.services.standing.proof import check_standings, verify_ledger
from scoring_service.services.standing.reading import standing_from
from scoring_service.services.unit_of_work.actor import Actor
from scoring_service.services.unit_of_work.transaction import Work
from scoring_service.settings import Settings

# Every day of 2025, and a day of each week of 2026.
DAYS = [date(2025, 1, 1) + timedelta(days=number) for number in (*range(365), *range(365, 2 * 365, 7))]
SETTLEMENT = Actor(account_id=None, username="settlement", staff_no="", roles=frozenset({"settlement"}))
CHECKS_IN_A_CALL = 10_000


def files_of(service):
    """Every file on every day, without a trace in the database."""
    with service.engine.connect() as conn:
        work = Work(service=service, conn=conn, actor=SETTLEMENT)
        people = conn.execute(select(practitioners.c.id).order_by(practitioners.c.id)).scalars()
        files = read_files(conn, list(people))
        answers = {
            "standing": {ref: changes(DAYS, standings(work, file)) for ref, file in files.items()},
            "known on the first of each month": earlier_knowledge(work, files),
            "steps": {ref: [str(step.consequence) for step in file.folded().steps] for ref, file in files.items()},
            "eligibility": eligibility(work, files),
            "lists": lists(conn, files),
        }
        conn.rollback()
    return answers


def changes(days, answer_on):
    """The answers on the days on which they are others than on the day before."""
    kept = []
    for day in days:
        answer = answer_on(day)
        if not kept or kept[-1][1] != answer:
            kept.append((day, answer))
    return kept


def standings(work, file):
    return lambda day: standing(work, file, day)


def standing(work, file, day):
    """What the fold of the ledger says of a file on a day: state, points, and the sanctions."""
    answer = standing_from(work.rulebooks, file, day)
    state, threshold = answer.state, answer.next_threshold
    return {
        "status": state.status,
        "points": answer.points,
        "totals": answer.totals,
        "until": state.until,
        "may_reapply": state.may_reapply,
        "may_reapply_from": state.may_reapply_from,
        "sanction": span(state.sanction) if state.sanction else None,
        "sanctions": [span(each) for each in answer.sanctions],
        "next_threshold": threshold and (threshold.points, threshold.remaining, threshold.consequence),
        "rulebook": answer.rulebook.id,
    }


def span(sanction):
    return sanction.kind, sanction.ground, sanction.start, sanction.until


def earlier_knowledge(work, files):
    """The standing of each file on the first of each month, by the knowledge of that day's first instant."""
    firsts = [day for day in DAYS if day.day == 1]
    return {
        ref: changes(firsts, lambda day, file=file: standing(work, file.known_at(midnight(day)), day))
        for ref, file in files.items()
    }


def eligibility(work, files):
    """What settlement is answered: plainly, for an emergency, and at each institution of the person."""
    questions = [
        (ref, place, emergency, day)
        for ref, file in files.items()
        for place in (None, *sorted({each.institution for each in file.affiliations}))
        for emergency in (False, True)
        for day in DAYS
    ]
    decisions = {}
    for position in range(0, len(questions), CHECKS_IN_A_CALL):
        batch = questions[position : position + CHECKS_IN_A_CALL]
        checks = [make_check(ref, str(day), day, place, emergency=emergency) for ref, place, emergency, day in batch]
        for question, answer in zip(batch, check_lines(work, checks), strict=True):
            decisions.setdefault(question[:3], {})[question[3]] = decision(answer)
    return {" ".join(map(str, question)): changes(DAYS, of_days.get) for question, of_days in decisions.items()}


def decision(answer):
    return {
        "payable": answer.payable,
        "reason": answer.reason,
        "status": answer.status,
        "until": answer.until,
        "may_reapply_from": answer.may_reapply_from,
        "rulebook": answer.rulebook,
        "revision": answer.revision,
    }


def lists(conn, files):
    """In which lists of the console each person stands, by the cached spans."""
    places = {ref: {day: [] for day in DAYS} for ref in files}
    for day in DAYS:
        conditions = {status.value: practitioner_lists.has_status(status, day) for status in Status}
        conditions["coming"] = practitioner_lists.has_coming_sanction(day)
        for name, condition in conditions.items():
            for ref in conn.execute(select(practitioners.c.id).where(condition)).scalars():
                places[ref][day].append(name)
    return {ref: changes(DAYS, of_days.get) for ref, of_days in places.items()}


def issued(service, instant=None):
    """What there is of events, letters and runs of jobs after the jobs that are due, and whether cache and chain fit."""
    if instant is None:
        run_now(service, Watch())
    else:
        move_clock(service, datetime.fromisoformat(instant))
    with service.engine.connect() as conn:
        rows = {
            "events": conn.execute(select(events.c.kind, events.c.practitioner_id, events.c.recorded_at)).all(),
            "letters": conn.execute(select(notices.c.kind, notices.c.practitioner_id, notices.c.created_at)).all(),
            "jobs": conn.execute(select(job_runs.c.job, job_runs.c.period)).all(),
        }
    return {name: sorted(map(_dated, kept)) for name, kept in rows.items()} | {
        "misfits": [str(misfit) for check in (check_standings, verify_ledger) for misfit in check(service)[1]]
    }


def _dated(row):
    return [str(civil_day(value) if isinstance(value, datetime) else value) for value in row]


COMMANDS = {"files": files_of, "jobs": issued}


def main(command, path, *arguments):
    with opened(Settings.from_env()) as service:
        answers = COMMANDS[command](service, *arguments)
    answers["release"] = str(Path(scoring_service.__file__).parents[1])
    Path(path).write_text(json.dumps(answers, ensure_ascii=False, default=str), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
