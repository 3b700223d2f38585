"""The life of an account: asked for, approved by another, changed, reset, closed, and all of it on record (P56)."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from api_office import Client, new_user
from case_calls import answered, refused
from sqlalchemy import update

from scoring_service.clock import real_now
from scoring_service.db.tables import accounts
from scoring_service.services.unit_of_work.makers import NOTICED_WITHIN

REASON = {"reason": "离职"}
OWN = "chosen by the holder"


@pytest.fixture(scope="module")
def admins(office):
    return [office.client_for("office.admin") for _ in range(3)]


def sign_in(office, username, password):
    return office.stranger().post("/auth/token", {"username": username, "password": password})


def holder(office, username, password):
    token = answered(sign_in(office, username, password))["access_token"]
    return Client(flask=office.app.test_client(), token=token)


def asked(admin, **other):
    body = new_user(**other)
    return answered(admin.post("/users", body), 201)["username"]


def opened(admins, **other):
    """An account by two people: its name and the one-time password."""
    name = asked(admins[0], **{"password": None} | other)
    return name, answered(admins[1].post(f"/users/{name}/approve"))["password"]


def acts(admin, name):
    return [act["act"] for act in answered(admin.get(f"/users/{name}"))["life"]]


def test_an_account_lives_under_four_eyes_and_all_of_it_is_on_record(office, admins):
    maker, other, _ = admins
    name = asked(maker, password=None, real_name="乌云")
    assert answered(maker.get(f"/users/{name}"))["waiting"]["act"] == "requested"
    refused(maker.post(f"/users/{name}/approve"), 403, "same_person")
    given = answered(other.post(f"/users/{name}/approve"))
    assert (given["state"], given["waiting_act"]) == ("active", None)
    refused(other.post(f"/users/{name}/approve"), 409, "account_state")
    client = holder(office, name, given["password"])
    answered(client.post("/auth/password", {"present": given["password"], "new": OWN}))
    proposed = answered(maker.patch(f"/users/{name}", {"roles": ["office.reviewer"], "region": "1504", "reason": "转岗"}))
    assert proposed["roles"] == ["office.clerk"]
    refused(maker.patch(f"/users/{name}", {"real_name": "乌云娜"}), 409, "change_waiting")
    refused(maker.post(f"/users/{name}/approve"), 403, "same_person")
    changed = answered(other.post(f"/users/{name}/approve"))
    assert (changed["roles"], changed["region"], changed["password"]) == (["office.reviewer"], "1504", None)
    again = answered(maker.post(f"/users/{name}/reset"))["password"]
    assert sign_in(office, name, OWN).status_code == 401
    client = holder(office, name, again)
    closed = answered(other.post(f"/users/{name}/close", REASON))
    assert closed["state"] == "closed"
    refused(client.get("/auth/me"), 401, "invalid_token")
    assert sign_in(office, name, again).status_code == 401
    life = answered(office.client_for("office.auditor").get(f"/users/{name}"))["life"]
    assert [act["act"] for act in life] == [
        *("requested", "approved", "first_signed_in", "password_chosen", "change_proposed", "changed", "reset", "closed")
    ]
    assert [(act["by_staff_no"], act["by_role"]) for act in life[:2]] == [
        (maker.staff_no, "office.admin"),
        (other.staff_no, "office.admin"),
    ]
    assert life[-1]["reason"] == "离职"
    assert not [secret for secret in (given["password"], again, OWN) if secret in str(life)]


def test_nobody_signs_in_before_the_approval(office, admins):
    name = asked(admins[0], password="long enough")
    problem = refused(sign_in(office, name, "long enough"), 401, "invalid_credentials")
    assert problem["detail"] == refused(sign_in(office, name, "another one"), 401, "invalid_credentials")["detail"]
    assert answered(admins[1].post(f"/users/{name}/approve"))["password"] is None
    assert answered(sign_in(office, name, "long enough"))["password_change_required"] is True


def test_a_refused_request_is_over_and_may_be_made_again_for_the_same_person(office, admins):
    body = new_user(staff_no="R-7001")
    for by in (admins[0], admins[2]):
        answered(by.post("/users", body), 201)
        refused(by.post(f"/users/{body['username']}/refuse", REASON), 403, "same_person")
        ended = answered(admins[1].post(f"/users/{body['username']}/refuse", REASON))
        assert (ended["state"], ended["waiting_act"]) == ("closed", None)
        assert sign_in(office, body["username"], body["password"]).status_code == 401
    refused(admins[0].post("/users", body | {"staff_no": "R-7002"}), 409, "username_taken")
    assert acts(admins[0], body["username"]) == ["requested", "refused"] * 2


def test_neither_a_real_name_nor_a_reason_is_needed_to_open_and_close(admins):
    name = asked(admins[0], real_name=None)
    answered(admins[1].post(f"/users/{name}/approve"))
    assert answered(admins[0].post(f"/users/{name}/close"))["state"] == "closed"
    life = answered(admins[0].get(f"/users/{name}"))
    assert (life["real_name"], life["life"][-1]["reason"]) == (None, None)


def test_a_refused_change_leaves_the_account_as_it_was(admins):
    name, _ = opened(admins)
    answered(admins[0].patch(f"/users/{name}", {"region": "1504"}))
    left = answered(admins[1].post(f"/users/{name}/refuse", REASON))
    assert (left["state"], left["region"], left["waiting_act"]) == ("active", None, None)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({}, ""),
        ({"reason": "转岗"}, ""),
        ({"roles": ["office.clerk"]}, ""),
        ({"roles": ["institution"]}, "/institution"),
        ({"region": "1"}, "/region"),
        ({"staff_no": "X"}, "/staff_no"),
    ],
)
def test_a_wrong_change_is_named(admins, change, pointer):
    name, _ = opened(admins)
    problem = refused(admins[0].patch(f"/users/{name}", change), 422, "invalid")
    assert [fault["pointer"] for fault in problem["errors"]] == [pointer]


def test_whom_an_account_is_for_does_not_approve_it(office, admins):
    second = office.client_for("office.admin")
    name = asked(admins[0], staff_no=second.staff_no, roles=["office.clerk"])
    refused(second.post(f"/users/{name}/approve"), 403, "same_person")
    answered(admins[1].post(f"/users/{name}/approve"))


def test_a_maker_s_administrator_does_not_approve_for_the_maker(office, admins):
    name, password = opened(admins, roles=["office.admin"])
    child = holder(office, name, password)
    token = answered(child.post("/auth/password", {"present": password, "new": OWN}))["access_token"]
    child = Client(flask=office.app.test_client(), token=token)
    refused(child.post(f"/users/{asked(admins[0])}/approve"), 403, "same_person")
    # The approver was told the one-time password and could have chosen the holder's own.
    refused(child.post(f"/users/{asked(admins[1])}/approve"), 403, "same_person")
    answered(child.post(f"/users/{asked(admins[2])}/approve"))


def test_who_resets_a_password_does_not_decide_with_its_account(office, admins):
    victim, thief = office.add_account("office.admin")["username"], office.client_for("office.admin")
    password = answered(thief.post(f"/users/{victim}/reset"))["password"]
    client = holder(office, victim, password)
    token = answered(client.post("/auth/password", {"present": password, "new": OWN}))["access_token"]
    taken = Client(flask=office.app.test_client(), token=token)
    refused(taken.post(f"/users/{asked(thief)}/approve"), 403, "same_person")
    waiting = asked(taken)
    refused(thief.post(f"/users/{waiting}/approve"), 403, "same_person")
    long_ago = real_now() - NOTICED_WITHIN
    with office.service.engine.begin() as conn:
        conn.execute(update(accounts).where(accounts.c.username == victim).values(password_given_at=long_ago))
    answered(thief.post(f"/users/{waiting}/approve"))


def test_one_s_own_account_is_another_s_to_reset_and_to_close(admins):
    refused(admins[0].post(f"/users/{admins[0].account_id}/reset"), 403, "same_person")
    refused(admins[0].post(f"/users/{admins[0].account_id}/close", REASON), 403, "same_person")


def test_what_is_closed_is_neither_reset_nor_changed_nor_closed_again(admins):
    name, _ = opened(admins)
    answered(admins[0].post(f"/users/{name}/close", REASON))
    refused(admins[0].post(f"/users/{name}/reset"), 409, "account_state")
    refused(admins[0].post(f"/users/{name}/close", REASON), 409, "account_state")
    refused(admins[0].patch(f"/users/{name}", {"region": "15"}), 409, "account_state")
    refused(admins[0].post("/users/nobody-of-that-name/approve"), 404, "not_found")


def test_a_one_time_password_is_kept_nowhere_but_encrypted(office, admins, engine):
    name = asked(admins[0], password=None)
    once = {"headers": {"Idempotency-Key": name}}
    password = answered(admins[1].post(f"/users/{name}/approve", **once))["password"]
    assert answered(admins[1].post(f"/users/{name}/approve", **once))["password"] == password
    with engine.connect() as conn:
        kept = conn.exec_driver_sql("SELECT body FROM idempotency_keys WHERE key = %s", (name,)).scalars().one()
        audited = conn.exec_driver_sql("SELECT count(*) FROM audit_log WHERE detail::text LIKE %s", (f"%{password}%",))
    assert password.encode() not in bytes(kept)
    assert audited.scalar_one() == 0


def test_the_last_administrator_stays_whoever_closes_whom_at_once(alone):
    office = alone
    some, other = office.client_for("office.admin"), office.client_for("office.admin")
    office.client_for("office.admin", region="15")
    with ThreadPoolExecutor(2) as pool:
        closing = [(some, other.account_id), (other, some.account_id)]
        answers = list(pool.map(lambda pair: pair[0].post(f"/users/{pair[1]}/close", REASON), closing))
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses in ([200, 409], [200, 401])
    left = some if some.get("/auth/me").status_code == 200 else other
    refused(left.post(f"/users/{left.account_id}/close", REASON), 409, "last_administrator")
    for change in ({"roles": ["office.clerk"]}, {"region": "1504"}):
        refused(left.patch(f"/users/{left.account_id}", change), 409, "last_administrator")


def test_who_only_asked_for_an_account_of_another_administrator_still_decides_with_them(office):
    some, other, third = (office.client_for("office.admin") for _ in range(3))
    for end, by in (("refuse", third), ("close", some)):
        name = asked(some, staff_no=other.staff_no)
        waiting = asked(some)
        answered(other.post(f"/users/{waiting}/approve"))
        answered(by.post(f"/users/{name}/{end}", REASON))
        answered(other.post(f"/users/{asked(some)}/approve"))


def test_lists_are_by_role_state_region_institution_and_person(office, admins):
    code = office.institution(region="150499")
    names = {
        "clerk": asked(admins[0], region="150498"),
        "clinic": office.add_account("institution", institution=code)["username"],
    }
    person = answered(admins[0].get(f"/users/{names['clinic']}"))["staff_no"]
    cases = {
        f"institution={code}": {names["clinic"]},
        "region=150498": {names["clerk"]},
        "region=150498&state=requested": {names["clerk"]},
        "region=150498&waiting=true": {names["clerk"]},
        "region=150498&state=active": set(),
        "region=150498&role=office.clerk": {names["clerk"]},
        "region=150498&role=office.admin": set(),
        f"staff_no={person.lower()}": {names["clinic"]},
        f"institution={code}&disuse=unused": set(),
    }
    listed = {query: {item["username"] for item in answered(admins[0].get(f"/users?{query}"))["items"]} for query in cases}
    assert listed == cases


def test_accounts_of_people_who_left_are_listed_to_be_looked_at(office, admins):
    code = office.institution()
    person = office.practitioner(code)
    name = office.add_account("practitioner", practitioner=person["id"])["username"]
    query = f"/users?staff_no={answered(admins[0].get(f'/users/{name}'))['staff_no']}&disuse=left"
    assert answered(admins[0].get(query))["items"] == []
    answered(admins[0].post(f"/practitioners/{person['id']}/deregistration", {"on": "2025-06-01", "reason": "离职"}))
    assert [item["username"] for item in answered(admins[0].get(query))["items"]] == [name]
