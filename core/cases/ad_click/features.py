"""From the log to what models eat: which rows teach and which are predicted, hashed fields, numbers, and their lag."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from core.cases.ad_click.data.exposures import LAGS, Log

TRAIN_ROWS = 24_000
CALIBRATION_SHARE = 0.25  # the latest part of what teaches, which a calibrator is fitted on
BINS = 10
SMALL_FIELD = 20  # most values of a field that trees see by its click rate
SHRINK = 20.0  # shows at the average rate that every rate starts with
FEATURES = {"all": "Historical + contextual", "history": "Historical only", "context": "Contextual only"}


@dataclass(frozen=True)
class Rows:
    """Which exposures teach, calibrate and are predicted, with the labels known when the model was made.

    A model that is served learns from all of them; only its rehearsal holds some back for the calibrator.
    """

    train: np.ndarray
    train_y: np.ndarray
    calibration: np.ndarray
    calibration_y: np.ndarray
    test: np.ndarray
    test_y: np.ndarray
    background: float  # click rate of what teaches, before any sampling


def choose_rows(log: Log, split: str, age: float, share: float, seed: int) -> Rows:
    """The rows of a model that is `age` days old when the test begins, taught by `share` of TRAIN_ROWS.

    By time, it knows only clicks up to its cut. At random, teaching and predicted days are shuffled together.
    Raises ValueError when nothing is left to learn from.
    """
    rng = np.random.default_rng(seed)
    cut = log.test_day - int(np.ceil(age))
    before = np.flatnonzero((log.day < cut) & (log.day >= cut - log.window_days))
    test = np.sort(rng.permutation(np.flatnonzero(log.day >= log.test_day))[: log.test_rows])
    known = cut
    if split == "random":
        both = rng.permutation(np.concatenate([before, test]))
        test, before, known = np.sort(both[: len(test)]), np.sort(both[len(test) :]), np.iinfo(np.int32).max
    chosen = np.sort(rng.permutation(before)[: int(share * TRAIN_ROWS)])
    labels = log.clicked[chosen] & (log.click_day[chosen] < known)
    _both_labels(labels)
    test = _by_person(log, test[: len(test) // 40 * 40], rng)
    return Rows(chosen, labels, chosen[:0], labels[:0], test, log.clicked[test], float(labels.mean()))


def hold_back(rows: Rows) -> Rows:
    """The same with the latest quarter kept from what teaches: a calibrator learns from rows its model never saw.

    Raises ValueError when nothing is left to learn from.
    """
    last = int(len(rows.train) * (1 - CALIBRATION_SHARE))
    _both_labels(rows.train_y[:last])
    return replace(
        rows,
        train=rows.train[:last],
        train_y=rows.train_y[:last],
        calibration=rows.train[last:],
        calibration_y=rows.train_y[last:],
    )


def _both_labels(labels: np.ndarray) -> None:
    if not labels.any() or labels.all():
        raise ValueError(f"{len(labels)} exposures to learn from hold {labels.sum()} clicks: keep more")


def _by_person(log: Log, test: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The rows with those of a person side by side, people in an order of chance: so groups keep what belongs."""
    order = rng.permutation(log.sizes[0])
    return test[np.lexsort((rng.random(len(test)), order[log.codes[test, 0]]))]


def sample_negatives(rows: Rows, rate: float, seed: int) -> Rows:
    """All clicks, and the share `rate` of what was not clicked."""
    keep = rows.train_y | (np.random.default_rng(seed + 1).random(len(rows.train)) < rate)
    return replace(rows, train=rows.train[keep], train_y=rows.train_y[keep])


@dataclass(frozen=True)
class Encoder:
    """How one exposure becomes inputs, fitted on what teaches.

    Sparse models see hashed `codes` (n, F + G): a bucket of one shared table for each field and each binned number.
    Networks also see the numbers standardised; trees see them raw, and small fields by their click rate.
    """

    fields: tuple[int, ...]
    sizes: tuple[int, ...]
    counters: bool
    rate_pairs: tuple[tuple[int, int], ...]
    background: float
    edges: np.ndarray  # (G, BINS - 1)
    mean: np.ndarray
    scale: np.ndarray
    rate_of: tuple[np.ndarray | None, ...]  # click rate by value of each field, None for a large one
    pairs: tuple[tuple[int, int], ...]
    buckets: int

    def numbers(self, counts: np.ndarray, fixed: np.ndarray) -> np.ndarray:
        """Numbers (n, G) float32 of raw counters (n, C) and of what never changes (n, H)."""
        columns = [np.log1p(fixed.astype(np.float32))]
        if self.counters:
            columns.append(np.log1p(counts.astype(np.float32)))
            for clicks, shows in self.rate_pairs:
                columns.append(((counts[:, clicks] + SHRINK * self.background) / (counts[:, shows] + SHRINK))[:, None])
        return np.concatenate(columns, axis=1, dtype=np.float32)

    def hashed(self, codes: np.ndarray, numbers: np.ndarray) -> np.ndarray:
        """Buckets (n, F + G [+ crosses]) int32 of the shared table."""
        values = codes[:, list(self.fields)].astype(np.uint64)
        binned = [np.searchsorted(edges, numbers[:, i]) for i, edges in enumerate(self.edges)]
        crossed = [codes[:, a].astype(np.uint64) * 65_536 + codes[:, b].astype(np.uint64) for a, b in self.pairs]
        columns = np.column_stack([values, *binned, *crossed]).astype(np.uint64)
        return bucket_of(columns, np.arange(columns.shape[1], dtype=np.uint64), self.buckets)

    def standardised(self, numbers: np.ndarray) -> np.ndarray:
        """Numbers (n, G) of mean 0 and deviation 1, cut at four deviations."""
        return np.clip((numbers - self.mean) / self.scale, -4, 4)

    def for_trees(self, codes: np.ndarray, numbers: np.ndarray) -> np.ndarray:
        """Numbers and the click rates of small fields (n, G + small), float32."""
        rated = [
            rate[codes[:, field]] for field, rate in zip(self.fields, self.rate_of, strict=True) if rate is not None
        ]
        return np.column_stack([numbers, *rated]).astype(np.float32)


def bucket_of(values: np.ndarray, field: np.ndarray, buckets: int) -> np.ndarray:
    """The bucket of each value of each field: a fixed mixing of both (splitmix64), so the same in every process."""
    with np.errstate(over="ignore"):
        x = values + (field + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return ((x ^ (x >> np.uint64(31))) % np.uint64(buckets)).astype(np.int32)


def fit_encoder(log: Log, rows: Rows, lag: int, features: str, buckets: int, crosses: bool) -> Encoder:
    """The encoder of a feature group with counters `lag` days behind. Raises ValueError for an unknown group."""
    if features not in FEATURES:
        raise ValueError(f"no feature group {features!r}: choose one of {', '.join(FEATURES)}")
    wanted = {"all": (True, False), "history": (False,), "context": (True,)}[features]
    fields = tuple(i for i, of_moment in enumerate(log.context) if of_moment in wanted)
    counters, prior = features != "context", float(rows.background)
    draft = Encoder(
        fields,
        log.sizes,
        counters,
        log.rates,
        prior,
        np.empty((0, 0)),
        np.zeros(1),
        np.ones(1),
        (),
        log.pairs if crosses and features != "history" else (),
        buckets,
    )
    numbers = draft.numbers(counts_of(log, rows.train, lag), fixed_of(log, rows.train, features))
    edges = np.quantile(numbers, np.linspace(0, 1, BINS + 1)[1:-1], axis=0).T.astype(np.float32)
    rates = tuple(_rate(log, rows, field) for field in fields)
    mean, scale = numbers.mean(axis=0), np.maximum(numbers.std(axis=0), 1e-3)
    return Encoder(fields, log.sizes, counters, log.rates, prior, edges, mean, scale, rates, draft.pairs, buckets)


def _rate(log: Log, rows: Rows, field: int) -> np.ndarray | None:
    """Click rates (size,) of a field's values in what teaches, shrunk to the average; None for a large field."""
    if log.sizes[field] > SMALL_FIELD:
        return None
    shows = np.bincount(log.codes[rows.train, field], minlength=log.sizes[field])
    clicks = np.bincount(log.codes[rows.train, field], rows.train_y, log.sizes[field])
    prior = rows.train_y.mean()
    return ((clicks + SHRINK * prior) / (shows + SHRINK)).astype(np.float32)


def counts_of(log: Log, rows: np.ndarray, lag: int) -> np.ndarray:
    """Counters (n, G) of some exposures, `lag` days behind. Raises ValueError for a lag that was not counted."""
    if lag not in LAGS:
        raise ValueError(f"counters are {LAGS} days behind, not {lag}")
    return log.counts[LAGS.index(lag)][rows]


def fixed_of(log: Log, rows: np.ndarray, features: str) -> np.ndarray:
    """What never changes of an ad, which is context: none of it where history alone is used."""
    return log.fixed[rows] if features != "history" else log.fixed[rows][:, :0]


@dataclass(frozen=True)
class Inputs:
    """What a kind of model reads for each part of the rows: hashed buckets, numbers or tree columns, as arrays."""

    hashed: np.ndarray  # (n, F) int32; (n, 0) where the model does not read it
    numbers: np.ndarray  # (n, G) float32
    trees: np.ndarray  # (n, T) float32


def encode(
    log: Log, rows: Rows, encoder: Encoder, part: str, lag: int, features: str, reads: tuple[str, ...]
) -> Inputs:
    """The inputs of the "train", "calibration" or "test" rows, only of the kinds that the model reads."""
    rows = getattr(rows, part)
    codes, counts = log.codes[rows], counts_of(log, rows, lag)
    return inputs_of(encoder, codes, counts, fixed_of(log, rows, features), reads)


def inputs_of(
    encoder: Encoder, codes: np.ndarray, counts: np.ndarray, fixed: np.ndarray, reads: tuple[str, ...]
) -> Inputs:
    """The same from the columns themselves: what a request does with what the feature store gave it."""
    numbers = encoder.numbers(counts, fixed)
    nothing = np.empty((len(codes), 0), np.float32)
    return Inputs(
        encoder.hashed(codes, numbers) if "hashed" in reads else nothing.astype(np.int32),
        encoder.standardised(numbers) if "numbers" in reads else nothing,
        encoder.for_trees(codes, numbers) if "trees" in reads else nothing,
    )


def collisions(log: Log, encoder: Encoder, rows: Rows) -> tuple[int, int]:
    """How many values of all fields the training rows show, and how many buckets they fall into."""
    lists = [np.unique(log.codes[rows.train, field]).astype(np.uint64) for field in encoder.fields]
    places = [bucket_of(v, np.full(len(v), i, np.uint64), encoder.buckets) for i, v in enumerate(lists)]
    return sum(map(len, lists)), len(np.unique(np.concatenate(places)))
