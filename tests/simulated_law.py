"""Rulebook files to be tried: one of the tests' own or of the shipped, with another's values in it."""

from pathlib import Path

from scoring_service.law.files import read_rulebook_file


def liaonings_table(folder: Path, laws: Path, *, since: str = "2025-01-01") -> Path:
    """Write Chifeng's rulebook with Liaoning's months of suspension from a day on, by the files in `laws`."""
    text = (laws / "liaoning.yaml").read_text(encoding="utf-8").replace("2025-01-01", since)
    path = folder / "chifeng.yaml"
    path.write_text(text.replace("id: liaoning", "id: chifeng").replace('["21"]', '["1504"]'), encoding="utf-8")
    return path


def law_with(rulebooks, path):
    """The rulebooks with a file in the place of the one of its id."""
    return rulebooks.with_file(read_rulebook_file(path))
