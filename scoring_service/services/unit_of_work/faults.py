"""All that is wrong with what was sent, told at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from scoring_service.problems import Faulty, Problem

if TYPE_CHECKING:
    from collections.abc import Callable

_Value = TypeVar("_Value")


class Faults:
    """What was found to be wrong so far."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def of(self, act: Callable[[], _Value]) -> _Value | None:
        """Return what `act` gives; None when it is refused."""
        try:
            return act()
        except Problem as problem:
            self.problems.append(problem)
            return None

    def refuse(self) -> None:
        """Raise one Faulty with all faults, if there are any; its code is the first that says more."""
        if not self.problems:
            return
        if len(self.problems) == 1:
            raise self.problems[0]
        errors = tuple(fault for problem in self.problems for fault in problem.errors)
        codes = [problem.code for problem in self.problems if problem.code != "invalid"]
        raise Faulty(errors, codes[0] if codes else "invalid")
