"""One's own account: sign out here or everywhere, the password, and how one is reminded outside the console."""

from __future__ import annotations

from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from scoring_service.core.reminding import Channel, Rhythm
from scoring_service.services.accounts import sessions
from scoring_service.services.accounts.passwords import (
    WrongPresentPassword,
    close_everywhere,
    count_wrong_password,
)
from scoring_service.services.accounts.signing_in import me
from scoring_service.services.registry.names import institution_names, practitioner_names
from scoring_service.services.reminders import choosing
from scoring_service.web.entrance import sign_in_page
from scoring_service.web.frame import session
from scoring_service.web.frame.forms import Form, returned
from scoring_service.web.frame.pages import (
    EVERYBODY,
    REMINDED,
    address_of,
    errors_of,
    get,
    post,
    refused_form,
    see,
    work,
)


@post("/sign-out", EVERYBODY, page="account")
def sign_out() -> AnyResponse:
    """Close this session."""
    sessions.close_session(work(), request.cookies[session.COOKIE])
    return session.drop(see(url_for("web.home")))


@post("/sign-out-everywhere", EVERYBODY, page="account")
def sign_out_everywhere() -> AnyResponse:
    """Close every session and take back every token of the account."""
    close_everywhere(work())
    return session.drop(see(url_for("web.home")))


@get("/account", EVERYBODY)
def account() -> str:
    """Show the account, its roles, how its holder is reminded, and the form for the password."""
    actor, form = work().actor, returned()
    code, person = actor.institution_code, actor.practitioner_id
    return render_template(
        "account.html",
        form=form,
        errors=form.errors,
        reminder=choosing.read_choice(work()),
        channels=choosing.channels_offered(work().service.settings),
        may_be_reminded=choosing.may_choose(work()),
        code_minutes=int(choosing.CODE_LASTS.total_seconds()) // 60,
        real_name=me(work()).real_name,
        institution=code and institution_names(work(), [code]).get(code),
        person=person and practitioner_names(work(), [person], "account").get(person),
    )


@post("/account/password", EVERYBODY, page="account")
def change_password() -> Any:
    """Change the password; every other session ends.

    A wrong present password counts, so what it leaves behind is kept; the fifth ends the session.
    """
    value = request.cookies[session.COOKIE]
    typed = {name: request.form.get(name, "") for name in ("current", "wanted", "again")}
    try:
        opened = sessions.change_password(work(), value, **typed)
    except WrongPresentPassword as wrong:
        problem = count_wrong_password(work(), sessions.digest(value), wrong)
        if problem is wrong:
            return see(address_of(refused_form(problem, []), "web.account"))
        return session.drop(make_response(*sign_in_page("/", errors_of(problem), problem.status)))
    flash(_("密码已修改，其他地方的登录均已退出。"))
    return session.put(redirect(url_for("web.account"), 303), opened)


@post("/account/reminders", REMINDED, page="account")
def choose_reminders() -> Any:
    """Choose how to be reminded; a code goes to a new address."""
    form = Form()
    channel, rhythm = form.choice("channel", tuple(Channel)), form.choice("rhythm", tuple(Rhythm))
    address = form.line("address", longest=choosing.LONGEST_ADDRESS)
    form.refuse()
    choice = choosing.choose(work(), channel=channel or "", address=address or "", rhythm=rhythm or "")
    flash(_("已保存。") if choice.confirmed else _("验证码已发出，请在下面填写。"))
    return see(url_for("web.account", _anchor="reminders"))


@post("/account/reminders/confirm", REMINDED, page="account")
def confirm_reminders() -> Any:
    """Prove the address by the code that went there."""
    form = Form()
    code = form.line("code", longest=choosing.CODE_DIGITS * 2)
    form.refuse()
    choosing.confirm(work(), code or "")
    flash(_("已确认，有待办时会提醒您。"))
    return see(url_for("web.account", _anchor="reminders"))


@post("/account/reminders/end", REMINDED, page="account")
def end_reminders() -> Any:
    """Be reminded no more; the address is forgotten."""
    choosing.end(work())
    flash(_("不再提醒，地址已删除。"))
    return see(url_for("web.account", _anchor="reminders"))
