"""What grows with the members, what each saving loses, and what can be made ahead."""

from __future__ import annotations

from core.case import Measurement
from core.cases.people_you_may_know.design import NO_CAP, PeopleYouMayKnow, searched, walked
from core.cases.people_you_may_know.run import stages
from core.growth import Ahead, Growth, Rung, fixed, linear, vector_index

PEOPLE = {"trust": 39_796, "coauthors": 40_013, "drawn": 6_000}


def grows(design: PeopleYouMayKnow, measured: Measurement) -> tuple[Growth, ...]:
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


LADDER = (
    Rung("approximate", {"index": "flat"}),
    Rung("compressed", {"dim": 32}),
    Rung("cut by the hub cap", {"hub_cap": NO_CAP}),
    Rung("stale", {"serving": "online", "refresh_days": 7}),
)
AHEAD = Ahead(
    online={"serving": "online"}, batch={"serving": "batch"}, hybrid={"serving": "lazy"},
    keys=lambda design: int(stages(design).chosen.value.sum()), keys_are="members",
)  # fmt: skip
