"""Reminders outside the console: of what, by which way, how often, and how long a message that fails waits."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum


class Matter(StrEnum):
    """What waits for somebody, in the order in which it is told."""

    RETURNED = "returned"
    LATE_CASES = "late_cases"
    SUBMITTED = "submitted"
    DECISIONS = "decisions"
    RESUMPTIONS = "resumptions"
    APPEALS = "appeals"
    REQUESTS = "requests"
    DELIVERIES = "deliveries"
    FAILED_JOBS = "failed_jobs"
    OPINIONS = "opinions"
    LETTERS = "letters"
    STATES = "states"
    TALKS = "talks"
    SIGNATURES = "signatures"
    ANSWERS = "answers"
    CONSENTS = "consents"


class Channel(StrEnum):
    """By which way somebody is reminded: by e-mail, or by the office's gateway for short messages."""

    EMAIL = "email"
    GATEWAY = "gateway"


class Rhythm(StrEnum):
    """How often: once a day for all that waits, or each time that something more waits."""

    DAILY = "daily"
    EACH = "each"


class MessageKind(StrEnum):
    """What a message is: the code that confirms an address, or a reminder of one rhythm or the other."""

    CODE = "code"
    DAILY = "daily"
    EACH = "each"


class MessageState(StrEnum):
    """Where a message stands. `failed`: it is not tried any more."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


class CarrierFault(StrEnum):
    """Why a message did not get through."""

    RECIPIENT_REFUSED = "recipient_refused"
    MESSAGE_REFUSED = "message_refused"
    SIGN_IN_REFUSED = "sign_in_refused"
    TIMED_OUT = "timed_out"
    UNREACHABLE = "unreachable"
    NOT_SET_UP = "not_set_up"
    INTERNAL = "internal"


# Beyond the last of them nobody waits for the message any more: the next day's tells the same.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720))


def pause_after(tries: int) -> timedelta | None:
    """Return how long a message waits after so many tries (1 or more) failed; None when it is given up."""
    return PAUSES[tries - 1] if tries <= len(PAUSES) else None
