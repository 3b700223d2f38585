"""What the lists of the registry can be narrowed and sorted by: people, and institutions."""

from __future__ import annotations

from typing import Final

from scoring_service.core.standing import Status
from scoring_service.db import practitioner_lists
from scoring_service.db.tables import institutions, practitioners, standing_totals
from scoring_service.services.unit_of_work.fields import Field, FieldKind, Fields
from scoring_service.terms import CATEGORIES, INSTITUTION_KINDS

PEOPLE_FIELDS: Final[Fields] = {
    "code": Field(column=practitioners.c.code),
    "name": Field(column=practitioners.c.name, secret=True),
    "category": Field(kind=FieldKind.CHOICE, column=practitioners.c.category, choices=tuple(CATEGORIES)),
    "status": Field(
        kind=FieldKind.CHOICE,
        choices=tuple(Status),
        matches=lambda work, status: practitioner_lists.has_status(status, work.today),
    ),
    "points": Field(column=standing_totals.c.points, gapped=True),
    "institution": Field(
        kind=FieldKind.CODE, matches=lambda work, code: practitioner_lists.at_institution(code, work.today)
    ),
    "region": Field(
        kind=FieldKind.DIVISION, matches=lambda work, start: practitioner_lists.working_in(start, work.today)
    ),
}
INSTITUTION_FIELDS: Final[Fields] = {
    "code": Field(column=institutions.c.code),
    "name": Field(column=institutions.c.name),
    "kind": Field(kind=FieldKind.CHOICE, column=institutions.c.kind, choices=tuple(INSTITUTION_KINDS)),
    "region": Field(kind=FieldKind.DIVISION, column=institutions.c.region),
    "recorded_at": Field(kind=FieldKind.INSTANT, column=institutions.c.recorded_at),
}
