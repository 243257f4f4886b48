"""The street photos: real faces and drawn plates put into real photos, so that every box is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.cases.street_view_blurring.data.paint import Painter
from core.datasets.street import Street

PHOTO_PX = 192  # side of a photo, as it is stored
N_TEST, N_TRAIN = 100, 60
N_TRAIN_PEOPLE = 12  # of 30: nobody and no scene is in both splits
TRAIN_SCENES = np.array([True, True, False, False, False])  # of every five of the 50
WALKS_IN = 0.25  # chance that somebody new has come into a photo that otherwise repeats the one before
SHAKE_PX = 2  # how far the camera moved meanwhile, at most


@dataclass(frozen=True)
class Photos:
    """Photos uint8 (n, 192, 192) in the order they were taken, and what is in them.

    Each object has its photo's row `of` (m,), its `kind` (m,) and its box (m, 4): x1, y1, x2, y2 in pixels.
    `repeats` (n,) marks photos that show what the one before shows; `age` (n,) is the share of photos that are newer;
    `place` (n,) is the scene that a photo is taken in, which it shares with its repeats and with others.
    """

    pixels: np.ndarray
    of: np.ndarray
    kind: np.ndarray
    box: np.ndarray
    repeats: np.ndarray
    age: np.ndarray
    place: np.ndarray


def load_photos(street: Street, split: str, crowd: float, size: str, light: str, repeats: float, seed: int) -> Photos:
    """The photos of one split, "train" or "test"."""
    training = split == "train"
    rng = np.random.default_rng([seed, int(training)])
    people = street.people < N_TRAIN_PEOPLE
    scenes = np.resize(TRAIN_SCENES, len(street.scenes))
    faces, places = (
        everything[taught if training else ~taught]
        for everything, taught in ((street.faces, people), (street.scenes, scenes))
    )
    painter = Painter(faces, places, crowd, size, light, rng)
    return _film(painter, N_TRAIN if training else N_TEST, repeats)


def _film(painter: Painter, n: int, repeats: float) -> Photos:
    """One photo after another; some show the same as the one before, a little moved, and perhaps somebody new."""
    rng, repeated = painter.rng, np.zeros(n, bool)
    repeated[1:] = painter.rng.random(n - 1) < repeats
    pixels, of, kinds, boxes, scene = np.empty((n, PHOTO_PX, PHOTO_PX), np.uint8), [], [], [], None
    place = np.empty(n, np.int64)
    for i in range(n):
        if repeated[i]:
            scene = scene.moved(*rng.integers(-SHAKE_PX, SHAKE_PX + 1, 2))
            scene = painter.with_face(scene) if rng.random() < WALKS_IN else scene
        else:
            scene = painter.scene(PHOTO_PX)
        pixels[i], place[i] = painter.exposed(scene), scene.place
        of += [i] * len(scene.boxes)
        kinds += scene.kinds
        boxes += scene.boxes
    age = 1 - (np.arange(n) + 1) / n
    inside = np.array(boxes, np.float32).reshape(-1, 4).clip(0, PHOTO_PX)
    return Photos(pixels, np.array(of, np.int64), np.array(kinds, np.int64), inside, repeated, age, place)
