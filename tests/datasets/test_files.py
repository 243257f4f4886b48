"""The committed files are those that checksums.json and the README tell of, and a bad one is told plainly."""

import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest

from core.datasets.files import CHECKSUMS, DATA, DataError, arrays, checksums, verified
from data.make import record

NAMES = sorted(checksums())


def data_files() -> list[str]:
    """The packed data files: all of data/ but scripts, texts, what was measured and what Python leaves behind."""
    paths = (path.relative_to(DATA) for path in DATA.rglob("*") if path.is_file())
    kept = (
        path
        for path in paths
        if path.parts[0] not in ("make", "licences", "recorded") and "__pycache__" not in path.parts
    )
    names = (path.as_posix() for path in kept)
    return sorted(name for name in names if not name.endswith((".md", ".NOTICE.txt", CHECKSUMS)))


def readme_row(name: str) -> str:
    rows = [line for line in (DATA / "README.md").read_text().splitlines() if line.startswith(f"| `{name}` |")]
    assert len(rows) == 1, f"{name} needs one row in data/README.md"
    return rows[0]


def test_every_data_file_has_a_checksum_and_there_are_no_others() -> None:
    assert data_files() == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_the_one_recorded_and_the_readme_tells_of_it(name: str) -> None:
    recorded, content, row = checksums()[name], (DATA / name).read_bytes(), readme_row(name)
    assert hashlib.sha256(content).hexdigest() == recorded.sha256
    assert recorded.sha256 in row and f"{len(content):,}" in row and f"python -m {recorded.made_by}" in row


@pytest.mark.parametrize("name", NAMES)
def test_the_script_that_made_a_file_exists(name: str) -> None:
    assert (DATA.parent / f"{checksums()[name].made_by.replace('.', '/')}.py").is_file()


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_file_says_how_to_bring_it_back(name: str, tmp_path: Path) -> None:
    shutil.copy(DATA / CHECKSUMS, tmp_path)
    with pytest.raises(DataError, match=f"data/{name} is missing") as caught:
        verified(name, tmp_path)
    for mend in (f"git checkout -- data/{name}", f"python -m {checksums()[name].made_by}"):
        assert mend in str(caught.value)


@pytest.mark.parametrize("name", NAMES)
def test_a_corrupt_file_is_never_read(name: str, tmp_path: Path) -> None:
    shutil.copy(DATA / CHECKSUMS, tmp_path)
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes((DATA / name).read_bytes()[:-1] + b"!!")
    with pytest.raises(DataError, match=f"data/{name} is corrupt.*git checkout -- data/{name}"):
        verified(name, tmp_path)


@pytest.mark.parametrize("text", [None, "{", "[1]", "\xff", '{"emoji.npz": "0"}', '{"emoji.npz": {"sha256": "0"}}'])
def test_checksums_that_are_missing_or_broken_are_told(text: str | None, tmp_path: Path) -> None:
    shutil.copy(DATA / "emoji.npz", tmp_path)
    if text is not None:
        (tmp_path / CHECKSUMS).write_bytes(text.encode("latin1"))
    with pytest.raises(DataError, match=r"checksums\.json is (missing|corrupt).*git checkout -- data/checksums\.json"):
        verified("emoji.npz", tmp_path)


def test_a_file_that_is_not_recorded_is_not_read(tmp_path: Path) -> None:
    shutil.copy(DATA / CHECKSUMS, tmp_path)
    (tmp_path / "guest.npz").write_bytes(b"anything")
    with pytest.raises(DataError, match=r"guest\.npz is not in data/checksums\.json"):
        verified("guest.npz", tmp_path)


def test_what_is_saved_is_recorded_and_read_back_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "DATA", tmp_path)
    bytes_written = []
    for _ in range(2):
        record.save_npz("few.npz", "data.make.few", name=np.arange(3), made_by=np.ones(2, np.uint8))
        bytes_written.append((tmp_path / "few.npz").read_bytes())
    record.save_npz("another.npz", "data.make.few", one=np.zeros(1))
    assert bytes_written[0] == bytes_written[1]
    assert list(checksums(tmp_path)) == ["another.npz", "few.npz"]
    assert checksums(tmp_path)["few.npz"].made_by == "data.make.few"
    assert arrays("few.npz", tmp_path)["name"].tolist() == [0, 1, 2]


def test_python_objects_are_neither_saved_nor_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "DATA", tmp_path)
    objects = np.array([{"a": 1}], dtype=object)
    with pytest.raises(ValueError, match="Object arrays cannot be saved"):
        record.save_npz("objects.npz", "data.make.few", objects=objects)
    np.savez(tmp_path / "objects.npz", objects=objects)
    record.record("objects.npz", "data.make.few")
    with pytest.raises(ValueError, match="Object arrays cannot be loaded"):
        arrays("objects.npz", tmp_path)
