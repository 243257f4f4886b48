"""A visitor's own photo: decoded with care, searched by the present design, blurred, and kept nowhere."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from typing import Any

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
from core.contract.case import SEED

TYPES = {"JPEG": ("jpg", "jpeg"), "PNG": ("png",), "WEBP": ("webp",), "GIF": ("gif",)}
MOST_BYTES = 5_000_000
MOST_PIXELS = 24_000_000  # a phone's photo; decoded, 72 MB
SIDE_PX = 768  # longer side that a photo is brought to before the design reads it


class PhotoRefused(ValueError):
    """A file that is not searched; the message says why, for the visitor."""


@dataclass(frozen=True)
class Tried:
    """A visitor's photo uint8 (h, w, 3), the boxes (m, 4) that were blurred and their kinds (m,), and the result."""

    pixels: np.ndarray
    boxes: np.ndarray
    kinds: np.ndarray
    blurred: np.ndarray


def read_photo(content: bytes) -> np.ndarray:
    """The photo uint8 (h, w, 3), upright, its longer side at most SIDE_PX. Raises PhotoRefused.

    Nothing is decoded before the header has said a known type and a size within bounds; of an animated picture only
    the first frame is, and what the camera wrote about turning it is obeyed.
    """
    if len(content) > MOST_BYTES:
        raise PhotoRefused(f"The file has {len(content) / 1e6:.1f} MB; at most {MOST_BYTES / 1e6:.0f} are read.")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the size is bounded here, more tightly than where Pillow warns
        try:
            _opened(content).verify()
            return _decoded(_opened(content))
        except PhotoRefused:
            raise
        except Exception as error:  # decoders of hostile files raise of every kind
            raise PhotoRefused(
                f"The file cannot be decoded: it is damaged or cut short ({type(error).__name__})."
            ) from None


def _opened(content: bytes) -> Any:
    """The picture with only its header read. Raises PhotoRefused for another type or too many pixels."""
    from PIL import Image, UnidentifiedImageError

    try:
        image = Image.open(io.BytesIO(content), formats=tuple(TYPES))
    except UnidentifiedImageError:
        raise PhotoRefused(f"This is not a photo that can be read: {', '.join(TYPES)} are.") from None
    except Image.DecompressionBombError:
        raise PhotoRefused(f"The picture has far more than {MOST_PIXELS / 1e6:.0f} million pixels.") from None
    if image.width * image.height > MOST_PIXELS:
        size = f"{image.width:,} × {image.height:,} pixels"
        raise PhotoRefused(f"The picture has {size}; at most {MOST_PIXELS / 1e6:.0f} million are read.")
    return image


def _decoded(image: Any) -> np.ndarray:
    from PIL import Image, ImageOps

    image.seek(0)
    image.draft("RGB", (2 * SIDE_PX, 2 * SIDE_PX))  # lets the JPEG decoder leave out what is not needed
    if image.mode in ("P", "PA", "1"):
        image = image.convert("RGBA")  # a palette cannot be averaged
    image.thumbnail((SIDE_PX, SIDE_PX))  # before anything else, so that a large photo is held only once
    image = ImageOps.exif_transpose(image)
    if image.mode in ("RGBA", "LA"):
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image.convert("RGBA"))
    return np.asarray(image.convert("RGB")).copy()


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
