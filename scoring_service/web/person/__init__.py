"""A person's file as one page, for each of the three desks.

Begin with `person_file.py`; `timeline.py` draws the year. Does not live here: the words of entries (wording/).
"""
