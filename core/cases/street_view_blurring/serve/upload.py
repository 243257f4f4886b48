"""A visitor's own photo: decoded with care, searched by the present design, blurred, and kept nowhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.cases.street_view_blurring import features
from core.cases.street_view_blurring.design import StreetViewBlurring
from core.cases.street_view_blurring.model.boxes import Boxes
from core.cases.street_view_blurring.model.calibration import probability, refitted
from core.cases.street_view_blurring.model.detectors import DETECTORS, vision
from core.cases.street_view_blurring.model.second_look import passing
from core.cases.street_view_blurring.pipeline import detectors, stages
from core.cases.street_view_blurring.serve import detect
from core.cases.street_view_blurring.serve.blur import blur
from core.cases.street_view_blurring.serve.picture_file import read_photo
from core.contract.case import SEED


@dataclass(frozen=True)
class Tried:
    """A visitor's photo uint8 (h, w, 3), the boxes (m, 4) that were blurred and their kinds (m,), and the result."""

    pixels: np.ndarray
    boxes: np.ndarray
    kinds: np.ndarray
    blurred: np.ndarray


def try_photo(content: bytes, design: StreetViewBlurring, seed: int = SEED) -> Tried:
    """Search and blur a visitor's photo with a design, one pixel of it taken as one of ours. Raises PhotoRefused.

    It is read whole, as finely as the design reads ours, but never more finely than it is. Nothing of it passes through
    the memo of steps.
    """
    cv2, pixels = vision(), read_photo(content)
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    scale = min(1.0, design.px / features.tile_side(design.tiles))
    size = tuple(max(32, round(scale * side)) for side in grey.shape[::-1])
    seen = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    s, scales = stages(design, seed), np.array([grey.shape[1] / size[0], grey.shape[0] / size[1]] * 2, np.float32)
    raw = [DETECTORS[name].detect(s[f"model {name}"].value.use, seen[None]) for name in detectors(design)]
    boxes = raw[0] if len(raw) == 1 else detect.pick(*raw, faces=0, plates=1)
    boxes = Boxes(boxes.of, boxes.kind, boxes.box * scales, boxes.score)
    calibration, edge = s["calibration"].value, np.array([grey.shape[1], grey.shape[0]] * 2)
    box = np.clip(refitted(boxes, calibration), 0, edge).astype(np.float32)
    kept = Boxes(boxes.of, boxes.kind, box, probability(boxes, calibration)).without_doubles(design.nms)
    kept = kept.rows(kept.score >= design.threshold)
    if design.verify != "off":
        kept = kept.rows(passing(s["verifier"].value, grey[None], kept, design.verify))
    return Tried(pixels, kept.box, kept.kind, blur(pixels, kept.box))
