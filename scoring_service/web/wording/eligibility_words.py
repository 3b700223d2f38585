"""An answer about a claim line in a sentence of the page's language: payable or not, why, and what it waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import gettext as _

from scoring_service.core.payable import Reason
from scoring_service.services.eligibility.message import sentence_about
from scoring_service.web.wording.languages import day, side

if TYPE_CHECKING:
    from datetime import date

    from scoring_service.services.eligibility.checks import Explained


def sentence_on_page(explained: Explained, service_on: date) -> str:
    """Return to an institution, to which strangers are unknown, why the line of `service_on` is payable or not."""
    if explained.answer.reason is Reason.UNKNOWN_PRACTITIONER:
        return _("本机构没有这位人员。外单位人员与不存在的代码，回答相同；请核对代码。")
    words, days = sentence_about(explained, service_on)
    return side(words) % {name: day(value) for name, value in days.items()}
