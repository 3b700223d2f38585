"""The answers to calls that may be sent twice: the first final one of a key is kept for a day, on the real clock.

An advisory lock, held by the transaction, tells a second call that the first still runs, and ends with its
connection if that dies. The answer is stored in the transaction of the act itself (contract.md, HTTP in general),
encrypted: it may hold a password that is told once.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, insert, select

from scoring_service.db.clock_mark import server_now
from scoring_service.db.locks import Lock, try_to_hold
from scoring_service.db.tables import idempotency_keys
from scoring_service.problems import Conflict, Forbidden

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ColumnElement

    from scoring_service.services.unit_of_work.transaction import Work

KEPT = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call with a key: whose, of what, and the hashes of its body: under the present key, then under earlier ones."""

    account_id: str
    method: str
    path: str
    key: str
    body_hashes: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """An answer as it was given."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def claim(work: Work, call: Call) -> None:
    """Claim the key until the transaction ends. Raises Conflict `idempotency_in_progress`."""
    name = f"{call.account_id}\n{call.method}\n{call.path}\n{call.key}"
    if not try_to_hold(work.conn, Lock.ANSWER, name):
        detail = "相同幂等键的请求正在执行 / a call with this key is in progress"
        raise Conflict("idempotency_in_progress", detail, retry_after=1)


def kept_answer(work: Work, call: Call) -> KeptAnswer | None:
    """Return the answer of an earlier call with the key.

    Raises Conflict `idempotency_conflict` for another body, Forbidden when the account sees other things by now.
    """
    fresh = idempotency_keys.c.created_at > server_now(work.conn) - KEPT
    row = work.conn.execute(select(idempotency_keys).where(_is(call), fresh)).one_or_none()
    if row is None:
        return None
    if row.body_sha256 not in call.body_hashes:
        detail = "该幂等键已用于另一请求 / this key was used with another body"
        raise Conflict("idempotency_conflict", detail)
    kept = json.loads(row.headers)
    if kept["bound_to"] != _binding(work):
        raise Forbidden
    # A row of before answers were encrypted has its body as it was given.
    body = work.service.identity_numbers.unseal(row.body).encode() if "sealed" in kept else row.body
    return KeptAnswer(status=row.status, headers=kept["headers"], body=body)


def keep_answer(work: Work, call: Call, answer: KeptAnswer) -> None:
    """Keep the answer of a call, and forget those of the account that are a day old."""
    now = server_now(work.conn)
    expired = (idempotency_keys.c.account_id == call.account_id) & (idempotency_keys.c.created_at <= now - KEPT)
    work.conn.execute(delete(idempotency_keys).where(expired))
    work.conn.execute(
        insert(idempotency_keys).values(
            account_id=call.account_id,
            method=call.method,
            path=call.path,
            key=call.key,
            body_sha256=call.body_hashes[0],
            status=answer.status,
            headers=json.dumps({"headers": dict(answer.headers), "bound_to": _binding(work), "sealed": True}),
            body=work.service.identity_numbers.seal(answer.body.decode()),
            created_at=now,
        )
    )


def _is(call: Call) -> ColumnElement[bool]:
    kept = idempotency_keys.c
    return and_(
        kept.account_id == call.account_id,
        kept.method == call.method,
        kept.path == call.path,
        kept.key == call.key,
    )


def _binding(work: Work) -> list[str | None]:
    """Return what else than the role decides how far an account sees."""
    return [work.actor.region, work.actor.institution_code, work.actor.practitioner_id]
