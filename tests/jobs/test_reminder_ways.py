"""The ways out, by a real mail server and a real gateway: what they are handed, and what becomes of what they refuse."""

import base64
import hashlib
import hmac
import json
import re
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from jobs.job_world import office_on
from jobs.reminder_world import (
    ADDRESS,
    CONSOLE,
    TODAY,
    choose,
    confirmed,
    hurry,
    mailing,
    messages,
    next_day,
    own,
    submitted,
)
from reminder_servers import PASSWORD, SECRET, USER, certified, gateway, mail_server, sign_in, silent_server
from sqlalchemy import insert, select, update

from scoring_service.clock import real_now
from scoring_service.core.reminding import pause_after
from scoring_service.db.tables import reminder_messages, reminders
from scoring_service.services.reminders import carriers, choosing
from scoring_service.services.reminders.posting import post_waiting


@pytest.fixture
def office(fresh_engine):
    return office_on(fresh_engine, TODAY)


def test_a_mail_server_that_says_nothing_holds_up_nobody_and_is_tried_later_and_later(
    office, mailbox, monkeypatch
):
    monkeypatch.setattr(carriers, "TIMEOUT_SECONDS", 0.3)
    mailing(office, mailbox.port)
    submitted(office)
    confirmed(office, mailbox)
    confirmed(office, mailbox, "clerk", address="clerk@example.cn")
    next_day(office)
    with silent_server() as port:
        began = time.monotonic()
        mailing(office, port)
        assert post_waiting(office.service) == 0
        assert time.monotonic() - began < 3, "one try, the rest of that way is left for later"
    [row] = [row for row in messages(office) if row["error"]]
    assert (row["state"], row["tries"], row["error"]) == ("waiting", 1, "timed_out")
    assert timedelta(seconds=30) < row["due_at"] - real_now() <= pause_after(1)
    mailing(office, mailbox.port)
    hurry(office)
    assert post_waiting(office.service) == 1
    assert own(office).failed_at is None


def test_a_message_is_given_up_at_last_and_its_reader_told_why(office, mailbox):
    mailing(office, mailbox.port)
    submitted(office)
    confirmed(office, mailbox)
    next_day(office)
    mailbox.says = "451 later"
    tries = 0
    while any(row["state"] == "waiting" for row in messages(office)):
        hurry(office)
        assert post_waiting(office.service) == 0
        tries += 1
    assert tries == 8
    assert messages(office)[-1]["state"] == "failed"
    assert (own(office).error, own(office).failed_at is not None) == ("message_refused", True)
    mailbox.says = "250 OK"
    next_day(office)
    assert post_waiting(office.service) == 1
    assert (own(office).error, own(office).failed_at) == (None, None)


def test_a_mailbox_that_does_not_exist_is_given_up_at_once_and_the_others_go_out(office, mailbox):
    mailing(office, mailbox.port)
    submitted(office)
    office.draft(office.person(), 5, TODAY - timedelta(days=3))
    confirmed(office, mailbox)
    confirmed(office, mailbox, "clerk", address="clerk@example.cn")
    with office.engine.begin() as conn:
        conn.execute(
            insert(reminder_messages),
            [waiting(row.account_id) for row in conn.execute(select(reminders)).all()],
        )
    mailbox.refuses[ADDRESS] = "550 no such user"
    assert post_waiting(office.service) == 1
    states = {(row["state"], row["error"]) for row in messages(office)[2:]}
    assert states == {("failed", "recipient_refused"), ("sent", None)}


def waiting(account_id):
    return {
        "id": account_id,
        "account_id": account_id,
        "kind": "each",
        "counts": {"submitted": 1},
        "state": "waiting",
        "due_at": real_now() - timedelta(seconds=1),
        "created_at": real_now(),
    }


def test_a_process_killed_after_sending_sends_again_under_the_same_number(office, mailbox):
    mailing(office, mailbox.port)
    submitted(office)
    confirmed(office, mailbox)
    next_day(office)
    assert post_waiting(office.service) == 1
    with office.engine.begin() as conn:
        daily = reminder_messages.c.kind == "daily"
        conn.execute(update(reminder_messages).where(daily).values(state="waiting", sent_at=None))
    hurry(office)
    assert post_waiting(office.service) == 1
    assert len({mail["Message-ID"] for _to, mail, _tls in mailbox.mails}) == 1
    assert len(mailbox.mails) == 2


def test_the_gateway_can_tell_that_it_is_ours_and_that_it_has_it_already(office):
    with gateway() as told:
        settings = replace(
            office.service.settings, console_url=CONSOLE, gateway_url=told.url, gateway_secret=SECRET
        )
        office.service = replace(office.service, settings=settings)
        submitted(office)
        choose(office, channel="gateway", address="13800000000")
        post_waiting(office.service)
        [(headers, body)] = told.calls
        sent = json.loads(body)
        signed = f"{sent['id']}.{headers['Webhook-Timestamp']}.".encode() + body
        expected = base64.b64encode(hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()).decode()
        assert headers["Webhook-Signature"] == f"v1,{expected}"
        assert headers["Idempotency-Key"] == headers["Webhook-Id"] == sent["id"]
        assert (sent["to"], sent["kind"], sent["url"]) == ("13800000000", "code", CONSOLE)
        with office.work("reviewer") as work:
            choosing.confirm(work, re.search("[0-9]{8}", sent["text"])[0])
        next_day(office)
        told.status = 503
        assert post_waiting(office.service) == 0
        told.status = 302
        hurry(office)
        assert post_waiting(office.service) == 0
        told.status = 202
        hurry(office)
        assert post_waiting(office.service) == 1
        bodies = [json.loads(body) for _headers, body in told.calls[1:]]
        assert len({body["id"] for body in bodies}) == 1
        assert (bodies[-1]["counts"], bodies[-1]["kind"]) == ({"submitted": 1}, "daily")
        next_day(office)
        told.status = 422
        assert post_waiting(office.service) == 0
        assert (messages(office)[-1]["state"], own(office).error) == ("failed", "message_refused")


def test_mail_is_encrypted_and_signed_in_and_not_sent_to_whom_nobody_vouches_for(
    office, tmp_path, monkeypatch
):
    path, context = certified(tmp_path)
    with mail_server(
        tls_context=context, require_starttls=True, authenticator=sign_in, auth_required=True
    ) as mailbox:
        chosen = {
            "smtp_tls": "starttls",
            "smtp_host": "localhost",
            "smtp_user": USER,
            "smtp_password": PASSWORD,
        }
        mailing(office, mailbox.port, **chosen)
        choose(office)
        assert post_waiting(office.service) == 0
        assert messages(office)[-1]["error"] == "unreachable"
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
        hurry(office)
        mailing(office, mailbox.port, **chosen | {"smtp_password": "wrong"})
        assert post_waiting(office.service) == 0
        assert messages(office)[-1]["error"] == "sign_in_refused"
        hurry(office)
        mailing(office, mailbox.port, **chosen)
        assert post_waiting(office.service) == 1
        assert [tls for _to, _mail, tls in mailbox.mails] == [True]
