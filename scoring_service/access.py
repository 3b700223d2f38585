"""What a request leaves behind: one log line and one count.

No personal data: both carry the route's template, never the address that was asked for.
"""

import time
import uuid

import structlog
from flask import Flask, Response, g, request

from scoring_service import metrics

access = structlog.get_logger("access")


def watch_requests(app: Flask) -> None:
    """Give each request an id (`g.request_id`, answered as X-Request-Id), a log line and its metrics."""

    @app.before_request
    def begin() -> None:
        g.request_id = uuid.uuid4().hex
        g.started = time.perf_counter()

    @app.after_request
    def finish(response: Response) -> Response:
        seconds = time.perf_counter() - g.started
        route = request.url_rule.rule if request.url_rule else "-"
        response.headers["X-Request-Id"] = g.request_id
        metrics.observe(request.method, route, response.status_code, seconds)
        access.info(
            "request",
            method=request.method,
            route=route,
            status=response.status_code,
            ms=round(seconds * 1000, 3),
            request_id=g.request_id,
        )
        return response
