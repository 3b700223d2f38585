"""docs/rulebooks.md: its overlay loads, and its table names every parameter."""

import re
from datetime import date
from pathlib import Path

from own_law import OWN_LAW, RULEBOOKS

from scoring_service.law.rulebooks import Rulebooks

TEXT = (Path(__file__).parent.parent.parent / "docs" / "rulebooks.md").read_text(encoding="utf-8")


def test_the_overlay_of_the_docs_says_what_one_of_ours_does(tmp_path):
    (example,) = (
        block for block in re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL) if block.startswith("id:")
    )
    (tmp_path / "hunan.yaml").write_text(example, encoding="utf-8")
    (tmp_path / "national.yaml").write_bytes((OWN_LAW / "national.yaml").read_bytes())
    day = date(2025, 6, 1)
    assert Rulebooks.load(tmp_path).resolve("hunan", day) == RULEBOOKS.resolve("hunan", day)


def test_every_parameter_is_in_the_table():
    keys = Rulebooks.load().describe("national", date(2025, 6, 1))["parameters"]
    missing = {key.split(".")[0] for key in keys if f"`{key.split('.')[0]}" not in TEXT}
    assert missing == set()
