"""The pipeline of a request under `/api/v1`: authenticate, authorise, repeat nothing, and one transaction.

A view gets the open transaction from `work()`; it parses, calls one use case and answers. The transaction commits
after the answer was made and rolls back when the view raises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NoReturn, Protocol, TypeVar, cast

from flask import Request, Response, current_app, g, request
from marshmallow import Schema, ValidationError
from webargs.flaskparser import FlaskParser

from scoring_service.api.pipeline import idempotency
from scoring_service.api.pipeline.access import JSON_LIMIT, PREFIX, Access, access_of
from scoring_service.api.pipeline.bodies import MAX_FAULTS, check_address, read_body, read_json, spooled_body
from scoring_service.api.pipeline.conditional import answered, expected_version, require_version
from scoring_service.problems import Fault, Forbidden, Problem
from scoring_service.services.accounts.signing_in import actor_of_token
from scoring_service.services.unit_of_work.actor import Actor
from scoring_service.services.unit_of_work.transaction import Service, Work


class Versioned(Protocol):
    """What a view has made: its version is its ETag."""

    @property
    def version(self) -> int: ...


Body = TypeVar("Body")
Made = TypeVar("Made", bound=Versioned)


def work() -> Work:
    """Return the open transaction of this request."""
    return cast("Work", g.work)


def service() -> Service:
    """Return what every use case stands on."""
    return cast("Service", current_app.extensions["scoring_service"])


def bearer_token() -> str:
    """Return the token that came with the request. Raises Problem 401."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Problem(401, "unauthenticated", "需要访问令牌 / a bearer token is needed")
    return token.strip()


def dispatch(view: Callable[[], Response]) -> Response:
    """Answer a request whose route is known, by the route's row in the table of access."""
    row = access_of(request.method, request.url_rule) if request.url_rule is not None else None
    if row is None:
        raise Forbidden
    request.max_content_length = row.body_limit
    check_address()
    token = "" if row.public else bearer_token()
    if row.spooled:
        with spooled_body(row.body_limit):
            return _answer(view, row, token)
    read_body(row.body_limit)  # Before a connection is taken, so that a slow sender holds none.
    return _answer(view, row, token)


def _answer(view: Callable[[], Response], row: Access, token: str) -> Response:
    if row.public:
        return view()
    with service().work(request_id=g.request_id) as opened:
        g.work = opened
        opened.reads = request.method in {"GET", "HEAD"} or (request.method == "POST" and not row.keyed)
        opened.actor = _admitted(_authenticated(opened, token), row)
        return idempotency.once(opened, view) if row.keyed else answered(view())


def _authenticated(opened: Work, token: str) -> Actor:
    actor = actor_of_token(opened, token)
    if actor is None:
        raise Problem(401, "invalid_token", "令牌无效或已过期 / the token is unknown, expired or revoked")
    return actor


def _admitted(actor: Actor, row: Access) -> Actor:
    """Return the actor with the roles that count on this route. Raises Forbidden when there is none."""
    roles = actor.roles & row.admitted.keys()
    if not roles:
        raise Forbidden
    return replace(actor, roles=roles)


def tagged(body: Body, version: int, status: int = 200) -> tuple[Body, int, dict[str, str]]:
    """Return a view's answer with the ETag of the version that it shows."""
    return body, status, {"ETag": f'"{version}"'}


def created(body: Made, path: str) -> tuple[Made, int, dict[str, str]]:
    """Return a view's answer on what it made, with its ETag and its address: `path` below the API's prefix."""
    shown, status, headers = tagged(body, body.version, 201)
    return shown, status, headers | {"Location": f"{PREFIX}{path}"}


class Parser(FlaskParser):
    """Webargs with problems for refusals, and JSON read strictly: UTF-8, no NaN, no NUL, a JSON media type."""

    DEFAULT_UNKNOWN_BY_LOCATION = dict.fromkeys(FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION)

    def load_json(self, req: Request, schema: Schema) -> Any:  # noqa: ARG002 -- webargs' signature
        """Return the body as JSON; webargs' `missing` when there is none."""
        return read_json(req)

    def handle_error(self, error: ValidationError, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Raise the 422 with a pointer to each fault."""
        raise invalid(error)


def invalid(error: ValidationError) -> Problem:
    """Return the 422 of a schema's refusal, whose messages are keyed by location."""
    faults = [
        Fault(pointer, detail)
        for location, messages in error.normalized_messages().items()
        for pointer, detail in _faults("" if location == "json" else f"/{location}", messages)
    ]
    detail = faults[0].detail if len(faults) == 1 else f"{len(faults)} 处有误 / {len(faults)} faults"
    return Problem(422, "invalid", detail, errors=tuple(faults[:MAX_FAULTS]))


def _faults(pointer: str, messages: Any) -> Iterator[tuple[str, str]]:
    if isinstance(messages, dict):
        for name, below in messages.items():
            part = "" if name == "_schema" else "/" + str(name).replace("~", "~0").replace("/", "~1")
            yield from _faults(pointer + part, below)
    elif isinstance(messages, list):
        yield from ((pointer, str(message)) for message in messages)
    else:
        yield pointer, str(messages)


__all__ = [
    "JSON_LIMIT",
    "Parser",
    "dispatch",
    "expected_version",
    "require_version",
    "service",
    "tagged",
    "work",
]
