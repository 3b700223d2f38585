"""Attachments: PDF, PNG and JPEG files beside a case, an appeal, an application or a notice, known by their content.

They are kept sealed (AES-GCM under the service's key); the SHA-256 told is that of the file as it was sent.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import bindparam, func, insert, select, update

from scoring_service.core.procedure import Side
from scoring_service.db.tables import attachments
from scoring_service.problems import Invalid, NotFound, TooLarge, WrongMediaType
from scoring_service.services.unit_of_work.attachment_quotas import check_room

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from scoring_service.services.unit_of_work.actor import Actor
    from scoring_service.services.unit_of_work.transaction import Work

OwnerKind = Literal["case", "appeal", "application", "notice"]

LARGEST_BYTES = 20 * 1024 * 1024
LONGEST_FILE_NAME = 200
# A PDF may begin within its first kilobyte (ISO 32000-1, annex H): behind a byte order mark, line ends, or what was
# said to the printer that made it.
_SIGNATURES = {
    "application/pdf": re.compile(
        rb"(?=.{0,1019}%PDF-)(?:\xef\xbb\xbf)?[\r\n]*(?:\x1b%-12345X@PJL.*?)?%PDF-", re.DOTALL
    ),
    "image/png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "image/jpeg": re.compile(rb"\xff\xd8\xff"),
}
_CONTROLS = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_NUMBER = re.compile(r"[1-9][0-9]{0,5}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """What an attachment is: the file `n` of its owner, without the content; `side` says whose evidence it is."""

    n: int
    file_name: str
    media_type: str
    size_bytes: int
    sha256: str
    recorded_at: datetime
    side: Side


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAttachment(Attachment):
    """A file just stored; `version` is its owner's with it."""

    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachedFile:
    """An attachment to be handed out."""

    file_name: str
    media_type: str
    content: bytes


def side_of(actor: Actor) -> Side:
    """Return whose an account's evidence is."""
    if actor.is_office or not actor.has("practitioner", "institution"):
        return Side.OFFICE
    return Side.PRACTITIONER if actor.has("practitioner") else Side.INSTITUTION


def attach(
    work: Work, owner_kind: OwnerKind, owner_id: str, *, version: int, **file: Any
) -> StoredAttachment:
    """Store a file as `store` does; return it with the `version` that its owner has with it."""
    return StoredAttachment(**asdict(store(work, owner_kind, owner_id, **file)), version=version)


def store(
    work: Work, owner_kind: OwnerKind, owner_id: str, *, file_name: str, content: bytes, side: Side | None = None
) -> Attachment:
    """Store a file under the next number `n` of its owner, whose row the caller holds; return what was stored.

    `side` is whose evidence it is, that of the account unless it came on paper.
    Raises Invalid for a file name with a path or control characters, TooLarge above 20 MB, WrongMediaType for content
    that is no PDF, PNG or JPEG, Conflict `attachments_full` (`attachment_quotas`).
    """
    check_file_name(file_name)
    if len(content) > LARGEST_BYTES:
        raise TooLarge("attachment_too_large", "附件不得超过 20 MB / an attachment has at most 20 MB")
    check_room(work, owner_kind, owner_id, len(content))
    present = select(func.coalesce(func.max(attachments.c.n), 0)).where(_of(owner_kind, owner_id))
    attachment = Attachment(
        n=work.conn.execute(present).scalar_one() + 1,
        file_name=file_name,
        media_type=media_type_of(content),
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        recorded_at=work.record(),
        side=side or side_of(work.actor),
    )
    owner = {"owner_kind": owner_kind, "owner_id": owner_id, "recorded_by": work.actor.username}
    kept = {"content": work.service.identity_numbers.seal_bytes(content), "sealed": True}
    work.conn.execute(insert(attachments).values(**owner, **asdict(attachment), **kept))
    return attachment


def seal_left(work: Work, limit: int) -> int:
    """Seal up to `limit` files that were stored before files were sealed; return how many."""
    columns = attachments.c
    query = select(columns.owner_kind, columns.owner_id, columns.n, columns.content).where(~columns.sealed)
    rows = work.conn.execute(query.order_by(columns.recorded_at).limit(limit).with_for_update(skip_locked=True)).all()
    for row in rows:
        own = _of(row.owner_kind, row.owner_id) & (columns.n == row.n)
        sealed = work.service.identity_numbers.seal_bytes(bytes(row.content))
        work.conn.execute(update(attachments).where(own).values(content=sealed, sealed=True))
    return len(rows)


def attached(work: Work, owner_kind: OwnerKind, owner_id: str) -> tuple[Attachment, ...]:
    """Return what is attached to an owner, without the content."""
    rows = work.conn.execute(_ATTACHED, {"kind": owner_kind, "id": owner_id})
    return tuple(Attachment(**{**row, "side": Side(row["side"])}) for row in rows.mappings())


_ATTACHED = (
    select(*(attachments.c[field.name] for field in fields(Attachment)))
    .where(attachments.c.owner_kind == bindparam("kind"), attachments.c.owner_id == bindparam("id"))
    .order_by(attachments.c.n)
)


def fetch(work: Work, owner_kind: OwnerKind, owner_id: str, n: str) -> AttachedFile:
    """Return an attachment with its content; `n` as it stands in an address. Raises NotFound."""
    row = None
    if _NUMBER.fullmatch(n):
        columns = (attachments.c[field.name] for field in fields(AttachedFile))
        query = select(*columns, attachments.c.sealed).where(_of(owner_kind, owner_id), attachments.c.n == int(n))
        row = work.conn.execute(query).one_or_none()
    if row is None:
        raise NotFound("附件 / attachment")
    content = work.service.identity_numbers.unseal_bytes(row.content) if row.sealed else row.content
    return AttachedFile(file_name=row.file_name, media_type=row.media_type, content=content)


def _of(owner_kind: OwnerKind, owner_id: str) -> ColumnElement[bool]:
    return (attachments.c.owner_kind == owner_kind) & (attachments.c.owner_id == owner_id)


def check_file_name(file_name: str) -> None:
    """Refuse a file name that is empty, too long, or holds a path or control characters. Raises Invalid."""
    if not file_name.strip() or len(file_name) > LONGEST_FILE_NAME:
        limit = LONGEST_FILE_NAME
        raise Invalid("/file", f"文件名须为 1 至 {limit} 个字符 / a file name has 1 to {limit} characters")
    if any(mark in file_name for mark in "/\\") or file_name in {".", ".."}:
        raise Invalid("/file", "文件名不得含路径 / the file name may not hold a path")
    if any(unicodedata.category(character) in _CONTROLS for character in file_name):
        raise Invalid("/file", "文件名不得含控制字符 / the file name may not hold control characters")


def media_type_of(content: bytes) -> str:
    """Return the media type that the content itself shows, whatever the file is called. Raises WrongMediaType."""
    for media_type, signature in _SIGNATURES.items():
        if signature.match(content):
            return media_type
    raise WrongMediaType(
        "attachment_type",
        "附件只能是 PDF、PNG 或 JPEG 文件（按内容判断） / an attachment is a PDF, PNG or JPEG file, by its content",
    )
