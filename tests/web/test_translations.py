"""Every sentence has its English, and what is compiled is what stands in the text."""

from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

import scoring_service.web

WEB = Path(scoring_service.web.__file__).parent
ENGLISH = WEB / "translations" / "en" / "LC_MESSAGES"
KEYWORDS = {"_": None, "gettext": None, "lazy_gettext": None}


def sentences():
    found = extract_from_dir(
        str(WEB), [("**.py", "python"), ("**/templates/**.html", "jinja2")], {}, keywords=KEYWORDS
    )
    return {message for _file, _line, message, _comments, _context in found if message}


def catalogue():
    with (ENGLISH / "messages.po").open("rb") as file:
        return read_po(file)


def test_every_sentence_has_its_english():
    english = {message.id: message.string for message in catalogue() if message.id}
    wanted = sentences()
    assert len(wanted) > 300
    assert sorted(one for one in wanted if not english.get(one)) == []
    assert sorted(set(english) - wanted) == []


def test_the_compiled_catalogue_is_of_this_text():
    with (ENGLISH / "messages.mo").open("rb") as file:
        compiled = {message.id: message.string for message in read_mo(file) if message.id}
    assert compiled == {message.id: message.string for message in catalogue() if message.id}


def test_no_chinese_stands_in_a_template_outside_a_sentence():
    for path in (WEB / "templates").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        for message in sorted(sentences(), key=len, reverse=True):
            text = text.replace(f'"{message}"', "").replace(f"'{message}'", "")
        assert not any("\u4e00" <= char <= "\u9fff" for char in text), path.name
