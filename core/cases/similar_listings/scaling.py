"""What grows with the homes, what each saving loses, and what can be made ahead."""

from __future__ import annotations

from core.cases.similar_listings.design import SimilarListings, searches
from core.contract.case import Measurement
from core.contract.scaling_spec import AblationStep, Precompute, ScalingPart, fixed, linear, vector_index

HOMES = {"berlin": 2_203, "king": 21_436}
ATTRIBUTES = 33  # numbers of a home as its attributes tell it
EXACT = ("pre", "market")


def scaling_parts(design: SimilarListings, measured: Measurement) -> tuple[ScalingPart, ...]:
    """Vectors, calendar and store grow with the homes; a market's own index does so only where markets grow."""
    n = HOMES[design.city]
    each = measured.memory_bytes / n
    if searches(design) and design.filter in ("pre", "post"):
        kind = "flat" if design.filter == "pre" else "ivf_flat"
        why = "the whole city is checked" if kind == "flat" else "one index of the city, some of its lists probed"
        dim = design.dim if design.model == "skipgram" else ATTRIBUTES
        index = vector_index("homes", n, kind=kind, dim=dim, effort=design.effort, part="search", why=why)
        rest = max(0.0, measured.memory_bytes - 4 * dim * n) / n
        return (index, linear("calendar", n, "a bit for each home and date, and its id", bytes_each=rest))
    what = "vectors and calendar" if design.serving == "online" else "store and calendar"
    held = linear(what, n, "a vector or a row of neighbours for each home, and a bit a date", bytes_each=each)
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
    keys=lambda design: HOMES[design.city], keys_are="homes", per="item",
    note="Training is repeated whichever way is served, so it is not part of what a key costs.",
)  # fmt: skip
