"""The measure of a case in the editor's form: what was done to the institution, and from when until when (P34)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoring_service.core.procedure import MeasureKind
from scoring_service.services.cases.case import HandlingMeasure
from scoring_service.web.wording.spans import typed_last_day
from scoring_service.written import LONGEST_LINE

if TYPE_CHECKING:
    from scoring_service.web.frame.forms import Form

_AT = "handling/measure"
MEASURE_FIELDS = tuple(f"{_AT}/{name}" for name in ("kind", "from", "until", "department"))


def takes_measure(form: Form) -> bool:
    """Tell whether a kind of measure is chosen: then a finding may go without points."""
    return bool(form.raw(MEASURE_FIELDS[0]).strip())


def measure_of(form: Form) -> HandlingMeasure | None:
    """Return the measure that was entered, None for none; what is missing or wrong in it is noted."""
    kind = form.choice(f"{_AT}/kind", tuple(MeasureKind), required=False)
    if kind is None:
        return None
    start = form.day(f"{_AT}/from")
    until = form.last_day(f"{_AT}/until", start)
    department = form.line(f"{_AT}/department", required=False, longest=LONGEST_LINE)
    if start is None:
        return None
    return HandlingMeasure(kind=MeasureKind(kind), start=start, until=until, department=department)


def measure_fields(measure: HandlingMeasure | None) -> dict[str, str]:
    """Return the form's fields for a stored measure."""
    if measure is None:
        return {}
    values = {
        "kind": measure.kind.value,
        "from": measure.start.isoformat(),
        "until": typed_last_day(measure.start, measure.until),
        "department": measure.department,
    }
    return {f"{_AT}/{name}": value for name, value in values.items() if value is not None}
