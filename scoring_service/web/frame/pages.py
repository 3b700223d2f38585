"""The request of a page: who may see it, one transaction, the form's token, and one answer to a double click.

`get` and `post` are the only ways to add a page; each names the roles it is for, and without one it is not reached.
A post leads to an address, whatever comes of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, cast
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, g, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from scoring_service.problems import Forbidden, Problem
from scoring_service.services.desks import form_posts, kept_forms
from scoring_service.services.desks.waiting import WAITED_FOR
from scoring_service.services.unit_of_work.actor import OFFICE_ROLES, ROLES
from scoring_service.services.unit_of_work.transaction import Service, Work
from scoring_service.web.frame import session
from scoring_service.web.frame.real_names import name_people

blueprint = Blueprint("web", "scoring_service.web", template_folder="templates")

OFFICE = OFFICE_ROLES
CLERK = frozenset({"office.clerk"})
REVIEWER = frozenset({"office.reviewer"})
ADMIN = frozenset({"office.admin"})
AUDITOR = frozenset({"office.auditor"})
CLINIC = frozenset({"institution"})
PRACTITIONER = frozenset({"practitioner"})
REGULATOR = frozenset({"regulator"})
EVERYBODY = ROLES
REMINDED = frozenset(WAITED_FOR)

# The roles of each page, by endpoint; None for what is open to a stranger.
ACCESS: dict[str, frozenset[str] | None] = {}

BODY_LIMIT = 1024 * 1024
UPLOAD_LIMIT = 25 * 1024 * 1024
LONGEST_ONCE = 64
SEE_OTHER, UNPROCESSABLE = 303, 422
# What the page itself tells: a conflict, a changed version, a wrong file, a wrong field. The rest is an error page.
_TOLD_ON_THE_PAGE = frozenset({409, 412, 413, 415, UNPROCESSABLE})

View = Callable[..., Any]


class SignInNeeded(Problem):
    """401: nobody is signed in; what was posted waits until somebody is."""

    def __init__(self) -> None:
        super().__init__(401, "unauthenticated", "请先登录 / sign in first")


def get(rule: str, roles: frozenset[str]) -> Callable[[View], View]:
    """Add a page for `roles`."""
    return partial(_add, rule, ["GET"], roles, BODY_LIMIT)


def post(
    rule: str, roles: frozenset[str], *, page: str, body_limit: int = BODY_LIMIT
) -> Callable[[View], View]:
    """Add an act for `roles`; `body_limit` in bytes.

    It answers with an address. When it is refused that is the `page` (a view's name) with its form, so that going
    back never sends a form again.
    """
    return partial(_add, rule, ["POST"], roles, body_limit, page=f"web.{page}")


def question(rule: str, roles: frozenset[str]) -> Callable[[View], View]:
    """Add what a script of a page asks for `roles`: posted, so that no address holds what was typed, in JSON."""
    return partial(_add, rule, ["POST"], roles, BODY_LIMIT)


def public(rule: str, methods: tuple[str, ...] = ("GET",)) -> Callable[[View], View]:
    """Add a page for anybody; it has no transaction."""
    return partial(_add, rule, list(methods), None, BODY_LIMIT)


def _add(
    rule: str,
    methods: list[str],
    roles: frozenset[str] | None,
    body_limit: int,
    view: View,
    *,
    page: str | None = None,
) -> View:
    endpoint = view.__name__
    ACCESS[f"web.{endpoint}"] = roles
    answer = _for_anybody if roles is None else partial(_for_roles, roles, page)
    blueprint.add_url_rule(rule, endpoint, partial(_answer, answer, view, body_limit), methods=methods)
    return view


def work() -> Work:
    """Return the open transaction of this request."""
    return cast("Work", g.work)


def service() -> Service:
    """Return what every use case stands on."""
    return cast("Service", current_app.extensions["scoring_service"])


def _answer(answer: Callable[..., AnyResponse], view: View, body_limit: int, **arguments: Any) -> AnyResponse:
    request.max_content_length = body_limit
    if request.content_encoding not in {None, "", "identity"}:
        raise Problem(415, "unsupported_content_coding", "不支持的内容编码 / the content coding is not supported")
    _refuse_unstorable()
    return answer(view, **arguments)


def _for_anybody(view: View, **arguments: Any) -> AnyResponse:
    if request.method == "POST":
        session.csrf.protect()
    return make_response(view(**arguments))


def _for_roles(roles: frozenset[str], page: str | None, view: View, **arguments: Any) -> AnyResponse:
    with service().work(request_id=g.request_id) as opened:
        opened.reads = request.method in {"GET", "HEAD"}
        actor = session.actor_of(opened)
        g.actor = actor
        if request.method == "POST":
            session.csrf.protect()
        if actor is None:
            raise SignInNeeded
        if not actor.has(*roles):
            raise Forbidden
        opened.actor = replace(actor, roles=actor.roles & roles)
        g.work = opened
        g.made_at = opened.now
        g.clock_now = opened.now if opened.service.clock.simulated else None
        bound = partial(view, **arguments)
        return name_people(opened, make_response(bound())) if page is None else _acted(opened, page, bound)


def _acted(opened: Work, page: str, view: View) -> AnyResponse:
    """Answer a post by an address: where the act led, else back to the page with what was sent and what is wrong."""
    try:
        with opened.attempt():
            response = _once(opened, view)
    except Problem as problem:
        if problem.status not in _TOLD_ON_THE_PAGE:
            raise
        return see(address_of(refused_form(problem, sent_fields()), page))
    if response.status_code < SEE_OTHER:
        raise RuntimeError("a post answers with an address")
    return response


def refused_form(problem: Problem, fields: list[tuple[str, str]]) -> kept_forms.KeptForm:
    """Return a form that was refused, with what its page tells: beside the fields, else above all."""
    if problem.status == UNPROCESSABLE or problem.errors:
        return kept_forms.KeptForm(fields=fields, errors=errors_of(problem))
    return kept_forms.KeptForm(fields=fields, refusal=(problem.status, problem.detail))


def errors_of(problem: Problem) -> dict[str, str]:
    """Return the faults of a problem by field; what belongs to no field stands under the empty name."""
    errors: dict[str, str] = {}
    for fault in problem.errors:
        errors.setdefault(fault.pointer.strip("/"), fault.detail)
    return errors or {"": problem.detail}


def sent_fields() -> list[tuple[str, str]]:
    """Return the posted fields in their order."""
    return list(request.form.items(multi=True))


def address_of(form: kept_forms.KeptForm, endpoint: str, **more: Any) -> str:
    """Keep a form; return the address at which the page `endpoint` shows it, of what this request is about."""
    rule = next(current_app.url_map.iter_rules(endpoint))
    about = {name: value for name, value in (request.view_args or {}).items() if name in rule.arguments}
    kept_id = kept_forms.keep(work(), url_for(endpoint, **about), form)
    g.form_comes_back = True
    return url_for(endpoint, **about, form=kept_id, **more)


def came_from() -> str | None:
    """Return the page of this site that a form was sent from, None for what is no form."""
    if request.method != "POST":
        return None
    sent_from = urlsplit(request.headers.get("Referer", ""))
    if sent_from.netloc != request.host:
        return url_for("web.home")
    return sent_from.path + (f"?{sent_from.query}" if sent_from.query else "")


def ask(endpoint: str) -> Response:
    """Return the answer to a question that was posted: the page `endpoint`, at an address that holds none of it."""
    return see(address_of(kept_forms.KeptForm(fields=sent_fields()), f"web.{endpoint}"))


def _once(opened: Work, view: View) -> AnyResponse:
    """Answer a post with a `once` key by what its first arrival led to."""
    key = request.form.get("once", "")[:LONGEST_ONCE]
    if not key:
        return make_response(view())
    led_to = form_posts.claim(opened, request.path, key)
    if led_to is not None:
        return redirect(led_to, 303)
    response = make_response(view())
    led_to = None if g.get("form_comes_back") else response.headers.get("Location")
    form_posts.keep(opened, request.path, key, led_to)
    return response


def _refuse_unstorable() -> None:
    """Raise a 400 for a NUL in an address or a form: no text of the database can hold one."""
    values = [str(value) for value in (request.view_args or {}).values()]
    values += [value for _name, value in request.args.items(multi=True)]
    values += [value for _name, value in request.form.items(multi=True)]
    if any("\0" in value or any("\ud800" <= char <= "\udfff" for char in value) for value in values):
        raise Problem(400, "malformed", "内容含有无法保存的字符 / the text holds characters that cannot be stored")


def see(location: str) -> Response:
    """Return the answer to a post that was done: go and look there."""
    return cast("Response", redirect(location, 303))
