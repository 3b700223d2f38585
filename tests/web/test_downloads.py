"""Each list page is taken along whole, with its filters, in the language of the page."""

import csv
import io
import re

import pytest

from scoring_service.web.office.decisions import MATTERS

PAGES = {
    "clerk": ("/letters", "/duties", "/appeals", "/institutions", "/people?status=coming", "/resumptions"),
    "reviewer": (
        *("/cases?state=approved", "/statistics?year=2025", "/registrations/requests"),
        "/statistics/spread?year=2025&by=authority",
    ),
    "auditor": ("/audit?kind=case", "/jobs", "/accounts"),
    "admin": ("/imports", "/registrations?lacking=id_number", *(f"/decisions?kind={kind}" for kind in MATTERS)),
    "clinic": ("/clinic/people", "/clinic/talks", "/remediation", "/clinic/requests", "/resumptions"),
    "doctor": ("/letters", "/appeals", "/me/access-log"),
}


def lines(answer):
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))


@pytest.fixture(scope="module")
def city(console):
    console.approved("蓝一", 9)
    console.approved("蓝二", 5)
    return console


def test_every_list_page_is_taken_along(city):
    for who, pages in PAGES.items():
        browser = city.browser(who)
        for page in pages:
            answer = browser.get(f"{page}{'&' if '?' in page else '?'}download=csv")
            assert (answer.status_code, answer.mimetype) == (200, "text/csv"), (who, page)
            assert len(lines(answer)) > 1 or who != "clerk" or page in {"/appeals", "/resumptions"}, page
        xlsx = browser.get(f"{page}{'&' if '?' in page else '?'}download=xlsx")
        assert xlsx.data.startswith(b"PK"), (who, page)


def test_a_page_links_to_its_own_filters_and_speaks_its_language(city):
    browser = city.browser("reviewer")
    link = re.search(r'href="(/cases\?[^"]*download=csv)"', browser.page("/cases?state=approved"))[1].replace("&amp;", "&")
    head, *rows = lines(browser.get(link))
    assert "状态" in head
    assert {row[head.index("状态")] for row in rows} == {"已审核通过"}
    browser.client.set_cookie("scoring_language", "en")
    head, *rows = lines(browser.get(link))
    assert {row[head.index("state")] for row in rows} == {"Approved"}
