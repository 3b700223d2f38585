"""`Idempotency-Key`: the first final answer of a key, again (contract.md, HTTP in general).

An advisory lock, held by the transaction, tells a second call that the first still runs, and ends with its
connection if that dies. The answer is stored in the transaction of the write itself; a refusal is stored after what
the view did was rolled back to a savepoint. 401, 429 and 5xx are not final and not stored.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from flask import Response, current_app, request
from sqlalchemy import delete, func, insert, select

from scoring_service.api.pipeline.bodies import parse_json
from scoring_service.api.pipeline.errors import answer_failure
from scoring_service.clock import real_now
from scoring_service.db.tables import idempotency_keys
from scoring_service.failures import problem_of
from scoring_service.problems import Conflict, Forbidden, Problem
from scoring_service.services.unit_of_work.transaction import Work

KEPT = timedelta(hours=24)
LONGEST_KEY = 255
NOT_FINAL = frozenset({401, 429})
SERVER_ERROR = 500
KEPT_HEADERS = ("Content-Type", "ETag", "Location")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """A call with a key: whose, of what, and the hash of its body."""

    account_id: str
    method: str
    path: str
    key: str
    body_sha256: bytes

    def condition(self) -> tuple[object, ...]:
        kept = idempotency_keys.c
        return (
            kept.account_id == self.account_id,
            kept.method == self.method,
            kept.path == self.path,
            kept.key == self.key,
        )

    def lock_key(self) -> int:
        name = f"{self.account_id}\n{self.method}\n{self.path}\n{self.key}"
        return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)


def once(work: Work, view: Callable[[], Response]) -> Response:
    """Answer by `view`, or as the same call was answered before.

    Raises Conflict `idempotency_in_progress` or `idempotency_conflict`, Problem 400 for a key of no use.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return view()
    call = _call(work, key)
    if not work.conn.execute(select(func.pg_try_advisory_xact_lock(call.lock_key()))).scalar_one():
        detail = "相同幂等键的请求正在执行 / a call with this key is in progress"
        raise Conflict("idempotency_in_progress", detail, retry_after=1)
    return _replayed(work, call) or _answered(work, call, view)


def _call(work: Work, key: str) -> _Call:
    if not 1 <= len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
        detail = f"幂等键为 1 至 {LONGEST_KEY} 个可打印字符 / a key has 1 to {LONGEST_KEY} printable ASCII characters"
        raise Problem(400, "invalid_idempotency_key", detail)
    return _Call(
        account_id=str(work.actor.account_id),
        method=request.method,
        path=request.path,
        key=key,
        body_sha256=_body_sha256(),
    )


def _body_sha256() -> bytes:
    """Return the keyed hash (HMAC-SHA256) of query, media type and body.

    It is keyed because a body may hold a password, which a plain hash would let be guessed. JSON counts by its value:
    neither the order of members nor blanks make another body, nor does a multipart body's random boundary.
    """
    body = request.get_data(cache=True)
    boundary = request.mimetype_params.get("boundary", "")
    if request.mimetype == "multipart/form-data" and boundary:
        body = body.replace(boundary.encode(), b"boundary")
    elif request.is_json and body:
        body = json.dumps(parse_json(body), sort_keys=True).encode()
    parts = (request.query_string, request.mimetype.encode(), body)
    return hmac.digest(str(current_app.secret_key).encode(), b"\n".join(parts), "sha256")


def _replayed(work: Work, call: _Call) -> Response | None:
    fresh = idempotency_keys.c.created_at > real_now() - KEPT
    row = work.conn.execute(select(idempotency_keys).where(*call.condition(), fresh)).one_or_none()  # type: ignore[arg-type]
    if row is None:
        return None
    if row.body_sha256 != call.body_sha256:
        detail = "该幂等键已用于另一请求 / this key was used with another body"
        raise Conflict("idempotency_conflict", detail)
    kept = json.loads(row.headers)
    if kept["bound_to"] != _binding(work):
        raise Forbidden
    response = Response(row.body, status=row.status, headers=kept["headers"])
    response.headers["Idempotent-Replayed"] = "true"
    return response


def _answered(work: Work, call: _Call, view: Callable[[], Response]) -> Response:
    savepoint = work.conn.begin_nested()
    try:
        response = view()
    except Exception as error:
        if not _is_final(problem_of(error).status):
            raise
        savepoint.rollback()
        work.discard()
        response = answer_failure(error)
    else:
        savepoint.commit()
    if _is_final(response.status_code):
        _store(work, call, response)
    return response


def _store(work: Work, call: _Call, response: Response) -> None:
    now = real_now()
    expired = (idempotency_keys.c.account_id == call.account_id) & (idempotency_keys.c.created_at <= now - KEPT)
    work.conn.execute(delete(idempotency_keys).where(expired))
    headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    work.conn.execute(
        insert(idempotency_keys).values(
            account_id=call.account_id,
            method=call.method,
            path=call.path,
            key=call.key,
            body_sha256=call.body_sha256,
            status=response.status_code,
            headers=json.dumps({"headers": headers, "bound_to": _binding(work)}),
            body=response.get_data(),
            created_at=now,
        )
    )


def _binding(work: Work) -> list[str | None]:
    """Return what else than the role decides how far an account sees."""
    return [work.actor.region, work.actor.institution_code, work.actor.practitioner_id]


def _is_final(status: int) -> bool:
    return status < SERVER_ERROR and status not in NOT_FINAL


