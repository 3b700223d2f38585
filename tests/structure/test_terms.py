"""Each kind and state has its term, in both languages; no page, letter or problem shows its code."""

import re
from dataclasses import fields
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

import pytest

from scoring_service import terms
from scoring_service.core.entries import Basis, EntryKind
from scoring_service.core.fold import ConsequenceKind
from scoring_service.core.procedure import (
    AppealState,
    CaseState,
    HandlingKind,
    ImportState,
    MeasureKind,
    NoticeKind,
    Outcome,
    ProposalState,
    Side,
)
from scoring_service.core.rulebook import Degree, Ground
from scoring_service.core.sanctions import SanctionKind
from scoring_service.core.standing import Status
from scoring_service.db.registry import InstitutionFields
from scoring_service.problems import WrongState
from scoring_service.services.registry.agreements import AGREEMENT
from scoring_service.services.registry.codes import CATEGORIES, INSTITUTION_KINDS
from scoring_service.services.registry.rewrites import KINDS as REGISTRY_ROWS
from scoring_service.web.wording import entry_words, words

TERMS = {
    NoticeKind: terms.DOCUMENTS,
    EntryKind: terms.ENTRIES,
    Basis: terms.BASES,
    Status: terms.STATUSES,
    SanctionKind: terms.SANCTIONS,
    Ground: terms.GROUNDS,
    Degree: terms.DEGREES,
    HandlingKind: terms.HANDLINGS,
    MeasureKind: terms.MEASURES,
    CaseState: terms.CASE_STATES,
    ImportState: terms.IMPORT_STATES,
    AppealState: terms.APPEAL_STATES,
    ProposalState: terms.PROPOSAL_STATES,
    Outcome: terms.OUTCOMES,
    Side: terms.SIDES,
}


@pytest.mark.parametrize("values", TERMS, ids=lambda values: values.__name__)
def test_every_value_has_its_term(values: type[StrEnum]):
    assert set(TERMS[values]) == set(values)


def test_every_term_is_in_both_languages():
    tables = {name: table for name, table in vars(terms).items() if isinstance(table, MappingProxyType)}
    assert len(tables) >= len(TERMS)
    for table in tables.values():
        for term in table.values():
            chinese, english = terms.chinese(term), terms.english(term)
            assert any("\u4e00" <= character <= "\u9fff" for character in chinese), term
            assert english.isascii(), term


def test_what_has_no_enumeration_has_its_words_too():
    assert set(terms.CATEGORIES) == set(CATEGORIES)
    assert set(terms.INSTITUTION_KINDS) == set(INSTITUTION_KINDS)
    assert set(terms.INSTITUTION_FIELDS) == {field.name for field in fields(InstitutionFields)}
    assert set(words.REGISTRY_ROW) == {*REGISTRY_ROWS, AGREEMENT}
    assert set(words.SANCTION) == set(SanctionKind)
    assert set(words.THRESHOLD) == {ConsequenceKind.WARNING, *SanctionKind}


def test_every_entry_is_told_in_a_sentence_of_its_own():
    assert set(entry_words.TELLERS) == set(EntryKind)


@pytest.mark.parametrize(
    ("noun", "state", "table"),
    [
        *(("case", state, terms.CASE_STATES) for state in CaseState),
        *(("appeal", state, terms.APPEAL_STATES) for state in AppealState),
        *(("application", state, terms.PROPOSAL_STATES) for state in ProposalState),
    ],
)
def test_a_wrong_state_is_told_by_its_term_and_carries_its_code(noun, state, table):
    problem = WrongState(noun, state, table)
    assert (problem.code, problem.extra) == (f"{noun}_state", {"state": state})
    assert f"“{terms.chinese(table[state])}”" in problem.detail
    assert state not in terms.chinese(problem.detail)


def test_the_glossary_names_every_document():
    glossary = (Path(__file__).parents[2] / "docs" / "glossary.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| (\S+) \| `(\w+)` \|$", glossary, re.MULTILINE))
    assert listed == {terms.chinese(term): kind for kind, term in terms.DOCUMENTS.items()}
