"""How even-handed a year was: each office's points beside those of all, and how many lie outside their middle 90 %."""

from __future__ import annotations

from typing import Any

from flask import render_template, request

from scoring_service.services.years.spread import OfficeKind, OfficeSpread, spread_by_office
from scoring_service.web.frame.pages import OFFICE, REGULATOR, get, work
from scoring_service.web.frame.spreadsheet import download_asked, list_download
from scoring_service.web.office.numbers import year_asked, years_told
from scoring_service.web.wording.catalogue import items_of_all
from scoring_service.web.wording.words import DEGREE


@get("/statistics/spread", OFFICE | REGULATOR)
def spread() -> Any:
    """Show the spread of a year by division or authority; `?office=` tells one of them by item and degree."""
    year, years = year_asked(), years_told()
    by = OfficeKind(request.args["by"]) if request.args.get("by") in set(OfficeKind) else OfficeKind.DIVISION
    figures = spread_by_office(work(), year=year, by=by) if year in years else None
    if figures and (form := download_asked()):
        return list_download(form, "spread", figures.rows, year)
    office = request.args.get("office", "")
    rows = sorted((row for row in figures.rows if row.office == office), key=_by_gravity()) if figures else []
    return render_template(
        "office/spread.html",
        section="web.statistics",
        spread=figures,
        totals=sorted(figures.totals, key=_by_share) if figures else (),
        office=office,
        rows=rows,
        items=items_of_all(work().today),
        kinds=tuple(OfficeKind),
        by=by,
        year=year,
        years=years,
    )


def _by_share(total: Any) -> Any:
    return -total.outside / total.compared if total.compared else 1, total.office


def _by_gravity() -> Any:
    """Return the key by which rows stand as the catalogue lists items, the gravest last, and degrees rising."""
    items, degrees = list(items_of_all(work().today)), list(DEGREE)

    def key(row: OfficeSpread) -> tuple[int, str, int]:
        place = items.index(row.item) if row.item in items else len(items)
        return place, row.item, degrees.index(row.degree)

    return key
