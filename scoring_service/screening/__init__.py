"""Claim files judged in bulk: the rule pack and the engine that judges by it (scheme.md 2.5).

Begin with `pack.py`, which makes of the register the tables of spans that `judging.py` joins the lines with. Does not
live here: the rule itself (core/screening.py makes the spans), the single question (services/eligibility).
"""
