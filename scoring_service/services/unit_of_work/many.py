"""Acts on many things at once: some, not too many, none twice; done all or not at all, every faulty row told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoring_service.problems import Conflict, Fault, Faulty, Invalid, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOST_AT_ONCE = 1000


def check_ticked(name: str, ids: Sequence[str]) -> None:
    """Refuse none, too many, or one of them twice; `name` is the field that holds them. Raises Faulty."""
    if not ids:
        raise Invalid(f"/{name}", "请至少选择一项 / choose at least one")
    if len(ids) > MOST_AT_ONCE:
        detail = f"一次最多 {MOST_AT_ONCE:,} 项，请分次办理 / at most {MOST_AT_ONCE:,} at once: part them"
        raise Invalid(f"/{name}", detail)
    first = {key: place for place, key in reversed(list(enumerate(ids)))}
    twice = [
        Fault(f"/{name}/{place}", f"与第 {first[key] + 1} 项重复，请去掉一项 / the same as item {first[key] + 1}")
        for place, key in enumerate(ids)
        if first[key] != place
    ]
    if twice:
        raise Faulty(twice)


def refusal_of(code: str, name: str, refused: Mapping[int, Problem]) -> Problem:
    """Return why nothing was done: the problems of the rows of `name` by their places.

    It is a Faulty when only values are wrong, else the Conflict `code` with each row's own code in `rows`.
    """
    rows = [
        {"pointer": f"/{name}/{place}{fault.pointer}", "code": problem.code, "detail": fault.detail}
        for place, problem in refused.items()
        for fault in problem.errors or (Fault("", problem.detail),)
    ]
    faults = tuple(Fault(row["pointer"], row["detail"]) for row in rows)
    if all(isinstance(problem, Faulty) for problem in refused.values()):
        return Faulty(faults)
    count = len(refused)
    detail = f"有 {count} 项不能办理，全部没有办理 / {count} of them cannot be done, so none was"
    return Conflict(code, detail, errors=faults, rows=rows)
