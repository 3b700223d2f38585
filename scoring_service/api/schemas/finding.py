"""The search, as asked and as answered (contract.md, Search)."""

from __future__ import annotations

from marshmallow import Schema, fields

from scoring_service.api.schemas.base import LIMIT_DEFAULT, LIMIT_MAX, QueryWhole, Strict, Verbatim, Whole

# Longer than anything that is found, so that the use case says what is too long.
LONGEST_TYPED = 20_000


class SearchQuery(Strict):
    """What is looked for, and of how much of it is told."""

    q = Verbatim(required=True, longest=LONGEST_TYPED)
    limit = QueryWhole(low=1, high=LIMIT_MAX, load_default=LIMIT_DEFAULT)


class SearchBody(Strict):
    """What is looked for, where it shall stand in no address."""

    q = Verbatim(required=True, longest=LONGEST_TYPED)
    limit = Whole(low=1, high=LIMIT_MAX, load_default=LIMIT_DEFAULT)


class FoundItem(Schema):
    """A person, an institution or a case that was found."""

    kind = fields.String()
    id = fields.String()
    code = fields.String(allow_none=True)
    title = fields.String()
    workplace = fields.String(allow_none=True)
    state = fields.String(allow_none=True)
    formerly = fields.String(allow_none=True)


class FoundAnswer(Schema):
    """What was found, the best first."""

    items = fields.List(fields.Nested(FoundItem))
    total = fields.Integer()
    totals = fields.Dict(keys=fields.String(), values=fields.Integer())
    more = fields.Boolean()
