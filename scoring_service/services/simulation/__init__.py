"""A rulebook tried on the entries of a year: what it would have brought, beside what was recorded. Nothing is changed.

Lives here: what is asked and what is told, the files counted in one process or several (`counting.py`), the people as
a table (`people.py`), a draft tried for who decides on it (`drafts.py`). Begin with `asking.py`. The files are read in
a transaction that cannot write; what a file would have been is core/simulation.py, by the one fold. Does not live here:
rulebook files (law/), or what becomes of a draft (services/rulebooks).
"""
