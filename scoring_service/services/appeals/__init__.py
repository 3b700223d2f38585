"""Appeals: filed, countersigned, explained, insisted on, heard, decided (contract.md, Appeals; scheme.md 2.6, 2.7).

Begin with `filing.py`, then `explaining.py`, `experts.py` and `decisions.py`. `windows.py` and `last_days.py` say until
when, `pauses.py` what is not counted, `silence.py` and `recounts.py` what time does by itself; `parties.py` and
`conflicts.py` who may and who may not, `values.py` to what a score may be reduced, `reading.py` what a caller sees.
Does not live here: what a reduced entry does to its file (proposals/, years/).
"""
