"""The blueprint of every resource: flask-smorest's, with our parser."""

from __future__ import annotations

import flask_smorest

from scoring_service.api.pipeline.access import PREFIX
from scoring_service.api.pipeline.request import Parser


class Blueprint(flask_smorest.Blueprint):
    """A resource under `/api/v1`; `description` is its tag in the spec."""

    ARGUMENTS_PARSER = Parser()

    def __init__(self, name: str, import_name: str, *, description: str = "", url_prefix: str = PREFIX) -> None:
        super().__init__(name, import_name, description=description, url_prefix=url_prefix)
