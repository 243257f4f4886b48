"""What grows with the catalogue, what each saving loses, and what can be made ahead."""

from __future__ import annotations

from core.cases.visual_search.design import VisualSearch
from core.cases.visual_search.world import N_QUERIES
from core.contract.case import Measurement
from core.contract.scaling_spec import AblationStep, Precompute, ScalingPart, fixed, linear, vector_index

EMOJI = 1_911


def catalogue(design: VisualSearch) -> int:
    """Images that are searched."""
    return EMOJI if design.dataset == "emoji" else design.catalogue


def scaling_parts(design: VisualSearch, measured: Measurement) -> tuple[ScalingPart, ...]:
    """The index, and what re-ranks its answers, grow with the catalogue; encoder and store do not."""
    encoder = fixed("encoder", "a request encodes one photo, however many are searched")
    store = fixed("store", "a row for each photo that is asked about, however many are searched")
    if design.serving == "batch":
        return (store,)
    n = catalogue(design)
    found = [vector_index("index", n, kind=design.index, dim=design.dim, effort=design.effort, part="search")]
    if design.rerank:
        each = _full_bytes(measured) / n
        found.append(linear("full vectors", n, "re-ranking reads the encoder's own vector", bytes_each=each))
    return (*found, encoder) if design.serving == "online" else (*found, encoder, store)


def _full_bytes(measured: Measurement) -> float:
    """What is held beside index, encoder and store."""
    held = {record.name: record.nbytes for record in measured.steps}
    return max(0.0, measured.memory_bytes - measured.store_bytes - held.get("build", 0) - held.get("fit encoder", 0))


ABLATION_STEPS = (
    AblationStep("approximate", {"index": "flat"}),
    AblationStep("compressed", {"dim": 128}),
    AblationStep("cut at N", {"rerank": 200}),
    AblationStep("stale", {"serving": "online", "refresh_h": 1}),
)
PRECOMPUTE = Precompute(
    online={"serving": "online"}, batch={"serving": "batch"}, hybrid={"serving": "hybrid"},
    keys=lambda design: N_QUERIES, keys_are="images", per="item",
    note="Every picture of the catalogue may be pointed at, so a key is an image.",
)  # fmt: skip
