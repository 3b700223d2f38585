"""The authorities that are told of a sanction: the health commission, and for pharmacies the drug regulator.

They get a letter of their own when a sanction is imposed or changed by a correction, when the person is restored, and
of nothing else (contract.md, Roles: the regulator reads state, sanctions and statistics). They are no party: no letter
to them opens an appeal window.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, literal_column

from scoring_service.core.procedure import NoticeKind
from scoring_service.db.tables import notices
from scoring_service.letters.resuming import is_to_be_applied_for
from scoring_service.services.unit_of_work.sight import practitioner_filter

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from scoring_service.services.unit_of_work.transaction import Work

AUTHORITY = "authority"
# A literal, so that a prepared statement too may use the index of these letters.
_AUTHORITY: ColumnElement[str] = literal_column(f"'{AUTHORITY}'")
HEALTH_COMMISSION, DRUG_REGULATOR = "health_commission", "drug_regulator"
OF_SANCTIONS = frozenset(
    {NoticeKind.SUSPENSION, NoticeKind.TERMINATION, NoticeKind.MEASURE, NoticeKind.RESUMPTION}
)
PHARMACY, PHARMACY_PRINCIPAL = "pharmacy", "pharmacy_principal"


def concerns_authorities(kind: str, facts: Mapping[str, Any]) -> bool:
    """Tell whether a notice of `kind` is about a sanction; a correction is when it changes a span.

    That somebody may apply for a resumption is the person's and their institutions' matter.
    """
    if kind == NoticeKind.CORRECTION:
        return bool(facts["spans_before"] != facts["spans_after"])
    return kind in OF_SANCTIONS and not is_to_be_applied_for(facts)


def authorities_over(category: str, institution_kinds: Collection[str]) -> tuple[str, ...]:
    """Return the authorities over a person of `category` at institutions of these kinds.

    A pharmacy's principal, and whoever is registered at a pharmacy, is under the drug regulator too.
    """
    if category == PHARMACY_PRINCIPAL or PHARMACY in institution_kinds:
        return (HEALTH_COMMISSION, DRUG_REGULATOR)
    return (HEALTH_COMMISSION,)


def letters_to_authorities(work: Work) -> ColumnElement[bool]:
    """Return the condition on `notices` that keeps the letters to authorities on people of the actor's region."""
    return (notices.c.addressee_kind == _AUTHORITY) & practitioner_filter(work, notices.c.practitioner_id)
