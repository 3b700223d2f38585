"""The practitioner desk, made for a phone: my points, what would help, who looked at me, my file to take along.

Begin with `own_file.py`. Not here: notices, appeals and remediation, which the desks share.
"""

from scoring_service.web.practitioner import own_file

__all__ = ["own_file"]
