"""The way in: home by role, sign-in, the demo's logins, the language, and the glossary."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from scoring_service.problems import NotFound, Problem
from scoring_service.services.accounts import sessions
from scoring_service.services.desks import demo, kept_forms
from scoring_service.services.proposals.remediation_reading import rulebook_at_home
from scoring_service.web.frame import session
from scoring_service.web.frame.forms import returned
from scoring_service.web.frame.layout import demo_present
from scoring_service.web.frame.pages import EVERYBODY, came_from, errors_of, get, public, see, service, work
from scoring_service.web.wording.catalogue import rulebook_title
from scoring_service.web.wording.glossary import explanations
from scoring_service.web.wording.languages import COOKIE as LANGUAGE_COOKIE
from scoring_service.web.wording.languages import LANGUAGES

_A_YEAR = 366 * 24 * 3600
_HOMES = (
    (("office.clerk", "office.reviewer", "office.appeals", "office.admin", "office.auditor"), "web.today"),
    (("institution",), "web.clinic"),
    (("practitioner",), "web.my_file"),
    (("expert",), "web.appeals"),
    (("regulator",), "web.statistics"),
)
_CARRIED = "carried:"
_TARGET = "carried_to"


@public("/")
def home() -> AnyResponse:
    """Lead to the desk of who is signed in, else to the way in."""
    actor = session.visitor(service())
    if actor is None:
        return redirect(url_for("web.demo_logins" if demo_present() else "web.sign_in"))
    for roles, endpoint in _HOMES:
        if actor.has(*roles):
            return redirect(url_for(endpoint))
    return redirect(url_for("web.desk"))


@get("/desk", EVERYBODY)
def desk() -> str:
    """Show what a role without a desk of its own may do here."""
    return render_template("desk.html")


@public("/sign-in", ("GET", "POST"))
def sign_in() -> Any:
    """Sign in; a form that was posted without a session comes back to be sent again."""
    target = own_address(request.values.get("target", ""))
    if request.method == "GET":
        return sign_in_page(target, {}, 200)
    if request.form.get("do") == "carry_on":
        return _carry_on(target)
    username = request.form.get("username", "").strip()
    try:
        opened = sessions.open_session(
            service(),
            username=username,
            password=request.form.get("password", ""),
            address=request.remote_addr or "",
        )
    except Problem as problem:
        if problem.status not in {401, 429}:
            raise
        return sign_in_page(target, errors_of(problem), problem.status)
    if opened.password_on_loan and "carried_post" not in request.form:
        target = url_for("web.account")
    return session.put(_after_sign_in(target, opened.value), opened)


def _carry_on(target: str) -> Any:
    """Bring back the form that waits, for who has signed in meanwhile in another window."""
    value = request.cookies.get(session.COOKIE, "")
    actor = session.visitor(service())
    if actor is None:
        detail = "还没有登录：请先登录，再继续 / nobody is signed in yet; sign in first, then carry on"
        return sign_in_page(target, {"": detail}, 401)
    return _after_sign_in(target, value)


def _after_sign_in(target: str, value: str) -> AnyResponse:
    """Lead to the target, or to the form that waited, which from now on is kept for who signed in."""
    if "carried_post" not in request.form:
        return see(target)
    actor = sessions.session_holder(service(), value)
    if actor is None:
        return see(target)
    with service().work(actor) as work:
        form = kept_forms.KeptForm(fields=[(_TARGET, target), *_carried()])
        kept_id = kept_forms.keep(work, url_for("web.carry_on"), form)
    return see(url_for("web.carry_on", form=kept_id))


@get("/carry-on", EVERYBODY)
def carry_on() -> str:
    """Show the form that waited behind the sign-in, to be sent on."""
    form = returned()
    carried = [pair for pair in form.fields.items(multi=True) if pair[0] != _TARGET]
    return render_template("carry_on.html", target=own_address(form.raw(_TARGET)), carried=carried)


def sign_in_page(target: str, errors: dict[str, str], status: int) -> tuple[str, int]:
    """Return the sign-in page with what went wrong, and the form that waits behind it."""
    page = render_template(
        "sign_in.html",
        target=target,
        carried=_carried(),
        carried_post="carried_post" in request.form,
        lost_files=False,
        errors=errors,
        username=request.form.get("username", ""),
        came_from=came_from(),
    )
    return page, status


def _carried() -> list[tuple[str, str]]:
    """Return the fields of the form that waits behind the sign-in."""
    return [
        (name.removeprefix(_CARRIED), value)
        for name, value in request.form.items(multi=True)
        if name.startswith(_CARRIED)
    ]


def own_address(target: str) -> str:
    """Return an address of this site; home for anything else, so that nobody is led away."""
    is_own = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if is_own and not target.startswith("/api") else "/"


@public("/demo")
def demo_logins() -> str:
    """Show the demo's accounts with one click each. Raises NotFound where there is no demo."""
    if not demo_present():
        raise NotFound
    return render_template("demo.html", accounts=demo.demo_accounts(service()))


@public("/demo/enter", ("POST",))
def enter_demo() -> AnyResponse:
    """Sign in as a demo account by its published password."""
    if not demo_present():
        raise NotFound
    username = request.form.get("username", "")
    password = demo.PASSWORD_PREFIX + username
    address = request.remote_addr or ""
    opened = sessions.open_session(service(), username=username, password=password, address=address)
    return session.put(see(url_for("web.home")), opened)


@public("/language/<language>")
def set_language(language: str) -> AnyResponse:
    """Write the pages in the other language, and go back to where the reader was."""
    if language not in LANGUAGES:
        raise NotFound
    response = redirect(own_address(request.args.get("target", "")), 303)
    response.set_cookie(
        LANGUAGE_COOKIE,
        language,
        max_age=_A_YEAR,
        samesite="Lax",
        httponly=True,
        secure=session.is_secure_place(),
    )
    return response


@get("/glossary", EVERYBODY)
def glossary() -> str:
    """Explain the scheme's words, by the rulebook that holds where the reader is at home."""
    rulebook = rulebook_at_home(work())
    return render_template(
        "glossary.html",
        glossary=explanations(rulebook),
        rulebook=rulebook,
        title=rulebook_title(rulebook.id),
    )
