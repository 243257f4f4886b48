"""What finds faces and plates in street photos: a small network and an SVM trained here, and CenterFace."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.datasets.files import DATA, arrays, verified

STREETNET = {"fp32": "weights/streetnet.onnx", "int8": "weights/streetnet_int8.onnx"}
CENTERFACE = {"fp32": "weights/centerface.onnx", "int8": "weights/centerface_int8.onnx"}
SVM = "weights/street_svm.npz"
STRIDE = 4  # pixels of a photo a step of either network's map


@dataclass(frozen=True, eq=False)
class Svm:
    """A weight vector and an intercept a template."""

    weights: tuple[np.ndarray, ...]
    intercepts: np.ndarray


def load_svm(root: Path = DATA) -> Svm:
    """The linear machines over gradient histograms. Raises DataError."""
    stored = arrays(SVM, root)
    weights = tuple(stored[f"weights_{i}"] for i in range(len(stored["intercepts"])))
    return Svm(weights, stored["intercepts"])


def network_bytes(name: str, precision: str, root: Path = DATA) -> bytes:
    """The ONNX file of "streetnet" or "centerface" in "fp32" or "int8". Raises DataError, KeyError for another name."""
    files = {"streetnet": STREETNET, "centerface": CENTERFACE}[name]
    return verified(files[precision], root)
