"""Accounts at the administrator's desk: asked for, approved by another, changed, reset, closed; the auditor reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import current_app, flash, render_template, request, url_for
from flask_babel import gettext as _

from scoring_service.services.accounts import closing, deciding
from scoring_service.services.accounts.account import DISUSES, listing
from scoring_service.services.accounts.acts import deeds_of
from scoring_service.services.accounts.administrators import NEEDED, count_administrators
from scoring_service.services.accounts.life import read_life
from scoring_service.services.accounts.opening import NewAccount, request_account
from scoring_service.services.registry.names import find_institutions, institution_names, practitioner_names
from scoring_service.services.registry.practitioners import search_practitioners
from scoring_service.services.unit_of_work.actor import ROLES
from scoring_service.services.unit_of_work.listing import read_page
from scoring_service.web.frame.forms import Form, new_once, returned
from scoring_service.web.frame.pages import ADMIN, AUDITOR, get, post, see, work
from scoring_service.web.frame.spreadsheet import download_asked, list_download
from scoring_service.web.wording.words import ACCOUNT_STATE
from scoring_service.written import LONGEST_NAME, as_code, is_id

if TYPE_CHECKING:
    from scoring_service.services.accounts.account import Account

PAGE_LENGTH, LONGEST_USERNAME, LONGEST_REASON, MOST_SHOWN = 25, 64, 500, 5
WAITING = "waiting"


@get("/accounts", ADMIN | AUDITOR)
def accounts() -> Any:
    """List the accounts that fit `?role=&state=&region=&institution=`, those that wait, or those no longer in use."""
    form = Form(request.args)
    tab = form.choice("tab", (WAITING, *DISUSES), required=False)
    filters: dict[str, Any] = {
        "role": form.choice("role", ROLES, required=False),
        "state": form.choice("state", tuple(ACCOUNT_STATE), required=False),
        "region": form.ref("region", required=False, longest=6),
        "institution": form.ref("institution", required=False, longest=12),
        "staff_no": form.line("staff_no", required=False, longest=32),
    }
    only = {"waiting": True} if tab == WAITING else {"disuse": tab}
    after = request.args.get("after", "")[:LONGEST_USERNAME]
    listed = listing(work(), **filters, **only)
    if kind := download_asked():
        return list_download(kind, "users", listed)
    page = read_page(work(), listed, after=(after,) if after else None, limit=PAGE_LENGTH)
    return render_template(
        "office/accounts.html",
        items=page.items,
        further=page.further and page.further[0],
        tab=tab,
        asked={name: form.raw(name) for name in filters},
        errors=form.errors_so_far(),
        bound=_bound(page.items),
        is_short=count_administrators(work()) < NEEDED,
    )


@get("/account-requests/new", ADMIN)
def new_account() -> str:
    """Show the form that asks for an account."""
    form = returned()
    return render_template(
        "office/account_new.html",
        section="web.accounts",
        errors=form.errors,
        form=form,
        chosen=form.fields.getlist("roles"),
        once=form.raw("once") or new_once(),
    )


@post("/account-requests/new", ADMIN, page="new_account")
def ask_for_account() -> Any:
    """Ask for an account; another administrator approves it."""
    form = Form()
    username, real_name = form.line("username", longest=LONGEST_USERNAME), form.line("real_name", longest=LONGEST_NAME)
    staff_no, region = form.line("staff_no", longest=32), form.ref("region", required=False, longest=6)
    roles = _roles(form)
    institution = _institution(form) if "institution" in roles else None
    practitioner = _practitioner(form) if "practitioner" in roles else None
    form.refuse()
    new = NewAccount(
        username=str(username),
        real_name=real_name,
        staff_no=str(staff_no),
        roles=roles,
        region=region,
        institution=institution,
        practitioner=practitioner,
    )
    account = request_account(work(), new)
    flash(_("申请已提交。请另一名管理员在“账号 · 待批准”中批准。"))
    return see(url_for("web.account_life", name=account.username))


def _roles(form: Form) -> list[str]:
    roles = [role for role in form.fields.getlist("roles") if role in ROLES]
    if not roles:
        form.fault("roles", "请至少选一个角色 / choose at least one role")
    return roles


def _institution(form: Form) -> str | None:
    """Return the code of the institution whose code or name was typed; of several the fault names a few."""
    typed = form.line("institution", longest=200)
    if typed is None:
        return None
    fitting = find_institutions(work(), typed, limit=MOST_SHOWN)
    exact = [each for each in fitting if each.code == as_code(typed) or each.name == typed]
    if len(exact or fitting) == 1:
        return (exact or fitting)[0].code
    _not_one(form, "institution", [f"{each.name} {each.code}" for each in fitting])
    return None


def _practitioner(form: Form) -> str | None:
    """Return the id of the person whose code or name was typed; of several the fault names a few."""
    typed = form.line("practitioner", longest=LONGEST_NAME)
    if typed is None:
        return None
    fitting, _more = search_practitioners(work(), code=typed, limit=MOST_SHOWN, after=None)
    if not fitting:
        fitting, _more = search_practitioners(work(), name=typed, limit=MOST_SHOWN, after=None)
    if len(fitting) == 1:
        return fitting[0].id
    _not_one(form, "practitioner", [f"{each.name} {each.code or each.id_number}" for each in fitting])
    return None


def _not_one(form: Form, name: str, fitting: list[str]) -> None:
    if fitting:
        listed = "、".join(fitting)
        form.fault(name, f"不止一个符合，请填写代码：{listed} / several fit, give the code: {listed}")
    else:
        form.fault(name, "没有找到，请核对名称或代码 / none fits: check the name or the code")


@get("/accounts/<name>", ADMIN | AUDITOR)
def account_life(name: str) -> str:
    """Show an account: its life, what waits for another administrator, what its holder may do by all accounts."""
    form = returned()
    shown = read_life(work(), name)
    account = shown.account
    others = read_page(work(), listing(work(), staff_no=account.staff_no), limit=PAGE_LENGTH).items
    roles = {role for each in others if each.state == "active" for role in each.roles}
    return render_template(
        "office/account.html",
        section="web.accounts",
        account=account,
        life=shown.life,
        waiting=shown.waiting,
        others=[each for each in others if each.id != account.id],
        may=deeds_of(current_app.extensions["role_acts"], roles),
        bound=_bound([account]),
        is_own=account.id == work().actor.account_id,
        is_maker=shown.waiting is not None and shown.waiting.by_account == work().actor.account_id,
        errors=form.errors,
        form=form,
        chosen=form.fields.getlist("roles") or account.roles,
        once=form.raw("once") or new_once(),
    )


@post("/accounts/<name>/approve", ADMIN, page="account_life")
def approve_account(name: str) -> Any:
    """Approve the request or the change that waits; a one-time password is shown this once."""
    given = deciding.approve(work(), name)
    flash(_("已批准。"))
    return _with_password(given)


@post("/accounts/<name>/reset", ADMIN, page="account_life")
def reset_account(name: str) -> Any:
    """Give a one-time password, shown this once."""
    return _with_password(closing.reset_password(work(), name))


def _with_password(given: deciding.GivenAccount) -> Any:
    if given.password is not None:
        flash(
            _(
                "%(username)s 的一次性密码：%(password)s。只显示这一次，请当面转告本人；首次登录时改成自己的。",
                username=given.account.username,
                password=given.password,
            )
        )
    return see(url_for("web.account_life", name=given.account.username))


@post("/accounts/<name>/refuse", ADMIN, page="account_life")
def refuse_account(name: str) -> Any:
    """Refuse the request or the change that waits."""
    form = Form()
    reason = form.text("reason", longest=LONGEST_REASON)
    form.refuse()
    account = deciding.refuse(work(), name, reason=str(reason))
    flash(_("已退回。"))
    return see(url_for("web.account_life", name=account.username))


@post("/accounts/<name>/change", ADMIN, page="account_life")
def change_account(name: str) -> Any:
    """Propose other roles, another region or name; another administrator decides."""
    form = Form()
    changes: dict[str, Any] = {
        "roles": _roles(form),
        "region": form.ref("region", required=False, longest=6),
    }
    if real_name := form.line("real_name", required=False, longest=LONGEST_NAME):
        changes["real_name"] = real_name
    reason = form.text("why", required=False, longest=LONGEST_REASON)
    form.refuse()
    account = deciding.propose_change(work(), name, changes, reason=reason)
    flash(_("变更已提出。请另一名管理员在“账号 · 待批准”中批准。"))
    return see(url_for("web.account_life", name=account.username))


@post("/accounts/<name>/close", ADMIN, page="account_life")
def close_account(name: str) -> Any:
    """Close an account and take back its tokens."""
    form = Form()
    reason = form.text("reason", longest=LONGEST_REASON)
    form.refuse()
    account = closing.close(work(), name, reason=str(reason))
    flash(_("账号已注销，登录已全部收回。"))
    return see(url_for("web.account_life", name=account.username))


@get("/roles", ADMIN | AUDITOR)
def who_may_what() -> str:
    """Show which role may do what, as the table of access has it."""
    return render_template("office/roles.html", section="web.accounts", rows=current_app.extensions["role_acts"])


def _bound(items: list[Account]) -> dict[str, str]:
    """Return the names of the institutions and people that accounts are bound to."""
    places = institution_names(work(), {each.institution_code for each in items if each.institution_code})
    people = {each.practitioner_id for each in items if each.practitioner_id and is_id(each.practitioner_id)}
    return places | practitioner_names(work(), people, "account")
