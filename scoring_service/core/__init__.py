"""The rules of scheme.md part 2, as pure functions over immutable values.

Lives here: entries, rulebook values, the fold, sanctions, state of a file, gates, the payable decision and
working days. Begin with `entries.py`, then `fold.py`. Does not live here: clocks, databases, Flask, the environment,
YAML, or anything from outside the standard library.
"""
