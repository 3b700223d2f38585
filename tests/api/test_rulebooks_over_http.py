"""The law in force, told to anybody who is signed in."""

import pytest


@pytest.fixture(scope="module")
def reader(client_for):
    return client_for("settlement")


def test_the_rulebooks_are_listed_the_default_first(reader):
    answer = reader.get("/rulebooks").json
    assert answer["items"][0]["id"] == "chifeng"
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
        assert item["legal_basis"]
        assert set(item["degrees"]) <= {"general", "important", "main"}
        assert item["degrees"]


def test_an_unknown_rulebook_is_404_and_a_wrong_day_422(reader):
    assert reader.get("/rulebooks/atlantis").status_code == 404
    assert reader.get("/rulebooks/chifeng?on=2025-02-30").json["errors"][0]["pointer"] == "/query/on"
