"""The registry: persons, their codes and names in time, institutions, agreements, affiliations (scheme.md 1, 2.2).

Begin with `practitioners.py` and `institutions.py`; `persons.py` knows what a person was called and when,
`affiliations.py` and `registrations.py` where they work, `rewrites.py` writes what a correction makes of wrong rows.
Does not live here: points (cases/, years/), the proposal of a correction (proposals/registry_corrections.py).
"""
