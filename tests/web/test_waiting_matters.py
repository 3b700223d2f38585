"""What waits for a decision is told where it is looked for: on the pages of both files, and of the institution."""

import re
from datetime import date

from console_world import HOSPITAL

from scoring_service.services.proposals import merges, registry_corrections


def test_a_merge_that_waits_stands_on_both_files_and_names_their_codes(console):
    one, other = console.people["蓝一"], console.people["蓝二"]
    with console.service.work(console.actor("admin")) as work:
        waiting = merges.draft(work, other, into=one, reason="同一人")
    admin, reviewer = console.browser("admin"), console.browser("reviewer")
    for person, words in ((one, "并档后保留的是本档案"), (other, "并档后关闭的是本档案")):
        for page in (f"/people/{person}", f"/registrations/{person}"):
            assert words in admin.page(page)
    assert f"/registrations/{one}/merge" not in admin.page(f"/registrations/{one}")
    assert "D150402900002 → D150402900001" in re.sub(r"<[^>]+>", "", reviewer.page("/decisions"))
    at = f"/decisions/merges/{waiting.id}"
    own = admin.page(at)
    assert "请由另一位同事决定" in own
    assert f"{at}/reject" not in own
    reviewer.page(at)
    reviewer.post(f"{at}/approve", version="1")
    decided = reviewer.page(at)
    assert all(code in decided for code in ("D150402900001", "D150402900002"))
    page = admin.page(f"/people/{other}")
    assert "D150402900002 已于" in page
    assert "并档待决定" not in page


def test_a_correction_of_an_agreement_stands_at_its_institution(console):
    with console.service.work(console.actor("admin")) as work:
        first = date(2025, 1, 1)
        days = {"from": date(2024, 12, 1)}
        waiting = registry_corrections.draft_of_agreement(
            work, HOSPITAL, agreement=first, span=days, reason="协议签于十二月"
        )
    clerk, reviewer = console.browser("clerk"), console.browser("reviewer")
    assert "有一项更正待决定" in clerk.page(f"/institutions/{HOSPITAL}")
    at = f"/decisions/registry/{waiting.id}"
    assert "所有人员的记分和状态不变" in reviewer.page(at)
    reviewer.post(f"{at}/approve", version="1")
    page = clerk.page(f"/institutions/{HOSPITAL}")
    assert "有一项更正待决定" not in page
    assert "协议签于十二月" in page
