"""The kinds of imports, in the order in which an empty service is filled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoring_service.services.imports.institutions import INSTITUTIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scoring_service.services.imports.kind import ImportKind

KINDS: Mapping[str, ImportKind] = {kind.name: kind for kind in (INSTITUTIONS,)}
