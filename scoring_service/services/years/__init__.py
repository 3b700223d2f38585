"""The year of a file: what every change of a file settles, the close of the year, sanctions due, statistics.

Begin with `closing.py`; `sanctions_due.py` begins and ends sanctions on their day, `statement.py` is the
year's paper, `ratio_watch.py`, `statistics.py` and `spread.py` count.
Does not live here: the rules of a year (core/sanctions.py).
"""
