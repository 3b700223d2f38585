"""The end of a span is put into words in one place, `web/wording/spans.py`: everywhere else it would soon be a day too late."""

import ast
import re
from pathlib import Path

import scoring_service.web

WEB = Path(scoring_service.web.__file__).parent
# A deadline is told by its own last day; names of form fields and of what was asked are no spans.
NO_SPAN = re.compile(r'countersign_until|occurred_until"|(agreement|measure)/until|m\.field\("until"|form\.raw\("until"|"until": _|asked\.until')
# `until` of a state is no end of a span but the first free day, and is told as such.
FIRST_FREE_DAY = {("standing_words.py", "state.until")}


def test_no_template_formats_the_end_of_a_span():
    found = {
        path.name: re.findall(r".{0,40}until.{0,30}", text)
        for path in sorted((WEB / "templates").rglob("*.html"))
        if "until" in (text := NO_SPAN.sub("", path.read_text(encoding="utf-8")))
    }
    assert found == {}


def ends_in(node):
    """The expressions below `node` that read the end of a span."""
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute) and part.attr in {"until", "until_on"}:
            yield ast.unparse(part)
        if isinstance(part, ast.Subscript) and ast.unparse(part.slice) in {"'until'", "'until_on'"}:
            yield ast.unparse(part)


def told_in(path):
    """The ends of spans that a module hands to a formatter of days, or puts into a text by itself."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.JoinedStr):
            yield from ends_in(node)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"day", "str", "moment", "date.isoformat"}:
            yield from (end for argument in node.args for end in ends_in(argument))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in {"isoformat", "strftime"}:
            yield from ends_in(node.func.value)


def test_no_view_formats_the_end_of_a_span():
    modules = [path for path in WEB.rglob("*.py") if path.name != "spans.py"]
    assert len(modules) > 30
    assert {(path.name, end) for path in modules for end in told_in(path)} == FIRST_FREE_DAY


def test_the_reader_of_the_modules_sees_an_end_told_wrong(tmp_path):
    module = tmp_path / "wrong.py"
    module.write_text("told = day(span.until) + f'{row.until_on}' + span['until'].isoformat() + day(span.start)")
    assert sorted(told_in(module)) == ["row.until_on", "span.until", "span['until']"]
