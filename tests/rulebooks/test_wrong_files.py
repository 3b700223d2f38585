"""A wrong file stops the start, and the message gives file, line and what to do, Chinese beside English."""

import re

import pytest
from own_law import OWN_LAW

from scoring_service.law.rulebooks import RULEBOOKS_DIRECTORY, RulebookError, Rulebooks
from scoring_service.law.values import READINGS

NATIONAL = (OWN_LAW / "national.yaml").read_text(encoding="utf-8")
MINOR = "2025-01-01: {value: {lowest: 1, highest: 3}, source: A B, verified: true}"
MODERATE = "2025-01-01: {value: {lowest: 4, highest: 6}, source: A B, verified: true}"
GRAVE = "2025-01-01: {value: {lowest: 10, highest: 12}, source: A B, verified: true}"
SUSPEND = "2025-01-01: {value: 9, source: A B, verified: true}"
TERMINATE = "2025-01-01: {value: 12, source: A B, verified: true}"
ALERT = "2025-01-01: {value: 20, source: D, verified: true}"
TEN = "      10:\n        values:\n          2025-01-01: {value: 4, source: D, verified: false, basis: assumed}\n"
FIRST_DAY = "in_force_from: 2025-01-01\n"
DEGREES = """    minor:
      values:
        2025-01-01: {value: {general: 1, important: 2, main: 3}, source: S, verified: false, basis: assumed}
"""
INTENT = """    heavier:
      intent:
        values:
          2025-01-01: {value: {title: 故意, title_en: Intent}, source: S, verified: false, basis: assumed}
"""
OVERLAY = """id: jilin
title: 吉林
title_en: Jilin
divisions: ["22"]
based_on: national
sources: {X: a source}
parameters:
  sanction_start:
    values:
      2025-01-01: {value: effective_date, source: X, verified: true}
"""


def message(directory, **files):
    for name, text in files.items():
        (directory / f"{name}.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(RulebookError) as caught:
        Rulebooks.load(directory)
    return str(caught.value)


WRONG_VALUES = [
    (
        SUSPEND,
        "2025-01-01: {value: true, source: A B, verified: true}",
        "a whole number from 1 to 12 belongs here, not true",
    ),
    (SUSPEND, '2025-01-01: {value: "9", source: A B, verified: true}', "not '9'"),
    (SUSPEND, "2025-01-01: {value: 9.0, source: A B, verified: true}", "float does not belong here"),
    (SUSPEND, "2025-01-01: {value: 011, source: A B, verified: true}", "011 is not a plain decimal number"),
    (SUSPEND, "2025-01-01: {value: 0, source: A B, verified: true}", "a whole number from 1 to 12"),
    (SUSPEND, "2025-01-01: {value: null, source: A B, verified: true}", "not null"),
    (
        SUSPEND,
        "2025-01-01: {value: 12, source: A B, verified: true}",
        "suspend_at must be below terminate_at",
    ),
    (SUSPEND, "2025-01-01: {value: 9, verified: true}", "source is missing; add it"),
    (SUSPEND, '2025-01-01: {value: 9, source: "", verified: true}', "text belongs here"),
    (SUSPEND, "2025-01-01: {value: 9, source: Z, verified: true}", "source Z is not listed in sources"),
    (SUSPEND, "2025-01-01: {value: 9, source: A}", "verified is missing"),
    (SUSPEND, "2025-01-01: {value: 9, source: A, verified: yes}", "true or false belongs here, not 'yes'"),
    (SUSPEND, "2025-01-01: {value: 9, source: A, verified: 1}", "true or false belongs here, not 1"),
    (SUSPEND, "2025-01-01: {value: 9, source: A, verified: false}", "needs a basis"),
    (SUSPEND, "2025-01-01: {value: 9, value: 8, source: A, verified: true}", "duplicate key value"),
    (SUSPEND, "2025-01-01: {value: 9, source: A, verified: true, sorce: B}", "unknown key 'sorce'"),
    (SUSPEND, f"{SUSPEND}\n      {SUSPEND}", "duplicate key 2025-01-01"),
    (SUSPEND, SUSPEND.replace("2025-01-01", "2024-12-31"), "before the rulebook's first day 2025-01-01"),
    (SUSPEND, SUSPEND.replace("2025-01-01", "2025-02-01"), "suspend_at has no value on 2025-01-01"),
    (SUSPEND, SUSPEND.replace("2025-01-01", "2025-02-30"), "there is no day 2025-02-30"),
    (SUSPEND, SUSPEND.replace("2025-01-01", "since 2025"), "must be the date from which the value holds"),
    (SUSPEND, "2025-01-01: &a {value: 9, source: *a, verified: true}", "aliases are not allowed"),
    (
        SUSPEND,
        "2025-01-01: {value: !!python/object:os.system x, source: A, verified: true}",
        "does not belong here",
    ),
    (SUSPEND, "2025-01-01: 9", "a mapping of keys to values belongs here"),
    (SUSPEND, "2025-01-01: {value: 8, source: A B, verified: true}", "has no row for 8 points"),
    (TERMINATE, "2025-01-01: {value: 11, source: A B, verified: true}", "must end exactly at 11 points"),
    (MINOR, MINOR.replace("lowest: 1", "lowest: 2"), "band minor must begin at 1"),
    (MINOR, MINOR.replace("lowest: 1", "lowest: 4"), "lowest is above highest"),
    (MODERATE, MODERATE.replace("lowest: 4", "lowest: 5"), "band moderate must begin at 4"),
    (MODERATE, MODERATE.replace("highest: 6", "highest: 7"), "band serious must begin at 8"),
    (GRAVE, GRAVE.replace("highest: 12", "highest: 11"), "must end exactly at 12 points"),
    ("    grave:\n", "    severe:\n", "unknown parameter bands.severe"),
    (TEN, "", "suspension_months.accumulated has no row for 10 points"),
    (TEN, TEN.replace("      10:", "      12:"), "suspension_months.accumulated.12 is outside 9-11"),
    (TEN, TEN.replace("value: 4", "value: 1"), "more points may never bring less"),
    (TEN, TEN.replace("value: 4", "value: 5"), "single is milder than accumulated"),
    (TEN, TEN.replace("      10:", "      ten:"), "unknown parameter suspension_months.accumulated.ten"),
    ("value: next_day", "value: tomorrow", "'tomorrow' is not known; known are next_day"),
    ("value: automatic", "value: by_itself", "'by_itself' is not known; known are automatic, on_application"),
    ("value: 15", "value: -15", "a whole number from 1 to 250 belongs here, not -15"),
    ("value: 15", "value: 0", "a whole number from 1 to 250 belongs here, not 0"),
    ("    measure:\n", "    unknown:\n", "unknown parameter ban_years.unknown"),
    ("    minor:\n      values:\n        2025-01-01: {value: {general", "    none:\n      values:\n        2025-01-01: {value: {general", "unknown parameter degree_points.none"),
    (DEGREES, "", "band minor and degree_points.minor must be in force together"),
    (DEGREES, DEGREES.replace("main: 3", "main: 4"), "degree_points.minor must lie in the band"),
    (DEGREES, DEGREES.replace("important: 2", "important: 4"), "a greater degree never below a lesser"),
    (DEGREES, DEGREES.replace(", main: 3", ""), "main is missing"),
    ("    lighter:\n      owned_up:", "    lightest:\n      owned_up:", "unknown parameter adjustment_grounds.lightest.owned_up"),
    (INTENT, "", "adjustment_grounds.heavier names no ground"),
    ("asks_legal_basis: true", "asks_legal_basis: false", "write either the legal_basis or asks_legal_basis: true"),
    ("asks_legal_basis: true", "legal_basis: x\n            asks_legal_basis: true", "write either the legal_basis"),
    ("source: A B,", "source: A B 9,", "such as P29 or G annex 2"),
    ("source: A B,", "source: A annex,", "such as P29 or G annex 2"),
    ("value: 1/2", "value: 3/2", "3/2 must be a fraction up to 1"),
    ("value: 1/2", "value: half", "half must be a fraction up to 1"),
    ("    3:\n", "    12:\n", "a warning stands at 1 to 11 points"),
    ("value: grow_to_the_months_due", "value: nothing", "known are grow_to_the_months_due"),
    ("            band: minor", "            band: tiny", "'tiny' is not known; known are minor"),
    (
        "degrees: [general, important, main]",
        "degrees: [general, total]",
        "'total' is not known; known are general",
    ),
    ("degrees: [general, important, main]", "degrees: []", "degrees are empty"),
    ("degrees: [general, important, main]", "degrees: [main, main]", "named twice"),
    ("    overtreatment:", "    Overtreatment:", "unknown parameter items.Overtreatment"),
    ("    overtreatment:", "    splitting_stays:", "duplicate key splitting_stays"),
    ("            title: 过度诊疗", "            title: 38", "put digits in quotes"),
    (ALERT, ALERT.replace("value: 20", "value: 50"), "alert_percent must be below severe_percent"),
    ("  suspend_at:\n", "  suspend_att:\n", "unknown parameter suspend_att"),
    ("id: national", "id: nation", "id must be the file's name: national"),
    (FIRST_DAY, f"divisions: [1504]\n{FIRST_DAY}", "put digits in quotes"),
    (FIRST_DAY, f'divisions: ["1504021"]\n{FIRST_DAY}', "one to six digits"),
    ("in_force_from: 2025-01-01\n", "", "write either based_on"),
    ("in_force_from: 2025-01-01\n", "in_force_from: 2025-01-01\nauthor: x\n", "unknown key 'author'"),
    ("title: 国家", "title: [国家", "not valid YAML"),
]


@pytest.mark.parametrize(("old", "new", "says"), WRONG_VALUES, ids=[says for _, _, says in WRONG_VALUES])
def test_a_wrong_value_is_told_with_its_line(tmp_path, old, new, says):
    assert old in NATIONAL
    text = message(tmp_path, national=NATIONAL.replace(old, new, 1))
    assert says in text
    found = re.match(r"(.*national\.yaml):(\d+): .*[\u4e00-\u9fff].* / ", text)
    assert found, text
    assert 1 <= int(found[2]) <= NATIONAL.count("\n") + 2


@pytest.mark.parametrize(
    ("old", "new", "offset"),
    [
        (SUSPEND, SUSPEND.replace("9", "true"), 0),
        (SUSPEND, f"{SUSPEND}\n      {SUSPEND}", 1),
        (SUSPEND, SUSPEND.replace("2025-01-01", "2024-12-31"), 0),
        (MODERATE, MODERATE.replace("lowest: 4", "lowest: 5"), 0),
        ("degrees: [general, important, main]", "degrees: []", 0),
    ],
)
def test_the_line_is_that_of_the_mistake(tmp_path, old, new, offset):
    line = NATIONAL[: NATIONAL.index(old)].count("\n") + 1 + offset
    assert f"national.yaml:{line}: " in message(tmp_path, national=NATIONAL.replace(old, new, 1))


def test_a_parameter_left_out_is_named(tmp_path):
    start, end = NATIONAL.index("  credits:\n"), NATIONAL.index("  remediation:\n")
    assert "parameters are missing: credits.points_cap_per_year" in message(
        tmp_path, national=NATIONAL[:start] + NATIONAL[end:]
    )


def test_a_file_in_force_may_not_lack_what_a_superseded_one_may(tmp_path):
    former = (RULEBOOKS_DIRECTORY / "superseded" / "chifeng.yaml").read_text(encoding="utf-8")
    former = re.sub(r"    extension_working_days:\n(      .*\n)+", "", former)
    missing = re.search(
        "parameters are missing: (.*); add them",
        message(tmp_path, national=former.replace("id: chifeng", "id: national")),
    )
    assert {key for key in missing[1].split(", ") if not key.startswith("interpretations.")} == set(READINGS)


def test_a_file_in_force_may_not_state_what_is_no_parameter_any_more(tmp_path):
    extended = NATIONAL.replace(
        "    decision_working_days:",
        "    extension_working_days: {values: {2025-01-01: {value: 0, source: S, verified: true}}}\n"
        "    decision_working_days:",
    )
    assert "unknown parameter appeal.extension_working_days" in message(tmp_path, national=extended)


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("based_on: national", "based_on: atlantis", 5, "based_on names atlantis"),
        ("based_on: national", "based_on: jilin", 5, "is based on this file"),
        ("2025-01-01", "2024-01-01", 10, "before the rulebook's first day 2025-01-01"),
        ("effective_date", "effective", 10, "known are next_day"),
        ("based_on: national", "based_on: national\nin_force_from: 2025-01-01", 1, "write either based_on"),
        ("value: effective_date", "value: null", 10, "null is not known"),
    ],
)
def test_a_wrong_overlay_is_told_with_its_line(tmp_path, old, new, line, says):
    text = message(tmp_path, national=NATIONAL, jilin=OVERLAY.replace(old, new))
    assert says in text
    assert f"jilin.yaml:{line}: " in text


def test_a_division_belongs_to_one_rulebook(tmp_path):
    other = OVERLAY.replace("id: jilin", "id: siping")
    text = message(tmp_path, national=NATIONAL, jilin=OVERLAY, siping=other)
    assert "siping.yaml:4: " in text
    assert "division 22 belongs to jilin already" in text


def test_the_default_must_be_there(tmp_path):
    assert "national.yaml is missing; add it" in message(tmp_path, jilin=OVERLAY)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"---\na: 1\n---\nb: 2\n", b"- 1\n", b"a: \x00\n"])
def test_a_file_that_is_no_rulebook(tmp_path, content):
    (tmp_path / "national.yaml").write_bytes(content)
    with pytest.raises(RulebookError, match=r"national\.yaml:\d+: "):
        Rulebooks.load(tmp_path)
