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

from scoring_service.problems import Problem

if TYPE_CHECKING:
    from datetime import datetime

STANDARD: Final = "a-2a"
PACKAGE = "fonts-noto-cjk"
RETRY_AFTER_SECONDS = 3600
SERIF = ("Noto Serif CJK SC", "Source Han Serif SC", "Noto Serif SC")
SANS = ("Noto Sans CJK SC", "Source Han Sans SC", "Noto Sans SC")

FOOTER = {"reference": "文书编号", "page": ["第 ", " 页 共 ", " 页"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fonts:
    """The families that a letter is set in, and where the compiler finds them."""

    serif: str
    sans: str
    found: Any


def make_pdf(
    letter: dict[str, Any], *, created_at: datetime, source: bytes, fonts: Fonts | None = None
) -> bytes:
    """Return a letter (`Letter.as_json`) as PDF/A, set with the template `source`; `created_at` is its date.

    Raises Problem 503: `pdf_font_missing` when the machine has no Chinese font, `pdf_not_possible` for a
    character that its fonts do not have. The HTML document needs neither.
    """
    fonts = fonts or installed_fonts()
    content = {"footer": FOOTER} | letter | {"fonts": {"serif": fonts.serif, "sans": fonts.sans}}
    try:
        with tempfile.TemporaryDirectory() as folder:
            template = Path(folder) / "letter.typ"
            template.write_bytes(source)
            made, warnings = typst.compile_with_warnings(
                template,
                root=template.parent,
                format="pdf",
                font_paths=fonts.found,
                sys_inputs={"letter": json.dumps(content, ensure_ascii=False)},
                pdf_standards=STANDARD,
                timestamp=int(created_at.timestamp()),
            )
    except typst.TypstError as error:
        raise _not_possible() from error
    if warnings:
        raise _not_possible() from warnings[0]
    return made


def installed_fonts() -> Fonts:
    """Return the Chinese fonts of this machine. Raises Problem 503 `pdf_font_missing`."""
    return fonts_of(_system_fonts())


def fonts_of(found: typst.Fonts) -> Fonts:
    """Return the first Chinese serif and sans among `found`; one stands in for the other.

    Raises Problem 503 `pdf_font_missing` when there is neither.
    """
    present = set(found.families())
    serif = next((family for family in SERIF if family in present), None)
    sans = next((family for family in SANS if family in present), None)
    if serif is None and sans is None:
        raise Problem(
            503,
            "pdf_font_missing",
            f"服务器没有中文字体,不能生成 PDF;请安装 {PACKAGE}。HTML 文书不受影响 / no Chinese font on the server: "
            f"install the Debian package {PACKAGE}; the HTML document needs none",
            retry_after=RETRY_AFTER_SECONDS,
            package=PACKAGE,
        )
    return Fonts(serif=serif or str(sans), sans=sans or str(serif), found=found)


@cache
def _system_fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=True, include_embedded_fonts=False)


@cache
def present_template() -> bytes:
    """Return the source of the template that letters are issued with now."""
    return files("scoring_service.letters").joinpath("letter.typ").read_bytes()


def _not_possible() -> Problem:
    return Problem(
        503,
        "pdf_not_possible",
        "该文书不能生成 PDF(可能含字体未收录的字),请使用 HTML 文书 / this letter cannot be set as PDF, perhaps for a "
        "character that the fonts lack; the HTML document needs none",
        retry_after=RETRY_AFTER_SECONDS,
    )
