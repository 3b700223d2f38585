"""Many at once in real Chromium: 20 receipts and their letters as one PDF, in few clicks."""

from console_visitor import NARROW
from console_world import PEOPLE

from scoring_service.services.bundles.making import make_waiting

MOST_CLICKS = 6


class Clicks:
    """A window whose clicks are counted."""

    def __init__(self, page):
        self.page, self.count = page, 0

    def on(self, words):
        self.count += 1
        self.page.click(", ".join(f"{tag}:visible:has-text('{words}')" for tag in ("a", "button", "label")))


def test_20_receipts_are_recorded_and_their_letters_printed(visitor, console):
    for name in PEOPLE:
        for _ in range(3):
            console.approved(name, 1)
    clerk = visitor("clerk")
    clicks = Clicks(clerk.page)
    clicks.on("文书")
    clicks.on("待确认")
    clicks.on("全选本页")
    clicks.on("登记所选的送达")
    clerk.page.fill("#proof", "邮政 EMS，本人签收")
    clicks.on("预览")
    assert "将登记 25 份送达" in clerk.page.inner_text("main")
    assert clerk.page.locator("td:has-text('2025-06-16')").count() > 0
    clicks.on("确认登记 25 份")
    assert "已登记 25 份送达" in clerk.page.inner_text("main")
    assert clicks.count <= MOST_CLICKS
    here = clerk.page.url.removeprefix(clerk.address)
    clerk.go("/letters")
    clicks.on("全选本页")
    clicks.on("所选合并为一份 PDF")
    clerk.page.wait_for_selector("progress")
    make_waiting(console.service)
    clerk.page.wait_for_selector("text=下载 PDF")
    with clerk.page.expect_download() as download:
        clicks.on("下载 PDF")
    assert download.value.path().read_bytes().startswith(b"%PDF-1.")
    clerk.page.set_viewport_size(NARROW)
    for path in ("/letters", here, clerk.page.url.removeprefix(clerk.address)):
        clerk.go(path)
        assert clerk.overflow() == 0
