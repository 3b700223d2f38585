"""Logs: one JSON object a line on standard error, and one line a request.

No personal data: an access line carries the route's template, never the address that was asked for.
"""

import logging
import logging.config
import sys
import time
import uuid
from typing import Any

import msgspec
import structlog
from flask import Flask, Response, g, request
from structlog.typing import EventDict, Processor

from scoring_service import metrics

access = structlog.get_logger("access")


def _json(event: EventDict, **_options: Any) -> bytes:
    return msgspec.json.encode(event, enc_hook=str)


def _shared_processors() -> list[Processor]:
    return [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.dict_tracebacks,
    ]


def configure_logs(level: str = "info") -> None:
    """Set up structlog and route the standard library's loggers through the same form."""
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, *_shared_processors(), _render()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(logging_config(level))


def _render() -> Processor:
    return structlog.processors.JSONRenderer(serializer=_json)


def logging_config(level: str = "info") -> dict[str, Any]:
    """A dictConfig in which every library, the server included, speaks JSON lines on standard error."""
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, _render_text],
        "foreign_pre_chain": [structlog.stdlib.add_logger_name, *_shared_processors()],
    }
    handler = {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stderr"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": formatter},
        "handlers": {"stderr": handler},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            "_granian": {"handlers": ["stderr"], "level": level.upper(), "propagate": False},
            "scoring_service": {"handlers": ["stderr"], "level": level.upper(), "propagate": False},
        },
    }


def _render_text(_logger: Any, _name: str, event: EventDict) -> str:
    return _json(event).decode()


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
