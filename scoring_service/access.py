"""What a request leaves behind: one log line and one count.

No personal data: both carry the route's template, never the address that was asked for. This runs for every
request, so the line goes from a compiled encoder straight to the log.
"""

import logging
import time
import uuid
from datetime import UTC, datetime

import msgspec
from flask import Flask, Response, g, request

from scoring_service import metrics
from scoring_service.logs import is_logged, write_line


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
    g.request_id = uuid.uuid4().hex
    g.started = time.perf_counter()


def _finish(response: Response) -> Response:
    seconds = time.perf_counter() - g.started
    rule = request.url_rule
    route = rule.rule if rule else "-"
    response.headers["X-Request-Id"] = g.request_id
    metrics.observe(request.method, route, response.status_code, seconds)
    if is_logged(logging.INFO):
        write_line(
            AccessLine(
                timestamp=datetime.now(UTC),
                method=request.method,
                route=route,
                status=response.status_code,
                ms=round(seconds * 1000, 3),
                request_id=g.request_id,
            )
        )
    return response
