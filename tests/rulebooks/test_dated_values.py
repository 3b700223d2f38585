"""Values through time: a date holds until the next, for a base and for what lies over it."""

from datetime import date
from pathlib import Path

import pytest
from own_law import OWN_LAW, RULEBOOKS

from scoring_service.core.rulebook import Ground
from scoring_service.law.rulebooks import Rulebooks


def national():
    return (OWN_LAW / "national.yaml").read_text(encoding="utf-8")


def load(directory: Path, **files: str) -> Rulebooks:
    for name, text in files.items():
        (directory / f"{name}.yaml").write_text(text, encoding="utf-8")
    return Rulebooks.load(directory)


def overlay(parameters: str, rulebook_id: str = "jilin", based_on: str = "national") -> str:
    head = (
        f"id: {rulebook_id}\ntitle: 规则\ntitle_en: Rules\nbased_on: {based_on}\nsources: {{X: a source}}\n"
    )
    return f"{head}parameters:\n{parameters}"


def leaf(key: str, **dated: object) -> str:
    rows = "".join(
        f"      {start[1:].replace('_', '-')}: {{value: {value}, source: X, verified: true}}\n"
        for start, value in dated.items()
    )
    return f"  {key}:\n    values:\n{rows}"


NEXT_YEAR = "      2026-01-01: {value: first_of_next_month, source: S, verified: true}\n"


@pytest.fixture
def changed():
    """The base's file with another start of sanctions from 2026 on."""
    return national().replace("  emergency_covers_termination:", f"{NEXT_YEAR}  emergency_covers_termination:")


@pytest.mark.parametrize(
    ("on", "start", "valid_from"),
    [
        (date(2025, 1, 1), "next_day", date(2025, 1, 1)),
        (date(2025, 12, 31), "next_day", date(2025, 1, 1)),
        (date(2026, 1, 1), "first_of_next_month", date(2026, 1, 1)),
        (date(2031, 1, 1), "first_of_next_month", date(2026, 1, 1)),
    ],
)
def test_a_value_holds_until_the_next(tmp_path, changed, on, start, valid_from):
    rulebook = load(tmp_path, national=changed).resolve("national", on)
    assert (rulebook.sanction_start, rulebook.valid_from) == (start, valid_from)


def test_a_new_value_leaves_the_hash_of_the_past_alone(tmp_path, changed):
    versions = load(tmp_path, national=changed).items()[0]["versions"]
    assert versions[0] == RULEBOOKS.items()[0]["versions"][0]
    assert [version["valid_from"] for version in versions] == ["2025-01-01", "2026-01-01"]


def test_comments_sources_and_order_of_lines_do_not_change_the_hash(tmp_path):
    text = national().replace("# minor 1–3", "# another comment").replace("内蒙古日报", "内蒙古日报社")
    assert load(tmp_path, national=text).items()[0]["versions"] == RULEBOOKS.items()[0]["versions"]


def test_a_value_stated_again_is_no_new_version(tmp_path):
    again = national().replace(
        "        2025-01-01: {value: 20, source: D, verified: true}",
        "        2025-01-01: {value: 20, source: D, verified: true}\n"
        "        2026-01-01: {value: 20, source: B, verified: true}",
    )
    rulebooks = load(tmp_path, national=again)
    assert len(rulebooks.items()[0]["versions"]) == 1
    assert (
        len(
            rulebooks.describe("national", date(2026, 1, 1))["parameters"]["institution_ratio.alert_percent"][
                "values"
            ]
        )
        == 2
    )


def test_an_overlay_inherits_later_changes_of_its_base(tmp_path, changed):
    text = overlay(leaf("floors", _2025_06_01="1/3"))
    rulebooks = load(tmp_path, national=changed, jilin=text)
    versions = rulebooks.items()[1]["versions"]
    assert [version["valid_from"] for version in versions] == ["2025-01-01", "2025-06-01", "2026-01-01"]
    assert rulebooks.resolve("jilin", date(2026, 1, 1)).sanction_start == "first_of_next_month"


def test_what_an_overlay_states_its_base_no_longer_changes(tmp_path, changed):
    text = overlay(leaf("sanction_start", _2025_06_01="effective_date"))
    rulebooks = load(tmp_path, national=changed, jilin=text)
    starts = [
        rulebooks.resolve("jilin", day).sanction_start.value
        for day in (date(2025, 1, 1), date(2025, 6, 1), date(2026, 6, 1))
    ]
    assert starts == ["next_day", "effective_date", "effective_date"]


def test_an_overlay_may_lie_over_an_overlay(tmp_path):
    middle = overlay(
        "  suspension_months:\n    single:\n      11:\n        values:\n          2025-01-01: {value: 7, source: X, verified: true}\n"
    )
    top = overlay(leaf("floors", _2025_01_01="1/1"), "siping", "jilin")
    rulebook = load(tmp_path, national=national(), jilin=middle, siping=top).resolve("siping", date(2025, 1, 1))
    assert rulebook.suspension_months[Ground.SINGLE][11] == 7
    assert rulebook.floor_months(3) == 3


def test_a_row_may_begin_and_end(tmp_path):
    text = overlay(
        "  warnings:\n"
        "    8:\n"
        "      values:\n"
        "        2026-01-01: {value: 谈话, source: X, verified: true}\n"
        "        2027-01-01: {value: null, source: X, verified: true}\n"
    )
    rulebooks = load(tmp_path, national=national(), jilin=text)
    tiers = [
        [tier.points for tier in rulebooks.resolve("jilin", date(year, 1, 1)).warnings]
        for year in (2025, 2026, 2027)
    ]
    assert tiers == [[3, 6], [3, 6, 8], [3, 6]]
