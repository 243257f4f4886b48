"""How a case scales: what grows with items or keys, how its quality does, its ablation, and what it can precompute."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import TYPE_CHECKING, Any

from core.contract.design import Design

if TYPE_CHECKING:
    import numpy as np

    from core.contract.case import Estimate


@dataclass(frozen=True)
class Share:
    """A part built over some of the items, ready to be timed: `ask(i)` serves request i of `n_requests`."""

    items: int
    nbytes: int
    ask: Callable[[int], object]
    n_requests: int


@dataclass(frozen=True)
class IndexPart:
    """A vector index of a kind of `core.stages.index`, whose memory and search time follow the laws of that kind."""

    what: str
    why: str
    items: int  # in the measured design
    kind: str
    dim: int
    effort: int = 1
    part: str = ""  # the part of `Measurement.parts_ms` whose time grows with the index, if any
    in_job: bool = False  # searched by the batch job, whose time per key grows with it
    built_by: tuple[str, ...] = ()  # the steps whose time grows with the items

    def __post_init__(self) -> None:
        _check_growth(self)

    @property
    def held(self) -> bool:
        """Whether a replica holds it; one that only the batch job searches stays with the job."""
        return bool(self.part) or not self.in_job


@dataclass(frozen=True)
class LinearPart:
    """A part whose bytes, and whose work where `part` is set, are linear in the number of items.

    `over(share, seed)` builds the part over a share of the items, so that a fit can test the linear law.
    """

    what: str
    why: str
    items: int  # in the measured design
    bytes_each: float = 0.0  # bytes per item
    part: str = ""  # the part of `Measurement.parts_ms` whose time is linear, if any
    over: Callable[[float, int], Share] | None = field(default=None, compare=False)
    in_job: bool = False  # done by the batch job, whose time per key grows with it
    built_by: tuple[str, ...] = ()  # the steps whose time grows with the items

    def __post_init__(self) -> None:
        _check_growth(self)
        _check_bytes(self)


@dataclass(frozen=True)
class KeyedPart:
    """A store with a row for each key of the batch job; `Precompute` says what the keys are."""

    what: str
    why: str
    bytes_each: float  # bytes per key that every replica holds

    def __post_init__(self) -> None:
        _check_reason(self)
        _check_bytes(self)


@dataclass(frozen=True)
class FixedPart:
    """A part that does not depend on the number of items."""

    what: str
    why: str

    def __post_init__(self) -> None:
        _check_reason(self)


GrowingPart = IndexPart | LinearPart
ScalingPart = IndexPart | LinearPart | KeyedPart | FixedPart


def _check_reason(part: ScalingPart) -> None:
    if not part.why:
        raise ValueError(f"{part.what}: say why it grows like that")


def _check_bytes(part: LinearPart | KeyedPart) -> None:
    if not (isfinite(part.bytes_each) and part.bytes_each >= 0):
        raise ValueError(f"{part.what}: {part.bytes_each} is not a number of bytes")


def _check_growth(part: GrowingPart) -> None:
    _check_reason(part)
    if part.items < 1:
        raise ValueError(f"{part.what}: it grows from at least 1 item, not {part.items}")


def vector_index(
    what: str, items: int, *, kind: str, dim: int, effort: int = 1, part: str = "", why: str = "",
    in_job: bool = False, built_by: tuple[str, ...] = (),
) -> IndexPart:  # fmt: skip
    """An index part; without a reason, the reason is one vector per item."""
    return IndexPart(what, why or "a vector of each item", items, kind, dim, effort, part, in_job, built_by)


def linear(
    what: str, items: int, why: str, *, bytes_each: float = 0.0, part: str = "",
    over: Callable[[float, int], Share] | None = None, in_job: bool = False, built_by: tuple[str, ...] = (),
) -> LinearPart:  # fmt: skip
    """A linear part."""
    return LinearPart(what, why, items, bytes_each, part, over, in_job, built_by)


def keyed(what: str, why: str, *, bytes_each: float) -> KeyedPart:
    """A store with a row for each key."""
    return KeyedPart(what, why, bytes_each)


def fixed(what: str, why: str) -> FixedPart:
    """A part of constant size, and the reason."""
    return FixedPart(what, why)


@dataclass(frozen=True)
class QualityGrowth:
    """How the first quality depends on the number of items: by a law over nested sizes, or not at all.

    `at(design, times, seed)` is the quality with `times` the items of the measurement, its index tuned anew. Without
    it the quality stays, and `why` says why.
    """

    why: str
    at: Callable[[Any, float, int], Estimate] | None = None
    times: tuple[float, ...] = (0.125, 0.25, 0.5, 1.0)  # rising; the law has to predict the last one
    like: str = ""  # designs of a case with the same word share their law, e.g. an encoder and an index kind


@dataclass(frozen=True)
class LawBasis:
    """What the scaling laws of a case are recorded on."""

    designs: tuple[Any, ...] = ()  # some of every likeness of `QualityGrowth`
    # vectors(seed): those of all items it has (n, d), and of queries that are not among them (m, d)
    vectors: Callable[[int], tuple[np.ndarray, np.ndarray]] | None = None


@dataclass(frozen=True)
class AblationStep:
    """One ablation step: a label and the ideal value of each knob that the present design gives up.

    Either `ideal` or `why_not` is set; an ideal value may be a function of the design.
    """

    label: str
    ideal: Mapping[str, Any | Callable[[Any], Any]]
    why_not: str = ""

    def __post_init__(self) -> None:
        if bool(self.ideal) == bool(self.why_not):
            raise ValueError(f"{self.label}: an ablation step has knobs, or a reason why it has none")

    def values(self, design: Design) -> dict[str, Any]:
        """The ideal value of each knob, for this design."""
        return {name: value(design) if callable(value) else value for name, value in self.ideal.items()}


@dataclass(frozen=True)
class Precompute:
    """What a case can precompute: the knobs of each serving mode and the keys that one run of the batch job serves.

    `per` is the unit that requests are counted against: "user", "item", or "once" for keys requested only once.
    """

    online: Mapping[str, Any]
    batch: Mapping[str, Any]
    hybrid: Mapping[str, Any]
    keys: Callable[[Any], int]  # keys(design in batch) served by the job that `refresh_s` measures
    keys_are: str  # "users", "photos"
    per: str = "user"
    note: str = ""
    rows: Callable[[Any], int] | None = None  # rows in the store, where the job computes more keys than it keeps

    def __post_init__(self) -> None:
        if self.per not in ("user", "item", "once"):
            raise ValueError(f"requests are counted per user, item or once, not {self.per!r}")
