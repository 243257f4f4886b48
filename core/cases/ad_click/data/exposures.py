"""The exposures of ad click prediction: real coupons or generated ads, as one log with the same columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.cases.ad_click.data.simulate import A_DAY, TEST_DAYS, simulate
from core.datasets.coupons import load_coupons

LAGS = (0, 1, 4, 14)  # days that a counter may be behind
REAL_CONTEXT = ("department", "category", "maker", "brand", "type", "age", "income", "kids", "home")
MOMENT = ("placement", "hour", "device")  # of the generated exposures; those of coupons are planned ahead
REAL_TEST_DAY = 270  # campaigns that start from 28 September on are predicted
REAL_TEST_ROWS = 26_000
TEST_ROWS = {"coupons": REAL_TEST_ROWS, "generated": TEST_DAYS * A_DAY}  # exposures that are predicted


@dataclass(frozen=True, eq=False)
class Log:
    """Exposures in the order of their days.

    `codes` (n, F) number the values of each categorical field from 0; field 0 is the person, field 1 the ad. `counts`
    (lags, n, G) are whole numbers as of LAGS days before. `click_day` is -1 for no click; `chance` (n,) is the true
    probability of a click where it is known and empty where nobody knows it. `born` (n,) is the day the ad appeared.
    """

    fields: tuple[str, ...]
    codes: np.ndarray
    sizes: tuple[int, ...]
    context: tuple[bool, ...]  # of each field: True if it tells of the moment, False if it carries history
    pairs: tuple[tuple[int, int], ...]  # fields that LR + crosses multiplies
    counters: tuple[str, ...]
    counts: np.ndarray
    rates: tuple[tuple[int, int], ...]  # counters (clicks, shows) that make a click rate
    fixed: np.ndarray  # (n, H) numbers that no store holds, e.g. how many products a coupon is good for
    day: np.ndarray
    click_day: np.ndarray
    chance: np.ndarray
    born: np.ndarray
    test_day: int  # exposures from this day on are predicted
    test_rows: int
    window_days: int  # a model learns from so many days before its cut
    names: dict[str, tuple[str, ...]]  # of a field's values, where it has names
    moment: tuple[int, ...] = ()  # fields that nobody knows before the request

    def cheap(self, counts: np.ndarray) -> np.ndarray:
        """A rough worth (n,) from raw counters alone: the ad's click rate, or how often its products were bought."""
        if not self.rates:
            return 1.0 + counts[:, self.counters.index("days its category was bought")]
        clicks, shows = self.rates[0]
        return (counts[:, clicks] + 2.0) / (counts[:, shows] + 20.0)

    @property
    def clicked(self) -> np.ndarray:
        """Whether each exposure (n,) was ever clicked."""
        return self.click_day >= 0


def load_world(data: str, interactions: float, drift: float, seed: int) -> Log:
    """The log of a data kind. Raises DataError for a bad file and ValueError for an unknown kind."""
    if data == "coupons":
        return _coupons()
    if data == "generated":
        return _generated(interactions, drift, seed)
    raise ValueError(f"no data called {data!r}: choose coupons or generated")


def count_ads(log: Log) -> int:
    """How many different ads the exposures are of."""
    return log.sizes[1]


def _coupons() -> Log:
    coupons = load_coupons()
    fields = tuple(coupons.codes)
    people, ads = ("age", "income", "kids", "home"), ("department", "category", "brand", "type")
    at = fields.index
    return Log(
        fields=fields,
        codes=np.column_stack([coupons.codes[name] for name in fields]).astype(np.int32),
        sizes=tuple(int(code.max()) + 1 for code in coupons.codes.values()),
        context=tuple(name in REAL_CONTEXT for name in fields),
        pairs=tuple((at(one), at(other)) for one in people for other in ads),
        counters=coupons.counter_names,
        counts=coupons.counters,
        rates=(),
        fixed=coupons.products[:, None].astype(np.float32),
        day=coupons.day,
        click_day=coupons.click_day,
        chance=np.empty(0),
        born=np.zeros(len(coupons.day), np.int32),
        test_day=REAL_TEST_DAY,
        test_rows=REAL_TEST_ROWS,
        window_days=int(coupons.day.max()),
        names=coupons.names,
    )


def _generated(interactions: float, drift: float, seed: int) -> Log:
    made = simulate(interactions, drift, seed)
    fields = tuple(made.codes)
    context = tuple(name not in ("person", "ad") for name in fields)
    crossed = [i for i, of_moment in enumerate(context) if of_moment]
    return Log(
        fields=fields,
        codes=np.column_stack(list(made.codes.values())).astype(np.int32),
        sizes=tuple(int(code.max()) + 1 for code in made.codes.values()),
        context=context,
        pairs=tuple((one, other) for one in crossed for other in crossed if one < other),
        counters=tuple(made.counters),
        counts=np.stack(list(made.counters.values()), axis=2),
        rates=((0, 1), (2, 3), (4, 5)),
        fixed=np.empty((len(made.day), 0), np.float32),
        day=made.day,
        click_day=np.where(made.clicked, made.day, -1).astype(np.int32),
        chance=made.chance,
        born=made.born,
        test_day=made.test_day,
        test_rows=int((made.day >= made.test_day).sum()),
        window_days=made.window_days,
        names={},
        moment=tuple(fields.index(name) for name in MOMENT),
    )
