"""The kinds of imports, in the order in which an empty service is filled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoring_service.services.imports.cases import CASES
from scoring_service.services.imports.commitments import COMMITMENTS
from scoring_service.services.imports.findings import FINDINGS
from scoring_service.services.imports.institutions import INSTITUTIONS
from scoring_service.services.imports.person_writing import PRACTITIONERS
from scoring_service.services.imports.receipts import RECEIPTS
from scoring_service.services.imports.remediation import REMEDIATION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scoring_service.services.imports.kind import ImportKind

_ALL = (INSTITUTIONS, PRACTITIONERS, COMMITMENTS, CASES, FINDINGS, REMEDIATION, RECEIPTS)
KINDS: Mapping[str, ImportKind] = {kind.name: kind for kind in _ALL}
