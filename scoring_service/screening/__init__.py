"""Claim files judged in bulk: the rule pack and the engine that judges by it (scheme.md 2.5, docs/adr/0014).

Begin with `screen.py`, a run from files to files; `pack.py` makes of the register the tables of spans that `judging.py`
joins the lines with; `parts.py`, `delimited.py` and `cells.py` read what people bring. Does not live here: the rule
itself (core/screening.py makes the spans), the single question (services/eligibility).
"""
