"""A sentence encoder in full precision, run by sentence-transformers from a folder: no network is needed.

torch and the library are imported where a model is loaded: some six CPU seconds and 500 MB.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from core.datasets.files import DataError
from core.datasets.minilm import FULL_PACKAGE, load_rotation, why_not_full_minilm
from core.metrics.maths import unit

BATCH = 32


@dataclass(frozen=True, eq=False)
class SentenceEncoder:
    """A model on one thread; its vectors are turned by `rotation` (d, kept) where there is one."""

    model: Any
    rotation: np.ndarray | None = None

    @property
    def nbytes(self) -> int:
        """Bytes of the weights and the rotation."""
        weights = sum(weight.numel() * weight.element_size() for weight in self.model.parameters())
        return weights + (0 if self.rotation is None else self.rotation.nbytes)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors (n, d) float32 of unit length."""
        vectors = self.model.encode(
            list(texts), batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False, convert_to_numpy=True
        )
        return vectors if self.rotation is None else unit(vectors @ self.rotation)


def load_sentence_encoder(folder: str | Path, truncate_dim: int | None = None) -> SentenceEncoder:
    """The model in a folder, its vectors cut to `truncate_dim` numbers. Raises DataError where there is none."""
    if not (Path(folder) / "modules.json").is_file():
        raise DataError(f"{folder} holds no model of sentence-transformers: it needs a modules.json")
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils.logging import disable_progress_bar

    torch.set_num_threads(1)
    disable_progress_bar()
    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True, truncate_dim=truncate_dim)
    return SentenceEncoder(model.eval())


def load_full_minilm() -> SentenceEncoder:
    """MiniLM in float32, its vectors (n, 256) turned and cut as those of our 8-bit one. Raises DataError."""
    if why_not_full_minilm():
        raise DataError(why_not_full_minilm())
    from importlib.resources import files

    encoder = load_sentence_encoder(str(files(FULL_PACKAGE) / "model"))
    return replace(encoder, rotation=load_rotation())
