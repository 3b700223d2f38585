"""What the counter is told of a person who has signed no commitment, in both languages."""

from datetime import date

from console_world import HOSPITAL, as_seen, make_console
from own_law import unpaid_without_commitment
from sqlalchemy import update

from scoring_service.core.standing import Span
from scoring_service.db.tables import accounts
from scoring_service.services.registry.affiliations import AskedAffiliation
from scoring_service.services.registry.practitioners import register_practitioner

UNSIGNED, SINCE = "D150402990090", date(2025, 1, 1)


def test_the_counter_is_told_that_the_commitment_is_missing(module_engine, tmp_path):
    console = make_console(module_engine, rulebooks_dir=unpaid_without_commitment(tmp_path))
    with console.service.work() as work:
        asked = [AskedAffiliation(institution=HOSPITAL, span=Span(SINCE, None))]
        register_practitioner(
            work, name="未签", code=UNSIGNED, category="doctor", registered_on=SINCE, affiliations=asked
        )
        work.conn.execute(update(accounts).where(accounts.c.username == "clinic").values(institution_code=HOSPITAL))
    for language, words in (("zh", "当天尚未签署承诺书；"), ("en", "No commitment was signed by that day;")):
        clinic = console.browser("clinic")
        clinic.get(f"/language/{language}?target=/clinic/check")
        clinic.page("/clinic/check")
        assert words in as_seen(clinic.asked("/clinic/check", ref=UNSIGNED, day="2025-06-02"))
