"""Sign-in by OpenID Connect, against a real small provider: who it vouches for comes in, and nobody else."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from console_world import Browser, Console, make_console
from joserfc.jwk import RSAKey
from small_provider import CLIENT_ID, CLIENT_SECRET, SmallProvider, small_provider
from sqlalchemy import select, update

from scoring_service.app import create_app
from scoring_service.clock import real_now
from scoring_service.db.tables import accounts

HOME = "http://localhost"


@pytest.fixture(scope="module")
def provider() -> Iterator[SmallProvider]:
    with small_provider() as running:
        yield running


@pytest.fixture(autouse=True)
def as_it_was(provider):
    provider.reset()


@pytest.fixture(scope="module")
def console(module_engine, provider) -> Console:
    return make_console(
        module_engine,
        oidc_issuer=provider.issuer,
        oidc_client_id=CLIENT_ID,
        oidc_client_secret=CLIENT_SECRET,
        oidc_claim="preferred_username",
    )


def leave(browser: Browser, target: str = "/today") -> str:
    """Press the button; where the browser is sent."""
    answer = browser.get("/sign-in/oidc", query_string={"target": target})
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def at_provider(address: str, who: str) -> str:
    """Say who one is at the provider; the path and query that it sends the browser back to."""
    answer = requests.post(address, data={"who": who}, allow_redirects=False, timeout=5)
    assert answer.status_code == 302, answer.text
    back = urlsplit(answer.headers["Location"])
    assert f"{back.scheme}://{back.netloc}" == HOME
    return f"{back.path}?{back.query}"


def come_back(browser: Browser, path: str):
    return browser.get(path)


def sign_in(console, who: str, target: str = "/today"):
    """The whole way; the browser, and what the return answered."""
    browser = console.browser()
    return browser, come_back(browser, at_provider(leave(browser, target), who))


def refused(browser: Browser, answer, status: int, words: str) -> None:
    """The refusal is a sign-in page that says what to do, and nobody is signed in."""
    assert answer.status_code == status, answer.text
    assert words in answer.text
    assert 'name="password"' in answer.text
    assert browser.get("/today").status_code == 401


def test_who_the_provider_names_is_signed_in(console, provider):
    browser, answer = sign_in(console, "clerk", "/cases?state=draft")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/cases?state=draft")
    cookie = browser.cookie("scoring_session")
    assert (cookie.http_only, cookie.same_site, cookie.secure) == (True, "Lax", False)
    assert ">clerk<" in browser.page("/today")
    assert provider.codes == {}


def test_what_is_asked_of_the_provider(console):
    asked = parse_qs(urlsplit(leave(console.browser())).query)
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [f"{HOME}/sign-in/oidc/return"]
    assert all(len(asked[name][0]) >= 30 for name in ("state", "nonce", "code_challenge"))
    assert "openid" in asked["scope"][0].split()


def test_the_session_ends_everywhere_and_with_the_account(console):
    browser, _answer = sign_in(console, "auditor")
    other, _answer = sign_in(console, "auditor")
    browser.page("/account")
    browser.post("/sign-out-everywhere")
    assert other.get("/today").status_code == 401
    value = other.cookie("scoring_session").value
    bearer = {"Authorization": f"Bearer {value}"}
    assert console.app.test_client().get("/api/v1/auth/me", headers=bearer).status_code == 401


@pytest.mark.parametrize(
    "wrong",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "somebody-else"},
        {"aud": [CLIENT_ID, "somebody-else"]},
        {"azp": "somebody-else"},
        {"iss": "http://127.0.0.1:1"},
        {"exp": 1_700_000_000},
        {"iat": 4_000_000_000},
        {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
        {"preferred_username": None},
        {"preferred_username": ["clerk"]},
    ],
    ids="-".join,
)
def test_a_token_with_a_wrong_claim_is_refused(console, provider, wrong):
    provider.wrong = wrong
    browser, answer = sign_in(console, "clerk")
    refused(browser, answer, 403, "无法核实")


def test_a_token_signed_by_another_key_is_refused(console, provider):
    own, provider.published = provider.key, [provider.key]
    provider.key = RSAKey.generate_key(2048, {"kid": own.kid})
    try:
        browser, answer = sign_in(console, "clerk")
        refused(browser, answer, 403, "无法核实")
    finally:
        provider.key = own


def test_a_key_that_the_provider_has_changed_is_read_anew(console, provider):
    sign_in(console, "clerk")
    provider.key = RSAKey.generate_key(2048, {"kid": "second"})
    provider.published = [provider.key]
    _browser, answer = sign_in(console, "clerk")
    assert answer.status_code == 303


def test_a_return_counts_once_and_in_its_own_browser_only(console):
    browser = console.browser()
    path = at_provider(leave(browser), "clerk")
    stranger = console.browser()
    refused(stranger, come_back(stranger, path), 400, "请重新登录")
    assert come_back(browser, path).status_code == 303
    browser.client.delete_cookie("scoring_session")
    refused(browser, come_back(browser, path), 400, "请重新登录")


def test_a_return_with_another_state_ends_the_sign_in_that_waited(console):
    browser = console.browser()
    path = at_provider(leave(browser), "clerk")
    refused(browser, come_back(browser, path + "x"), 400, "请重新登录")
    refused(browser, come_back(browser, path), 400, "请重新登录")


def test_a_code_of_another_sign_in_is_refused(console):
    """PKCE: a code that was begun with another verifier opens nothing."""
    stolen = parse_qs(urlsplit(at_provider(leave(console.browser()), "admin")).query)["code"][0]
    browser = console.browser()
    state = parse_qs(urlsplit(leave(browser)).query)["state"][0]
    refused(browser, come_back(browser, f"/sign-in/oidc/return?code={stolen}&state={state}"), 403, "无法核实")


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [("error=access_denied", 403, "已在统一身份认证处取消"), ("error=server_error", 403, "无法核实"), ("x=1", 403, "无法核实")],
)
def test_an_answer_without_a_code_is_told(console, query, status, words):
    browser = console.browser()
    state = parse_qs(urlsplit(leave(browser)).query)["state"][0]
    refused(browser, come_back(browser, f"/sign-in/oidc/return?{query}&state={state}"), status, words)


def test_who_has_no_account_here_is_told_whom_to_ask(console):
    browser, answer = sign_in(console, "zhang.san")
    refused(browser, answer, 403, "请联系医保部门的管理员")
    assert "zhang.san" in answer.text
    browser, answer = sign_in(console, "<script>")
    refused(browser, answer, 403, "请联系医保部门的管理员")
    assert "<script>" not in answer.text.replace("<script src", "")


def test_the_makers_password_ends_when_the_provider_vouches(console):
    with console.service.engine.begin() as conn:
        of = {name: conn.execute(select(accounts.c.id).where(accounts.c.username == name)).scalar_one() for name in ("admin", "appeals")}
        conn.execute(update(accounts).where(accounts.c.id == of["appeals"]).values(password_set_by=of["admin"]))
    browser, _ = sign_in(console, "appeals")
    assert "开户人设定的密码" not in browser.page("/today")
    with console.service.engine.connect() as conn:
        kept = conn.execute(select(accounts.c.password_hash, accounts.c.password_set_by).where(accounts.c.id == of["appeals"])).one()
    assert tuple(kept) == (None, None)


def test_a_closed_account_stays_out(console):
    with console.service.engine.begin() as conn:
        conn.execute(update(accounts).where(accounts.c.username == "expert2").values(state="closed", closed_at=real_now()))
    browser, answer = sign_in(console, "expert2")
    refused(browser, answer, 403, "已注销")


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "https://evil.example", "/\\evil.example", "\t//evil.example", "/\t/evil.example", "evil", "/api/v1/x", ""],
)
def test_the_way_back_leads_nowhere_else(console, target):
    _browser, answer = sign_in(console, "clerk", target)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_discovery_is_read_once_and_only_when_needed(console, provider):
    console.browser().get("/sign-in")
    for _ in range(3):
        sign_in(console, "clerk")
    assert provider.asked.get("/.well-known/openid-configuration", 0) <= 1


def test_the_button_stands_beside_the_password(console):
    browser = console.browser()
    page = browser.get("/sign-in?target=/cases").text
    assert "用统一身份认证登录" in page
    assert 'href="/sign-in/oidc?target=/cases"' in page
    assert browser.post("/sign-in", username="clerk", password="demo-clerk", target="/").status_code == 303


def test_what_was_typed_survives_a_sign_in_in_another_window(console):
    browser = console.browser("clerk")
    browser.page("/people")
    browser.client.delete_cookie("scoring_session")
    asked = browser.post("/find", q="蓝一")
    assert asked.status_code == 401
    assert 'target="_blank"' in asked.text
    carried = {"target": "/find", "carried_post": "1", "carried:q": "蓝一", "do": "carry_on"}
    early = browser.post("/sign-in", **carried)
    assert early.status_code == 401
    assert "还没有登录" in early.text
    assert 'name="carried:q" value="蓝一"' in early.text
    token = browser.token
    come_back(browser, at_provider(leave(browser), "clerk"))
    browser.token = token
    assert 'name="q" value="蓝一"' in browser.asked("/sign-in", **carried).text
    assert "D150402900001" in browser.asked("/find", q="蓝一").text


def test_a_password_is_not_carried_through_the_sign_in(console):
    browser = console.browser("reviewer")
    browser.page("/account")
    browser.client.delete_cookie("scoring_session")
    answer = browser.post("/account/password", current="demo-reviewer", wanted="hidden-new-one", again="hidden-new-one")
    assert answer.status_code == 401
    assert "demo-reviewer" not in answer.text
    assert "hidden-new-one" not in answer.text


def beside(console: Console, issuer: str | None) -> Console:
    """Another application on the same database, with this provider or with none."""
    names = ("oidc_client_id", "oidc_client_secret", "oidc_claim")
    absent = {} if issuer else dict.fromkeys(names)
    settings = replace(console.service.settings, oidc_issuer=issuer, **absent)
    service = replace(console.service, settings=settings)
    return Console(app=create_app(settings, service), service=service)


@pytest.mark.parametrize("stop", ["before", "between"])
def test_a_provider_that_is_down_is_told_and_the_password_still_works(console, stop):
    with small_provider() as short_lived:
        browser = beside(console, short_lived.issuer).browser()
        path = at_provider(leave(browser), "clerk") if stop == "between" else "/sign-in/oidc"
    refused(browser, come_back(browser, path), 503, "暂时连不上")
    browser.get("/sign-in")
    assert browser.post("/sign-in", username="clerk", password="demo-clerk", target="/").status_code == 303


def test_a_provider_with_another_issuer_is_not_believed(console):
    with small_provider() as other:
        browser = beside(console, other.issuer).browser()
        other.issuer = "https://id.example.cn"
        assert browser.get("/sign-in/oidc").status_code == 503
        assert browser.get("/sign-in/oidc").status_code == 503
        assert other.asked["/.well-known/openid-configuration"] == 1


def test_without_settings_there_is_no_button_and_no_door(console):
    browser = beside(console, None).browser()
    assert "统一身份认证" not in browser.get("/sign-in").text
    assert browser.get("/sign-in/oidc").status_code == 404
    assert browser.get("/sign-in/oidc/return?code=x&state=y").status_code == 404
