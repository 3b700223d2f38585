"""The place behind the last row of a page as text: dates and instants kept as such, and sealed where it may be seen."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidTag

if TYPE_CHECKING:
    from scoring_service.services.unit_of_work.transaction import Work

LONGEST = 2000


def packed(place: Any) -> Any:
    """Return a place (text, number, date, instant, or a sequence of them) as JSON has it."""
    if isinstance(place, datetime):
        return {"instant": place.isoformat()}
    if isinstance(place, date):
        return {"day": place.isoformat()}
    if isinstance(place, list | tuple):
        return [packed(part) for part in place]
    return place


def unpacked(place: Any) -> Any:
    """Return the place that was packed, a sequence as a list."""
    if isinstance(place, dict):
        return datetime.fromisoformat(place["instant"]) if "instant" in place else date.fromisoformat(place["day"])
    if isinstance(place, list):
        return [unpacked(part) for part in place]
    return place


def sealed(work: Work, scope: str, place: Any) -> str:
    """Return a place as it may stand in an address: it holds nothing that can be read, and fits its `scope` alone."""
    content = json.dumps([scope, packed(place)], ensure_ascii=False)
    return base64.urlsafe_b64encode(work.service.identity_numbers.seal(content)).decode("ascii").rstrip("=")


def unsealed(work: Work, scope: str, text: str) -> Any:
    """Return the place that was sealed for a scope, None for anything else."""
    try:
        content = base64.urlsafe_b64decode(text[:LONGEST] + "==")
        of_scope, place = json.loads(work.service.identity_numbers.unseal(content))
    except (InvalidTag, binascii.Error, ValueError):
        return None
    return unpacked(place) if of_scope == scope else None
