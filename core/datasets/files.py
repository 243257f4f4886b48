"""The files of data/: read only if their sha256 is the one that data/checksums.json recorded when they were made."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

DATA = Path(__file__).resolve().parents[2] / "data"
CHECKSUMS = "checksums.json"


class DataError(RuntimeError):
    """A data file that cannot be used; the message names it, says what is wrong and how to mend it."""


@dataclass(frozen=True)
class Recorded:
    """What checksums.json says of one file: its sha256 and the module whose run made it."""

    sha256: str
    made_by: str


def arrays(name: str, root: Path = DATA) -> dict[str, np.ndarray]:
    """The arrays of data/<name>, an .npz without pickles. Raises DataError."""
    with np.load(io.BytesIO(verified(name, root)), allow_pickle=False) as file:
        return dict(file)


def verified(name: str, root: Path = DATA) -> bytes:
    """The bytes of data/<name>, once their sha256 is the recorded one. Raises DataError."""
    recorded = checksums(root).get(name)
    if recorded is None:
        raise DataError(f"data/{name} is not in data/{CHECKSUMS}; {_mend(CHECKSUMS)}")
    content = _bytes(name, root, recorded.made_by)
    found = hashlib.sha256(content).hexdigest()
    if found != recorded.sha256:
        wrong = f"its sha256 is {found}, {CHECKSUMS} says {recorded.sha256}"
        raise DataError(f"data/{name} is corrupt: {wrong}; {_mend(name, recorded.made_by)}")
    return content


def checksums(root: Path = DATA) -> dict[str, Recorded]:
    """What was recorded of every data file, by its path below data/. Raises DataError."""
    content = _bytes(CHECKSUMS, root)
    try:
        return {name: Recorded(**fields) for name, fields in json.loads(content).items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise DataError(f"data/{CHECKSUMS} is corrupt ({error}); {_mend(CHECKSUMS)}") from error


def _bytes(name: str, root: Path, made_by: str = "") -> bytes:
    try:
        return (root / name).read_bytes()
    except OSError as error:
        raise DataError(f"data/{name} is missing in {root} ({error.strerror}); {_mend(name, made_by)}") from error


def _mend(name: str, made_by: str = "") -> str:
    maker = f", or make it again with `python -m {made_by}`" if made_by else ""
    return f"`git checkout -- data/{name}` brings it back{maker}"
