"""Lines that the pack's proofs tell of, and the others, of which the statement does."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq

from scoring_service.screening.lines import whole
from scoring_service.screening.proofs import Proofs

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from scoring_service.screening.pack import Pack

ROWS_AT_ONCE = 500_000


def proofs_of(pack: Pack) -> Proofs:
    """Return the proofs of a pack. They are read in portions: the whole of them stands in memory once."""
    places = pc.unique(pq.read_table(pack.table("agreements"), columns=["institution"]).column(0))
    with pq.ParquetFile(pack.table("proofs"), read_dictionary=["institution"], pre_buffer=False) as file:
        return Proofs.of(file.iter_batches(ROWS_AT_ONCE), places, file.metadata.num_rows)


def others(each: Sequence[Proofs], lines: pa.Table) -> NDArray[np.intp]:
    """Return the places of the lines that somebody or a pharmacy is named in, and that not each of the proofs proves.

    There are two where the knowledge of one moment is compared with that of another.
    """
    person, *where = (whole(lines.column(name)) for name in ("person", "institution", "day"))
    settled = reduce(np.logical_and, (proofs.prove(person, *where) for proofs in each))
    if person.null_count:
        pharmacy = whole(lines.column("pharmacy"))
        settled |= pc.and_(pc.is_null(person), pc.is_null(pharmacy)).to_numpy(zero_copy_only=False)
    return np.flatnonzero(~settled)
