"""Real names on pages: a template marks a username (`|real_name`), and one statement a page finds what all are called.

The mark is a NUL, which no text of the database and no form can hold.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flask_babel import gettext as _
from markupsafe import escape

from scoring_service.services.accounts.names import real_names
from scoring_service.services.unit_of_work.actor import SYSTEM

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.wrappers import Response

    from scoring_service.services.unit_of_work.transaction import Work

_MARKED = re.compile("\0([^\0]*)\0")


def prepare(app: Flask) -> None:
    """Give templates the filter."""
    app.add_template_filter(mark, "real_name")


def mark(username: str | None) -> str:
    """Return a username that the page will show with what its holder is called; empty for None."""
    return f"\0{username}\0" if username else ""


def name_people(work: Work, response: Response) -> Response:
    """Put names in the place of the marks of a page: the username alone where the reader is told no name."""
    if response.mimetype != "text/html" or response.is_streamed:
        return response
    page = response.get_data(as_text=True)
    if "\0" not in page:
        return response
    names = real_names(work, _MARKED.findall(page))
    response.set_data(_MARKED.sub(lambda marked: _shown(marked[1], names.get(marked[1])), page))
    return response


def _shown(username: str, name: str | None) -> str:
    if name is None:
        return str(_("系统")) if username == SYSTEM.username else username
    return str(_("%(name)s（%(username)s）", name=escape(name), username=username))
