"""What XLS files, and encrypted ones of all kinds, say of themselves in their compound container (MS-CFB, MS-XLS)."""

from collections.abc import Iterator

from scoring_service.workbooks.sheets import Unreadable, UnreadableFile

COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_SECTOR = 512
_BEGIN, _END, _EPOCH, _PASSWORD = 0x0809, 0x000A, 0x0022, 0x002F
_ENCRYPTED = ("EncryptedPackage", "EncryptionInfo")
_MACROS = ("_VBA_PROJECT_CUR", "_VBA_PROJECT")
_TABLE = ("Workbook", "Book")


def check_compound(content: bytes) -> None:
    """Refuse what is encrypted, has macros or is no workbook (a DOC, an MSG); names of streams tell it."""
    if _has(content, _ENCRYPTED) or _global_record(content, _PASSWORD) is not None:
        raise UnreadableFile(Unreadable.ENCRYPTED)
    if _has(content, _MACROS):
        raise UnreadableFile(Unreadable.MACROS)
    if not _has(content, _TABLE):
        raise UnreadableFile(Unreadable.NOT_A_TABLE)


def counts_from_1904(content: bytes) -> bool:
    """Tell whether a workbook's serial days count from 1904."""
    return (_global_record(content, _EPOCH) or b"").startswith(b"\1")


def _has(content: bytes, names: tuple[str, ...]) -> bool:
    return any((name + "\0").encode("utf-16-le") in content for name in names)


def _global_record(content: bytes, wanted: int) -> bytes | None:
    """The content of a record of the whole workbook; None without one. They begin a sector and lie together."""
    for sector in range(_SECTOR, len(content), _SECTOR):
        if int.from_bytes(content[sector : sector + 2], "little") == _BEGIN:
            return next((value for kind, value in _records(content, sector) if kind == wanted), None)
    return None


def _records(content: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    kind = 0
    while kind != _END and start + 4 <= len(content):
        kind = int.from_bytes(content[start : start + 2], "little")
        length = int.from_bytes(content[start + 2 : start + 4], "little")
        yield kind, content[start + 4 : start + 4 + length]
        start += 4 + length
