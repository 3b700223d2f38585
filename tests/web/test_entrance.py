"""Sessions, forms and headers: what a browser carries opens the pages, and nothing else."""

from dataclasses import replace

import pytest
from sqlalchemy import create_engine, select

from scoring_service.app import create_app
from scoring_service.db.tables import accounts as table
from scoring_service.services.accounts import opening, signing_in
from scoring_service.services.accounts.account import account_of
from scoring_service.web.frame.assets import assets
from scoring_service.web.frame.pages import ACCESS


def rules(console):
    return [rule for rule in console.app.url_map.iter_rules() if rule.endpoint.startswith("web.")]


def test_every_page_names_its_roles(console):
    assert {rule.endpoint for rule in rules(console)} == set(ACCESS)
    public = {endpoint for endpoint, roles in ACCESS.items() if roles is None}
    assert public == {
        "web.home",
        "web.sign_in",
        "web.begin_single_sign_on",
        "web.end_single_sign_on",
        "web.demo_logins",
        "web.enter_demo",
        "web.set_language",
        "web.set_appearance",
        "web.set_single_keys",
        "web.asset",
    }
    assert all(roles for roles in ACCESS.values() if roles is not None)


def test_a_stranger_is_asked_to_sign_in_on_every_page(console):
    browser = console.browser()
    browser.get("/sign-in")
    for rule in rules(console):
        if ACCESS[rule.endpoint] is None:
            continue
        path = rule.rule
        for argument in rule.arguments:
            path = path.replace(f"<{argument}>", "x")
        answer = browser.get(path) if "GET" in rule.methods else browser.post(path)
        assert answer.status_code == 401, (rule.endpoint, answer.status_code)


def test_each_role_sees_what_is_meant_for_it_only(console):
    for username, path, status in (
        ("doctor", "/today", 403),
        ("doctor", "/people", 403),
        ("clinic", "/audit", 403),
        ("clerk", "/audit", 403),
        ("auditor", "/cases/new", 403),
        ("reviewer", "/clock", 403),
        ("auditor", "/audit", 200),
        ("regulator", "/statistics", 200),
    ):
        assert console.browser(username).get(path).status_code == status, (username, path)


def test_home_leads_each_role_to_its_desk(console):
    for username, home in (("clerk", "/today"), ("clinic", "/clinic"), ("doctor", "/me"), ("settlement", "/desk")):
        browser = console.browser(username)
        assert browser.get("/").headers["Location"] == home
        assert browser.get(home).status_code == 200


def test_cookies_are_marked(console):
    browser = console.browser("clerk")
    cookie = browser.cookie("scoring_session")
    assert (cookie.http_only, cookie.same_site, cookie.secure) == (True, "Lax", False)
    settings = replace(console.service.settings, hosts=("desk.example.cn",))
    public = create_app(settings, replace(console.service, settings=settings)).test_client()
    assert public.get("/demo", headers={"Host": "desk.example.cn"}).status_code == 200
    form = public.get_cookie("scoring_form", domain="desk.example.cn")
    assert (form.http_only, form.same_site, form.secure) == (True, "Lax", True)


def test_a_session_is_useless_on_the_api_and_a_token_on_the_pages(console):
    browser = console.browser("clerk")
    value = browser.cookie("scoring_session").value
    api = console.app.test_client()
    assert api.get("/api/v1/auth/me", headers={"Authorization": f"Bearer {value}"}).status_code == 401
    assert browser.client.get("/api/v1/auth/me").status_code == 401
    token = signing_in.sign_in(console.service, username="clerk", password="demo-clerk", address="t").token
    stranger = console.app.test_client()
    stranger.set_cookie("scoring_session", token)
    assert stranger.get("/today").status_code == 401


def test_a_form_without_its_token_is_refused(console):
    browser = console.browser("clerk")
    assert browser.client.post("/sign-out").status_code == 400
    assert browser.page("/today")


def test_signing_out_here_and_everywhere(console):
    here, there = console.browser("appeals"), console.browser("appeals")
    here.page("/today")
    assert here.post("/sign-out").status_code == 303
    assert here.get("/today").status_code == 401
    there.page("/today")
    third = console.browser("appeals")
    there.post("/sign-out-everywhere")
    assert third.get("/today").status_code == 401


def test_changing_the_password_ends_the_other_sessions(console):
    other = console.browser("expert2")
    browser = console.browser("expert2")
    browser.page("/account")
    refused = browser.asked("/account/password", current="wrong", wanted="a-new-password", again="a-new-password")
    assert "当前密码不正确" in refused.text
    done = browser.post("/account/password", current="demo-expert2", wanted="a-new-password", again="a-new-password")
    assert done.status_code == 303
    browser.page("/account")
    assert other.get("/account").status_code == 401


def made_by_admin(console, username):
    """An account whose password its maker chose: `initial password`."""
    with console.service.engine.connect() as conn:
        row = conn.execute(select(table).where(table.c.username == "admin")).mappings().one()
    with console.service.work(account_of(row).as_actor()) as work:
        password = "initial password"
        opening.add_account(work, username=username, roles=["office.clerk"], staff_no=username, password=password)


def test_the_first_sign_in_leads_to_a_password_of_ones_own(console):
    made_by_admin(console, "newcomer")
    browser = console.browser()
    browser.get("/sign-in")
    answer = browser.post("/sign-in", username="newcomer", password="initial password", target="/today")
    assert answer.headers["Location"] == "/account"
    assert "开户人设定的密码" in browser.page("/account")
    assert "开户人设定的密码" in browser.page("/today")
    typed = {"current": "initial password", "wanted": "one of my own", "again": "one of my own"}
    assert browser.post("/account/password", **typed).status_code == 303
    assert "开户人设定的密码" not in browser.page("/today")


def test_guesses_of_the_present_password_end_the_session(console):
    made_by_admin(console, "borrowed")
    browser = console.browser()
    browser.get("/sign-in")
    browser.post("/sign-in", username="borrowed", password="initial password", target="/today")
    browser.page("/account")
    typed = {"current": "a guess", "wanted": "one of my own", "again": "one of my own"}
    statuses = [browser.post("/account/password", **typed).status_code for _ in range(5)]
    assert statuses == [303, 303, 303, 303, 401]
    assert browser.get("/account").status_code == 401


def test_a_wrong_password_is_told_beside_the_form(console):
    browser = console.browser()
    browser.get("/sign-in")
    answer = browser.post("/sign-in", username="clerk", password="nope", target="/")
    assert answer.status_code == 401
    assert "用户名或密码错误" in answer.text
    assert 'value="clerk"' in answer.text


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x"])
def test_signing_in_leads_nowhere_else(console, target):
    browser = console.browser()
    browser.get("/sign-in")
    answer = browser.post("/sign-in", username="clerk", password="demo-clerk", target=target)
    assert answer.headers["Location"] == "/"


def test_what_was_typed_survives_an_expired_session(console):
    browser = console.browser("clerk")
    browser.page("/people")
    browser.client.delete_cookie("scoring_session")
    asked = browser.post("/find", q="蓝一")
    assert asked.status_code == 401
    assert "没有丢" in asked.text
    carried = browser.asked(
        "/sign-in",
        username="clerk",
        password="demo-clerk",
        target="/find",
        carried_post="1",
        **{"carried:q": "蓝一"},
    )
    assert 'name="q" value="蓝一"' in carried.text
    assert "D150402900001" in browser.found("蓝一")


@pytest.mark.parametrize(("site", "status"), [("same-origin", 401), ("cross-site", 400), (None, 400)])
def test_what_was_typed_survives_lost_cookies_but_only_from_our_own_page(console, site, status):
    browser = console.browser("clerk")
    browser.page("/people")
    for cookie in ("scoring_session", "scoring_form"):
        browser.client.delete_cookie(cookie)
    headers = {} if site is None else {"Sec-Fetch-Site": site}
    sent = {"q": "蓝一", "csrf_token": browser.token}
    answer = browser.client.post("/find", data=sent, headers=headers)
    assert answer.status_code == status
    assert ("蓝一" in answer.text) is (status == 401)


def test_pages_allow_no_inline_code_and_are_not_kept(console):
    answer = console.browser("clerk").get("/today")
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert answer.headers["Cache-Control"] == "no-store"
    assert "style=" not in answer.text
    assert "onclick" not in answer.text


def test_files_come_from_here_compressed_and_small(console):
    client = console.app.test_client()
    total = 0
    for name, kept in assets().items():
        answer = client.get(f"/static/{name}?v={kept.version}", headers={"Accept-Encoding": "gzip"})
        assert answer.headers["Content-Encoding"] == "gzip"
        assert "immutable" in answer.headers["Cache-Control"]
        total += len(answer.data)
    assert total < 60_000
    assert client.get("/static/nothing.css").status_code == 404


def test_an_unknown_address_is_a_page_with_the_request_id(console):
    answer = console.app.test_client().get("/nowhere")
    assert answer.status_code == 404
    assert answer.headers["X-Request-Id"] in answer.text
    assert "怎么办" in answer.text
    assert console.app.test_client().get("/api/v1/nowhere").mimetype == "application/problem+json"


def test_an_unknown_address_keeps_the_menu_of_whoever_is_signed_in(console):
    page = console.browser("clerk").get("/nowhere")
    assert page.status_code == 404
    assert '<nav class="menu"' in page.text
    assert 'href="/cases"' in page.text
    assert '<nav class="menu"' not in console.browser().get("/nowhere").text


def test_an_unknown_address_is_told_while_the_database_is_away(console, monkeypatch):
    browser = console.browser("clerk")
    away = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/nowhere")
    monkeypatch.setitem(console.app.extensions, "scoring_service", replace(console.service, engine=away))
    page = browser.get("/nowhere")
    assert (page.status_code, "怎么办" in page.text) == (404, True)
    assert '<nav class="menu"' not in page.text
    assert browser.get("/today").status_code == 503


def test_english_is_one_click_away(console):
    browser = console.browser("clerk")
    assert '<html lang="zh-CN">' in browser.page("/today")
    assert browser.get("/language/en?target=/today").headers["Location"] == "/today"
    page = browser.page("/today")
    assert '<html lang="en">' in page
    assert "Cases to review" in page
