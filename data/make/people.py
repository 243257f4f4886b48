"""Makes data/trust.npz and data/coauthors.npz: who knew whom and since when, without a name or an address.

Source: `apt-get download python3-graph-tool` (2.45+ds-10), unpack it with `dpkg -x` and give its folder
usr/lib/python3/dist-packages/graph_tool/collection: python -m data.make.people FOLDER
"""

from __future__ import annotations

import gzip
import re
import struct
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from data.make.record import save_npz

SEED = 0
FIRST, LAST = "1991-06-01", "2009-11-30"  # PGP appeared in June 1991, the dump is of November 2009
MIN_TLD, MIN_DOMAIN = 20, 3  # smaller groups would point at single persons
COUNTS = {"cond-mat": "1999-12-31", "cond-mat-2003": "2003-06-30", "cond-mat-2005": "2005-03-31"}
NUMBERS = {0: "u1", 1: "i2", 2: "i4", 3: "i8", 4: "f8"}  # value types of the format, as numpy spells them
ADDRESS = re.compile(r"<[^<>@\s]+@([A-Za-z0-9.-]+\.[A-Za-z]{2,})>")


def main(folder: Path) -> None:
    """Read the graphs and write both files."""
    trust(folder / "pgp-strong-2009.gt.gz")
    coauthors({folder / f"{name}.gt.gz": day for name, day in COUNTS.items()})


def trust(path: Path) -> None:
    """Pairs of keys of which one signed the other, since the first such day; 9 with an impossible day are left out."""
    graph = read_gt(path)
    day = np.array([min(times) for times in graph.properties["e_time"]]) // 86_400
    number = np.random.default_rng(SEED).permutation(graph.n)
    pairs, day = first_days(number[graph.edges], day)
    possible = (day >= _day(FIRST)) & (day <= _day(LAST))
    domains = [next(iter(ADDRESS.findall(" ".join(names))), "").lower() for names in graph.properties["uid"]]
    domains = [domains[key] for key in np.argsort(number)]
    tld, tld_names = numbered((each.rsplit(".", 1)[-1] for each in domains), MIN_TLD)
    domain, _ = numbered(domains, MIN_DOMAIN)
    save_npz(
        "trust.npz",
        "data.make.people",
        **edges(pairs[possible], day[possible]),
        tld=tld.astype(np.uint8),
        tld_names=np.array(tld_names),
        domain=shuffled(domain).astype(np.uint16),
    )


def coauthors(days: dict[Path, str]) -> None:
    """Pairs that wrote together, with the day of the count that first has them; people are matched by name."""
    found = []
    for path, day in days.items():
        graph = read_gt(path)
        names = np.array(graph.properties["label"])
        found += [(names[graph.edges], np.full(len(graph.edges), _day(day)))]
    ends, day = (np.concatenate(column) for column in zip(*found, strict=True))
    names, person = np.unique(ends, return_inverse=True)
    number = np.random.default_rng(SEED).permutation(len(names))
    save_npz("coauthors.npz", "data.make.people", **edges(*first_days(number[person.reshape(-1, 2)], day)))


def first_days(pairs: np.ndarray, day: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each unordered pair (m, 2) once, in order, with its first day (m,); and nobody with themselves."""
    low, high = pairs.min(axis=1), pairs.max(axis=1)
    order = np.lexsort((day, high, low))
    order = order[(low != high)[order]]
    pairs, day = np.column_stack([low, high])[order], day[order]
    first = np.append(True, (pairs[1:] != pairs[:-1]).any(axis=1))
    return pairs[first], day[first]


def edges(pairs: np.ndarray, day: np.ndarray) -> dict[str, np.ndarray]:
    """The columns of a file: both ends, and days since the first one."""
    start = int(day.min())
    ends = pairs.astype(np.uint16)
    return {"u": ends[:, 0], "v": ends[:, 1], "day": (day - start).astype(np.uint16), "start": np.int32(start)}


def numbered(values: Iterable[str], least: int) -> tuple[np.ndarray, list[str]]:
    """Values as numbers into the returned names, commonest first; 0 is "none", 1 every value seen fewer times."""
    values = list(values)
    seen = Counter(value for value in values if value)
    names = ["none", "other", *sorted((v for v, n in seen.items() if n >= least), key=lambda v: (-seen[v], v))]
    number = {name: i for i, name in enumerate(names)}
    return np.array([number.get(value, 1) if value else 0 for value in values]), names


def shuffled(domain: np.ndarray) -> np.ndarray:
    """The domains under numbers that say nothing, 0 for none or a rare one: a hash could be looked up."""
    domain = np.maximum(domain, 1) - 1
    names = np.concatenate([[0], 1 + np.random.default_rng(SEED + 1).permutation(domain.max())])
    return names[domain]


def _day(text: str) -> int:
    return int(np.datetime64(text).astype(int))


@dataclass
class Graph:
    """A graph-tool file: number of vertices, edges (m, 2) and the properties of vertices and edges by name."""

    n: int
    edges: np.ndarray
    properties: dict[str, Any]


def read_gt(path: Path) -> Graph:
    """Read graph-tool's binary format, version 1 (https://graph-tool.skewed.de, "The gt file format")."""
    data = Reader(gzip.decompress(path.read_bytes()))
    if data.take(6) != b"\xe2\x9b\xbe gt":
        raise ValueError(f"{path.name} is not a graph-tool file")
    data.take(1)
    data.order = ">" if data.take(1)[0] else "<"
    data.text()
    data.take(1)
    n = data.size()
    width = next(kind for kind, most in (("u1", 8), ("u2", 16), ("u4", 32), ("u8", 64)) if n < 2**most)
    out = [data.numbers(width, data.size()) for _ in range(n)]
    source = np.repeat(np.arange(n), [len(each) for each in out])
    ends = np.column_stack([source, np.concatenate(out).astype(np.int64)])
    properties = {}
    for _ in range(data.size()):
        holder = data.take(1)[0]
        name = data.text()
        properties[name] = data.values(data.take(1)[0], (1, n, len(ends))[holder])
    return Graph(n, ends, properties)


@dataclass
class Reader:
    """Reads values off a byte string, one after another."""

    content: bytes
    at: int = 0
    order: str = field(default="<")

    def take(self, n: int) -> bytes:
        """The next n bytes."""
        self.at += n
        return self.content[self.at - n : self.at]

    def size(self) -> int:
        """An unsigned number of 64 bits."""
        return struct.unpack(self.order + "Q", self.take(8))[0]

    def text(self) -> str:
        """A string behind its length."""
        return self.take(self.size()).decode("utf8", "replace")

    def numbers(self, kind: str, n: int) -> np.ndarray:
        """An array of n numbers."""
        return np.frombuffer(self.take(n * int(kind[1])), self.order + kind)

    def values(self, kind: int, n: int) -> Any:
        """The n values of a property: numbers, texts, or lists of either."""
        if kind in NUMBERS:
            return self.numbers(NUMBERS[kind], n)
        if kind == 6:
            return [self.text() for _ in range(n)]
        if 7 <= kind <= 11:
            return [self.numbers(NUMBERS[kind - 7], self.size()) for _ in range(n)]
        if kind == 13:
            return [[self.text() for _ in range(self.size())] for _ in range(n)]
        raise ValueError(f"a property of type {kind} is not read here")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
