"""Whoever makes an account never shares a decision with it, nor while they know its password (contract.md, Roles)."""

from dataclasses import replace

import pytest
from api_office import Client, fresh_number, new_user
from case_calls import answered, make_hands, refused
from due_process_calls import drafted

INITIAL, OWN = "chosen by the maker", "chosen by the holder"


@pytest.fixture(scope="module")
def hands(office):
    return make_hands(office)


def sign_in(office, username, password):
    body = answered(office.stranger().post("/auth/token", {"username": username, "password": password}))
    return body, Client(flask=office.app.test_client(), token=body["access_token"])


def made(office, maker, *roles, own=False, **other):
    """A client of an account that `maker` makes; with `own` it has taken a password of its own."""
    body = new_user(password=INITIAL, roles=roles) | other
    answered(maker.post("/users", body), 201)
    answered(office.client_for("office.admin").post(f"/users/{body['username']}/approve"))
    _, client = sign_in(office, body["username"], INITIAL)
    return take_own_password(office, client) if own else client


def take_own_password(office, client):
    body = answered(client.post("/auth/password", {"present": INITIAL, "new": OWN}))
    assert body["password_change_required"] is False
    return Client(flask=office.app.test_client(), token=body["access_token"])


def decisions(hands, clerk):
    """The ways to decide what this clerk has drafted: what to call, with which body."""
    case = replace(hands, clerk=clerk).submitted()
    entry = hands.approved()["findings"][0]["entry"]
    correction = drafted(clerk, entry)["id"]
    yield f"/cases/{case['id']}/approve", {}
    yield f"/cases/{case['id']}/return", {"reason": "证据不足"}
    yield f"/corrections/{correction}/approve", None
    yield f"/corrections/{correction}/reject", {"reason": "无据"}


def refused_all(hands, clerk, reviewer, code):
    for path, body in decisions(hands, clerk):
        refused(reviewer.post(path, body), 403, code)


def test_an_account_with_its_makers_password_decides_nothing_of_that_makers(office, hands):
    admin = office.client_for("office.admin")
    clerk, reviewer = made(office, admin, "office.clerk"), made(office, admin, "office.reviewer")
    refused_all(hands, clerk, reviewer, "password_change_required")
    reviewer = take_own_password(office, reviewer)
    refused_all(hands, clerk, reviewer, "password_change_required")
    clerk = take_own_password(office, clerk)
    answered(reviewer.post(f"/cases/{replace(hands, clerk=clerk).submitted()['id']}/approve", {}))


def test_a_password_on_loan_is_no_obstacle_between_strangers(office, hands):
    clerk = made(office, office.client_for("office.admin"), "office.clerk")
    case = replace(hands, clerk=clerk).submitted()
    answered(hands.reviewer.post(f"/cases/{case['id']}/approve", {}))


def test_a_maker_decides_on_nothing_of_children_and_grandchildren(office, hands):
    maker = office.client_for("office.admin", "office.reviewer")
    child = made(office, maker, "office.admin", "office.reviewer", "office.clerk", own=True)
    grandchild = made(office, child, "office.clerk", own=True)
    refused_all(hands, child, maker, "same_person")
    refused_all(hands, grandchild, child, "same_person")
    refused_all(hands, grandchild, maker, "same_person")


def test_children_and_grandchildren_decide_on_nothing_of_their_makers(office, hands):
    maker = office.client_for("office.admin", "office.clerk")
    child = made(office, maker, "office.admin", "office.reviewer", own=True)
    grandchild = made(office, child, "office.reviewer", own=True)
    refused_all(hands, maker, child, "same_person")
    refused_all(hands, maker, grandchild, "same_person")


def test_a_makers_second_account_is_the_maker(office, hands):
    maker = office.client_for("office.admin")
    clerk = made(office, maker, "office.clerk", own=True)
    second = office.client_for("office.reviewer", staff_no=maker.staff_no.lower())
    refused_all(hands, clerk, second, "same_person")


def test_cousins_with_passwords_of_their_own_are_two_people(office, hands):
    admin = office.client_for("office.admin")
    clerk = made(office, admin, "office.clerk", own=True)
    other_admin = made(office, admin, "office.admin")
    reviewer = made(office, other_admin, "office.reviewer")
    refused_all(hands, clerk, reviewer, "password_change_required")
    reviewer = take_own_password(office, reviewer)
    answered(reviewer.post(f"/cases/{replace(hands, clerk=clerk).submitted()['id']}/approve", {}))


def test_signing_in_tells_whose_password_it_is(office):
    name = f"loan{fresh_number()}"
    body = new_user(username=name, password=INITIAL)
    answered(office.client_for("office.admin").post("/users", body), 201)
    answered(office.client_for("office.admin").post(f"/users/{name}/approve"))
    told, client = sign_in(office, name, INITIAL)
    assert told["password_change_required"] is True
    take_own_password(office, client)
    refused(client.get("/auth/me"), 401, "invalid_token")
    assert sign_in(office, name, OWN)[0]["password_change_required"] is False
    office.add_account("office.clerk", username=f"{name}-2", password=INITIAL)
    assert sign_in(office, f"{name}-2", INITIAL)[0]["password_change_required"] is False


def test_guesses_of_the_present_password_end_the_token(office):
    account = office.add_account("office.clerk", password=INITIAL)
    _, client = sign_in(office, account["username"], INITIAL)
    _, other = sign_in(office, account["username"], INITIAL)
    for _ in range(4):
        problem = refused(client.post("/auth/password", {"present": "a wrong guess", "new": OWN}), 422, "invalid")
        assert problem["errors"][0]["pointer"] == "/present"
    refused(client.post("/auth/password", {"present": "a wrong guess", "new": OWN}), 401, "session_ended")
    refused(client.post("/auth/password", {"present": INITIAL, "new": OWN}), 401, "invalid_token")
    assert other.get("/auth/me").status_code == 200


@pytest.mark.parametrize("chosen", ["PassWord123", "1qaz2wsx", "woaini1314", "１２３４５６７８", "SHORT", "A.Long-Name", "stf-0001"])
def test_the_first_passwords_to_be_guessed_are_refused(office, chosen):
    number = fresh_number()
    username, staff_no = (f"a.long-name{number}", f"STF-0001{number}")
    chosen = {"A.Long-Name": username.upper(), "stf-0001": staff_no.lower()}.get(chosen, chosen)
    body = new_user(username=username, password=chosen, staff_no=staff_no)
    problem = refused(office.client_for("office.admin").post("/users", body), 422, "invalid")
    assert problem["errors"][0]["pointer"] == "/password"
    account = office.add_account("office.clerk", username=username, staff_no=staff_no, password=INITIAL)
    _, client = sign_in(office, account["username"], INITIAL)
    problem = refused(client.post("/auth/password", {"present": INITIAL, "new": chosen}), 422, "invalid")
    assert problem["errors"][0]["pointer"] == "/new"
