"""A rulebook tried on a year, as asked and as answered (contract.md, Office desk)."""

from __future__ import annotations

from marshmallow import Schema, fields

from scoring_service.api.schemas.base import Day, Instant, Strict, Whole
from scoring_service.api.schemas.remediation import SanctionChange
from scoring_service.api.schemas.standing import PersonAnswer, RulebookAnswer
from scoring_service.api.schemas.statistics import FIRST_YEAR, LAST_YEAR


class SimulationBody(Strict):
    """The scoring year."""

    year = Whole(low=FIRST_YEAR, high=LAST_YEAR, required=True)


class CountsAnswer(Schema):
    """Scores, persons by what points brought them, and the days of it; `measures` are persons of whom a measure did."""

    person_times = fields.Integer()
    warned = fields.Integer()
    suspended = fields.Integer()
    suspended_days = fields.Integer()
    terminated = fields.Integer()
    terminated_days = fields.Integer()
    measures = fields.Integer()


class ComparedAnswer(Schema):
    """Counts as recorded and under the tried rulebook."""

    before = fields.Nested(CountsAnswer)
    after = fields.Nested(CountsAnswer)


class GroupAnswer(ComparedAnswer):
    """Those of a band (`outside`: of none) or of a category."""

    key = fields.String()


class InstitutionCountsAnswer(ComparedAnswer):
    """Those of the cases of an institution; without a code, of all outside the account's region."""

    code = fields.String(attribute="key")
    name = fields.String(allow_none=True)


class AppliedAnswer(Schema):
    """A rulebook that entries of the year were recorded under, and whether the tried one stood for it."""

    rulebook = fields.String()
    entries = fields.Integer()
    replaced = fields.Boolean(attribute="is_replaced")


class WarningAnswer(Schema):
    """A warning: the day of its score, the points of its tier."""

    on = Day()
    points = fields.Integer()


class ChangedPersonAnswer(PersonAnswer):
    """Somebody whose warnings or sanctions would have been others; `changes` are the sanctions."""

    warnings_before = fields.List(fields.Nested(WarningAnswer))
    warnings_after = fields.List(fields.Nested(WarningAnswer))
    changes = fields.List(fields.Nested(SanctionChange))


class SimulationAnswer(Schema):
    """What a rulebook would have brought to the entries of a year.

    `everywhere`: none was recorded under it, so it stood for every rulebook. `people` is null where files may not be
    read; `changed` counts all of them.
    """

    year = fields.Integer()
    rulebook = fields.Nested(RulebookAnswer)
    known_at = Instant()
    applied = fields.List(fields.Nested(AppliedAnswer))
    everywhere = fields.Boolean()
    entries = fields.Integer()
    persons = fields.Integer()
    changed = fields.Integer()
    outside = fields.Integer()
    before = fields.Nested(CountsAnswer, attribute="whole.before")
    after = fields.Nested(CountsAnswer, attribute="whole.after")
    by_band = fields.List(fields.Nested(GroupAnswer))
    by_institution = fields.List(fields.Nested(InstitutionCountsAnswer))
    by_category = fields.List(fields.Nested(GroupAnswer))
    people = fields.List(fields.Nested(ChangedPersonAnswer), allow_none=True)
