"""Entries written by hand, a line each, as the model reads them."""

from datetime import UTC, date, datetime, timedelta


def day(text):
    return date.fromisoformat(f"20{text}")


def ledger(*lines, book="chifeng"):
    """Lines of (kind, day, value), recorded in this order, a day apart."""
    entries = []
    for seq, (kind, when, *value) in enumerate(lines, start=1):
        recorded_at = datetime(2030, 1, 1, tzinfo=UTC) + timedelta(days=seq)
        entry = {
            "seq": seq,
            "revision": seq,
            "kind": kind,
            "effective_on": day(when),
            "recorded_at": recorded_at,
        }
        if kind == "score":
            entry |= {
                "points": value[0],
                "rulebook": book,
                "decided_on": day(value[1] if value[1:] else when),
            }
        elif kind == "correction":
            entry |= {"target": value[0], "value": value[1]}
        elif kind == "points_credit":
            entry |= {"points": value[0]}
        elif kind == "term_credit":
            entry |= {"days": value[0]}
        elif kind == "resumption":
            entry |= {"late_days": value[0]}
        entries.append(entry)
    return entries
