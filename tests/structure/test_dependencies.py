"""Each direct dependency is used, and the page lists exactly these."""

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Used without an import: data that the standard library reads, what builds the package, what pytest loads itself.
NOT_IMPORTED = {
    "requirements.in": {"tzdata", "setuptools"},
    "requirements-dev.in": {"pytest-xdist", "ruff", "mypy", "types-psutil", "types-pyyaml"},
}
FOLDERS = {"requirements.in": ["scoring_service", "migrations"], "requirements-dev.in": ["tests"]}


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def direct(file):
    lines = (line.split("#")[0].strip() for line in (ROOT / file).read_text().splitlines())
    names = (re.match(r"[A-Za-z0-9_.-]+", line) for line in lines if line and not line.startswith("-"))
    return {normal(found.group()) for found in names if found}


def imported(folders):
    modules = set()
    for folder in folders:
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Import):
                    modules |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    modules.add(node.module.split(".")[0])
                elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                    # A wheel may be used for the files in it.
                    called = getattr(node.func, "attr", getattr(node.func, "id", ""))
                    modules |= {str(node.args[0].value)} if called in {"files", "find_spec"} else set()
    by_module = packages_distributions()
    third = modules - set(sys.stdlib_module_names)
    return {normal(name) for module in third for name in by_module.get(module, ())}


@pytest.mark.parametrize("file", sorted(FOLDERS))
def test_each_direct_dependency_is_imported(file):
    found = direct(file)
    assert len(found) > 8
    assert found - imported(FOLDERS[file]) - NOT_IMPORTED[file] == set()


def test_what_is_said_not_to_be_imported_is_a_dependency_and_is_not():
    for file, names in NOT_IMPORTED.items():
        assert names <= direct(file)
        assert names & imported(FOLDERS[file]) == set()


def test_the_page_lists_exactly_the_direct_dependencies():
    page = (ROOT / "docs" / "dependencies.md").read_text()
    rows = re.findall(r"^\| ([a-z0-9, _-]+) \| .+ \|$", page, re.MULTILINE)
    told = [normal(name) for row in rows if row != "package" for name in row.split(", ")]
    wanted = [
        name
        for file in ("requirements.in", "requirements-dev.in", "requirements-bench.in", "requirements-spark.in")
        for name in sorted(direct(file))
    ]
    assert sorted(told) == sorted(wanted)
