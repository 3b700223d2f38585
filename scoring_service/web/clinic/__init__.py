"""The clinic desk: an institution's own people, its notices and appeals. Not here: what only the office does."""

from scoring_service.web.clinic import own_people

__all__ = ["own_people"]
