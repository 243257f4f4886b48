"""The detectors: each is loaded once and then finds boxes in a stack of photos of one size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from core.cases.street_view_blurring.data.paint import FACE, KINDS, PLATE
from core.cases.street_view_blurring.model.boxes import Boxes, boxes_of
from core.cases.street_view_blurring.model.hog import detect_hog
from core.datasets.lite0 import onnx_session
from core.datasets.street_weights import STRIDE, load_svm, network_bytes
from core.metrics.detection import intersection_over_union

FLOOR = 0.05  # what a network must say of a place to have it listed: low, for the threshold comes later
FLOOR_HERE = 0.1  # the same for the small network, which was taught to say more
SHAPE_AT = np.array([[2], [3], [6], [7]])  # where its map has width, height and offset of the first kind
CASCADE = "haarcascade_frontalface_alt2.xml"
CASCADE_STEP = 1.35  # from one size of window to the next
CASCADE_WINDOW = 20  # pixels: a smaller face does not exist for it
AGREE = 0.5  # windows that overlap by more speak of the same face


@cache
def vision() -> ModuleType:
    """OpenCV, imported at first use, on one thread."""
    import cv2

    cv2.setNumThreads(1)
    return cv2


@dataclass(frozen=True, eq=False)
class Model:
    """A loaded detector, and the bytes of its weights, which is what a replica must hold of it."""

    use: Any
    nbytes: int


def network_input(stack: np.ndarray, channels: int) -> np.ndarray:
    """Photos uint8 (n, h, w) as float32 (n, channels, h, w) from 0 to 255, every channel the same grey."""
    grey = stack[:, None].astype(np.float32)
    return np.repeat(grey, channels, axis=1) if channels > 1 else grey


def _padded(stack: np.ndarray, multiple: int) -> np.ndarray:
    """The photos (n, h, w) with dark rows and columns added until both sides are multiples."""
    down, right = (-side % multiple for side in stack.shape[1:])
    return np.pad(stack, [(0, 0), (0, down), (0, right)]) if down or right else stack


def _load_network(name: str, precision: str) -> Model:
    weights = network_bytes(name, precision)
    return Model(onnx_session(weights), len(weights))


def _detect_centerface(session: Any, stack: np.ndarray) -> Boxes:
    """Faces by CenterFace (Xu et al. 2019): a likely middle, with its size and offset, every four pixels."""
    seen = network_input(_padded(stack, 32), channels=3)
    heat, size, offset = session.run(None, {session.get_inputs()[0].name: seen})
    of, _, y, x = np.nonzero(heat > FLOOR)
    high, wide = (np.exp(size[of, i, y, x]) for i in (0, 1))
    middle_y, middle_x = y + offset[of, 0, y, x] + 0.5, x + offset[of, 1, y, x] + 0.5
    return boxes_of(of, FACE, _boxes(middle_x, middle_y, wide, high), heat[of, 0, y, x])


def _detect_streetnet(session: Any, stack: np.ndarray) -> Boxes:
    """Faces and plates by the small network: as CenterFace, with a map for each kind."""
    maps = session.run(None, {"photos": network_input(_padded(stack, 2 * STRIDE), channels=1)})[0]
    of, kind, y, x = np.nonzero(maps[:, : len(KINDS)] > FLOOR_HERE)
    wide, high, right, down = maps[of, SHAPE_AT + 2 * kind, y, x]
    boxes = _boxes(x + 0.5 + right, y + 0.5 + down, np.exp(wide), np.exp(high))
    return Boxes(of, kind, boxes, maps[of, kind, y, x])


def _boxes(x: np.ndarray, y: np.ndarray, wide: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Boxes float32 (m, 4) in pixels from middles and sizes in steps of the map."""
    wide, high = wide / 2, high / 2
    return (STRIDE * np.array([x - wide, y - high, x + wide, y + high])).T.astype(np.float32)


def _load_cascade(precision: str) -> Model:
    cv2 = vision()
    path = Path(cv2.data.haarcascades) / CASCADE
    return Model(cv2.CascadeClassifier(str(path)), path.stat().st_size)


def _detect_cascade(cascade: Any, stack: np.ndarray) -> Boxes:
    """Faces by a cascade of Haar features (Viola & Jones 2001); a window's score is how many others agree with it."""
    rows, boxes, scores = [], [np.zeros((0, 4))], [np.zeros(0)]
    for row, photo in enumerate(stack):
        window = (CASCADE_WINDOW, CASCADE_WINDOW)
        places, stages, margins = cascade.detectMultiScale3(
            photo, CASCADE_STEP, 0, minSize=window, outputRejectLevels=True
        )
        if not len(places):
            continue
        corner, size = places[:, :2].astype(np.float32), places[:, 2:].astype(np.float32)
        box = np.concatenate([corner, corner + size], axis=1)
        passed = np.ravel(stages) >= np.max(stages)
        rows += [row] * len(box)
        boxes.append(box)
        scores.append((intersection_over_union(box, box) > AGREE) @ passed + np.tanh(np.ravel(margins) / 100))
    return boxes_of(rows, FACE, np.concatenate(boxes), np.concatenate(scores))


def _load_svm(precision: str) -> Model:
    svm = load_svm()
    return Model(svm, sum(weights.nbytes for weights in svm.weights) + svm.intercepts.nbytes)


@dataclass(frozen=True)
class Detector:
    """One way to find things: `load(precision)` gives the model that `detect(model.use, stack)` takes."""

    label: str
    help: str
    kinds: tuple[int, ...]
    load: Callable[[str], Model]
    detect: Callable[[Any, np.ndarray], Boxes]
    networked: bool


DETECTORS: dict[str, Detector] = {
    "hog": Detector(
        "HOG + linear SVM", "Gradient histograms under a linear SVM, slid over an image pyramid: the baseline.",
        (FACE, PLATE), _load_svm, detect_hog, False,
    ),
    "haar": Detector(
        "Haar cascade", "OpenCV's frontal faces: most windows are rejected after a few sums, none is under 20 pixels.",
        (FACE,), _load_cascade, _detect_cascade, False,
    ),
    "centerface": Detector(
        "CenterFace", "A pretrained network of 7 MB for faces of all kinds; it knows no plates.",
        (FACE,), lambda precision: _load_network("centerface", precision), _detect_centerface, True,
    ),
    "streetnet": Detector(
        "Small CNN (trained here)", "0.3 MB, trained here on photos made the same way, of other people and places.",
        (FACE, PLATE), lambda precision: _load_network("streetnet", precision), _detect_streetnet, True,
    ),
}  # fmt: skip
