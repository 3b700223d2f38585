"""A new start after a ban at the office's desk: proposed before the ban ends, approved once it has ended (P39)."""

from datetime import date

import pytest
from console_world import HOSPITAL, make_console, path_of
from resumption_world import advance

# A year's ban from 3 June 2025; fifteen working days lead back from its end over the May holidays.
TOO_EARLY, OPENS, ENDS = date(2026, 5, 12), date(2026, 5, 13), date(2026, 6, 3)
PROPOSED = {
    "on": "2026-06-03",
    "commitment_signed_on": "2026-05-13",
    "affiliations/0/institution": HOSPITAL,
    "statement": "已完成整改，申请重新登记。",
}


@pytest.fixture
def console(fresh_engine):
    console = make_console(fresh_engine)
    for _each in range(2):
        console.approved("蓝一", 6)
    return console


def test_a_new_start_is_proposed_before_the_ban_ends_and_approved_after_it(console):
    clerk, reviewer = console.browser("clerk"), console.browser("reviewer")
    file = f"/people/{console.people['蓝一']}"
    form = f"{file}/reregistration"
    advance(console, TOO_EARLY)
    assert "2026-06-03 周三 起可以重新登记，期满前即可提出申请。" in clerk.page(file)
    assert f'href="{form}"' not in clerk.page(file)
    page = clerk.page(form)
    assert "2026-05-13 周三 起" in page
    assert "2026-06-03 周三 起" in page
    assert "还不到申请的时候" in page
    assert 'name="statement"' not in page
    assert "2026-05-13" in clerk.asked(form, **PROPOSED).text
    advance(console, OPENS)
    assert f'href="{form}"' in clerk.page(file)
    assert 'value="2026-06-03"' in clerk.page(form)
    path = path_of(clerk.post(form, **PROPOSED))
    page = reviewer.page(path)
    assert "已完成整改，申请重新登记。" in page
    assert "禁止登记期" in page
    advance(console, ENDS)
    reviewer.page(path)
    reviewer.post(f"{path}/approve", version="1")
    assert "可以正常结算" in clerk.page(file)
    assert "已结束" in clerk.page(file)
