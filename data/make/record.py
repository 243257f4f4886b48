"""Writes a data file the same way each time, and its sha256 and maker into data/checksums.json."""

from __future__ import annotations

import hashlib
import json
import zipfile

import numpy as np

from core.datasets.files import CHECKSUMS, DATA


def save_npz(name: str, made_by: str, /, **arrays: np.ndarray) -> None:
    """Write data/<name> as a deflated .npz: equal arrays give equal bytes (zip members carry no date of today)."""
    with zipfile.ZipFile(DATA / name, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for key, array in arrays.items():
            with archive.open(f"{key}.npy", "w") as member:
                np.lib.format.write_array(member, np.asarray(array), allow_pickle=False)
    record(name, made_by)


def record(name: str, made_by: str) -> None:
    """Put into data/checksums.json the sha256 of data/<name> and the module that made it ("data.make.fashion")."""
    path = DATA / CHECKSUMS
    sums = json.loads(path.read_text()) if path.exists() else {}
    sums[name] = {"sha256": hashlib.sha256((DATA / name).read_bytes()).hexdigest(), "made_by": made_by}
    path.write_text(json.dumps(dict(sorted(sums.items())), indent=2) + "\n")
    print(f"data/{name}: {(DATA / name).stat().st_size:,} bytes, sha256 {sums[name]['sha256']}")
