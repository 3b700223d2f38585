"""What a list leaves out is said, whom a choice means is told apart, and a year without data says so."""

from datetime import date

import pytest
from console_world import HOSPITAL, HOSPITAL_NAME

from scoring_service.core.standing import Span
from scoring_service.services.registry.affiliations import AskedAffiliation
from scoring_service.services.registry.practitioners import register_practitioner
from scoring_service.web.office.case_form import MOST_CANDIDATES


@pytest.fixture(scope="module")
def thirteen(console):
    """Thirteen people whose names begin alike."""
    since = date(2025, 1, 1)
    with console.service.work() as work:
        for n in range(13):
            asked = [AskedAffiliation(institution=HOSPITAL, span=Span(since, None))]
            register_practitioner(
                work,
                name=f"白{n:02}",
                code=f"D1504029101{n:02}",
                category="doctor",
                registered_on=since,
                affiliations=asked,
            )


def typed(**other):
    whole = {
        "institution": HOSPITAL,
        "handling/kind": "penalty",
        "handling/authority": "赤峰市医疗保障局",
        "handling/document_no": "赤医保罚〔2025〕9号",
        "handling/decided_on": "2025-05-20",
        "summary": "抽查发现",
        "rows": "1",
        "findings/0/practitioner": "白",
        "findings/0/item": "overtreatment",
        "findings/0/degree": "main",
        "findings/0/points": "2",
    }
    return whole | other


def test_candidates_cut_at_ten_say_so_and_show_the_workplace(console, thirteen):
    clerk = console.browser("clerk")
    clerk.page("/cases/new")
    asked = clerk.asked("/cases/new", once="long1", **typed())
    assert asked.text.count('name="findings/0/practitioner/pick"') == MOST_CANDIDATES
    assert "还有 3 个没有列出，请输入更多。" in asked.text
    assert asked.text.count(f" · {HOSPITAL_NAME}</label>") == MOST_CANDIDATES
    few = clerk.asked("/cases/new", once="long1", **typed(**{"findings/0/practitioner": "白1"}))
    assert few.text.count('name="findings/0/practitioner/pick"') == 3
    assert "没有列出" not in few.text


def test_a_year_without_data_says_so(console):
    clerk = console.browser("clerk")
    empty = clerk.page("/statistics")
    assert "2025 年没有数据" in empty
    assert '<dl class="figures">' not in empty
    for year in (2019, 2031):
        page = clerk.page(f"/statistics?year={year}")
        assert f"没有 {year} 年的数据" in page
        assert "可以查看 2025 年" in page
        assert "data-download" not in page
