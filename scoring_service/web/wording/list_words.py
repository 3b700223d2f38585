"""The words of what lists are narrowed by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from scoring_service.services.unit_of_work.fields import Due
from scoring_service.terms import DOCUMENTS
from scoring_service.web.wording.languages import side
from scoring_service.web.wording.words import ADDRESSEE

DUE_WORDS: Mapping[str, Any] = {Due.OVERDUE: _("已逾期"), Due.TODAY: _("今天到期"), Due.WEEK: _("本周到期")}
ADDRESSEE_WORDS = {kind: ADDRESSEE[kind] for kind in ("practitioner", "institution", "authority")}
DOCUMENT_WORDS = {kind: LazyString(side, name) for kind, name in DOCUMENTS.items()}
