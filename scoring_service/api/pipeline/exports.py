"""Every list as a file: asked for as CSV or XLSX, a route that lists answers with the whole list.

One wrapper, put around whatever answers with `items` (`blueprint.py`): it calls the view for one page after the other,
so that filters, sight and looks are those of the list itself, and a new list is exported without a word about it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any

from flask import Response, after_this_request, request

from scoring_service.api.pipeline.negotiation import form_asked, language_asked
from scoring_service.api.pipeline.request import work
from scoring_service.api.tables.files import list_file
from scoring_service.downloads import as_file
from scoring_service.services.record.exports import PAGE_ROWS
from scoring_service.workbooks.writing import MEDIA_TYPES, Form

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scoring_service.api.tables.columns import ListTable
    from scoring_service.json_values import JsonObject

View = Callable[..., Any]
_PAGING = frozenset({"limit", "cursor", "after"})


def exported(view: View, table: ListTable) -> View:
    """Return a view that answers as `view` does, and with the whole list as a file when that is preferred."""

    @wraps(view)
    def answer(*args: Any, **kwargs: Any) -> Any:
        after_this_request(varying)
        form = form_asked()
        return view(*args, **kwargs) if form is None else _as_file(form, table, _items(view, args, kwargs))

    return answer


def varying(response: Response) -> Response:
    """Tell caches that the answer depends on what was accepted."""
    response.vary.update(("Accept", "Accept-Language"))
    return response


def _as_file(form: Form, table: ListTable, pages: Iterator[Sequence[Any]]) -> Response:
    filters = {name: value for name, value in request.args.items() if name not in _PAGING}
    detail: JsonObject = {"path": request.path, "filters": filters}
    file = list_file(work(), table, form, pages, language=language_asked(), detail=detail)
    return as_file(file, f"{table.name}-{work().today}.{form}", MEDIA_TYPES[form])


def _items(view: View, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Iterator[Sequence[Any]]:
    """Return what the view lists, page by page from the place that was asked for on."""
    while True:
        args, kwargs = _asking(args, kwargs, limit=PAGE_ROWS)
        answer = view(*args, **kwargs)
        items = _member(answer, "items")
        yield items
        further = _further(answer, len(items))
        if further is None:
            return
        args, kwargs = _asking(args, kwargs, **further)


def _further(answer: Any, count: int) -> dict[str, Any] | None:
    """Return how the next page is asked for: by a cursor, or behind the last number seen; None at the end."""
    if not isinstance(answer, Mapping):
        return None
    if answer.get("next_cursor") is not None:
        return {"cursor": answer["next_cursor"]}
    return {"after": answer["last"]} if "last" in answer and count == PAGE_ROWS else None


def _member(answer: Any, name: str) -> Any:
    return answer[name] if isinstance(answer, Mapping) else getattr(answer, name)


def _asking(
    args: tuple[Any, ...], kwargs: dict[str, Any], **question: Any
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return a view's arguments with members of its query changed, which is one of them, or spread over them."""
    known = {name: value for name, value in question.items() if name in kwargs}
    queries = [
        each | {name: value for name, value in question.items() if name in each} if _is_query(each) else each
        for each in args
    ]
    return tuple(queries), kwargs | known


def _is_query(argument: Any) -> bool:
    return isinstance(argument, dict) and "limit" in argument
