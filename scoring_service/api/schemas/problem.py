"""The one shape of every refusal (RFC 9457)."""

from marshmallow import Schema, fields


class FaultItem(Schema):
    """One fault of a 422."""

    pointer = fields.String(metadata={"description": "JSON pointer into the body, or /query/NAME, /path/NAME"})
    detail = fields.String()


class ProblemDocument(Schema):
    """A refusal or failure; further members depend on `code`."""

    type = fields.String()
    title = fields.String()
    status = fields.Integer()
    detail = fields.String()
    code = fields.String(metadata={"description": "stable, snake_case"})
    request_id = fields.String()
    errors = fields.List(fields.Nested(FaultItem), metadata={"description": "with 422 only"})
