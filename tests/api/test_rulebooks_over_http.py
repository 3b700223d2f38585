"""The law in force, told to anybody who is signed in."""

import pytest
from api_office import make_office, make_test_service

from scoring_service.law.rulebooks import RULEBOOKS_DIRECTORY


@pytest.fixture(scope="module")
def reader(client_for):
    return client_for("settlement")


def test_the_rulebooks_are_listed_the_default_first(reader):
    answer = reader.get("/rulebooks").json
    assert answer["items"][0]["id"] == "national"
    assert {item["id"] for item in answer["items"]} >= {"liaoning", "hunan", "tianjin"}
    assert answer["next_cursor"] is None


def test_a_rulebook_shows_values_with_their_sources_and_its_items(reader):
    shown = reader.get("/rulebooks/chifeng?on=2025-03-01").json
    assert shown["on"] == "2025-03-01"
    suspend_at = shown["parameters"]["suspend_at"]
    assert (suspend_at["value"], suspend_at["verified"]) == (9, True)
    assert suspend_at["source"]
    assert suspend_at["from"] == "2025-01-01"
    assert shown["parameters"]["sanction_start"]["verified"] is False
    for item in shown["items"]:
        assert item["band"] in {"minor", "moderate", "serious", "grave"}
        assert item["key"]
        assert item["title"]
        assert bool(item["legal_basis"]) is not item["asks_legal_basis"]
        assert set(item["degrees"]) <= {"general", "important", "main"}
        assert item["degrees"]


def test_a_rulebook_is_answered_whole_each_value_with_its_file_and_article(reader):
    """Base and overlay resolved, one hash over the whole."""
    whole, base = (reader.get(f"/rulebooks/{key}?on=2025-03-01").json for key in ("chifeng", "national"))
    assert list(whole["parameters"]) == list(base["parameters"])
    files = {key: parameter["rulebook"] for key, parameter in whole["parameters"].items()}
    own = {"suspension_months.accumulated.10", "suspension_months.single.10"}
    assert {key for key, file in files.items() if file == "chifeng"} == own
    assert {file for key, file in files.items() if key not in own} == {"national"}
    assert whole["sha256"] == whole["versions"][0]["sha256"] != base["sha256"]


@pytest.fixture(scope="module")
def shipped_reader(module_engine):
    service = make_test_service(module_engine, rulebooks_dir=RULEBOOKS_DIRECTORY)
    return make_office(service).client_for("settlement")


def test_what_is_shipped_cites_its_articles(shipped_reader):
    parameters = shipped_reader.get("/rulebooks/chifeng").json["parameters"]
    assert "(P44)" in parameters["appeal.decision_working_days"]["source"]
    assert "(P39)" in parameters["resumption.apply_working_days"]["source"]
    assert "(G annex 2)" in parameters["bands.grave"]["source"]
    assert parameters["suspension_months.single.10"]["rulebook"] == "chifeng"


def test_an_unknown_rulebook_is_404_and_a_wrong_day_422(reader):
    assert reader.get("/rulebooks/atlantis").status_code == 404
    assert reader.get("/rulebooks/chifeng?on=2025-02-30").json["errors"][0]["pointer"] == "/query/on"
