"""The models by name: what each reads, how it learns, and the log-odds it gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.cases.ad_click import features as f
from core.cases.ad_click.model import networks
from core.cases.ad_click.model.calibration import Calibrator
from core.cases.ad_click.model.compression import compress
from core.cases.ad_click.model.linear import fit_base, fit_linear
from core.cases.ad_click.model.trees import fit_forest, fit_hybrid

PENALTY = {  # inverse strength, the best of .001, .003, .01, .03, .1 and .3 away from what the page predicts
    "coupons": {"lr": 0.01, "crosses": 0.003, "hybrid": 0.003},
    "generated": {"lr": 0.1, "crosses": 0.1, "hybrid": 0.03},
}


def _network(kind: str) -> Callable[..., Any]:
    def fit(
        inputs: f.Inputs, y: np.ndarray, buckets: int, dim: int, compression: str, seed: int, **_: Any
    ) -> networks.Net:
        trained = networks.train(kind, inputs, y, buckets, dim, seed)
        return compress(trained, compression, inputs, buckets, seed)

    return fit


@dataclass(frozen=True)
class Kind:
    """A model: its name in words, what it reads of the inputs, how it is fitted, and which knobs that takes."""

    label: str
    reads: tuple[str, ...]
    fit: Callable[..., Any]
    knobs: tuple[str, ...] = ()
    crosses: bool = False


HASHED, NUMBERS, TREES = "hashed", "numbers", "trees"
NET_KNOBS = ("buckets", "dim", "compression")
MODELS = {
    "base": Kind("Base rate", (NUMBERS,), fit_base),
    "lr": Kind("Logistic regression", (HASHED, NUMBERS), fit_linear, ("buckets",)),
    "crosses": Kind("LR + feature crosses", (HASHED, NUMBERS), fit_linear, ("buckets",), crosses=True),
    "fm": Kind("Factorisation machine", (HASHED, NUMBERS), _network("fm"), NET_KNOBS),
    "gbdt": Kind("GBDT", (TREES,), fit_forest, ("trees",)),
    "hybrid": Kind("GBDT + LR", (HASHED, NUMBERS, TREES), fit_hybrid, ("buckets", "trees")),
    "dnn": Kind("Wide & Deep", (HASHED, NUMBERS), _network("dnn"), NET_KNOBS),
    "deepfm": Kind("DeepFM", (HASHED, NUMBERS), _network("deepfm"), NET_KNOBS),
    "dcn": Kind("DCN", (HASHED, NUMBERS), _network("dcn"), NET_KNOBS),
}


def train(lessons: f.Inputs, rows: f.Rows, model: str, seed: int, **knobs: Any) -> Any:
    """The model, from what teaches."""
    return MODELS[model].fit(lessons, rows.train_y, background=rows.background, seed=seed, **knobs)


def predict(model: Any, inputs: f.Inputs, calibrator: Calibrator) -> np.ndarray:
    """The chance (n,) of a click of every test exposure."""
    return calibrator(model.log_odds(inputs))


def predict_raw(model: Any, inputs: f.Inputs) -> np.ndarray:
    """The same before any calibration."""
    return Calibrator()(model.log_odds(inputs))
