"""Makes data/drawings.npz, 1,852 emoji by three artists at 64 px on white, and their vectors by Lite0's first blocks.

Source: `npm pack @lobehub/fluent-emoji-3d@1.1.0 emoji-datasource-google@16.0.0 emoji-datasource-twitter@16.0.0`;
data/emoji.npz and data/weights/efficientnet_lite0_cut.onnx must be there. Then, with the folder of the three .tgz
files: python -m data.make.drawings FOLDER
"""

from __future__ import annotations

import io
import json
import sys
import tarfile
from pathlib import Path

import numpy as np
from PIL import Image

from core.datasets.drawings import DRAWING_PX, load_drawings
from core.datasets.emoji import load_emoji
from core.datasets.files import DATA
from core.datasets.lite0 import LITE0, onnx_session
from data.make.lite0 import fit, maps, save_codes
from data.make.record import save_npz

MADE_BY = "data.make.drawings"
FLUENT = "lobehub-fluent-emoji-3d-1.1.0.tgz"
DATASOURCES = {"google": "emoji-datasource-google-16.0.0.tgz", "twitter": "emoji-datasource-twitter-16.0.0.tgz"}
QUALITY = 75  # of WebP: at 64 pixels no difference is seen beside the originals


def main(folder: Path) -> None:
    """Read the packages in the folder and write both files."""
    characters = load_emoji().characters
    rendered = {_plain(name): file for name, file in _members(folder / FLUENT, "package/assets").items()}
    drawn = [_drawn(folder / package, artist) for artist, package in DATASOURCES.items()]
    codes = [_plain("-".join(f"{ord(sign):04x}" for sign in character)) for character in characters]
    chosen = [row for row, code in enumerate(codes) if code in rendered]
    sources = [*drawn, rendered]
    files = [_packed(source[codes[row]]) for source in sources for row in chosen]
    save_npz(
        "drawings.npz",
        MADE_BY,
        files=np.frombuffer(b"".join(files), np.uint8),
        ends=np.cumsum([len(file) for file in files]).astype(np.uint32),
        emoji=np.array(chosen, np.uint16),
    )
    _save_vectors()


def _save_vectors() -> None:
    """The vectors of all drawings; the PCA sees the catalogue alone, so that the artist of the queries stays unseen."""
    session, drawings = onnx_session((DATA / LITE0).read_bytes()), load_drawings()
    mapped = maps(session, drawings.pictures[:])
    save_codes("drawings", fit(mapped[: 2 * len(drawings.names)]), made_by=MADE_BY, codes=mapped)


def _members(package: Path, folder: str) -> dict[str, bytes]:
    """The files of one folder of a package by their names without ending."""
    with tarfile.open(package) as archive:
        return {
            Path(member.name).stem: archive.extractfile(member).read()
            for member in archive
            if member.isfile() and str(Path(member.name).parent) == folder
        }


def _drawn(package: Path, artist: str) -> dict[str, bytes]:
    """An artist's 64 px drawings by the plain code of their emoji."""
    files = _members(package, f"package/img/{artist}/64")
    entries = json.loads(_members(package, "package")["emoji"])
    return {_plain(each["unified"]): files[Path(each["image"]).stem] for each in entries if each[f"has_img_{artist}"]}


def _plain(code: str) -> str:
    """A code that packages agree on: small letters, no sign of presentation, no zeros in front."""
    return code.lower().replace("-fe0f", "").lstrip("0")


def _packed(file: bytes) -> bytes:
    """A drawing as WebP of 64 pixels on white."""
    drawing = Image.open(io.BytesIO(file)).convert("RGBA")
    white = Image.new("RGBA", drawing.size, "white")
    picture = Image.alpha_composite(white, drawing).convert("RGB")
    packed = io.BytesIO()
    picture.resize((DRAWING_PX, DRAWING_PX), Image.Resampling.LANCZOS).save(packed, "webp", quality=QUALITY, method=6)
    return packed.getvalue()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
