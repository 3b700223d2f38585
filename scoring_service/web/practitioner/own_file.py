"""My own file: points and what they mean, the outlook, who looked, and the file as a page for print or as JSON."""

from __future__ import annotations

from collections import Counter
from typing import Any

from flask import Response, render_template

from scoring_service.services.appeals.reading import is_open
from scoring_service.services.proposals.consent import OPEN
from scoring_service.services.proposals.outlook import outlook_of
from scoring_service.services.record.audit import access_log, daily_looks
from scoring_service.web.frame.listing import number_asked
from scoring_service.web.frame.pages import PRACTITIONER, get, work
from scoring_service.web.frame.spreadsheet import download_asked, list_download
from scoring_service.web.person.person_file import file_page
from scoring_service.web.person.taken_along import json_download, pdf_download
from scoring_service.web.wording.outlook_words import uses


def _me() -> str:
    return work().actor.practitioner_id or ""


@get("/me", PRACTITIONER)
def my_file() -> str:
    """Show my points, what they mean, and what waits for me."""
    page = file_page(_me())
    file = page["file"]
    return render_template(
        "practitioner/points.html",
        unread=[notice for notice in file.notices if notice.received_on is None],
        running=[appeal for appeal in file.appeals if is_open(appeal.state)],
        filed=[each for each in file.remediation if each.state in OPEN],
        **page,
    )


@get("/me/outlook", PRACTITIONER)
def my_outlook() -> str:
    """Show the distance to each threshold, what activities would give, and what a next score would do."""
    outlook = outlook_of(work(), _me())
    return render_template(
        "practitioner/outlook.html", outlook=outlook, standing=outlook.standing, uses=uses(outlook), me=_me()
    )


@get("/me/access-log", PRACTITIONER)
def my_access_log() -> Any:
    """List who looked at me in what role, day by day, how often and at what, the newest first."""
    if form := download_asked():
        return list_download(form, "access-log", access_log(work(), _me()))
    lines, further = daily_looks(work(), _me(), number_asked())
    days = [(line, Counter(look.object_kind for look in line.looks).most_common()) for line in lines]
    return render_template("practitioner/access_log.html", days=days, further=further)


@get("/me/file", PRACTITIONER)
def my_whole_file() -> str:
    """Show the whole file on one page, for print."""
    return render_template("practitioner/file.html", section="web.my_file", **file_page(_me()))


@get("/me/file.json", PRACTITIONER)
def my_file_as_json() -> Response:
    """Send the whole file as JSON."""
    return json_download(_me(), "my-file")


@get("/me/file.pdf", PRACTITIONER)
def my_file_as_pdf() -> Response:
    """Send the whole file as PDF."""
    return pdf_download(_me(), "my-file")
