"""Puts faces and plates into a scene and takes the photo: the light, the noise, and the box of everything put in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from core.cases.street_view_blurring.data.plates import draw_plate
from core.datasets.street import EYES_APART_PX, EYES_AT, FACE_SHAPE

FACE, PLATE = 0, 1
KINDS = ("face", "plate")
FACE_BOX = (1.80, 2.40, 0.42)  # width, height, how far below the eyes its middle lies, in distances between the eyes
HEAD = (0.40, 1.22, 1.72)  # the part of the picture that is kept: middle below the eyes, half its width and height
FACE_HEIGHTS = {"small": (16, 28), "mixed": (16, 80), "large": (48, 84)}  # pixels of the photo, every factor as likely
PLATE_WIDTHS = {"small": (28, 44), "mixed": (28, 104), "large": (64, 110)}
N_FACES = (0, 1, 1, 2)  # drawn from with equal chance; a crowd adds to them
N_PLATES = (0, 1, 1, 2)
LIGHTS = {"day": (1.0, 2.0), "dusk": (0.45, 4.0), "night": (0.2, 6.0)}  # share of the light, noise in grey levels
NEARBY = (0.55, 0.8)  # how far to the side the next face of a crowd stands, in widths of a box
APART_PX = 3
GRAIN = 60_000  # more than the pixels of a photo
TRIES = 12


@dataclass(frozen=True)
class Scene:
    """A picture float32 (h, w) in grey levels of full light, with the kinds and boxes of what was put into it."""

    grey: np.ndarray
    kinds: list[int]
    boxes: list[tuple[float, float, float, float]]
    place: int  # the row of the scene that it is a part of

    def moved(self, dx: int, dy: int) -> Scene:
        """The same seen by a camera that moved by whole pixels."""
        boxes = [(a + dx, b + dy, c + dx, d + dy) for a, b, c, d in self.boxes]
        h, w = self.grey.shape
        rows, columns = np.clip(np.arange(h) - dy, 0, h - 1), np.clip(np.arange(w) - dx, 0, w - 1)
        return replace(self, grey=self.grey[np.ix_(rows, columns)], boxes=boxes)


@dataclass(frozen=True)
class Painter:
    """What photos are made of, with the data dials and the one source of chance."""

    faces: np.ndarray
    scenes: np.ndarray
    crowd: float
    size: str
    light: str
    rng: np.random.Generator

    def scene(self, px: int) -> Scene:
        """A part of a random scene, `px` wide, with plates and then faces put in."""
        import cv2

        place = int(self.rng.integers(len(self.scenes)))
        whole = self.scenes[place]
        side = int(self.rng.uniform(0.65, 1.0) * len(whole))
        top, left = self.rng.integers(0, len(whole) - side + 1, 2)
        part = whole[top : top + side, left : left + side]
        part = part[:, ::-1] if self.rng.random() < 0.5 else part
        grey = cv2.resize(np.ascontiguousarray(part), (px, px), interpolation=cv2.INTER_AREA).astype(np.float32)
        scene = Scene(grey, [], [], place)
        for _ in range(self.rng.choice(N_PLATES)):
            scene = self.with_plate(scene)
        for _ in range(self.rng.choice(N_FACES)):
            scene = self.with_face(scene)
        return scene

    def with_plate(self, scene: Scene) -> Scene:
        """The scene with one more plate where there is room; as it was where there is none."""
        grey, cover = draw_plate(self.rng, self._log_uniform(*PLATE_WIDTHS[self.size]))
        shade = np.linspace(*self.rng.uniform(0.55, 1.0, 2), grey.shape[1], dtype=np.float32)
        grey = _soft(255 * grey * shade, self.rng.uniform(0.3, 0.8))
        place = self._free_place(scene, *grey.shape[::-1])
        if place is None:
            return scene
        return _pasted(scene, grey, cover, *place, PLATE, (place[0], place[1], *_far(place, grey.shape)))

    def with_face(self, scene: Scene) -> Scene:
        """The scene with one more face, and in a crowd with neighbours that stand partly before it."""
        height = self._log_uniform(*FACE_HEIGHTS[self.size])
        width = height * FACE_BOX[0] / FACE_BOX[1]
        place = self._free_place(scene, width, height)
        if place is None:
            return scene
        alone, side = self._face_at(scene, *place, height), self.rng.choice([-1, 1])
        if self.rng.random() >= self.crowd:
            return alone
        x = place[0] + side * self.rng.uniform(*NEARBY) * width
        y = place[1] + self.rng.uniform(-0.15, 0.15) * height
        inside = 0 <= x <= scene.grey.shape[1] - width and 0 <= y <= scene.grey.shape[0] - height
        return self._face_at(alone, x, y, height) if inside and _clear(scene, x, y, width, height) else alone

    def _face_at(self, scene: Scene, x: float, y: float, height: float) -> Scene:
        """A random face of another person, its box at (x, y) and `height` high."""
        import cv2

        face = self.faces[self.rng.integers(len(self.faces))]
        face = face[:, ::-1] if self.rng.random() < 0.5 else face
        scale = height / (FACE_BOX[1] * EYES_APART_PX)
        eyes_x = x + height * FACE_BOX[0] / FACE_BOX[1] / 2
        eyes_y = y + height / 2 - FACE_BOX[2] * EYES_APART_PX * scale
        left, top = round(eyes_x - EYES_AT[0] * scale), round(eyes_y - EYES_AT[1] * scale)
        size = (max(4, round(FACE_SHAPE[1] * scale)), max(4, round(FACE_SHAPE[0] * scale)))
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        grey = cv2.resize(np.ascontiguousarray(face), size, interpolation=way).astype(np.float32)
        cover = cv2.resize(_head(), size, interpolation=cv2.INTER_AREA)
        grey = np.clip(128 + self.rng.uniform(0.75, 1.1) * (grey - 128) + self.rng.uniform(-25, 25), 0, 255)
        box = (x, y, x + height * FACE_BOX[0] / FACE_BOX[1], y + height)
        return _pasted(scene, grey, cover, left, top, FACE, box)

    def exposed(self, scene: Scene) -> np.ndarray:
        """The photo uint8 (h, w): the scene in this light, with the noise of the camera."""
        share, noise = LIGHTS[self.light]
        start = self.rng.integers(0, GRAIN)
        grain = _grain()[GRAIN - start : GRAIN - start + scene.grey.size].reshape(scene.grey.shape)
        light = share * self.rng.uniform(0.9, 1.1)
        return np.clip(light * scene.grey + noise * grain, 0, 255).astype(np.uint8)

    def _log_uniform(self, low: float, high: float) -> float:
        return float(np.exp(self.rng.uniform(np.log(low), np.log(high))))

    def _free_place(self, scene: Scene, width: float, height: float) -> tuple[int, int] | None:
        """Where a box of this size touches no other; None when chance finds no such place."""
        h, w = scene.grey.shape
        for _ in range(TRIES if width < w and height < h else 0):
            x, y = int(self.rng.integers(0, int(w - width))), int(self.rng.integers(0, int(h - height)))
            if _clear(scene, x, y, width, height):
                return x, y
        return None


def _clear(scene: Scene, x: float, y: float, width: float, height: float) -> bool:
    """Whether a box at this place keeps its distance from all that is in the scene."""
    taken = np.array(scene.boxes).reshape(-1, 4)
    beside = (taken[:, 0] > x + width + APART_PX) | (taken[:, 2] < x - APART_PX)
    above = (taken[:, 1] > y + height + APART_PX) | (taken[:, 3] < y - APART_PX)
    return bool((beside | above).all())


def _pasted(
    scene: Scene, grey: np.ndarray, cover: np.ndarray, left: int, top: int, kind: int, box: tuple[float, ...]
) -> Scene:
    """The scene with a picture (h, w) put in as far as it covers, cut off at the edges; it paints over the old one."""
    height, width = scene.grey.shape
    ys, xs = slice(max(0, top), min(height, top + len(grey))), slice(max(0, left), min(width, left + grey.shape[1]))
    inner = np.s_[ys.start - top : ys.stop - top, xs.start - left : xs.stop - left]
    scene.grey[ys, xs] += cover[inner] * (grey[inner] - scene.grey[ys, xs])
    return replace(scene, kinds=[*scene.kinds, kind], boxes=[*scene.boxes, box])


def _far(place: tuple[int, int], shape: tuple[int, ...]) -> tuple[int, int]:
    return place[0] + shape[1], place[1] + shape[0]


def _soft(grey: np.ndarray, sigma_px: float) -> np.ndarray:
    import cv2

    return cv2.GaussianBlur(grey, (0, 0), sigma_px)


@cache
def _head() -> np.ndarray:
    """How much of each pixel of a face picture belongs to the head: 1 inside an oval, 0 outside, soft between."""
    below, half_width, half_height = (value * EYES_APART_PX for value in HEAD)
    y, x = np.mgrid[: FACE_SHAPE[0], : FACE_SHAPE[1]].astype(np.float32)
    far = np.hypot((x - EYES_AT[0]) / half_width, (y - EYES_AT[1] - below) / half_height)
    return np.clip((1.06 - far) / 0.14, 0, 1).astype(np.float32)


@cache
def _grain() -> np.ndarray:
    """Noise of unit size (2 · GRAIN,), drawn once and then repeated: each photo takes it from another place."""
    return np.tile(np.random.default_rng(0).standard_normal(GRAIN, dtype=np.float32), 2)
