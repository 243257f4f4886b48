"""What grows with the events, what each saving loses, and what can be made ahead."""

from __future__ import annotations

from core.case import Measurement
from core.cases.event_recommendation.design import EventRecommendation
from core.cases.event_recommendation.places import N_PEOPLE
from core.cases.event_recommendation.world import N_LIVE
from core.growth import Ahead, Growth, Rung, fixed, linear


def grows(design: EventRecommendation, measured: Measurement) -> tuple[Growth, ...]:
    """The features of the events, the filter over them and, in a fixed radius, the candidates grow with the events."""
    lists = fixed("store", "a list of the same length for each person, however many events there are")
    if design.serving == "batch":
        return (lists,)
    shelf = measured.memory_bytes - measured.store_bytes - _ranker_bytes(measured)
    why = "counts and numbers of each event, and of each person who may go to it"
    found = [linear("features", N_LIVE, why, bytes_each=max(0.0, shelf) / N_LIVE)]
    if design.serving == "hybrid":
        return (*found, fixed("order", "as many stored events as before are put in order"), lists)
    for part, does in _WORK.items():
        if part in measured.parts_ms:
            found.append(linear(part, N_LIVE, does, part=part))
    return (*found, fixed("ranker", "the same model, whatever it scores"))


_WORK = {
    "find candidates": "every open event is measured against the radius",
    "read features": "the same radius holds more events where more are announced",
    "score": "each event in the radius is scored",
}


def _ranker_bytes(measured: Measurement) -> float:
    return sum(record.nbytes for record in measured.steps if record.name in ("train", "factorise", "factorise part"))


LADDER = (
    Rung("approximate", {}, "every event in the radius is compared; no index leaves any out"),
    Rung("sampled", {"learnt_from": 1.0}),
    Rung("compressed", {"compression": "fp32"}),
    Rung("cut by the filter", {"radius": 200, "horizon": 90}),
    Rung("stale", {"serving": "online", "refresh_h": 6, "lag_h": 0, "retrain_days": 1}),
)
AHEAD = Ahead(
    online={"serving": "online"}, batch={"serving": "batch"}, hybrid={"serving": "hybrid"},
    keys=lambda design: N_PEOPLE, keys_are="people",
)  # fmt: skip
