"""The forms of national codes and of divisions (scheme.md 1)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scoring_service.problems import Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

CATEGORIES = ("doctor", "nurse", "pharmacist", "technician", "fee_reviewer", "pharmacy_principal")
INSTITUTION_KINDS = ("hospital", "pharmacy")

_PRACTITIONER_CODE = re.compile(r"(D|N|HY|HJ)[0-9]{12}")
_PREFIX_OF_CATEGORY: Mapping[str, str] = {"doctor": "D", "nurse": "N", "pharmacist": "HY", "technician": "HJ"}
_INSTITUTION_CODE: Mapping[str, re.Pattern[str]] = {
    "hospital": re.compile(r"H[0-9]{11}"),
    "pharmacy": re.compile(r"P[0-9]{11}"),
}
_DIVISION = re.compile(r"[0-9]{6}")


def is_practitioner_code(code: str) -> bool:
    """Tell whether `code` has the form of a practitioner's code."""
    return _PRACTITIONER_CODE.fullmatch(code) is not None


def is_institution_code(code: str) -> bool:
    """Tell whether `code` has the form of an institution's code."""
    return any(form.fullmatch(code) for form in _INSTITUTION_CODE.values())


def check_practitioner_code(code: str, category: str, pointer: str = "/code") -> None:
    """Check a code by form: `D`/`N` + 12 digits, `HY`/`HJ` + 12 digits, the prefix that of the category.

    A fee reviewer or a pharmacy's principal may hold any of the four. Raises Invalid at `pointer`.
    """
    form = _PRACTITIONER_CODE.fullmatch(code)
    if form is None:
        raise Invalid(
            pointer,
            "人员代码应为 D、N、HY 或 HJ 加 12 位数字 / a practitioner code is D, N, HY or HJ and 12 digits",
        )
    prefix = _PREFIX_OF_CATEGORY.get(category)
    if prefix is not None and form.group(1) != prefix:
        raise Invalid(
            pointer,
            f"该类别人员的代码应以 {prefix} 开头 / the code of a person of this category begins with {prefix}",
        )


def category_of_code(code: str, present: str) -> str:
    """Return the category that holds a code: the present one where it may, else the one that the prefix names.

    Raises Invalid at `/code` for a wrong form.
    """
    form = _PRACTITIONER_CODE.fullmatch(code)
    if form is None or _PREFIX_OF_CATEGORY.get(present) in {None, form.group(1)}:
        check_practitioner_code(code, present)
        return present
    return next(category for category, prefix in _PREFIX_OF_CATEGORY.items() if prefix == form.group(1))


def category_named_by(code: str) -> str | None:
    """Return the category that a code's prefix names; None for a wrong form."""
    form = _PRACTITIONER_CODE.fullmatch(code)
    named = {prefix: category for category, prefix in _PREFIX_OF_CATEGORY.items()}
    return None if form is None else named[form.group(1)]


def holds_code(category: str, code: str) -> bool:
    """Tell whether somebody of a category may have a code of this form."""
    return _PREFIX_OF_CATEGORY.get(category) in {None, code.rstrip("0123456789")}


def check_institution_code(code: str, kind: str) -> None:
    """Check a code by form: hospital `H`, pharmacy `P`, and 11 digits. Raises Invalid at `/code`."""
    if not _INSTITUTION_CODE[kind].fullmatch(code):
        prefix = "H" if kind == "hospital" else "P"
        raise Invalid(
            "/code", f"机构代码应为 {prefix} 加 11 位数字 / the code of a {kind} is {prefix} and 11 digits"
        )


def check_division(region: str, pointer: str = "/region") -> None:
    """Check an administrative division: six digits. Raises Invalid."""
    if not _DIVISION.fullmatch(region):
        raise Invalid(pointer, "行政区划应为 6 位数字 / a division has 6 digits")
