"""The tour names pages and buttons by the words that stand on them, and roles that the demo has."""

import re
from pathlib import Path

from babel.messages.pofile import read_po

from scoring_service.demo.accounts import _ROLES

ROOT = Path(__file__).parents[2]
TOUR = (ROOT / "docs" / "tour.md").read_text(encoding="utf-8")
CATALOGUE = ROOT / "scoring_service" / "web" / "translations" / "en" / "LC_MESSAGES" / "messages.po"


def test_every_page_and_button_of_the_tour_is_on_the_console():
    with CATALOGUE.open("rb") as file:
        words = {message.string for message in read_po(file)} | {"English"}
    named = re.findall(r"(?<!\*)\*([^*\n]+)\*(?!\*)", TOUR)
    assert len(named) > 10
    assert [one for one in named if one not in words] == []


def test_every_role_of_the_tour_is_in_the_demo():
    named = re.findall(r"\*\*([^*\n]+)\*\*", TOUR)
    assert {"clerk", "clinic", "doctor"} <= set(named) <= set(_ROLES)
