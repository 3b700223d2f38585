"""Logs: one JSON object a line on standard error, ours and the libraries' alike. No personal data goes in.

Of an exception the log keeps type and place: its text may quote a row, a statement or a name.
"""

import logging
import logging.config
import sys
import traceback
from typing import Any

import msgspec
import structlog
from structlog.typing import EventDict, Processor

_encode = msgspec.json.Encoder(enc_hook=str).encode
_own = logging.getLogger("scoring_service")


def configure_logs(level: str = "info") -> None:
    """Set up structlog and route the standard library's loggers through the same form."""
    render = structlog.processors.JSONRenderer(serializer=_json)
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, *_shared_processors(), render],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(logging_config(level))


def write_line(line: msgspec.Struct) -> None:
    """Write one line without the processors, for what is logged at every request."""
    sys.stderr.buffer.write(_encode(line) + b"\n")
    sys.stderr.buffer.flush()


def is_logged(level: int) -> bool:
    """Whether lines of a level of the standard library (logging.INFO …) are wanted."""
    return _own.isEnabledFor(level)


def logging_config(level: str = "info") -> dict[str, Any]:
    """A dictConfig in which every library, the server included, speaks JSON lines on standard error."""
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, _render_text],
        "foreign_pre_chain": [structlog.stdlib.add_logger_name, *_shared_processors()],
    }
    handler = {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stderr"}
    named = {"handlers": ["stderr"], "level": level.upper(), "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": formatter},
        "handlers": {"stderr": handler},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {"_granian": dict(named), "scoring_service": dict(named)},
    }


def _shared_processors() -> list[Processor]:
    return [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _type_and_place,
    ]


def _type_and_place(_logger: Any, _name: str, event: EventDict) -> EventDict:
    exc_info = event.pop("exc_info", None)
    if exc_info is True:
        exc_info = sys.exc_info()
    error = exc_info[1] if isinstance(exc_info, tuple) else exc_info
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)
        event["error"] = type(error).__name__
        event["place"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return event


def _json(event: EventDict, **_options: Any) -> bytes:
    return _encode(event)


def _render_text(_logger: Any, _name: str, event: EventDict) -> str:
    return _encode(event).decode()
