"""What grows with the members, what each saving loses, and what can be made ahead."""

from __future__ import annotations

from core.cases.people_you_may_know.design import NO_CAP, PeopleYouMayKnow, searched, walked
from core.cases.people_you_may_know.run import stages
from core.contract.case import Measurement
from core.contract.scaling_spec import AblationStep, Precompute, ScalingPart, fixed, linear, vector_index

PEOPLE = {"trust": 39_796, "coauthors": 40_013, "drawn": 6_000}


def scaling_parts(design: PeopleYouMayKnow, measured: Measurement) -> tuple[ScalingPart, ...]:
    """Links, vectors and store grow with the members; a walk goes as far as somebody has friends."""
    n, found, rest = PEOPLE[design.graph], [], float(measured.memory_bytes)
    computes = design.serving in ("online", "lazy")
    if searched(design) and computes:
        index = vector_index("vectors", n, kind=design.index, dim=design.dim, effort=design.effort, part="find")
        found.append(index)
        rest -= sum(record.nbytes for record in measured.steps if record.name == "index people")
    why = "links and vectors of each member" if computes else "a row for each member in the store"
    found.append(linear("links" if computes else "store", n, why, bytes_each=max(0.0, rest) / n))
    if walked(design) and computes:
        found.append(fixed("walk", "friends of friends depend on how many friends people have, not on how many people"))
    return tuple(found)


ABLATION_STEPS = (
    AblationStep("approximate", {"index": "flat"}),
    AblationStep("compressed", {"dim": 32}),
    AblationStep("cut by the hub cap", {"hub_cap": NO_CAP}),
    AblationStep("stale", {"serving": "online", "refresh_days": 7}),
)
PRECOMPUTE = Precompute(
    online={"serving": "online"}, batch={"serving": "batch"}, hybrid={"serving": "lazy"},
    keys=lambda design: int(stages(design).chosen.value.sum()), keys_are="members",
)  # fmt: skip
