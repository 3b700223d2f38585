"""The blueprint of every resource: flask-smorest's, with our parser; and whatever lists is exported, too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flask_smorest

from scoring_service.api.pipeline.access import PREFIX
from scoring_service.api.pipeline.exports import exported
from scoring_service.api.pipeline.request import Parser
from scoring_service.api.tables.lists import table_of


class Blueprint(flask_smorest.Blueprint):
    """A resource under `/api/v1`; `description` is its tag in the spec."""

    ARGUMENTS_PARSER = Parser()

    def __init__(self, name: str, import_name: str, *, description: str = "", url_prefix: str = PREFIX) -> None:
        super().__init__(name, import_name, description=description, url_prefix=url_prefix)

    def response(self, status_code: Any, schema: Any = None, **more: Any) -> Callable[[Any], Any]:
        """Decorate a view as flask-smorest does; what answers with `items` answers as CSV and XLSX too."""
        decorated = super().response(status_code, schema, **more)
        table = table_of(schema)
        return decorated if table is None else lambda view: decorated(exported(view, table))
