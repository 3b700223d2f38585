"""What people write and paste, read in one way: names, codes, references and free text (contract.md, Registry).

Each reading returns the text as it is kept or compared, or raises ValueError with a sentence for whoever wrote it.
Nothing here knows of requests, forms or tables; all of them read by it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

BYTE_ORDER_MARK = "\ufeff"
# In characters: a reference to a person or a thing, the name of a person or an institution, any other single line.
LONGEST_REF, LONGEST_NAME, LONGEST_PRACTICE, LONGEST_LINE = 64, 100, 100, 200

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_PLAIN_CODE = re.compile(r"[A-Z0-9]+")
# The dots that keyboards and registers put between the parts of Mongolian and Uyghur names.
_MIDDLE_DOTS = re.compile("[.。·‧•∙⋅・᛫⸱⸳ꞏ●◦]")
_BLANKS = re.compile(r"\s+")
# They choose a glyph of the same character: of Han, of an emoji, of Mongolian.
_VARIATIONS = re.compile("[\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_TURNS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LINE_BREAKS = frozenset("\n\r\t")
# Rare Han of names, which a table of characters older than the standard would take for unassigned.
_FIRST_RARE_HAN, _LAST_RARE_HAN = 0x20000, 0x3FFFD
_REFUSED_IN_A_LINE = {
    "Cc": "控制字符 / a control character",
    "Cf": "看不见的格式字符 / a format character that cannot be seen",
    "Co": "旧编码的自造字 / a private character of an old encoding",
    "Cn": "未定义的字符 / a character that is not assigned",
    "Cs": "不成对的代理字符 / half of a surrogate pair",
    "Zl": "换行 / a line break",
    "Zp": "换行 / a line break",
}
_REFUSED_IN_TEXT = {kind: _REFUSED_IN_A_LINE[kind] for kind in ("Cc", "Cs")}


def is_id(ref: str) -> bool:
    """Tell whether `ref` has the form of the service's ids, in small letters or capitals."""
    return _ID.fullmatch(ref.lower()) is not None


def as_line(written: str) -> str:
    """Return a name, number or title as it is kept: trimmed, else as written.

    Raises ValueError for what cannot be seen or is no character: format, control and private-use characters.
    """
    kept = written.strip()
    for character in kept:
        if (refused := _refusal(character, _REFUSED_IN_A_LINE)) is not None:
            raise ValueError(refused)
    return kept


def as_text(written: str) -> str:
    """Return free text as it was written, without a byte order mark before it; lines and tabs stay.

    Raises ValueError for control characters and for those that turn the direction of writing.
    """
    kept = written.removeprefix(BYTE_ORDER_MARK)
    for character in kept:
        if character in _TURNS:
            raise ValueError(_described(character, _REFUSED_IN_A_LINE["Cf"]))
        if character not in _LINE_BREAKS and (refused := _refusal(character, _REFUSED_IN_TEXT)) is not None:
            raise ValueError(refused)
    return kept


def as_code(written: str) -> str:
    """Return a code as it is read: NFKC, trimmed, in upper case. Any text may be read; it then names nothing."""
    if _PLAIN_CODE.fullmatch(written):
        return written
    return unicodedata.normalize("NFKC", written).strip().upper()


def as_ref(written: str) -> str:
    """Return a reference to a person as it is read: the service's id in lower case, else a code."""
    if _PLAIN_CODE.fullmatch(written) or _ID.fullmatch(written):
        return written
    code = as_code(written)
    return code.lower() if _ID.fullmatch(code.lower()) else code


@lru_cache(maxsize=10_000)
def as_searched(name: str) -> str:
    """Return a name as it is looked for: NFKC, without blanks and variants, small letters, one middle dot for all."""
    plain = unicodedata.normalize("NFKC", _VARIATIONS.sub("", name)).casefold()
    return _MIDDLE_DOTS.sub("·", _BLANKS.sub("", plain))


def as_found(written: str) -> str:
    """Return a name, a number or what was typed to find it as they are compared: letters and figures, nothing else.

    Signs between them, of whatever keyboard, neither help nor hinder.
    """
    return "".join(filter(str.isalnum, as_searched(written)))


def as_address(name: str, part: str) -> str:
    """Return a variable part of an address as it is read: `ref`, `code`, or any other, which may be an id."""
    if name == "code":
        return as_code(part)
    read = as_ref(part)
    return read if name == "ref" or is_id(read) else part


def _refusal(character: str, refused: dict[str, str]) -> str | None:
    kind = unicodedata.category(character)
    if kind not in refused or (kind == "Cn" and _FIRST_RARE_HAN <= ord(character) <= _LAST_RARE_HAN):
        return None
    return _described(character, refused[kind])


def _described(character: str, kind: str) -> str:
    chinese, _, english = kind.partition(" / ")
    point = f"U+{ord(character):04X}"
    return f"含有{chinese}（{point}），请改正后重试 / holds {english} ({point}); correct it"
