"""What an interviewer asks about harmful content at each of the seven steps, and real messages as rows of counts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from core.cases.harmful_content.design import HarmfulContent
from core.cases.harmful_content.run import stages
from core.cases.harmful_content.sources import LINKEDIN, MEMES, MINILM, SPAM
from core.cases.harmful_content.world import MISSED_BY_REPORTS, POST_COLUMNS, WRONGLY_REPORTED
from core.contract.design import canonical
from core.contract.interview_spec import Claim, Column, Framing, Interview, InterviewStep, Sample

SHOWN = 500
STOPS = {
    "clarify": InterviewStep(
        questions=(
            "Which kinds of harm are in scope, and must the reader be told which one it was?",
            "Is a post judged before anybody sees it, or may it be up for some minutes?",
            "How common is harm on the platform?",
            "How many reviewers are there, and what does one minute of theirs cost?",
            "Which is worse here: a harmful post that stays, or a harmless one that goes?",
        ),
        decision="What does the machine decide alone, what do people decide, and how fast?",
        knobs=("prevalence", "remove_at", "reviewers", "serving"),
        remarks=(
            Claim("The rarer harm is, the lower the precision of one and the same order of posts.", "H1"),
            Claim("A higher removal threshold never removes more harmless posts and never stops more harm.", "H4"),
            Claim("LinkedIn, quoted second-hand, runs one model before a post spreads and one after.", LINKEDIN.title),
        ),
        pitfalls=(
            "Precision from a balanced test set promised for a platform with 2 % harm.",
            "Counting posts where views are what harms.",
            "No way to appeal, so wrongful removals are never seen.",
        ),
    ),
    "frame": InterviewStep(
        questions=(
            "One model for “harmful”, one for each kind, or one network with a head for each?",
            "Text and picture are harmless alone and harmful together: which fusion sees it?",
            "Is it classification at all, or an order for the reviewers?",
            "What would one model for everything fail to explain to the author of a post?",
        ),
        decision="Early or late fusion, and separate or shared models for the kinds of harm?",
        knobs=("fusion", "heads", "planted", "related"),
        remarks=(
            Claim("Where only text and picture together do harm, early fusion sees it and late fusion does not.",
                   "H2"),
            Claim("On Hateful Memes, quoted second-hand, early fusion beats late fusion and people beat both.",
                   MEMES.title),
            Claim("Sharing a layer with unrelated tasks costs the kind of harm that has few labels.", "H3b"),
        ),
        pitfalls=(
            "Early fusion paid for where no post needs it.",
            "A shared layer whose tasks pull in different directions.",
            "Kinds that overlap treated as exclusive.",
        ),
    ),
    "data": InterviewStep(
        questions=(
            "Who labels, and how often do two labellers agree?",
            "User reports are many and cheap: what is wrong with them?",
            "Senders change their wording every week: how do you split?",
            "How do you keep copies of one message from lying on both sides of the split?",
            "How much of the harm is a near copy of known harm?",
        ),
        decision="Which labels teach, which judge, and how old may the newest training post be?",
        knobs=("reports", "order", "age_d", "match", "similarity"),
        remarks=(
            Claim("Labels from user reports make a worse model.", "H7"),
            Claim("Judged by reports, the same verdicts look worse than they are.", "H7b"),
            Claim("The posts are 6,046 e-mails of 2001 and 2002 with names and addresses masked.", SPAM.title),
        ),
        pitfalls=(
            "A campaign on both sides of a random split: the model remembers it and looks good.",
            "Test labels from the same reports that taught the model.",
            "Only removed posts reviewed, so misses never become labels.",
            "A server's name as a feature: it tells which archive the message came from.",
        ),
    ),
    "model": InterviewStep(
        questions=(
            "What is the cheapest model worth shipping, and what does it miss?",
            "When does a sentence encoder beat counted words?",
            "How do you get an encoder into the time of an inline verdict?",
            "Which metadata helps, and which of it can the sender forge?",
        ),
        decision="What reads the text, how large is it, and what else is read beside it?",
        knobs=("model", "fusion", "bits", "dim", "weights"),
        remarks=(
            Claim("On these messages hashed words beat the sentence encoder.", "H11"),
            Claim("The distilled encoder keeps most of MiniLM's quality for a fraction of the work.", "H8"),
            Claim("MiniLM is served in eight bits here, and a table of word pieces is distilled from it.",
                   MINILM.title),
        ),
        pitfalls=(
            "A word list: senders spell around it and harmless posts quote it.",
            "Too few hash places, so that harmless and harmful words share one.",
            "A large encoder chosen on a public benchmark and not on the own posts.",
        ),
    ),
    "training": InterviewStep(
        questions=(
            "Which metric at a prevalence of 2 %, and why not ROC AUC?",
            "Training holds far more harm than the platform: what happens to the probabilities?",
            "How do you pick the removal threshold?",
            "Would twice as many labelled messages find more harm, and what would they cost?",
            "How do you judge a kind of harm with few labels?",
        ),
        decision="Which metric, at which prevalence, picks the model and the threshold?",
        knobs=("remove_at", "prevalence", "learnt_from", "heads", "order"),
        remarks=(
            Claim("More messages to learn from find more harm, and the last doubling still pays.", "H13"),
            Claim("Shuffling old and new messages makes naive Bayes and trees look better than they are.", "G15"),
            Claim("Heads on a shared layer find more of a kind with few labels where the tasks are related.", "H3"),
        ),
        pitfalls=(
            "Probabilities not moved to the platform's prevalence before a threshold is set.",
            "A threshold tuned on the test posts.",
            "One average over all kinds, in which the rare kind disappears.",
        ),
    ),
    "serving": InterviewStep(
        questions=(
            "What runs before the post appears, and what may run minutes later?",
            "Which share of posts reaches the dear model?",
            "What does a later verdict cost in views?",
            "How do you find a near copy among millions of known harmful posts?",
            "In which order do reviewers take the queue?",
        ),
        decision="Inline, a cascade, a later heavy pass, or a nightly job?",
        knobs=("serving", "first", "band", "delay_min", "refresh_h", "match", "queue"),
        remarks=(
            Claim("A cascade costs its first pass, and the main model only for what is passed on.", "H6"),
            Claim("The later the verdict, the more harmful views, at one and the same accuracy.", "H9"),
            Claim("With few reviewers, reach and severity first stops more than oldest first.", "H5b"),
        ),
        pitfalls=(
            "A first pass that drops what only the main model could have found.",
            "A queue that grows faster than the reviewers read.",
            "Copies of known harm sent through the dear model again and again.",
        ),
    ),
    "monitoring": InterviewStep(
        questions=(
            "You removed less this week: is there less harm or is the model blind?",
            "How do you estimate the harm that nobody found?",
            "What tells you first that senders have changed their wording?",
            "Which share of removals is overturned, and how do you read that number?",
        ),
        decision="Which sample is labelled every day, and what triggers a new training?",
        knobs=("age_d", "review_at", "reviewers", "remove_at"),
        remarks=(
            Claim("A text model that is two weeks older finds less.", "G12"),
            Claim("More reviewers never let more harm through, but one more soon brings little.", "H5"),
            Claim("Near copies catch far more known harm than exact ones, and hardly a harmless post.", "H10"),
        ),
        pitfalls=(
            "Prevalence estimated from reports alone.",
            "The share found proactively as a target: it rises when nobody reports.",
            "Senders testing the threshold with small changes of one message.",
        ),
    ),
}  # fmt: skip


def _framed(label: str, words: str, **choices: str) -> Framing:
    return Framing(label, words, lambda design: canonical(replace(design, **choices)))


FRAMINGS = (
    _framed(
        "Two models added up, kinds on a shared layer",
        "In: text, and metadata apart. Out: P(harm) from the sum of two models, and P(kind) from heads on one layer; "
        "cross-entropy for each.",
        fusion="late", heads="shared",
    ),
    _framed(
        "One model over everything, kinds on a shared layer",
        "In: text and metadata together. Out: P(harm) from one model that sees their combinations, and P(kind) from "
        "heads on one layer.",
        fusion="early", heads="shared",
    ),
    _framed(
        "Two models added up, one model a kind",
        "As the first, with a classifier of its own for each kind of harm: three times the weights, nothing shared.",
        fusion="late", heads="separate",
    ),
)  # fmt: skip
CAPITALS, ANSWERS = "share of capitals", "answers a message"
COLUMNS = (
    Column("post", "int", low=0, unique=True),
    Column("hour", "float", 0.0, 17_520.0),  # of 2001 and 2002
    Column("words", "int", 0, 1_000),  # the file counts no further
    Column("links", "int", 0, 1_000),
    Column("HTML", "int", 0, 1),
    Column(CAPITALS, "float", 0.0, 1.0),
    Column(ANSWERS, "int", 0, 1),
    Column("harmful", "int", 0, 1),
)


def sample(design: HarmfulContent, seed: int) -> Sample:
    """Posts that are learnt from, calibrated on or judged, at most 500, in the order in which they came."""
    posts = stages(design, seed)["learnt"].value
    used = np.sort(posts.used)
    chosen = used[np.unique(np.linspace(0, len(used) - 1, SHOWN).astype(int))]
    facts = posts.columns[:, [POST_COLUMNS.index(name) for name in ("words", "links", "HTML", CAPITALS, ANSWERS)]]
    return Sample(
        rows=tuple(
            dict(zip((c.name for c in COLUMNS), (row, float(posts.hour[row]), int(words), int(links), int(html),
                                                 float(capitals), int(answers), int(posts.harmful[row])), strict=True))
            for row, (words, links, html, capitals, answers) in zip(chosen.tolist(), facts[chosen], strict=True)
        ),
        columns=COLUMNS,
        split={"training": len(posts.train), "calibration": len(posts.valid), "test": len(posts.test)},
        labels="The corpus says of each message whether it is harmful. "
        + (f"{100 * design.reports:g} % of the training labels come from simulated user reports, which miss "
           f"{100 * MISSED_BY_REPORTS:g} % of harm and accuse {100 * WRONGLY_REPORTED:g} % of the harmless; the test "
           "keeps the true ones." if design.reports else "Nobody's report teaches here."),
        leakage="Names, addresses and rare words are masked. "
        + ("Every test message came after every training message." if design.order == "real"
           else "Here messages are shuffled, so a campaign lies on both sides of the split."),
        spoil=spoil,
    )  # fmt: skip


def spoil(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows as a broken feed would bring them: per cents for shares, seconds for hours, sent twice, no words."""
    spoilt = [dict(row) for row in rows]
    for row in spoilt[::5]:
        row[CAPITALS] = 100 * row[CAPITALS] + 1.5
    for row in spoilt[1::5]:
        row["hour"] *= 3_600
    for row in spoilt[2::5]:
        row["words"] = None
    for before, row in zip(spoilt[2::5], spoilt[3::5], strict=False):
        row["post"] = before["post"]
    return spoilt


INTERVIEW = Interview(STOPS, FRAMINGS, sample, guardrail="wronged", curve_knob="learnt_from")
