"""The one error that the rules raise."""

from __future__ import annotations


class RuleError(Exception):
    """A rule of the scheme forbids the act.

    `code` is stable and snake_case (contract.md), `detail` is for people, Chinese first.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
