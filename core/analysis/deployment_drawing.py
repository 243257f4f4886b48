"""The architecture as deployed: the case's drawing with load, replicas, cache and cost."""

from __future__ import annotations

from dataclasses import replace

from core.diagram import Box, Drawing, Edge
from core.formatting import rate_text, seconds_text, usd_text
from core.serving.cost import Assessment
from core.serving.evaluate import Evaluated
from core.serving.prices import Prices


def as_built(drawing: Drawing, evaluated: Evaluated) -> Drawing:
    """The drawing with a cache, if any, and the fleet behind it; rates on the edges, the bill as caption.

    Requests start at the one person without incoming edges.
    """
    assessment, scenario = evaluated.assessment, evaluated.scenario
    asks = next(box.id for box in drawing.boxes if box.shape == "person" and _starts(box, drawing))
    front = [_cache(assessment, scenario.prices)] if scenario.prices.cache_ttl_s.value else []
    front.append(_fleet(assessment, evaluated.sized.shards))
    firsts = [edge for edge in drawing.edges if edge.src == asks]
    rest = [edge for edge in drawing.edges if edge.src != asks]
    chain = [asks, *(box.id for box in front)]
    rates = [scenario.load.peak_rps, scenario.load.peak_rps * (1 - assessment.hits)]
    into = [Edge(a, b, rate_text(rate)) for a, b, rate in zip(chain, chain[1:], rates, strict=False)]
    onward = [replace(edge, src=chain[-1]) for edge in firsts]
    at = next(i for i, box in enumerate(drawing.boxes) if box.id == asks) + 1
    boxes = (*drawing.boxes[:at], *front, *drawing.boxes[at:])
    return replace(drawing, boxes=boxes, edges=(*into, *onward, *rest), caption=_bill(assessment, drawing.caption))


def _starts(box: Box, drawing: Drawing) -> bool:
    return all(edge.dst != box.id for edge in drawing.edges)


def _cache(assessment: Assessment, prices: Prices) -> Box:
    kept = seconds_text(prices.cache_ttl_s.value)
    return Box("answer cache", f"Cache, kept {kept}", "online", f"{assessment.hits:.0%} found", "store", stale=True)


def _fleet(assessment: Assessment, shards: int) -> Box:
    of_shards = f" of {shards:,} shards" if shards > 1 else ""
    return Box("fleet", f"{assessment.replicas:,} replicas{of_shards}", "online", f"{assessment.utilisation:.0%} busy")


def _bill(assessment: Assessment, caption: str) -> str:
    parts = ", ".join(f"{name} {usd_text(usd)}" for name, usd in assessment.paid.items())
    bill = f"Modelled: {usd_text(assessment.total_usd)} per month ({parts})."
    return f"{caption} {bill}".strip()
