"""What grows with the homes, how quality does, what each saving loses, and what can be made ahead."""

from __future__ import annotations

from core.cases.similar_listings.design import SimilarListings, searches
from core.cases.similar_listings.pipeline import stages
from core.contract.case import Measurement
from core.contract.scaling_spec import (
    AblationStep,
    Precompute,
    QualityGrowth,
    ScalingPart,
    fixed,
    keyed,
    linear,
    vector_index,
)

NUMBER_BYTES = 4  # of one number of a vector
EXACT = ("pre", "market")


def scaling_parts(design: SimilarListings, measured: Measurement) -> tuple[ScalingPart, ...]:
    """Vectors, calendar and store grow with the homes; a market's own index does so only where markets grow."""
    n, held = measured.n_items, measured.parts_bytes
    # Sessions grow with the homes, and every home has a vector to learn; a job that fills a store has a key for each.
    learnt = dict(in_job=design.serving == "online", built_by=LEARNING)
    if searches(design) and design.filter in ("pre", "post"):
        kind = "flat" if design.filter == "pre" else "ivf_flat"
        why = "the whole city is checked" if kind == "flat" else "one index of the city, some of its lists probed"
        dim = held["similarity"] // (NUMBER_BYTES * n)
        index = vector_index("homes", n, kind=kind, dim=dim, effort=design.effort, part="search", why=why)
        each, why = (measured.memory_bytes - held["similarity"]) / n, "a bit for each home and date, and its market"
        return (index, linear("calendar", n, why, bytes_each=each, **learnt))
    each, why = (measured.memory_bytes - held.get("store", 0)) / n, "a vector for each home, and a bit a date"
    what = linear("vectors and calendar", n, why, bytes_each=each, **learnt)
    if design.serving == "online":
        return (what, fixed("search", "a request searches its market; more homes mean more markets, not larger ones"))
    store = keyed("store", "a row of neighbours for each home", bytes_each=held["store"] / measured.n_keys)
    return (what, store, fixed("look-up", "one row of neighbours, however many homes there are"))


LEARNING = ("learn skipgram", "encode attributes", "count clicks", "add new homes", "make lists", "read log")


def quality_growth(design: SimilarListings) -> QualityGrowth | None:
    """A market's homes are ranked among themselves; None where one index of all markets fills up with other markets."""
    if searches(design) and design.filter == "post":
        return None
    return QualityGrowth("only homes of the same market are shown; markets are assumed to be as large as here")


def _exact(design: SimilarListings) -> str:
    return design.filter if design.filter in EXACT else "market"


ABLATION_STEPS = (
    AblationStep("approximate", {"filter": _exact}),
    AblationStep("sampled", {"learnt_from": 1.0}),
    AblationStep("compressed", {"dim": 128}),
    AblationStep("cut at N", {"fetch": 96}),
    AblationStep("stale", {"serving": "online", "retrain_days": 1}),
)
PRECOMPUTE = Precompute(
    online={"serving": "online"}, batch={"serving": "batch"}, hybrid={"serving": "hybrid"},
    keys=lambda design: len(stages(design)["listings"].value.market), keys_are="homes", per="item",
    note="Training is repeated whichever way is served, so it is not part of what a key costs. "
    "A home listed since the refresh is no key.",
)  # fmt: skip
