"""Appeals: filed, countersigned, accepted, heard by experts, decided (contract.md, Appeals; scheme.md 2.6, 2.7).

Begin with `filing.py`, then `experts.py` and `decisions.py`. `windows.py` and `last_days.py` say until when,
`parties.py` and `conflicts.py` who may and who may not, `values.py` to what a score may be reduced, `reading.py` what a
caller sees. Does not live here: what a reduced entry does to its file (proposals/, years/).
"""
