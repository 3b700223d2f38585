"""The demo accounts of contract.md: user NAME, password demo-NAME. Made nowhere else, bound to the loopback."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from scoring_service.db.tables import accounts
from scoring_service.demo.plan import REGION
from scoring_service.services.accounts.account import account_of
from scoring_service.services.accounts.opening import add_account
from scoring_service.services.unit_of_work.actor import Actor

if TYPE_CHECKING:
    from scoring_service.demo.plan import Plan
    from scoring_service.services.unit_of_work.transaction import Service

_ROLES = {
    "clerk": "office.clerk",
    "reviewer": "office.reviewer",
    "appeals": "office.appeals",
    "expert": "expert",
    "expert2": "expert",
    "auditor": "office.auditor",
    "admin": "office.admin",
    "regulator": "regulator",
    "settlement": "settlement",
    "clinic": "institution",
    "doctor": "practitioner",
}
_REAL_NAMES = {
    "clerk": "赵丽娟",
    "reviewer": "钱国栋",
    "appeals": "孙玉梅",
    "expert": "李建业",
    "expert2": "周淑珍",
    "auditor": "吴志强",
    "admin": "郑海燕",
    "regulator": "王德福",
    "settlement": "结算系统",
    "clinic": "冯小兰",
}


def seed_accounts(service: Service, plan: Plan) -> None:
    """Add every demo account that is not there yet, each with a staff number of its own."""
    with service.work() as work:
        present = set(work.conn.execute(select(accounts.c.username)).scalars())
        for number, (name, role) in enumerate(_ROLES.items(), start=1):
            if name not in present:
                add_account(
                    work,
                    username=name,
                    roles=[role],
                    real_name=_REAL_NAMES.get(name),
                    staff_no=f"DEMO{number:03d}",
                    password=f"demo-{name}",
                    region=REGION if name == "regulator" else None,
                    institution=plan.clinic if name == "clinic" else None,
                    practitioner=plan.doctor if name == "doctor" else None,
                )


def institution_hand(code: str) -> Actor:
    """Return who acts for an institution of the demo city that has no account: its code signs for it."""
    return Actor(
        account_id=None, username=code, staff_no="", roles=frozenset({"institution"}), institution_code=code
    )


def demo_actors(service: Service) -> dict[str, Actor]:
    """Return the demo accounts, by name, as those who act in the recorded year."""
    with service.engine.connect() as conn:
        rows = conn.execute(select(accounts).where(accounts.c.username.in_(_ROLES))).mappings().all()
    return {row["username"]: account_of(row).as_actor() for row in rows}
