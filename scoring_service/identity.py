"""Identity-card numbers: encrypted for keeping, hashed with a key for finding, masked for showing."""

from __future__ import annotations

import hashlib
import hmac
import os
import re

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
NONCE_BYTES = 12
SHOWN_FIRST = 3
SHOWN_LAST = 4

_FORM = re.compile(r"[0-9]{15}|[0-9]{17}[0-9X]")
_PURPOSE = b"scoring-service identity number"


class IdentityNumbers:
    """The three forms of an identity number, under keys derived from one setting (SCORING_IDENTITY_KEY)."""

    def __init__(self, key: str) -> None:
        self._cipher = AESGCM(_derived(key, b"encryption"))
        self._digest_key = _derived(key, b"search")

    def encrypt(self, number: str) -> bytes:
        """Return nonce and ciphertext (AES-256-GCM); the same number never gives the same bytes twice."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, number.encode("ascii"), _PURPOSE)

    def decrypt(self, encrypted: bytes) -> str:
        """Return the number; raises cryptography.exceptions.InvalidTag for other keys or altered bytes."""
        return self._cipher.decrypt(encrypted[:NONCE_BYTES], encrypted[NONCE_BYTES:], _PURPOSE).decode("ascii")

    def digest(self, number: str) -> bytes:
        """Return the keyed hash (HMAC-SHA256) by which the number is found and kept unique."""
        return hmac.new(self._digest_key, number.encode("ascii"), hashlib.sha256).digest()


def normalised(number: str) -> str:
    """Return the number trimmed and in upper case.

    Raises ValueError unless it has 15 digits, or 17 digits and a digit or X. The check digit is not verified:
    a number that was issued with a wrong one must not shut its bearer out.
    """
    number = number.strip().upper()
    if not _FORM.fullmatch(number):
        raise ValueError("身份证号应为 15 位或 18 位 / an identity number has 15 or 18 characters, digits and X")
    return number


def mask(number: str) -> str:
    """Return the number with all but the first three and last four characters starred."""
    hidden = len(number) - SHOWN_FIRST - SHOWN_LAST
    return number[:SHOWN_FIRST] + "*" * hidden + number[-SHOWN_LAST:]


def _derived(key: str, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=_PURPOSE + b"/" + purpose).derive(
        key.encode("utf-8")
    )
