"""The tests' own law: rulebooks that no official changes, for tests whose subject is not what the shipped files say.

The files have the ids and divisions of the shipped ones, and the values that the tests count with. What the shipped
files say is told by `tests/rules/*.yaml` and held by `tests/rulebooks/hashes.yaml`.
"""

import itertools
from pathlib import Path

from scoring_service.law.rulebooks import Rulebooks

OWN_LAW = Path(__file__).parent
RULEBOOKS = Rulebooks.load(OWN_LAW)


def on_application(folder: Path) -> Path:
    """Return a folder made in `folder` with the same law, but for suspensions that end by a resumption only (P39)."""
    for file in OWN_LAW.glob("*.yaml"):
        text = file.read_text(encoding="utf-8").replace("value: automatic", "value: on_application")
        (folder / file.name).write_text(text, encoding="utf-8")
    return folder


def unpaid_without_commitment(folder: Path, since: str = "2025-01-01") -> Path:
    """Return a folder made in `folder` with the same law, but for Chifeng, which pays no line without a commitment."""
    for file in OWN_LAW.glob("*.yaml"):
        text = file.read_text(encoding="utf-8")
        (folder / file.name).write_text(text + UNPAID.format(since) if file.stem == "chifeng" else text, encoding="utf-8")
    return folder


UNPAID = """
  commitment:
    unpaid_without:
      values:
        {}: {{value: true, source: D-IM, verified: true}}
"""


def text_of(rulebook: str) -> str:
    """Return the file of a rulebook of the same law."""
    return (OWN_LAW / f"{rulebook}.yaml").read_text(encoding="utf-8")


def with_value(text: str, key: str, dated: str) -> str:
    """Return a rulebook's file with one more dated value of a parameter that it states, behind those that it has.

    `dated` is the line, such as `2025-07-01: {value: 5, source: S, verified: true}`.
    """
    lines, at = text.splitlines(), 0
    parts = ["parameters", *key.split("."), "values"]
    for level, part in enumerate(parts):
        begins = f"{'  ' * level}{part}:"
        at = next(number for number in range(at, len(lines)) if lines[number].startswith(begins)) + 1
    depth = "  " * len(parts)
    block = itertools.takewhile(lambda line: not line.strip() or line.startswith(depth), lines[at:])
    end = at + len(list(block))
    return "\n".join([*lines[:end], depth + dated, *lines[end:], ""])
