"""What an interviewer asks about video recommendation at each of the seven steps, and real ratings of its log."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from core.cases.video_recommendation.design import VideoRecommendation
from core.cases.video_recommendation.run import stages
from core.cases.video_recommendation.sources import EXPLORE, FILMS, MMR, MOVIELENS, RENDLE
from core.cases.video_recommendation.world import CUTS, LIKED, World
from core.contract.design import canonical
from core.contract.interview_spec import Claim, Column, Framing, Interview, InterviewStep, Sample

SHOWN = 500
STOPS = {
    "clarify": InterviewStep(
        questions=(
            "What counts as a good video: a click, a minute watched, or a like?",
            "How many videos are there, and how many new ones come each day?",
            "Must the list react to what the person watched a minute ago?",
            "How many visitors have hardly any history?",
            "May a video that was watched before be shown again?",
        ),
        decision="Which signal is the goal, and how fresh must a list be?",
        knobs=("goal", "serving", "cold_share"),
        remarks=(
            Claim("Of the lists a nightly job would write for everybody, fewer than one in a hundred is ever read.",
                   "R7b"),
            Claim("MovieLens has stars and seconds, and no minutes watched: likes stand in for them here.",
                   MOVIELENS.title),
        ),
        pitfalls=(
            "Clicks taken as the goal: a misleading thumbnail wins them.",
            "People without history planned for at the end.",
            "The 200 ms of the page given to the ranker alone.",
        ),
    ),
    "frame": InterviewStep(
        questions=(
            "Why not score every video with the best model you have?",
            "What is each stage optimised for, and what measures it alone?",
            "Does the ranker see one video at a time or the whole list?",
            "Where do rules such as variety go: into the loss or after the ranker?",
        ),
        decision="One stage that retrieves and orders, or a cheap stage that feeds a dear one?",
        knobs=("source", "ranker", "candidates", "diversity"),
        remarks=(
            Claim("No ranker beats the best order of its candidates, for no request.", "R2"),
            Claim("Instagram Explore's funnel in 2019, quoted second-hand: 500 → 150 → 50 → 25.", EXPLORE.title),
        ),
        pitfalls=(
            "The first stage judged by nDCG@10 instead of recall at the number it passes on.",
            "A ranker trained on random negatives that then has to order hard candidates.",
            "A similarity that no index can search, chosen for the first stage.",
        ),
    ),
    "data": InterviewStep(
        questions=(
            "Where do negatives come from if people only rate what they watched?",
            "How do you split: by time, by person, or at random?",
            "What is known of a video on its first day?",
            "A few films have most of the likes: what does that do to sampled negatives?",
            "Whose ratings train the ranker, if the sources have seen them all?",
        ),
        decision="What is a positive, and what may training know of the time after it?",
        knobs=("split", "dates", "popularity", "goal"),
        remarks=(
            Claim("A random split makes the same design look better than a split by time.", "G15"),
            Claim("With the dates shuffled nothing drifts, and the random split flatters far less.", "G15-flip"),
            Claim("Directors, cast and countries are known for films with 93 % of the ratings.", FILMS.title),
        ),
        pitfalls=(
            "“Not watched” read as “not liked”: most films were never seen.",
            "A person's later ratings in the profile that predicts the earlier ones.",
            "Counts of likes taken over the whole log, test years included.",
            "The ranker taught on people whose likes the sources were fitted to.",
        ),
    ),
    "model": InterviewStep(
        questions=(
            "Which source works for somebody with two likes?",
            "Why a dot product and not a network over both vectors?",
            "What does in-batch sampling do to popular films, and how do you take it back?",
            "Which features can the ranker have that the first stage cannot?",
            "How many numbers per film are enough?",
        ),
        decision="Which source proposes, and which model puts its candidates in order?",
        knobs=("source", "logq", "dim", "ranker", "trees", "popular"),
        remarks=(
            Claim("For newcomers the two towers find more than matrix factorisation.", "R8"),
            Claim("The logQ correction lifts the recall of the two towers.", "R3"),
            Claim("Properly tuned matrix factorisation does better than neural collaborative filtering.",
                   RENDLE.title),
        ),
        pitfalls=(
            "One source for all: warm and new people need different ones.",
            "A correction for popularity left in where no film is more popular.",
            "Places kept for the most liked films that crowd out everything else.",
        ),
    ),
    "training": InterviewStep(
        questions=(
            "What do you measure before a live test, and what can it not tell you?",
            "How is the first stage tested alone?",
            "Where does more capacity stop paying?",
            "How many requests does the test hold, and which gain can it show?",
        ),
        decision="How much capacity, and which offline figure stops the training?",
        knobs=("dim", "trees", "candidates", "ranker"),
        remarks=(
            Claim("More trees make better chances, by less and less.", "R5"),
            Claim("More candidates lift the final list less and less.", "R1"),
            Claim("A plain product of ALS vectors beats a network over the same vectors.", "R4"),
        ),
        pitfalls=(
            "A gain in the ranker's log loss taken for a gain in the list.",
            "A source tuned on the people it is judged by.",
            "Newcomers and known people averaged: one may lose while the mean rises.",
        ),
    ),
    "serving": InterviewStep(
        questions=(
            "What is computed ahead and what at the request?",
            "How many candidates can the ranker take within the bound?",
            "What does somebody get who signed up since the last refresh?",
            "When does an index pay over comparing with every film?",
        ),
        decision="Finished lists ahead, the funnel at the request, or stored candidates ranked now?",
        knobs=("serving", "refresh_h", "candidates", "index", "effort", "precision"),
        remarks=(
            Claim("The candidates of a weekly store hold fewer of the films that people go on to like.", "G12"),
            Claim("The films that must be ranked are as many as are passed on.", "R1b"),
            Claim("A plain product is found by an index; a network over pairs must score every film.", "R4b"),
        ),
        pitfalls=(
            "A store written for everybody of which almost nothing is read.",
            "Item vectors and user vectors from two different trainings.",
            "A film watched since the refresh, shown again.",
        ),
    ),
    "monitoring": InterviewStep(
        questions=(
            "Likes per list stay level while fewer different films are shown: is that a problem?",
            "How do you notice that the first stage got worse while the ranker hides it?",
            "A new film gets no displays: how does it ever get likes?",
            "Which groups of people do you watch apart?",
        ),
        decision="Which figure may not fall while the list gets better?",
        knobs=("diversity", "popular", "refresh_h"),
        remarks=(
            Claim("More diversity shows more different films and fewer that are liked.", "R6"),
            Claim("Keeping places for the most liked films narrows what is proposed to anybody.", "R10b"),
            Claim("Maximal marginal relevance trades likeness among the chosen against relevance.", MMR.title),
        ),
        pitfalls=(
            "A loop: the model learns from displays that it chose itself.",
            "Recall of candidates not logged, so nobody can say which stage failed.",
            "A rise in views with fewer likes reported as a success.",
        ),
    ),
}  # fmt: skip


FRAMINGS = (
    Framing(
        "Retrieve, then rank",
        "In: a person's likes. Out: candidates by the source, ordered by boosted trees' P(like) over features of film "
        "and person; cross-entropy for the second stage.",
        lambda design: canonical(replace(design, ranker="gbdt")),
    ),
    Framing(
        "Retrieve only",
        "In: a person's likes. Out: the films that the source itself scores highest; one model, its own loss, no "
        "second stage.",
        lambda design: canonical(replace(design, ranker="none")),
    ),
)
GENRES = (
    "Action", "Adventure", "Animation", "Children", "Comedy", "Crime", "Documentary", "Drama", "Fantasy", "Film-Noir",
    "Horror", "IMAX", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western", "none given",
)  # fmt: skip


def sample(design: VideoRecommendation, seed: int) -> Sample:
    """Ratings that the last training learnt from, at most 500 over its years, in order of time."""
    world = stages(design, seed)["world"].value
    log = world.eras[-1].log
    chosen = np.unique(np.linspace(0, len(log.user) - 1, SHOWN).astype(int))
    requests = sum(len(era.requests) for era in world.eras)
    return Sample(
        rows=tuple(_row(world, row) for row in chosen.tolist()),
        columns=_columns(None if design.split == "random" else CUTS[-1] - 1, world.n_users, world.n_films),
        split={
            "ratings, last training": len(log.user),
            "practice requests, for the ranker": sum(len(era.practice) for era in world.eras),
            "requests judged": requests,
        },
        labels=f"A like is a rating of {LIKED:g} stars or more by the person; any rating counts as watched.",
        leakage="Here a random split: ratings of later years teach, and people who ask are in the log but for what is "
        "to be foreseen."
        if design.split == "random"
        else "Each training ends before the first request that it serves; people who ask are in no log that taught.",
        spoil=spoil,
    )  # fmt: skip


def _columns(last_second: int | None, people: int, films: int) -> tuple[Column, ...]:
    return (
        Column("rating", "str", unique=True),
        Column("second", "int", 788_918_400, last_second),  # from 1995
        Column("person", "int", 0, people - 1),
        Column("film", "int", 0, films - 1),
        Column("film year", "int", 0, 2016),
        Column("first genre", "str", allowed=GENRES),
        Column("stars", "float", 0.5, 5.0),
    )


def _row(world: World, row: int) -> dict[str, Any]:
    log = world.eras[-1].log
    person, film = int(log.user[row]), int(log.film[row])
    genre = world.genres[film].split(", ")[0]
    return {
        "rating": f"{person}-{film}", "second": int(log.second[row]), "person": person, "film": film,
        "film year": int(world.year[film]), "first genre": genre if genre in GENRES else "none given",
        "stars": float(log.stars[row]),
    }  # fmt: skip


def spoil(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows as a broken feed would bring them: stars out of 100, milliseconds, a genre never seen, sent twice."""
    spoilt = [dict(row) for row in rows]
    for row in spoilt[::5]:
        row["stars"] *= 20
    for row in spoilt[1::5]:
        row["second"] *= 1_000
    for row in spoilt[2::5]:
        row["first genre"] = "Shorts"
    for row in spoilt[3::5]:
        row["stars"] = None
    return [*spoilt, *(dict(row) for row in spoilt[4::20])]


INTERVIEW = Interview(STOPS, FRAMINGS, sample, guardrail="diversity", curve_knob="trees")
