"""Logs: one JSON object a line on standard error, ours and the libraries' alike. No personal data goes in."""

import logging
import logging.config
import sys
from typing import Any

import msgspec
import structlog
from structlog.typing import EventDict, Processor


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
