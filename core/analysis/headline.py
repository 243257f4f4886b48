"""The few words of a first screen: a figure's change against another design, and a move in one sentence."""

from __future__ import annotations

from core.analysis.explain import paired, unpaired
from core.analysis.figures import FIGURES, Figure, quality_figures
from core.contract.design import differences
from core.formatting import change_text, short_count
from core.serving.evaluate import Evaluated

NAMED, LONGEST = 2, 60  # knobs, and their letters, that are named in a sentence; more of them are counted
LOPSIDED = 0.1  # of the width of an interval, from which on its ends are told
SHORT = {"load_p99_ms": "p99", "usd": "cost", "memory_mb": "memory"}
MORE = {"load_p99_ms": ("slower", "faster"), "usd": ("dearer", "cheaper"), "memory_mb": ("larger", "smaller")}


def cost_delta(figure: Figure, base: Evaluated, candidate: Evaluated) -> tuple[str, str]:
    """(candidate against base in words, "better" | "worse" | ""): “−47 %”, “2.3× slower”; empty where noise hides it.

    ("", "") where one of the two is withheld or not positive.
    """
    before, after = figure.read(base), figure.read(candidate)
    if figure.noisy_where(base) or figure.noisy_where(candidate) or not (before > 0 and after > 0):
        return "", ""
    factor = after / before
    if max(factor, 1 / factor) <= 1 + figure.noise or f"{factor - 1:+.0%}" in ("+0%", "-0%"):
        return "same", ""
    side = "worse" if factor > 1 else "better"
    return change_text(factor, *MORE.get(figure.key, ("higher", "lower"))), side


def quality_delta(figure: Figure, base: Evaluated, candidate: Evaluated) -> tuple[str, str]:
    """(candidate − base in words, "better" | "worse" | ""), by the paired test where the units are the same ones."""
    axis = figure.quality
    if axis is None:
        raise ValueError(f"{figure.key} is no quality")
    tested = paired(axis, base.measured, candidate.measured, candidate.seed) if base.same_world(candidate) else None
    if tested is None:
        a, b = base.measured.quality[axis.key], candidate.measured.quality[axis.key]
        apart, mean = a.high < b.low or b.high < a.low, b.value - a.value
    else:
        apart, mean = tested.distinguishable, tested.mean
    if not apart:
        # intervals that overlap, as two recorded designs have, say less than a paired test that found nothing
        return "same within noise" if tested is not None else "not told apart", ""
    text = f"{mean:+.3f}" if abs(mean) >= 0.0005 else f"{mean:+.1g}"
    text = text.replace("-", "−")
    if figure.projected_where(base) or figure.projected_where(candidate):
        text += f" at {short_count(candidate.projected.base)}"  # the test is of the size that was measured
        here = figure.read(candidate.within_world) - figure.read(base.within_world)
        if here * mean <= 0:  # what turns round with the size is not told by the test
            return text, ""
    return text, "better" if (mean > 0) == (axis.better == "higher") else "worse"


def change(base: Evaluated, candidate: Evaluated, quality: bool = True) -> str:
    """A move in one sentence: the knobs, then the first quality as tested, p99, cost and memory.

    Without the `quality` where it stands beside the sentence already.
    """
    qualities = list(quality_figures(candidate.case, base, candidate).values())[:1] if quality else []
    told = [f"{figure.label} {quality_delta(figure, base, candidate)[0]}" for figure in qualities]
    if told and not candidate.measured.quality[qualities[0].key].pairs_with(base.measured.quality[qualities[0].key]):
        reason = unpaired(base.measured.quality[qualities[0].key], candidate.measured.quality[qualities[0].key])
        told[0] += f" ({reason})"
    costs = {name: cost_delta(FIGURES[key], base, candidate) for key, name in SHORT.items()}
    told += [f"{name} {words}" for name, (words, side) in costs.items() if side]
    told += ["costs same"] * all(words == "same" for words, _ in costs.values())
    return f"{moved(base, candidate)}: {', '.join(told)}." if told else f"{moved(base, candidate)}."


def moved(base: Evaluated, candidate: Evaluated) -> str:
    """The knobs that differ: “Embedding size 64 → 32”; many are counted."""
    changed = differences(base.design, candidate.design)
    named = ", ".join(f"{k.named(candidate.design)} {k.text(a)} → {k.text(b)}" for k, a, b in changed)
    if len(changed) > 1 and (len(changed) > NAMED or len(named) > LONGEST):
        return f"{len(changed)} knobs"
    return named or "The same"


def half_width(figure: Figure, evaluated: Evaluated) -> str:
    """The interval as “±0.017”, or by its ends where the value is not in its middle; empty without an interval."""
    ends = figure.interval(evaluated)
    if ends is None:
        return ""
    (low, high), value = ends, figure.read(evaluated)
    lopsided = abs(high - value - (value - low)) > LOPSIDED * (high - low)
    return f"{low:.3f}–{high:.3f}" if lopsided else f"±{(high - low) / 2:.3f}"
