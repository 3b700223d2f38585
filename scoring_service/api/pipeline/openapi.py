"""The spec at `/api/openapi.json` (OpenAPI 3.1): flask-smorest's, completed from the table of access."""

from __future__ import annotations

import http
from functools import cached_property
from importlib.metadata import version
from threading import Lock
from typing import TYPE_CHECKING, Any

import flask_smorest
from flask_smorest.utils import prepare_response

from scoring_service.api.pipeline.access import PREFIX, ROWS, Access, template
from scoring_service.api.pipeline.errors import MEDIA_TYPE
from scoring_service.api.pipeline.negotiation import LINES
from scoring_service.api.schemas.problem import ProblemDocument
from scoring_service.workbooks.writing import MEDIA_TYPES, Form

if TYPE_CHECKING:
    from flask import Flask
    from flask_smorest import Blueprint

TITLE = "医保支付资格记分管理 / points files of medical-insurance practitioners"
SUMMARY = """错误一律为 application/problem+json；列表用 limit 与 cursor 翻页，以 CSV、XLSX 索取则给出整个列表。

Every refusal is `application/problem+json`; lists are paged by `limit` and `cursor`, and given whole as a file where
`Accept` prefers CSV or XLSX; dates are `YYYY-MM-DD`, instants RFC 3339 with offset. `x-roles` names the roles that a
call admits, and how far each of them sees."""


class Api(flask_smorest.Api):
    """flask-smorest, whose error schema is the problem document and whose error handler is ours (api.errors)."""

    ERROR_SCHEMA = ProblemDocument

    def __init__(self, app: Flask) -> None:
        app.config |= {
            "API_TITLE": TITLE,
            "API_VERSION": version("scoring-service"),
            "OPENAPI_VERSION": "3.1.0",
            "OPENAPI_URL_PREFIX": "/api",
            "API_SPEC_OPTIONS": {"info": {"description": SUMMARY}, "security": [{"bearer": []}]},
        }
        self._resources: list[Blueprint] = []
        self._writing = Lock()
        super().__init__(app)
        self.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})

    def register_blueprint(self, blueprint: Blueprint) -> None:
        """Register a resource. Its part of the spec is written when somebody reads it: no start waits for that."""
        self._app.extensions["flask-smorest"]["blp_name_to_api"][blueprint.name] = self
        self._app.register_blueprint(blueprint)
        self._resources.append(blueprint)

    def _openapi_json(self) -> dict[str, Any]:
        with self._writing:
            return self._document

    @cached_property
    def _document(self) -> dict[str, Any]:
        for resource in self._resources:
            resource.register_views_in_doc(self, self._app, self.spec, name=resource.name, parameters=None)
            self.spec.tag({"name": resource.name, "description": resource.description})
        return _completed(self.spec.to_dict())

    def _register_error_handlers(self) -> None:
        """Leave the errors of the application to `api.pipeline.errors`."""

    def _register_responses(self) -> None:
        """Register the answers by status as smorest does, with the media type of a problem."""
        for status in http.HTTPStatus:
            response: dict[str, Any] = {"description": status.phrase}
            if status >= http.HTTPStatus.BAD_REQUEST:
                response["schema"] = self.ERROR_SCHEMA
            prepare_response(response, self.spec, MEDIA_TYPE)
            self.spec.components.response(status.name, response, lazy=True)
        default = {"description": "Problem", "schema": self.ERROR_SCHEMA}
        prepare_response(default, self.spec, MEDIA_TYPE)
        self.spec.components.response("DEFAULT_ERROR", default, lazy=True)


_PROBLEM = {
    "description": "a problem, see `code`",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}},
}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "description": "same key and body: the first final answer again, for 24 hours",
}


def _completed(document: dict[str, Any]) -> dict[str, Any]:
    rows = {(row.method.lower(), template(PREFIX + row.path)): row for row in ROWS}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if (method, template(path)) in rows:
                _complete(operation, rows[method, template(path)])
                _add_files(operation, document["components"]["schemas"])
    return document


def _add_files(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Tell that an operation that answers with `items`, or the statistics, answers as a file too (`exports.py`).

    A batch answers line by line too.
    """
    content = operation.get("responses", {}).get("200", {}).get("content", {})
    named = content.get("application/json", {}).get("schema", {}).get("$ref", "").rpartition("/")[2]
    if "items" in schemas.get(named, {}).get("properties", {}) or named == "StatisticsAnswer":
        content |= {media_type: {"schema": {"type": "string"}} for media_type in MEDIA_TYPES.values()}
    if named == "BatchAnswer":
        content[LINES] = {"schema": {"type": "string"}}
    if named == "ReportAnswer":
        content[MEDIA_TYPES[Form.XLSX]] = {"schema": {"type": "string"}}
    if named in {"FileAnswer", "ReportAnswer"}:
        content["application/pdf"] = {"schema": {"type": "string", "contentMediaType": "application/pdf"}}


def _complete(operation: dict[str, Any], row: Access) -> None:
    operation.setdefault("responses", {})["default"] = _PROBLEM
    if row.public:
        operation["security"] = []
    else:
        operation["x-roles"] = {role: str(relation) for role, relation in sorted(row.admitted.items())}
    if row.but:
        operation["x-but"] = row.but
    if row.keyed:
        operation.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)
