"""The console: server-rendered pages of the three desks, on `services` directly and never over HTTP.

A view parses the form, calls one use case and renders; it never commits. Begin with `frame/pages.py`, the request of a
page, and `notices.py`, a page that all desks share; a folder a desk (`office`, `clinic`, `practitioner`), words in
`wording`, a person's file in `person`, templates and static files beside them. Not here: rules, SQL, the API.
"""

from __future__ import annotations

import importlib
from typing import IO, TYPE_CHECKING, Any

from scoring_service.services.accounts.acts import role_acts
from scoring_service.web import single_sign_on, terms_in_place
from scoring_service.web.frame import appearance, assets, pages, real_names, session, spreadsheet
from scoring_service.web.frame import layout as page_layout
from scoring_service.web.wording import (
    change_words,
    languages,
    percents,
    sanction_words,
    spans,
    standing_words,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from flask import Flask

    from scoring_service.services.accounts.acts import Row
    from scoring_service.services.desks.practitioner_file import PractitionerFile

_DESKS = (
    "scoring_service.web.entrance",
    "scoring_service.web.finding",
    "scoring_service.web.single_sign_on",
    "scoring_service.web.account",
    "scoring_service.web.display",
    "scoring_service.web.appeals",
    "scoring_service.web.appeal_evidence",
    "scoring_service.web.notices",
    "scoring_service.web.bundles",
    "scoring_service.web.many_receipts",
    "scoring_service.web.duties",
    "scoring_service.web.remediation",
    "scoring_service.web.resumptions",
    "scoring_service.web.office",
    "scoring_service.web.clinic",
    "scoring_service.web.practitioner",
    "scoring_service.web.list_views",
)


def register(
    app: Flask,
    *,
    file_as_json: Callable[[PractitionerFile], Any],
    list_file: Callable[..., IO[bytes]],
    year_report: Callable[..., IO[bytes]],
    period_reports: Mapping[str, Callable[..., IO[bytes]]],
    person_pdf: Callable[..., bytes],
    access: Iterable[Row],
) -> None:
    """Add the console to an application whose service is in `app.extensions["scoring_service"]`.

    `file_as_json` and `person_pdf` are how the API answers a file, `list_file` a list as a table, `year_report` the
    report of a year, `period_reports` those of a period by their form: what people take along is the same. `access` is
    its table of who may call what, which a page shows in words.
    """
    app.extensions["file_as_json"] = file_as_json
    app.extensions["person_pdf"] = person_pdf
    app.extensions["list_file"] = list_file
    app.extensions["year_report"] = year_report
    app.extensions["period_reports"] = period_reports
    app.extensions["role_acts"] = role_acts(access)
    for desk in _DESKS:
        importlib.import_module(desk)
    session.prepare(app)
    languages.prepare(app)
    spans.prepare(app)
    sanction_words.prepare(app)
    standing_words.prepare(app)
    change_words.prepare(app)
    percents.prepare(app)
    real_names.prepare(app)
    assets.prepare(app)
    appearance.prepare(app)
    terms_in_place.prepare(app)
    page_layout.prepare(app)
    spreadsheet.prepare(app)
    single_sign_on.prepare(app, app.extensions["scoring_service"].settings)
    app.register_blueprint(pages.blueprint)
