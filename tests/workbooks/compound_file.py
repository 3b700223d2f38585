"""A small XLS made by hand: the records of MS-XLS in the container of MS-CFB, as far as a reader needs them."""

import struct

FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
SECTOR = 512


def compound(streams):
    """A compound file of these streams (each at least 4096 bytes long, so that no mini stream is needed)."""
    chains, sectors = [], []
    for content in streams.values():
        blocks = [content[at : at + SECTOR].ljust(SECTOR, b"\0") for at in range(0, len(content), SECTOR)]
        first = 2 + len(sectors)
        chains.append((first, [*range(first + 1, first + len(blocks)), END]))
        sectors += blocks
    table = [FAT, END] + [following for _, chain in chains for following in chain]
    table = struct.pack(f"<{len(table)}I", *table).ljust(SECTOR, b"\xff")
    assert len(table) == SECTOR
    entries = [_entry("Root Entry", 5, child=1 if streams else FREE, first=END)]
    for number, ((name, content), (first, _)) in enumerate(zip(streams.items(), chains, strict=True), start=2):
        beside = number if number <= len(streams) else FREE
        entries.append(_entry(name, 2, beside=beside, first=first, size=len(content)))
    folder = b"".join(entries).ljust(SECTOR, b"\0")
    assert len(folder) == SECTOR
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<5H", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<9I", 0, 1, 1, 0, 4096, END, 0, END, 0) + struct.pack("<109I", 0, *[FREE] * 108)
    return head + table + folder + b"".join(sectors)


def _entry(name, kind, *, child=FREE, beside=FREE, first=0, size=0):
    text = (name + "\0").encode("utf-16-le")
    head = text.ljust(64, b"\0") + struct.pack("<HBB3I", len(text), kind, 1, FREE, beside, child)
    return head + bytes(36) + struct.pack("<IQ", first, size)


def record(kind, content=b""):
    return struct.pack("<2H", kind, len(content)) + content


def xls(rows, *, epoch_1904=False, extra=b""):
    """An XLS with one sheet named 人员: texts, numbers and, for a tuple `(number,)`, a date."""
    name = "人员".encode("utf-16-le")
    styles = record(0xE0, struct.pack("<4H", 0, 0, 0, 0) + bytes(12)) + record(0xE0, struct.pack("<4H", 0, 14, 0, 0) + bytes(12))
    begin = record(0x22, struct.pack("<H", epoch_1904)) + extra + styles
    head = record(0x809, struct.pack("<4H2I", 0x600, 5, 0, 0, 0, 6)) + begin
    place = len(head) + 4 + 8 + len(name) + len(record(0xA))
    head += record(0x85, struct.pack("<IBBBB", place, 0, 0, 2, 1) + name) + record(0xA)
    sheet = record(0x809, struct.pack("<4H2I", 0x600, 0x10, 0, 0, 0, 6))
    for number, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            sheet += _cell(number, column, cell)
    return compound({"Workbook": (head + sheet + record(0xA)).ljust(4096, b"\0")})


def _cell(row, column, cell):
    if isinstance(cell, str):
        text = cell.encode("utf-16-le")
        return record(0x204, struct.pack("<4HB", row, column, 0, len(text) // 2, 1) + text)
    style, number = (1, cell[0]) if isinstance(cell, tuple) else (0, cell)
    return record(0x203, struct.pack("<3Hd", row, column, style, number))
