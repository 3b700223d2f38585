"""An office whose people are reminded, by a mail server of the tests."""

import re
from dataclasses import replace
from datetime import date, timedelta

from jobs.job_world import at
from sqlalchemy import Interval, literal, select, update

from scoring_service.clock import real_now
from scoring_service.db.tables import reminder_messages, reminders
from scoring_service.services.cases.drafting import submit
from scoring_service.services.reminders import choosing
from scoring_service.services.reminders.posting import post_waiting

TODAY = date(2025, 6, 16)
ADDRESS, CONSOLE = "reviewer@example.cn", "https://points.example.cn"
CODE = re.compile(r"验证码是 ([0-9]{8})，")


def mailing(office, port, **more):
    """The office with a mail server at a port of the loopback."""
    chosen = {
        "smtp_host": "127.0.0.1",
        "smtp_port": port,
        "smtp_tls": "none",
        "smtp_from": "points@example.cn",
    }
    settings = replace(office.service.settings, console_url=CONSOLE, **chosen | more)
    office.service = replace(office.service, settings=settings)
    return office


def choose(office, name="reviewer", rhythm="daily", channel="email", address=ADDRESS):
    with office.work(name) as work:
        return choosing.choose(work, channel=channel, address=address, rhythm=rhythm)


def confirmed(office, mailbox, name="reviewer", **more):
    """An account that is reminded: chosen, and the code of its mail typed."""
    choose(office, name, **more)
    assert post_waiting(office.service) == 1
    code = CODE.search(mailbox.texts()[-1])[1]
    with office.work(name) as work:
        choice = choosing.confirm(work, f" {code} ")
    mailbox.mails.clear()
    assert choice.confirmed
    return choice


def submitted(office, points=5):
    case = office.draft(office.person(), points, TODAY - timedelta(days=3))
    with office.work("clerk") as work:
        submit(work, case)
    return case


def next_day(office, days=1):
    office.move_clock(at(office.now().date() + timedelta(days=days), 1))


def messages(office):
    query = select(reminder_messages).order_by(reminder_messages.c.created_at)
    return [row._mapping for row in office.rows(query)]


def own(office, name="reviewer"):
    with office.work(name) as work:
        return choosing.read_choice(work)


def hurry(office):
    """Whatever waits is due now."""
    with office.engine.begin() as conn:
        waits = reminder_messages.c.state == "waiting"
        conn.execute(update(reminder_messages).where(waits).values(due_at=real_now() - timedelta(seconds=1)))


def later(office, minutes=1):
    """So many minutes have passed since accounts were looked at and messages written."""
    by = literal(timedelta(minutes=minutes, seconds=1), Interval)
    with office.engine.begin() as conn:
        conn.execute(update(reminders).values(looked_at=reminders.c.looked_at - by))
        conn.execute(update(reminder_messages).values(created_at=reminder_messages.c.created_at - by))
