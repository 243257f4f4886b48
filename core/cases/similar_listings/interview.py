"""How similar listings can be framed, and sessions over real homes; the words are in interview.toml."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from core.cases.similar_listings.data.log import taught_by
from core.cases.similar_listings.data.world import LEARN_DAYS, World
from core.cases.similar_listings.design import SimilarListings
from core.cases.similar_listings.pipeline import stages
from core.contract.design import canonical
from core.contract.interview_spec import Column, Sample
from core.contract.words import load_interview, load_sources
from core.datasets.listings import Listings
from core.stages.serve import snapshot_age_h

SHOWN = 500
FRAMINGS = {
    "sessions": lambda design: canonical(replace(design, model="skipgram")),
    "counts": lambda design: canonical(replace(design, model="coclick")),
    "attributes": lambda design: canonical(replace(design, model="attributes")),
}


def sample(design: SimilarListings, seed: int) -> Sample:
    """Sessions that the model learns from, at most 500, oldest first, each with the last home that was looked at."""
    steps = stages(design, seed)
    world, listings = steps["world"].value, steps["listings"].value
    past, age_days = world.past, snapshot_age_h(24 * design.retrain_days) / 24
    used = taught_by(past, age_days, design.learnt_from, seed)
    used = used[np.argsort(-past.age_days[used], kind="stable")]
    chosen = used[np.unique(np.linspace(0, len(used) - 1, SHOWN).astype(int))]
    learnt = len(steps["log"].value.booked)
    return Sample(
        rows=tuple(_row(world, listings, session) for session in chosen.tolist()),
        columns=_columns(world, listings, age_days),
        split={
            "sessions that teach": learnt,
            "of them with a booking": int((past.booked[used] >= 0).sum()),
            "guests who look now": len(world.now.booked),
        },
        labels="The home that a simulated guest books in the end, among those free on the dates.",
        leakage=f"Sessions that teach end {age_days:g} days before the guests who look now; what these book teaches "
        "nothing.",
        spoil=spoil,
    )


def _columns(world: World, listings: Listings, age_days: float) -> tuple[Column, ...]:
    return (
        Column("session", "int", 0, len(world.past.booked) - 1, unique=True),
        Column("days ago", "float", age_days, age_days + LEARN_DAYS),
        Column("clicks", "int", 1, world.past.clicks.shape[1]),
        Column("last home", "int", 0, len(listings.price) - 1),
        Column("market", "str", allowed=listings.market_names),
        Column("type", "str", allowed=listings.kind_names),
        Column("price", "float", float(listings.price.min()), float(listings.price.max())),
        Column("booked", "int", 0, 1),
    )


def _row(world: World, listings: Listings, session: int) -> dict[str, Any]:
    clicks = world.past.clicks[session]
    home = int(clicks[clicks >= 0][-1])
    return {
        "session": session, "days ago": float(world.past.age_days[session]), "clicks": int((clicks >= 0).sum()),
        "last home": home, "market": listings.market_names[listings.market[home]],
        "type": listings.kind_names[listings.kind[home]], "price": float(listings.price[home]),
        "booked": int(world.past.booked[session] >= 0),
    }  # fmt: skip


def spoil(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows as a broken feed would bring them: prices in cents, an unknown market, tomorrow's clicks, doubles."""
    spoilt = [dict(row) for row in rows]
    for row in spoilt[::6]:
        row["price"] *= 100
    for row in spoilt[1::6]:
        row["market"] = "unknown"
    for row in spoilt[2::6]:
        row["days ago"] = -1.0
    for row in spoilt[3::6]:
        row["last home"] = None
    return [*spoilt, *(dict(row) for row in spoilt[4::12])]


SOURCES, PUBLISHED = load_sources(__file__)
INTERVIEW = load_interview(__file__, SimilarListings, SOURCES, FRAMINGS, sample)
