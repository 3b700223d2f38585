"""The practitioner desk, made for a phone: my points, my notices, what I can do. One's own file and no other."""

from scoring_service.web.practitioner import own_file

__all__ = ["own_file"]
