"""The tests' own law: rulebooks that no official changes, for tests whose subject is not what the shipped files say.

The files have the ids and divisions of the shipped ones, and the values that the tests count with. What the shipped
files say is told by `tests/rules/*.yaml` and held by `tests/rulebooks/hashes.yaml`.
"""

from pathlib import Path

from scoring_service.law.rulebooks import Rulebooks

OWN_LAW = Path(__file__).parent
RULEBOOKS = Rulebooks.load(OWN_LAW)
