"""What a request leaves behind: one log line and one count.

No personal data: both carry the route's template, never the address that was asked for. This runs for every
request, so the line goes from a compiled encoder straight to the log.
"""

import logging
import os
import time
from datetime import UTC, datetime
from typing import Any

import msgspec
from flask import Flask, Request, Response, g, request

from scoring_service.telemetry import metrics
from scoring_service.telemetry.logs import is_logged, write_line

REQUEST_ID_BYTES = 16


class AccessLine(msgspec.Struct, frozen=True, kw_only=True):
    """The members of an access line; `ms` is the time to the answer's head."""

    event: str = "request"
    level: str = "info"
    timestamp: datetime
    method: str
    route: str
    status: int
    ms: float
    request_id: str


def watch_requests(app: Flask) -> None:
    """Give each request an id (`g.request_id`, answered as X-Request-Id), a log line and its metrics."""
    app.before_request(_begin)
    app.after_request(_finish)


def _begin() -> None:
    context: Any = g._get_current_object()  # noqa: SLF001 -- once, not at each access
    context.request_id = new_request_id()
    context.started = time.perf_counter()


def _finish(response: Response) -> Response:
    context: Any = g._get_current_object()  # noqa: SLF001 -- as above
    finished: Request = request._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 -- as above
    seconds = time.perf_counter() - context.started
    route = finished.url_rule.rule if finished.url_rule else "-"
    response.headers["X-Request-Id"] = context.request_id
    leave_behind(finished.method, route, response.status_code, seconds, context.request_id)
    return response


def new_request_id() -> str:
    """Return a random id for one request."""
    return os.urandom(REQUEST_ID_BYTES).hex()


def leave_behind(method: str, route: str, status: int, seconds: float, request_id: str) -> None:
    """Count an answered request and log its line."""
    metrics.observe(method, route, status, seconds)
    if is_logged(logging.INFO):
        line = AccessLine(
            timestamp=datetime.now(UTC),
            method=method,
            route=route,
            status=status,
            ms=round(seconds * 1000, 3),
            request_id=request_id,
        )
        write_line(line)
