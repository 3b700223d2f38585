"""Rulebooks that change while the service runs: a file is checked, proposed by one person and adopted by another.

Begin with `checking.py`, what a file would change; `drafts.py` proposes one, lists and reads them, `deciding.py`
adopts, rejects and withdraws. Does not live here: how a file is read and laid over the law (law/), nor how a process
learns that one was adopted (db/law.py).
"""
