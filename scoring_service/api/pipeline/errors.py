"""Problems as `application/problem+json` (RFC 9457), for every refusal and failure under `/api`."""

from __future__ import annotations

from http import HTTPStatus

from flask import Response, g, json, request

from scoring_service.failures import is_fault_of_ours, problem_of, report
from scoring_service.problems import Fault, Problem

MEDIA_TYPE = "application/problem+json"

_TITLES = {
    400: "请求格式错误",
    401: "未登录",
    403: "没有权限",
    404: "未找到",
    405: "方法不被允许",
    409: "与当前状态冲突",
    412: "前提条件不成立",
    413: "内容过大",
    415: "不支持的内容类型",
    422: "内容有误",
    428: "缺少前提条件",
    429: "请求过于频繁",
    500: "服务内部错误",
    503: "服务暂时不可用",
}


def answer_failure(error: Exception) -> Response:
    """Return the problem document of any exception; what is our fault goes to the log."""
    problem = problem_of(error)
    if is_fault_of_ours(problem):
        report(error, g.get("request_id"))
    return respond(problem)


def respond(problem: Problem) -> Response:
    """Return `problem` as a response, with the headers that its status asks for."""
    # A name that the caller sent may hold half of a surrogate pair; it goes back as the escape that it came as.
    body = json.dumps(document(problem)).encode("utf-8", "backslashreplace")
    response = Response(body, status=problem.status, content_type=MEDIA_TYPE)
    if problem.status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Bearer realm="scoring-service"'
    if "retry_after" in problem.extra:
        response.headers["Retry-After"] = str(problem.extra["retry_after"])
    if "accept_encoding" in problem.extra:
        response.headers["Accept-Encoding"] = problem.extra["accept_encoding"]
    if "allow" in problem.extra:
        response.headers["Allow"] = ", ".join(problem.extra["allow"])
    return response


def document(problem: Problem) -> dict[str, object]:
    """Return the members of the problem: the standard ones, `code`, `request_id`, `errors`, and its own."""
    members: dict[str, object] = {
        "type": "about:blank",
        "title": _title(problem.status),
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
        "request_id": g.get("request_id"),
    }
    if problem.status == HTTPStatus.UNPROCESSABLE_ENTITY:
        members["errors"] = [{"pointer": _pointer(fault), "detail": fault.detail} for fault in problem.errors]
    return problem.extra | members


def _pointer(fault: Fault) -> str:
    """Return where a fault is: a field that a use case names is of the query when there was no body."""
    is_of_query = request.method in {"GET", "HEAD"} and not fault.pointer.startswith(("/query", "/path"))
    return f"/query{fault.pointer}" if is_of_query else fault.pointer


def _title(status: int) -> str:
    phrase = HTTPStatus(status).phrase
    return f"{_TITLES[status]} / {phrase}" if status in _TITLES else phrase
