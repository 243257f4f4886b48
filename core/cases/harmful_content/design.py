"""The knobs of harmful content detection, in the order in which a post meets them."""

from __future__ import annotations

from dataclasses import dataclass

from core.cases.harmful_content.serve.policy import ORDERS
from core.contract.design import knob

TEXT_MODELS = {
    "list": "Word list",
    "bayes": "Naive Bayes",
    "hashed": "Hashed TF-IDF + LR",
    "pieces": "Distilled MiniLM + LR",
    "minilm": "MiniLM + LR",
    "both": "Hashed words and MiniLM",
}
COUNTED = ("list", "bayes", "hashed", "both")  # models that read hashed words
SENTENCE = ("minilm", "both")  # models that run the sentence encoder
FIRST = {"list": "Word list", "bayes": "Naive Bayes", "columns": "Trees on metadata"}
FUSIONS = {"text": "Text alone", "columns": "Metadata alone", "late": "Late fusion", "early": "Early fusion"}


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
        "Order of messages", ("real", "shuffled"), "real", "data",
        "Learn from the older messages and judge the newer ones, as they really came; or shuffled, so nothing drifts.",
        names={"real": "as they came", "shuffled": "shuffled"},
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
        "Labels from reports", (0.0, 0.5, 1.0), 0.0, "data",
        "Share of training labels from user reports, which miss 40 % of harm and accuse 10 % of the harmless.",
        names={0.0: "none", 0.5: "50 %", 1.0: "all"},
    )  # fmt: skip
    related: float = knob(
        "Related tasks", (0.0, 0.5, 1.0), 1.0, "data",
        "How far the labels of three other teams agree with the kind that has few; else they are of another matter.",
        names={0.0: "not at all", 0.5: "half", 1.0: "fully"},
    )  # fmt: skip
    match: str = knob(
        "Match known harm", ("none", "exact", "minhash"), "minhash", "lookup",
        "Remove copies of known harm before any model runs: exact ones by checksum, near ones by MinHash.",
        names={"none": "Off", "exact": "Exact", "minhash": "MinHash"},
    )  # fmt: skip
    similarity: float = knob(
        "Alike enough", (0.3, 0.5, 0.7, 0.9), 0.5, "lookup",
        "Share of equal hashes from which a post counts as known harm: lower catches more rewritten copies.",
        active=lambda d: d.match == "minhash",
    )  # fmt: skip
    serving: str = knob(
        "Serving", ("online", "cascade", "hybrid", "batch"), "online", "serving",
        "Judge before a post is shown, by one model or two in a row; or show it, and judge minutes or a night later.",
        names={
            "online": "Inline, one model", "cascade": "Inline cascade",
            "hybrid": "First pass inline, main later", "batch": "Nightly batch",
        },
    )  # fmt: skip
    first: str = knob(
        "First pass", FIRST, "bayes", "serving",
        "The light model that sees every post and hands on the suspicious ones.",
        active=two_passes, names=FIRST,
    )  # fmt: skip
    band: float = knob(
        "Passed on", (0.02, 0.05, 0.1, 0.2, 1.0), 0.1, "serving",
        "Share of all posts that the first pass hands to the main model: recall for compute.",
        active=two_passes, names={0.02: "2 %", 0.05: "5 %", 0.1: "10 %", 0.2: "20 %", 1.0: "all"},
        barred=lambda d: (0.2, 1.0) if d.serving == "cascade" else (),
    )  # fmt: skip
    delay_min: int = knob(
        "Main pass after (min)", (1, 10, 60, 240), 10, "serving",
        "How long a shown post waits for the main model; until then everybody sees it.",
        active=lambda d: d.serving == "hybrid",
    )  # fmt: skip
    refresh_h: int = knob(
        "Batch every (h)", (1, 24, 168), 24, "serving",
        "How often the job judges what has come; until then everybody sees it.",
        active=lambda d: d.serving == "batch",
    )  # fmt: skip
    age_d: int = knob(
        "Model age (days)", (0, 7, 14), 0, "serving",
        "Days between the newest message that training knew and the first one judged.",
    )  # fmt: skip
    fusion: str = knob(
        "Parts and fusion", FUSIONS, "late", "model",
        "Judge text, metadata (links, markup, style, route), both by two models added up, or both by one model.",
        names=FUSIONS,
    )  # fmt: skip
    model: str = knob(
        "Text model", TEXT_MODELS, "hashed", "model",
        "What reads the words. MiniLM takes milliseconds a post, so it stands behind a first pass or runs later.",
        active=reads_text, names=TEXT_MODELS, barred=barred_models,
    )  # fmt: skip
    learnt_from: float = knob(
        "Messages learnt from", (0.1, 0.25, 0.5, 1.0), 1.0, "model",
        "A uniform sample of the training messages, for the models that tell harm: fewer need fewer labels and show "
        "less harm. Models of its kinds keep theirs.",
        names={0.1: "10 %", 0.25: "25 %", 0.5: "50 %", 1.0: "all"},
    )  # fmt: skip
    heads: str = knob(
        "Kinds of harm", ("none", "separate", "shared"), "shared", "model",
        "Say what kind of harm it is: not at all, by a model for each kind, or by heads on one shared layer.",
        names={"none": "Not told", "separate": "One model each", "shared": "Shared layer"},
    )  # fmt: skip
    bits: int = knob(
        "Hash size (bits)", (6, 8, 10, 12, 14, 16), 14, "representation",
        "Places that words are hashed to, as a power of two: fewer collide more and take less memory.",
        active=lambda d: reads_text(d) and d.model in COUNTED,
    )  # fmt: skip
    dim: int = knob(
        "Embedding size", (32, 64, 128, 256), 128, "representation",
        "Numbers kept of a sentence vector; those of the distilled table end at 128.",
        active=lambda d: reads_text(d) and d.model in ("pieces", *SENTENCE),
        barred=lambda d: (256,) if d.model == "pieces" else (),
    )  # fmt: skip
    weights: str = knob(
        "Weights", ("float32", "int8"), "float32", "representation",
        "Bits of each weight of the linear models: a quarter of the memory for a rounding. The encoder is int8 anyway.",
        active=reads_text,
    )  # fmt: skip
    remove_at: float = knob(
        "Remove at", (0.3, 0.5, 0.7, 0.9, 0.99), 0.9, "serving",
        "Probability of harm from which the machine removes: higher wrongs fewer people and lets more harm through.",
    )  # fmt: skip
    reviewers: int = knob(
        "Reviews per 1,000 posts", (0, 1, 2, 5, 10, 20, 50), 5, "serving",
        "How many of a thousand posts people have time to look at each day; none means one threshold only.",
    )  # fmt: skip
    review_at: float = knob(
        "Queue from", (0.01, 0.05, 0.1, 0.3), 0.05, "serving",
        "Probability from which a post that was not removed goes to the reviewers.",
        active=lambda d: d.reviewers > 0, barred=lambda d: (0.3,) if d.remove_at <= 0.3 else (),
    )  # fmt: skip
    queue: str = knob(
        "Queue order", ORDERS, "severity", "serving",
        "Which queued post a reviewer takes first.",
        active=lambda d: d.reviewers > 0,
        names={
            "oldest": "Oldest first", "score": "Most likely", "reach": "Likely × reach",
            "severity": "Likely × reach × severity",
        },
    )  # fmt: skip
