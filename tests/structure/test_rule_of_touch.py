"""Whatever is locked or written of a person, a case, an appeal or a notice was asked of the touch rule first."""

import ast
from pathlib import Path

SERVICES = Path(__file__).parents[2] / "scoring_service" / "services"
NAMES_A_PERSON = {"require_practitioner", "require_known"}
WRITES = {"lock_files", "changing", "propose", "insert", "update", "upsert"}


def functions():
    for path in sorted(SERVICES.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                yield path, node, calls(node)


def calls(node):
    found = [each for each in ast.walk(node) if isinstance(each, ast.Call)]
    return {getattr(each.func, "attr", getattr(each.func, "id", "")): each for each in found}


def is_asked(called):
    return any(name.startswith("check_touches") for name in called)


def test_who_names_a_person_and_writes_asks_the_touch_rule():
    writers = [
        (f"{path.name}:{node.name}", is_asked(called))
        for path, node, called in functions()
        if NAMES_A_PERSON & set(called) and WRITES & set(called)
    ]
    assert len(writers) >= 6
    assert [name for name, asked in writers if not asked] == []


def test_a_row_is_locked_for_an_act_through_the_touch_rule_only():
    locked = [
        (f"{path.name}:{node.name}", is_asked(called))
        for path, node, called in functions()
        for call in called.values()
        if any(word.arg == "lock" and getattr(word.value, "value", None) is True for word in call.keywords)
    ]
    assert len(locked) >= 4
    assert [name for name, asked in locked if not asked] == []
