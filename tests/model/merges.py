"""Two files of one person: the last sentence of scheme.md 2.2, as literally as it can be written.

A `file` is a dict: entries (as `model.plain` reads them, with `revision`), registrations (a list of spans), places
(institution -> spans). A `merge` is a dict: merged, into (names of files), at (its instant), revision (the first number
that it gave in `into`).
"""


def copied(into, merged, recorded):
    """The entries of the one file: its own, then the other's, with their `effective_on` and a new place.

    `recorded` are (recorded_at, revision) of the copies, in their order.
    """
    seqs, entries = {}, list(into)
    told = [entry for entry in sorted(merged, key=lambda entry: entry["seq"]) if entry["kind"] != "year_closed"]
    for entry, (recorded_at, revision) in zip(told, recorded, strict=True):
        seqs[entry["seq"]] = len(entries) + 1
        copy = entry | {"seq": len(entries) + 1, "recorded_at": recorded_at, "revision": revision}
        if "target" in entry:
            copy["target"] = seqs[entry["target"]]
        entries.append(copy)
    return entries


def answering(name, merges, known_at=None, revision=None):
    """The file that answers for a reference of `name`: before each merge its own, after it the one file."""
    for merge in merges:
        known = known_at is None or merge["at"] <= known_at
        if merge["merged"] == name and known and (revision is None or revision >= merge["revision"]):
            name = merge["into"]
    return name


def seen(name, files, merges, known_at=None, revision=None):
    """(registrations, places) of the file `name` as known: its own, and those of what was merged into it by then."""
    registrations, places = list(files[name]["registrations"]), dict(files[name]["places"])
    for merge in merges:
        known = known_at is None or merge["at"] <= known_at
        if merge["into"] == name and known and (revision is None or revision >= merge["revision"]):
            more, elsewhere = seen(merge["merged"], files, merges, merge["at"])
            registrations += more
            for place, spans in elsewhere.items():
                places[place] = [*places.get(place, []), *spans]
    return registrations, places
