"""The demo: an invented city's year, recorded through the very use cases that the office uses.

Lives here: invented names, the plan of the year and its recording. Begin with `plan.py`, then `record.py`. Does not
live here: rules, SQL, or any total; the figures of the demo year are computed from the recorded cases.
"""

from scoring_service.demo.record import seed

__all__ = ["seed"]
