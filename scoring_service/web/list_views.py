"""One's own views of the lists: kept by a name, opened from their list, deleted here."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import flash, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from scoring_service.services.desks import list_views as use_cases
from scoring_service.web import appeals, duties, remediation, resumptions
from scoring_service.web.frame.forms import Form, returned
from scoring_service.web.frame.pages import EVERYBODY, get, post, see, work
from scoring_service.web.frame.questions import SORT, ListFace, names_in_address
from scoring_service.web.notices import LETTERS
from scoring_service.web.office.cases import CASES
from scoring_service.web.office.people import PEOPLE
from scoring_service.web.office.registry import INSTITUTIONS

FACES = {
    face.name: (face, title)
    for face, title in (
        (CASES, lazy_gettext("案件")),
        (PEOPLE, lazy_gettext("相关人员")),
        (INSTITUTIONS, lazy_gettext("机构")),
        (LETTERS, lazy_gettext("文书")),
        (duties.LIST, lazy_gettext("义务")),
        (appeals.LIST, lazy_gettext("申诉")),
        (resumptions.LIST, lazy_gettext("恢复")),
        (remediation.LIST, lazy_gettext("修复")),
    )
}


@get("/views", EVERYBODY)
def list_views() -> str:
    """Show one's views by list, and the one that could not be kept."""
    form = returned()
    lists = [(face, title, use_cases.views_of(work(), face.name)) for face, title in FACES.values()]
    return render_template(
        "list_views.html", lists=[each for each in lists if each[2]], form=form, errors=form.errors
    )


@post("/views", EVERYBODY, page="list_views")
def keep_view() -> Any:
    """Keep the question of a list by a name."""
    form = Form()
    listed = form.choice("list", tuple(FACES))
    name = form.line("view_name", longest=use_cases.LONGEST_VIEW_NAME)
    form.refuse()
    face, _title = FACES[str(listed)]
    query = _question(face, form.raw("query"))
    use_cases.keep_view(work(), face.name, name=str(name), query=query)
    flash(_("视图“%(name)s”已保存。", name=name))
    return see(f"{url_for(face.endpoint)}?{query}")


def _question(face: ListFace, query: str) -> str:
    """Return what of a query the list can be asked for: nothing else is kept, so no name either."""
    known = {name for name, _field, _parameter in names_in_address(face)} | face.own | {SORT}
    pairs = parse_qsl(query[: use_cases.LONGEST_QUERY])
    return urlencode(sorted((name, value) for name, value in pairs if name in known))


@post("/views/<view_id>/delete", EVERYBODY, page="list_views")
def forget_view(view_id: str) -> Any:
    """Delete one of one's views."""
    use_cases.forget_view(work(), view_id)
    flash(_("视图已删除。"))
    return see(url_for("web.list_views"))
