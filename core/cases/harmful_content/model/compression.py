"""Weights in eight bits: a quarter of the memory for almost the same scores."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.cases.harmful_content.model.joint import Joint
from core.cases.harmful_content.model.linear import Linear


def quantised(model: Linear | Joint) -> Linear | Joint:
    """The same model with weights of 8 bits, one step for all of them."""
    step = float(np.abs(model.weights).max()) / 127 or 1.0
    return replace(model, weights=np.round(model.weights / step).astype(np.int8), step=step)
