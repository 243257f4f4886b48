"""Makes data/weights/street_svm.npz: linear support vector machines over gradient histograms, the baseline detector.

Source: data/street.npz, with scikit-learn 1.9.1. Then: python -m data.make.street_svm
It is trained on the very photos that data/make/streetnet.py trains its network on.
"""

from __future__ import annotations

import time

import numpy as np
from sklearn.svm import LinearSVC

from core.cases.street_view_blurring.data.photos import Photos
from core.cases.street_view_blurring.model.hog import BINS, TEMPLATES, slide, template_of, window
from core.datasets.street_weights import SVM, Svm
from core.metrics.detection import intersection_over_union
from data.make.record import save_npz
from data.make.streetnet import photos

MADE_BY = "data.make.street_svm"
NEGATIVES = 4  # random windows a photo and template
ROUNDS = 2  # of training again with what was taken wrongly
MISTAKES = 3  # a photo, template and round
FREE = 0.25  # a window that overlaps every object by less holds none
PENALTY = 0.02


def main() -> None:
    """Train and write."""
    began = time.process_time()
    svm = train()
    print(f"{time.process_time() - began:.0f} CPU seconds")
    weights = {f"weights_{i}": each for i, each in enumerate(svm.weights)}
    save_npz(SVM, MADE_BY, intercepts=svm.intercepts, **weights)


def train() -> Svm:
    """Train, collect the mistakes, and train again."""
    rng, sets = np.random.default_rng(0), photos()
    examples = [_examples(sets, name, rng) for name in TEMPLATES]
    svm = _fitted(examples)
    for _ in range(ROUNDS):
        wrong = _mistakes(svm, sets)
        examples = [
            (np.concatenate([x, w]), np.append(y, np.zeros(len(w)))) for (x, y), w in zip(examples, wrong, strict=True)
        ]
        svm = _fitted(examples)
    return svm


def _fitted(examples: list[tuple[np.ndarray, np.ndarray]]) -> Svm:
    fitted = [LinearSVC(C=PENALTY, class_weight="balanced", random_state=0).fit(x, y) for x, y in examples]
    weights = tuple(each.coef_[0].astype(np.float32) for each in fitted)
    return Svm(weights, np.array([each.intercept_[0] for each in fitted], np.float32))


def _examples(sets: list[Photos], name: str, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Features (n, h w BINS) and labels (n,): the template's objects, their mirror images and random windows."""
    _, h, w, _ = TEMPLATES[name]
    windows, labels = [], []
    for drawn in sets:
        mine = template_of(drawn.kind, drawn.box) == list(TEMPLATES).index(name)
        for row in np.flatnonzero(mine):
            photo, box = drawn.pixels[drawn.of[row]], drawn.box[row]
            windows += [window(photo, _jittered(box, rng), h, w, mirrored) for mirrored in (False, True)]
            labels += [1, 1]
        for row, photo in enumerate(drawn.pixels):
            boxes = _random_boxes(len(photo), w / h, rng)
            free = intersection_over_union(boxes, drawn.box[drawn.of == row]).max(axis=1, initial=0) < FREE
            windows += [window(photo, box, h, w) for box in boxes[free]]
            labels += [0] * int(free.sum())
    return np.stack(windows), np.array(labels)


def _jittered(box: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The box moved and scaled by a few per cent, as a sliding window meets it."""
    size = np.tile(box[2:] - box[:2], 2)
    return box + size * (
        np.tile(rng.uniform(-0.06, 0.06, 2), 2) + np.repeat(rng.uniform(-0.08, 0.08), 4) * [-1, -1, 1, 1]
    )


def _random_boxes(side: int, ratio: float, rng: np.random.Generator) -> np.ndarray:
    height = np.exp(rng.uniform(np.log(8), np.log(70), NEGATIVES))
    size = np.minimum(np.stack([height * ratio, height], axis=1), side)
    corner = rng.uniform(0, 1, (NEGATIVES, 2)) * (side - size)
    return np.concatenate([corner, corner + size], axis=1)


def _mistakes(svm: Svm, sets: list[Photos]) -> list[np.ndarray]:
    """The features of the best windows of each template that hold no object."""
    taken: list[list[np.ndarray]] = [[np.zeros((0, h * w * BINS))] for _, h, w, _ in TEMPLATES.values()]
    for drawn in sets:
        for row, photo in enumerate(drawn.pixels):
            boxes, template = slide(svm, photo)
            free = intersection_over_union(boxes.box, drawn.box[drawn.of == row]).max(axis=1, initial=0) < FREE
            for at, (_, h, w, _) in enumerate(TEMPLATES.values()):
                rows = np.flatnonzero(free & (template == at))[:MISTAKES]
                taken[at] += [window(photo, boxes.box[i], h, w)[None] for i in rows]
    return [np.concatenate(each) for each in taken]


if __name__ == "__main__":
    main()
