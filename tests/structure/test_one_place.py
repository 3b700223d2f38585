"""A fact has one place: constants of the scheme and of what people write are set once, and imported."""

import re
from pathlib import Path

import pytest

import scoring_service

PACKAGE = Path(scoring_service.__file__).parent


def places(pattern):
    found = re.compile(pattern, re.MULTILINE)
    return [
        str(path.relative_to(PACKAGE))
        for path in sorted(PACKAGE.rglob("*.py"))
        for _ in found.finditer(path.read_text(encoding="utf-8"))
    ]


@pytest.mark.parametrize(
    ("pattern", "place"),
    [
        (r'ZoneInfo\("', "core/civil.py"),
        (r"\bLONGEST_REF\b.* = ", "written.py"),
        (r"\bLONGEST_NAME\b.* = ", "written.py"),
        (r"\bLONGEST_LINE\b.* = ", "written.py"),
        (r"\bHIGHEST_POINTS\b.* = ", "core/rulebook.py"),
        (r"def is_id\b", "written.py"),
        (r"def value_of\b", "core/fold.py"),
        (r"^DOCUMENTS\b.* = ", "terms.py"),
        (r"^class NoticeKind\b", "core/procedure.py"),
    ],
)
def test_a_fact_has_one_place(pattern, place):
    assert places(pattern) == [place]
