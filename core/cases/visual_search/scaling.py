"""What grows with the catalogue, what each saving loses, and what can be made ahead."""

from __future__ import annotations

from core.cases.visual_search.data import N_QUERIES
from core.cases.visual_search.design import VisualSearch
from core.contract.case import Measurement
from core.contract.scaling_spec import AblationStep, Precompute, ScalingPart, fixed, linear, vector_index


def scaling_parts(design: VisualSearch, measured: Measurement) -> tuple[ScalingPart, ...]:
    """The index, and what re-ranks its answers, grow with the catalogue; encoder and store do not."""
    encoder = fixed("encoder and projection", "a request encodes one photo, however many are searched")
    store = fixed("store", "a row for each photo that is asked about, however many are searched")
    if design.serving == "batch":
        return (store,)
    n = measured.n_items
    parts = [vector_index("index", n, kind=design.index, dim=design.dim, effort=design.effort, part="search")]
    if design.rerank:
        vector_bytes = measured.parts_bytes["full vectors"] / n
        parts.append(linear("full vectors", n, "re-ranking reads the encoder's own vector", bytes_each=vector_bytes))
    return (*parts, encoder) if design.serving == "online" else (*parts, encoder, store)


ABLATION_STEPS = (
    AblationStep("approximate", {"index": "flat"}),
    AblationStep("compressed", {"dim": 128}),
    AblationStep("cut at N", {"rerank": 200}),
    AblationStep("stale", {"serving": "online", "refresh_h": 1}),
)
PRECOMPUTE = Precompute(
    online={"serving": "online"}, batch={"serving": "batch"}, hybrid={"serving": "hybrid"},
    keys=lambda design: N_QUERIES, keys_are="images", per="item",
    note="A picture of the catalogue that somebody points at is a key; an uploaded photo is none.",
)  # fmt: skip
