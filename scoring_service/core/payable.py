"""Is a claim line payable? The reasons of scheme.md 2.5, in their order."""

from __future__ import annotations

from enum import StrEnum

from scoring_service.core.standing import Status


class Reason(StrEnum):
    """Why a claim line is payable or not."""

    UNKNOWN_PRACTITIONER = "unknown_practitioner"
    NOT_REGISTERED = "not_registered"
    NO_COMMITMENT = "no_commitment"
    INSTITUTION_NOT_CONTRACTED = "institution_not_contracted"
    NOT_AFFILIATED = "not_affiliated"
    EMERGENCY_EXCEPTION = "emergency_exception"
    TERMINATED = "terminated"
    SUSPENDED = "suspended"
    ELIGIBLE = "eligible"


PAYABLE = frozenset({Reason.EMERGENCY_EXCEPTION, Reason.ELIGIBLE})


def reason_for(
    status: Status | None,
    *,
    contracted: bool | None,
    affiliated: bool | None,
    emergency: bool,
    emergency_covers_termination: bool,
    paid_after_term: bool = False,
    unpaid_without_commitment: bool = False,
) -> Reason:
    """Return the first reason that holds.

    `status` is the file's state on the day of service, None for an unknown person. `contracted` (the institution
    has an agreement in force that day) and `affiliated` (the person is registered there that day) are None when
    no institution was asked about. `paid_after_term`: the term of every suspension is over by that day, and fees are
    paid from then on, though the state holds until a resumption. `unpaid_without_commitment`: none was signed by that
    day, and nothing is paid without one (P21).
    """
    if status is None:
        return Reason.UNKNOWN_PRACTITIONER
    if status is Status.NOT_REGISTERED:
        return Reason.NOT_REGISTERED
    if unpaid_without_commitment:
        return Reason.NO_COMMITMENT
    if contracted is False:
        return Reason.INSTITUTION_NOT_CONTRACTED
    if affiliated is False:
        return Reason.NOT_AFFILIATED
    if status is Status.TERMINATED:
        covered = emergency and emergency_covers_termination
        return Reason.EMERGENCY_EXCEPTION if covered else Reason.TERMINATED
    if status is Status.SUSPENDED and not paid_after_term:
        return Reason.EMERGENCY_EXCEPTION if emergency else Reason.SUSPENDED
    return Reason.ELIGIBLE
