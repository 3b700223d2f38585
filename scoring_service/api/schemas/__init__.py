"""Marshmallow schemas of what goes in and out, one module a resource; strict fields in `base.py`.

Begin with `base.py`. Does not live here: rules (services/ and core/) and anything that asks the database.
"""
