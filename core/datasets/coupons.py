"""Coupons sent to households in 2017 and which were redeemed (84.51° Complete Journey 2.0)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.datasets.files import DATA, DataError, arrays

FIELDS = ("household", "coupon", "department", "category", "maker", "brand", "type", "age", "income", "kids", "home")


@dataclass(frozen=True, eq=False)
class Coupons:
    """Exposures by day: every redeemed one and the share `kept` of the others.

    `counters` (lags, n, 10) were counted up to `lags` days before the exposure; `click_day` is -1 for never redeemed.
    """

    day: np.ndarray  # (n,) int32, days since 1 January 2017
    click_day: np.ndarray  # (n,) int32
    codes: dict[str, np.ndarray]  # by field (n,), numbered from 0
    names: dict[str, tuple[str, ...]]  # of the codes, where a field has names
    products: np.ndarray  # (n,) how many products the coupon is good for
    counters: np.ndarray
    counter_names: tuple[str, ...]
    lags: tuple[int, ...]
    kept: float


def load_coupons(root: Path = DATA) -> Coupons:
    """74,875 exposures of 20 campaigns, 1,989 of them redeemed. Raises DataError."""
    stored = arrays("coupons.npz", root)
    try:
        coupons = _read(stored)
    except (KeyError, ValueError) as error:
        raise DataError(f"data/coupons.npz lacks a column or holds it in another form: {error}") from error
    return _checked(coupons)


def _read(stored: dict[str, np.ndarray]) -> Coupons:
    click_day = stored["click_day"].astype(np.int32)
    return Coupons(
        day=stored["day"].astype(np.int32),
        click_day=np.where(click_day > 0, click_day, -1).astype(np.int32),
        codes={name: stored[f"code_{name}"] for name in FIELDS},
        names={name: tuple(map(str, stored[f"names_{name}"])) for name in FIELDS if f"names_{name}" in stored},
        products=stored["products"].astype(np.int32),
        counters=stored["counters"],
        counter_names=tuple(map(str, stored["counter_names"])),
        lags=tuple(int(lag) for lag in stored["lags"]),
        kept=float(stored["kept"]),
    )


def _checked(coupons: Coupons) -> Coupons:
    """The exposures, once every column is as long and no coupon was redeemed before it was sent."""
    n, wanted = len(coupons.day), (len(coupons.lags), len(coupons.day), len(coupons.counter_names))
    columns = [coupons.click_day, coupons.products, *coupons.codes.values()]
    if not n or any(len(each) != n for each in columns) or coupons.counters.shape != wanted:
        raise DataError(f"data/coupons.npz: its columns differ in length, or are not the {n} exposures of `day`")
    redeemed = coupons.click_day >= 0
    if (coupons.click_day[redeemed] < coupons.day[redeemed]).any() or (np.diff(coupons.day) < 0).any():
        raise DataError("data/coupons.npz: a coupon was redeemed before it was sent, or the days are not in order")
    return coupons
