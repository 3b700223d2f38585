"""Every text that a request may bring has a kind that says how it is read (scoring_service/written.py)."""

from marshmallow import fields

from scoring_service.api import BLUEPRINTS
from scoring_service.api.schemas.base import Code, Line, OneOf, Ref, Strict, Verbatim, Written

assert BLUEPRINTS, "all schemas are imported"


def request_schemas(base=Strict):
    for schema in base.__subclasses__():
        yield schema
        yield from request_schemas(schema)


def texts(field):
    if isinstance(field, fields.List):
        yield from texts(field.inner)
    elif isinstance(field, fields.String):
        yield field


def test_no_text_of_a_request_is_read_as_it_comes():
    read = [
        (schema.__name__, name, field)
        for schema in request_schemas()
        for name, outer in schema._declared_fields.items()
        for field in texts(outer)
    ]
    assert len(read) > 60
    assert [(schema, name) for schema, name, field in read if not isinstance(field, Written | OneOf)] == []


def test_what_names_a_person_or_a_place_is_read_as_such():
    kinds = dict.fromkeys(("name", "authority", "document_no", "username", "staff_no"), Line)
    kinds |= {"code": Code, "institution": Code, "region": Code, "id_number": Code, "practitioner": Ref}
    read = [
        (schema.__name__, name, type(field))
        for schema in request_schemas()
        for name, field in schema._declared_fields.items()
        if name in kinds and isinstance(field, Written) and type(field) is not Verbatim
    ]
    assert len(read) > 25
    assert [one for one in read if one[2] is not kinds[one[1]]] == []


def test_every_kind_says_how_it_reads():
    kinds = [field for schema in request_schemas() for field in schema._declared_fields.values()]
    kinds = {type(field) for field in kinds if isinstance(field, Written)}
    assert len(kinds) >= 5
    assert Written not in kinds
