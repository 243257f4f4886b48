"""How event recommendation can be framed, and rows of its log; the words are in interview.toml."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from core.cases.event_recommendation.data.places import kilometres
from core.cases.event_recommendation.data.world import BEGUN_H, NOW, World
from core.cases.event_recommendation.design import EventRecommendation
from core.cases.event_recommendation.features.counts import SPAN
from core.cases.event_recommendation.features.rows import LEARN_DAYS, sampled
from core.cases.event_recommendation.pipeline import stages
from core.contract.design import canonical
from core.contract.interview_spec import Column, Sample
from core.contract.words import load_interview, load_sources

SHOWN = 500
FRAMINGS = {
    "chance": lambda design: canonical(replace(design, model="gbdt")),
    "order": lambda design: canonical(replace(design, model="lambdamart")),
    "factors": lambda design: canonical(replace(design, model="mf")),
}
AWAY, LEFT, SINCE = "kilometres", "hours left", "hours since announced"


def sample(design: EventRecommendation, seed: int) -> Sample:
    """Events as they were shown in the weeks that the log may teach from, at most 500, by hour."""
    steps = stages(design, seed)
    world, taught = steps["world"].value, sampled(steps["rows"].value, design.learnt_from, seed)
    there = np.flatnonzero((world.log.hour < NOW) & (world.log.hour >= NOW - 24 * LEARN_DAYS))
    keys = (world.log.person * len(world.events.host) + world.log.event) * SPAN + world.log.hour
    there = np.sort(there[np.unique(keys[there], return_index=True)[1]])  # within an hour nothing is shown twice
    chosen = there[np.unique(np.linspace(0, len(there) - 1, SHOWN).astype(int))]
    return Sample(
        rows=tuple(_row(world, row) for row in chosen.tolist()),
        columns=_columns(36 * design.life_days + 48),
        split={
            "rows that teach": len(taught.y),
            "of them registrations": int(taught.y.sum()),
            "people who ask": len(world.people.city),
            "open events": len(world.requests.open),
        },
        labels="A simulated person who was shown the event registered for it; the truth of the evening is drawn from "
        "the chances of the simulator.",
        leakage="Counts are taken as of the moment an event was shown. "
        + {
            "random": "Here visits are split at random and counts run to the end of the log: they leak.",
            "later": "The test is the last week before the evening.",
            "evening": "The test is the evening after all that teaches.",
        }[design.judged],
        spoil=spoil,
    )


def _columns(longest_h: int) -> tuple[Column, ...]:
    return (
        Column("shown", "str", unique=True),
        Column("hour", "int", 0, NOW - 1),
        Column(AWAY, "float", 0.0, 500.0),
        Column("price (€)", "float", 0.0, 200.0),
        Column(LEFT, "int", -BEGUN_H, longest_h),
        Column(SINCE, "int", 0, longest_h + BEGUN_H),
        Column("begins at", "int", 0, 23),
        Column("registered", "int", 0, 1),
    )


def _row(world: World, row: int) -> dict[str, Any]:
    log, events = world.log, world.events
    person, event, hour = int(log.person[row]), int(log.event[row]), int(log.hour[row])
    away = kilometres(world.people.xy[person], events.xy[event])
    return {
        "shown": f"{person}-{event}-{hour}", "hour": hour, AWAY: float(away), "price (€)": float(events.price[event]),
        LEFT: int(events.start[event]) - hour, SINCE: hour - int(events.posted[event]),
        "begins at": int(events.hour[event]), "registered": int(log.registered[row]),
    }  # fmt: skip


def spoil(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows as a broken feed would bring them: metres, events not yet announced, no price, sent twice."""
    spoilt = [dict(row) for row in rows]
    for row in spoilt[::6]:
        row[AWAY] = 1_000 * (row[AWAY] + 1)
    for row in spoilt[1::6]:
        row[SINCE] = -24
    for row in spoilt[2::6]:
        row["price (€)"] = None
    for row in spoilt[3::6]:
        row["hour"] += NOW
    return [*spoilt, *(dict(row) for row in spoilt[4::12])]


SOURCES, PUBLISHED = load_sources(__file__)
INTERVIEW = load_interview(__file__, EventRecommendation, SOURCES, FRAMINGS, sample)
