"""The baseline: histograms of oriented gradients under linear support vector machines, slid over a pyramid.

Dalal & Triggs 2005, with one template for faces and three for plates, as plates come long and short.
"""

from __future__ import annotations

from functools import cache, lru_cache

import numpy as np

from core.cases.street_view_blurring.data.paint import FACE, PLATE
from core.cases.street_view_blurring.model.boxes import Boxes, boxes_of, joined
from core.datasets.street_weights import Svm

CELL, BINS = 4, 8
# name: kind, cells high, cells wide, and up to which width ÷ height a box of the kind belongs to it
TEMPLATES = {
    "face": (FACE, 8, 6, 9.0),
    "short plate": (PLATE, 5, 7, 1.8),
    "plate": (PLATE, 4, 9, 3.0),
    "long plate": (PLATE, 3, 11, 9.0),
}
SHAPES = tuple(TEMPLATES.values())
KIND_OF = np.array([kind for kind, *_ in SHAPES])
HIGH, WIDE = (np.array(sides) for sides in zip(*((h, w) for _, h, w, _ in SHAPES), strict=True))
WIDEST = int(WIDE.max())
PYRAMID = (1.6, 1.2, 0.88, 0.65, 0.47)  # what a photo as it was read is scaled to
MOST = 40  # windows kept a template and photo
FLOOR = -0.5  # margin below which a window is not worth keeping


def cells(grey: np.ndarray) -> np.ndarray:
    """Gradient magnitude by direction in cells of 4×4 pixels, (h/4, w/4, 8), each normalised by its 3×3 around."""
    # Not cv2.HOGDescriptor: it shares a pixel among cells and directions, and the shipped weights were learnt on these.
    import cv2

    h, w = (length // CELL * CELL for length in grey.shape)
    dx, dy = (cv2.Sobel(grey[:h, :w], cv2.CV_32F, *order, ksize=1) for order in ((1, 0), (0, 1)))
    magnitude, angle = cv2.cartToPolar(dx, dy)
    slot = (angle * np.float32(BINS / (2 * np.pi)) + np.float32(0.5)).astype(np.int32) % BINS + _slots(h, w)
    counts = np.bincount(slot.ravel(), magnitude.ravel(), h * w // CELL**2 * BINS).astype(np.float32)
    counts = counts.reshape(h // CELL, w // CELL, BINS)
    energy = cv2.blur((counts**2).sum(axis=2), (3, 3), borderType=cv2.BORDER_REPLICATE)
    return np.sqrt(counts / np.sqrt(9 * energy + 1e3)[..., None])


@cache
def _slots(h: int, w: int) -> np.ndarray:
    return ((np.arange(h)[:, None] // CELL * (w // CELL) + np.arange(w) // CELL) * BINS).astype(np.int32)


def template_of(kind: np.ndarray, box: np.ndarray) -> np.ndarray:
    """Which template (n,) boxes (n, 4) of kinds (n,) belong to."""
    size = box[:, 2:] - box[:, :2]
    ratio, answer = size[:, 0] / np.maximum(size[:, 1], 1e-6), np.full(len(kind), -1)
    for at, (mine, _, _, most) in enumerate(TEMPLATES.values()):
        answer[(answer < 0) & (kind == mine) & (ratio <= most)] = at
    return answer


def window(photo: np.ndarray, box: np.ndarray, h: int, w: int, mirrored: bool = False) -> np.ndarray:
    """The features (h w BINS,) of a box that is fitted to a template of h by w cells, seen with a cell around it."""
    import cv2

    near, far = box[:2], box[2:]
    around = (far - near) / (w, h)
    (x1, y1), (x2, y2) = near - around, far + around
    source = np.array([[x1, y1], [x2, y1], [x1, y2]], np.float32)
    wide, high = (w + 2) * CELL, (h + 2) * CELL
    target = np.array([[wide, 0], [0, 0], [wide, high]] if mirrored else [[0, 0], [wide, 0], [0, high]], np.float32)
    part = cv2.warpAffine(photo, cv2.getAffineTransform(source, target), (wide, high), borderMode=cv2.BORDER_REPLICATE)
    return cells(part)[1:-1, 1:-1].ravel()


def detect_hog(svm: Svm, stack: np.ndarray) -> Boxes:
    """Faces and plates in photos uint8 (n, h, w), boxes in their pixels."""
    parts = []
    for row, photo in enumerate(stack):
        boxes, _ = slide(svm, photo)
        parts.append(Boxes(np.full(len(boxes), row), boxes.kind, boxes.box, boxes.score))
    return joined(*parts)


def slide(svm: Svm, photo: np.ndarray) -> tuple[Boxes, np.ndarray]:
    """The best windows of one photo and the template (m,) of each."""
    import cv2

    places, scores, templates, steps = [], [], [], []
    for scale in PYRAMID:
        size = tuple(max(CELL, round(scale * length)) for length in photo.shape[::-1])
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        for at, score in enumerate(_answers(cells(cv2.resize(photo, size, interpolation=way)), svm)):
            over = np.flatnonzero(score > FLOOR)
            places.append(np.divmod(over, max(1, score.shape[1])))
            scores.append(score.ravel()[over])
            templates.append(np.full(len(over), at))
            steps.append(np.full(len(over), CELL / scale))
    (y, x), score, template, step = (np.concatenate(parts, axis=-1) for parts in (places, scores, templates, steps))
    best = [np.flatnonzero(template == at) for at in range(len(SHAPES))]
    rows = np.concatenate([mine[np.argsort(-score[mine], kind="stable")[:MOST]] for mine in best])
    y, x, template = y[rows], x[rows], template[rows]
    box = np.stack([x, y, x + WIDE[template], y + HIGH[template]], axis=1) * step[rows, None]
    return boxes_of(np.zeros(len(rows)), KIND_OF[template], box, score[rows]), template


def _answers(seen: np.ndarray, svm: Svm) -> list[np.ndarray]:
    """What each template says at each place (rows, columns) of the cells (h, w, BINS).

    One product gives what every row of every template says everywhere; then the rows of a template are summed.
    """
    high, wide, _ = seen.shape
    wider = np.zeros((high, wide + WIDEST - 1, BINS), np.float32)
    wider[:, :wide] = seen
    strips = np.ndarray((high, wide, WIDEST * BINS), np.float32, wider, strides=wider.strides)
    by_row = (strips.reshape(-1, WIDEST * BINS) @ _bank(svm)).reshape(high, wide, -1).transpose(2, 0, 1).copy()
    answers, first = [], 0
    for at, (_, h, w, _) in enumerate(SHAPES):
        rows, columns = max(0, high - h + 1), max(0, wide - w + 1)
        answer = np.full((rows, columns), svm.intercepts[at])
        for i in range(h if answer.size else 0):
            answer += by_row[first + i, i : i + rows, :columns]
        answers.append(answer)
        first += h
    return answers


@lru_cache(maxsize=4)
def _bank(svm: Svm) -> np.ndarray:
    """The rows of all templates as columns (WIDEST BINS, rows), zero where a template is narrower than the widest."""
    rows = [weights.reshape(h, w * BINS) for weights, (_, h, w, _) in zip(svm.weights, SHAPES, strict=True)]
    return np.concatenate([np.pad(r, ((0, 0), (0, WIDEST * BINS - r.shape[1]))) for r in rows]).T
