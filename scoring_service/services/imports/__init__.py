"""Imports: a file of an office becomes rows, is checked as a whole, and is written chunk by chunk.

Begin with `kind.py`, what a kind of import has to say of itself, and `kinds.py`, the list of all; `running.py` leads a
file through its states. A file is sealed as it came (`keeping.py`), read into rows (`staging.py`), judged row by row
against what is on record, and written only when no row is refused. Does not live here: how files are read and written
(workbooks/), nor what a person or a case is (registry/, cases/).
"""
