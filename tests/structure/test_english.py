"""A name says what a thing is: no variable, argument or function is called after what was done to get it."""

import ast
from pathlib import Path

import scoring_service

PACKAGE = Path(scoring_service.__file__).parent
SAYS_NOTHING = {"told", "asked", "found", "one"}


def names(tree):
    """The names that a module gives: variables, arguments, functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id
        if isinstance(node, ast.arg):
            yield node.lineno, node.arg
        if isinstance(node, ast.FunctionDef):
            yield node.lineno, node.name


def unsaid(source):
    return [(line, name) for line, name in names(ast.parse(source)) if name.strip("_") in SAYS_NOTHING]


def test_every_name_says_what_it_is():
    modules = sorted(PACKAGE.rglob("*.py"))
    assert len(modules) > 300
    assert [(path.name, *each) for path in modules for each in unsaid(path.read_text(encoding="utf-8"))] == []


def test_a_name_that_says_nothing_is_found():
    assert [name for _line, name in unsaid("def _told(one, found):\n    asked = found")] == ["_told", "one", "found", "asked"]
    assert unsaid("def tell(row):\n    answer = row") == []
