"""What an interviewer asks about event recommendation at each of the seven steps, and rows of its log."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from core.cases.event_recommendation.design import EventRecommendation
from core.cases.event_recommendation.features import LEARN_DAYS, SPAN, sampled
from core.cases.event_recommendation.places import kilometres
from core.cases.event_recommendation.run import stages
from core.cases.event_recommendation.sources import INTERVIEW as NOTES
from core.cases.event_recommendation.sources import LAMBDA, MACEDO, SIMULATOR
from core.cases.event_recommendation.world import BEGUN_H, NOW, World
from core.contract.design import canonical
from core.contract.interview_spec import Claim, Column, Framing, Interview, InterviewStep, Sample

SHOWN = 500
STOPS = {
    "clarify": InterviewStep(
        questions=(
            "What is the goal: a view, a registration, or somebody who really comes?",
            "How far ahead are events announced, and how long do they stay open?",
            "How far do people travel for an event?",
            "Are friends known, and may we say who is going?",
            "Do tickets cost money, and can an event be full?",
        ),
        decision="Which events are eligible for a person: how far away, how far ahead, and not begun?",
        knobs=("radius", "horizon", "expired"),
        remarks=(
            Claim("The interview's scale: a million events a month, 100 million people a day, 200 ms.", NOTES.title),
            Claim("With the filter at the request, no event that has begun is ever shown.", "E8"),
        ),
        pitfalls=(
            "Views as the goal: far events in famous places win them.",
            "One radius for the city and the countryside.",
            "Full events left in the list.",
        ),
    ),
    "frame": InterviewStep(
        questions=(
            "Why is every event a cold item?",
            "A chance for each event by itself, or an order learnt from whole lists?",
            "What does a list-wise loss buy, and what does it lose?",
            "Where would you need the chance itself and not just the order?",
        ),
        decision="Pointwise chance of a registration, or an order learnt from pairs in a list?",
        knobs=("model", "negatives", "correct"),
        remarks=(
            Claim("LambdaMART learns from pairs within a list.", LAMBDA.title),
            Claim("A formula puts the negatives back, without a change of order.", "E6b"),
            Claim("Matrix factorisation stays near popularity: an event is over before it has a history.", "E1"),
        ),
        pitfalls=(
            "Collaborative filtering first: nobody has been to an event that has not taken place.",
            "Scores of a list-wise model shown as chances.",
            "Negatives from events that the person was never shown.",
        ),
    ),
    "data": InterviewStep(
        questions=(
            "“Forty people are going”: as of when was that counted?",
            "An event was shown and not registered for: is that a no?",
            "How do you split when all events of next week are new?",
            "What is known of a person who has never registered?",
            "How do you keep an event's guests from telling that it became popular?",
        ),
        decision="Which rows teach, how many negatives stay, and as of when is each count?",
        knobs=("negatives", "lag_h", "judged", "life_days"),
        remarks=(
            Claim("A random split looks better than a split by time: counts leak from the future.", "E7"),
            Claim("Counts that come late lower mAP.", "E5"),
            Claim("Nobody publishes who attends what: homes, events and registrations are simulated.",
                   SIMULATOR.title),
        ),
        pitfalls=(
            "Counts of guests taken at the end of the log.",
            "Time zones: an event at nine in the evening stored as seven.",
            "A place geocoded to the middle of the country.",
            "A series of events on both sides of the split.",
        ),
    ),
    "model": InterviewStep(
        questions=(
            "Which ten features do you start with?",
            "Why does distance hurt logistic regression, and how do you mend it without trees?",
            "What do friends add that taste and place do not?",
            "What can the model say about an event without a single guest?",
        ),
        decision="Which ranker over which groups of features?",
        knobs=("model", "features", "compression"),
        remarks=(
            Claim("Leaving out place, time or friends each lowers mAP.", "E2"),
            Claim("Buckets and crosses bring logistic regression more than half of the way to trees.", "E3"),
            Claim("On Meetup, learning to rank over content, social, place and time beats factorisation.",
                   MACEDO.title),
        ),
        pitfalls=(
            "Trees where everything counts in proportion: plain regression is no worse there.",
            "An event's number as a feature: it is new every time.",
            "“Friends going” for people whose friends are not on the platform.",
        ),
    ),
    "training": InterviewStep(
        questions=(
            "Which metric when several events are right and the list has twenty places?",
            "You kept four negatives for each registration: what changed, the order or the level?",
            "How do you choose between two rankers that differ by one point of mAP?",
            "How do you measure the ceiling that the filter sets?",
            "Would twice the log be worth waiting for?",
        ),
        decision="How much of the log, how many negatives, which metric, and on which later evening is it judged?",
        knobs=("learnt_from", "negatives", "correct", "judged", "radius"),
        remarks=(
            Claim("Fewer negatives shift the chances and barely touch the order.", "E6"),
            Claim("No ranker finds what the filter left out: mAP never exceeds the ceiling.", "G4"),
            Claim("More visits to learn from rank better, and the last doubling still pays.", "E9"),
        ),
        pitfalls=(
            "A ranker blamed for what the radius left out.",
            "One evening taken for all: Thursdays are not Sundays.",
            "mAP over people who would go to nothing.",
        ),
    ),
    "serving": InterviewStep(
        questions=(
            "In which order do filter, features and ranker run, and what does each cost?",
            "Which features may come from a nightly table, and which must be streamed?",
            "How do you find all events within 50 km in a millisecond?",
            "A list was made this morning: what must be checked before it is shown?",
        ),
        decision="Rank at the request, read lists made ahead, or put stored events in a new order?",
        knobs=("serving", "refresh_h", "lag_h", "radius", "horizon"),
        remarks=(
            Claim("The tree of places finds exactly the events that a full scan finds.", "G3"),
            Claim("The older the stored lists, the worse they are.", "G12"),
            Claim("Putting stored events in order at the request wins back some or all of what batch loses.", "B1"),
        ),
        pitfalls=(
            "Stored lists without the events announced since.",
            "A count that was streamed in training and is a day old in serving.",
            "A radius that returns three events in the country and three thousand in the city.",
        ),
    ),
    "monitoring": InterviewStep(
        questions=(
            "Registrations fall in one city: is it the model or the season?",
            "The stream of counts stops: what happens to the lists?",
            "How often do you train, and what does an old ranker lose?",
            "How do new hosts ever get their first guest?",
        ),
        decision="What must never be shown, and which figure says that the ranker is old?",
        knobs=("retrain_days", "expired", "drift"),
        remarks=(
            Claim("Where fashions drift, an old ranker ranks worse.", "G12b"),
            Claim("With streaming counts no full event is shown; with late ones some are.", "E5c"),
            Claim("Where nothing drifts, the age of the ranker costs little.", "G12-flip"),
        ),
        pitfalls=(
            "An average over cities, in which a small one can fail unseen.",
            "Popular hosts that take all first places.",
            "A holiday read as drift.",
        ),
    ),
}  # fmt: skip


def _framed(label: str, words: str, model: str) -> Framing:
    return Framing(label, words, lambda design: canonical(replace(design, model=model)))


FRAMINGS = (
    _framed(
        "A chance for each event",
        "In: person, event and hour. Out: P(register) from boosted trees over single rows; cross-entropy.",
        "gbdt",
    ),
    _framed(
        "An order learnt from lists",
        "The same input. Out: a score from LambdaMART, whose loss counts pairs within one visit's list by what a swap "
        "does to nDCG.",
        "lambdamart",
    ),
    _framed(
        "Factors of past registrations",
        "In: who registered for what. Out: the product of a person's and an event's vector; squared error, weighted.",
        "mf",
    ),
)
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
        + {"random": "Here visits are split at random and counts run to the end of the log: they leak.",
           "later": "The test is the last week before the evening.",
           "evening": "The test is the evening after all that teaches."}[design.judged],
        spoil=spoil,
    )  # fmt: skip


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


INTERVIEW = Interview(STOPS, FRAMINGS, sample, guardrail="begun@10", curve_knob="learnt_from")
