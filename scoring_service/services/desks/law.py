"""The dated rulebooks, read by anybody who is signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scoring_service.core.errors import RuleError
from scoring_service.law.adopting import compared
from scoring_service.law.rulebooks import begun
from scoring_service.problems import NotFound

if TYPE_CHECKING:
    from datetime import date

    from scoring_service.law.adopting import Difference
    from scoring_service.services.unit_of_work.transaction import Work


NOUN = "规则 / rulebook"


def describe_rulebook(work: Work, rulebook_id: str, *, on: date | None) -> dict[str, Any]:
    """Return the rulebook as it holds on a day (today when None), each parameter with where it is `otherwise`.

    These are the rulebooks that inherit from it and have a value of their own. Raises NotFound.
    """
    day = work.today if on is None else on
    try:
        described = work.rulebooks.describe(rulebook_id, day)
    except RuleError:
        raise NotFound(NOUN) from None
    heirs = {each: work.rulebooks.parameters(each) for each in work.rulebooks.family(rulebook_id)[1:]}
    for key, parameter in described["parameters"].items():
        parameter["otherwise"] = [
            heir for heir, own in heirs.items() if (held := begun(own[key], day)) and held.rulebook == heir
        ]
    return described


def compare_days(work: Work, rulebook_id: str, some: date, other: date) -> tuple[Difference, ...]:
    """Return what a rulebook says otherwise on the later of two days. Raises NotFound."""
    try:
        return compared(work.rulebooks, rulebook_id, min(some, other), max(some, other))
    except RuleError:
        raise NotFound(NOUN) from None


def file_in_force(work: Work, rulebook_id: str) -> bytes:
    """Return the file of a rulebook as it was shipped, or adopted last. Raises NotFound."""
    try:
        return work.rulebooks.file(rulebook_id).content
    except RuleError:
        raise NotFound(NOUN) from None
