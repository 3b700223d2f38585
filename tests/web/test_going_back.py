"""A post leads to an address, whatever comes of it, and the address holds neither a name nor a number."""

import re

from console_world import HOSPITAL, PEOPLE, REFUSED
from sqlalchemy import select

from scoring_service.clock import real_now
from scoring_service.db.tables import searches
from scoring_service.services.finding import kept_searches
from scoring_service.services.jobs import retention
from scoring_service.web import finding
from scoring_service.web.frame.pages import ACCESS

NUMBER = "150402199001011237"
GONE = "已经不在了"
BOUND = {"institution": "clinic", "practitioner": "doctor", "expert": "expert", "regulator": "regulator"}


def posts(console):
    """Every act of the console, by an account that may do it, about things that are there."""
    case, person = console.case("蓝一", 3), console.people["蓝一"]
    known = {"case_id": case.id, "ref": person, "code": HOSPITAL, "kind": "corrections", "act": "withdraw"}
    for rule in console.app.url_map.iter_rules():
        roles = ACCESS.get(rule.endpoint)
        if "POST" in rule.methods and roles and not rule.endpoint.startswith("web.sign_out"):
            username = next(BOUND.get(role) or role.removeprefix("office.") for role in sorted(roles))
            path = rule.rule
            for argument in rule.arguments:
                path = path.replace(f"<{argument}>", known.get(argument, "x"))
            yield username, path


def test_no_post_answers_with_a_page(console):
    count = 0
    for username, path in posts(console):
        browser = console.browser(username)
        browser.get("/account")
        answer = browser.post(path, version="1", rows="1", once="x")
        is_page = answer.mimetype != "application/json"
        assert answer.status_code in {303, 400, 403, 404} or not is_page, (path, answer.status_code)
        count += 1
    assert count > 25


def test_an_address_holds_nothing_that_was_typed_and_the_database_nothing_readable(console):
    clerk = console.browser("clerk")
    clerk.page("/people")
    answer = clerk.post("/find", q=NUMBER)
    assert re.fullmatch(r"/find/[\w-]{22}", answer.headers["Location"])
    assert "没有找到" in clerk.get(answer.headers["Location"]).text
    with console.service.engine.connect() as conn:
        kept = conn.execute(select(searches.c.sealed)).scalars().all()
    assert kept
    assert not any(NUMBER.encode() in sealed for sealed in kept)


def test_what_was_asked_is_seen_by_who_asked_only_and_for_a_month(console):
    clerk, reviewer = console.browser("clerk"), console.browser("reviewer")
    clerk.page("/people")
    address = clerk.post("/find", q="蓝一").headers["Location"]
    assert PEOPLE["蓝一"] in clerk.page(address)
    stranger = reviewer.page(address)
    assert PEOPLE["蓝一"] not in stranger
    assert GONE in stranger
    with console.service.work() as work:
        retention.clear(work, "", None)
    assert PEOPLE["蓝一"] in clerk.page(address)
    with console.service.work() as work:
        work.conn.execute(kept_searches.outdated(real_now() + kept_searches.KEPT))
    assert GONE in clerk.page(address)


def test_a_search_has_second_pages_at_addresses(console, monkeypatch):
    monkeypatch.setattr(finding, "PAGE_LENGTH", 2)
    clerk = console.browser("clerk")
    clerk.page("/people")
    address = clerk.post("/find", q="蓝").headers["Location"]
    first = clerk.page(f"{address}?kind=practitioner")
    further = re.search(r'href="(/find/[^"]+start=2)"', first)[1].replace("&amp;", "&")
    second = clerk.page(further)
    blue = [code for name, code in PEOPLE.items() if name.startswith("蓝")]
    found = [[code for code in blue if code in page] for page in (first, second)]
    assert [len(codes) for codes in found] == [2, 1]
    assert sorted(found[0] + found[1]) == blue
    exported = clerk.get(f"{address}?kind=practitioner&download=csv").text
    assert all(code in exported for code in blue)
    assert clerk.get(f"{address}?kind=practitioner&start=x").status_code == 404


def test_a_refused_form_keeps_all_but_secrets_at_its_address(console):
    admin = console.browser("admin")
    admin.page("/registrations/new")
    answer = admin.post("/registrations/new", name="留下这个名字", id_number=NUMBER, once="k9")
    for _time in range(2):
        page = admin.page(answer.headers["Location"])
        assert REFUSED in page
        assert 'value="留下这个名字"' in page
        assert 'value="k9"' in page
    account = admin.asked("/account/password", current="secret-one", wanted="secret-two", again="secret-two")
    assert "secret-" not in account.text


def test_a_form_that_came_back_can_be_sent_again_with_its_key(console):
    admin = console.browser("admin")
    admin.page("/institutions/new")
    fields = {"code": "H15040277777", "name": "新医院", "kind": "hospital", "region": "150402", "once": "k10"}
    assert REFUSED in admin.asked("/institutions/new", **fields).text
    done = admin.post("/institutions/new", **fields, **{"agreement/from": "2025-01-01"})
    assert done.headers["Location"] == "/institutions/H15040277777"
    again = admin.post("/institutions/new", **fields, **{"agreement/from": "2025-01-01"})
    assert again.headers["Location"] == "/institutions/H15040277777"
