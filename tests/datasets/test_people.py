"""The people are numbers without names, their links pairs with a day, and a file that is amiss says so."""

import gzip
import json
import struct
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from core.datasets.files import DATA, DataError
from core.datasets.people import load_coauthors, load_trust
from data.make.people import edges, first_days, numbered, read_gt, shuffled

LOADERS = {"trust.npz": load_trust, "coauthors.npz": load_coauthors}
each_file = pytest.mark.parametrize("name", LOADERS)


def day(text: str) -> int:
    return int(np.datetime64(text).astype(int))


def folder_with(tmp_path: Path, name: str, **arrays: np.ndarray) -> Path:
    """A data folder with one sound file of these arrays."""
    np.savez(tmp_path / name, **arrays)
    checksum = sha256((tmp_path / name).read_bytes()).hexdigest()
    (tmp_path / "checksums.json").write_text(json.dumps({name: {"sha256": checksum, "made_by": "data.make.people"}}))
    return tmp_path


def test_trust_has_its_people_links_and_days() -> None:
    ties = load_trust()
    assert ties.n == 39_796 == len(ties.tld) == len(ties.domain)
    assert ties.pairs.shape == (197_141, 2) and len(ties.day) == len(ties.pairs)
    assert day("1991-06-01") <= ties.day.min() and ties.day.max() <= day("2009-11-30")
    assert (ties.pairs[:, 0] < ties.pairs[:, 1]).all()
    assert len(np.unique(ties.pairs, axis=0)) == len(ties.pairs)


def test_nobody_of_the_trust_can_be_read_off_a_profile() -> None:
    ties = load_trust()
    assert all("@" not in name and len(name) <= 5 for name in ties.tld_names)
    counts = np.bincount(ties.tld)
    assert counts[2:].min() >= 20, "a top-level domain of fewer people is 'other'"
    assert np.bincount(ties.domain)[1:].min() >= 3, "a domain of fewer people is none"


def test_like_knows_like_as_the_first_look_found() -> None:
    ties = load_trust()
    one, other = ties.pairs.T
    same = (ties.tld[one] == ties.tld[other]).mean()
    assert 0.40 < same < 0.46
    rng = np.random.default_rng(0)
    assert (ties.tld[one] == ties.tld[rng.permutation(other)]).mean() < 0.2


def test_coauthors_were_counted_three_times() -> None:
    ties = load_coauthors()
    assert set(ties.day) == {day("1999-12-31"), day("2003-06-30"), day("2005-03-31")}
    assert (ties.day == day("1999-12-31")).sum() == 47_594, "the graph of 1999 whole"
    assert len(np.unique(ties.pairs)) == ties.n


@each_file
def test_a_missing_file_says_how_to_mend_it(name: str, tmp_path: Path) -> None:
    (tmp_path / "checksums.json").write_bytes((DATA / "checksums.json").read_bytes())
    with pytest.raises(DataError, match=f"data/{name} is missing.*data.make.people"):
        LOADERS[name](tmp_path)


@each_file
def test_a_corrupt_file_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "checksums.json").write_bytes((DATA / "checksums.json").read_bytes())
    content = bytearray((DATA / name).read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=f"data/{name} is corrupt"):
        LOADERS[name](tmp_path)


def test_links_to_oneself_or_to_nobody_are_refused(tmp_path: Path) -> None:
    profile = {"tld": np.zeros(3, np.uint8), "tld_names": np.array(["none"]), "domain": np.zeros(3, np.uint16)}
    for u, v in (([0], [3]), ([1], [1])):
        columns = {"u": np.array(u), "v": np.array(v), "day": np.array([0]), "start": np.int32(0)}
        with pytest.raises(DataError, match="links people it does not have"):
            load_trust(folder_with(tmp_path, "trust.npz", **profile, **columns))


def test_no_links_at_all_are_refused(tmp_path: Path) -> None:
    profile = {"tld": np.zeros(3, np.uint8), "tld_names": np.array(["none"]), "domain": np.zeros(3, np.uint16)}
    nothing = np.zeros(0, np.int64)
    with pytest.raises(DataError, match="holds 0 links"):
        load_trust(folder_with(tmp_path, "trust.npz", **profile, u=nothing, v=nothing, day=nothing, start=np.int32(0)))


def test_a_link_counts_once_from_its_first_day() -> None:
    pairs, days = first_days(np.array([[2, 1], [1, 2], [3, 3], [0, 2]]), np.array([9, 5, 1, 7]))
    np.testing.assert_array_equal(pairs, [[0, 2], [1, 2]])
    np.testing.assert_array_equal(days, [7, 5])
    columns = edges(pairs, days)
    assert int(columns["start"]) == 5 and columns["day"].tolist() == [2, 0]


def test_rare_names_are_other_and_no_name_is_none() -> None:
    numbers, names = numbered(["de", "de", "org", "", "de", "org"], least=3)
    assert names == ["none", "other", "de"]
    assert numbers.tolist() == [2, 2, 1, 0, 2, 1]


def test_domains_are_renamed_one_to_one_and_rare_ones_dropped() -> None:
    before = np.array([0, 1, 2, 3, 2, 4, 3])
    after = shuffled(before)
    assert after[:2].tolist() == [0, 0] and after[2] == after[4] and after[3] == after[6]
    assert len(set(after[2:])) == 3 and 0 not in after[2:]


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value)) + value.encode()


def test_the_reader_of_graph_files_reads_one_written_by_hand(tmp_path: Path) -> None:
    out = struct.pack("<QB", 1, 2) + struct.pack("<Q", 0) + struct.pack("<QBB", 2, 0, 1)
    times = bytes([2]) + text("e_time") + bytes([10])  # a list of int64 an edge
    times += b"".join(struct.pack("<Qq", 1, t) for t in (7, 8)) + struct.pack("<Qqq", 2, 9, 3)
    names = bytes([1]) + text("label") + bytes([6]) + text("a") + text("b") + text("c")
    content = b"\xe2\x9b\xbe gt" + bytes([1, 0]) + text("hand") + bytes([1]) + struct.pack("<Q", 3) + out
    path = tmp_path / "hand.gt.gz"
    path.write_bytes(gzip.compress(content + struct.pack("<Q", 2) + times + names))
    graph = read_gt(path)
    assert graph.n == 3 and graph.edges.tolist() == [[0, 2], [2, 0], [2, 1]]
    assert graph.properties["label"] == ["a", "b", "c"]
    assert [each.tolist() for each in graph.properties["e_time"]] == [[7], [8], [9, 3]]


def test_another_kind_of_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "other.gt.gz"
    path.write_bytes(gzip.compress(b"something else"))
    with pytest.raises(ValueError, match="not a graph-tool file"):
        read_gt(path)
