"""Every sentence has its English, and what is compiled is what stands in the text."""

import re
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

import scoring_service.web

WEB = Path(scoring_service.web.__file__).parent
ENGLISH = WEB / "translations" / "en" / "LC_MESSAGES"
KEYWORDS = {"_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}


def sentences():
    found = extract_from_dir(
        str(WEB), [("**.py", "python"), ("**/templates/**.html", "jinja2")], {}, keywords=KEYWORDS
    )
    return {message for _file, _line, message, _comments, _context in found if message}


def plain_sentences():
    return {one[0] if isinstance(one, tuple) else one for one in sentences()}


def words_of(name, read):
    """Return the English by its Chinese, a counted sentence as a pair by a pair."""
    with (ENGLISH / name).open("rb") as file:
        return {settled(message.id): settled(message.string) for message in read(file) if message.id}


def settled(words):
    return words if isinstance(words, str) else tuple(words)


def test_every_sentence_has_its_english():
    english = words_of("messages.po", read_po)
    wanted = sentences()
    assert len(wanted) > 300
    assert [one for one in wanted if not all(english.get(one) or [""])] == []
    assert set(english) - wanted == set()


def test_what_is_counted_has_one_chinese_sentence_and_two_english_ones():
    counted = {key: words for key, words in words_of("messages.po", read_po).items() if isinstance(key, tuple)}
    assert len(counted) > 20
    for (chinese, again), (one, many) in counted.items():
        assert chinese == again
        assert one != many


def test_the_compiled_catalogue_is_of_this_text():
    assert words_of("messages.mo", read_mo) == words_of("messages.po", read_po)


def test_no_chinese_stands_in_a_template_outside_a_sentence():
    longest_first = sorted(plain_sentences(), key=len, reverse=True)
    for path in (WEB / "templates").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        for message in longest_first:
            text = text.replace(f'"{message}"', "").replace(f"'{message}'", "")
        assert not any("\u4e00" <= char <= "\u9fff" for char in text), path.name


# The words on a button, or on what opens a form.
ACT = re.compile(r"<(?:button|summary)[^>]*>\{\{ _\(\"([^\"]+)\"")


def test_what_one_does_is_called_by_a_verb_and_not_by_the_state_that_comes_of_it():
    english = words_of("messages.po", read_po)
    acts = {act for path in (WEB / "templates").rglob("*.html") for act in ACT.findall(path.read_text(encoding="utf-8"))}
    assert len(acts) > 50
    assert [act for act in acts if re.fullmatch(r"\w+(?:(?<!e)ed|wn)", english[act])] == []
