"""What a case says about size: what of a design grows, which knobs cost it quality, and what can be made ahead."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

LAWS = ("index", "linear", "fixed")


@dataclass(frozen=True)
class Share:
    """A part of a design over some of its items, ready to be timed: `ask(i)` serves request i of `n_requests`."""

    items: int
    nbytes: int
    ask: Callable[[int], object]
    n_requests: int


@dataclass(frozen=True)
class ScalingPart:
    """One part of a design and how its bytes and its time follow the number of items; plain data.

    "index": a vector index of a kind of `core.stages.index`, width and effort. "linear": bytes an item, and where a
    part of the request is named, work in step with the items; `over(share, seed)` makes that part over a share of
    them, so that the law can be shown to hold. "fixed": does not grow. Each says `why`.
    """

    what: str
    law: str
    why: str
    items: int  # here, in the measured design; 0 for what does not grow
    part: str = ""  # the part of `Measurement.parts_ms` whose time follows, where one does
    bytes_each: float = 0.0  # of one item, for "linear"
    kind: str = ""
    dim: int = 0
    effort: int = 1
    over: Callable[[float, int], Share] | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if self.law not in LAWS:
            raise ValueError(f"{self.what}: a law is one of {', '.join(LAWS)}, not {self.law!r}")
        if not self.why:
            raise ValueError(f"{self.what}: say why it grows like that")
        if self.law != "fixed" and self.items < 1:
            raise ValueError(f"{self.what}: it grows from at least 1 item, not {self.items}")
        if not (isfinite(self.bytes_each) and self.bytes_each >= 0):
            raise ValueError(f"{self.what}: {self.bytes_each} is not a number of bytes")


def vector_index(
    what: str, items: int, *, kind: str, dim: int, effort: int = 1, part: str = "", why: str = ""
) -> ScalingPart:
    """A vector index whose memory and search follow the laws of its kind."""
    return ScalingPart(what, "index", why or "a vector of each item", items, part, kind=kind, dim=dim, effort=effort)


def linear(
    what: str, items: int, why: str, *, bytes_each: float = 0.0, part: str = "",
    over: Callable[[float, int], Share] | None = None,
) -> ScalingPart:  # fmt: skip
    """Bytes, and where a part is named work, in step with the number of items."""
    return ScalingPart(what, "linear", why, items, part, bytes_each, over=over)


def fixed(what: str, why: str) -> ScalingPart:
    """What stays as it is however many items there are, and the reason."""
    return ScalingPart(what, "fixed", why, 0)


@dataclass(frozen=True)
class AblationStep:
    """One step of a design's way down from its ceiling: a label, and the ideal value of each knob that it gives up.

    An ideal may be a function of the design. `why_not` says in words why the case has no such step; then nothing else
    is said.
    """

    label: str
    ideal: Mapping[str, Any | Callable[[Any], Any]]
    why_not: str = ""

    def __post_init__(self) -> None:
        if bool(self.ideal) == bool(self.why_not):
            raise ValueError(f"{self.label}: a rung has knobs, or a reason why it has none")

    def values(self, design: Any) -> dict[str, Any]:
        """The ideal value of each knob, for this design."""
        return {name: value(design) if callable(value) else value for name, value in self.ideal.items()}


@dataclass(frozen=True)
class Precompute:
    """What a case can compute before anybody asks: the knob's options, and the keys that one run of the job serves.

    `per` says what requests are counted against: each "user", each "item", or "once" where a key is asked for once.
    """

    online: Mapping[str, Any]
    batch: Mapping[str, Any]
    hybrid: Mapping[str, Any]
    keys: Callable[[Any], int]  # keys(design in batch) served by the job that `refresh_s` measures
    keys_are: str  # "users", "photos"
    per: str = "user"
    note: str = ""
    rows: Callable[[Any], int] | None = None  # in the store, where the job works for more keys than it keeps

    def __post_init__(self) -> None:
        if self.per not in ("user", "item", "once"):
            raise ValueError(f"requests are counted per user, item or once, not {self.per!r}")
