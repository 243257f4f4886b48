"""The embedded store and three ways to serve: what is written is read, and a damaged file is never served."""

import gc
import os
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.stages import serve, store

ROOT = Path(__file__).parents[2]
KEYS = np.array([40, -7, 3, 2**40])
IDS = np.array([[5, 6, 7], [1, -1, -1], [9, 8, 0], [-1, -1, -1]])
SCORES = np.linspace(1, 0, 12, dtype=np.float32).reshape(4, 3)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store #1?.sqlite"  # a name that a URI must quote


@pytest.fixture
def written(path: Path) -> Path:
    store.write_snapshot(path, KEYS, IDS, SCORES)
    return path


def make() -> store.Parts:
    return KEYS, IDS, SCORES


def never() -> store.Parts:
    raise AssertionError("a sound store must not be made again")


def assert_holds(reader: store.SnapshotReader) -> None:
    assert (reader.rows, reader.k) == IDS.shape
    for key, ids, scores in zip(KEYS, IDS, SCORES, strict=True):
        np.testing.assert_array_equal(reader.get(key), ids)
        np.testing.assert_array_equal(reader.get_scores(key), scores)


# What is written is read


def test_round_trip(path: Path) -> None:
    snapshot = store.write_snapshot(path, KEYS, IDS, SCORES)
    assert (snapshot.rows, snapshot.k, snapshot.nbytes) == (4, 3, path.stat().st_size)
    reader = store.open_snapshot(path)
    assert_holds(reader)
    assert reader.nbytes == snapshot.nbytes and reader.note == ""
    assert reader.get(40).dtype == np.int64 and reader.get_scores(40).dtype == np.float32


@settings(max_examples=25, deadline=None)
@given(
    rows=st.dictionaries(
        st.integers(-(2**63), 2**63 - 1), st.lists(st.integers(-1, 2**63 - 1), min_size=2, max_size=2), max_size=30
    )
)
def test_any_int64_keys_and_ids_survive(tmp_path_factory: pytest.TempPathFactory, rows: dict[int, list[int]]) -> None:
    path = tmp_path_factory.mktemp("any") / "store.sqlite"
    keys, ids = np.array(list(rows), np.int64), np.array(list(rows.values()), np.int64).reshape(-1, 2)
    store.write_snapshot(path, keys, ids)
    reader = store.open_snapshot(path)
    got, hit = reader.get_many(keys)
    np.testing.assert_array_equal(got, ids)
    assert hit.all() and all(reader.get(key).tolist() == row for key, row in rows.items())


@pytest.mark.parametrize("largest", [2**31 - 1, 2**31])
def test_ids_on_either_side_of_32_bits_survive(path: Path, largest: int) -> None:
    store.write_snapshot(path, [1], [[largest, -1]])
    assert store.open_snapshot(path).get(1).tolist() == [largest, -1]


def test_an_unknown_key_gives_none(written: Path) -> None:
    reader = store.open_snapshot(written)
    assert reader.get(41) is None and reader.get_scores(41) is None


def test_a_snapshot_without_scores_gives_none_for_them(path: Path) -> None:
    store.write_snapshot(path, KEYS, IDS)
    assert store.open_snapshot(path).get_scores(40) is None


def test_a_key_that_is_no_integer_is_refused(written: Path) -> None:
    with pytest.raises(TypeError):
        store.open_snapshot(written).get(40.0)


def test_an_empty_snapshot_is_legal_and_every_lookup_misses(path: Path) -> None:
    snapshot = store.write_snapshot(path, np.array([]), np.empty((0, 5)))
    reader = store.open_snapshot(path)
    ids, hit = reader.get_many(np.array([1, 2]))
    assert (snapshot.rows, snapshot.k, reader.rows, reader.k) == (0, 5, 0, 5)
    assert reader.get(0) is None and ids.shape == (2, 5) and (ids == -1).all() and not hit.any()


def test_get_many_agrees_with_get_for_repeated_and_unknown_keys(written: Path) -> None:
    reader = store.open_snapshot(written)
    asked = np.array([3, 99, 40, 3, -7])
    ids, hit = reader.get_many(asked)
    assert hit.tolist() == [True, False, True, True, True]
    for key, row in zip(asked, ids, strict=True):
        stored = reader.get(key)
        np.testing.assert_array_equal(row, [-1, -1, -1] if stored is None else stored)
    assert reader.get_many(np.array([], int))[0].shape == (0, 3)


def test_the_order_of_the_rows_does_not_change_the_file(tmp_path: Path) -> None:
    one = store.write_snapshot(tmp_path / "one", KEYS, IDS, SCORES)
    other = store.write_snapshot(tmp_path / "other", KEYS[::-1], IDS[::-1], SCORES[::-1])
    assert one.checksum == other.checksum and one.path.read_bytes() == other.path.read_bytes()


def test_another_process_reads_what_this_one_wrote(written: Path) -> None:
    program = (
        "import sys; from core.stages.store import ensure_snapshot; "
        "print(ensure_snapshot(sys.argv[1], lambda: sys.exit('made again')).get(3).tolist())"
    )
    command = [sys.executable, "-c", program, str(written)]
    answer = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=60)
    assert answer.stdout.strip() == "[9, 8, 0]", answer.stderr


def test_a_reader_keeps_its_snapshot_when_a_newer_one_replaces_it(written: Path) -> None:
    old = store.open_snapshot(written)
    store.write_snapshot(written, KEYS, np.flip(IDS, axis=0), SCORES)
    assert_holds(old)
    np.testing.assert_array_equal(store.open_snapshot(written).get(40), IDS[-1])


def test_a_forgotten_reader_closes_its_file(written: Path) -> None:
    reader = store.open_snapshot(written)
    close = reader.close
    del reader
    gc.collect()
    assert not close.alive


# Bad input


@pytest.mark.parametrize(
    ("keys", "ids", "scores", "says"),
    [
        ([1, 2, 1], [[1], [2], [3]], None, "keys must be unique, got 1"),
        ([1, 2], [[1], [2], [3]], None, r"ids must be \(2, k\)"),
        ([1, 2], [1, 2], None, r"ids must have 2 dimension\(s\)"),
        ([[1], [2]], [[1], [2]], None, r"keys must have 1 dimension\(s\)"),
        ([1, 2], [[], []], None, "k at least 1"),
        ([1.5, 2], [[1], [2]], None, "keys must be integers"),
        ([1, 2], [[1.0], [2.0]], None, "ids must be integers"),
        ([1, 2], [[1], [-2]], None, r"ids must be -1 \(none\) or more, got -2"),
        (np.array([1, 2**63], np.uint64), [[1], [2]], None, "keys must fit in 64 bits"),
        ([1, 2], [[1], [2]], [[0.5]], r"scores must have the shape of ids \(2, 1\)"),
    ],
)
def test_arrays_that_do_not_fit_are_refused_and_leave_no_file(path: Path, keys, ids, scores, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        store.write_snapshot(path, np.array(keys), np.array(ids), scores)
    assert not list(path.parent.iterdir())


def test_a_missing_store_is_missing_not_corrupt(path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        store.open_snapshot(path)


# Damage is found, and mended by making the store again


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


def truncate_to_one_page(path: Path) -> None:
    os.truncate(path, 4096)


def truncate_within_the_header(path: Path) -> None:
    os.truncate(path, 50)


def flip_in_the_middle(path: Path) -> None:
    flip(path, path.stat().st_size // 2)


def flip_in_the_mark(path: Path) -> None:
    flip(path, store.MARK.start)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def write_text(path: Path) -> None:
    path.write_text("key,ids\n" * 100)


def remove_the_mark(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 0")


def drop_a_table(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("DROP TABLE meta")
    store._mark_complete(path)


def forget_the_meta_row(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("DELETE FROM meta")
    store._mark_complete(path)


def come_from_another_version(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE meta SET version = 99")
    store._mark_complete(path)


def flip(path: Path, position: int, mask: int = 0xFF) -> None:
    content = bytearray(path.read_bytes())
    content[position] ^= mask
    path.write_bytes(content)


DAMAGES = {
    truncate: "truncated",
    truncate_to_one_page: "truncated",
    truncate_within_the_header: "not an SQLite file",
    flip_in_the_middle: "altered",
    flip_in_the_mark: "altered",
    empty: "empty file",
    write_text: "not an SQLite file",
    remove_the_mark: "no complete mark",
    drop_a_table: "not a snapshot",
    forget_the_meta_row: "not a snapshot",
    come_from_another_version: "format 99",
}


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_damaged_store_is_refused_then_rebuilt(written: Path, damage) -> None:
    damage(written)
    with pytest.raises(store.StoreCorrupt, match=DAMAGES[damage]):
        store.open_snapshot(written)
    reader = store.ensure_snapshot(written, make)
    assert_holds(reader)
    assert "rebuilt" in reader.note and reader.path == written
    assert store.ensure_snapshot(written, never).note == ""


def test_no_flipped_byte_anywhere_goes_unseen(written: Path) -> None:
    rng, sound = np.random.default_rng(0), written.read_bytes()
    positions = {*range(store.HEADER_BYTES), *rng.integers(0, len(sound), 300).tolist()}
    for position in sorted(positions):
        flip(written, position, mask=int(rng.integers(1, 256)))
        with pytest.raises(store.StoreCorrupt):
            store.open_snapshot(written)
        written.write_bytes(sound)
    assert_holds(store.open_snapshot(written))


def test_the_checksum_covers_a_file_longer_than_one_chunk(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = store.write_snapshot(path, KEYS, IDS).checksum
    monkeypatch.setattr(store, "CHUNK_BYTES", 1000)
    assert store._checksum(path) == whole


# A crash while writing


def test_a_crash_while_writing_leaves_the_old_store_and_no_litter(
    written: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(path: Path) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(store, "_mark_complete", crash)
    with pytest.raises(KeyboardInterrupt):
        store.write_snapshot(written, KEYS, IDS + 1)
    assert_holds(store.open_snapshot(written))
    assert list(written.parent.iterdir()) == [written]


def test_a_killed_writer_leaves_a_temporary_file_that_is_ignored_and_later_removed(path: Path) -> None:
    program = (
        "import os, sys, numpy as np; from core.stages import store; "
        "store._mark_complete = lambda path: os._exit(9); "
        "store.write_snapshot(sys.argv[1], np.arange(9), np.ones((9, 2), int))"
    )
    killed = subprocess.run([sys.executable, "-c", program, str(path)], cwd=ROOT, check=False, timeout=60)
    (leftover,) = path.parent.iterdir()
    assert killed.returncode == 9 and leftover.name.endswith(store.TEMPORARY)

    assert_holds(store.ensure_snapshot(path, make))
    assert leftover.exists(), "so young, it may be another process at work"

    age(leftover)
    store.ensure_snapshot(path.with_name("another"), make)
    assert not leftover.exists()


def age(path: Path) -> None:
    then = path.stat().st_mtime - 2 * store.LEFTOVER_S
    os.utime(path, (then, then))


# Several at once


def test_eight_threads_that_ask_at_once_make_the_store_once(path: Path) -> None:
    calls, together = [], threading.Barrier(8)

    def counted() -> store.Parts:
        calls.append(threading.get_ident())
        return make()

    def ask(_: int) -> store.SnapshotReader:
        together.wait()
        return store.ensure_snapshot(path, counted)

    with ThreadPoolExecutor(8) as pool:
        readers = list(pool.map(ask, range(8)))
    assert len(calls) == 1
    for reader in readers:
        assert_holds(reader)


def test_processes_that_ask_at_once_end_with_one_sound_file(path: Path) -> None:
    program = (
        "import sys, numpy as np; from core.stages.store import ensure_snapshot; sys.stdin.readline(); "
        "parts = np.arange(5000), np.arange(50_000).reshape(5000, 10), None; "
        "print(ensure_snapshot(sys.argv[1], lambda: parts).get(7).sum())"
    )
    command = [sys.executable, "-c", program, str(path)]
    asking = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    for process in asking:
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [process.communicate(timeout=60)[0].strip() for process in asking] == [str(sum(range(70, 80)))] * 3
    assert store.open_snapshot(path).rows == 5000 and list(path.parent.iterdir()) == [path]


def test_one_reader_answers_many_threads(path: Path) -> None:
    keys = np.arange(500)
    ids = np.random.default_rng(0).integers(0, 1000, (500, 4))
    store.write_snapshot(path, keys, ids)
    reader = store.open_snapshot(path)

    def read(seed: int) -> bool:
        asked = np.random.default_rng(seed).permutation(keys)
        return all(np.array_equal(reader.get(key), ids[key]) for key in asked) and np.array_equal(
            reader.get_many(asked)[0], ids[asked]
        )

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(read, range(8)))


# A folder that cannot be written (tests may run as root, who can write anywhere: so the call is made to fail)


@pytest.fixture
def unwritable(path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    real = store.tempfile.mkstemp

    def refuse(*args, dir, **kwargs):
        if Path(dir) == path.parent:
            raise PermissionError(13, "Permission denied", str(dir))
        return real(*args, dir=dir, **kwargs)

    monkeypatch.setattr(store.tempfile, "mkstemp", refuse)
    return path


def test_write_says_that_a_folder_cannot_be_written(unwritable: Path) -> None:
    with pytest.raises(PermissionError):
        store.write_snapshot(unwritable, KEYS, IDS)


def test_ensure_falls_back_to_a_private_folder_says_so_and_stays_there(unwritable: Path) -> None:
    reader = store.ensure_snapshot(unwritable, make)
    assert_holds(reader)
    assert "Permission denied" in reader.note and reader.path.parent != unwritable.parent
    assert not unwritable.exists()
    again = store.ensure_snapshot(unwritable, never)
    assert (again.path, again.note) == (reader.path, reader.note)


def test_a_sound_store_in_an_unwritable_folder_is_served_from_there(written: Path, unwritable: Path) -> None:
    reader = store.ensure_snapshot(written, never)
    assert reader.path == written and reader.note == ""


def test_a_full_disk_is_an_oserror_and_leaves_no_litter(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(store, "_fill", full)
    with pytest.raises(OSError, match="disk is full"):
        store.write_snapshot(path, KEYS, IDS)
    assert not list(path.parent.iterdir())


def test_a_failing_make_leaves_nothing_and_the_next_one_may_succeed(path: Path) -> None:
    with pytest.raises(AssertionError):
        store.ensure_snapshot(path, never)
    assert not list(path.parent.iterdir())
    assert_holds(store.ensure_snapshot(path, make))


# The three ways to serve, worked out by hand


def test_batch_serves_what_is_stored_and_masks_the_rest(written: Path) -> None:
    ids, hit = serve.serve_batch(store.open_snapshot(written), np.array([3, 8]))
    assert ids.tolist() == [[9, 8, 0], [-1, -1, -1]] and hit.tolist() == [True, False]


def test_online_cuts_and_fills_to_k() -> None:
    ids = serve.serve_online(3, lambda i: np.arange(10, 10 + 2 * i), k=3)
    assert ids.tolist() == [[-1, -1, -1], [10, 11, -1], [10, 11, 12]]
    assert serve.serve_online(0, never, k=3).shape == (0, 3)


def test_hybrid_goes_online_only_for_unknown_keys(written: Path) -> None:
    asked = []

    def online(i: int) -> np.ndarray:
        asked.append(i)
        return np.array([70 + i])

    ids = serve.serve_hybrid(store.open_snapshot(written), np.array([40, 8, -7, 9]), online)
    assert ids.tolist() == [[5, 6, 7], [71, -1, -1], [1, -1, -1], [73, -1, -1]] and asked == [1, 3]


def test_hybrid_ranks_the_candidates_it_looked_up(written: Path) -> None:
    reader = store.open_snapshot(written)
    ids = serve.serve_hybrid(reader, np.array([3, -7]), never, rank=lambda i, candidates: np.sort(candidates), k=2)
    assert ids.tolist() == [[0, 8], [1, -1]]


def test_hybrid_over_a_full_store_is_batch_and_over_an_empty_one_online(written: Path, path: Path) -> None:
    full = store.open_snapshot(written)
    np.testing.assert_array_equal(serve.serve_hybrid(full, KEYS, never), serve.serve_batch(full, KEYS)[0])
    store.write_snapshot(path, np.array([], int), np.empty((0, 3), int))
    empty_reader = store.open_snapshot(path)
    online = serve.serve_online(len(KEYS), lambda i: IDS[i], k=3)
    np.testing.assert_array_equal(serve.serve_hybrid(empty_reader, KEYS, lambda i: IDS[i]), online)


@pytest.mark.parametrize(("refresh_h", "age_h"), [(0, 0), (1, 0.5), (24, 12)])
def test_a_snapshot_is_half_an_interval_old_on_average(refresh_h: float, age_h: float) -> None:
    assert serve.snapshot_age_h(refresh_h) == age_h


def test_batch_and_online_cost_the_same_at_the_break_even() -> None:
    requests = serve.break_even_requests(batch_cost_per_key=6.0, online_cost_per_request=1.5)
    assert requests == 4.0 and requests * 1.5 == 6.0


@pytest.mark.parametrize("bad", [0.0, -1.0, float("inf"), float("nan")])
def test_costs_and_intervals_that_make_no_sense_are_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="costs must be positive"):
        serve.break_even_requests(bad, 1.0)
    with pytest.raises(ValueError, match="costs must be positive"):
        serve.break_even_requests(1.0, bad)
    if bad != 0:
        with pytest.raises(ValueError, match="refresh_h"):
            serve.snapshot_age_h(bad)


def test_stores_are_kept_below_the_folder_that_was_asked_for_one_folder_a_version(tmp_path, monkeypatch):
    monkeypatch.setenv("KNEEPOINT_CACHE", str(tmp_path))
    store._version.cache_clear()
    now = store.stores_folder()
    assert now.parent == tmp_path / "stores"
    (tmp_path / "data").mkdir()
    (tmp_path / "core").mkdir()
    (tmp_path / "data" / "checksums.json").write_text("{}")
    (tmp_path / "core" / "step.py").write_text("# another code")
    monkeypatch.setattr(store, "ROOT", tmp_path)
    store._version.cache_clear()
    try:
        other = store.stores_folder()
        (tmp_path / "core" / "step.py").write_text("# yet another")
        store._version.cache_clear()
        assert len({now, other, store.stores_folder()}) == 3
    finally:
        store._version.cache_clear()
