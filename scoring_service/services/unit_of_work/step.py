"""What a job does in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one transaction of a job did: `cursor` is where the next one goes on, None when the job is done."""

    cursor: str | None = None
    counts: dict[str, int] = field(default_factory=dict)
