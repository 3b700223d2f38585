"""`Idempotency-Key`: once is enough, whatever the network does; with threads and real connections."""

import hashlib
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from database_addresses import owner_engine
from sqlalchemy import func, select, text, update

from scoring_service.api.pipeline.idempotency import _body_hashes
from scoring_service.clock import real_now
from scoring_service.db.tables import accounts, audit_log, idempotency_keys


@pytest.fixture
def admin(client_for):
    return client_for("office.admin")


def new_user(name, **other):
    body = {"username": name, "real_name": "王一", "password": "long enough", "staff_no": "K1"}
    return body | {"roles": ["office.clerk"]} | other


def post(client, body, key, path="/users", **kwargs):
    return client.post(path, json=body, headers={"Idempotency-Key": key}, **kwargs)


def count(engine, username):
    with engine.connect() as conn:
        return conn.execute(select(func.count()).where(accounts.c.username == username)).scalar_one()


def test_the_same_call_gives_the_first_answer_again(admin, engine):
    first = post(admin, new_user("once-1"), "a")
    again = post(admin, new_user("once-1"), "a")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.data == first.data
    assert again.content_type == first.content_type
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert count(engine, "once-1") == 1


def test_a_replay_puts_nothing_on_record(admin, engine):
    for _ in range(3):
        post(admin, new_user("once-2"), "a")
    rows = select(func.count()).where(audit_log.c.account_id == admin.account_id, audit_log.c.action == "account.requested")
    with engine.connect() as conn:
        assert conn.execute(rows).scalar_one() == 1


def test_another_body_under_the_key_is_a_conflict(admin, engine):
    post(admin, new_user("once-3"), "a")
    answer = post(admin, new_user("once-3b"), "a")
    assert (answer.status_code, answer.json["code"]) == (409, "idempotency_conflict")
    assert count(engine, "once-3b") == 0


def test_a_key_belongs_to_the_account_and_the_path(office, admin, engine):
    other = office.client_for("office.admin")
    assert post(admin, new_user("once-4"), "a").status_code == 201
    assert post(other, new_user("once-4b"), "a").status_code == 201
    closed = post(admin, {"reason": "离职"}, "a", path=f"/users/{other.account_id}/close")
    assert closed.status_code == 200
    assert "Idempotent-Replayed" not in closed.headers


def test_a_refusal_is_final_too_and_leaves_nothing(admin, engine):
    post(admin, new_user("once-5"), "a")
    refused = post(admin, new_user("once-5", staff_no="K2"), "b")
    assert (refused.status_code, refused.json["code"]) == (409, "username_taken")
    again = post(admin, new_user("once-5", staff_no="K2"), "b")
    assert again.data == refused.data
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.content_type == "application/problem+json"
    invalid = [post(admin, new_user("once-6", roles=[]), "c") for _ in range(2)]
    assert [answer.status_code for answer in invalid] == [422, 422]
    assert "Idempotent-Replayed" in invalid[1].headers


def test_authorisation_is_checked_again_before_a_replay(office, engine):
    admin = office.client_for("office.admin")
    post(admin, new_user("once-7"), "a")
    role = update(accounts).where(accounts.c.id == admin.account_id)
    with engine.begin() as conn:
        conn.execute(role.values(roles=["office.clerk"]))
    refused = post(admin, new_user("once-7"), "a")
    assert (refused.status_code, refused.json["code"]) == (403, "forbidden")
    with engine.begin() as conn:
        conn.execute(role.values(roles=["office.admin"], region="9999"))
    assert post(admin, new_user("once-7"), "a").status_code == 403
    assert admin.post("/auth/revoke").status_code == 204
    assert post(admin, new_user("once-7"), "a").status_code == 401


def test_a_failure_of_ours_is_not_kept(office, admin, engine):
    view = office.app.view_functions["users.add"]

    def fail(**_kwargs):
        raise ZeroDivisionError

    office.app.view_functions["users.add"] = fail
    try:
        assert post(admin, new_user("once-8"), "a").status_code == 500
    finally:
        office.app.view_functions["users.add"] = view
    assert post(admin, new_user("once-8"), "a").status_code == 201
    assert count(engine, "once-8") == 1


def test_a_key_is_kept_for_24_hours(admin, engine):
    post(admin, new_user("once-9"), "a")
    old = update(idempotency_keys).where(idempotency_keys.c.account_id == admin.account_id)
    with engine.begin() as conn:
        conn.execute(old.values(created_at=real_now() - timedelta(hours=23, minutes=59)))
    assert post(admin, new_user("once-9"), "a").headers["Idempotent-Replayed"] == "true"
    with engine.begin() as conn:
        conn.execute(old.values(created_at=real_now() - timedelta(hours=24, minutes=1)))
    assert post(admin, new_user("once-9"), "a").json["code"] == "username_taken"
    assert post(admin, new_user("once-9"), "a").headers["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize("key", ["", "x" * 256, "\u00e9", "a\tb"])
def test_a_key_of_no_use_is_400(admin, key):
    assert post(admin, new_user("once-10"), key).json["code"] == "invalid_idempotency_key"


def test_the_boundary_of_a_multipart_body_does_not_matter(office):
    def digest(boundary, content):
        body = f'--{boundary}\r\nContent-Disposition: form-data; name="file"\r\n\r\n{content}\r\n--{boundary}--\r\n'
        kind = f"multipart/form-data; boundary={boundary}"
        with office.app.test_request_context(method="POST", data=body.encode(), content_type=kind):
            return _body_hashes()[0]

    assert digest("one", "pdf") == digest("two", "pdf")
    assert digest("one", "pdf") != digest("one", "png")


@pytest.fixture
def held(alone):
    """An office whose `POST /users` waits, before it answers, until it is let go."""
    entered, go = threading.Event(), threading.Event()
    view = alone.app.view_functions["users.add"]

    def slow(**kwargs):
        answer = view(**kwargs)
        entered.set()
        assert go.wait(20)
        return answer

    alone.app.view_functions["users.add"] = slow
    return alone, entered, go


def test_a_second_call_meanwhile_is_told_so_and_the_write_happens_once(held, fresh_engine):
    office, entered, go = held
    admin = office.client_for("office.admin")
    with ThreadPoolExecutor() as pool:
        first = pool.submit(post, admin, new_user("race"), "a")
        assert entered.wait(20)
        second = post(admin, new_user("race"), "a")
        go.set()
        answer = first.result(20)
    assert (second.status_code, second.json["code"]) == (409, "idempotency_in_progress")
    assert answer.status_code == 201
    assert post(admin, new_user("race"), "a").headers["Idempotent-Replayed"] == "true"
    assert count(fresh_engine, "race") == 1


def test_a_call_that_died_does_not_block_its_key(held, fresh_engine):
    office, entered, go = held
    admin = office.client_for("office.admin")
    with ThreadPoolExecutor() as pool:
        first = pool.submit(post, admin, new_user("dead"), "a")
        assert entered.wait(20)
        assert kill_open_transactions(office) == 1
        go.set()
        assert first.result(20).status_code == 503
    assert post(admin, new_user("dead"), "a").status_code == 201
    assert count(fresh_engine, "dead") == 1


def kill_open_transactions(office):
    owner = owner_engine(office.service.engine)
    with owner.begin() as conn:
        killed = conn.execute(
            text(
                "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity"
                " WHERE datname = current_database() AND state = 'idle in transaction'"
            )
        ).scalar_one()
    owner.dispose()
    return killed


def test_many_at_once_write_once(alone, fresh_engine):
    admin = alone.client_for("office.admin")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: post(admin, new_user("many"), "a"), range(16)))
    statuses = {answer.status_code for answer in answers}
    assert statuses <= {201, 409}
    assert {answer.json["code"] for answer in answers if answer.status_code == 409} <= {"idempotency_in_progress"}
    assert len({answer.data for answer in answers if answer.status_code == 201}) == 1
    assert count(fresh_engine, "many") == 1


def test_the_same_json_in_another_order_is_the_same_call(admin, engine):
    body = new_user("once-ordered")
    first = post(admin, body, "ordered")
    turned = json.dumps(dict(reversed(body.items())), indent=3, ensure_ascii=True)
    kwargs = {"content_type": "application/json", "headers": {"Idempotency-Key": "ordered"}}
    again = admin.open("POST", "/users", data=turned, **kwargs)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert count(engine, "once-ordered") == 1
    lists = admin.open("POST", "/users", data=json.dumps(body | {"roles": [*body["roles"], "expert"]}), **kwargs)
    assert (lists.status_code, lists.json["code"]) == (409, "idempotency_conflict")


def test_what_is_kept_of_a_body_with_a_password_cannot_be_guessed_at(admin, engine):
    body = new_user("once-secret")
    post(admin, body, "secret")
    query = select(idempotency_keys.c.body_sha256).where(idempotency_keys.c.key == "secret")
    with engine.connect() as conn:
        kept = conn.execute(query).scalar_one()
    written = [json.dumps(body, **form) for form in ({}, {"sort_keys": True}, {"separators": (",", ":")})]
    guesses = [b"\n".join((b"", b"application/json", text.encode())) for text in written]
    assert kept not in [hashlib.sha256(guess).digest() for guess in guesses]
