"""Is a claim line payable? Every combination, against the order of scheme.md 2.5."""

from itertools import product

import pytest

from scoring_service.core.payable import PAYABLE, Reason, reason_for
from scoring_service.core.standing import Status


def first_that_holds(status, combination):
    """The table of scheme.md 2.5, row by row."""
    contracted, affiliated, emergency, covers, uncommitted = combination
    sanctioned = {Status.SUSPENDED: True, Status.TERMINATED: covers}
    table = [
        (Reason.UNKNOWN_PRACTITIONER, status is None),
        (Reason.NOT_REGISTERED, status is Status.NOT_REGISTERED),
        (Reason.NO_COMMITMENT, uncommitted),
        (Reason.INSTITUTION_NOT_CONTRACTED, contracted is False),
        (Reason.NOT_AFFILIATED, affiliated is False),
        (Reason.EMERGENCY_EXCEPTION, emergency and sanctioned.get(status, False)),
        (Reason.TERMINATED, status is Status.TERMINATED),
        (Reason.SUSPENDED, status is Status.SUSPENDED),
        (Reason.ELIGIBLE, True),
    ]
    return next(reason for reason, holds in table if holds)


@pytest.mark.parametrize("status", [None, *Status])
def test_every_combination(status):
    seen = 0
    for combination in product((None, True, False), (None, True, False), *[(True, False)] * 3):
        contracted, affiliated, emergency, covers, uncommitted = combination
        reason = reason_for(
            status,
            contracted=contracted,
            affiliated=affiliated,
            emergency=emergency,
            emergency_covers_termination=covers,
            unpaid_without_commitment=uncommitted,
        )
        assert reason is first_that_holds(status, combination)
        seen += 1
    assert seen == 72


@pytest.mark.parametrize(
    ("status", "asked", "reason"),
    [
        (None, {}, "unknown_practitioner"),
        (None, {"contracted": False, "emergency": True}, "unknown_practitioner"),
        (Status.NOT_REGISTERED, {"contracted": False, "emergency": True}, "not_registered"),
        (Status.SUSPENDED, {"contracted": False, "affiliated": False}, "institution_not_contracted"),
        (Status.SUSPENDED, {"contracted": True, "affiliated": False, "emergency": True}, "not_affiliated"),
        (Status.SUSPENDED, {"emergency": True}, "emergency_exception"),
        (Status.SUSPENDED, {}, "suspended"),
        (Status.TERMINATED, {"emergency": True}, "emergency_exception"),
        (Status.TERMINATED, {"emergency": True, "emergency_covers_termination": False}, "terminated"),
        (Status.TERMINATED, {}, "terminated"),
        (Status.NORMAL, {"unpaid_without_commitment": True, "contracted": False}, "no_commitment"),
        (Status.SUSPENDED, {"unpaid_without_commitment": True, "emergency": True}, "no_commitment"),
        (Status.NOT_REGISTERED, {"unpaid_without_commitment": True}, "not_registered"),
        (Status.NORMAL, {"contracted": True, "affiliated": True}, "eligible"),
        (Status.NORMAL, {"emergency": True}, "eligible"),
    ],
)
def test_the_reasons_by_hand(status, asked, reason):
    defaults = {
        "contracted": None,
        "affiliated": None,
        "emergency": False,
        "emergency_covers_termination": True,
    }
    assert reason_for(status, **(defaults | asked)) == reason


def test_what_is_payable():
    assert {reason for reason in Reason if reason in PAYABLE} == {"emergency_exception", "eligible"}
