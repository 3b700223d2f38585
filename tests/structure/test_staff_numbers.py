"""Staff numbers are compared in one module only, in their normal form; lineages join accounts, which are kept in it."""

import ast
from pathlib import Path

import scoring_service

PACKAGE = Path(scoring_service.__file__).parent
ALLOWED = {PACKAGE / "services" / "unit_of_work" / name for name in ("staff_numbers.py", "makers.py")}
NORMAL = {"staff_number", "staff_numbers", "same_person"}
COMPARING = {"in_", "is_", "is_distinct_from", "is_not_distinct_from", "any_", "contains"}


def names_a_staff_number(node):
    """Whether a raw staff number stands somewhere in an operand: not within a call that brings it into form."""
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") in NORMAL:
        return False
    own = getattr(node, "attr", None) or getattr(node, "id", None) or getattr(node, "value", None)
    if isinstance(own, str) and own.endswith("staff_no"):
        return True
    return any(names_a_staff_number(child) for child in ast.iter_child_nodes(node))


def raw_comparisons(source):
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare):
            is_none = all(isinstance(operator, ast.Is | ast.IsNot) for operator in node.ops)
            if not is_none and any(map(names_a_staff_number, (node.left, *node.comparators))):
                yield node.lineno
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") in COMPARING:
            yield from [node.lineno] * any(map(names_a_staff_number, (node.func, *node.args)))


def test_a_raw_comparison_is_found():
    assert list(raw_comparisons("row.recorded_staff_no == actor.staff_no")) == [1]
    assert list(raw_comparisons("actor.staff_no in {row.staff_no for row in rows}")) == [1]
    assert list(raw_comparisons("accounts.c.staff_no.in_(wanted)")) == [1]
    assert list(raw_comparisons("staff_number(row.staff_no) in staff_numbers(r.staff_no for r in rows)")) == []
    assert list(raw_comparisons("if staff_no is not None: pass")) == []


def test_staff_numbers_are_compared_in_one_module():
    found = [
        f"{path.relative_to(PACKAGE)}:{line}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if path not in ALLOWED
        for line in raw_comparisons(path.read_text(encoding="utf-8"))
    ]
    assert found == []
