"""Drafts of rulebooks, as decided on and as answered (contract.md, Office desk)."""

from __future__ import annotations

from marshmallow import Schema, fields

from scoring_service.api.schemas.base import Day, Instant, Page, Strict
from scoring_service.api.schemas.list_queries import list_query
from scoring_service.api.schemas.rulebooks import DifferenceAnswer
from scoring_service.core.procedure import DraftState
from scoring_service.services.rulebooks.drafts import DRAFT


class DraftQuery(list_query(DRAFT.fields)):  # type: ignore[misc]
    """The drafts asked for."""


class AdoptionBody(Strict):
    """The first day that the approver has in mind; another one is refused."""

    begins_on = Day(load_default=None)


class DroppedItemAnswer(Schema):
    """An item that is no longer one, and how many entries were made under it."""

    item = fields.String()
    title = fields.String()
    title_en = fields.String()
    on = Day()
    entries = fields.Integer()


class ListedDraft(Schema):
    """A draft in a list; an approved one is law: known from `decided_at`, in force from `begins_on`."""

    id = fields.String()
    rulebook = fields.String()
    n = fields.Integer()
    version = fields.Integer()
    state = fields.String(metadata={"enum": [state.value for state in DraftState]})
    begins_on = Day()
    filename = fields.String()
    sha256 = fields.String()
    recorded_by = fields.String(attribute="hands.recorded_by")
    recorded_at = Instant()
    decided_by = fields.String(attribute="hands.decided_by", allow_none=True)
    decided_at = Instant(allow_none=True)
    rejected_because = fields.String(allow_none=True)


class DraftAnswer(ListedDraft):
    """A draft with what it changes; `fault` says why it could not be adopted, and then it has no differences."""

    differences = fields.List(fields.Nested(DifferenceAnswer))
    dropped_items = fields.List(fields.Nested(DroppedItemAnswer))
    fault = fields.String(allow_none=True)


class DraftPage(Page):
    """Drafts, the newest first."""

    items = fields.List(fields.Nested(ListedDraft))
