"""Rulebooks: what they resolve to, for whom, since when, and how they are shown.

The fixture `shipped` is for what must hold whatever values an official chooses; `tests/rules/in_force.yaml` says which
were chosen. What is shown of the loader is shown with the tests' own law.
"""

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import own_law
import pytest

from scoring_service.core.errors import RuleError
from scoring_service.core.rulebook import SCORE_GROUNDS, Degree, Ground, ResumptionMode, SanctionStart
from scoring_service.law.rulebooks import DEFAULT_RULEBOOK, RULEBOOKS_DIRECTORY, Rulebooks, from_values
from scoring_service.law.yaml_files import FileError, read_yaml

FIRST = date(2025, 1, 1)
DAY = date(2025, 6, 1)
DEADLINES = {
    "apply": 14,
    "evaluation": 9,
    "countersign": 11,
    "explanation": 6,
    "insistence": 7,
    "decision": 21,
    "extension": 16,
    "issue": 4,
    "deliver": 2,
    "maintain": 12,
}
HASHES = Path(__file__).parent / "hashes.yaml"


@pytest.fixture(scope="module")
def shipped():
    return Rulebooks.load()


@pytest.fixture(scope="module")
def superseded():
    return Rulebooks.load(RULEBOOKS_DIRECTORY / "superseded", default="chifeng")


@pytest.fixture(scope="module")
def rulebooks():
    return own_law.RULEBOOKS


def recorded_versions():
    rows = [row.section(["id", "valid_from", "sha256"]) for row in read_yaml(HASHES, FileError).sequence()]
    return [(row["id"].text(), row["valid_from"].day().isoformat(), row["sha256"].text()) for row in rows]


def test_no_past_value_changed_silently(shipped, superseded):
    """A change that is meant: add a dated value and its hash. A past hash is replaced only in the open."""
    versions = [
        (row["id"], version["valid_from"], version["sha256"])
        for books in (superseded, shipped)
        for row in books.items()
        for version in row["versions"]
    ]
    recorded = recorded_versions()
    new = (f'- id: {key}\n  valid_from: {day}\n  sha256: "{sha256}"' for key, day, sha256 in set(versions) - set(recorded))
    assert sorted(versions) == sorted(recorded), "\n".join(["not in hashes.yaml:", *sorted(new)])


def test_what_was_in_force_before_a_parameter_existed_is_read_as_it_was_applied(superseded):
    rulebook = superseded.resolve("chifeng", DAY)
    assert rulebook.sha256 == "33ad92e8e4570066d9207a6ddabdd920799b333725971abf742b1a145cf94488"
    assert "resumption" not in rulebook.values
    assert rulebook.resumption_mode is ResumptionMode.AUTOMATIC
    assert (rulebook.resumption_apply_working_days, rulebook.resumption_evaluation_working_days) == (15, 10)
    assert (rulebook.resumption_pays_after_term, rulebook.commitment_unpaid_without) == (False, False)
    assert (rulebook.consent_working_days, rulebook.ban_years[Ground.MEASURE]) == (5, 1)


def test_each_value_of_a_file_has_its_place_in_the_rulebook(tmp_path):
    """Deadlines that are equal in the file are made different, so that none can stand for another."""
    text = (own_law.OWN_LAW / "national.yaml").read_text(encoding="utf-8")
    for key, days in DEADLINES.items():
        text = re.sub(rf"({key}_working_days:\n *values:\n.*?value: )\d+", rf"\g<1>{days}", text)
    text = re.sub(r"(pays_after_term:\n *values:\n.*?value: )false", r"\g<1>true", text)
    text = text.replace("value: automatic", "value: on_application")
    (tmp_path / "national.yaml").write_text(text, encoding="utf-8")
    rulebook = Rulebooks.load(tmp_path).resolve("national", DAY)
    assert (rulebook.id, rulebook.valid_from) == ("national", FIRST)
    assert (rulebook.suspend_at, rulebook.terminate_at) == (9, 12)
    assert [(band.key, band.lowest, band.highest) for band in rulebook.bands] == [
        ("minor", 1, 3),
        ("moderate", 4, 6),
        ("serious", 7, 9),
        ("grave", 10, 12),
    ]
    assert rulebook.degree_points["serious"] == {Degree.GENERAL: 7, Degree.IMPORTANT: 8, Degree.MAIN: 9}
    assert set(rulebook.degree_points) == {band.key for band in rulebook.bands}
    assert [ground.key for ground in rulebook.lighter_grounds] == ["owned_up"]
    assert [(ground.key, ground.title) for ground in rulebook.heavier_grounds] == [("intent", "故意")]
    assert rulebook.suspension_months == {ground: {9: 2, 10: 4, 11: 6} for ground in SCORE_GROUNDS}
    assert rulebook.ban_years == {Ground.ACCUMULATED: 1, Ground.SINGLE: 3, Ground.MEASURE: 1}
    assert rulebook.resumption_mode is ResumptionMode.ON_APPLICATION
    assert (rulebook.resumption_apply_working_days, rulebook.resumption_evaluation_working_days) == (14, 9)
    assert (rulebook.resumption_pays_after_term, rulebook.commitment_unpaid_without) == (True, False)
    assert rulebook.consent_working_days == 5
    assert rulebook.sanction_start is SanctionStart.NEXT_DAY
    assert rulebook.emergency_covers_termination is True
    assert [tier.points for tier in rulebook.warnings] == [3, 6]
    assert rulebook.points_cap_per_year == 4
    assert {
        activity.key: (activity.points, activity.days) for activity in rulebook.remediation
    } == dict.fromkeys(
        ["online_course", "offline_training", "policy_publicity", "inspection_participation"], (1, 10)
    )
    assert [rulebook.floor_months(months) for months in (1, 2, 3, 6, 36)] == [1, 1, 2, 3, 18]
    assert rulebook.appeal_window_working_days == 10
    assert (rulebook.appeal_countersign_working_days, rulebook.appeal_decision_working_days) == (11, 21)
    assert (rulebook.appeal_explanation_working_days, rulebook.appeal_insistence_working_days) == (6, 7)
    assert (rulebook.notice_issue_working_days, rulebook.notice_deliver_working_days) == (4, 2)
    assert (rulebook.notice_maintain_working_days, rulebook.notice_deemed_received_working_days) == (12, 5)
    assert rulebook.talk_working_days == 10
    assert (rulebook.institution_alert_percent, rulebook.institution_severe_percent) == (20, 50)


def test_the_catalogue_reaches_every_band(shipped):
    rulebook = shipped.resolve(DEFAULT_RULEBOOK, DAY)
    assert {item.band for item in rulebook.items} == {band.key for band in rulebook.bands}
    assert 20 <= len(rulebook.items) <= 30


def test_the_last_item_of_each_band_asks_for_its_own_legal_basis(shipped):
    """G annex 2: `other`, in every band and under every rulebook."""
    for row in shipped.items():
        rulebook = shipped.resolve(row["id"], DAY)
        for band in rulebook.bands:
            *named, other = (item for item in rulebook.items if item.band == band.key)
            assert (other.key, other.legal_basis) == (f"other_{band.key}", None)
            assert all(item.legal_basis for item in named)


def test_a_key_that_was_in_force_still_names_its_violation(shipped, superseded):
    """Entries name it: its title is looked up in the files in force (scheme.md 2.1)."""
    titles = {item.key: item.title for row in shipped.items() for item in shipped.resolve(row["id"], DAY).items}
    for row in superseded.items():
        for item in superseded.resolve(row["id"], DAY).items:
            assert titles[item.key] == item.title


def test_provincial_items_are_those_of_their_overlay(shipped):
    national = {item.key for item in shipped.resolve("national", DAY).items}
    practising = {f"practising_outside_{what}" for what in ("place", "category", "scope")}
    own = {row["id"]: {item.key for item in shipped.resolve(row["id"], DAY).items} - national for row in shipped.items()}
    assert own == {
        "national": set(),
        "chifeng": practising | {"same_act_again", "certificate_lent_out"},
        "hunan": set(),
        "liaoning": set(),
        "tianjin": practising | {"same_act_again"},
    }
    described = {item["key"]: item for item in shipped.describe("chifeng", DAY)["items"]}
    assert not any(described[key]["verified"] for key in own["chifeng"])
    assert {key for key, item in described.items() if item["rulebook"] == "chifeng"} == own["chifeng"]


def test_an_item_is_looked_up_by_its_key(rulebooks):
    rulebook = rulebooks.resolve("chifeng", DAY)
    assert rulebook.item("overtreatment").band == "moderate"
    assert rulebook.item("settling_in_anothers_name").band == "serious"
    assert rulebook.item("no_such_item") is None


@pytest.mark.parametrize(
    ("rulebook_id", "differing"),
    [
        ("liaoning", {"suspension_months"}),
        ("hunan", {"sanction_start"}),
        ("tianjin", {"warnings", "items"}),
    ],
)
def test_an_overlay_differs_in_nothing_else(rulebooks, rulebook_id, differing):
    base, overlay = rulebooks.resolve(DEFAULT_RULEBOOK, DAY), rulebooks.resolve(rulebook_id, DAY)
    changed = {field: getattr(overlay, field) for field in ("id", "sha256", "values", *differing)}
    assert replace(base, **changed) == overlay
    assert all(getattr(base, field) != getattr(overlay, field) for field in changed)


def test_an_overlay_says_what_its_file_says(rulebooks):
    liaoning = rulebooks.resolve("liaoning", DAY).suspension_months
    assert liaoning == {Ground.ACCUMULATED: {9: 1, 10: 2, 11: 3}, Ground.SINGLE: {9: 3, 10: 4, 11: 6}}
    assert rulebooks.resolve("hunan", DAY).sanction_start is SanctionStart.FIRST_OF_NEXT_MONTH
    assert [tier.points for tier in rulebooks.resolve("tianjin", DAY).warnings] == [6]


@pytest.mark.parametrize(
    ("division", "rulebook_id"),
    [
        ("150402", "chifeng"),
        ("150102", "national"),
        ("210102", "liaoning"),
        ("21", "liaoning"),
        ("2", "national"),
        ("430000", "hunan"),
        ("120101", "tianjin"),
        ("330101", "national"),
        ("", "national"),
    ],
)
def test_the_rulebook_of_a_division(shipped, rulebooks, division, rulebook_id):
    for books in (shipped, rulebooks):
        assert books.id_for_division(division) == rulebook_id
        assert books.for_division(division, DAY) is books.resolve(rulebook_id, DAY)


def test_before_the_first_value(rulebooks):
    eve = FIRST - timedelta(days=1)
    with pytest.raises(RuleError) as caught:
        rulebooks.resolve("hunan", eve)
    assert caught.value.code == "no_rulebook"
    with pytest.raises(RuleError):
        rulebooks.for_division("150402", eve)
    assert rulebooks.resolve_for_reading("hunan", eve) is rulebooks.resolve("hunan", FIRST)


def test_an_unknown_rulebook(rulebooks):
    for read in (rulebooks.resolve, rulebooks.resolve_for_reading, rulebooks.describe):
        with pytest.raises(RuleError) as caught:
            read("atlantis", DAY)
        assert caught.value.code == "unknown_rulebook"


def test_one_object_a_period(rulebooks):
    assert rulebooks.resolve("chifeng", DAY) is rulebooks.resolve("chifeng", date(2030, 2, 2))


@pytest.mark.parametrize("rulebook_id", ["national", "chifeng", "liaoning", "hunan", "tianjin"])
def test_values_are_stored_and_restored(shipped, rulebook_id):
    rulebook = shipped.resolve(rulebook_id, DAY)
    assert from_values(rulebook.id, rulebook.valid_from, rulebook.values) == rulebook


def test_values_stored_before_a_parameter_existed_keep_their_text_and_hash(superseded):
    stored = superseded.resolve("liaoning", DAY)
    restored = from_values("liaoning", FIRST, stored.values)
    assert (restored.values, restored.sha256) == (stored.values, stored.sha256)
    assert restored.resumption_mode is ResumptionMode.AUTOMATIC


def test_rulebooks_with_equal_values_have_names_of_their_own(rulebooks):
    rulebook = rulebooks.resolve("chifeng", DAY)
    assert from_values("elsewhere", FIRST, rulebook.values).sha256 != rulebook.sha256
    assert from_values("chifeng", date(2026, 1, 1), rulebook.values).sha256 != rulebook.sha256


def test_a_resolved_rulebook_cannot_be_changed(rulebooks):
    rulebook = rulebooks.resolve("chifeng", DAY)
    with pytest.raises(TypeError):
        rulebook.suspension_months[Ground.SINGLE][9] = 1
    with pytest.raises(TypeError):
        rulebook.ban_years[Ground.SINGLE] = 1


def test_the_list_of_rulebooks(rulebooks):
    rows = rulebooks.items()
    assert [row["id"] for row in rows] == ["national", "chifeng", "hunan", "liaoning", "on_application", "tianjin"]
    assert [row["divisions"] for row in rows] == [[], ["1504"], ["43"], ["21"], ["37"], ["12"]]
    assert [row["based_on"] for row in rows] == [None, *["national"] * 5]
    assert rows[0]["versions"] == [
        {"valid_from": "2025-01-01", "sha256": rulebooks.resolve("national", DAY).sha256}
    ]


def test_every_value_is_shown_with_date_source_and_mark(shipped):
    shown = shipped.describe("liaoning", DAY)
    assert shown["sha256"] == shipped.resolve("liaoning", DAY).sha256
    stated = [value for parameter in shown["parameters"].values() for value in parameter["values"]]
    stated += [value for item in shown["items"] for value in item["values"]]
    for value in stated:
        assert date.fromisoformat(value["from"]) >= FIRST
        assert value["source"]
        assert value["verified"] or value["basis"]
    assert all(parameter["title"] for parameter in shown["parameters"].values())


def test_what_is_assumed_is_marked(rulebooks):
    parameters = rulebooks.describe("chifeng", DAY)["parameters"]
    verified = {key for key, parameter in parameters.items() if parameter["verified"]}
    assert verified == {
        "suspend_at",
        "terminate_at",
        *(f"bands.{band}" for band in ("minor", "moderate", "serious", "grave")),
        "suspension_months.accumulated.10",
        "suspension_months.single.10",
        "ban_years.accumulated",
        "ban_years.single",
        "appeal.window_working_days",
        "institution_ratio.alert_percent",
        "institution_ratio.severe_percent",
        "interpretations.points_outside_band",
    }


def test_an_overlay_shows_whose_value_it_is(rulebooks):
    parameters = rulebooks.describe("tianjin", DAY)["parameters"]
    assert parameters["warnings.3"]["value"] is None
    assert parameters["warnings.6"]["rulebook"] == "tianjin"
    assert parameters["suspend_at"]["rulebook"] == "national"
    assert parameters["suspend_at"]["value"] == 9


def test_items_are_shown_as_the_contract_has_them(rulebooks):
    items = {item["key"]: item for item in rulebooks.describe("chifeng", DAY)["items"]}
    item = items["certificate_revoked"]
    assert (item["band"], item["title"], item["degrees"]) == ("grave", "吊销执业证书", ["main"])
    assert items["overtreatment"]["legal_basis"] == "《医疗保障基金使用监督管理条例》第三十八条"
    assert items["overtreatment"]["degrees"] == ["general", "important", "main"]


def test_a_day_before_the_first_value_shows_the_first(rulebooks):
    assert rulebooks.describe("chifeng", date(2020, 1, 1))["valid_from"] == "2025-01-01"
