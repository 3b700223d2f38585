"""The query of a list, made from its fields: `sort`, `total` and a filter for each; a new field is known at once."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from scoring_service.api.schemas.base import Code, Day, Line, OneOf, PageQuery, QueryFlag
from scoring_service.services.unit_of_work.fields import Bound, Field, FieldKind, Fields, parameters, sorts
from scoring_service.written import LONGEST_REF

WRONG_WAY_ROUND = "须晚于起始日 / must be after the first day"


class ListQuery(PageQuery):
    """`sort` by a field (behind a `-` falling), `total=true` counts; days are half open, `[from, until)`."""

    total = QueryFlag(load_default=False)

    @validates_schema(skip_on_field_errors=False)
    def check_days(self, filters: dict[str, Any], **_more: Any) -> None:
        """Refuse days the wrong way round."""
        wrong = [name for name in self.until_fields if self._is_wrong(filters, name)]
        if wrong:
            raise ValidationError({f"{name}{Bound.UNTIL}": [WRONG_WAY_ROUND] for name in wrong})

    until_fields: tuple[str, ...] = ()

    def _is_wrong(self, filters: dict[str, Any], name: str) -> bool:
        first, end = (self.get_attribute(filters, f"{name}{bound}", None) for bound in Bound)
        return first is not None and end is not None and first >= end


def list_query(listed: Fields) -> type[ListQuery]:
    """Return the query of a list with these fields."""
    made_of: dict[str, fields.Field[Any]] = {
        parameter: _parameter(listed[name]) for parameter, name, _bound in parameters(listed)
    }
    known = sorts(listed)
    if known:
        made_of["sort"] = OneOf(*known)
    dated = tuple(name for _parameter_name, name, bound in parameters(listed) if bound is Bound.UNTIL)
    made = ListQuery.from_dict(made_of, name="ListQuery")
    made.until_fields = dated  # type: ignore[attr-defined]
    return made  # type: ignore[return-value]


def _parameter(field: Field) -> fields.Field[Any]:
    if field.kind is FieldKind.CHOICE:
        return OneOf(*field.choices)
    if field.kind in {FieldKind.CODE, FieldKind.DIVISION}:
        return Code(longest=LONGEST_REF)
    if field.kind is FieldKind.ITEM:
        return Line(longest=LONGEST_REF)
    return QueryFlag() if field.kind is FieldKind.FLAG else Day()
