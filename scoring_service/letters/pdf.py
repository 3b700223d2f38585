"""A letter as PDF/A by typst: fonts embedded, byte for byte the same whenever it is made from the same letter.

The text goes in as JSON, never as source; the compiler's root holds the template and nothing else, so that no
letter can read anything of the machine.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typst

from scoring_service.letters.glyphs import refused_text, tell_missing, uncommon_in, with_substitutes
from scoring_service.problems import Unavailable

if TYPE_CHECKING:
    from datetime import datetime

    from scoring_service.json_values import JsonObject

STANDARD: Final = "a-2a"
PACKAGE = "fonts-noto-cjk"
RETRY_AFTER_SECONDS = 3600
SERIF = ("Noto Serif CJK SC", "Source Han Serif SC", "Noto Serif SC")
SANS = ("Noto Sans CJK SC", "Source Han Sans SC", "Noto Sans SC")
# For what the Chinese fonts lack in the names of the region: Mongolian, Uyghur, Tibetan and Yi script, rare Han.
FURTHER = (
    *("Noto Sans Mongolian", "Noto Naskh Arabic", "Noto Sans Arabic", "Noto Serif Tibetan", "Noto Sans Yi"),
    *("HanaMinA", "HanaMinB", "BabelStone Han", "Noto Sans", "Noto Serif"),
)
MOST_ATTEMPTS = 40

FOOTER = {"reference": "文书编号", "page": ["第 ", " 页 共 ", " 页"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fonts:
    """The families that a letter is set in, and where the compiler finds them; `further` are asked after both."""

    serif: str
    sans: str
    families: Any
    further: tuple[str, ...] = ()


def make_pdf(
    letter: JsonObject, *, created_at: datetime, source: bytes, fonts: Fonts | None = None
) -> bytes:
    """Return a letter (`Letter.as_json`) as PDF/A, set with the template `source`; `created_at` is its date.

    A character that no font has is told by its code point. Raises Unavailable: `pdf_font_missing` when the machine has
    no Chinese font, `pdf_not_possible` when the letter cannot be set for another reason. The HTML needs neither.
    """
    fonts = fonts or installed_fonts()
    missing: set[str] = set()
    for attempt in range(MOST_ATTEMPTS):
        shown = with_substitutes(letter, missing) if missing else letter
        try:
            made = _set(shown, created_at=created_at, source=source, fonts=fonts)
        except typst.TypstError as error:
            lacking = _lacking(letter, error, is_last=attempt == MOST_ATTEMPTS - 2)
            if lacking <= missing:
                raise _not_possible() from error
            missing |= lacking
        else:
            tell_missing(missing)
            return made
    raise _not_possible()


def _lacking(letter: JsonObject, error: Exception, *, is_last: bool) -> set[str]:
    """Return what a refused letter is set without: the text that is named, else all that is uncommon."""
    text = refused_text(str(error))
    return uncommon_in(letter) if text is None or is_last else {text}


def _set(letter: JsonObject, *, created_at: datetime, source: bytes, fonts: Fonts) -> bytes:
    families = {"serif": [fonts.serif, *fonts.further], "sans": [fonts.sans, *fonts.further]}
    content = {"footer": FOOTER, **letter, "fonts": families}
    made: bytes
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "letter.typ"
        template.write_bytes(source)
        made, warnings = typst.compile_with_warnings(
            template,
            root=template.parent,
            format="pdf",
            font_paths=fonts.families,
            sys_inputs={"letter": json.dumps(content, ensure_ascii=False)},
            pdf_standards=STANDARD,
            timestamp=int(created_at.timestamp()),
        )
    if warnings:
        raise _not_possible() from warnings[0]
    return made


def installed_fonts() -> Fonts:
    """Return the Chinese fonts of this machine. Raises Unavailable `pdf_font_missing`."""
    return fonts_of(_system_fonts())


def fonts_of(fonts: typst.Fonts) -> Fonts:
    """Return the first Chinese serif and sans among `fonts`; one stands in for the other.

    Raises Unavailable `pdf_font_missing` when there is neither.
    """
    present = set(fonts.families())
    serif = next((family for family in SERIF if family in present), None)
    sans = next((family for family in SANS if family in present), None)
    if serif is None and sans is None:
        raise Unavailable(
            "pdf_font_missing",
            f"服务器没有中文字体，不能生成 PDF；请安装 {PACKAGE}。HTML 文书不受影响 / no Chinese font on the server: "
            f"install the Debian package {PACKAGE}; the HTML document needs none",
            retry_after=RETRY_AFTER_SECONDS,
            package=PACKAGE,
        )
    further = tuple(family for family in FURTHER if family in present)
    return Fonts(serif=serif or str(sans), sans=sans or str(serif), families=fonts, further=further)


@cache
def _system_fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=True, include_embedded_fonts=False)


@cache
def present_template() -> bytes:
    """Return the source of the template that letters are issued with now."""
    return files("scoring_service.letters").joinpath("letter.typ").read_bytes()


def _not_possible() -> Unavailable:
    return Unavailable(
        "pdf_not_possible",
        "该文书不能生成 PDF，请使用 HTML 文书 / this letter cannot be set as PDF; use the HTML document",
        retry_after=RETRY_AFTER_SECONDS,
    )
