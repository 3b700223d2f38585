"""Signing in, who one is, and handing the token back."""

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import insert, update
from structlog.testing import capture_logs

from scoring_service.app import create_app
from scoring_service.clock import real_now
from scoring_service.db.tables import accounts, sign_in_failures, tokens
from scoring_service.services.accounts import passwords, sign_in_limits

PASSWORD = "correct horse battery"


def sign_in(client, username, password, address="192.0.2.1"):
    body = {"username": username, "password": password}
    return client.post("/auth/token", json=body, environ_overrides={"REMOTE_ADDR": address})


def test_a_password_gives_a_token_that_says_who_one_is(office, stranger):
    account = office.add_account("office.clerk", password=PASSWORD, region="1504")
    answer = sign_in(stranger, account["username"], PASSWORD)
    assert answer.status_code == 200
    assert answer.json["token_type"] == "Bearer"
    assert answer.json["expires_in"] == 12 * 3600
    me = stranger.get("/auth/me", headers={"Authorization": f"Bearer {answer.json['access_token']}"})
    assert me.json == {
        "username": account["username"],
        "real_name": None,
        "roles": ["office.clerk"],
        "staff_no": account["staff_no"],
        "practitioner": None,
        "institution": None,
        "region": "1504",
    }


def test_wrong_password_and_unknown_name_are_answered_alike(office, stranger):
    account = office.add_account("office.clerk", password=PASSWORD)
    wrong = sign_in(stranger, account["username"], "not the password", "192.0.2.2")
    unknown = sign_in(stranger, "nobody-of-that-name", "not the password", "192.0.2.2")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json["code"] == unknown.json["code"] == "invalid_credentials"
    assert wrong.json["detail"] == unknown.json["detail"]


def test_no_token_a_wrong_scheme_and_an_unknown_token_are_401(stranger):
    for header in ({}, {"Authorization": "Basic YTpi"}, {"Authorization": "Bearer "}, {"Authorization": "Bearer x"}):
        answer = stranger.get("/auth/me", headers=header)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_revoked_token_is_of_no_use(client_for):
    client = client_for("office.clerk")
    assert client.get("/auth/me").status_code == 200
    revoked = client.post("/auth/revoke")
    assert (revoked.status_code, revoked.data, revoked.content_type) == (204, b"", None)
    assert client.get("/auth/me").status_code == 401


def test_an_expired_token_is_of_no_use(client_for, engine):
    client = client_for("office.clerk")
    with engine.begin() as conn:
        past = real_now() - timedelta(seconds=1)
        conn.execute(update(tokens).where(tokens.c.account_id == client.account_id).values(expires_at=past))
    assert client.get("/auth/me").status_code == 401


def test_a_closed_account_loses_its_tokens_and_its_password(office, client_for, stranger, engine):
    account = office.add_account("office.clerk", password=PASSWORD)
    token = sign_in(stranger, account["username"], PASSWORD, "192.0.2.3").json["access_token"]
    assert client_for("office.admin").post(f"/users/{account['username']}/close", {"reason": "离职"}).status_code == 200
    assert stranger.get("/auth/me", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    assert sign_in(stranger, account["username"], PASSWORD, "192.0.2.3").status_code == 401


def test_too_many_failures_stop_the_guesser_and_not_the_owner(office, stranger, monkeypatch):
    monkeypatch.setattr(sign_in_limits, "FAILURES_OF_ACCOUNT_AND_ADDRESS", 3)
    account = office.add_account("office.clerk", password=PASSWORD)
    for _ in range(3):
        assert sign_in(stranger, account["username"], "a wrong guess", "198.51.100.1").status_code == 401
    refused = sign_in(stranger, account["username"], PASSWORD, "198.51.100.1")
    assert refused.status_code == 429
    assert refused.json["code"] == "too_many_attempts"
    assert 0 < int(refused.headers["Retry-After"]) <= 15 * 60 + 1
    assert sign_in(stranger, account["username"], PASSWORD, "198.51.100.2").status_code == 200


def test_an_address_that_guesses_many_names_is_stopped(office, stranger, monkeypatch):
    monkeypatch.setattr(sign_in_limits, "FAILURES_OF_ADDRESS", 4)
    answers = [sign_in(stranger, f"guess-{n}", "a wrong guess", "198.51.100.9").status_code for n in range(5)]
    assert answers == [401, 401, 401, 401, 429]


def failed(engine, names, address, at=None):
    """Put one failure on record for each name, as if it had been tried."""
    at = at or real_now()
    rows = [{"username": sign_in_limits._shortened(name), "address": address, "at": at} for name in names]
    with engine.begin() as conn:
        conn.execute(insert(sign_in_failures), rows)


def test_the_failures_of_others_lock_nobody_out_behind_one_address(office, stranger, engine):
    failed(engine, [f"somebody-{n}" for n in range(300)], "198.51.100.20")
    account = office.add_account("office.clerk", password=PASSWORD)
    assert sign_in(stranger, account["username"], "a wrong guess", "198.51.100.20").status_code == 401
    assert sign_in(stranger, account["username"], PASSWORD, "198.51.100.20").status_code == 200


def test_who_has_signed_in_there_before_passes_a_stopped_address(office, stranger, monkeypatch):
    account, other = (office.add_account("office.clerk", password=PASSWORD) for _ in range(2))
    assert sign_in(stranger, account["username"], PASSWORD, "198.51.100.21").status_code == 200
    monkeypatch.setattr(sign_in_limits, "FAILURES_OF_ADDRESS", 2)
    for n in range(2):
        assert sign_in(stranger, f"guess-{n}", "a wrong guess", "198.51.100.21").status_code == 401
    assert sign_in(stranger, account["username"], PASSWORD, "198.51.100.21").status_code == 200
    assert sign_in(stranger, other["username"], PASSWORD, "198.51.100.21").status_code == 429
    assert sign_in(stranger, other["username"], PASSWORD, "198.51.100.22").status_code == 200


def test_an_account_guessed_at_from_everywhere_waits_ever_longer_and_not_where_it_is_known(office, stranger, engine):
    account = office.add_account("office.clerk", password=PASSWORD)
    name, at_home = account["username"], "198.51.100.30"
    assert sign_in(stranger, name, PASSWORD, at_home).status_code == 200
    waits = []
    for total in (sign_in_limits.FAILURES_OF_ACCOUNT + 8, 1, 1, 10):
        failed(engine, [name] * total, "203.0.113.1")
        refused = sign_in(stranger, name, PASSWORD, "203.0.113.2")
        assert refused.status_code == 429
        waits.append(int(refused.headers["Retry-After"]))
    longest = sign_in_limits.LONGEST_WAIT.total_seconds() + 1
    assert 128 < waits[0] < waits[1] < waits[2] <= waits[3] <= longest
    assert sign_in(stranger, name, PASSWORD, at_home).status_code == 200


def test_an_ipv6_network_counts_as_one_address(office, stranger, monkeypatch):
    monkeypatch.setattr(sign_in_limits, "FAILURES_OF_ACCOUNT_AND_ADDRESS", 2)
    account = office.add_account("office.clerk", password=PASSWORD)
    for n in (1, 2):
        assert sign_in(stranger, account["username"], "a wrong guess", f"2001:db8::{n}").status_code == 401
    assert sign_in(stranger, account["username"], PASSWORD, "2001:db8::3").status_code == 429
    assert sign_in(stranger, account["username"], PASSWORD, "2001:db8:0:1::3").status_code == 200


def test_a_proxy_that_the_settings_do_not_name_is_warned_about_once(office):
    with capture_logs() as lines:
        for proxies, forwarded in ((0, {"Forwarded": "for=192.0.2.7"}), (1, {"X-Forwarded-For": "192.0.2.7"})):
            settings = replace(office.service.settings, proxies=proxies)
            client = create_app(settings, replace(office.service, settings=settings)).test_client()
            for headers in ({}, forwarded, forwarded):
                client.get("/healthz", headers=headers)
    [warned] = [line for line in lines if line["event"] == "proxy_not_named"]
    assert (warned["log_level"], warned["header"]) == ("warning", "Forwarded")


def test_success_forgets_the_failures_before_it(office, stranger, monkeypatch):
    monkeypatch.setattr(sign_in_limits, "FAILURES_OF_ACCOUNT_AND_ADDRESS", 3)
    account = office.add_account("office.clerk", password=PASSWORD)
    for guess in ("wrong guess", "wrong guess", PASSWORD, "wrong guess", "wrong guess", PASSWORD):
        last = sign_in(stranger, account["username"], guess, "198.51.100.3").status_code
        assert last == (200 if guess == PASSWORD else 401)


def test_neither_password_nor_token_is_stored(office, stranger, engine):
    account = office.add_account("office.clerk", password=PASSWORD)
    token = sign_in(stranger, account["username"], PASSWORD, "192.0.2.4").json["access_token"]
    with engine.connect() as conn:
        stored = conn.execute(accounts.select().where(accounts.c.id == account["id"])).one()
        digests = conn.execute(tokens.select().where(tokens.c.account_id == account["id"])).all()
    assert stored.password_hash.startswith("$argon2id$")
    assert token.encode() not in [row.digest for row in digests]


def test_outside_these_tests_a_guess_costs_what_rfc_9106_asks():
    code = f"from scoring_service.services.accounts.passwords import hashed_password as h; print(h({PASSWORD!r}, ()))"
    stored = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_an_unknown_name_costs_as_much_as_a_known_one():
    outside_these_tests = PasswordHasher()
    nobody = passwords.hash_of_nobody(outside_these_tests)
    assert not outside_these_tests.check_needs_rehash(nobody)
    with pytest.raises(VerifyMismatchError):
        outside_these_tests.verify(nobody, PASSWORD)
