"""Reminders on the page of one's account and over HTTP: chosen, proved by a code, turned off; and how they fare."""

import re

import pytest
from console_world import make_console
from reminder_servers import mail_server

from scoring_service.services.accounts.signing_in import issue_token
from scoring_service.services.reminders.posting import post_waiting

ADDRESS = "zhao@example.cn"
CODE = re.compile(r"验证码是 ([0-9]{8})，")
CHOSEN = {"channel": "email", "address": ADDRESS, "rhythm": "daily"}


@pytest.fixture(scope="module")
def mailbox():
    with mail_server() as mailbox:
        yield mailbox


@pytest.fixture(scope="module")
def city(module_engine, mailbox):
    server = {"smtp_host": "127.0.0.1", "smtp_port": mailbox.port, "smtp_tls": "none", "smtp_from": "points@example.cn"}
    return make_console(module_engine, console_url="https://points.example.cn", **server)


def sent_code(city, mailbox):
    assert post_waiting(city.service) == 1
    return CODE.search(mailbox.texts()[-1])[1]


def test_somebody_chooses_proves_the_address_and_turns_it_off_again(city, mailbox):
    browser = city.browser("reviewer")
    page = browser.page("/account")
    assert "开启提醒" in page
    assert page.count("本系统没有设置，不能选择") == 1, "there is a mail server and no gateway"
    assert browser.post("/account/reminders", **CHOSEN).headers["Location"] == "/account#reminders"
    page = browser.page("/account")
    assert all(words in page for words in (ADDRESS, "尚未确认", "验证码已发出"))
    code = sent_code(city, mailbox)
    wrong = browser.asked("/account/reminders/confirm", code="0" if code != "0" else "1")
    assert "验证码：验证码不正确" in wrong.text
    browser.post("/account/reminders/confirm", code=code)
    page = browser.page("/account")
    assert all(words in page for words in (ADDRESS, "已确认", "每天一次"))
    browser.client.set_cookie("scoring_language", "en")
    assert "Turn reminders off and delete the address" in browser.page("/account")
    browser.client.set_cookie("scoring_language", "zh")
    browser.page("/account")
    browser.post("/account/reminders/end")
    page = browser.page("/account")
    assert ADDRESS not in page
    assert "不再提醒，地址已删除" in page


def test_what_is_wrong_stands_beside_its_field(city):
    browser = city.browser("clerk")
    browser.page("/account")
    page = browser.asked("/account/reminders", **CHOSEN | {"address": "zhao"}).text
    assert 'id="address-error"' in page
    assert 'value="zhao"' in page
    assert "请填写一个邮箱地址" in page
    assert "本系统没有设置这种提醒方式" in browser.asked("/account/reminders", **CHOSEN | {"channel": "gateway"}).text


def test_without_any_way_it_is_greyed_and_says_so(fresh_engine):
    browser = make_console(fresh_engine).browser("clerk")
    page = browser.page("/account")
    assert page.count("本系统没有设置，不能选择") == 2
    assert re.search(r"<button class=\"btn btn-outline-secondary\" disabled>", page)
    assert "您的角色没有待办事项" in make_browser(browser, "auditor")


def make_browser(browser, username):
    browser.get("/demo")
    browser.post("/demo/enter", username=username)
    return browser.page("/account")


def test_what_does_not_get_through_is_told_to_the_person_to_the_operator_and_to_machinery(city, mailbox):
    browser = city.browser("appeals")
    browser.page("/account")
    mailbox.refuses[ADDRESS] = "450 not now"
    browser.post("/account/reminders", **CHOSEN)
    assert post_waiting(city.service) == 0
    assert "地址被拒收" in browser.page("/account")
    jobs = city.browser("admin").page("/jobs")
    assert "有 1 条提醒没有送出（地址被拒收）" in jobs
    assert "没有设置" in jobs
    ready = city.app.test_client().get("/readyz").json["reminders"]
    assert ready == {"state": "failing", "waiting": 1, "given_up": 0, "error": "recipient_refused"}
    assert "scoring_reminders_failing 1.0" in city.app.test_client().get("/metrics").text
    mailbox.refuses.clear()
    browser.page("/account")
    browser.post("/account/reminders/end")
    assert city.app.test_client().get("/readyz").json["reminders"]["state"] == "ok"


def caller(city, username):
    """What an account asks of the API about its reminders: method, path behind `/auth/reminders`, body."""
    with city.service.engine.begin() as conn:
        token = issue_token(conn, city.actor(username).account_id, hours=1).token
    client = city.app.test_client()

    def call(method, path="", body=None):
        sent = {} if body is None else {"json": body}
        return client.open(f"/api/v1/auth/reminders{path}", method=method, headers={"Authorization": f"Bearer {token}"}, **sent)

    return call


def test_the_same_over_http(city, mailbox):
    call = caller(city, "clinic")
    assert call("GET").json == {"channels": {"email": True, "gateway": False}, "reminder": None}
    chosen = call("PUT", body=CHOSEN | {"rhythm": "each"}).json["reminder"]
    assert (chosen["address"], chosen["confirmed"], chosen["rhythm"]) == (ADDRESS, False, "each")
    refused = call("POST", "/confirm", {"code": "none"})
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/code")
    confirmed = call("POST", "/confirm", {"code": sent_code(city, mailbox)}).json["reminder"]
    assert (confirmed["confirmed"], confirmed["code_until"]) == (True, None)
    changed = call("PUT", body=CHOSEN).json["reminder"]
    assert (changed["confirmed"], changed["rhythm"]) == (True, "daily"), "the address is proved"
    assert call("PUT", body=CHOSEN | {"address": "a b@c"}).status_code == 422
    assert call("DELETE").status_code == 204
    assert call("GET").json["reminder"] is None
