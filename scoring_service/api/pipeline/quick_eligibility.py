"""The plain settlement question about the present, answered in front of Flask (docs/adr/0007).

It speaks WSGI, because to most of these questions the answer costs less than what a framework does around it. What it
does not read at sight, and every refusal, it leaves to the pipeline, which judges with the same functions.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING
from urllib.parse import unquote

import msgspec
from marshmallow import ValidationError

from scoring_service.api.pipeline.access import PREFIX
from scoring_service.api.pipeline.answer_headers import HTTPS_ONLY, SAFE, UNCACHED
from scoring_service.api.schemas.eligibility import civil_date
from scoring_service.runtime.hosts import host_names, name_of
from scoring_service.services.eligibility.answer import Check
from scoring_service.services.eligibility.quick import QuickAnswers
from scoring_service.telemetry.requests import leave_behind, new_request_id
from scoring_service.written import LONGEST_REF, as_ref

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from scoring_service.services.eligibility.answer import Answer
    from scoring_service.services.unit_of_work.transaction import Service

ROUTE = f"{PREFIX}/eligibility/<anything:ref>"
_BEFORE_REF = f"{PREFIX}/eligibility/"
_REF = re.compile(rf"[A-Za-z0-9-]{{1,{LONGEST_REF}}}")
_INSTITUTION = re.compile(r"[HP][0-9]{11}")
_PLAIN = frozenset({"service_time", "institution", "emergency"})
_FLAGS = frozenset({"true", "false"})
_HEADERS = [("Content-Type", "application/json"), *SAFE.items(), *UNCACHED.items()]
_encode = msgspec.json.Encoder().encode


class QuickEligibility:
    """A WSGI application that answers the plain questions and hands everything else to `inner`."""

    def __init__(self, inner: WSGIApplication, service: Service) -> None:
        self._inner = inner
        self._hosts = host_names(service.settings.hosts, service.settings.host)
        self._headers = _HEADERS + list(HTTPS_ONLY.items() if service.settings.production else ())
        self._answers = QuickAnswers(service)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "GET" and environ["PATH_INFO"].startswith(_BEFORE_REF):
            began = time.perf_counter()
            answer = self._answer(environ)
            if answer is not None:
                return _respond(_encode(answer), self._headers, began, start_response)
        return self._inner(environ, start_response)

    def _answer(self, environ: WSGIEnvironment) -> Answer | None:
        ref = environ["PATH_INFO"][len(_BEFORE_REF) :]
        scheme, _, token = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        question = _plain_question(environ.get("QUERY_STRING", ""))
        if name_of(environ.get("HTTP_HOST", "")) not in self._hosts:
            return None
        if question is None or scheme.lower() != "bearer" or not _REF.fullmatch(ref):
            return None
        service_time, institution, emergency = question
        try:
            day = civil_date(service_time) if service_time is not None else None
        except ValidationError:
            return None

        person = as_ref(ref)

        def check_at(now: datetime) -> Check:
            at, on = service_time or now.isoformat(), day or now.date()
            return Check(ref, at, on, institution, emergency, person, institution)

        return self._answers.answer(token.strip(), person=person, place=institution, check_at=check_at)


def _plain_question(query: str) -> tuple[str | None, str | None, bool] | None:
    """Return service time, institution and emergency; None for a query with anything else in it, or twice."""
    question: dict[str, str] = {}
    for pair in query.split("&") if query else ():
        name, _, value = pair.partition("=")
        if name not in _PLAIN or name in question or "+" in value:
            return None
        question[name] = unquote(value) if "%" in value else value
    institution, emergency = question.get("institution"), question.get("emergency", "false")
    if emergency not in _FLAGS or (institution is not None and not _INSTITUTION.fullmatch(institution)):
        return None
    return question.get("service_time"), institution, emergency == "true"


def _respond(
    body: bytes, headers: list[tuple[str, str]], began: float, start_response: StartResponse
) -> Iterable[bytes]:
    request_id = new_request_id()
    leave_behind("GET", ROUTE, 200, time.perf_counter() - began, request_id)
    own = [("Content-Length", str(len(body))), ("X-Request-Id", request_id)]
    start_response("200 OK", headers + own)
    return [body]
