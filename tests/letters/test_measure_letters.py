"""What a letter on a measure says: without an end, of a termination, lifted alone and under another sanction."""

import re
from datetime import UTC, datetime

import pytest
from matters import MATTERS_OF_A_MEASURE

from scoring_service.letters.html import render
from scoring_service.letters.pdf import make_pdf, present_template
from scoring_service.letters.wording import compose

NOON = datetime(2025, 5, 9, 4, 0, tzinfo=UTC)


def text_of(stage):
    return re.sub(r"<[^>]+>", "", render(compose(MATTERS_OF_A_MEASURE[stage])))


@pytest.mark.parametrize(
    ("stage", "said"),
    [
        (
            "open",
            [
                "赤峰市医疗保障局对赤峰市红山区人民医院作出协议处理决定（文号：赤医保协处〔2025〕3号）",
                "中止医保服务协议",
                "王建国的医保支付资格自2025年5月10日起暂停，至措施解除之日止",
                "申诉期限的最后一日为2025年5月30日",
            ],
        ),
        ("terminated", ["解除医保服务协议", "自2025年5月10日起终止你的医保支付资格，一年内（至2026年5月9日止）"]),
        ("lifted", ["自2025年7月1日起，解除上述措施", "整改验收合格。", "自2025年7月1日起恢复", "查询记录2条"]),
        ("lifted_under_another", ["解除后，医保支付资格档案记载：暂停，自2025年5月10日起至2025年9月9日止"]),
    ],
)
def test_each_letter_on_a_measure_says_what_it_must(stage, said):
    text = text_of(stage)
    assert [part for part in said if part not in text] == []


@pytest.mark.parametrize("stage", ["lifted", "lifted_under_another"])
def test_that_a_measure_is_lifted_gives_no_right_of_appeal(stage):
    assert "申诉" not in text_of(stage)


@pytest.mark.parametrize("stage", sorted(MATTERS_OF_A_MEASURE))
def test_each_letter_on_a_measure_can_be_set(stage):
    letter = compose(MATTERS_OF_A_MEASURE[stage])
    assert make_pdf(letter.as_json(), created_at=NOON, source=present_template()).startswith(b"%PDF-1.7")
