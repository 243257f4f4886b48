"""Harmful content: average precision on the posts between training and test."""

from __future__ import annotations

from core.cases.harmful_content.design import HarmfulContent
from core.cases.harmful_content.model import chosen, joint, linear, trees
from data.make.tuning_cases.settings import Constant, Tuned, log_uniform, one_of


def _harm_score(kind: str) -> float:
    from sklearn.metrics import average_precision_score

    design = _harm_design(kind)
    mails, _, learnt = chosen.messages(design, 0)
    taught, n = learnt.value, len(learnt.value.valid)
    if kind == "columns":
        fitted, rows = trees.fit_columns(taught, 0), None
    else:
        step, _, _ = chosen._text_rows(design, design.model, mails, learnt)
        rows = step.value
        fit = linear.fit_vectors if design.model in ("pieces", "minilm") else chosen.FITS[design.model]
        fitted = (
            joint.fit_joint(rows, taught, chosen.features.cut_columns(taught)) if kind == "early" else fit(rows, taught)
        )
    return float(average_precision_score(taught.taught[taught.valid], chosen.score(fitted, rows, taught)[:n]))


def _harm_design(kind: str) -> HarmfulContent:
    if kind == "columns":
        return HarmfulContent(fusion="columns")
    if kind == "early":
        return HarmfulContent(fusion="early", model="hashed")
    return HarmfulContent(fusion="text", model=kind, serving="hybrid" if kind == "minilm" else "online")


TUNED = Tuned(
    "average precision", "the posts between training and test, which also calibrate",
    {
        "list": (
            Constant(linear, "LISTED_WORDS", one_of(50, 100, 200, 400, 800)),
            Constant(linear, "LEAST_MESSAGES", one_of(3, 5, 10)),
        ),
        "bayes": (Constant(linear, "SMOOTHING", log_uniform(0.003, 1)),),
        "hashed": (Constant(linear, "STRENGTH", log_uniform(0.5, 200), "sparse"),),
        "pieces": (Constant(linear, "STRENGTH", log_uniform(0.5, 100), "dense"),),
        "minilm": (Constant(linear, "STRENGTH", log_uniform(0.5, 100), "dense"),),
        "columns": (
            Constant(trees, "N_TREES", one_of(20, 40, 80)),
            Constant(trees, "GROWTH", one_of(7, 15, 31), "num_leaves"),
            Constant(trees, "GROWTH", log_uniform(0.05, 0.4), "learning_rate"),
        ),
        "early": (
            Constant(linear, "STRENGTH", log_uniform(0.5, 200), "crossed"),
            Constant(joint, "BIN_WEIGHT", log_uniform(0.05, 0.5)), Constant(joint, "CROSS_WEIGHT", log_uniform(1, 20)),
        ),
    },
    _harm_score, _harm_design, seeds=(0,),
)  # fmt: skip
