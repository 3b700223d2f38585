"""Where one database is reached: by the service, by what needs a session to itself, and by the database's owner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scoring_service.settings import Settings


class DatabaseUnreachable(Exception):
    """No server that takes writes answers at an address; the message is a sentence for the operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """The addresses of one database, each with its login.

    `application`: the service's own, whose transactions a pooler may spread over sessions when `direct` is another
    one. `direct`: the same login, each connection with a session to itself. `owner`: for migrations.
    """

    application: str
    direct: str
    owner: str

    @property
    def pooled(self) -> bool:
        """Whether a pooler may stand before the service's transactions."""
        return self.direct != self.application


def set_addresses(settings: Settings) -> Addresses | None:
    """The addresses that the operator set; None for the embedded database."""
    if settings.database_url is None:
        return None
    direct = settings.database_direct_url or settings.database_url
    return Addresses(
        application=settings.database_url, direct=direct, owner=settings.database_owner_url or direct
    )
