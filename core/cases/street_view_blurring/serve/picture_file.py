"""A visitor's picture file: its header is judged before anything is decoded, and no file takes much memory.

What decoding holds is worked out from the header: Pillow keeps four bytes a pixel of a picture in colours, the decoder
of WebP three canvases beside that, and a JPEG of several scans all its coefficients.
"""

from __future__ import annotations

import io
import warnings
from itertools import product
from typing import Any

import numpy as np

TYPES = {"JPEG": ("jpg", "jpeg"), "PNG": ("png",), "WEBP": ("webp",), "GIF": ("gif",)}
MOST_BYTES = 5_000_000
MOST_PIXELS = 24_000_000  # a phone's photo
MOST_HELD_BYTES = 66_000_000  # while decoding; with what the file and a tile take, 80 MB are not reached
MOST_TEXT_BYTES = 1_000_000  # of the texts in a PNG, unpacked
SIDE_PX = 768  # longer side that a picture is brought to
TILE_PX = 256  # about the side of what is turned into colours at a time
BYTES_A_PIXEL = {"1": 1, "L": 1, "P": 1, "I;16": 2}  # as Pillow holds them; four in every other mode
ROW_BYTES = 12  # that Pillow holds beside the pixels of a row: where it begins, and up to four to a multiple of four
CANVASES = 4  # of a WebP: the frame, the one before it, the copy that is handed over, and Pillow's own
COEFFICIENT_BYTES = 2
START_OF_SCAN, FIRST_OF_A_FRAME = 0xDA, 2


class PhotoRefused(ValueError):
    """A file that is not searched; the message says why, for the visitor."""


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
    """The picture with only its header read, a JPEG set to be decoded small. Raises PhotoRefused."""
    from PIL import Image, PngImagePlugin, UnidentifiedImageError

    PngImagePlugin.MAX_TEXT_MEMORY = MOST_TEXT_BYTES
    try:
        image = Image.open(io.BytesIO(content), formats=tuple(TYPES))
    except UnidentifiedImageError:
        raise PhotoRefused(f"This is not a photo that can be read: {', '.join(TYPES)} are.") from None
    except Image.DecompressionBombError:
        raise PhotoRefused(f"The picture has far more than {MOST_PIXELS / 1e6:.0f} million pixels.") from None
    size = f"{image.width:,} × {image.height:,} pixels"
    if image.width * image.height > MOST_PIXELS:
        raise PhotoRefused(f"The picture has {size}; at most {MOST_PIXELS / 1e6:.0f} million are read.")
    if _held_bytes(image, content) > MOST_HELD_BYTES:
        raise PhotoRefused(
            f"The picture has {size}, which take too much memory to decode in a file of this kind. "
            "Save it smaller, or as an ordinary (baseline) JPEG."
        )
    return image


def _held_bytes(image: Any, content: bytes) -> float:
    """The most that decoding holds of a picture at a time; a JPEG is set to leave out what is not needed."""
    coefficients = _coefficient_bytes(image, content) if image.format in ("JPEG", "MPO") else 0.0
    less = max(image.size) // (2 * SIDE_PX)
    if less > 1:
        image.draft("RGB", (max(1, image.width // less), max(1, image.height // less)))
    canvases = CANVASES if image.format == "WEBP" else 1
    row_bytes = BYTES_A_PIXEL.get(image.mode, 4) * image.width + ROW_BYTES
    return canvases * row_bytes * image.height + coefficients


def _coefficient_bytes(image: Any, content: bytes) -> float:
    """What the decoder of a JPEG keeps of its coefficients: of all of them where they come in several scans."""
    if not image.info.get("progressive") and _first_scan_has_all(content, image.layers):
        return 0.0
    finest = max(across * down for _, across, down, _ in image.layer)
    share = sum(across * down for _, across, down, _ in image.layer) / finest
    return COEFFICIENT_BYTES * share * image.width * image.height


def _first_scan_has_all(content: bytes, n_layers: int) -> bool:
    """Whether the first scan of a JPEG holds every layer, so that it can be decoded row by row."""
    at = FIRST_OF_A_FRAME
    while at + 4 < len(content):
        if content[at] == 0xFF and content[at + 1] == START_OF_SCAN:
            return content[at + 4] == n_layers
        filler = content[at] != 0xFF or content[at + 1] == 0xFF
        at += 1 if filler else 2 + int.from_bytes(content[at + 2 : at + 4])
    return False


def _decoded(image: Any) -> np.ndarray:
    from PIL import ImageOps

    image.seek(0)
    image.load()
    small = _shrunk(image)
    small.thumbnail((SIDE_PX, SIDE_PX))
    return np.asarray(ImageOps.exif_transpose(small)).copy()


def _shrunk(image: Any) -> Any:
    """The picture in colours on white, its longer side less than twice SIDE_PX: tile by tile, averaged."""
    from PIL import Image

    by = max(1, max(image.size) // SIDE_PX)
    side = max(by, TILE_PX // by * by)
    small = Image.new("RGB", (-(-image.width // by), -(-image.height // by)))
    small.info = image.info
    for top, left in product(range(0, image.height, side), range(0, image.width, side)):
        tile = image.crop((left, top, min(left + side, image.width), min(top + side, image.height)))
        small.paste(_in_colours(tile).reduce(by), (left // by, top // by))
    return small


def _in_colours(tile: Any) -> Any:
    """A tile as RGB; what is transparent is white."""
    from PIL import Image

    if tile.mode.startswith("I"):
        tile = Image.fromarray((np.asarray(tile) >> 8).astype(np.uint8))
    if tile.mode not in ("RGBA", "LA", "PA", "P") and "transparency" not in tile.info:
        return tile.convert("RGB")
    tile = tile.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", tile.size, "white"), tile).convert("RGB")
