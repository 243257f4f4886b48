"""What grows with the homes, what each saving loses, and what can be made ahead."""

from __future__ import annotations

from core.cases.similar_listings.design import SimilarListings, searches
from core.cases.similar_listings.pipeline import stages
from core.contract.case import Measurement
from core.contract.scaling_spec import AblationStep, Precompute, ScalingPart, fixed, linear, vector_index

NUMBER_BYTES = 4  # of one number of a vector
EXACT = ("pre", "market")


def scaling_parts(design: SimilarListings, measured: Measurement) -> tuple[ScalingPart, ...]:
    """Vectors, calendar and store grow with the homes; a market's own index does so only where markets grow."""
    n = measured.n_items
    if searches(design) and design.filter in ("pre", "post"):
        kind = "flat" if design.filter == "pre" else "ivf_flat"
        why = "the whole city is checked" if kind == "flat" else "one index of the city, some of its lists probed"
        vectors = measured.parts_bytes["similarity"]
        dim = vectors // (NUMBER_BYTES * n)
        index = vector_index("homes", n, kind=kind, dim=dim, effort=design.effort, part="search", why=why)
        rest = (measured.memory_bytes - vectors) / n
        return (index, linear("calendar", n, "a bit for each home and date, and its market", bytes_each=rest))
    what = "vectors and calendar" if design.serving == "online" else "store and calendar"
    held = linear(
        what, n, "a vector or a row of neighbours for each home, and a bit a date", bytes_each=measured.memory_bytes / n
    )
    if design.serving == "online":
        return (held, fixed("search", "a request searches its market; more homes mean more markets, not larger ones"))
    return (held, fixed("look-up", "one row of neighbours, however many homes there are"))


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
