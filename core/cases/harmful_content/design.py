"""The knobs of harmful content detection, in the order in which a post meets them."""

from __future__ import annotations

from dataclasses import dataclass

from core.cases.harmful_content.serve.policy import ORDERS
from core.contract.design import knob

TEXT_MODELS = {
    "list": "word list",
    "bayes": "naive Bayes",
    "hashed": "hashed TF-IDF + LR",
    "pieces": "distilled MiniLM + LR",
    "minilm": "MiniLM + LR",
    "both": "hashed TF-IDF + MiniLM",
}
COUNTED = ("list", "bayes", "hashed", "both")  # models that read hashed words
SENTENCE = ("minilm", "both")  # models that run the sentence encoder
FIRST = {"list": "word list", "bayes": "naive Bayes", "columns": "GBDT on metadata"}
FUSIONS = {"text": "text only", "columns": "metadata only", "late": "late fusion", "early": "early fusion"}


def reads_text(design: HarmfulContent) -> bool:
    """True when the main model reads words."""
    return design.fusion != "columns"


def two_passes(design: HarmfulContent) -> bool:
    """True when a first pass picks what the main model judges."""
    return design.serving in ("cascade", "hybrid")


def barred_models(design: HarmfulContent) -> tuple[str, ...]:
    """Word lists and pairs of encoders have no early fusion; MiniLM on every post is too slow to stand before it."""
    inline = SENTENCE if design.serving == "online" else ()
    return (*inline, *(("list", "both") if design.fusion == "early" else ()))


@dataclass(frozen=True)
class HarmfulContent:
    """One way to find harmful posts. Defaults are a design that a sensible team would start with."""

    order: str = knob(
        "Train/test split", ("real", "shuffled"), "real", "data",
        "Train on the older messages and test on the newer ones, as they came; or shuffled, so nothing drifts.",
        names={"real": "by time"},
    )  # fmt: skip
    prevalence: float = knob(
        "Prevalence of harm", (0.005, 0.02, 0.15, 0.5), 0.02, "data",
        "Share of posts that is harmful. Of the judged messages 15 % are; weights make them stand for any other share.",
        names={0.005: "0.5 %", 0.02: "2 %", 0.15: "15 %", 0.5: "50 %"},
    )  # fmt: skip
    planted: float = knob(
        "Posts with a picture", (0.0, 0.1, 0.3), 0.0, "data",
        "Share of messages that get a picture: text and picture are harmless, half of the combinations are not.",
        names={0.0: "none", 0.1: "10 %", 0.3: "30 %"},
    )  # fmt: skip
    reports: float = knob(
        "Labels from user reports", (0.0, 0.5, 1.0), 0.0, "data",
        "Share of training labels from user reports, which miss 40 % of harm and accuse 10 % of the harmless.",
        names={0.0: "none", 0.5: "50 %", 1.0: "all"},
    )  # fmt: skip
    related: float = knob(
        "Task relatedness", (0.0, 0.5, 1.0), 1.0, "data",
        "How far the labels of three other teams agree with the kind that has few; else they are of another matter.",
        names={0.0: "not at all", 0.5: "half", 1.0: "fully"},
    )  # fmt: skip
    match: str = knob(
        "Known-content hash matching", ("none", "exact", "minhash"), "minhash", "lookup",
        "Remove copies of known harm before any model runs: exact ones by checksum, near ones by MinHash.",
        names={"none": "off", "exact": "exact (checksum)", "minhash": "MinHash"}, main=True,
    )  # fmt: skip
    similarity: float = knob(
        "Similarity threshold", (0.3, 0.5, 0.7, 0.9), 0.5, "lookup",
        "Share of equal hashes from which a post counts as known harm: lower catches more rewritten copies.",
        active=lambda d: d.match == "minhash",
    )  # fmt: skip
    serving: str = knob(
        "Serving", ("online", "cascade", "hybrid", "batch"), "online", "serving",
        "Judge before a post is shown, by one model or two in a row; or show it, and judge minutes or a night later.",
        names={
            "online": "inline, one model", "cascade": "inline cascade",
            "hybrid": "cascade, main model async", "batch": "batch",
        }, main=True,
    )  # fmt: skip
    first: str = knob(
        "Cascade first stage", FIRST, "bayes", "serving",
        "The light model that sees every post and hands on the suspicious ones.",
        active=two_passes, names=FIRST,
    )  # fmt: skip
    band: float = knob(
        "Pass-through rate", (0.02, 0.05, 0.1, 0.2, 1.0), 0.1, "serving",
        "Share of all posts that the first stage passes to the main model: recall for compute.",
        active=two_passes, names={0.02: "2 %", 0.05: "5 %", 0.1: "10 %", 0.2: "20 %", 1.0: "all"},
        barred=lambda d: (0.2, 1.0) if d.serving == "cascade" else (),
    )  # fmt: skip
    delay_min: int = knob(
        "Async delay (min)", (1, 10, 60, 240), 10, "serving",
        "How long a shown post waits for the main model; until then everybody sees it.",
        active=lambda d: d.serving == "hybrid",
    )  # fmt: skip
    refresh_h: int = knob(
        "Refresh interval (h)", (1, 24, 168), 24, "serving",
        "How often the job judges what has come; until then everybody sees it.",
        active=lambda d: d.serving == "batch",
    )  # fmt: skip
    age_d: int = knob(
        "Model age (days)", (0, 7, 14), 0, "serving",
        "Days between the newest message that training knew and the first one judged.",
    )  # fmt: skip
    fusion: str = knob(
        "Modalities and fusion", FUSIONS, "late", "model",
        "Text, metadata (links, markup, style, route), both by two models added up (late), or by one model (early).",
        names=FUSIONS, main=True,
    )  # fmt: skip
    model: str = knob(
        "Text model", TEXT_MODELS, "hashed", "model",
        "What reads the words. MiniLM takes milliseconds per post, so it stands behind a first stage or runs async.",
        active=reads_text, names=TEXT_MODELS, barred=barred_models, main=True,
    )  # fmt: skip
    learnt_from: float = knob(
        "Training set size", (0.1, 0.25, 0.5, 1.0), 1.0, "model",
        "A uniform sample of the training messages, for the models of P(harm): fewer labels, less recall. The models "
        "of harm categories keep all.",
        names={0.1: "10 %", 0.25: "25 %", 0.5: "50 %", 1.0: "all"},
    )  # fmt: skip
    heads: str = knob(
        "Harm categories", ("none", "separate", "shared"), "shared", "model",
        "No category, one model per category, or multi-task heads on one shared layer.",
        names={"none": "single label", "separate": "one-vs-rest", "shared": "multi-task"},
    )  # fmt: skip
    bits: int = knob(
        "Hash size (bits)", (6, 8, 10, 12, 14, 16), 14, "representation",
        "Places that words are hashed to, as a power of two: fewer collide more and take less memory.",
        active=lambda d: reads_text(d) and d.model in COUNTED,
    )  # fmt: skip
    dim: int = knob(
        "Embedding size", (32, 64, 128, 256), 128, "representation",
        "Dimensions kept of a sentence embedding; the distilled table has at most 128.",
        active=lambda d: reads_text(d) and d.model in ("pieces", *SENTENCE),
        barred=lambda d: (256,) if d.model == "pieces" else (),
    )  # fmt: skip
    weights: str = knob(
        "Weight precision", ("float32", "int8"), "float32", "representation",
        "Bits of each weight of the linear models: a quarter of the memory for a rounding. The encoder is int8 anyway.",
        active=reads_text, names={"float32": "fp32"},
    )  # fmt: skip
    remove_at: float = knob(
        "Auto-remove threshold", (0.3, 0.5, 0.7, 0.9, 0.99), 0.9, "serving",
        "P(harm) from which a post is removed without review: higher means fewer false positives and more harm.",
        main=True,
    )  # fmt: skip
    reviewers: int = knob(
        "Reviewer capacity per 1,000 posts", (0, 1, 2, 5, 10, 20, 50), 5, "serving",
        "How many of a thousand posts people have time to look at each day; none means one threshold only.",
        main=True,
    )  # fmt: skip
    review_at: float = knob(
        "Review threshold", (0.01, 0.05, 0.1, 0.3), 0.05, "serving",
        "P(harm) from which a post that was not removed goes to the reviewers.",
        active=lambda d: d.reviewers > 0, barred=lambda d: (0.3,) if d.remove_at <= 0.3 else (),
    )  # fmt: skip
    queue: str = knob(
        "Review priority", ORDERS, "severity", "serving",
        "Which queued post a reviewer takes first.",
        active=lambda d: d.reviewers > 0,
        names={
            "oldest": "oldest first", "score": "P(harm)", "reach": "P(harm) × reach",
            "severity": "P(harm) × reach × severity",
        },
    )  # fmt: skip
