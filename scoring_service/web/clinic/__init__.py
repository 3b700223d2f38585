"""The clinic desk: what waits for an institution, its own people, is a line payable, the talks that it holds.

Begin with `institution.py`. Not here: letters, appeals and remediation, which the desks share, and what only the office
does.
"""

from scoring_service.web.clinic import checks, institution, requests, talks

__all__ = ["checks", "institution", "requests", "talks"]
