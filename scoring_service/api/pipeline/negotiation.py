"""Which form of an answer a caller prefers (RFC 9110 12.5.1), and in which language its words are to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request

from scoring_service.api.tables.columns import Language
from scoring_service.workbooks.writing import MEDIA_TYPES, Form

if TYPE_CHECKING:
    from collections.abc import Sequence

JSON = "application/json"
LINES = "application/x-ndjson"
_TABLES = (JSON, *MEDIA_TYPES.values())
_FORMS = {media_type: form for form, media_type in MEDIA_TYPES.items()}


def form_asked() -> Form | None:
    """Return the form of a spreadsheet that is preferred to JSON, None for JSON.

    What nobody here can serve is answered by JSON, as it always was.
    """
    return _FORMS.get(preferred(_TABLES))


def preferred(served: Sequence[str]) -> str:
    """Return which of the media types served is preferred, the first of equals, the first too if none is accepted.

    Of equal qualities the more exactly named one is preferred: who names a form wants it rather than anything.
    """
    ranked = [(_quality(media_type), -place) for place, media_type in enumerate(served)]
    (quality, _exactness), place = max(ranked)
    return served[-place] if quality > 0 else served[0]


def _quality(media_type: str) -> tuple[float, int]:
    """Return the quality of a media type and how exactly the range that gives it names it; parameters do not count."""
    best = (0, 0.0)
    for accepted, quality in request.accept_mimetypes:
        named = accepted.partition(";")[0].strip().lower()
        exactness = {media_type: 3, f"{media_type.partition('/')[0]}/*": 2, "*/*": 1}.get(named, 0)
        if exactness:
            best = max(best, (exactness, quality))
    return best[1], best[0]


def language_asked() -> Language | None:
    """Return the language that the caller prefers, None for a caller who names none of ours."""
    code = request.accept_languages.best_match(
        [code for code, _quality in request.accept_languages if _primary(code) in set(Language)]
    )
    return Language(_primary(code)) if code else None


def _primary(code: str) -> str:
    return code.replace("_", "-").split("-")[0].lower()
