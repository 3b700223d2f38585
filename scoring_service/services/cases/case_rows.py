"""The rows that a case and its findings are kept in."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import TYPE_CHECKING

from scoring_service.db.cases import KnownFinding

if TYPE_CHECKING:
    from scoring_service.core.adjustments import Adjustment
    from scoring_service.core.rulebook import Rulebook
    from scoring_service.db.cases import Handling, HandlingMeasure
    from scoring_service.db.tables.schema import Columns
    from scoring_service.services.cases.case_checks import Place
    from scoring_service.services.cases.findings import JudgedFinding

_KEPT = tuple(field.name for field in fields(KnownFinding) if field.name != "adjustment")


def case_columns(place: Place, handling: Handling, rulebook: Rulebook) -> Columns:
    """Return the columns that hold a case's place, decision and rulebook."""
    return {
        "institution_code": place.institution,
        "region": place.region,
        "handling_kind": handling.kind,
        "authority": handling.authority,
        "document_no": handling.document_no,
        "decided_on": handling.decided_on,
        "received_on": handling.reached_on,
        **_measure_columns(handling.measure),
        "rulebook_id": rulebook.id,
        "rulebook_sha256": rulebook.sha256,
    }


def _measure_columns(measure: HandlingMeasure | None) -> Columns:
    return {
        "measure_kind": measure and measure.kind,
        "measure_from": measure and measure.start,
        "measure_until": measure and measure.until,
        "measure_department": measure and measure.department,
    }


def finding_columns(case_id: str, position: int, judged: JudgedFinding) -> Columns:
    """Return the columns of a judged finding, the `position`th of its case."""
    plain: Columns = {name: getattr(judged.finding, name) for name in _KEPT}
    adjusted = _adjusted(judged.finding.adjustment)
    return plain | adjusted | judgement_columns(judged) | {"case_id": case_id, "position": position}


def _adjusted(adjustment: Adjustment | None) -> Columns:
    kind, ground = (adjustment.kind, adjustment.ground) if adjustment else (None, None)
    return {"adjustment_kind": kind, "adjustment_ground": ground}


def judgement_columns(judged: JudgedFinding) -> Columns:
    """Return the columns that tell how a finding was judged."""
    return {
        "band": judged.band,
        "suggested_points": judged.suggested_points,
        "flags": list(judged.flags),
        "similar": judged.similar and asdict(judged.similar),
    }
