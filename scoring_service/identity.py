"""Identity-card numbers: encrypted for keeping, hashed with a key for finding, masked for showing."""

from __future__ import annotations

import hmac
import os
import re
from contextlib import suppress
from datetime import date
from operator import mul
from typing import TYPE_CHECKING, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

KEY_BYTES = 32
NONCE_BYTES = 12
SHOWN_FIRST = 3
SHOWN_LAST = 4
LEAST_LENGTH_SHOWN = 15

RESIDENT_LENGTH = 18

_RESIDENT = re.compile(r"[0-9]{17}[0-9X]")
_DIGITS = re.compile(r"[0-9]{9,}X?")
_OLD_RESIDENT = re.compile(r"[0-9]{15}")
# Passports and the travel permits of Taiwan, those of Hong Kong and Macao, and residence cards before 2023.
_OTHER_PAPERS = (
    re.compile(r"(?=.*[0-9]{4})[A-Z0-9]{6,9}"),
    re.compile(r"[HM][0-9]{10}"),
    re.compile(r"[A-Z]{3}[0-9]{12}"),
)
_CHECK = "10X98765432"
_WEIGHTS = [pow(2, RESIDENT_LENGTH - 1 - place, 11) for place in range(RESIDENT_LENGTH - 1)]
# The provinces of GB/T 2260, and what residence permits of Hong Kong, Macao and Taiwan begin with.
_PROVINCES = frozenset(
    f"{number}" for first, last in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83))
    for number in range(first, last + 1)
)
# What a foreigner's permanent residence card begins with.
_FOREIGNERS = frozenset(f"9{digit}" for digit in range(10))
_BIRTH_YEARS = range(1900, 2100)
_PURPOSE = b"scoring-service identity number"


class IdentityNumbers:
    """The three forms of an identity number, under keys derived from one setting (SCORING_IDENTITY_KEY).

    The first key is written with; what stands under a further one is read and found too, while keys are rotated.
    """

    def __init__(self, key: str | Callable[[], tuple[str, ...]], *further: str) -> None:
        """Take the keys, or what returns them at each use: the same tuple for as long as they are the same."""
        fixed = () if callable(key) else (key, *further)
        self._keys = key if callable(key) else lambda: fixed
        self._derived: tuple[tuple[str, ...], tuple[_Derived, ...]] = ((), ())

    def encrypt(self, number: str) -> bytes:
        """Return nonce and ciphertext (AES-256-GCM); the same number never gives the same bytes twice."""
        return _encrypted(self._present().number, number.encode("ascii"))

    def decrypt(self, encrypted: bytes) -> str:
        """Return the number; raises cryptography.exceptions.InvalidTag for other keys or altered bytes."""
        return _decrypted([keys.number for keys in self._all()], encrypted).decode("ascii")

    def seal(self, text: str) -> bytes:
        """Return a text that may hold numbers, encrypted for keeping as `encrypt` does."""
        return self.seal_bytes(text.encode("utf-8"))

    def unseal(self, sealed: bytes) -> str:
        """Return a text that was sealed; raises as `decrypt` does."""
        return self.unseal_bytes(sealed).decode("utf-8")

    def seal_bytes(self, content: bytes) -> bytes:
        """Return the bytes of a file or of rows, encrypted as a text is."""
        return _encrypted(self._present().form, content)

    def unseal_bytes(self, sealed: bytes) -> bytes:
        """Return bytes that were sealed; raises as `decrypt` does."""
        return _decrypted([keys.form for keys in self._all()], sealed)

    def digest(self, number: str) -> bytes:
        """Return the keyed hash (HMAC-SHA256) by which the number is found and kept unique."""
        return hmac.digest(self._present().search, number.encode("ascii"), "sha256")

    def digests(self, number: str) -> list[bytes]:
        """Return the keyed hashes of every form in which a normal number may have been recorded, under every key."""
        return [
            hmac.digest(keys.search, form.encode("ascii"), "sha256")
            for keys in self._all()
            for form in same_number(number)
        ]

    def under_present_keys(self) -> IdentityNumbers:
        """Return the same under the keys that count by now, for whoever keeps them from being changed meanwhile."""
        self._all()
        keys, derived = self._derived
        held = IdentityNumbers(lambda: keys)
        held._derived = keys, derived
        return held

    def _present(self) -> _Derived:
        return self._all()[0]

    def _all(self) -> tuple[_Derived, ...]:
        keys = self._keys()
        of, derived = self._derived
        if of is not keys:
            derived = tuple(map(_all_derived, keys))
            self._derived = keys, derived
        return derived


class _Derived(NamedTuple):
    number: AESGCM
    form: AESGCM
    search: bytes


def _all_derived(key: str) -> _Derived:
    return _Derived(
        number=AESGCM(_derived(key, b"encryption")),
        form=AESGCM(_derived(key, b"forms")),
        search=_derived(key, b"search"),
    )


def _encrypted(cipher: AESGCM, content: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, content, _PURPOSE)


def _decrypted(ciphers: Sequence[AESGCM], encrypted: bytes) -> bytes:
    nonce, content = encrypted[:NONCE_BYTES], encrypted[NONCE_BYTES:]
    for cipher in ciphers[:-1]:
        with suppress(InvalidTag):
            return cipher.decrypt(nonce, content, _PURPOSE)
    return ciphers[-1].decrypt(nonce, content, _PURPOSE)


def normalised(number: str) -> str:
    """Return the number trimmed, in upper case and, of a resident, in its form of 18 characters.

    Checked are the province, the day of birth and the check character (ISO 7064 MOD 11-2, GB 11643) of a resident's
    number, of a residence permit (81, 82, 83) and of a foreigner's permanent residence card (9); a number of 15 digits,
    as issued until 1999, is that of 18 with the century and the check character written out. Passports, travel permits
    and the older residence cards are checked by their form. Raises ValueError, which names what is wrong.
    """
    number = number.strip().upper()
    if _OLD_RESIDENT.fullmatch(number):
        _check_begins(number, _PROVINCES)
        number = _with_check(number[:6] + "19" + number[6:])
    if _RESIDENT.fullmatch(number):
        return _checked(number)
    if not any(form.fullmatch(number) for form in _OTHER_PAPERS):
        if _DIGITS.fullmatch(number):
            raise ValueError(
                f"证件号有 {len(number)} 位，身份证应为 18 位（旧 15 位） / it has {len(number)} characters: give a "
                "number of 18 (formerly 15) digits"
            )
        raise ValueError(
            "证件号应为 18 位（旧 15 位）身份证、居住证，或护照、永久居留证、通行证号码 / give a number of 18 "
            "(formerly 15) digits, or that of a passport, a residence card or a travel permit"
        )
    return number


def same_number(number: str) -> tuple[str, ...]:
    """Return the forms in which a normal number may have been recorded: itself and, of old, without century and check.

    Numbers of 15 digits were kept as they were written once.
    """
    century = number[6:8]
    older = len(number) == RESIDENT_LENGTH and century == "19" and not number.startswith("9")
    return (number, number[:6] + number[8:-1]) if older else (number,)


def _checked(number: str) -> str:
    _check_begins(number, _PROVINCES | _FOREIGNERS)
    if not _is_birthday(number[6:14]):
        raise ValueError(
            "证件号第 7 至 14 位的出生日期不存在，请核对 / the day of birth (digits 7 to 14) does not exist"
        )
    if _with_check(number[:-1]) != number:
        raise ValueError(
            "证件号校验位（末位）不符，说明有数字录错，请逐位核对 / the check character does not fit: a digit is "
            "wrong, compare them with the card"
        )
    return number


def _check_begins(number: str, beginnings: frozenset[str]) -> None:
    if number[:2] not in beginnings:
        raise ValueError(
            "证件号前两位不是行政区划代码，请核对 / the first two digits are no province's: compare them with the card"
        )


def _is_birthday(digits: str) -> bool:
    """Tell whether a day written YYYYMMDD may be somebody's day of birth."""
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return born.year in _BIRTH_YEARS


def _with_check(digits: str) -> str:
    total = sum(map(mul, map(int, digits), _WEIGHTS))
    return digits + _CHECK[total % 11]


def mask(number: str) -> str:
    """Return the number with all but the first three and last four characters starred, of a short one but 1 and 2."""
    short = len(number) < LEAST_LENGTH_SHOWN
    first, last = (1, 2) if short else (SHOWN_FIRST, SHOWN_LAST)
    return number[:first] + "*" * (len(number) - first - last) + number[-last:]


def _derived(key: str, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=_PURPOSE + b"/" + purpose).derive(
        key.encode("utf-8")
    )
