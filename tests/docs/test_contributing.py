"""CONTRIBUTING.md sends nobody to a place that is not there, and its recipes stay short."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
PATHS = sorted(set(re.findall(r"`((?:[\w.-]+/)[\w./-]*|[\w-]+\.md)`", TEXT)))


def test_its_paths_are_recognised():
    assert len(PATHS) > 25


@pytest.mark.parametrize("path", PATHS)
def test_every_path_exists(path):
    assert (ROOT / path).exists()


@pytest.mark.parametrize(
    ("recipe", "most"),
    [
        ("Change a value of the rules", 4),
        ("Add an outcome of an appeal", 9),
        ("Add a field of an institution", 10),
        ("Add a kind of notice", 8),
    ],
)
def test_a_recipe_touches_few_files(recipe, most):
    [steps] = re.findall(rf"^## {recipe}\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL)
    assert 1 < len(re.findall(r"^\d+\. ", steps, re.MULTILINE)) <= most
