"""What grows with the members, what each saving loses, and what can be made ahead."""

from __future__ import annotations

from core.cases.people_you_may_know.design import NO_CAP, PeopleYouMayKnow, walked
from core.cases.people_you_may_know.pipeline import stages
from core.contract.case import Measurement
from core.contract.scaling_spec import AblationStep, Precompute, ScalingPart, fixed, linear, vector_index


def scaling_parts(design: PeopleYouMayKnow, measured: Measurement) -> tuple[ScalingPart, ...]:
    """Links, vectors and store grow with the members; a walk goes as far as somebody has friends."""
    n, held = measured.n_items, measured.parts_bytes
    computes = design.serving in ("online", "lazy")
    rest = sum(part_bytes for part, part_bytes in held.items() if part != "index")
    why = "links and vectors of each member" if computes else "a row for each member in the store"
    parts = [linear("links" if computes else "store", n, why, bytes_each=rest / n)]
    if "index" in held:
        index = dict(kind=design.index, dim=design.dim, effort=design.effort, part="find")
        parts.insert(0, vector_index("vectors", n, **index))
    if walked(design) and computes:
        parts.append(fixed("walk", "friends of friends depend on how many friends people have, not on how many people"))
    return tuple(parts)


ABLATION_STEPS = (
    AblationStep("approximate", {"index": "flat"}),
    AblationStep("compressed", {"dim": 32}),
    AblationStep("cut by the hub cap", {"hub_cap": NO_CAP}),
    AblationStep("stale", {"serving": "online", "refresh_days": 7}),
)
PRECOMPUTE = Precompute(
    online={"serving": "online"}, batch={"serving": "batch"}, hybrid={"serving": "lazy"},
    keys=lambda design: int(stages(design)["active"].value.sum()), keys_are="members",
)  # fmt: skip
