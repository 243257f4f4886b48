"""The first blocks of EfficientNet-Lite0, trained on ImageNet photos, and the vectors that they gave our images."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.datasets.files import DATA, arrays, verified

LITE0 = "weights/efficientnet_lite0_cut.onnx"
LITE0_PX = 64  # data/README.md has the measurements behind the cut and the size
LITE0_DIM = 128
LITE0_BATCH = 8  # larger batches take more memory and are no faster an image
STORED = {"fashion": "fashion_lite0.npz", "emoji": "emoji_lite0.npz", "drawings": "drawings_lite0.npz"}


@dataclass(frozen=True, eq=False)
class Lite0Space:
    """The 128 dimensions that a data set's maps are stored in, most variance first."""

    mean: np.ndarray  # (1280,) float32
    projection: np.ndarray  # (1280, 128) float32, orthonormal columns
    n_fit: int  # how many leading rows of the corpus the PCA has seen

    def project(self, maps: np.ndarray) -> np.ndarray:
        """Carry maps (n, 80, 4, 4) of the cut into the space: (n, 128) float32 of unit length."""
        return _unit((maps.reshape(len(maps), -1) - self.mean) @ self.projection)


@dataclass(frozen=True, eq=False)
class Lite0Codes:
    """The stored vectors (n, 128) float32 of one set of images: of unit length, decoded from int8."""

    vectors: np.ndarray
    space: Lite0Space


@dataclass(frozen=True, eq=False)
class Lite0:
    """The encoder of one data set's space, through onnxruntime on one thread."""

    session: Any
    space: Lite0Space
    weight_bytes: int

    @property
    def nbytes(self) -> int:
        """Bytes of the weights and the projection."""
        return self.weight_bytes + self.space.mean.nbytes + self.space.projection.nbytes

    def embed(self, images: np.ndarray) -> np.ndarray:
        """Vectors (n, 128) float32 of unit length of images (n, h, w, 1 or 3) uint8. Raises ValueError."""
        vectors = np.empty((len(images), LITE0_DIM), np.float32)
        for start in range(0, len(images), LITE0_BATCH):
            batch = network_input(images[start : start + LITE0_BATCH])
            vectors[start : start + LITE0_BATCH] = self.space.project(self.session.run(None, {"images": batch})[0])
        return vectors


@dataclass(frozen=True)
class Lite0Record:
    """How the stored vectors were made: CPU seconds are of one thread on the machine named."""

    model: str
    onnx_sha256: str
    blocks: int  # how many of the network's 16 are kept
    px: int
    single_s: float  # CPU seconds an image, encoded alone: resize, network and projection
    batch_s: float  # CPU seconds an image in batches of LITE0_BATCH
    machine: str


def load_lite0(dataset: str, root: Path = DATA) -> Lite0:
    """The encoder into the stored space of a data set, one of STORED. Raises ValueError for another, DataError."""
    if dataset not in STORED:
        raise ValueError(f"no Lite0 vectors of {dataset!r} are stored; choose from {', '.join(STORED)}")
    weights, stored = verified(LITE0, root), arrays(STORED[dataset], root)
    return Lite0(onnx_session(weights), _space(stored), len(weights))


def load_fashion_lite0(root: Path = DATA) -> Lite0Codes:
    """Lite0 vectors of `load_fashion`, row by row. Raises DataError."""
    stored = arrays(STORED["fashion"], root)
    return Lite0Codes(_decoded(stored["codes"], stored["scale"]), _space(stored))


def load_emoji_lite0(root: Path = DATA) -> tuple[Lite0Codes, Lite0Codes]:
    """Lite0 vectors of `load_emoji`, the Noto and the Twemoji drawings in one space. Raises DataError."""
    stored = arrays(STORED["emoji"], root)
    space = _space(stored)
    noto, twemoji = (Lite0Codes(_decoded(stored[artist], stored["scale"]), space) for artist in ("noto", "twemoji"))
    return noto, twemoji


def load_drawings_lite0(root: Path = DATA) -> Lite0Codes:
    """Lite0 vectors of the pictures of `load_drawings`, row by row. Raises DataError."""
    stored = arrays(STORED["drawings"], root)
    return Lite0Codes(_decoded(stored["codes"], stored["scale"]), _space(stored))


def onnx_session(weights: bytes) -> Any:
    """An onnxruntime session of an ONNX file's bytes, on one thread."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])


def network_input(images: np.ndarray, px: int = LITE0_PX) -> np.ndarray:
    """Images (n, h, w, 1 or 3) uint8, resized bilinearly, as (n, 3, px, px) float32 in [-1, 1]. Raises ValueError."""
    from PIL import Image

    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[3] not in (1, 3):
        raise ValueError(f"images must be (n, h, w, 1 or 3) uint8, not {images.shape} {images.dtype}")
    pictures = images[..., 0] if images.shape[3] == 1 else images  # one channel is resized once, then copied
    resized = [Image.fromarray(each).resize((px, px), Image.Resampling.BILINEAR) for each in pictures]
    pixels = np.stack([np.asarray(each) for each in resized]).reshape(len(images), px, px, -1).transpose(0, 3, 1, 2)
    scaled = pixels.astype(np.float32) / 127.5 - 1.0
    return np.ascontiguousarray(np.broadcast_to(scaled, (len(images), 3, px, px)))


def _space(stored: dict[str, np.ndarray]) -> Lite0Space:
    return Lite0Space(stored["mean"], stored["projection"].astype(np.float32), int(stored["n_fit"]))


def _decoded(codes: np.ndarray, scale: np.ndarray) -> np.ndarray:
    return _unit(codes * scale)


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True).clip(1e-12)
