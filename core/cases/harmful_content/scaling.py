"""What grows with the posts, what each saving loses, and what can be made ahead."""

from __future__ import annotations

from core.cases.harmful_content.design import SENTENCE, HarmfulContent
from core.contract.case import Measurement
from core.contract.scaling_spec import AblationStep, Precompute, ScalingPart, fixed, linear

LEARNT, JUDGED = 1_800, 3_465  # posts that training knows, and those that one run of the job judges


def scaling_parts(design: HarmfulContent, measured: Measurement) -> tuple[ScalingPart, ...]:
    """The bank of known harm and the store of verdicts grow with the posts; judging one of them does not."""
    found = []
    if design.serving == "batch":
        each = measured.store_bytes / JUDGED
        return (linear("store of verdicts", JUDGED, "a row for each post that was judged", bytes_each=each),)
    if design.match != "none":
        bank = sum(record.nbytes for record in measured.steps if record.name == "remember")
        why = "known harm is kept, a fixed share of all posts; a look-up halves its way through sorted checksums"
        found.append(linear("bank of known harm", LEARNT, why, bytes_each=bank / LEARNT))
    found.append(fixed("models", "a post is judged by itself, however many there are"))
    return tuple(found)


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
    keys=lambda design: JUDGED, keys_are="posts", per="once",
    note="A post is judged once either way. Batch saves no second request; it moves the work to the night.",
)  # fmt: skip
