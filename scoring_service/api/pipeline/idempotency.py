"""`Idempotency-Key`: the first final answer of a key, again (contract.md, HTTP in general).

The answer is stored in the transaction of the write itself; a refusal is stored after what the view did was undone.
401, 429 and 5xx are not final and not stored.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable

from flask import Response, request

from scoring_service.api.pipeline.bodies import parse_json
from scoring_service.api.pipeline.errors import answer_failure
from scoring_service.api.pipeline.signing import signing_keys
from scoring_service.failures import problem_of
from scoring_service.problems import Problem
from scoring_service.services.unit_of_work.kept_answers import (
    Call,
    KeptAnswer,
    claim,
    keep_answer,
    kept_answer,
)
from scoring_service.services.unit_of_work.transaction import Work

LONGEST_KEY = 255
NOT_FINAL = frozenset({401, 429})
SERVER_ERROR = 500
KEPT_HEADERS = ("Content-Type", "ETag", "Location")


def once(work: Work, view: Callable[[], Response]) -> Response:
    """Answer by `view`, or as the same call was answered before.

    Raises Conflict `idempotency_in_progress` or `idempotency_conflict`, Problem 400 for a key of no use.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return view()
    call = _call(work, key)
    claim(work, call)
    kept = kept_answer(work, call)
    return _answered(work, call, view) if kept is None else _replayed(kept)


def _call(work: Work, key: str) -> Call:
    if not 1 <= len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
        detail = f"幂等键为 1 至 {LONGEST_KEY} 个可打印字符 / a key has 1 to {LONGEST_KEY} printable ASCII characters"
        raise Problem(400, "invalid_idempotency_key", detail)
    return Call(
        account_id=str(work.actor.account_id),
        method=request.method,
        path=request.path,
        key=key,
        body_hashes=_body_hashes(),
    )


def _body_hashes() -> tuple[bytes, ...]:
    """Return the keyed hash (HMAC-SHA256) of query, media type and body, first under the present key.

    It is keyed because a body may hold a password, which a plain hash would let be guessed. JSON counts by its value:
    neither the order of members nor blanks make another body, nor does a multipart body's random boundary.
    """
    body = request.get_data(cache=True)
    boundary = request.mimetype_params.get("boundary", "")
    if request.mimetype == "multipart/form-data" and boundary:
        body = body.replace(boundary.encode(), b"boundary")
    elif request.is_json and body:
        body = json.dumps(parse_json(body), sort_keys=True).encode()
    hashed = b"\n".join((request.query_string, request.mimetype.encode(), body))
    return tuple(hmac.digest(key.encode(), hashed, "sha256") for key in reversed(signing_keys()))


def _replayed(kept: KeptAnswer) -> Response:
    response = Response(kept.body, status=kept.status, headers=kept.headers)
    response.headers["Idempotent-Replayed"] = "true"
    return response


def _answered(work: Work, call: Call, view: Callable[[], Response]) -> Response:
    try:
        with work.attempt():
            response = view()
    except Exception as error:
        if not _is_final(problem_of(error).status):
            raise
        response = answer_failure(error)
    if _is_final(response.status_code):
        headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
        answer = KeptAnswer(status=response.status_code, headers=headers, body=response.get_data())
        keep_answer(work, call, answer)
    return response


def _is_final(status: int) -> bool:
    return status < SERVER_ERROR and status not in NOT_FINAL
