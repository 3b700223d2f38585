"""What a page gives its template never takes the place of what the layout gives every page under the same name."""

import ast
from pathlib import Path

import pytest
from console_world import make_console

import scoring_service.web

WEB = Path(scoring_service.web.__file__).parent


@pytest.fixture(scope="module")
def console(module_engine):
    return make_console(module_engine)


def names_given():
    """Each name that a page gives a template, with the module in which it does."""
    for path in sorted(WEB.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"render_template", "_page"}:
                yield from ((word.arg, path.name) for word in node.keywords if word.arg)


def test_no_page_gives_a_name_of_the_layout_another_meaning(console):
    with console.app.test_request_context("/sign-in"):
        layout = {name for make in console.app.template_context_processors[None] for name in make()}
    given = list(names_given())
    assert {"refusal", "menu", "appearance"} <= layout
    assert len(given) > 200
    assert [pair for pair in given if pair[0] in layout] == []
