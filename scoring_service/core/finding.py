"""What is found by what is typed: the words under which a name or a number is kept, and the order of fit.

A word is a name, its pinyin or its initials from some character on to the end, so that whatever begins a word is a part
of the name. Its first character says of what it is (`n` name, `s` sound, `i` initials, `c` code or number), its second
whether it is the whole (`=`) or begins later (`~`). Codes of people, which are alike, are kept in pieces (`#`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

PIECE = 3
# Latin letters and figures that are fewer begin a name or a number; within one they would be found everywhere.
SHORTEST_PART = 2

_LETTERS = re.compile(r"[a-z]+")
_TONES = {
    toned: plain
    for plain, every in {"a": "āáǎăà", "e": "ēéěĕè", "i": "īíǐĭì", "o": "ōóǒŏò", "u": "ūúǔŭù", "v": "üǖǘǚǜ"}.items()
    for toned in every
}


class Fit(IntEnum):
    """How well something fits what was typed, the best first."""

    CODE = 1
    CODE_PREFIX = 2
    NAME = 3
    SOUND = 4
    INITIALS = 5
    NAME_PREFIX = 6
    SOUND_PREFIX = 7
    INITIALS_PREFIX = 8
    PART = 9


BEGINNINGS = frozenset({Fit.NAME_PREFIX, Fit.SOUND_PREFIX, Fit.INITIALS_PREFIX})


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A word that is looked for, `whole` or as the beginning of one, and how well fits what is kept under it."""

    fit: Fit
    word: str
    whole: bool = False

    def fits(self, kept: Iterable[str]) -> bool:
        """Tell whether something that is kept under these words is found."""
        return self.word in kept if self.whole else any(word.startswith(self.word) for word in kept)


# What is looked for at once, the best first: in whole words, in their beginnings, within names and numbers.
Stages: TypeAlias = "list[list[Probe]]"


def best_fit(probes: Iterable[Probe], kept: Collection[str]) -> Fit | None:
    """Return how well something that is kept under these words fits; None when it does not."""
    return min((probe.fit for probe in probes if probe.fits(kept)), default=None)


def name_words(folded: str, spellings: Iterable[Sequence[str]]) -> set[str]:
    """Return the words of a name that is folded (written.as_found), with its spellings (spelled.spelled)."""
    words = {f"n={folded}", *(f"n~{folded[start:]}" for start in range(1, len(folded)))} if folded else set()
    for syllables in spellings:
        words.update(_sound_words(syllables))
    return words


def _sound_words(syllables: Sequence[str]) -> Iterator[str]:
    initials = "".join(syllable[0] for syllable in syllables)
    yield "s=" + "".join(syllables)
    yield "s=" + syllables[0] + initials[1:]
    yield "i=" + initials
    for start in range(1, len(syllables)):
        yield "s~" + "".join(syllables[start:])
        if len(initials) - start >= SHORTEST_PART:
            yield "i~" + initials[start:]


def code_words(code: str) -> set[str]:
    """Return the words of a person's code, which is in small letters: its pieces, counted from the end."""
    return {f"#{code[end - PIECE : end]}" for end in range(len(code), PIECE - 1, -PIECE)}


def number_words(folded: str) -> set[str]:
    """Return the words of a document number or an institution's code that is folded (written.as_found)."""
    later = (f"c~{folded[start:]}" for start in range(1, len(folded) - SHORTEST_PART + 1))
    return {f"c={folded}", *later} if folded else set()


def name_stages(folded: str) -> Stages:
    """Return what to look for in names, of what was typed and folded (written.as_found)."""
    if not folded:
        return []
    sound = as_sound(folded)
    if sound:
        whole, begun = ((Fit.SOUND, Fit.INITIALS), (Fit.SOUND_PREFIX, Fit.INITIALS_PREFIX))
        words = ("s=" + sound, "i=" + sound)
        return [
            [Probe(fit=fit, word=word, whole=True) for fit, word in zip(whole, words, strict=True)],
            [Probe(fit=fit, word=word) for fit, word in zip(begun, words, strict=True)],
            [Probe(fit=Fit.PART, word=kind + sound) for kind in ("s~", "i~") if len(sound) >= SHORTEST_PART],
        ]
    return [
        [Probe(fit=Fit.NAME, word="n=" + folded, whole=True)],
        [Probe(fit=Fit.NAME_PREFIX, word="n=" + folded)],
        [Probe(fit=Fit.PART, word="n~" + folded)] if _within(folded) else [],
    ]


def number_stages(folded: str) -> Stages:
    """Return what to look for in document numbers or institutions' codes, of what was typed and folded."""
    if not folded:
        return []
    return [
        [Probe(fit=Fit.CODE, word="c=" + folded, whole=True)],
        [Probe(fit=Fit.CODE_PREFIX, word="c=" + folded)],
        [Probe(fit=Fit.PART, word="c~" + folded)] if len(folded) >= SHORTEST_PART else [],
    ]


def is_of_code(folded: str) -> bool:
    """Tell whether what was typed and folded may be a person's code or its beginning: no code is letters only."""
    return folded.isascii() and any(map(str.isdigit, folded))


def code_pieces(folded: str) -> list[list[str]]:
    """Return the words under all of which, of one list or another, a code is kept that holds what was typed.

    Whatever ends a code is found by three characters, what stands within one surely by five.
    """
    if not is_of_code(folded):
        return []
    begun = ([folded[at : at + PIECE] for at in range(first, len(folded) - PIECE + 1, PIECE)] for first in range(PIECE))
    return [[f"#{piece}" for piece in pieces] for pieces in begun if pieces]


def as_sound(folded: str) -> str:
    """Return what was typed and folded as pinyin, without tones; empty when it can be none."""
    plain = "".join(_TONES.get(character, character) for character in folded)
    return plain if _LETTERS.fullmatch(plain) else ""


def _within(folded: str) -> bool:
    return not folded.isascii() or len(folded) >= SHORTEST_PART
