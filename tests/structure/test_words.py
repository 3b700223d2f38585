"""The words that people read: one word for one thing, and Chinese punctuation in Chinese sentences."""

import re

from shown_texts import law_texts, shown_texts

CHINESE = "[\u3400-\u9fff“”《》〔〕（）、。，；：]"
# Beside a Chinese character; a colon with a blank after it ends the place of a fault in a file (`FILE:3: …`).
HALF_WIDTH = re.compile(rf"(?<={CHINESE})[,;:?!()]|[,;:?!(](?={CHINESE})|\)(?={CHINESE})")
# The catalogue's own words: they are part of what a rulebook's hash names, and stand as they were published.
QUOTED = {"医疗保障服务协议(协议处理)", "医保支付资格管理规定(医保发〔2024〕23号及省级细则)"}
# 处理 is the decision against the institution; what follows for a person is 暂停 or 终止.
HANDLING = re.compile("处理决定|协议处理|处理方式|对机构的处理|原处理机关|证照被处理|依规作出处理|(变更|减轻)处理")


def test_a_chinese_sentence_has_chinese_punctuation():
    texts = [*shown_texts(), *law_texts()]
    assert len(texts) > 1000
    half = [text for text in texts if HALF_WIDTH.search(text.chinese) and text.chinese not in QUOTED]
    assert half == []


def test_points_are_recorded_and_two_people_check():
    assert [text for text in (*shown_texts(), *law_texts()) if re.search("积分|四眼", text.chinese)] == []


def test_only_the_decision_against_the_institution_is_a_handling():
    texts = (*shown_texts(), *law_texts())
    assert [text for text in texts if "处理" in HANDLING.sub("", text.chinese)] == []


def test_an_account_an_agreement_and_the_ledger_have_one_name():
    assert [text for text in shown_texts() if re.search("账户|账本|医保协议", text.chinese)] == []


def test_no_text_repeats_a_number_of_the_rulebook():
    number = re.compile(r"[1-9]\d* ?(分(?!钟)|个工作日)|\d–\d|[一二三五十]+(个工作日|年内|分(?!之))")
    assert [text for text in shown_texts() if number.search(text.chinese)] == []
