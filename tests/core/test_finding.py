"""What is typed, what it is compared with, and which fits better."""

import pytest

from scoring_service.core.finding import (
    Fit,
    best_fit,
    code_pieces,
    code_words,
    name_stages,
    name_words,
    number_stages,
    number_words,
)
from scoring_service.db.finding import words_of_name
from scoring_service.spelled import MOST_SPELLINGS, spelled
from scoring_service.written import as_found


def fit(typed, name):
    probes = [probe for stage in name_stages(as_found(typed)) for probe in stage]
    return best_fit(probes, words_of_name(name))


@pytest.mark.parametrize(
    ("typed", "name", "wanted"),
    [
        ("张三丰", "张三丰", Fit.NAME),
        ("张", "张三丰", Fit.NAME_PREFIX),
        ("三丰", "张三丰", Fit.PART),
        ("丰", "张三丰", Fit.PART),
        ("zhangsanfeng", "张三丰", Fit.SOUND),
        ("Zhang San-Feng", "张三丰", Fit.SOUND),
        ("zhāngsānfēng", "张三丰", Fit.SOUND),
        ("zhangs", "张三丰", Fit.SOUND_PREFIX),
        ("zhangsf", "张三丰", Fit.SOUND),
        ("sanfeng", "张三丰", Fit.PART),
        ("zsf", "张三丰", Fit.INITIALS),
        ("zs", "张三丰", Fit.INITIALS_PREFIX),
        ("z", "张三丰", Fit.SOUND_PREFIX),
        ("sf", "张三丰", Fit.PART),
        ("f", "张三丰", None),
        ("ngsan", "张三丰", None),
        ("zengxiao", "曾小贤", Fit.SOUND_PREFIX),
        ("ceng", "曾小贤", Fit.SOUND_PREFIX),
        ("yuchigong", "尉迟恭", Fit.SOUND),
        ("lvbu", "吕布", Fit.SOUND),
        ("lubu", "吕布", Fit.SOUND),
        ("lübu", "吕布", Fit.SOUND),
        ("乌兰图雅", "乌兰·图雅", Fit.NAME),
        ("乌兰．图", "乌兰·图雅", Fit.NAME_PREFIX),
        ("wltuya", "乌兰·图雅", None),
        ("tuya", "乌兰·图雅", Fit.PART),
        ("𠮷", "𠮷田", Fit.NAME_PREFIX),
        ("𠮷田", "𠮷田", Fit.NAME),
        ("ᠮᠣᠩ", "ᠮᠣᠩᠭᠣᠯ", Fit.NAME_PREFIX),
        ("anna", "Anna 李", Fit.SOUND_PREFIX),
        ("%", "张三丰", None),
        ("👨‍⚕️", "张三丰", None),
        ("' OR 1=1 --", "张三丰", None),
    ],
)
def test_how_well_a_name_fits(typed, name, wanted):
    assert fit(typed, name) == wanted


def test_a_name_of_many_readings_has_few_spellings():
    spellings = spelled("长乐" * 20)
    assert len(spellings) == MOST_SPELLINGS
    assert spellings[0][:2] == ("zhang", "le")
    assert len(name_words("长乐" * 20, spellings)) < 1000


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [("2025", Fit.CODE_PREFIX), ("赤医保〔2025〕12号", Fit.CODE), ("12号", Fit.PART), ("〔2025〕1", Fit.PART), ("1", None)],
)
def test_how_well_a_document_number_fits(typed, wanted):
    number = "2025医保" if wanted is Fit.CODE_PREFIX else "赤医保〔2025〕12号"
    probes = [probe for stage in number_stages(as_found(typed)) for probe in stage]
    assert best_fit(probes, number_words(as_found(number))) == wanted


@pytest.mark.parametrize("typed", ["123", "0123", "02000", "50402", "402000123", "d150402000123"])
def test_a_code_holds_the_pieces_of_any_five_characters_and_of_its_end(typed):
    kept = code_words("d150402000123")
    assert any(set(pieces) <= kept for pieces in code_pieces(typed))


@pytest.mark.parametrize("typed", ["12", "zhang", "张123"])
def test_what_is_no_part_of_a_code_has_no_pieces(typed):
    assert code_pieces(typed) == []
