"""Functions and files stay as small as they are read best; where one grows beyond that, it is parted by subject."""

import ast
from pathlib import Path
from statistics import median, quantiles

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("scoring_service", "migrations", "tests", "bench")
MOST_LINES_OF_A_FUNCTION = 70
MOST_LINES_OF_A_FILE = 400


def functions(folder):
    """The lines of every function below a folder, by the place where it begins."""
    lengths = {}
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lengths[f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"] = node.end_lineno - node.lineno + 1
    return lengths


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_function_is_too_long(folder):
    lengths = functions(folder)
    assert lengths
    assert {place: lines for place, lines in lengths.items() if lines > MOST_LINES_OF_A_FUNCTION} == {}


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_file_is_too_long(folder):
    lengths = {str(path): path.read_text(encoding="utf-8").count("\n") for path in (ROOT / folder).rglob("*.py")}
    assert {path: lines for path, lines in lengths.items() if lines > MOST_LINES_OF_A_FILE} == {}


def test_most_functions_are_short():
    lengths = functions("scoring_service").values()
    assert median(lengths) <= 9
    assert quantiles(lengths, n=20)[-1] <= 40
