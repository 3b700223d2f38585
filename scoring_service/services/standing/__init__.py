"""The standing of a person on a day, by today's knowledge or that of a past moment (scheme.md 2.2).

Begin with `reading.py`; `seen.py` cuts it to what an actor may know, `news.py` says what new entries bring about,
`ways_back.py` from when a way back may be asked for, `proof.py` folds every file again and compares.
Does not live here: the fold (core/fold.py) and its cache (db/standing.py).
"""
