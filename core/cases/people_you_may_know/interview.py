"""What an interviewer asks about people you may know at each of the seven steps, and real links as rows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from core.cases.people_you_may_know.design import PeopleYouMayKnow
from core.cases.people_you_may_know.run import stages
from core.cases.people_you_may_know.sources import LINK_PREDICTION, OGB, OGB_OLD, TRUST
from core.cases.people_you_may_know.world import World
from core.contract.design import canonical
from core.contract.interview_spec import Claim, Column, Framing, Interview, InterviewStep, Sample

SHOWN = 500
STOPS = {
    "clarify": InterviewStep(
        questions=(
            "Is a link mutual, or does one person follow another?",
            "What counts as success: an invitation sent, or one that is accepted?",
            "How many people are there, and how many links does the median person have?",
            "Must a suggestion react to a link that was made a minute ago?",
            "Whom must we never suggest, and who may ask not to be suggested?",
        ),
        decision="Which event counts as a good suggestion, and how old may the list be?",
        knobs=("serving", "refresh_days"),
        remarks=(
            Claim("The older the store, the fewer of its suggestions become links.", "P9"),
            Claim("In the web of trust, a link says that one signed the other's key; people are numbers.",
                   TRUST.title),
        ),
        pitfalls=(
            "Invitations sent as the goal: they rise with annoying suggestions.",
            "A suggestion that gives away what a person wanted to keep private.",
            "Everybody treated as active, while most people never look.",
        ),
    ),
    "frame": InterviewStep(
        questions=(
            "Is this a ranking of people or a yes or no for each pair?",
            "A billion people give how many pairs, and how do you avoid scoring them?",
            "What must be learnt at all, if counting shared friends works?",
            "What is a negative: a stranger, or a friend of a friend who stayed one?",
        ),
        decision="A count of shared friends, or a trained score for each pair?",
        knobs=("candidates", "scorer", "negatives"),
        remarks=(
            Claim("No scorer finds more than the best order of its candidates.", "G4"),
            Claim("Friends of friends beat the best connected as candidates.", "P10"),
            Claim("Counting shared friends on co-authorship graphs, split by time, goes back to 2007.",
                   LINK_PREDICTION.title),
        ),
        pitfalls=(
            "All pairs treated as examples: nearly every one is a negative.",
            "A classifier judged by AUC when only the first ten places are seen.",
            "Candidates two hops away only: people with one link get almost none.",
        ),
    ),
    "data": InterviewStep(
        questions=(
            "How do you hold links back for a test?",
            "Which of a person's facts may be used, and what do they say beside the graph?",
            "Does a link made last month count like one of ten years ago?",
            "What do you do about people with two thousand links?",
            "Were past links made because an older version suggested them?",
        ),
        decision="Which links are held back, and what counts as a negative?",
        knobs=("split", "negatives", "half_life", "profile"),
        remarks=(
            Claim("Links held back at random are far easier to foresee than those of the next year.", "P7"),
            Claim("Random strangers flatter every scorer: against friends of friends its AUC falls clearly.", "P2"),
        ),
        pitfalls=(
            "Held-back links left in the graph from which features are counted.",
            "Links of later years used to count the shared friends of earlier ones.",
            "Negatives that are links the person makes next month.",
        ),
    ),
    "model": InterviewStep(
        questions=(
            "Why does a shared friend with many links say less?",
            "When would a graph network beat counting, and when not?",
            "What can the model say about somebody with a single link?",
            "How many layers does the network need, and what goes wrong with more?",
        ),
        decision="Count, factorise, train a graph network, or put trees on features of the pair?",
        knobs=("scorer", "embedding", "layers", "dim", "profile", "half_life"),
        remarks=(
            Claim("Counting shared friends beats a trained graph network on both real graphs.", "P5"),
            Claim("For people with one or two links the profile finds more.", "P5 new"),
            Claim("On another graph, papers that cite papers, networks win: it depends on the graph.",
                   OGB_OLD.title),
        ),
        pitfalls=(
            "A graph network chosen because it is new, without a count beside it.",
            "Too many layers: strangers look alike.",
            "A profile that stands for a protected group.",
        ),
    ),
    "training": InterviewStep(
        questions=(
            "Which offline metric matches ten places on a page?",
            "Two scorers swap places when the negatives change: which test do you believe?",
            "Would more past links make the model better, and how can you tell before you collect them?",
            "How many people must a test have to tell two scorers apart?",
            "How do you show results for people with few links?",
        ),
        decision="Which test decides: hits among ten on later links, or AUC against chosen strangers?",
        knobs=("negatives", "learnt_from", "split", "layers", "dim"),
        remarks=(
            Claim("More pairs make the trees suggest better, and the last doubling brings less than what came before.",
                   "P11"),
            Claim("Trees taught on random strangers look better among random strangers and suggest no better.",
                   "P2 training"),
            Claim("Resource allocation, which has no parameters, stands beside trained models on ogbl-ppa.",
                   OGB.title),
        ),
        pitfalls=(
            "A mean over links, which counts those with many links many times.",
            "Training pairs drawn from the same year as the test.",
            "A published rank on another graph taken as a rank on this one.",
        ),
    ),
    "serving": InterviewStep(
        questions=(
            "What does one walk over friends of friends cost for a person with a thousand links?",
            "For whom do you compute ahead?",
            "What does somebody see who comes back after a year?",
            "What has to be removed from a stored list at the request?",
            "Where do walks beat an index of vectors, and where not?",
        ),
        decision="At the request, ahead for everybody, or ahead for the active people only?",
        knobs=("serving", "active_share", "refresh_days", "hub_cap", "index", "effort"),
        remarks=(
            Claim("Closing hubs saves more than half the walking and keeps most of what is found.", "P3 cap"),
            Claim("Serving only the active ahead costs by their share, and changes nothing for them.", "P8"),
            Claim("People not in the store are better served by computing than by a list.", "P8 lazy"),
        ),
        pitfalls=(
            "One hub that makes a single request take as long as a thousand others.",
            "A stored person who is a friend by now, or has left.",
            "All stores refreshed in the same hour.",
        ),
    ),
    "monitoring": InterviewStep(
        questions=(
            "Accepted links fall: is it the model, the store or the season?",
            "How do you notice that the same few people are suggested to everybody?",
            "Which share of new links came from suggestions, and would they have come anyway?",
            "Which group of people do you watch apart?",
        ),
        decision="Which figure protects people with few links while the average rises?",
        knobs=("refresh_days", "active_share", "profile"),
        remarks=(
            Claim("Where shared friends mean nothing, an old store is as good as a new one.", "P9 flip"),
            Claim("Where like does not know like, the profile helps nobody.", "P5 flip"),
        ),
        pitfalls=(
            "Suggestions that close the graph: friends of friends become all that anybody sees.",
            "Ignored suggestions shown for weeks.",
            "Reported people still suggested from an old store.",
        ),
    ),
}  # fmt: skip


def _framed(label: str, words: str, **choices: str) -> Framing:
    return Framing(label, words, lambda design: canonical(replace(design, **choices)))


FRAMINGS = (
    _framed(
        "A count, nothing learnt",
        "In: two people's links. Out: the sum over shared friends of one over the logarithm of their links; no loss.",
        scorer="adamic_adar",
    ),
    _framed(
        "A trained yes or no for each pair",
        "In: counts and profile of a pair. Out: P(link) from boosted trees; cross-entropy against pairs that stayed "
        "strangers.",
        scorer="gbdt",
    ),
    _framed(
        "Vectors of people",
        "In: the whole graph. Out: a vector for each person, scored by dot product; the loss is that of the embedding.",
        scorer="embedding",
    ),
)  # fmt: skip


def sample(design: PeopleYouMayKnow, seed: int) -> Sample:
    """Links that are known today, at most 500 over the years, by day; people are numbers."""
    world = stages(design, seed).world.value
    chosen = np.argsort(world.day, kind="stable")[np.linspace(0, len(world.day) - 1, SHOWN).astype(int)]
    degree = np.bincount(world.pairs.ravel(), minlength=world.n)
    return Sample(
        rows=tuple(_row(world, degree, link) for link in chosen.tolist()),
        columns=_columns(world),
        split={
            "links known": len(world.pairs),
            "people asked about": len(world.users),
            "links to foresee": len(world.future_ids),
        },
        labels="A later link is a right suggestion; nobody is asked, and a pair without a link is a stranger.",
        leakage="Links to foresee are in no graph that is walked or learnt from. "
        + ("Here they are drawn from all years, so known links are often younger than they are."
           if world.shuffled else "All of them came after today."),
        spoil=spoil,
    )  # fmt: skip


def _columns(world: World) -> tuple[Column, ...]:
    ids, links = (0, world.n - 1), (1, world.n - 1)
    return (
        Column("link", "str", unique=True),
        Column("day", "int", 0, world.today - 1),  # since 1970, or since the first drawn day
        Column("person", "int", *ids),
        Column("other", "int", *ids),
        Column("links of the person", "int", *links),
        Column("links of the other", "int", *links),
        Column("domain ends in", "str", allowed=world.tld_names),
    )


def _row(world: World, degree: np.ndarray, link: int) -> dict[str, Any]:
    person, other = map(int, world.pairs[link])
    return {
        "link": f"{person}-{other}", "day": int(world.day[link]), "person": person, "other": other,
        "links of the person": int(degree[person]), "links of the other": int(degree[other]),
        "domain ends in": world.tld_names[world.tld[person]],
    }  # fmt: skip


def spoil(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows as a broken feed would bring them: seconds for days, a person lost, an unknown domain, sent twice."""
    spoilt = [dict(row) for row in rows]
    for row in spoilt[::6]:
        row["day"] = (row["day"] + 1) * 86_400
    for row in spoilt[1::6]:
        row["other"] = None
    for row in spoilt[2::6]:
        row["domain ends in"] = "localhost"
    for row in spoilt[3::6]:
        row["links of the person"] = 0
    return [*spoilt, *(dict(row) for row in spoilt[4::12])]


INTERVIEW = Interview(STOPS, FRAMINGS, sample, guardrail="hit@10", curve_knob="learnt_from")
