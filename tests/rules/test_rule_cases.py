"""Every case of every YAML file here is one test; a file that cannot be read fails.

The files beside this one say what the shipped rulebooks say. How points, months and days are counted is said in
`arithmetic/`, under the tests' own law, which no change of a shipped value reaches.
"""

import re
from pathlib import Path

import own_law
import pytest
from rule_cases import CaseError, RuleCase, differences, read_cases

from scoring_service.law.rulebooks import Rulebooks

FOLDER = Path(__file__).parent
ARITHMETIC = FOLDER / "arithmetic"
FILES = sorted(FOLDER.rglob("*.yaml"))
HEAD = "- case: a case\n  entries:\n    - {score: 9, decided_on: 2025-05-09}\n"
GOOD = f"{HEAD}  expect:\n    - {{on: 2025-05-10, status: suspended}}\n"


def cases():
    """A file that is wrong becomes a test that fails, so that the others still run."""
    for path in FILES:
        try:
            yield from (pytest.param(path.parent, case, id=f"{path.stem}: {case.name}") for case in read_cases(path))
        except CaseError as error:
            yield pytest.param(path.parent, error, id=path.name)


@pytest.fixture(scope="module")
def shipped():
    return Rulebooks.load()


@pytest.fixture(scope="module")
def rulebooks():
    return own_law.RULEBOOKS


@pytest.mark.parametrize(("folder", "case"), list(cases()))
def test_case(folder, case, shipped, rulebooks):
    if isinstance(case, CaseError):
        pytest.fail(str(case), pytrace=False)
    try:
        found = list(differences(case, rulebooks if folder == ARITHMETIC else shipped))
    except CaseError as error:
        pytest.fail(f"{case.name}: {error}", pytrace=False)
    assert not found, "\n".join(found)


def test_no_case_is_written_twice():
    names = [(path.name, case.name) for path in FILES for case in read_cases(path)]
    assert len(names) == len(set(names))
    assert len(names) >= 30


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", ":1: 文件为空"),
        ("case: x\n", ":1: 此处应为列表"),
        (HEAD, "expect is missing"),
        (f"{HEAD}  expect: []\n", ":4: 没有写明"),
        (GOOD.replace("status: suspended", "state: suspended"), "unknown key 'state'"),
        (GOOD.replace(", status: suspended", ""), ":5: 没有写明"),
        (GOOD.replace("score: 9", "points: 9"), "unknown key 'points'"),
        (GOOD.replace("score: 9", "score: 9, term_credit: 9"), ":3: 须且只须写"),
        (GOOD.replace("decided_on", "on"), "the date is missing"),
        (GOOD.replace("score: 9, decided_on", "measure: suspension, from"), "the date is missing"),
        (GOOD.replace("score: 9, ", "resumption: 2025-07-10, measure_lifted: 2025-07-10, "), ":3: 须且只须写"),
        (GOOD.replace("2025-05-10", "2025-02-30"), "no day 2025-02-30"),
        (GOOD.replace("- case: a case", "- case: a case\n  case: b"), ":2: 键 case 重复"),
        (GOOD.replace("- {on", "- {on: 2025-05-11, on"), "duplicate key on"),
    ],
)
def test_a_malformed_file_is_told_with_its_line(tmp_path, text, says):
    path = tmp_path / "wrong.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CaseError) as caught:
        read_cases(path)
    assert says in str(caught.value)
    assert "wrong.yaml:" in str(caught.value)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        (
            ("status: suspended", "status: normal"),
            "wrong.yaml:5: a case (2025-05-10): status: suspended, not normal",
        ),
        (("status: suspended", "months: 3"), "months: 2, not 3"),
        (("status: suspended", "may_resume_from: 2025-07-10"), "may_resume_from: None, not 2025-07-10"),
        (("status: suspended", "values: {suspend_at: 8}"), "values: {'suspend_at': 9}, not {'suspend_at': 8}"),
        (("status: suspended", "values: {no_such: 8}"), "values: {'no_such': None}, not {'no_such': 8}"),
        (("status: suspended", "verified: [suspend_at]"), "not ['suspend_at']"),
        (("score: 9", "score: 8"), "status: normal, not suspended"),
    ],
)
def test_a_wrong_expectation_is_told_with_its_line(tmp_path, rulebooks, changed, says):
    path = tmp_path / "wrong.yaml"
    path.write_text(GOOD.replace(*changed), encoding="utf-8")
    (case,) = read_cases(path)
    assert isinstance(case, RuleCase)
    assert [difference for difference in differences(case, rulebooks) if says in difference]


@pytest.mark.parametrize(
    ("act", "says"),
    [
        ("{points_credit: 1, on: 2025-05-01}", "refused with nothing_to_credit, expected None"),
        (
            "{score: 3, decided_on: 2025-05-01, refused: ban_running}",
            "accepted, but ban_running was expected",
        ),
        (
            "{score: 7, decided_on: 2025-05-01, item: overtreatment, outside_band: false}",
            "outside_band is True",
        ),
        ("{score: 13, decided_on: 2025-05-01}", "a whole number from 1 to 12"),
        ("{score: true, decided_on: 2025-05-01}", "a whole number from 1 to 12"),
        ("{resumption: 2025-05-01}", "refused with not_suspended, expected None"),
        ("{measure: warning, on: 2025-05-01}", "'warning' is not known; known are suspension, termination"),
        ("{measure_lifted: 2025-05-01, of: 1}", "a whole number from 1 to 0"),
        ("{measure_lifted: soon, of: 1}", "a date such as 2025-01-01"),
    ],
)
def test_a_wrong_act_is_told_with_its_line(tmp_path, rulebooks, act, says):
    path = tmp_path / "wrong.yaml"
    path.write_text(GOOD.replace("{score: 9, decided_on: 2025-05-09}", act), encoding="utf-8")
    (case,) = read_cases(path)
    with pytest.raises(CaseError) as caught:
        list(differences(case, rulebooks))
    assert "wrong.yaml:3: " in str(caught.value)
    assert says in str(caught.value)


def test_days_late_that_were_not_expected_are_told_with_their_line(tmp_path, rulebooks):
    path = tmp_path / "wrong.yaml"
    act = "    - {resumption: 2025-08-09}\n  expect:"
    path.write_text(GOOD.replace("  entries", "  rulebook: on_application\n  entries").replace("  expect:", act))
    (case,) = read_cases(path)
    with pytest.raises(CaseError, match=r"wrong.yaml:5: .*30 days late, expected 0"):
        list(differences(case, rulebooks))


def test_the_example_of_the_docs_plays(tmp_path, rulebooks):
    text = (FOLDER.parent.parent / "docs" / "rulebooks.md").read_text(encoding="utf-8")
    (example,) = (
        block for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL) if block.startswith("- case")
    )
    path = tmp_path / "docs.yaml"
    path.write_text(example, encoding="utf-8")
    assert [list(differences(case, rulebooks)) for case in read_cases(path)] == [[]]
