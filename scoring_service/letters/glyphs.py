"""Characters that no font of the machine has: a letter tells them by their code point, and is set all the same.

Names here are also written in Mongolian and Uyghur script and in rare Han characters. Which of them the fonts have, the
compiler says by refusing: it names the text that it cannot display.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from scoring_service.json_values import JsonObject

# The geta mark, by which printers have always shown that a character is wanting.
MARK = "〓"

_REFUSED = re.compile(r'the text `"(.+?)"` could not be displayed', re.DOTALL)
_ESCAPED = re.compile(r"\\u\{([0-9a-f]{1,6})\}")
_COMMON = re.compile(r"[ -~\u2010-\u2027\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
_NATIONAL_CODE = re.compile(r"[A-Z]{1,2}[0-9]{12}")

_logged: set[str] = set()
log = structlog.get_logger("scoring_service.letters")


def refused_text(message: str) -> str | None:
    """Return the text that the compiler's refusal says no font can display; None for another refusal."""
    match = _REFUSED.search(message)
    return _ESCAPED.sub(lambda escape: chr(int(escape[1], 16)), match[1]) if match else None


def uncommon_in(letter: Any) -> set[str]:
    """Return the characters of a letter beside ASCII, the common Han characters and their punctuation."""
    return set(_COMMON.sub("", json.dumps(letter, ensure_ascii=False)))


def with_substitutes(letter: JsonObject, missing: Collection[str]) -> JsonObject:
    """Return a letter (`Letter.as_json`) in which each text of `missing` is told by its code points.

    Where the person's name is not written whole, their national code stands beside it.
    """
    mark = "" if MARK in missing else MARK

    def replaced(text: str) -> str:
        for each in sorted(missing, key=len, reverse=True):
            text = text.replace(each, "".join(f"{mark}[{point}]" for point in code_points(each)))
        return text

    person: Any = letter["person"]
    (_, name), (_, code), *_ = person
    shown: JsonObject = _each_text(letter, replaced)
    if replaced(name) == name or not _NATIONAL_CODE.fullmatch(code):
        return shown
    beside: JsonObject = _each_text(
        shown, lambda text: text.replace(replaced(name), f"{replaced(name)}({code})")
    )
    return {**beside, "person": shown["person"]}


def tell_missing(missing: Collection[str]) -> None:
    """Say in the log, once in a process, which code points the fonts lack; never in whose name."""
    points = {point for text in missing for point in code_points(text)} - _logged
    if points:
        _logged.update(points)
        log.warning("no font has these characters", code_points=sorted(points))


def code_points(text: str) -> list[str]:
    """Return the code points of a text as Unicode writes them, `U+20BB7`."""
    return [f"U+{ord(character):04X}" for character in text]


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list | tuple):
        return [_each_text(each, change) for each in value]
    if isinstance(value, dict):
        return {key: _each_text(each, change) for key, each in value.items()}
    return value
