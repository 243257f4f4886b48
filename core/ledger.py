"""What this process has measured: the rows every chart is drawn from, shared by all sessions and bounded in number."""

from __future__ import annotations

import threading
from typing import Any

import cachetools

from core.case import Case, Measurement
from core.design import data_dials

MOST_ROWS = 4_000  # about 30 kB each


class Ledger:
    """Measured designs by case and seed, oldest use out first; safe to use from several threads."""

    def __init__(self, most: int = MOST_ROWS) -> None:
        self._rows: cachetools.LRUCache = cachetools.LRUCache(most)
        self._lock = threading.Lock()

    def measure(self, case: Case, design: Any, seed: int) -> Measurement:
        """Run a design (its remembered steps are reused) and write the row down. Raises what the case raises."""
        measurement = self.known(case, design, seed) or case.run(design, seed=seed)
        self.add(case, design, seed, measurement)
        return measurement

    def add(self, case: Case, design: Any, seed: int, measurement: Measurement) -> None:
        """Write a row down, unless the design was measured before: a figure does not change under a reader."""
        with self._lock:
            self._rows.setdefault((case.slug, seed, design), measurement)

    def known(self, case: Case, design: Any, seed: int) -> Measurement | None:
        """The row of a design measured before, or None."""
        with self._lock:
            return self._rows.get((case.slug, seed, design))

    def rows(self, case: Case, seed: int, beside: Any) -> dict[Any, Measurement]:
        """Every measured design of a case on the same data as `beside`: same seed and same data dials."""
        with self._lock:
            rows = [(d, m) for (slug, s, d), m in self._rows.items() if (slug, s) == (case.slug, seed)]
        return {d: m for d, m in rows if data_dials(d) == data_dials(beside)}

    def clear(self) -> None:
        """Forget every row."""
        with self._lock:
            self._rows.clear()


LEDGER = Ledger()
