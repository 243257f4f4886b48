"""Faces of old portraits and photos without any face: what street photos are put together from."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.datasets.files import DATA, DataError, arrays

FACE_SHAPE = (144, 112)  # height and width of a face picture
EYES_AT = (56.0, 62.0)  # where the middle between the eyes lies in it, (x, y)
EYES_APART_PX = 32.0
SCENE_PX = 320
FILE = "street.npz"


@dataclass(frozen=True, eq=False)
class Street:
    """Grey pictures, uint8: faces (173, 144, 112) with the person (173,) each shows, and scenes (50, 320, 320)."""

    faces: np.ndarray
    people: np.ndarray
    scenes: np.ndarray


def load_street(root: Path = DATA) -> Street:
    """The faces, level and of one size, and the scenes to put them into. Raises DataError."""
    stored = arrays(FILE, root)
    faces = _decoded(stored["faces"], stored["face_ends"], FACE_SHAPE)
    scenes = _decoded(stored["scenes"], stored["scene_ends"], (SCENE_PX, SCENE_PX))
    return Street(faces, stored["people"].astype(np.int64), scenes)


def _decoded(content: np.ndarray, ends: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """The JPEG files that stand one after another in `content`, as uint8 (n, *shape)."""
    from PIL import Image

    starts = np.concatenate([[0], ends[:-1]])
    images = [np.asarray(Image.open(io.BytesIO(content[a:b].tobytes()))) for a, b in zip(starts, ends, strict=True)]
    if any(image.shape != shape for image in images):
        raise DataError(f"data/{FILE} holds a picture that is not {shape[1]} by {shape[0]} grey pixels")
    return np.stack(images)
