"""The dated law: rulebooks and calendars, read from the YAML that officials edit, into records of `core`.

Lives here: reading a file with the line of every value, checking it, resolving it for a place and a day. Begin with
`rulebooks.py`; `files.py` reads one file, `values.py` makes a `core.Rulebook` of it, `calendars.py` knows working days.
Does not live here: what the rules do (core/), the values themselves (config/), or who may read them (services/desks).
"""
