"""`simulate` on the command line: what it says, of what, and what it refuses."""

import csv

import pytest
from click.testing import CliRunner
from database_addresses import application_url
from services.case_world import build, finding, make_service
from simulated_law import liaonings_table

from scoring_service.cli import group
from scoring_service.law.files import RulebookError
from scoring_service.law.rulebooks import RULEBOOKS_DIRECTORY
from scoring_service.problems import Invalid

CHIFENG = RULEBOOKS_DIRECTORY / "chifeng.yaml"


@pytest.fixture
def person(fresh_engine):
    with fresh_engine.connect() as conn:
        world = build(make_service(fresh_engine), conn)
        person = world.person()
        world.approved(finding(person, 9, reason="情节"))
        conn.commit()
    return person


@pytest.fixture
def simulate(fresh_url, person, tmp_path, monkeypatch):
    monkeypatch.setenv("SCORING_DATABASE_URL", application_url(fresh_url))
    monkeypatch.setenv("SCORING_DATA_DIR", str(tmp_path / "data"))

    def run(rulebook, year, *arguments):
        asked = ("simulate", "--rulebook", str(rulebook), "--year", str(year), *arguments)
        return CliRunner().invoke(group, asked, catch_exceptions=False)

    return run


def test_who_would_have_been_treated_otherwise_is_told_and_written(simulate, person, tmp_path):
    out = tmp_path / "people.csv"
    answer = simulate(liaonings_table(tmp_path, RULEBOOKS_DIRECTORY), 2025, "--out", str(out))
    assert answer.exit_code == 0, answer.output
    assert "1 of 1 people would have been treated otherwise." in answer.output
    assert "suspended days 61 -> 92" in answer.output
    assert "2025-06-03 to 2025-08-02" in answer.output
    assert "2025-06-03 to 2025-09-02" in answer.output
    with out.open(encoding="utf-8-sig") as file:
        [row] = csv.DictReader(file)
    assert (row["id"], row["until_before"], row["until_after"]) == (person, "2025-08-03", "2025-09-03")


def test_a_file_that_is_wrong_is_refused_with_its_line(simulate, tmp_path):
    wrong = tmp_path / "chifeng.yaml"
    wrong.write_text(CHIFENG.read_text(encoding="utf-8").replace("value: 4", "value: 0"), encoding="utf-8")
    with pytest.raises(RulebookError, match=r"chifeng\.yaml:\d+: .*whole number from 1"):
        simulate(wrong, 2025)


def test_what_the_file_was_tried_on_is_said_in_words(simulate, tmp_path):
    assert "2024 has no entries" in simulate(CHIFENG, 2024).output
    later = simulate(liaonings_table(tmp_path, RULEBOOKS_DIRECTORY, since="2027-01-01"), 2025)
    assert "It begins on 2027-01-01, after the year" in later.output
    everywhere = simulate(RULEBOOKS_DIRECTORY / "liaoning.yaml", 2025)
    assert "No entry of 2025 was recorded under liaoning: it was tried on all" in everywhere.output
    with pytest.raises(Invalid, match="the year 2999 has not begun"):
        simulate(CHIFENG, 2999)
