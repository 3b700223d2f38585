"""Jobs: what is due each day, run once a period, resumed where a killed run stopped.

Begin with `catalogue.py`, the list of all jobs; `runs.py` runs what is due. `deadlines.py`, `recounts.py` and
`retention.py` are steps that belong to no other room. Does not live here: the process that wakes them (jobs.py), nor
the steps of the year and of letters (years/, notices/).
"""
