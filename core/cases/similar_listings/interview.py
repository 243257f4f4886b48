"""What an interviewer asks about similar listings at each of the seven steps, and sessions over real homes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from core.cases.similar_listings.design import SimilarListings
from core.cases.similar_listings.models import taught_by
from core.cases.similar_listings.run import stages
from core.cases.similar_listings.sources import BERLIN, BLOG, EBR, WORD2VEC
from core.cases.similar_listings.world import LEARN_DAYS, World
from core.contract.design import canonical
from core.contract.interview_spec import Claim, Column, Framing, Interview, InterviewStep, Sample
from core.datasets.listings import Listings
from core.stages.serve import snapshot_age_h

SHOWN = 500
STOPS = {
    "clarify": InterviewStep(
        questions=(
            "Is the carousel there to keep the guest looking, or to get something booked?",
            "Must every home shown be free on the guest's dates?",
            "Does similar mean alike in place and price, or wanted by the same guests?",
            "How many homes are there, and how many are new each week?",
            "Do guests sign in, or is the present session all that is known?",
        ),
        decision="Clicks or bookings, which homes are eligible, and how much of the session may be used?",
        knobs=("free", "context", "serving"),
        remarks=(
            Claim("Airbnb's own figures: 4.5 million listings, more than 800 million sessions, 32 dimensions.",
                   BLOG.title),
            Claim("A store of 48 neighbours runs out of homes when few are free.", "L11"),
        ),
        pitfalls=(
            "Homes shown that are taken on the dates asked for.",
            "Clicks as the goal: dream homes win them and nobody books.",
            "The listing page held up until the carousel is there.",
        ),
    ),
    "frame": InterviewStep(
        questions=(
            "What is the sentence and what is the word, if you learn from sessions as from text?",
            "What do sessions know that attributes do not?",
            "How does a booking enter a loss that is made of clicks?",
            "Is it the same list for every guest who looks at this home?",
        ),
        decision="Likeness by attributes, by counts of clicks together, or by vectors learnt from sessions?",
        knobs=("model", "booked_context", "context"),
        remarks=(
            Claim("Sessions beat attributes where half of a guest's taste is what photos show.", "L10"),
            Claim("Attributes win where they tell all of a guest's taste.", "L10F"),
            Claim("Skip-gram with negative sampling was made for words and their neighbours.", WORD2VEC.title),
        ),
        pitfalls=(
            "A home that was clicked by mistake counted like one that was booked.",
            "Sessions of several trips joined into one.",
            "The home itself, or its twin by the same host, as the best neighbour.",
        ),
    ),
    "data": InterviewStep(
        questions=(
            "When does one session end and the next begin?",
            "How many clicks does the middle home have, and what about those with none?",
            "Which sessions may teach if the test is the next booking?",
            "A home is renovated: are its old clicks still about it?",
        ),
        decision="Which sessions teach, how old may they be, and what is a positive?",
        knobs=("booking", "turnover", "retrain_days", "window"),
        remarks=(
            Claim("Attributes win where a home has three clicks.", "L10K"),
            Claim("With one booking in twenty sessions the booked context has nothing to say.", "L2F"),
            Claim("The Berlin homes are real; guests and their sessions are simulated.", BERLIN.title),
        ),
        pitfalls=(
            "The booking that is to be foreseen inside the session that teaches.",
            "Crawlers' sessions: fifty homes in a minute.",
            "Prices of different currencies, or with and without cleaning.",
            "A position with longitude and latitude swapped.",
        ),
    ),
    "model": InterviewStep(
        questions=(
            "Why do plain negatives teach the model nothing but the city?",
            "Why should the booked home stand in every window?",
            "What vector does a home get that was listed this morning?",
            "How many numbers a home are enough?",
        ),
        decision="Which negatives, which windows, how many numbers, and what for a new home?",
        knobs=("market_negatives", "booked_context", "window", "dim", "cold_start"),
        remarks=(
            Claim("With same-market negatives, homes of one market are told apart better.", "L1"),
            Claim("Thirty-two numbers a home do as well as 128; four do not.", "L3"),
            Claim("Three alike homes nearby stand in for a new one: better than three at random, worse than its "
                   "clicks.", "L4"),
        ),
        pitfalls=(
            "Vectors whose length follows popularity, searched by inner product.",
            "The mean of three neighbours where place says nothing.",
            "Negatives that the guest would have booked.",
        ),
    ),
    "training": InterviewStep(
        questions=(
            "Which offline figure stands for a booking: rank of the booked home or recall at twelve?",
            "How do you show that the model learnt style and not just place?",
            "How do you test new homes apart?",
            "What does an oracle reach, and how far away are you?",
            "Would twice the sessions be worth waiting for?",
        ),
        decision="How many sessions teach, which figure is judged on which later bookings, and for which homes apart?",
        knobs=("learnt_from", "dim", "window", "market_negatives", "booked_context"),
        remarks=(
            Claim("The booked home in every window lifts it in the ranking when windows are narrow.", "L2"),
            Claim("No design captures more of the chance of a booking than the oracle.", "G4"),
            Claim("More sessions to learn from find more of what is booked; the last doubling still pays, but less "
                   "than the first.", "L12"),
        ),
        pitfalls=(
            "Neighbours that look right on a map: any model that learnt place does.",
            "Rank of the booked home averaged over markets of different size.",
            "New homes left out of the test because they have no clicks.",
        ),
    ),
    "serving": InterviewStep(
        questions=(
            "One index for all homes, one a market, or a filter on a graph?",
            "What happens to a graph search when two per cent of the homes pass the filter?",
            "What is in the nightly store, and what is done when the page opens?",
            "Homes change all day: which index takes that cheaply?",
        ),
        decision="Neighbours written every night, or searched now with the session; and where does the filter go?",
        knobs=("serving", "filter", "effort", "fetch", "context"),
        remarks=(
            Claim("A market is so small that comparing with all of it is cheap.", "L7"),
            Claim("The last three clicks say more than the last one, and the nightly store knows only one.", "L5"),
            Claim("Airbnb's search chose lists over a graph, for updates and filters, quoted second-hand.", EBR.title),
        ),
        pitfalls=(
            "Filtering after the search: twelve places and three homes.",
            "A home at a market's edge whose neighbours are in the next one.",
            "A store that shows what was taken off the platform.",
        ),
    ),
    "monitoring": InterviewStep(
        questions=(
            "How do you know that the carousel caused a booking?",
            "Which homes get worse first when training stops?",
            "Do new hosts get their share of places?",
            "What do you see when the calendar feed stops?",
        ),
        decision="How often to train, and which figure protects new homes while recall rises?",
        knobs=("retrain_days", "cold_start", "turnover"),
        remarks=(
            Claim("Where homes change, an old model finds less.", "G12"),
            Claim("A store never shows a home that was listed after it was written.", "L8N"),
            Claim("Airbnb gives a new listing the mean of three near ones of its type and price, quoted second-hand.",
                   BLOG.title),
        ),
        pitfalls=(
            "Old homes with many clicks that keep all places.",
            "A season that ends read as a model that got worse.",
            "Empty places filled with anything, so nobody notices the missing homes.",
        ),
    ),
}  # fmt: skip


def _framed(label: str, words: str, model: str) -> Framing:
    return Framing(label, words, lambda design: canonical(replace(design, model=model)))


FRAMINGS = (
    _framed(
        "Vectors from sessions",
        "In: sessions of clicks. Out: a vector a home, near where guests looked at both; the loss tells clicked "
        "neighbours from drawn homes.",
        "skipgram",
    ),
    _framed(
        "Counts of clicks together",
        "In: the same sessions. Out: for each pair of homes how often both were clicked, for how popular they are; "
        "nothing is trained, and pairs without a click go by attributes.",
        "coclick",
    ),
    _framed(
        "Likeness of attributes",
        "In: place, price, size, score and type. Out: how little two homes differ; no sessions, no loss, and a new "
        "home is like an old one.",
        "attributes",
    ),
)


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


INTERVIEW = Interview(STOPS, FRAMINGS, sample, guardrail="new recall@12", curve_knob="learnt_from")
