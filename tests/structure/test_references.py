"""What a text refers to exists: a module, a name in it, a section of the scheme, an article of the law, a heading."""

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

import scoring_service

PACKAGE = Path(scoring_service.__file__).parent
ROOT = PACKAGE.parent
QUOTED = re.compile(r"`([A-Za-z_]\w*(?:[./]\w+)+)\(?\)?`")
SCHEME = re.compile(r"scheme\.md,? (?:section |part |第)?(\d+(?:\.\d+)?)((?:(?:, | and | to )\d+(?:\.\d+)?)*)")
CONTRACT = re.compile(r"contract\.md, ([A-Z][\w ]+?)(?= and [A-Z]|[^\w ]|$)(?: and ([A-Z]\w+))?")
ARTICLE = re.compile(r"\bP(\d{1,2})\b")
ANNEX = re.compile(r"\bG annex (\d)\b")

READ = {".py", ".md", ".yaml", ".html", ".po", ".cfg", ".toml"}
FOLDERS = ("scoring_service", "tests", "docs", "config", "migrations", "bench")


def modules():
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(PACKAGE.rglob("*.py"))}


MODULES = modules()


def names_of(tree):
    """The top-level names of a module, and `Class.member` for the members of its classes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        if isinstance(node, ast.Assign | ast.AnnAssign):
            yield from (target.id for target in getattr(node, "targets", [getattr(node, "target", None)]) if isinstance(target, ast.Name))


def classes():
    """Every class of the service, with what it defines; namesakes are taken together."""
    found = defaultdict(set)
    for node in (node for tree in MODULES.values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)):
        found[node.name] |= set(names_of(node))
    return found


CLASSES = classes()


def resolves_dotted(reference):
    """Whether a dotted reference names a module, a name of one, or the member of a class; words that begin with none are no reference."""
    first, *rest = reference.split(".")
    if first in CLASSES:
        return rest[0] in CLASSES[first]
    rooms = [path for path in PACKAGE.rglob("*") if path.stem == first and (path.is_dir() or path.suffix == ".py")]
    return not rooms or any(leads_on(room, rest) for room in rooms)


def leads_on(room, rest):
    if not rest:
        return True
    if room.is_dir():
        below = [room / rest[0], room / f"{rest[0]}.py"]
        if any(path.exists() and leads_on(path, rest[1:]) for path in below):
            return True
        return len(rest) == 1 and any(rest[0] in set(names_of(MODULES[path])) for path in room.glob("*.py"))
    return room in MODULES and rest[0] in set(names_of(MODULES[room]))


def resolves(reference, path):
    if reference.endswith(".py"):
        return any((folder / reference).exists() for folder in (path.parent, PACKAGE, PACKAGE / "services", ROOT, path.parent.parent))
    return "/" in reference or resolves_dotted(reference)


def texts(path):
    source = path.read_text(encoding="utf-8")
    for node in ast.walk(MODULES[path]):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            yield ast.get_docstring(node) or ""
    yield from re.findall(r"#(.*)", source)


def references(pattern):
    return [(path, match) for path in MODULES for text in texts(path) for match in pattern.finditer(text)]


def test_every_module_and_name_referred_to_exists():
    found = [(path, match[1]) for path, match in references(QUOTED)]
    assert len(found) > 100
    assert sorted({f"{path.relative_to(PACKAGE)}: {name}" for path, name in found if not resolves(name, path)}) == []


def document(name):
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def sections_of_the_scheme():
    return set(re.findall(r"^#+ (\d+(?:\.\d+)?)\.? ", document("scheme.md"), re.MULTILINE))


def articles_of_the_law():
    """The numbers in the first column of the procedure's table, `19–22` being four of them."""
    [table] = re.findall(r"^## P, .*?\n(.*?)(?=^## )", document("law.md"), re.MULTILINE | re.DOTALL)
    cells = re.findall(r"^\| ([\d –]+) \|", table, re.MULTILINE)
    spans = [list(map(int, span.split("–"))) for cell in cells for span in cell.split()]
    return {number for first, *last in spans for number in range(first, (last or [first])[0] + 1)}


def written_texts():
    """Every text that people write here, with its path from the root."""
    paths = [*ROOT.glob("*.md"), *(path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*")))]
    return [(path.relative_to(ROOT), path.read_text(encoding="utf-8")) for path in paths if path.suffix in READ]


WRITTEN = written_texts()


def strays(pattern, exists):
    """Return where a pattern's numbers refer to nothing, and how many were read."""
    read = [(path, number) for path, text in WRITTEN for match in pattern.finditer(text) for number in numbers_in(match)]
    return sorted({f"{path}: {number}" for path, number in read if not exists(number)}), len(read)


def numbers_in(match):
    return [number for group in match.groups() for number in re.findall(r"\d+(?:\.\d+)?", group)]


def test_every_section_of_the_scheme_referred_to_exists():
    sections = sections_of_the_scheme()
    assert sections == {"1", "2", "2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "2.7"}
    stray, count = strays(SCHEME, sections.__contains__)
    assert count > 90
    assert stray == []


def test_every_article_of_the_law_referred_to_exists():
    articles = articles_of_the_law()
    assert {4, 20, 39, 58} <= articles
    assert not {1, 53, 60} & articles
    stray, count = strays(ARTICLE, lambda number: int(number) in articles)
    assert count > 30
    assert stray == []


def test_every_annex_of_the_law_referred_to_exists():
    stray, count = strays(ANNEX, lambda number: f"Annex {number}" in document("law.md"))
    assert count > 5
    assert stray == []


@pytest.mark.parametrize(
    ("text", "sections", "articles"),
    [
        ("as scheme.md 2.3, 2.4 and 2.6 say", ["2.3", "2.4", "2.6"], []),
        ("scheme.md 第2部分 / scheme.md part 1, on P31 and P39", ["2", "1"], ["31", "39"]),
        ("scheme.md, source D; P15040200001, CP37 and the principal P", [], []),
    ],
)
def test_numbers_are_read_as_they_are_written(text, sections, articles):
    assert [number for match in SCHEME.finditer(text) for number in numbers_in(match)] == sections
    assert [number for match in ARTICLE.finditer(text) for number in numbers_in(match)] == articles


def test_every_heading_of_the_contract_referred_to_exists():
    headings = {heading.partition(":")[0] for heading in re.findall(r"^## (.*)$", document("contract.md"), re.MULTILINE)}
    referred = {(path, heading) for path, text in WRITTEN for match in CONTRACT.finditer(text) for heading in match.groups() if heading}
    assert len(referred) > 40
    assert {(path, heading) for path, heading in referred if heading not in headings} == set()


@pytest.mark.parametrize(
    ("reference", "exists"),
    [
        ("services/cases/approval.py", True),
        ("services/approval.py", False),
        ("approval.approve", True),
        ("approval.approved_by_nobody", False),
        ("services.cases.approval", True),
        ("services.approval", False),
        ("Work.audit", True),
        ("Work.audits_nothing", False),
        ("core.Rulebook", True),
        ("application/pdf", True),
    ],
)
def test_the_reader_of_references_tells_right_from_wrong(reference, exists):
    assert resolves(reference, PACKAGE / "services" / "cases" / "approval.py") is exists
