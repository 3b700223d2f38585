"""Every text of the service that people may read: string literals of its modules, lines of its templates."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import scoring_service
from scoring_service.law.rulebooks import RULEBOOKS_DIRECTORY

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(scoring_service.__file__).parent
HAN = re.compile("[\u3400-\u9fff]")
# Stands for a value that an f-string puts in.
VALUE = "\ufffc"


class ShownText(NamedTuple):
    """The Chinese half of a text (`中文 / English`), and where it stands."""

    place: str
    chinese: str


def shown_texts() -> Iterator[ShownText]:
    """Yield every text with Chinese characters in it; docstrings and patterns are read by nobody."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for line, text in _literals(ast.parse(path.read_text(encoding="utf-8"))):
            yield from _shown(path, line, text)
    for path in sorted(PACKAGE.rglob("*.html")):
        for line, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            yield from _shown(path, line, text)


def law_texts() -> Iterator[ShownText]:
    """Yield the titles and explanations of the shipped rulebooks, as the page of a rulebook shows them.

    Titles of items and legal bases are values, which a rulebook's hash names: they stand as they were published.
    """
    for path in sorted(RULEBOOKS_DIRECTORY.glob("*.yaml")):
        for line, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            for explained in re.findall(r"\b(?:title|basis): ([^}]+?)(?=, title_en|}|$)", text.partition("legal_basis:")[0]):
                chinese = explained.split(" / ", maxsplit=1)[0]
                if HAN.search(chinese):
                    yield ShownText(f"{path.name}:{line}", chinese)


def _shown(path: Path, line: int, text: str) -> Iterator[ShownText]:
    chinese = text.split(" / ", maxsplit=1)[0]
    if HAN.search(chinese):
        yield ShownText(f"{path.relative_to(PACKAGE)}:{line}", chinese)


def _literals(tree: ast.Module) -> Iterator[tuple[int, str]]:
    unread = {id(part) for node in ast.walk(tree) if _is_unread(node) for part in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in unread:
            continue
        if isinstance(node, ast.JoinedStr):
            unread.update(id(part) for part in node.values)
            yield node.lineno, "".join(_part(part) for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def _part(part: ast.expr) -> str:
    return str(part.value) if isinstance(part, ast.Constant) else VALUE


def _is_unread(node: ast.AST) -> bool:
    """Tell whether a node is a docstring or the making of a pattern."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "re.compile"
