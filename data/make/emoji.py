"""Makes data/emoji.npz: 1,911 emoji by two artists at 32 px on white, with names, categories and keywords.

Source: `npm pack emoji-datasource-google@16.0.0 emoji-datasource-twitter@16.0.0 emojilib@4.0.3`, then give the folder
with the three .tgz files: python -m data.make.emoji FOLDER
"""

from __future__ import annotations

import io
import json
import sys
import tarfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from data.make.record import save_npz

Entry = dict[str, Any]  # one emoji of emoji.json


def main(folder: Path) -> None:
    """Read the packages in the folder and write the file."""
    entries = _emoji(folder / "emoji-datasource-google-16.0.0.tgz")
    characters = ["".join(chr(int(code, 16)) for code in each["unified"].split("-")) for each in entries]
    words = _words(folder / "emojilib-4.0.3.tgz", entries, characters)
    categories = sorted({each["category"] for each in entries})
    subcategories = sorted({each["subcategory"] for each in entries})
    text = {
        "category_names": categories,
        "subcategory_names": subcategories,
        "names": [each[0] for each in words],
        "keywords": [each[1:] for each in words],
        "characters": characters,
    }
    save_npz(
        "emoji.npz",
        "data.make.emoji",
        noto=_drawings(folder / "emoji-datasource-google-16.0.0.tgz", "google", entries),
        twemoji=_drawings(folder / "emoji-datasource-twitter-16.0.0.tgz", "twitter", entries),
        categories=np.array([categories.index(each["category"]) for each in entries], np.uint8),
        subcategories=np.array([subcategories.index(each["subcategory"]) for each in entries], np.uint8),
        text=np.frombuffer(json.dumps(text, ensure_ascii=False).encode(), np.uint8),  # no pickle
    )


def _emoji(package: Path) -> list[Entry]:
    """The emoji that both artists drew, in Unicode order."""
    with tarfile.open(package) as archive:
        entries = json.load(archive.extractfile("package/emoji.json"))
    both = [each for each in entries if each["has_img_google"] and each["has_img_twitter"]]
    return sorted(both, key=lambda each: each["sort_order"])


def _words(package: Path, entries: list[Entry], characters: list[str]) -> list[list[str]]:
    """Of each emoji a name that no other has, then what else people call it, without repeats."""
    with tarfile.open(package) as archive:
        known = json.load(archive.extractfile("package/dist/emoji-en-US.json"))
    pairs = zip(entries, characters, strict=True)
    # The first word is the Unicode name; the five skin tones are not in emojilib.
    words = [known.get(character, [entry["name"].lower()]) for entry, character in pairs]
    uses = Counter(_spaced(each[0]) for each in words)
    rows = []
    for entry, (name, *others) in zip(entries, words, strict=True):
        first = name if uses[_spaced(name)] == 1 else entry["short_name"]  # "keycap " is both # and *
        rows.append(list(dict.fromkeys(_spaced(each) for each in [first, *others, *entry["short_names"]])))
    return rows


def _spaced(word: str) -> str:
    return word.replace("_", " ").strip()


def _drawings(package: Path, artist: str, entries: list[Entry]) -> np.ndarray:
    """(n, 32, 32, 3) uint8: the 64 px drawings on white, averaged over squares of four pixels."""
    drawings = {}
    with tarfile.open(package) as archive:
        for member in archive:  # in the order of the archive: seeking in a .tgz starts over each time
            folder, _, file = member.name.rpartition("/")
            if folder == f"package/img/{artist}/64":
                drawing = Image.open(io.BytesIO(archive.extractfile(member).read())).convert("RGBA")
                white = Image.new("RGBA", drawing.size, "white")
                drawings[file] = np.asarray(Image.alpha_composite(white, drawing).convert("RGB").reduce(2))
    return np.stack([drawings[each["image"]] for each in entries])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
