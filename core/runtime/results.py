"""The results of this process: measured rows shared by all sessions, bounded in number."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import replace

import cachetools

from core.contract.case import Case, Measurement
from core.contract.design import Design, data_dials
from core.runtime.calls import run_anew, run_design, run_if_quiet, there
from core.runtime.pictures import kept_bytes, shared
from core.runtime.timing import BUSY

MOST_ROWS = 1_000  # about 50 kB each
SHOWN_BYTES = 48 * 2**20  # of the designs whose pictures are kept too
RETRY_S = 20.0  # between two tries to replace a noisy reading, so that a busy machine is not asked at every redraw


class Results:
    """Measured designs by case and seed, evicted least recently used first; thread-safe."""

    def __init__(self, most: int = MOST_ROWS, shown_bytes: int = SHOWN_BYTES) -> None:
        self._rows: cachetools.LRUCache = cachetools.LRUCache(most)
        self._shown: cachetools.LRUCache = cachetools.LRUCache(shown_bytes, getsizeof=lambda one: kept_bytes(one.shown))
        self._tried_s: cachetools.LRUCache = cachetools.LRUCache(most)
        self._lock = threading.Lock()

    def measure(self, case: Case, design: Design, seed: int) -> Measurement:
        """Run a design wherever designs run from here and keep its row; one measured before keeps its first figures.

        Raises what the case raises.
        """
        key = (case.slug, seed, design)
        with self._lock:
            whole = self._shown.get(key)
            if whole is not None:  # a dropped row must come back with the same figures
                self._rows.setdefault(key, replace(whole, shown=None))
        if whole is None:
            self._tries(key)
            whole = there(run_design, case, design, seed)
            self.add(case, design, seed, whole)
            with self._lock:
                whole = replace(self._rows.get(key, whole), shown=shared(whole.shown))
                with suppress(ValueError):  # pictures larger than all that is kept
                    self._shown[key] = whole
        return whole

    def add(self, case: Case, design: Design, seed: int, measurement: Measurement) -> None:
        """Keep a row without its pictures, unless the design was measured before on a machine at least as quiet."""
        key = (case.slug, seed, design)
        with self._lock:
            light = measurement if measurement.shown is None else replace(measurement, shown=None)
            if BUSY < self._rows.setdefault(key, light).noise > light.noise:
                self._rows[key] = light
                if key in self._shown:  # the page has to show the figures of the row
                    self._shown[key] = replace(light, shown=self._shown[key].shown)

    def is_noisy(self, case: Case, design: Design, seed: int) -> bool:
        """Whether a reading was disturbed by other processes, and was not tried again just now."""
        key = (case.slug, seed, design)
        with self._lock:
            row, tried_s = self._rows.get(key), self._tried_s.get(key, -RETRY_S)
        return row is not None and row.noise > BUSY and time.monotonic() - tried_s >= RETRY_S

    def replace_noisy(self, case: Case, design: Design, seed: int) -> bool:
        """Time a noisy reading anew if the machine is quiet by now; True where a quieter one took its place.

        Raises what the case raises.
        """
        if not self.is_noisy(case, design, seed):
            return False
        self._tries((case.slug, seed, design))
        before, again = self.known(case, design, seed), there(run_if_quiet, case, design, seed)
        if again is None:
            return False
        self.add(case, design, seed, again)
        return self.known(case, design, seed) is not before

    def _tries(self, key: tuple[str, int, Design]) -> None:
        with self._lock:
            self._tried_s[key] = time.monotonic()

    def time_again(self, case: Case, design: Design, seed: int) -> None:
        """Time a design anew, its other stages reused, and keep the quieter of both readings.

        Raises what the case raises.
        """
        self.add(case, design, seed, there(run_anew, case, design, seed))

    def known(self, case: Case, design: Design, seed: int) -> Measurement | None:
        """The row of a measured design, or None."""
        with self._lock:
            return self._rows.get((case.slug, seed, design))

    def whole(self, case: Case, design: Design, seed: int) -> Measurement | None:
        """A measured design with its pictures where these are kept, else its row, or None; never runs anything."""
        key = (case.slug, seed, design)
        with self._lock:
            return self._shown.get(key) or self._rows.get(key)

    def rows(self, case: Case, seed: int, beside: Design) -> dict[Design, Measurement]:
        """Every measured design of a case on the same data as `beside`: same seed and same data knobs."""
        with self._lock:
            keys = [key for key in self._rows if key[:2] == (case.slug, seed)]  # reading a row marks it as used
            return {key[2]: self._rows[key] for key in keys if data_dials(key[2]) == data_dials(beside)}

    def clear(self) -> None:
        """Drop every row."""
        with self._lock:
            self._rows.clear()
            self._shown.clear()


RESULTS = Results()
