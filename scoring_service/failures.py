"""What went wrong, as a `Problem`: one answer for every exception, whichever face shows it."""

from __future__ import annotations

import traceback

import structlog
from psycopg.errors import DiskFull, UniqueViolation
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from scoring_service.core.errors import RuleError
from scoring_service.problems import Conflict, Problem, Unavailable

RETRY_AFTER_SECONDS = 5
# Whatever the database, or what stands between it and us, may raise.
DATABASE_FAILURE = SQLAlchemyError

_log = structlog.get_logger("scoring_service.failures")

_DETAILS = {
    400: ("malformed", "请求格式错误 / the request is malformed"),
    401: ("unauthenticated", "请先登录 / sign in first"),
    403: ("forbidden", "您无权进行此操作 / you may not do this"),
    404: ("not_found", "这里没有内容 / there is nothing at this address"),
    405: ("method_not_allowed", "此地址不支持该方法 / this address does not take the method"),
    413: ("too_large", "请求内容过大 / the body is too large"),
    415: ("unsupported_media_type", "不支持的内容类型 / the media type is not supported"),
    422: ("invalid", "内容有误 / the content is invalid"),
}


def problem_of(error: Exception) -> Problem:
    """Return what a caller may be told of `error`. The unexpected is a 500 without the exception's text."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, RuleError):
        return Conflict(error.code, error.detail)
    if isinstance(error, HTTPException):
        return _of_http(error)
    if isinstance(error, OperationalError) and isinstance(error.orig, DiskFull):
        return storage_full()
    if isinstance(error, OperationalError | InterfaceError | PoolTimeoutError):
        return unavailable()
    return _of_data(error) or _unexpected()


def unavailable() -> Problem:
    """The database cannot answer just now."""
    detail = "服务暂时不可用，请稍后重试 / the service cannot answer just now; try again"
    return Unavailable("unavailable", detail, retry_after=RETRY_AFTER_SECONDS)


def storage_full() -> Problem:
    """The database has no room: the transaction was rolled back whole."""
    detail = "存储空间已满，未作任何更改，请联系管理员 / no space is left; nothing was changed; tell the administrator"
    return Unavailable("storage_full", detail, retry_after=RETRY_AFTER_SECONDS)


def is_fault_of_ours(problem: Problem) -> bool:
    """Tell whether the problem belongs in the error log."""
    return problem.status >= 500  # noqa: PLR2004 -- HTTP's own border


def report(error: Exception, request_id: str | None) -> None:
    """Log an unexpected exception by its type and place; its text may hold personal data and is left out."""
    frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    cause = getattr(error, "orig", None) or error.__cause__
    _log.error(
        "failure",
        error=type(error).__name__,
        cause=type(cause).__name__ if cause is not None else None,
        frames=frames[-12:],
        request_id=request_id,
    )


def _of_http(error: HTTPException) -> Problem:
    status = error.code or 500
    code, detail = _DETAILS.get(status, (None, None))
    if code is None or detail is None:
        return Problem(status, _snake(error.name), error.name) if status < 500 else _unexpected(status)  # noqa: PLR2004
    if isinstance(error, MethodNotAllowed):
        return Problem(status, code, detail, allow=sorted(error.valid_methods or ()))
    return Problem(status, code, detail)


def _of_data(error: Exception) -> Problem | None:
    if isinstance(error, IntegrityError) and isinstance(error.orig, UniqueViolation):
        return Conflict("conflict", "与同时进行的另一操作冲突 / another act came first; read again")
    if isinstance(error, DataError):
        return Problem(422, "invalid", "数值超出可存储的范围 / a value is outside what can be stored")
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return unavailable()
    return None


def _unexpected(status: int = 500) -> Problem:
    detail = "服务内部错误，请告知管理员请求编号 / an internal error; give the administrator the request id"
    return Problem(status, "internal_error", detail)


def _snake(name: str) -> str:
    return name.lower().replace(" ", "_").replace("-", "_").replace("'", "")
