"""The contract of a case study: what one run measures, and the record that names the parts of a case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import isfinite
from typing import Any

import numpy as np

from core.contract.check import Check
from core.contract.design import Design as AnyDesign  # a case has a field `Design`
from core.contract.interview_spec import Interview
from core.contract.missing_package import told
from core.contract.money import Assumption, BillBeside, Charge
from core.contract.scaling_spec import AblationStep, LawBasis, Precompute, QualityGrowth, ScalingPart
from core.contract.step_record import StepRecord
from core.diagram import Drawing
from core.formatting import ms_text
from core.metrics import PairedDifference, Percentile, mean_interval, paired_difference, percentile

SEED = 0
REQUEST = "request"
SECONDS_A_DAY = 86_400
SEED_DRAWS = ("world", "sample", "nothing")
HOURS_A_MONTH = 730.0  # 8,760 hours a year ÷ 12, as the cloud price lists count


@dataclass(frozen=True)
class Estimate:
    """A quality with its 95 % interval, the values behind it, and what is resampled.

    Raises ValueError where one of the three is NaN or infinite.
    """

    value: float
    low: float
    high: float
    per_query: np.ndarray  # (n,), in the order of the case's data, so that two designs can be paired
    unit: str = "queries"  # what is resampled: "queries", "posts", "persons"
    units: int = 0  # a digest of which units they are, where a design of the case may change that
    pairable: bool = True  # False where the units are formed anew by every design
    clusters: np.ndarray | None = None  # (n,) whole numbers: the unit of each value, where a unit has several

    @cached_property
    def n_units(self) -> int:
        """How many units are resampled; a recorded estimate keeps this number alone, in `units`."""
        if not len(self.per_query):
            return self.units
        return len(self.per_query if self.clusters is None else np.unique(self.clusters))

    def pairs_with(self, other: Estimate) -> bool:
        """Whether both have a value of each of the same units, as a paired test needs."""
        same = (self.unit, self.units) == (other.unit, other.units) and self.per_query.shape == other.per_query.shape
        return same and self.pairable and other.pairable

    def __post_init__(self) -> None:
        if not all(map(isfinite, (self.value, self.low, self.high))):
            raise ValueError(
                f"a quality must be finite, got {self.value:g} with interval {self.low:g} to {self.high:g}"
            )


def estimate(
    per_query: np.ndarray,
    *,
    unit: str = "queries",
    units: int = 0,
    clusters: np.ndarray | None = None,
    value: float | None = None,
    interval: tuple[float, float] | None = None,
) -> Estimate:
    """The mean of the values with its interval over units: `mean_interval`, unless another figure brings its own.

    A figure that is no mean over units brings its own `value`, which the mean meets but for rounding, and `interval`.
    Raises ValueError for an empty or non-finite array, and for values whose mean is another figure.
    """
    per_query = np.asarray(per_query, dtype=np.float64)
    if per_query.size == 0 or not np.isfinite(per_query).all():
        raise ValueError("a quality needs at least one query and finite values")
    mean = float(per_query.mean())
    value = mean if value is None else value
    if not abs(value - mean) <= 1e-9 * max(1.0, abs(value)):
        raise ValueError(f"the mean over {unit} is {mean}, not {value}")
    low, high = interval or mean_interval(per_query, clusters)  # equal values: a mean but for rounding
    if per_query.min() >= 0 and per_query.max() <= 1:  # no mean leaves the range of its values
        low, high = max(0.0, low), min(1.0, high)
    return Estimate(value, min(low, value), max(high, value), per_query, unit, units, clusters=clusters)


def paired_change(
    base: Estimate, candidate: Estimate, seed: int = SEED, where: np.ndarray | slice = slice(None)
) -> PairedDifference | None:
    """Candidate − base by the paired test over the same units, or over the values that `where` selects.

    None where the units are not the same ones.
    """
    if not base.pairs_with(candidate):
        return None
    clusters = None if base.clusters is None else base.clusters[where]
    return paired_difference(candidate.per_query[where], base.per_query[where], seed, clusters)


@dataclass(frozen=True)
class Measurement:
    """Facts of one run on this machine: no price, no target, no guess."""

    quality: Mapping[str, Estimate]
    service_ms: np.ndarray  # (n,) one request alone, from arrival at the server to its answer
    parts_ms: Mapping[str, np.ndarray]  # the same requests split by stage, each (n,)
    memory_bytes: int  # what a replica must hold
    build_s: float  # CPU seconds to make what is served from, reused steps included
    steps: tuple[StepRecord, ...]
    index_build_s: float = 0.0  # CPU seconds of that in the indexes alone, their clustering included; 0 without one
    item_build_s: float = 0.0  # CPU seconds of that for one item, of the steps that grow with the items
    # the part of build_s that is modelled: vectors that come made, at what making one takes here
    shipped_s: float = 0.0
    # batch size → median ms a batch, where served in batches
    batches_ms: Mapping[int, float] = field(default_factory=dict)
    refresh_s: float = 0.0  # CPU seconds to precompute the store once, 0 where nothing is precomputed
    # of that, by step: what a run does once, however many keys it serves; a build need not do it again
    refresh_once_s: Mapping[str, float] = field(default_factory=dict)
    refresh_every_h: float = 0.0
    answered: float = 1.0  # share of requests whose key the store knows, where one is served from
    ingest_h: float = 0.0  # how long a new item waits until requests can find it, where nothing is precomputed
    store_bytes: int = 0
    counts: Mapping[str, float] = field(default_factory=dict)  # deterministic work a request, e.g. distances
    # name of a charge → how many of its units a request brings
    charged: Mapping[str, float] = field(default_factory=dict)
    # the 95 % interval of the same, for those that are an estimated share: 0 of n is not 0
    charged_between: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    noise: float = 1.0  # wall ÷ CPU while timing, all parts together
    interrupted: int = 0  # timed calls that another process interrupted; they count with their CPU time
    cpu_ms: Mapping[str, float] = field(default_factory=dict)  # mean CPU milliseconds a request, by part
    parts_bytes: Mapping[str, int] = field(default_factory=dict)  # the memory per replica by part
    n_items: int = 0  # what is searched, ranked or judged: the size at which this was measured
    n_keys: int = 0  # keys that one run of the batch job serves, 0 where nothing is precomputed
    shards: int = 1  # machines that one replica is spread over; above 1 only in a projection
    shown: Any = None  # what the case's page shows beyond figures, e.g. retrieved ids

    @cached_property
    def percentiles_ms(self) -> dict[str, Percentile]:
        """The p50, p95 and p99 of the service time, each with its interval."""
        return {f"p{100 * q:g}": percentile(self.service_ms, q) for q in (0.5, 0.95, 0.99)}

    @cached_property
    def request_cpu_ms(self) -> float:
        """Mean CPU milliseconds a request, at most the mean wall time; that itself where no CPU time was measured."""
        wall_ms = float(self.service_ms.mean())
        return min(sum(self.cpu_ms.values()), wall_ms) or wall_ms

    @cached_property
    def work_ms(self) -> np.ndarray:
        """The service times (n,) with the CPU time as their mean: what a core of one's own would take."""
        wall_ms = float(self.service_ms.mean())
        return self.service_ms * (self.request_cpu_ms / wall_ms) if wall_ms else self.service_ms


def median_text(measured: Measurement | None, part: str) -> str:
    """The median time of the requests that went through a part, as displayed; empty where none did."""
    times = np.array([]) if measured is None else measured.parts_ms.get(part, np.array([]))
    times = times[times > 0]
    return ms_text(float(np.median(times))) if times.size else ""


@dataclass(frozen=True)
class QualityAxis:
    """A quality the case reports: its key in `Measurement.quality`, its name in words and what it means."""

    key: str
    label: str
    help: str
    better: str = "higher"
    badge: str = "measured"  # "modelled" where it rests on a simulation of what nobody could observe
    # What one value of `Estimate.per_query` is of. Only the mean over "request", any labelled request alone, is what
    # a day's labels repeat; a value of a group, a positive or an object says nothing of how far a day's figure strays.
    value_of: str = REQUEST

    @property
    def per_request(self) -> bool:
        """Whether the quality is a mean over labelled requests, so that its values can stand for single labels."""
        return self.value_of == REQUEST


@dataclass(frozen=True)
class Source:
    """Where a claim or a figure comes from. `kind` is "data", "paper", "documentation" or "interview"."""

    title: str
    detail: str
    kind: str
    url: str = ""


@dataclass(frozen=True)
class Published:
    """A figure somebody else measured, shown beside ours and never mixed with it."""

    what: str
    figure: str
    source: Source
    ours: str  # which of our figures or checks it stands beside, and what differs
    agrees: tuple[str, ...] = ()  # ids of the checks that, where they all hold, say that ours points the same way


def _amount(unit: str, source: str, value: float = 0.0) -> Assumption:
    return field(default=Assumption(value, unit, source, "2026-11"))


@dataclass(frozen=True)
class Requirements:
    """What the interviewer said; None where nothing was asked. The defaults of a case come with their source."""

    daily_users: float
    requests_per_user: float  # a day
    peak_factor: float  # busiest second ÷ mean second
    p99_ms: float  # response time under the peak load
    source: str
    items: float | None = None  # what is searched, ranked or judged at the interviewer's scale
    new_items_a_day: float | None = None
    freshness_h: float | None = None  # oldest that precomputed results may be
    quality_floor: float | None = None  # of the case's first quality
    budget_usd: float | None = None  # a month
    users_are: str = "users"
    items_are: str = "items"
    charges: tuple[Charge, ...] = ()  # what is paid beside machines
    # What is stored, sent and received, and the models at the size that was asked where the measured ones are toys.
    stored_kb: Assumption = _amount("kB an item", "nothing is stored of an item beside the index")
    upload_kb: Assumption = _amount("kB a request", "nothing to speak of is sent with a request")
    response_kb: Assumption = _amount("kB an answer", "illustrative: ten numbers with their scores", 0.2)
    encoder_ms: Assumption = _amount("CPU ms a request", "the measured model is of the kind and size that is asked for")
    item_encoder_ms: Assumption = _amount("CPU ms a new item", "the measured build is what a new item takes")
    encoder_parts: tuple[str, ...] = ()  # the timed parts that the encoder stands for; none: every request has it

    @property
    def requests_a_day(self) -> float:
        """Users × requests of each."""
        return self.daily_users * self.requests_per_user

    @property
    def peak_rps(self) -> float:
        """Requests a second at the busiest time."""
        return self.requests_a_day * self.peak_factor / SECONDS_A_DAY

    @property
    def requests_a_month(self) -> float:
        """Requests in a month of 730 hours."""
        return self.requests_a_day * HOURS_A_MONTH / 24

    @property
    def new_items_a_month(self) -> float:
        """New items in a month of 730 hours, 0 where nothing was said of them."""
        return (self.new_items_a_day or 0.0) * HOURS_A_MONTH / 24

    def at_rate(self, peak_rps: float) -> Requirements:
        """The same with as many users as make this rate at the peak."""
        users = peak_rps * SECONDS_A_DAY / (self.requests_per_user * self.peak_factor)
        return replace(self, daily_users=users)


@dataclass(frozen=True)
class Case:
    """One case study as a record of its parts; nothing inherits from it."""

    slug: str
    title: str
    question: str  # the interview question in one line
    # "real", "real items, simulated behaviour" or "simulated"; a function where it differs by design
    data: str | Callable[[Any], str]
    Design: type
    run: Callable[..., Measurement]  # run(design, seed=SEED)
    baseline: AnyDesign
    qualities: tuple[QualityAxis, ...]  # the first is the one the charts start with
    requirements: Requirements
    draw: Callable[[Any, Measurement | None], Drawing]
    checks: tuple[Check, ...]
    published: tuple[Published, ...]
    sources: tuple[Source, ...]
    interview: Interview | None = None  # what is said and shown at each of the seven steps
    # what grows with the number of items, and what each saving gives up on the way from the ceiling down to a design
    scaling_parts: Callable[[Any, Measurement], tuple[ScalingPart, ...]] | None = None
    # how the first quality depends on the number of items; None where no law is known, so that no size but the
    # measured one is judged
    quality_growth: Callable[[Any], QualityGrowth | None] | None = None
    law_basis: LawBasis | None = None  # what its laws are recorded on; None where no quality and no index grows
    ablation_steps: tuple[AblationStep, ...] = ()
    precompute: Precompute | None = None  # what can be computed before anybody asks, where anything can
    # what another seed draws anew beside the training: the "world", a "sample" (who asks of one world), or "nothing"
    seed_draws: str = "sample"
    bills_beside: tuple[BillBeside, ...] = ()  # what others pay or charge for such a system

    def __post_init__(self) -> None:
        object.__setattr__(self, "run", told(self.run))
        if self.seed_draws not in SEED_DRAWS:
            raise ValueError(f"a seed draws one of {', '.join(SEED_DRAWS)}, not {self.seed_draws!r}")
