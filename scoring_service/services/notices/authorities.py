"""The authorities that are told of a sanction: the health commission, and for pharmacies the drug regulator.

They get a letter of their own when a sanction is imposed, changed by a correction, or ends, and of nothing else
(contract.md, Roles: the regulator reads state, sanctions and statistics). They are no party: no letter to them opens
an appeal window.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, literal_column, select

from scoring_service.core.procedure import NoticeKind
from scoring_service.db.tables import institutions as institutions_table
from scoring_service.db.tables import notices, practitioners
from scoring_service.services.unit_of_work.sight import practitioner_filter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from scoring_service.services.unit_of_work.transaction import Work

AUTHORITY = "authority"
# A literal, so that a prepared statement too may use the index of these letters.
_AUTHORITY: ColumnElement[str] = literal_column(f"'{AUTHORITY}'")
HEALTH_COMMISSION, DRUG_REGULATOR = "health_commission", "drug_regulator"
OF_SANCTIONS = frozenset({NoticeKind.SUSPENSION, NoticeKind.TERMINATION, NoticeKind.RESUMPTION})
PHARMACY, PHARMACY_PRINCIPAL = "pharmacy", "pharmacy_principal"


def concerns_authorities(kind: str, facts: Mapping[str, Any]) -> bool:
    """Tell whether a notice of `kind` is about a sanction; a correction is when it changes a span."""
    if kind == NoticeKind.CORRECTION:
        return bool(facts["spans_before"] != facts["spans_after"])
    return kind in OF_SANCTIONS


def authorities_of_each(
    conn: Connection, institutions: Mapping[str, Sequence[str]]
) -> dict[str, tuple[str, ...]]:
    """Return the authorities over each person, given the codes of each person's institutions by the person's id.

    A pharmacy's principal, and whoever is registered at a pharmacy, is under the drug regulator too.
    """
    principals = select(practitioners.c.id).where(
        practitioners.c.id.in_(institutions), practitioners.c.category == PHARMACY_PRINCIPAL
    )
    of_pharmacies = set(conn.execute(principals).scalars())
    codes = {code for of_one in institutions.values() for code in of_one}
    found = select(institutions_table.c.code).where(
        institutions_table.c.code.in_(codes), institutions_table.c.kind == PHARMACY
    )
    pharmacies = set(conn.execute(found).scalars())
    return {
        person: (HEALTH_COMMISSION, DRUG_REGULATOR)
        if person in of_pharmacies or not pharmacies.isdisjoint(of_one)
        else (HEALTH_COMMISSION,)
        for person, of_one in institutions.items()
    }


def letters_to_authorities(work: Work) -> ColumnElement[bool]:
    """Return the condition on `notices` that keeps the letters to authorities on people of the actor's region."""
    return (notices.c.addressee_kind == _AUTHORITY) & practitioner_filter(work, notices.c.practitioner_id)
