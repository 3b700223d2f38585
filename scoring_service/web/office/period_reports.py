"""The reports of a period: which one, of when, by whose knowledge and for whom, as a workbook or for print."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import current_app, render_template, request
from flask_babel import lazy_gettext

from scoring_service.core.civil import CIVIL_ZONE
from scoring_service.core.months import MONTHS_PER_YEAR
from scoring_service.core.period import Period
from scoring_service.core.small_numbers import FEWEST
from scoring_service.downloads import as_file
from scoring_service.problems import Fault, Faulty
from scoring_service.services.years.period_report import Audience, ReportKind, report_of
from scoring_service.web.frame.pages import OFFICE, REGULATOR, errors_of, get, work
from scoring_service.web.office.periods import SECTION, periods_of
from scoring_service.web.wording.languages import language
from scoring_service.written import as_code

KINDS = {
    ReportKind.PERIODIC: lazy_gettext("定期报告（报主管医保部门）"),
    ReportKind.YEARLY: lazy_gettext("年度报备（报国家医保局）"),
}
AUDIENCES = {
    Audience.FULL: lazy_gettext("完整（供主管部门）"),
    Audience.PUBLIC: lazy_gettext("公开（隐去小数字）"),
}
MEDIA_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
LONGEST_REGION = 6


@get("/statistics/reports", OFFICE | REGULATOR)
def statistics_reports() -> Any:
    """Ask which report; `?download=` gives it."""
    form = request.args.get("download", "")
    errors: dict[str, str] = {}
    if form in MEDIA_TYPES:
        try:
            return _report(form)
        except Faulty as problem:
            errors = errors_of(problem)
    today = work().today
    chosen = Period.of_year(today.year)
    page = render_template(
        "office/statistics_reports.html",
        section=SECTION,
        kinds=KINDS,
        audiences=AUDIENCES,
        periods=periods_of(chosen, today) | periods_of(chosen.earlier(MONTHS_PER_YEAR), today),
        typed=request.args,
        now=work().now.astimezone(CIVIL_ZONE).strftime("%Y-%m-%dT%H:%M:%S"),
        errors=errors,
        fewest=FEWEST,
    )
    return page, 422 if errors else 200


def _report(form: str) -> Any:
    question = _question()
    report = report_of(work(), **question)
    file = current_app.extensions["period_reports"][form](work(), report, language())
    return as_file(file, f"{report.kind}-{report.period}.{form}", MEDIA_TYPES[form])


def _question() -> dict[str, Any]:
    """Return what the form asks for. Raises Faulty."""
    faults: list[Fault] = []
    period, known_at = None, None
    try:
        period = Period.read(request.args.get("period", ""))
    except ValueError:
        faults.append(Fault("/period", "请选择期间 / choose a period"))
    try:
        known_at = _instant(request.args.get("known_at", ""))
    except ValueError:
        faults.append(Fault("/known_at", "请填写日期和时间 / a date and a time, please"))
    region = as_code(request.args.get("region", ""))
    if region and not (region.isdigit() and len(region) <= LONGEST_REGION):
        detail = "请填写行政区划代码的开头，例如 1504 / the beginning of a division's code, like 1504"
        faults.append(Fault("/region", detail))
    if faults:
        raise Faulty(faults)
    kind, audience = request.args.get("kind", ""), request.args.get("audience", "")
    return {
        "kind": ReportKind(kind) if kind in set(ReportKind) else ReportKind.PERIODIC,
        "period": period,
        "region": region or None,
        "known_at": known_at,
        "audience": Audience(audience) if audience in set(Audience) else Audience.PUBLIC,
    }


def _instant(typed: str) -> datetime | None:
    """Return the instant that was typed, of Shanghai where it has no offset; None for now. Raises ValueError."""
    if not typed:
        return None
    instant = datetime.fromisoformat(typed)
    return instant if instant.tzinfo else instant.replace(tzinfo=CIVIL_ZONE)
