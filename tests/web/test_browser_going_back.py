"""The three desks walked through as the tour says, with Back pressed after every step, in real Chromium."""

import time

from console_world import HOSPITAL_NAME, PEOPLE
from playwright.sync_api import Page

SENT_AGAIN = "chrome-error:"


class Walk:
    """Steps of one visitor; after each, Back shows the page before and Forward the page again, and nothing is sent twice."""

    def __init__(self, visitor):
        self.one, self.page, self.steps = visitor, visitor.page, 0
        self.posts = []
        self.page.on("request", lambda request: self.posts.append(request.url) if request.method == "POST" else None)

    def to(self, path):
        self.one.go(path)
        self.back_and_forth()

    def click(self, selector):
        self.page.click(selector)
        self.back_and_forth()

    def press(self, words):
        self.one.press(words)
        self.back_and_forth()

    def back_and_forth(self):
        self.page.wait_for_load_state()
        here, words, sent = self.page.url, heading(self.page), len(self.posts)
        self.page.go_back()
        assert self.page.url.startswith(self.one.address), (here, self.page.url)
        assert self.page.locator("main h1").count() == 1, (here, self.page.url, self.page.inner_text("body"))
        self.page.go_forward()
        assert (self.page.url, heading(self.page)) == (here, words)
        assert len(self.posts) == sent, "a form was sent again"
        self.steps += 1


def heading(page: Page):
    return page.inner_text("main h1")


def draft(walk, number, points="10"):
    """The clerk's draft: half of it first, then all."""
    page = walk.page
    walk.to("/cases/new")
    page.fill("#institution", HOSPITAL_NAME)
    page.fill("#handling-document_no", number)
    page.fill("#summary", "虚构医药服务项目。")
    walk.press("保存草稿")
    assert "已存为未完成的草稿" in page.inner_text("main")
    page.select_option("#handling-kind", "penalty")
    page.fill("#handling-authority", "赤峰市医疗保障局")
    page.fill("#handling-decided_on", "2025-05-30")
    page.fill("#findings-0-practitioner", PEOPLE["蓝一"])
    page.fill("#findings-0-item", "虚构")
    page.select_option("#findings-0-degree", "main")
    page.fill("#findings-0-points", points)
    walk.press("保存草稿")
    walk.press("提交审核")


def office(visitor, console):
    clerk, reviewer = Walk(visitor("clerk")), Walk(visitor("reviewer"))
    clerk.to("/today")
    draft(clerk, "赤医保罚〔2025〕55号")
    address = clerk.page.url
    reviewer.to("/today")
    reviewer.to(address.removeprefix(reviewer.one.address))
    reviewer.page.click("summary:has-text('退回经办人')")
    reviewer.press("退回")
    assert reviewer.page.locator(".error-summary").is_visible()
    reviewer.press("审核通过")
    reviewer.to("/people")
    reviewer.page.fill("#q", "蓝")
    reviewer.press("查找")
    assert "蓝二" in reviewer.page.inner_text("main")
    reviewer.click("th a:has-text('蓝一')")
    reviewer.to("/people?status=suspended")
    reviewer.to("/decisions")
    reviewer.to("/cases?state=approved")
    clerk.to(f"/people/{console.people['蓝一']}/reregistration")
    clerk.page.fill("#on", "2025-06-02")
    clerk.page.click("main form button.btn-primary")
    clerk.back_and_forth()
    assert clerk.page.input_value("#on") == "2025-06-02"
    admin = Walk(visitor("admin"))
    admin.to("/institutions/new")
    admin.page.fill("#name", "写了一半的机构")
    admin.page.click("main form button.btn-primary")
    admin.back_and_forth()
    assert admin.page.input_value("#name") == "写了一半的机构"
    admin.to("/jobs")
    auditor = Walk(visitor("auditor"))
    auditor.to("/audit?action=look")
    return [clerk, reviewer, admin, auditor]


def clinic(visitor, _console):
    walk = Walk(visitor("clinic"))
    walk.to("/clinic")
    walk.to("/clinic/people")
    walk.page.fill("#q", "示")
    walk.press("查找")
    walk.to("/clinic/check")
    walk.press("查询")
    assert walk.page.locator(".error-summary").is_visible()
    walk.page.fill("#ref", PEOPLE["蓝一"])
    walk.press("查询")
    assert "不予结算" in walk.page.inner_text("main")
    walk.to("/clinic/check-list")
    walk.page.fill("#list", f"{PEOPLE['蓝一']}\n{PEOPLE['蓝三']}\n不是代码")
    walk.press("查询")
    assert "有 1 行没有查" in walk.page.inner_text("main")
    walk.to("/clinic/talks")
    walk.to("/letters")
    walk.to("/appeals")
    return [walk]


def practitioner(visitor, _console):
    walk = Walk(visitor("doctor"))
    walk.to("/me")
    walk.to("/me/outlook")
    walk.to("/letters")
    walk.to("/me")
    walk.click("main a:has-text('申请修复')")
    walk.page.fill("#evidence", "证书 2025-99 号")
    walk.press("提出申请")
    assert walk.page.input_value("#evidence") == "证书 2025-99 号"
    walk.page.select_option("#activity", "online_course")
    walk.page.select_option("#effect", "points")
    walk.page.fill("#completed_on", "2025-06-01")
    walk.press("提出申请")
    walk.press("上传")
    assert walk.page.locator(".error-summary").is_visible()
    walk.to("/account")
    walk.page.fill("#current", "wrong")
    walk.press("修改密码")
    walk.to("/me/access-log")
    return [walk]


def test_the_three_desks_with_back_after_every_step(visitor, console):
    begun = time.monotonic()
    walks = [walk for desk in (office, clinic, practitioner) for walk in desk(visitor, console)]
    steps = sum(walk.steps for walk in walks)
    print(f"{steps} steps with Back in {time.monotonic() - begun:.0f} s")  # noqa: T201 -- a figure for the record
    assert steps > 40


def test_back_after_a_failed_sign_in_and_after_an_act_that_is_not_allowed(visitor):
    stranger = visitor()
    stranger.go("/demo")
    stranger.go("/sign-in")
    stranger.page.fill("#username", "clerk")
    stranger.page.fill("#password", "wrong")
    stranger.page.click("main button.btn-primary")
    assert stranger.page.locator(".error-summary").is_visible()
    stranger.page.fill("#username", "clerk")
    stranger.page.fill("#password", "demo-clerk")
    stranger.page.click("main button.btn-primary")
    stranger.page.wait_for_url("**/today")
    stranger.page.go_back()
    assert stranger.page.locator("main h1").count() == 1
    assert not stranger.page.url.startswith(SENT_AGAIN)


def test_a_finding_is_added_in_place(visitor):
    clerk = visitor("clerk")
    clerk.go("/cases/new")
    clerk.page.fill("#findings-0-practitioner", "先写的")
    sent = []
    # What completes a name while it is typed is asked for beside the form.
    completed = "/cases/people"
    clerk.page.on("request", lambda asked: None if asked.url.endswith(completed) else sent.append(asked.url))
    for _time in range(3):
        clerk.press("再加一项认定")
    assert sent == []
    assert clerk.page.evaluate("document.activeElement.id") == "findings-3-practitioner"
    assert clerk.page.input_value("[name=rows]") == "4"
    assert "认定 4" in clerk.page.inner_text("main")
    clerk.page.fill("#findings-3-points", "13")
    clerk.press("保存草稿")
    assert clerk.page.input_value("#findings-3-points") == "13"
    assert clerk.page.input_value("#findings-0-practitioner") == "先写的"
