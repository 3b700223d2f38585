"""Names in the scripts of the region, and characters that no font has: every letter is set as PDF."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import typst
from matters import MATTERS
from structlog.testing import capture_logs

from scoring_service.letters import glyphs
from scoring_service.letters.glyphs import code_points, refused_text, uncommon_in, with_substitutes
from scoring_service.letters.pdf import Fonts, make_pdf, present_template
from scoring_service.letters.wording import compose

NOON = datetime(2025, 5, 9, 4, tzinfo=UTC)
# Of the embedded fonts none has Chinese: whatever the machine has, these are what a letter is set in.
LATIN = Fonts(
    serif="Libertinus Serif",
    sans="Libertinus Serif",
    families=typst.Fonts(include_system_fonts=False, include_embedded_fonts=True),
)
# An unassigned code point, which no font has.
NOWHERE = "\U00090001"


def letter(name, code="D150402000123"):
    return {
        "office": "Office",
        "number": "No. 12",
        "title": "Letter",
        "addressee": f"{name}:",
        "opening": f"This is about {name}.",
        "person": [["Name", name], ["Code", code]],
        "sections": [
            {
                "heading": "1. Facts",
                "paragraphs": [f"{name} has one."],
                "pairs": [],
                "table": None,
                "closing": [],
            }
        ],
        "closing": "So be it.",
        "dated": "2025-05-09",
        "provisional": False,
        "reference": "7b1d3c52",
        "footer": {"reference": "Reference", "page": ["Page ", " of ", ""]},
    }


def set_in_latin(content):
    return make_pdf(content, created_at=NOON, source=present_template(), fonts=LATIN)


@pytest.mark.parametrize(
    "name",
    [NOWHERE, "Ada\U0001f600", "王一", "ᠪᠠᠲᠤ", "ئالىم", "𠮷𬎆", "\ue000\uf8ff", "e\u0489\u0332", "〓", "མ"],
)
def test_a_letter_is_set_whatever_its_fonts_lack(name):
    made = set_in_latin(letter(name))
    assert made.startswith(b"%PDF-1.7")
    assert set_in_latin(letter(name)) == made


def test_more_missing_characters_than_there_are_attempts():
    name = "".join(chr(0x1B000 + number) for number in range(60))
    assert set_in_latin(letter(name)).startswith(b"%PDF")


def test_a_substitute_is_marked_with_its_code_point_and_the_code_stands_beside_the_name():
    shown = with_substitutes(letter(f"巴{NOWHERE}图"), {NOWHERE})
    assert shown["addressee"] == "巴〓[U+90001]图(D150402000123):"
    assert shown["opening"] == "This is about 巴〓[U+90001]图(D150402000123)."
    assert shown["person"] == [["Name", "巴〓[U+90001]图"], ["Code", "D150402000123"]]
    assert shown["sections"][0]["paragraphs"] == ["巴〓[U+90001]图(D150402000123) has one."]
    unmarked = with_substitutes(letter(NOWHERE), {NOWHERE, "〓"})
    assert unmarked["addressee"] == "[U+90001](D150402000123):"
    assert with_substitutes(letter(NOWHERE, "尚未赋码"), {NOWHERE})["addressee"] == "〓[U+90001]:"
    whole = with_substitutes(letter("王一") | {"number": NOWHERE}, {NOWHERE})
    assert (whole["addressee"], whole["number"]) == ("王一:", "〓[U+90001]")


def test_the_log_says_once_which_code_points_are_missing_and_never_in_whose_name(monkeypatch):
    monkeypatch.setattr(glyphs, "_logged", set())
    with capture_logs() as told:
        set_in_latin(letter(f"Bat{NOWHERE}"))
        set_in_latin(letter(f"Other{NOWHERE}"))
    assert [(line["event"], line["code_points"]) for line in told] == [
        ("no font has these characters", ["U+3013", "U+90001"])
    ]
    assert NOWHERE not in str(told)
    assert "Bat" not in str(told)


def test_the_compiler_s_refusal_is_read():
    refusal = 'PDF/A-2a error: the text `"\\u{e000}"` could not be displayed with font `"Noto Serif CJK SC"`'
    assert refused_text(refusal) == "\ue000"
    assert refused_text(refusal.replace("\\u{e000}", "𒍅")) == "𒍅"
    assert refused_text("PDF/A-2a error: something else") is None
    assert uncommon_in(letter("王𒍅ᠪ一")) == {"𒍅", "ᠪ"}
    assert code_points("𠮷A") == ["U+20BB7", "U+0041"]


@pytest.mark.parametrize("name", ["ᠪᠠᠲᠤ", "ئالىم", "𠮷田", "王𬎆", "བསོད་ནམས"])
def test_names_of_the_region_are_written_in_their_own_script_where_the_fonts_are(name):
    matter = MATTERS["score"]
    content = compose(replace(matter, person=replace(matter.person, name=name))).as_json()
    families = set(typst.Fonts().families())
    if not {"Noto Serif CJK SC", "Noto Sans CJK SC"} & families:
        with pytest.raises(Exception, match="fonts-noto-cjk"):
            make_pdf(content, created_at=NOON, source=present_template())
        return
    with capture_logs() as told:
        assert make_pdf(content, created_at=NOON, source=present_template()).startswith(b"%PDF-1.7")
    if {"Noto Sans Mongolian", "Noto Naskh Arabic", "Noto Serif Tibetan", "HanaMinB"} <= families:
        assert told == []
