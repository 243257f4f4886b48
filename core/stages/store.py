"""The batch store: precomputed results in an embedded database (SQLite), looked up by key.

A snapshot is one file with one row per key. It is written under a temporary name and then moved, so a reader sees the
old file or the new one. Its checksum goes last into the header field that SQLite leaves to applications
(`user_version`), so a file without it is incomplete. Verifying the file takes about a fortieth of reading every row
through SQLite and detects any flipped byte.
"""

import atexit
import json
import os
import shutil
import sqlite3
import tempfile
import threading
import weakref
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, suppress
from dataclasses import dataclass
from functools import cache
from itertools import repeat
from operator import index
from pathlib import Path

import numpy as np

FORMAT = 1  # raise it when the tables change: older files are then rebuilt
MAGIC = b"SQLite format 3\0"
MARK = slice(60, 64)  # user_version in the header (https://www.sqlite.org/fileformat.html, section 1.3)
HEADER_BYTES = 100
CHUNK_BYTES = 1 << 20
TEMPORARY = ".store-tmp"
LEFTOVER_S = 600.0  # an untouched temporary file is abandoned after this time

Parts = tuple[np.ndarray, np.ndarray, np.ndarray | None]  # keys (n,), ids (n, k), scores (n, k) or None

ROOT = Path(__file__).parents[2]

_LOCKS: dict[Path, AbstractContextManager] = {}  # one per path, so that one thread writes it
_MOVED: dict[Path, tuple[Path, str]] = {}  # unwritable path → (private path, reason)


class StoreCorrupt(RuntimeError):
    """A store file that is damaged or incomplete; the message names the fault."""


@dataclass(frozen=True)
class Snapshot:
    """A written snapshot: its path, rows of k results, bytes on disk and content checksum."""

    path: Path
    rows: int
    k: int
    nbytes: int
    checksum: int


class SnapshotReader:
    """Look-ups in one verified snapshot, from any thread; a newer file does not change the answers."""

    def __init__(self, path: Path, note: str) -> None:
        """Connect to a verified file; `note` is a sentence for the page, empty when there is nothing to report."""
        self.path, self.note, self.nbytes = path, note, path.stat().st_size
        # Immutable: files are never written in place, and without locks a look-up takes less than half the time.
        self._db = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)
        # One connection: one per thread is no faster and could read two snapshots under one name.
        self._lock = threading.Lock()
        self.close = weakref.finalize(self, self._db.close)
        version, self.rows, self.k, id_bytes = self._one("SELECT version, rows, k, id_bytes FROM meta")
        if version != FORMAT:
            raise StoreCorrupt(f"{path.name}: format {version}, this program reads format {FORMAT}")
        self._dtype = np.dtype(f"<i{id_bytes}")

    def get(self, key: int) -> np.ndarray | None:
        """The ids (k,) int64 of a key, best first and -1 for none; None for an unknown key."""
        row = self._one("SELECT ids FROM results WHERE key = ?", index(key))
        return None if row is None else np.frombuffer(row[0], self._dtype).astype(np.int64)

    def get_scores(self, key: int) -> np.ndarray | None:
        """The scores (k,) float32 of a key; None for an unknown key or a snapshot without scores."""
        row = self._one("SELECT scores FROM results WHERE key = ?", index(key))
        return None if row is None or row[0] is None else np.frombuffer(row[0], "<f4").astype(np.float32)

    def get_many(self, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Ids (n, k) int64, rows of -1 for unknown keys, and the mask (n,) of known keys, in one statement."""
        keys = _int64("keys", keys, ndim=1)
        query = "SELECT asked.key, ids FROM json_each(?) AS asked CROSS JOIN results ON results.key = asked.value"
        with self._lock:
            rows = self._db.execute(query, (json.dumps(keys.tolist()),)).fetchall()
        ids, hit = np.full((len(keys), self.k), -1, np.int64), np.zeros(len(keys), bool)
        if rows:
            at = [position for position, _ in rows]
            ids[at] = np.frombuffer(b"".join(blob for _, blob in rows), self._dtype).reshape(-1, self.k)
            hit[at] = True
        return ids, hit

    def _one(self, query: str, *values: int) -> tuple | None:
        with self._lock:
            return self._db.execute(query, values).fetchone()


def write_snapshot(path: str | Path, keys: np.ndarray, ids: np.ndarray, scores: np.ndarray | None = None) -> Snapshot:
    """Store ids (n, k), best first and -1 for none, and optional scores (n, k) under unique keys (n,), atomically.

    Raises ValueError for arrays that do not fit together and OSError for an unwritable path.
    """
    path = Path(path).absolute()
    keys, ids, scores = _checked(keys, ids, scores)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f"{path.name}.", suffix=TEMPORARY, dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        temporary.chmod(0o644)  # one account may build the store and another serve from it
        _sweep(temporary)
        _fill(temporary, keys, ids, scores)
        checksum = _mark_complete(temporary)
        nbytes = temporary.stat().st_size
        os.replace(temporary, path)
    except sqlite3.OperationalError as error:  # for example a full disk
        raise OSError(f"{path.name} cannot be written: {error}") from error
    finally:
        temporary.unlink(missing_ok=True)
    return Snapshot(path, *ids.shape, nbytes, checksum)


def open_snapshot(path: str | Path, note: str = "") -> SnapshotReader:
    """A reader over a verified snapshot; StoreCorrupt for a damaged file, FileNotFoundError for none."""
    path = Path(path).absolute()
    _verify(path)
    try:
        return SnapshotReader(path, note)
    except (sqlite3.DatabaseError, TypeError) as error:  # a valid database with other tables
        raise StoreCorrupt(f"{path.name}: not a snapshot ({error})") from error


def stores_folder() -> Path:
    """The folder of snapshots, one per code version: below KNEEPOINT_CACHE, else the temporary folder."""
    cache_folder = os.environ.get("KNEEPOINT_CACHE") or Path(tempfile.gettempdir()) / "kneepoint"
    return Path(cache_folder) / "stores" / _version()


@cache
def _version() -> str:
    """A checksum of the code and data behind snapshots, since file names contain only a lineage."""
    checksum = zlib.crc32((ROOT / "data" / "checksums.json").read_bytes())
    for source in sorted((ROOT / "core").rglob("*.py")):
        if "ui" not in source.relative_to(ROOT).parts:
            checksum = zlib.crc32(source.read_bytes(), checksum)
    return f"{checksum:08x}"


def ensure_snapshot(path: str | Path, make: Callable[[], Parts]) -> SnapshotReader:
    """Open the snapshot at `path`, which must identify its content; rewrite it from `make()` if missing or corrupt.

    In an unwritable folder the store lives in a private temporary folder until the process ends, and the reader's
    `note` says so. One thread per path writes; two processes may both write, and either file is valid.
    """
    path = Path(path).absolute()
    with _LOCKS.setdefault(path, threading.RLock()):
        place, note = _MOVED.get(path, (path, ""))
        try:
            return open_snapshot(place, note)
        except StoreCorrupt as error:
            note = f"The store was rebuilt ({error})."
        except OSError:
            pass  # missing or unreadable
        return _rebuild(path, make(), note)


def _rebuild(path: Path, parts: Parts, note: str) -> SnapshotReader:
    place, note = _MOVED.get(path, (path, note))
    try:
        write_snapshot(place, *parts)
    except OSError as error:
        note = f"The store's folder cannot be written ({error.strerror or error}): kept in a temporary one meanwhile."
        place = _private_folder() / f"{zlib.crc32(os.fsencode(path)):08x}-{path.name}"
        write_snapshot(place, *parts)
        _MOVED[path] = (place, note)
    return open_snapshot(place, note)


@cache
def _private_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="kneepoint-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _int64(name: str, values: np.ndarray, ndim: int) -> np.ndarray:
    values = np.asarray(values)
    if values.ndim != ndim:
        raise ValueError(f"{name} must have {ndim} dimension(s), got shape {values.shape}")
    if values.size and values.dtype.kind not in "iu":
        raise ValueError(f"{name} must be integers, got {values.dtype}")
    if values.size and values.max() > np.iinfo(np.int64).max:
        raise ValueError(f"{name} must fit in 64 bits with a sign, got {values.max()}")
    return values.astype(np.int64)


def _checked(keys: np.ndarray, ids: np.ndarray, scores: np.ndarray | None) -> Parts:
    keys, ids = _int64("keys", keys, ndim=1), _int64("ids", ids, ndim=2)
    if len(keys) != len(ids) or ids.shape[1] < 1:
        raise ValueError(f"ids must be ({len(keys)}, k) with k at least 1, one row a key, got {ids.shape}")
    if ids.size and ids.min() < -1:
        raise ValueError(f"ids must be -1 (none) or more, got {ids.min()}")
    unique, counts = np.unique(keys, return_counts=True)
    if len(unique) < len(keys):
        raise ValueError(f"keys must be unique, got {unique[counts > 1][0]} more than once")
    if scores is not None and np.shape(scores) != ids.shape:
        raise ValueError(f"scores must have the shape of ids {ids.shape}, got {np.shape(scores)}")
    return keys, ids, None if scores is None else np.asarray(scores, "<f4")


def _fill(path: Path, keys: np.ndarray, ids: np.ndarray, scores: np.ndarray | None) -> None:
    id_bytes = 4 if not ids.size or ids.max() <= np.iinfo(np.int32).max else 8
    order = np.argsort(keys)  # rows in key order append to the tree, others would split its pages
    blobs = _blobs(ids[order].astype(f"<i{id_bytes}"))
    scored = repeat(None) if scores is None else _blobs(scores[order])
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        # No journal and no fsync: the file is not in place yet, and the checksum detects a torn one.
        db.execute("PRAGMA journal_mode = OFF")
        db.execute("PRAGMA synchronous = OFF")
        db.execute("BEGIN")
        db.execute("CREATE TABLE meta (version INTEGER, rows INTEGER, k INTEGER, id_bytes INTEGER)")
        db.execute("CREATE TABLE results (key INTEGER PRIMARY KEY, ids BLOB NOT NULL, scores BLOB)")
        db.executemany("INSERT INTO results VALUES (?, ?, ?)", zip(keys[order].tolist(), blobs, scored, strict=False))
        db.execute("INSERT INTO meta VALUES (?, ?, ?, ?)", (FORMAT, *ids.shape, id_bytes))
        db.execute("COMMIT")


def _blobs(rows: np.ndarray) -> Iterator[bytes]:
    return (row.tobytes() for row in rows)


def _checksum(path: Path) -> int:
    with path.open("rb") as file:
        head = bytearray(file.read(HEADER_BYTES))
        head[MARK] = bytes(4)
        checksum = zlib.crc32(head)
        while chunk := file.read(CHUNK_BYTES):
            checksum = zlib.crc32(chunk, checksum)
    return checksum or 1  # SQLite itself writes 0, which means "not finished"


def _mark_complete(path: Path) -> int:
    checksum = _checksum(path)
    with path.open("r+b") as file:
        file.seek(MARK.start)
        file.write(checksum.to_bytes(4, "big"))
    return checksum


def _verify(path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(HEADER_BYTES)
    if not head:
        raise StoreCorrupt(f"{path.name}: empty file")
    if len(head) < HEADER_BYTES or not head.startswith(MAGIC):
        raise StoreCorrupt(f"{path.name}: not an SQLite file")
    mark = int.from_bytes(head[MARK], "big")
    if mark == 0:
        raise StoreCorrupt(f"{path.name}: no complete mark, its writing was never finished")
    if mark != _checksum(path):
        raise StoreCorrupt(f"{path.name}: checksum differs, the file is truncated or altered")


def _sweep(fresh: Path) -> None:
    """Remove temporary files of crashed writers, by the file system's own clock."""
    now = fresh.stat().st_mtime
    for leftover in fresh.parent.glob(f"*{TEMPORARY}"):
        with suppress(OSError):  # another process may be sweeping too
            if now - leftover.stat().st_mtime > LEFTOVER_S:
                leftover.unlink()
