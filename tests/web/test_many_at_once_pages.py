"""The pages of acts on many rows: what is ticked, what changed meanwhile, and that nothing is done by halves."""

import pytest
from console_world import PEOPLE, make_console
from test_query_counts import MOST, statements

from scoring_service.services.notices.receipts import acknowledge

PROOF = "邮政 EMS，本人签收"


@pytest.fixture(scope="module")
def console(module_engine):
    return make_console(module_engine)


def received(console, letters):
    with console.service.work() as work:
        return [
            work.conn.exec_driver_sql("SELECT received_on FROM notices WHERE id = %s", (letter,)).scalar_one()
            for letter in letters
        ]


def test_receipts_that_changed_after_the_preview_are_told_by_row_and_none_is_recorded(console):
    for name in PEOPLE:
        console.approved(name, 1)
    letters = [console.letters(console.people[name])["practitioner", "score"] for name in PEOPLE]
    clerk = console.browser("clerk")
    assert all(f'value="{letter}"' in clerk.page("/letters?unread=1") for letter in letters)
    asked = {"notice": letters, "row": letters} | {f"version/{letter}": "0" for letter in letters}
    assert "请填写，或在各份中分别填写" in clerk.asked("/letters/receipts/preview", step="preview", received_on="2025-06-02", **asked).text
    asked |= {"proof": PROOF, "received_on": "2025-06-02", f"proof/{letters[0]}": "签收单 9 号"}
    preview = clerk.asked("/letters/receipts/preview", step="preview", **asked)
    assert "将登记 4 份送达" in preview.text
    assert "签收单 9 号" in preview.text
    assert received(console, letters) == [None] * 4
    with console.service.work(console.actor("clerk")) as work:
        acknowledge(work, letters[1], proof=PROOF)
    page = clerk.asked("/letters/receipts", **asked)
    assert "全部没有登记" in page.text
    assert f'href="#notice-{letters[1]}"' in page.text
    assert [day is not None for day in received(console, letters)] == [False, True, False, False]
    rest = asked | {"notice": [letters[0], *letters[2:]]}
    done = clerk.asked("/letters/receipts", **rest)
    assert "已登记 3 份送达" in done.text
    assert None not in received(console, letters)
    address = clerk.post("/letters/receipts/choose", notice=letters).location
    assert statements(console, clerk, address) <= MOST
    assert "没有选择文书" in clerk.page("/letters/receipts")


def test_an_act_on_nothing_comes_back_to_its_list(console):
    for user, act, field in (
        ("clerk", "/letters/receipts/choose", {}),
        ("clerk", "/letters/bundles", {}),
        ("reviewer", "/cases/assign/choose", {}),
    ):
        browser = console.browser(user)
        browser.page("/letters")
        assert "请至少选择一项" in browser.asked(act, **field).text


def test_a_case_that_somebody_took_meanwhile_is_told_and_none_is_assigned(console):
    cases = [console.case("蓝一", 2, submitted=False).id for _ in range(2)]
    reviewer, clerk = console.browser("reviewer"), console.browser("clerk")
    reviewer.page("/cases")
    chosen = reviewer.asked("/cases/assign/choose", case=cases).text
    assert chosen.count('name="case"') == 2
    assert '<option value="clerk"' in chosen
    seen = {f"version/{case}": "1" for case in cases} | {f"assigned_to/{case}": "" for case in cases}
    clerk.page(f"/cases/{cases[0]}")
    clerk.asked("/cases/assign/choose", case=cases[0])
    clerk.post("/cases/assign", case=cases[0], to="clerk", row=cases[0], **seen)
    assert "由谁经办" in clerk.page("/cases?state=draft")
    page = reviewer.asked("/cases/assign", case=cases, row=cases, to="clerk", **seen).text
    assert "全部没有指派" in page
    assert "该案现由 clerk 经办" in page
    seen[f"assigned_to/{cases[0]}"] = "clerk"
    assert reviewer.post("/cases/assign", case=cases, row=cases, to="clerk", **seen).location == "/cases"
    assert "已指派 2 件案件" in reviewer.page("/cases")
