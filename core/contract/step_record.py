"""What one stage of a pipeline cost when it ran."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class StepRecord:
    """What one step cost when it ran: wall and CPU seconds of its own work, and the bytes of its value."""

    name: str
    wall_s: float
    cpu_s: float
    nbytes: int
    reused: bool = False
