"""What the console may say of the demo: whether this database holds it, and who can be signed in as."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from scoring_service.db.tables import accounts, installation, institutions, practitioners

if TYPE_CHECKING:
    from scoring_service.services.unit_of_work.transaction import Service

PASSWORD_PREFIX = "demo-"  # noqa: S105 -- contract.md publishes it


class DemoAccount(NamedTuple):
    """An account of the demo, with the name of the institution or the person that it is bound to."""

    username: str
    roles: list[str]
    institution_name: str | None
    practitioner_name: str | None


def demo_seeded(service: Service) -> bool | None:
    """Tell whether the database was seeded with demo accounts; None before its first start has ended."""
    with service.engine.connect() as conn:
        seeded = conn.execute(select(installation.c.seeded)).scalar_one_or_none()
    return None if seeded is None else seeded != "off"


def demo_accounts(service: Service) -> list[DemoAccount]:
    """Return the demo accounts in the order they were made, with the names of what they are bound to."""
    query = (
        select(
            accounts.c.username,
            accounts.c.roles,
            institutions.c.name.label("institution_name"),
            practitioners.c.name.label("practitioner_name"),
        )
        .outerjoin(institutions, institutions.c.code == accounts.c.institution_code)
        .outerjoin(practitioners, practitioners.c.id == accounts.c.practitioner_id)
        .where(accounts.c.staff_no.like("DEMO%"), accounts.c.closed_at.is_(None))
        .order_by(accounts.c.staff_no)
    )
    with service.engine.connect() as conn:
        return [DemoAccount(*row) for row in conn.execute(query)]
