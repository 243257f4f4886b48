"""The coupons have their exposures, none redeemed before it was sent, and a file that is amiss says so."""

import json
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from core.datasets.coupons import FIELDS, load_coupons
from core.datasets.files import DATA, DataError
from data.make.coupons import KEPT, LAGS


def folder_with(tmp_path: Path, **changed: np.ndarray | None) -> Path:
    """A data folder with the coupons, some columns changed or, for None, left out."""
    with np.load(DATA / "coupons.npz") as stored:
        arrays = {name: array for name, array in {**dict(stored), **changed}.items() if array is not None}
    np.savez(tmp_path / "coupons.npz", **arrays)
    checksum = sha256((tmp_path / "coupons.npz").read_bytes()).hexdigest()
    record = {"coupons.npz": {"sha256": checksum, "made_by": "data.make.coupons"}}
    (tmp_path / "checksums.json").write_text(json.dumps(record))
    return tmp_path


def test_every_exposure_has_its_columns() -> None:
    coupons = load_coupons()
    assert len(coupons.day) == 74_875 and (coupons.click_day >= 0).sum() == 1_989
    assert coupons.counters.shape == (4, 74_875, 10) and coupons.lags == LAGS
    assert set(coupons.codes) == set(FIELDS) and coupons.kept == pytest.approx(KEPT)


def test_names_reach_as_far_as_codes() -> None:
    coupons = load_coupons()
    assert all(coupons.codes[name].max() < len(names) for name, names in coupons.names.items())
    assert "household" not in coupons.names and "coupon" not in coupons.names


def test_no_coupon_is_redeemed_before_it_is_sent() -> None:
    coupons = load_coupons()
    redeemed = coupons.click_day >= 0
    assert (coupons.click_day[redeemed] >= coupons.day[redeemed]).all()


def test_counters_that_only_grow_are_no_larger_further_behind() -> None:
    coupons = load_coupons()
    growing = [i for i, name in enumerate(coupons.counter_names) if "30 days" not in name and "since" not in name]
    counts = coupons.counters[:, :, growing].astype(int)
    assert (np.diff(counts, axis=0) <= 0).all()
    assert (counts[0] > counts[-1]).any()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "checksums.json").write_bytes((DATA / "checksums.json").read_bytes())
    with pytest.raises(DataError, match=r"data/coupons\.npz is missing"):
        load_coupons(tmp_path)


def test_an_altered_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "checksums.json").write_bytes((DATA / "checksums.json").read_bytes())
    content = bytearray((DATA / "coupons.npz").read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "coupons.npz").write_bytes(content)
    with pytest.raises(DataError, match="corrupt"):
        load_coupons(tmp_path)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"code_age": None}, "lacks a column"),
        ({"click_day": np.zeros(3, np.uint16)}, "differ in length"),
        ({"click_day": np.ones(74_875, np.uint16)}, "before it was sent"),
    ],
)
def test_columns_that_do_not_fit_are_refused(tmp_path: Path, changed: dict, message: str) -> None:
    with pytest.raises(DataError, match=message):
        load_coupons(folder_with(tmp_path, **changed))
