"""What an interviewer asks about video search at each of the seven steps, and queries with what they look for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from core.cases.video_search.asking import terms
from core.cases.video_search.design import VideoSearch, of_clips
from core.cases.video_search.run import stages
from core.cases.video_search.seeing import taught_things
from core.cases.video_search.sources import BIGANN, CLIP4CLIP, EMOJI, RRF
from core.cases.video_search.sources import INTERVIEW as BOOK
from core.cases.video_search.world import SEGMENTS, YEAR_H, Queries, Videos
from core.contract.design import canonical
from core.contract.interview_spec import Claim, Column, Framing, Interview, InterviewStep, Sample

SHOWN = 500
STOPS = {
    "clarify": InterviewStep(
        questions=(
            "Does the person look for one known video, or for anything on a subject?",
            "What can be typed: words alone, or a picture as well?",
            "In how many languages are queries and titles?",
            "How soon must a new video be found?",
            "How good are titles and tags, and who writes them?",
        ),
        decision="One right video or many, how fast, and how new?",
        knobs=("dataset", "new_share", "refresh_h"),
        remarks=(
            Claim("As asked: a billion videos, 50 million users a day, ten million pairs of video and query.",
                   BOOK.title),
            Claim("The longer new videos wait for the index, the more of the searches for them fail.", "G12"),
        ),
        pitfalls=(
            "Clicks as the goal: a misleading title wins them.",
            "Personal taste brought in before plain search works.",
            "Subjects and known videos judged by one metric.",
        ),
    ),
    "frame": InterviewStep(
        questions=(
            "What goes in and what comes out, and which loss brings text and video into one space?",
            "Why keep an index of words beside the vectors?",
            "Are the two channels joined before or after each has ranked?",
            "Is it retrieval alone, or retrieval and then a re-rank?",
        ),
        decision="Words, vectors, or both; and if both, joined by a weighted sum or by ranks?",
        knobs=("fusion", "alpha", "rerank"),
        remarks=(
            Claim("Where some titles are missing or wrong, the best weight of words is neither all nor nothing.",
                   "S2"),
            Claim("Where one channel is much the better, a weighted sum beats ranks, which count both alike.",
                   "S2-ranks"),
            Claim("Reciprocal rank fusion needs no scores that can be compared, only ranks.", RRF.title),
        ),
        pitfalls=(
            "Scores of two channels added without being brought to one scale.",
            "A weight tuned on exact titles and used for paraphrases.",
            "Vectors alone: a rare name is spelt the same and found nowhere.",
        ),
    ),
    "data": InterviewStep(
        questions=(
            "Where do pairs of query and right video come from?",
            "What share of the videos has no usable title?",
            "How do you keep a video of the test out of training, when it was uploaded five times?",
            "Which queries were never asked before?",
            "Does anybody ask for what happens first and what later?",
        ),
        decision="Which pairs teach, which queries judge, and what stands for bad metadata?",
        knobs=("missing", "wrong", "order", "tail"),
        remarks=(
            Claim("With no title at all, nothing is better than vectors alone.", "S2-empty"),
            Claim("For exact terms, words beat the sentence encoder.", "S8"),
            Claim("One artist's drawings teach, another's are filmed; the queries are made here.", EMOJI.title),
        ),
        pitfalls=(
            "The same upload on both sides of the split.",
            "Queries made from the titles that they are to find.",
            "Clicks as labels: only what was shown could be clicked.",
            "A clip counted wrong although it shows just what was asked for.",
        ),
    ),
    "model": InterviewStep(
        questions=(
            "How many frames of a video must be looked at?",
            "Mean over frames, maximum, or a model that knows of time?",
            "Which text encoder, and what does it cost a query?",
            "How many numbers must a vector have?",
            "What does late interaction see that one vector cannot?",
        ),
        decision="Which encoder for the query, how many frames, pooled how, and how many numbers?",
        knobs=("encoder", "frames", "pooling", "dim", "rerank"),
        remarks=(
            Claim("Where no query speaks of order, the mean over the frames is as good as a vector that knows of "
                   "time.", "S4"),
            Claim("More frames find more, then hardly any more.", "S3"),
            Claim("CLIP4Clip found mean pooling without parameters a strong baseline.", CLIP4CLIP.title),
        ),
        pitfalls=(
            "A temporal model paid for where nobody asks about order.",
            "Frames taken from the beginning alone: all show the same logo.",
            "An encoder chosen on one language.",
        ),
    ),
    "training": InterviewStep(
        questions=(
            "Would more captioned pictures still help, and which queries would they help?",
            "Why MRR and not nDCG when one video is right?",
            "How do you read one figure over exact, partial and paraphrased queries?",
            "How do you show that a gain comes from the model and not from its index?",
            "How many queries are needed to see a gain of one point?",
        ),
        decision="Which metric, on which kinds of query apart, picks weight and depth?",
        knobs=("alpha", "learnt_from", "rerank", "dim", "frames"),
        remarks=(
            Claim("For vectors alone, more drawings to learn from find more, and the last doubling brings most.",
                   "S3-drawings"),
            Claim("With one right answer, MRR is at most recall, and a longer list never finds fewer.", "G1"),
            Claim("For paraphrases, the sentence encoder beats words.", "S8-paraphrase"),
        ),
        pitfalls=(
            "Kinds of query averaged by how many were made and not by how many are asked.",
            "A re-rank judged beyond the depth of its candidates.",
            "A weight tuned on the queries that judge it.",
        ),
    ),
    "serving": InterviewStep(
        questions=(
            "What is computed when a video comes, and what when a query comes?",
            "Two channels side by side: what is the time of both?",
            "Which queries may be answered from a store?",
            "How deep can the re-rank go within the bound?",
            "Which index for a billion vectors, and with what effort?",
        ),
        decision="Search at the request, answer known queries from a store, or both; over which index?",
        knobs=("serving", "index", "effort", "rerank", "refresh_h"),
        remarks=(
            Claim("Side by side, two channels take as long as the slower one, not as both together.", "S7"),
            Claim("A store answers only queries it has met; searching for the rest gives all quality back.", "H1"),
            Claim("Text queries over image vectors have a benchmark of their own, with ten million vectors.",
                   BIGANN.title),
        ),
        pitfalls=(
            "An index tuned with videos as queries: texts need more effort.",
            "Queries and videos encoded by different versions of the model.",
            "A new video in the index of words and not in that of vectors.",
        ),
    ),
    "monitoring": InterviewStep(
        questions=(
            "How do you notice queries that find nothing good?",
            "A new model: must all videos be encoded again, and what do you serve meanwhile?",
            "How do you watch languages and rare names apart?",
            "People click and come back after three seconds: what do you conclude?",
        ),
        decision="What is watched for each kind of query, and how old may the index be?",
        knobs=("refresh_h", "tail", "effort"),
        remarks=(
            Claim("Where nothing is new, the wait for the index costs nothing.", "G12-static"),
            Claim("Texts need more search effort than clips to find the same share of their nearest clips.", "S6"),
            Claim("A wider walk through the graph finds more neighbours.", "G3-hnsw"),
        ),
        pitfalls=(
            "Neighbour recall watched with videos as queries.",
            "Titles stuffed with popular words.",
            "The mean over queries: the most frequent ones hide the rest.",
        ),
    ),
}  # fmt: skip


def _framed(label: str, words: str, fusion: str) -> Framing:
    return Framing(label, words, lambda design: canonical(replace(design, fusion=fusion)))


FRAMINGS = (
    _framed(
        "Two channels, added up",
        "In: the query. Out: videos by a weighted sum of the score of their words and the likeness of their vectors, "
        "which live in one space with texts.",
        "weighted",
    ),
    _framed(
        "Words alone",
        "In: the query's words. Out: videos by BM25 over title and tags; nothing is learnt and nothing is seen.",
        "words",
    ),
    _framed(
        "Vectors alone",
        "In: the query as a vector. Out: its nearest video vectors; a ridge regression takes what frames show to the "
        "vectors of its captions.",
        "vectors",
    ),
)
COLUMNS = (
    Column("query", "int", 0, unique=True),
    Column("asked", "str"),
    Column("kind", "str", allowed=SEGMENTS),
    Column("words", "int", 1, 24),
    Column("first asked (h ago)", "float", 0.0, YEAR_H),
    Column("right videos", "int", 1, 20),
    Column("video's age (h)", "float", 0.0, YEAR_H),
    Column("words about it", "int", 0, 60),
)


def sample(design: VideoSearch, seed: int) -> Sample:
    """Queries with the video that each looks for, at most 500, those first asked longest ago first."""
    steps = stages(design, seed)
    videos, texts, asked, known = (steps[name].value for name in ("videos", "texts", "asked", "known"))
    order = np.argsort(-asked.asked_h, kind="stable")
    chosen = order[np.unique(np.linspace(0, len(order) - 1, SHOWN).astype(int))]
    taught = (
        {"drawings that teach": len(taught_things(len(steps["cast"].value.row), design.learnt_from, seed))}
        if of_clips(design)
        else {}
    )
    return Sample(
        rows=tuple(_row(videos, texts, asked, query) for query in chosen.tolist()),
        columns=COLUMNS,
        split={**taught, "videos in the index": len(known), "queries judged": len(asked.texts)},
        labels="Each query is made for one video; every video that shows the same is right as well."
        if of_clips(design)
        else "Each query is made for one film, and that film alone is right.",
        leakage="Drawings that teach and drawings that are filmed are by two artists, and paraphrases use words kept "
        "back from training."
        if of_clips(design)
        else "Nothing is trained on queries. Exact and partial ones are made from the record, so words have it easy.",
        spoil=spoil,
    )


def _row(videos: Videos, texts: tuple[str, ...], asked: Queries, query: int) -> dict[str, Any]:
    right = asked.right[query]
    wanted = int(right[np.argmax(videos.age_h[right])])  # the oldest: no query is older than it
    return {
        "query": query, "asked": asked.texts[query], "kind": SEGMENTS[asked.segment[query]],
        "words": len(terms(asked.texts[query])), "first asked (h ago)": float(asked.asked_h[query]),
        "right videos": len(right), "video's age (h)": float(videos.age_h[wanted]),
        "words about it": len(terms(texts[wanted])),
    }  # fmt: skip


def spoil(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows as a broken feed would bring them: seconds for hours, a kind nobody knows, no right video, doubles."""
    spoilt = [dict(row) for row in rows]
    for row in spoilt[::6]:
        row["video's age (h)"] = 3_600 * (row["video's age (h)"] + 3)
    for row in spoilt[1::6]:
        row["kind"] = "by voice"
    for row in spoilt[2::6]:
        row["right videos"] = 0
    for row in spoilt[3::6]:
        row["asked"] = None
    for before, row in zip(spoilt[3::6], spoilt[4::6], strict=False):
        row["query"] = before["query"]
    return spoilt


INTERVIEW = Interview(STOPS, FRAMINGS, sample, guardrail="p99_ms", curve_knob="learnt_from")
