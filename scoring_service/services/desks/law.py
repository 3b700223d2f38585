"""The dated rulebooks, read by anybody who is signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scoring_service.core.errors import RuleError
from scoring_service.problems import NotFound

if TYPE_CHECKING:
    from datetime import date

    from scoring_service.services.unit_of_work.transaction import Work


def describe_rulebook(work: Work, rulebook_id: str, *, on: date | None) -> dict[str, Any]:
    """Return the rulebook as it holds on a day (today when None). Raises NotFound."""
    try:
        return work.rulebooks.describe(rulebook_id, work.today if on is None else on)
    except RuleError:
        raise NotFound("规则 / rulebook") from None
