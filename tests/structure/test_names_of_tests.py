"""Modules of tests are imported by their bare names, so each has one of its own."""

from collections import Counter
from pathlib import Path

TESTS = Path(__file__).parents[1]


def test_no_two_modules_of_tests_have_one_name():
    names = Counter(path.name for path in TESTS.rglob("*.py") if path.name not in {"conftest.py", "__init__.py"})
    assert len(names) > 100
    assert [name for name, number in names.items() if number > 1] == []
