"""Imports go one way (setup.cfg), and the core knows the standard library only."""

import ast
import importlib
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

import scoring_service

PACKAGE = Path(scoring_service.__file__).parent


def imported_roots(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield ".".join(node.module.split(".")[:2]) if node.module.startswith("scoring_service") else node.module.split(".")[0]


def test_imports_go_one_way():
    assert lint_imports(config_filename=str(PACKAGE.parent / "setup.cfg"), no_cache=True) == 0


def test_the_core_imports_the_standard_library_only():
    allowed = sys.stdlib_module_names | {"scoring_service.core"}
    files = sorted((PACKAGE / "core").glob("**/*.py"))
    assert files
    strangers = {(path.name, root) for path in files for root in imported_roots(path) if root not in allowed}
    assert strangers == set()


@pytest.mark.parametrize("face", ["api", "web"])
def test_a_face_executes_no_sql(face):
    nodes = [(path.name, node) for path in (PACKAGE / face).rglob("*.py") for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    names = {(name, node.attr) for name, node in nodes if isinstance(node, ast.Attribute)}
    assert len(names) > 500
    assert [(name, attribute) for name, attribute in names if attribute in {"conn", "engine", "execute"}] == []


def names_http(node):
    """Whether a node of a module says what HTTP would answer, or where in a request a fault lies."""
    if isinstance(node, ast.Raise):
        return any(isinstance(below, ast.Constant) and below.value in range(400, 600) for below in ast.walk(node))
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id == "Problem"
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(re.search(r"/(query|path)\b|Problem [45]\d\d", node.value))


@pytest.mark.parametrize("room", ["services", "letters", "db", "law", "core"])
def test_below_the_faces_nothing_knows_of_http(room):
    files = sorted((PACKAGE / room).rglob("*.py"))
    assert files
    assert [(path.name, node.lineno) for path in files for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if names_http(node)] == []


@pytest.mark.parametrize(
    "line", ['raise Refusal(422, "invalid")', 'refusal = Problem(status, "code")', 'raise Invalid("/query/known_at", "")', '"""Raises Problem 409."""']
)
def test_the_reader_of_http_in_use_cases_sees_it(line):
    assert any(names_http(node) for node in ast.walk(ast.parse(line)))


def test_every_package_says_what_lives_in_it():
    rooms = {path: ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "" for path in PACKAGE.rglob("__init__.py")}
    assert [path for path, text in rooms.items() if not re.search(r"Begin with\s+`", text)] == []
    assert [path for path, text in rooms.items() if not re.search(r"(not\s+live|[Nn]ot\s+here|[Nn]o\s.*\blives)", text)] == []


def test_the_server_names_the_folder_of_counters_before_their_library_is_imported():
    asked = "import sys, scoring_service.cli.server; sys.exit('prometheus_client' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0


def programs():
    """What the texts in tests and benchmarks import when they are run as programs of their own: module and name."""
    for folder in ("tests", "bench"):
        for path in sorted((PACKAGE.parent / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    for module, names in re.findall(r"from (scoring_service[\w.]*) import (\w+(?:, \w+)*)", node.value):
                        yield from ((module, name) for name in names.split(", "))


def benchmarks():
    """What the benchmarks import of the service, of which no other test runs them: module and name."""
    for path in sorted((PACKAGE.parent / "bench").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module.startswith("scoring_service"):
                yield from ((node.module, alias.name) for alias in node.names)


def is_there(module, name):
    room = importlib.import_module(module)
    return hasattr(room, name) or (hasattr(room, "__path__") and find_spec(f"{module}.{name}") is not None)


def test_programs_within_the_tests_import_what_exists():
    imported = set(programs())
    assert len(imported) > 5
    assert {pair for pair in imported if not is_there(*pair)} == set()


def test_benchmarks_import_what_exists():
    imported = set(benchmarks())
    assert len(imported) > 10
    assert {pair for pair in imported if not is_there(*pair)} == set()


def test_advisory_locks_stand_in_one_table():
    named = {path.name for path in PACKAGE.rglob("*.py") if re.search(r"pg_(try_)?advisory", path.read_text(encoding="utf-8"))}
    # The quick way asks for its lock within its one statement.
    assert named == {"locks.py", "eligibility_question.py"}
