"""What a worker imports before its first call, so that no measurement pays for it; not torch."""

from __future__ import annotations

import gc
from contextlib import suppress
from importlib import import_module

from core.runtime.allocator import give_back

# The libraries that pipelines import when they first need them.
LIBRARIES = (
    "core.catalog", "faiss", "sklearn.linear_model", "sklearn.feature_extraction.text", "scipy.sparse.linalg", "numba",
    "lightgbm", "cv2", "onnxruntime", "implicit.als", "bm25s",
)  # fmt: skip


def warm_worker() -> None:
    """Import them all; one that is missing is told by the design that needs it."""
    for name in LIBRARIES:
        with suppress(ImportError):
            import_module(name)
    gc.collect()
    give_back()
    gc.freeze()  # what stays for good need not be looked through again
