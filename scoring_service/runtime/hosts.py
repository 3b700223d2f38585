"""Which names the service answers to: an address is made from no other (RFC 9110 7.2)."""

from __future__ import annotations

import re
from collections.abc import Iterable

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")
EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 -- known, not bound

_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+?)\.?)(?::[0-9]*)?")


def host_names(configured: Iterable[str], bound: str) -> frozenset[str]:
    """Return the names of `SCORING_HOSTS`; without it those of this machine, and the address that is bound."""
    given = frozenset(configured)
    return given or frozenset({*LOOPBACK_NAMES, bound.lower()}) - EVERYWHERE


def name_of(host: str) -> str:
    """Return the name in a Host header, in small letters, without its port; empty for what is no host."""
    match = _HOST.fullmatch(host.lower())
    return (match.group(1) or match.group(2)) if match else ""
