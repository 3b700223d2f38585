"""Who acts: an account as it was signed in."""

from __future__ import annotations

from dataclasses import dataclass

OFFICE_ROLES = frozenset(
    {"office.clerk", "office.reviewer", "office.appeals", "office.admin", "office.auditor"}
)
ROLES = OFFICE_ROLES | {"expert", "institution", "practitioner", "settlement", "regulator"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """An account. The same person is the same `staff_no`, whatever the account (contract.md, Roles)."""

    account_id: str | None
    username: str
    staff_no: str
    roles: frozenset[str]
    region: str | None = None
    institution_code: str | None = None
    practitioner_id: str | None = None
    password_on_loan: bool = False  # Its maker chose the password, and knows it still.

    def has(self, *roles: str) -> bool:
        """Tell whether the account has one of `roles`."""
        return not self.roles.isdisjoint(roles)

    @property
    def is_office(self) -> bool:
        """Whether the account belongs to the insurance office."""
        return not self.roles.isdisjoint(OFFICE_ROLES)

    def sees_region(self, region: str) -> bool:
        """Tell whether a division lies in the account's region (no region: everywhere)."""
        return self.region is None or region.startswith(self.region)


SYSTEM = Actor(account_id=None, username="system", staff_no="", roles=frozenset({"system"}))
