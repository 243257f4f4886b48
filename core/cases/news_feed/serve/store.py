"""The store of batch serving."""

from __future__ import annotations

import numpy as np

from core.stages.serve import serve_batch
from core.stages.store import SnapshotReader, ensure_snapshot, stores_folder


def write_store(feeds: np.ndarray, name: str) -> SnapshotReader:
    """The store of feeds made ahead, read by reader."""
    return ensure_snapshot(stores_folder() / f"{name}.sqlite", lambda: (np.arange(len(feeds)), feeds, None))


def from_store(reader: SnapshotReader) -> np.ndarray:
    """Batch serving: every reader's stored feed (q, K)."""
    return serve_batch(reader, np.arange(reader.rows))[0]
