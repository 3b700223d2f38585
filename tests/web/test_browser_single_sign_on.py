"""The click-through to a real small provider and back, in real Chromium and under the content policy."""

from collections.abc import Iterator

import pytest
from console_world import make_console
from small_provider import CLIENT_ID, CLIENT_SECRET, SmallProvider, small_provider


@pytest.fixture(scope="module")
def provider() -> Iterator[SmallProvider]:
    with small_provider() as running:
        yield running


@pytest.fixture(scope="module")
def console(module_engine, provider):
    return make_console(
        module_engine,
        oidc_issuer=provider.issuer,
        oidc_client_id=CLIENT_ID,
        oidc_client_secret=CLIENT_SECRET,
        oidc_claim="preferred_username",
    )


@pytest.fixture
def page(chromium):
    """A window in which nothing may be refused by the content policy."""
    context, complaints = chromium.new_context(locale="zh-CN"), []
    context.set_default_timeout(10_000)
    opened = context.new_page()
    opened.on("console", lambda message: complaints.append(message.text))
    yield opened
    context.close()
    assert [text for text in complaints if "Content Security Policy" in text] == []


def name_oneself(page, who):
    page.fill("input[name=who]", who)
    page.click("button")


def test_to_the_provider_and_back(page, address):
    page.goto(f"{address}/cases?state=draft")
    page.click("text=用统一身份认证登录")
    name_oneself(page, "clerk")
    page.wait_for_url(f"{address}/cases?state=draft")
    assert "clerk" in page.inner_text("header")


def test_who_has_no_account_reads_what_to_do(page, address):
    page.goto(f"{address}/sign-in")
    page.click("text=用统一身份认证登录")
    name_oneself(page, "zhang.san")
    assert "请联系医保部门的管理员" in page.inner_text(".error-summary")


def test_a_form_that_waits_is_sent_after_signing_in_in_a_new_window(page, address):
    page.goto(f"{address}/demo")
    page.click("form:has(input[value='clerk']) button")
    page.goto(f"{address}/people")
    page.fill("#q", "蓝一")
    page.context.clear_cookies(name="scoring_session")
    page.keyboard.press("Enter")
    with page.expect_popup() as opened:
        page.click("text=在新窗口登录")
    name_oneself(opened.value, "clerk")
    opened.value.wait_for_url(f"{address}/today")
    page.click("text=已登录，继续")
    page.click("button:has-text('继续提交')")
    assert "D150402900001" in page.inner_text("main")
