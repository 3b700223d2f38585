"""How names, codes, references and free text are read, as people write and paste them."""

import pytest

from scoring_service.written import as_code, as_line, as_ref, as_searched, as_text, is_id

ID = "0f9d9b7e-3c1a-4f0e-9d2b-5a6c7d8e9f01"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("张三", "张三"),
        ("\u3000张三 \u00a0", "张三"),
        ("买买提·艾力", "买买提·艾力"),
        ("欧阳 娜 娜", "欧阳 娜 娜"),
        ("𠮷田", "𠮷田"),
        ("\U0002ebf0某", "\U0002ebf0某"),
        ("ᠪᠠᠲᠤ", "ᠪᠠᠲᠤ"),
        ("ئابدۇللا", "ئابدۇللا"),
        ("葛\U000e0100", "葛\U000e0100"),
    ],
)
def test_a_name_is_kept_as_it_was_written_but_for_blanks_around_it(typed, kept):
    assert as_line(typed) == kept


@pytest.mark.parametrize(
    ("typed", "point"),
    [
        ("张\u200b三", "U+200B"),
        ("\u202e三张", "U+202E"),
        ("\ufeff张三", "U+FEFF"),
        ("张\u2066三", "U+2066"),
        ("张\ue5e5", "U+E5E5"),
        ("张\U000f0000", "U+F0000"),
        ("张\n三", "U+000A"),
        ("张\x07", "U+0007"),
        ("张\ufdd0", "U+FDD0"),
        ("张\u2028三", "U+2028"),
    ],
)
def test_a_name_with_what_cannot_be_seen_is_refused_by_its_code_point(typed, point):
    with pytest.raises(ValueError, match=point.replace("+", r"\+")):
        as_line(typed)


@pytest.mark.parametrize(
    "typed",
    ["买买提·艾力", "买买提•艾力", "买买提‧艾力", "买买提・艾力", "买买提･艾力", "买买提⋅艾力", "买买提∙艾力", "买买提．艾力", "买买提 · 艾力",
     "\u3000买买提·艾力"],
)  # fmt: skip
def test_a_name_is_found_by_whichever_dot_and_blanks(typed):
    assert as_searched(typed) == as_searched("买买提·艾力")


@pytest.mark.parametrize(("typed", "same"), [("ＡＢ", "ab"), ("Bat Erdene", "BATERDENE"), ("葛\U000e0100城", "葛城")])
def test_a_name_is_found_in_whatever_width_and_case(typed, same):
    assert as_searched(typed) == as_searched(same)
    assert as_searched("张三") != as_searched("张四")


@pytest.mark.parametrize(
    "typed", ["D150402000001", "d150402000001", " D150402000001\t", "Ｄ１５０４０２０００００１", "\u3000d150402000001\u00a0"]
)
def test_a_code_is_read_in_any_case_and_width(typed):
    assert as_code(typed) == as_ref(typed) == "D150402000001"


@pytest.mark.parametrize("typed", [ID, ID.upper(), f" {ID} ", f"\u3000{ID.upper()}"])
def test_an_id_is_read_in_small_letters(typed):
    assert as_ref(typed) == ID
    assert is_id(as_ref(typed))


def test_free_text_keeps_its_lines_and_loses_a_byte_order_mark():
    assert as_text("\ufeff第一行\n\t第二行 😀\u200d") == "第一行\n\t第二行 😀\u200d"


@pytest.mark.parametrize("character", "\u202a\u202e\u2067\u2069\u200f\x00\x1b\x85")
def test_free_text_never_turns_direction_and_holds_no_controls(character):
    with pytest.raises(ValueError, match=f"U\\+{ord(character):04X}"):
        as_text(f"甲{character}乙")
