"""Find anything: people, institutions and cases by one line of what is typed, in the sight of who asks.

Begin with `searching.py`; `answer.py` says what is told of what was found, `kept_searches.py` keeps what was typed
under an id that tells nothing. Does not live here: how names are spelled (`spelled.py`), what fits (`core/finding.py`).
"""
