"""A quality at another number of items: by a law over nested sizes, unchanged where nothing grows, else not judged."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import exp, log, log10

from core.contract.scaling_spec import QualityGrowth
from core.scaling.recorded import QualityLaw

MOST_TIMES = 100.0  # the largest size tried: a law seen over one decade is believed for two more
EDGE = 1e-6  # from 0 and 1, where a logit has no value


@dataclass(frozen=True)
class Carried:
    """A quality at the size that was asked.

    Not `judged` where no law covers that size: it is then the measured one, or the one at the law's largest size.
    """

    value: float
    low: float
    high: float
    judged: bool
    why: str
    covers: str = ""  # what the interval is over, beside the size
    moved: bool = False  # by a law, away from what was measured


def carry(
    measured: tuple[float, float, float], better: str, growth: QualityGrowth | None, law: QualityLaw | None,
    base: int, items: int,
) -> Carried:  # fmt: skip
    """The quality (value, low, high) measured at `base` items, at `items`; `law` is that of the design's likeness.

    A law that says that more items are easier is not credited: the value then stays and only its band grows. Fewer
    items are not credited either, so that no answer falls as the size does.
    """
    value, low, high = measured
    if items <= base:
        return Carried(value, low, high, True, "measured at no fewer items")
    if growth is None:
        return Carried(value, low, high, False, "no law says how it changes with the number of items")
    if growth.at is None:
        return Carried(value, low, high, True, growth.why)
    if law is None or not law.supported:
        return Carried(value, low, high, False, "the law over nested sizes did not predict a larger one")
    most = max(base, int(law.largest * MOST_TIMES))
    if items > most:
        why = f"beyond {MOST_TIMES:,.0f} times the {law.largest:,} that were tried"
        return replace(carry(measured, better, growth, law, base, most), judged=False, why=why)
    decades, sign = log10(items / base), 1 if better == "higher" else -1
    worst, best = sorted((sign * law.low, sign * law.high))  # per decade; positive where more items are easier
    step = log10(law.sizes[-1] / law.sizes[-2]) if len(law.sizes) > 1 else 1.0  # over which the miss came about
    off = abs(law.held_out) * max(1.0, decades / step)
    bad_end, good_end = (low, high) if sign > 0 else (high, low)
    ends = sorted(
        (
            _moved(bad_end, sign * (min(0.0, worst) * decades - off)),
            _moved(good_end, sign * (min(0.0, best) * decades + off)),
        )
    )
    return Carried(_moved(value, sign * min(0.0, sign * law.slope) * decades), *ends, True, growth.why, moved=True)


def scale(value: float) -> float:
    """The logit of a quality in 0..1, the logarithm of one above 1: the scale on which its law is a line."""
    if value > 1:
        return log(value)
    inside = min(max(value, EDGE), 1 - EDGE)
    return log(inside / (1 - inside))


def _moved(value: float, by: float) -> float:
    if value > 1:
        return value * exp(by)
    if not by:
        return value
    return 1 / (1 + exp(-(scale(value) + by)))
