"""What grows with the posts, how quality does, what each saving loses, and what can be made ahead."""

from __future__ import annotations

from core.cases.harmful_content.data import n_judged
from core.cases.harmful_content.design import SENTENCE, HarmfulContent
from core.contract.case import Measurement
from core.contract.scaling_spec import AblationStep, Precompute, QualityGrowth, ScalingPart, fixed, keyed, linear
from core.datasets.mails import load_mails
from core.runtime.memo import step


def scaling_parts(design: HarmfulContent, measured: Measurement) -> tuple[ScalingPart, ...]:
    """The bank of known harm grows with the posts, the store with those judged; judging one of them does not."""
    n, models = measured.n_items, fixed("models", "a post is judged by itself, however many there are")
    if design.serving == "batch":
        each = measured.store_bytes / measured.n_keys
        return (keyed("store of verdicts", "a row for each post that was judged", bytes_each=each), models)
    if design.match == "none":
        return (models,)
    why = "known harm is kept, a fixed share of all posts; a look-up halves its way through sorted checksums"
    each = measured.parts_bytes["known harm"] / n
    return (linear("bank of known harm", n, why, bytes_each=each, built_by=("remember",)), models)


def quality_growth(design: HarmfulContent) -> QualityGrowth:
    """A post's verdict does not depend on how many others there are."""
    return QualityGrowth(
        "a post is judged by itself; posts, and the share of them that copies known harm, are assumed to be like these"
    )


def _inline(design: HarmfulContent) -> str:
    """Judged before it is shown, as far as the model can."""
    return "online" if design.model not in SENTENCE or design.fusion == "columns" else "cascade"


def _finest(design: HarmfulContent) -> int:
    return 128 if design.model == "pieces" else 256


ABLATION_STEPS = (
    AblationStep("approximate", {}, "nothing is searched but copies of known harm, which the models judge as well"),
    AblationStep("sampled", {"learnt_from": 1.0}),
    AblationStep("compressed", {"bits": 16, "dim": _finest, "weights": "float32"}),
    AblationStep(
        "cut by the first pass",
        {"serving": _inline, "band": lambda design: 0.1 if _inline(design) == "cascade" else 1.0},
    ),
    AblationStep("stale", {"age_d": 0}),
)
PRECOMPUTE = Precompute(
    online={"serving": "online"}, batch={"serving": "batch"}, hybrid={"serving": "hybrid"},
    keys=lambda design: n_judged(step(load_mails).value), keys_are="posts", per="once",
    note="A post is judged once either way. Batch saves no second request; it moves the work to the night. "
    "Whoever views a post before that finds no verdict.",
)  # fmt: skip
