"""Reminders go out by a real mail server and a real gateway: what they say, how often, and what becomes of failures."""

from dataclasses import replace
from datetime import timedelta

import pytest
from jobs.job_world import HOSPITAL, office_on
from jobs.reminder_world import (
    ADDRESS,
    CODE,
    CONSOLE,
    TODAY,
    choose,
    confirmed,
    later,
    mailing,
    messages,
    next_day,
    own,
    submitted,
)
from sqlalchemy import select, update

from scoring_service.clock import real_now
from scoring_service.core.reminding import Matter
from scoring_service.db.tables import audit_log, reminder_messages, reminders
from scoring_service.problems import Problem
from scoring_service.services.accounts.closing import close
from scoring_service.services.accounts.opening import add_account
from scoring_service.services.accounts.signing_in import actor_of_account
from scoring_service.services.appeals.filing import file_appeal
from scoring_service.services.cases.approval import approve
from scoring_service.services.desks.waiting import waiting_for
from scoring_service.services.jobs.retention import clear
from scoring_service.services.notices.receipts import acknowledge
from scoring_service.services.reminders import choosing
from scoring_service.services.reminders.posting import post_waiting
from scoring_service.services.unit_of_work.actor import SYSTEM


@pytest.fixture
def office(fresh_engine):
    return office_on(fresh_engine, TODAY)


def test_the_day_is_told_in_one_mail_that_names_nobody(office, mailbox):
    mailing(office, mailbox.port)
    submitted(office)
    submitted(office)
    confirmed(office, mailbox)
    next_day(office)
    assert post_waiting(office.service) == 1
    [(to, mail, _tls)] = mailbox.mails
    assert (to, mail["To"], str(mail["From"])) == ([ADDRESS], ADDRESS, "赤峰市医疗保障局 <points@example.cn>")
    assert mail["Subject"] == "医保支付资格管理：2 件事项待办 / Payment eligibility: 2 matters wait"
    text = mail.get_content()
    assert "待审核的案件：2" in text
    assert (
        text.index("有 2 件事项等您办理")
        < text.index("2 matters wait for you")
        < text.index("Cases to review: 2")
    )
    assert CONSOLE in text
    assert not any(word in text for word in ("医师", "D150402", "赤医保罚", HOSPITAL, "reviewer"))
    assert post_waiting(office.service) == 0
    assert own(office).sent_at is not None


def test_a_day_has_one_message_however_often_its_job_runs_and_none_where_nothing_waits(office, mailbox):
    mailing(office, mailbox.port)
    confirmed(office, mailbox)
    next_day(office)
    assert [row["kind"] for row in messages(office)] == ["code"]
    submitted(office)
    next_day(office, 3)
    assert [row["counts"] for row in messages(office)[1:]] == [{"submitted": 1}], "missed days are told once"
    next_day(office)
    assert [row["period"] for row in messages(office)[1:]] == ["2025-06-20", "2025-06-21"]


def test_each_time_that_more_waits_it_is_told_and_less_is_not(office, mailbox):
    mailing(office, mailbox.port)
    submitted(office)
    confirmed(office, mailbox, rhythm="each")
    later(office)
    assert post_waiting(office.service) == 0, "what waited at the choice is known"
    first, _second = submitted(office), submitted(office)
    assert post_waiting(office.service) == 0, "looked at once a minute"
    later(office)
    assert post_waiting(office.service) == 1
    assert "待审核的案件：3" in mailbox.texts()[-1]
    submitted(office)
    later(office, 5)
    assert post_waiting(office.service) == 0, "not twice within ten minutes"
    later(office, 5)
    assert post_waiting(office.service) == 1
    assert "待审核的案件：4" in mailbox.texts()[-1]
    with office.work("reviewer") as work:
        approve(work, first)
    later(office, 11)
    assert post_waiting(office.service) == 0
    assert office.rows(select(reminders.c.told)) == [({"submitted": 3},)]


def opened(office, name, role, **bound):
    with office.work() as work:
        account_id = add_account(work, username=name, roles=[role], staff_no=f"S-{name}", **bound)
        office.actors[name] = actor_of_account(work.conn, account_id)


def counts_of(office, name):
    with office.work(name) as work:
        return waiting_for(work)


def test_what_waits_is_counted_by_role_and_nobody_is_looked_at(office):
    submitted(office)
    person = office.person()
    entry = office.score(person, 2, TODAY - timedelta(days=2))
    opened(office, "clinic", "institution", institution=HOSPITAL)
    opened(office, "doctor", "practitioner", practitioner=person)
    looks = office.count(audit_log, audit_log.c.action == "look")
    assert {name: counts_of(office, name) for name in ("clerk", "reviewer", "admin", "clinic", "doctor")} == {
        "clerk": {Matter.DELIVERIES: 1},
        "reviewer": {Matter.SUBMITTED: 1},
        "admin": {},
        "clinic": {Matter.LETTERS: 1, Matter.TALKS: 1},
        "doctor": {Matter.LETTERS: 1},
    }
    assert office.count(audit_log, audit_log.c.action == "look") == looks
    with office.work("doctor") as work:
        file_appeal(
            work,
            practitioner=person,
            against="points",
            entry=entry,
            grounds="请复核",
            filed_by="practitioner",
        )
        acknowledge(
            work,
            next(
                each.id for each in office.notices("score", person) if each.addressee.kind == "practitioner"
            ),
        )
    assert counts_of(office, "clinic") == {Matter.LETTERS: 1, Matter.TALKS: 1, Matter.SIGNATURES: 1}
    assert counts_of(office, "doctor") == {}


def test_nothing_is_sent_before_the_address_is_proved_and_a_code_has_its_limits(office, mailbox):
    mailing(office, mailbox.port)
    submitted(office)
    choose(office)
    next_day(office)
    post_waiting(office.service)
    assert len(mailbox.mails) == 1
    code = CODE.search(mailbox.texts()[0])[1]
    wrong = f"{(int(code) + 1) % 10**8:08}"
    for _ in range(choosing.MOST_TRIES):
        with pytest.raises(Problem) as refused, office.work("reviewer") as work:
            choosing.confirm(work, wrong)
        assert refused.value.status == 422
    with pytest.raises(Problem) as refused, office.work("reviewer") as work:
        choosing.confirm(work, code)
    assert (refused.value.status, refused.value.code) == (409, "code_expired")
    for _ in range(choosing.MOST_CODES_A_DAY - 1):
        choose(office)
    with office.work("reviewer") as work:
        choosing.end(work)
    with pytest.raises(Problem) as refused:
        choose(office)
    assert (refused.value.status, refused.value.code) == (429, "too_many_codes")
    assert refused.value.extra["retry_after"] > 80_000


def test_a_code_is_of_no_use_after_its_time(office, mailbox):
    mailing(office, mailbox.port)
    choose(office)
    post_waiting(office.service)
    with office.engine.begin() as conn:
        conn.execute(update(reminders).values(code_until=real_now() - timedelta(seconds=1)))
    with pytest.raises(Problem, match="失效"), office.work("reviewer") as work:
        choosing.confirm(work, CODE.search(mailbox.texts()[0])[1])


def test_the_address_is_sealed_and_stands_nowhere_else(office, mailbox):
    mailing(office, mailbox.port)
    confirmed(office, mailbox)
    [(sealed,)] = office.rows(select(reminders.c.sealed))
    assert ADDRESS.encode() not in bytes(sealed)
    details = office.rows(
        select(audit_log.c.action, audit_log.c.detail).where(audit_log.c.action.like("%reminder%"))
    )
    assert [row.action for row in details] == ["account.reminder_chosen", "account.reminder_confirmed"]
    assert ADDRESS not in str(details)
    assert own(office).address == ADDRESS


@pytest.mark.parametrize("ended", ["closed", "turned off"])
def test_it_is_forgotten_with_the_account_or_the_wish(office, mailbox, ended):
    mailing(office, mailbox.port)
    submitted(office)
    confirmed(office, mailbox)
    next_day(office)
    assert len(messages(office)) == 2
    with office.work("admin" if ended == "closed" else "reviewer") as work:
        close(work, "reviewer", reason=None) if ended == "closed" else choosing.end(work)
    assert office.rows(select(reminders)) == []
    assert [row["kind"] for row in messages(office)] == ["code"]
    assert post_waiting(office.service) == 0
    assert mailbox.mails == []


def test_another_address_is_proved_anew_and_what_waited_does_not_go_there(office, mailbox):
    mailing(office, mailbox.port)
    submitted(office)
    confirmed(office, mailbox)
    next_day(office)
    changed = choose(office, address="other@example.cn")
    assert not changed.confirmed
    assert post_waiting(office.service) == 1
    [(to, _mail, _tls)] = mailbox.mails
    assert (to, bool(CODE.search(mailbox.texts()[0]))) == (["other@example.cn"], True)


def test_what_is_settled_is_forgotten_after_a_week(office, mailbox):
    mailing(office, mailbox.port)
    confirmed(office, mailbox)
    with office.engine.begin() as conn:
        conn.execute(update(reminder_messages).values(created_at=real_now() - timedelta(days=8)))
    with office.service.work(SYSTEM) as work:
        assert clear(work, "2025-06-16", None).counts["reminders"] == 1
    assert messages(office) == []


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"channel": "gateway"}, "/channel"),
        ({"channel": "pigeon"}, "/channel"),
        ({"rhythm": "hourly"}, "/rhythm"),
        ({"address": "nobody"}, "/address"),
        ({"address": "a@b.cn\r\nBcc: c@d.cn"}, "/address"),
        ({"address": "a@b.cn, c@d.cn"}, "/address"),
    ],
)
def test_what_is_no_way_or_no_address_is_refused(office, mailbox, asked, pointer):
    mailing(office, mailbox.port)
    with pytest.raises(Problem) as refused:
        choose(office, **asked)
    assert [fault.pointer for fault in refused.value.errors] == [pointer]


def test_for_whom_nothing_ever_waits_there_is_nothing_to_choose(office, mailbox):
    mailing(office, mailbox.port)
    office.actors["auditor"] = replace(office.actors["clerk"], roles=frozenset({"office.auditor"}))
    with pytest.raises(Problem) as refused:
        choose(office, "auditor")
    assert refused.value.code == "nothing_waits"
