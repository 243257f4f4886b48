"""What visual search says and shows at each of the seven steps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from core.cases.visual_search.design import VisualSearch
from core.cases.visual_search.pipeline import stages
from core.contract.case import SEED
from core.contract.interview_spec import Claim, Column, Framing, Interview, InterviewStep, Sample

MOST_ROWS = 500
DARKEST = 1.0  # mean of a picture, 0 to 255: real ones are all above, a picture scaled to 0 … 1 is not


def sample(design: VisualSearch, seed: int = SEED) -> Sample:
    """The oldest pictures of the catalogue, as rows; raises DataError where a file of the data is amiss."""
    world = stages(design, seed)["world"].value
    oldest = np.argsort(-world.corpus_age, kind="stable")[:MOST_ROWS]
    return Sample(
        rows=tuple(_row(world, int(at)) for at in oldest),
        columns=(
            Column("image", "int", low=0, unique=True),
            Column("kind", "str", allowed=world.kind_names),
            Column("side_px", "int", low=world.corpus.shape[1], high=world.corpus.shape[1]),
            Column("mean_brightness", "float", low=DARKEST, high=255),
            Column("share_newer", "float", low=0, high=1),
        ),
        split={"training": len(world.train), "catalogue": len(world.corpus), "queries": len(world.queries)},
        labels=LABELS[design.dataset],
        leakage="A picture that is both trained on and asked for would be found for the wrong reason. Training, "
        "catalogue and queries are disjoint parts of one permutation; of the emoji, every twin of a glyph stays on "
        "its side.",
        spoil=spoil,
    )


LABELS = {
    "fashion": "The shop's own categories, ten kinds, as Zalando published them: right means the same kind.",
    "emoji": "The Unicode names: right is the same glyph by the other artist, and its subcategory counts for less.",
    "textures": "Known by construction: each picture is drawn from one of a hundred patterns.",
}


def _row(world: Any, at: int) -> dict[str, Any]:
    return {
        "image": int(world.corpus_row[at]),
        "kind": world.kind_names[int(world.corpus_kind[at])],
        "side_px": int(world.corpus.shape[1]),
        "mean_brightness": float(world.corpus[at].mean()),
        "share_newer": float(world.corpus_age[at]),
    }


def spoil(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same batch from a broken feed: pixels scaled twice, a picture sent twice, a kind that nobody declared."""
    broken = [dict(row) for row in rows]
    for row in broken[:5]:
        row["mean_brightness"] /= 255
    broken[5]["image"] = broken[6]["image"]
    broken[7]["kind"] = "unsorted"
    return broken


STOPS = {
    "clarify": InterviewStep(
        questions=(
            "Who searches with what: a photo of their own, or a picture of the catalogue?",
            "What counts as a right answer: the very thing, or another of its kind?",
            "How many pictures, how many new ones a day, how many searches a second, and how long may one take?",
        ),
        decision="Which load, which bound on the 99th percentile, and which quality has the page to meet?",
        remarks=(
            Claim(
                "A service of that kind was asked more than 600 million times a month, about 230 times a second.",
                "Visual Discovery at Pinterest, Zhai et al. 2017",
            ),
            Claim("Losing exact neighbours costs far less quality than recall says.", "V4"),
        ),
        pitfalls=(
            "Promising recall of neighbours when the shopper wants the same kind of thing.",
            "A bound on the mean where the slowest hundredth is what shoppers leave for.",
        ),
    ),
    "frame": InterviewStep(
        questions=(
            "Is this classification, or ranking by similarity?",
            "What goes in, what comes out, and which loss says that two pictures are alike?",
            "What would be done without any learning, and how far does it get?",
        ),
        decision="Is similarity learned here, taken from another task, or written by hand?",
        knobs=("encoder",),
        remarks=(
            Claim("A better encoder finds more, and search becomes a smaller part of the wait.", "V8"),
            Claim("The order of a list matters to nDCG alone; recall does not see it.", "G2"),
        ),
        pitfalls=(
            "Predicting the category first: a wrong one loses every right answer at once.",
            "A loss that pulls together what the shopper tells apart.",
        ),
    ),
    "data": InterviewStep(
        questions=(
            "Where do labels come from, and how many of them are wrong?",
            "How is the data split so that a picture is not found because it was trained on?",
            "What happens to pictures that came in today?",
        ),
        decision="How much label noise and how many new pictures a day must the design stand?",
        knobs=("label_noise", "arrivals"),
        remarks=(
            Claim("A warmer temperature is best where three labels in ten are wrong.", "V7b-flip"),
            Claim("With three labels in ten wrong, hard negatives hurt.", "V7-flip"),
        ),
        pitfalls=(
            "Near-duplicates on both sides of the split.",
            "Pixels scaled twice on the way in: every vector is still a valid vector.",
        ),
    ),
    "model": InterviewStep(
        questions=(
            "Which encoder, how large an embedding, and how is it made that small?",
            "What would a simpler model give?",
            "Which part of a request does the encoder take?",
        ),
        decision="Which encoder and which embedding size earn what they cost?",
        knobs=("encoder", "dim", "reduce"),
        remarks=(
            Claim("Quality grows with embedding size, by less and less.", "V1"),
            Claim("Four times the numbers take four times the memory.", "V1b"),
            Claim(
                "Elsewhere, embeddings up to 14 times smaller kept the accuracy.",
                "Matryoshka Representation Learning, Kusupati et al. 2022",
            ),
        ),
        pitfalls=(
            "A larger embedding than the data has dimensions: memory without quality.",
            "A reduction fitted on the pictures that are asked for.",
        ),
    ),
    "training": InterviewStep(
        questions=(
            "Which loss, how many negatives, and how are they chosen?",
            "Which offline metric, with which interval, and does it follow what the shopper does?",
            "How much of a difference is the seed?",
        ),
        decision="How are negatives drawn, and what ends the training?",
        knobs=("temperature", "negatives", "hard_share"),
        remarks=(
            Claim("More negatives help, then stop helping.", "V7"),
            Claim("Too low a temperature hurts.", "V7b"),
            Claim("nDCG gives most to right answers that come early.", "Järvelin & Kekäläinen 2002"),
        ),
        pitfalls=("Tuning on the queries that are reported.", "Hard negatives that are not negatives."),
    ),
    "serving": InterviewStep(
        questions=(
            "Exact or approximate search, and how much recall is given up for how much time?",
            "What is computed ahead, and how old may it be?",
            "How many replicas, and what happens when one dies?",
        ),
        decision="Which index with which effort, served online, from a store, or both?",
        knobs=("index", "effort", "rerank", "serving", "batch"),
        remarks=(
            Claim("Probing every list gives exactly the flat result.", "G3b"),
            Claim("Re-ranking deeper by full vectors recovers what short codes lose, and more.", "V3b"),
            Claim("Larger batches answer more requests a second, each of them later.", "G9"),
        ),
        pitfalls=(
            "Timing one request at a time and calling it the latency under load.",
            "Tuning the index on a small catalogue and shipping it with a large one.",
        ),
    ),
    "monitoring": InterviewStep(
        questions=(
            "What would tell you tomorrow that answers got worse, before shoppers do?",
            "How many labelled searches a day does that take?",
            "When is the model trained again, and when is the index built again?",
        ),
        decision="Which figures are watched, at which threshold, and who is woken?",
        knobs=("refresh_h",),
        remarks=(
            Claim("With new images every day, an older snapshot answers worse.", "G12"),
            Claim("Where nothing new arrives, the age of a snapshot costs nothing.", "G12-flip"),
        ),
        pitfalls=(
            "An alarm nobody can act on.",
            "A new encoder beside old vectors in the index: both are valid, and nothing matches.",
        ),
    ),
}


INTERVIEW = Interview(
    stops=STOPS,
    framings=(
        Framing(
            "Similarity by hand",
            "Pixels in, a fixed description of edges out, no loss: nothing is learned.",
            lambda design: replace(design, encoder="hog"),
        ),
        Framing(
            "Similarity learned here",
            "Pixels in, a vector out; a contrastive loss pulls images of one label together and others apart.",
            lambda design: replace(design, encoder="contrastive"),
        ),
        Framing(
            "Similarity by rebuilding",
            "Pixels in, a vector out; the loss is what is lost when the picture is rebuilt from it (PCA), no labels.",
            lambda design: replace(design, encoder="pca"),
        ),
    ),
    sample=sample,
    guardrail="recall@10",
    curve_knob="negatives",
)
