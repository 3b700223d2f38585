"""What every page has: navigation by role, banners, the headers of a page, and the page of an error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Flask, Response, current_app, g, make_response, render_template, request, url_for
from flask_babel import lazy_gettext as _
from flask_wtf.csrf import CSRFError

from scoring_service.core.attention import NEAR_POINTS
from scoring_service.core.spread import LEAST_COMPARED
from scoring_service.failures import DATABASE_FAILURE, is_fault_of_ours, problem_of, report
from scoring_service.problems import Problem
from scoring_service.services.desks import demo
from scoring_service.web.frame import pages, session
from scoring_service.web.wording.catalogue import (
    activity_title,
    ground_title,
    item_of,
    item_title,
    rulebook_title,
    title_of,
)
from scoring_service.web.wording.languages import CHINESE, LANGUAGES, TAGS, language
from scoring_service.web.wording.words import all_words, document_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scoring_service.services.unit_of_work.actor import Actor

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# Of a form that waits behind the sign-in: its token is made anew, and no password travels twice.
_NEVER_CARRIED = frozenset({"csrf_token", "password", "current", "wanted", "again"})
_DEMO = "scoring_service_demo"

# In the order of the menu: endpoint, words.
_MENU = (
    ("web.today", _("今日")),
    ("web.find_people", _("查人")),
    ("web.cases", _("案件")),
    ("web.decisions", _("待决定")),
    ("web.institutions", _("机构")),
    ("web.registry_desk", _("登记")),
    ("web.imports", _("导入")),
    ("web.clinic", _("本机构")),
    ("web.clinic_people", _("我们的人员")),
    ("web.check_one", _("可否结算")),
    ("web.talks", _("谈话")),
    ("web.my_file", _("我的记分")),
    ("web.my_outlook", _("怎样减分")),
    ("web.letters", _("文书")),
    ("web.appeals", _("申诉")),
    ("web.resumptions", _("恢复")),
    ("web.applications", _("修复")),
    ("web.my_access_log", _("谁看过我")),
    ("web.statistics", _("统计")),
    ("web.rulebooks", _("规则")),
    ("web.accounts", _("账号")),
    ("web.jobs", _("任务")),
    ("web.audit_trail", _("审计")),
    ("web.clock", _("时钟")),
)
# By its place in a role's menu an entry has an access key; 0 is the page that lists them.
KEYS_OF_MENU = "123456789"
_TITLES = {
    400: _("请求有误"),
    401: _("请先登录"),
    403: _("没有权限"),
    404: _("没有找到"),
    405: _("不能这样打开"),
    409: _("情况已经改变"),
    412: _("内容已被他人修改"),
    413: _("内容过大"),
    415: _("文件类型不支持"),
    422: _("内容有误"),
    429: _("尝试过于频繁"),
    503: _("服务暂时不可用"),
}
_ADVICE = {
    400: _("请返回上一页，刷新后重试。"),
    403: _("如果您认为应当可以，请联系管理员核对您的角色与管辖区域。"),
    404: _("地址可能有误，内容也可能不在您的管辖范围。请从首页或查询重新进入。"),
    405: _("请从页面上的按钮或链接进入。"),
    409: _("可能有人先一步办理，或者您按了两次按钮。请按最新状态核对，不要重复提交。"),
    412: _("您打开页面之后有人改动了它。请按最新状态核对后再操作。"),
    413: _("请缩小文件后重新上传；附件不超过 20 MB。"),
    415: _("请上传 PDF、PNG 或 JPEG 文件。"),
    422: _("请返回上一页，按提示修改后重新提交。"),
    429: _("请稍等几分钟再试。"),
    503: _("请稍后刷新本页；已提交的内容以刷新后看到的为准。"),
}
_STALE_FORM = Problem(400, "form_expired", "页面已过期，请刷新后重新提交 / the form has expired; open the page again")


def prepare(app: Flask) -> None:
    """Give every page its layout, its headers and its error page."""
    app.context_processor(_layout)
    app.jinja_env.globals["words"] = all_words()
    app.jinja_env.globals["near_points"] = NEAR_POINTS
    app.jinja_env.globals["least_compared"] = LEAST_COMPARED
    app.add_template_filter(document_name)
    app.add_template_global(rulebook_title)
    app.add_template_global(item_of)
    app.add_template_global(ground_title)
    app.add_template_global(item_title)
    app.add_template_global(title_of)
    app.add_template_global(activity_title)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def answer_failure(error: Exception) -> Response:
    """Return the page of any failure; what is our fault goes to the log."""
    if isinstance(error, pages.SignInNeeded) or (isinstance(error, CSRFError) and _cookies_are_gone()):
        return _ask_to_sign_in()
    problem = _STALE_FORM if isinstance(error, CSRFError) else problem_of(error)
    if is_fault_of_ours(problem):
        report(error, g.get("request_id"))
    elif "actor" not in g:
        g.actor = _signed_in()
    page = render_template(
        "error.html",
        problem=problem,
        title=_TITLES.get(problem.status, _("服务内部错误")),
        advice=_ADVICE.get(problem.status, _("请记下请求编号，告知管理员。")),
        latest=_latest() if problem.status in {409, 412} else None,
        came_from=pages.came_from(),
    )
    return _secure(_with_headers(make_response(page, problem.status), problem))


def _cookies_are_gone() -> bool:
    """Tell whether a form of our own came without any session: the browser was closed, and forgot token and sign-in."""
    return request.headers.get("Sec-Fetch-Site") == "same-origin" and _signed_in() is None


def _signed_in() -> Actor | None:
    """Return who is at a browser that no page has asked; nobody when the database fails, so that the page stands."""
    if session.COOKIE not in request.cookies:
        return None
    try:
        return session.visitor(pages.service())
    except DATABASE_FAILURE:
        return None


def _with_headers(response: Response, problem: Problem) -> Response:
    if "retry_after" in problem.extra:
        response.headers["Retry-After"] = str(problem.extra["retry_after"])
    if "allow" in problem.extra:
        response.headers["Allow"] = ", ".join(problem.extra["allow"])
    return response


def _ask_to_sign_in() -> Response:
    """Return the sign-in page; what was typed into a form goes with it and comes back after signing in."""
    carried: list[tuple[str, str]] = []
    if request.method == "POST":
        carried = [pair for pair in request.form.items(multi=True) if pair[0] not in _NEVER_CARRIED]
    target = request.full_path if request.method == "GET" and request.query_string else request.path
    page = render_template(
        "sign_in.html",
        target=target,
        carried=carried,
        carried_post=request.method == "POST",
        lost_files=bool(request.files),
        errors={},
        username="",
        came_from=pages.came_from(),
    )
    return _secure(make_response(page, 401))


def _latest() -> str | None:
    """Return where the thing that the act was about can be seen."""
    given = request.view_args or {}
    if "case_id" in given:
        return url_for("web.case", case_id=given["case_id"])
    if "appeal_id" in given:
        return url_for("web.appeal", appeal_id=given["appeal_id"])
    if "resumption_id" in given:
        return url_for("web.resumption", resumption_id=given["resumption_id"])
    if "matter_id" in given:
        return url_for("web.decision", kind=given["kind"], matter_id=given["matter_id"])
    if request.path.startswith("/accounts/"):
        return url_for("web.account_life", name=given["name"])
    return url_for("web.notice", notice_id=given["notice_id"]) if "notice_id" in given else None


def _secure(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def demo_present() -> bool:
    """Tell whether this database holds the demo; asked once, since that is settled before the first request."""
    known = current_app.extensions.get(_DEMO)
    if known is None:
        try:
            known = demo.demo_seeded(pages.service())
        except DATABASE_FAILURE:
            return False
        current_app.extensions[_DEMO] = known
    return bool(known)


def _layout() -> dict[str, Any]:
    """Return what the base template needs; empty for what is not a page (a letter has a layout of its own)."""
    actor: Actor | None = g.get("actor")
    return {
        "actor": actor,
        "menu": list(_menu(actor)) if actor else [],
        "keys_of_menu": KEYS_OF_MENU,
        "has_finder": "web.find" in current_app.view_functions,
        "language": language(),
        "language_tag": TAGS[language()],
        "other_language": next(pair for pair in LANGUAGES.items() if pair[0] != language()),
        "is_chinese": language() == CHINESE,
        "here": request.full_path.rstrip("?") if request.method == "GET" else request.path,
        "demo": demo_present(),
        "clock_now": g.get("clock_now"),
        "made_at": g.get("made_at"),
        "request_id": g.get("request_id"),
        "refusal": _refusal(),
        "form_is_gone": g.get("form_is_gone", False),
    }


def _refusal() -> dict[str, Any] | None:
    """Return what the page tells above all else: why the form that it came back from was refused."""
    if g.get("refusal") is None:
        return None
    status, detail = g.refusal
    return {"title": _TITLES.get(status), "detail": detail, "advice": _ADVICE.get(status)}


def _menu(actor: Actor) -> Iterator[tuple[str, Any]]:
    for endpoint, words in _MENU:
        roles = pages.ACCESS.get(endpoint)
        if roles and actor.has(*roles):
            yield endpoint, words


def is_page(path: str) -> bool:
    """Tell whether a failure at this address is told by a page: everything but the machine's own addresses."""
    return not path.startswith(("/api/", "/metrics", "/healthz", "/readyz"))


# Once for the blueprint, which several applications of one process may register.
pages.blueprint.register_error_handler(Exception, answer_failure)
pages.blueprint.after_request(_secure)

__all__ = ["CONTENT_SECURITY_POLICY", "answer_failure", "demo_present", "is_page", "prepare"]
