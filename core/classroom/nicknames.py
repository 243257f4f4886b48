"""Nicknames: short, visible, on one line, and one of a kind in a class."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from itertools import count

LONGEST = 20
UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")  # controls, text direction, halves of letters, unassigned


def read_nickname(text: str) -> str:
    """The nickname in what was typed. Raises ValueError with a sentence where it can be none."""
    known = unicodedata.normalize("NFKC", text[:200])
    seen = "".join(" " if letter.isspace() else letter for letter in known
                   if letter.isspace() or unicodedata.category(letter) not in UNSEEN)  # fmt: skip
    name = " ".join(seen.split())
    if not any(unicodedata.category(letter)[0] in "LNS" for letter in name):
        raise ValueError("A nickname needs a letter, a digit or a sign that can be seen.")
    if len(name) > LONGEST:
        raise ValueError(f"A nickname has at most {LONGEST} characters, and this one has {len(name)}.")
    return name


def file_stems(names: Iterable[str], beside: Iterable[str] = ()) -> dict[str, str]:
    """A file name without its ending for each nickname, of letters and digits alone, each once and none of `beside`."""
    others = {stem.casefold() for stem in beside}
    stems: dict[str, str] = {}
    for name in names:
        stem = "".join(letter if letter.isalnum() else "_" for letter in name)
        taken = others | {taken.casefold() for taken in stems.values()}
        numbered = (f"{stem}-{n}" if n > 1 else stem for n in count(1))
        stems[name] = next(one for one in numbered if one.casefold() not in taken)
    return stems


def alike(name: str) -> str:
    """Two nicknames for which this is the same are one."""
    return unicodedata.normalize("NFKC", name.casefold())
