"""The network of the feed made smaller: eight bits, half the units, or a student that learns from it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.cases.news_feed.features import Logged
from core.cases.news_feed.model.heads import Scorer, finished
from core.cases.news_feed.model.networks import Network
from core.cases.news_feed.model.task import Task, task_of
from core.cases.news_feed.model.training import EPOCHS, Shape, fit, initial, network_of
from core.metrics.maths import sigmoid

FORMATS = {
    "fp32": "fp32",
    "int8": "int8",
    "pruned": "pruned 50 %",
    "distilled": "distilled (8 units)",
}
STUDENT = 8


def compress(scorer: Scorer, logged: Logged, format: str, heads: str, position: str, rare: str, seed: int) -> Scorer:
    """The same network smaller; quality is measured anew. Raises ValueError for an unknown format."""
    if format not in FORMATS:
        raise ValueError(f"no format {format!r}: choose one of {', '.join(FORMATS)}")
    if format == "fp32":
        return scorer
    network: Network = scorer.model  # type: ignore[assignment]
    if format == "int8":
        return replace(scorer, model=replace(network, eight_bit=True), by_request=True)
    task = task_of(logged, heads, position, rare)
    smaller = {"pruned": pruned, "distilled": distilled}[format](network, scorer, task, logged, seed)
    return finished(smaller, task, logged, rare)


def pruned(network: Network, scorer: Scorer, task: Task, logged: Logged, seed: int) -> Network:
    """Half of each expert's units, those that move the towers most, and one more pass of training."""
    weights, half = dict(network.weights), network.units // 2
    bottom = network.n_experts * network.units
    hidden = np.maximum(task.x[::8] @ weights["wide"][:bottom].T + weights["wide_bias"][:bottom], 0).std(axis=0)
    reach = np.abs(weights["tower"]).sum(axis=2)  # (n_tasks, units)
    moves = hidden.reshape(network.n_experts, network.units) * (
        reach if network.kind == "separate" else reach.sum(axis=0)
    )
    if network.kind == "mmoe":  # experts are mixed unit by unit, so all lose the same units
        moves = np.tile(moves.sum(axis=0), (network.n_experts, 1))
    kept = np.sort(np.argsort(-moves, axis=1, kind="stable")[:, :half], axis=1)
    rows = (kept + network.units * np.arange(network.n_experts)[:, None]).ravel()
    rows = np.concatenate([rows, np.arange(bottom, len(weights["wide"]))])
    weights |= {"wide": weights["wide"][rows], "wide_bias": weights["wide_bias"][rows]}
    per_task = kept if network.kind == "separate" else np.tile(kept[0], (network.n_tasks, 1))
    weights["tower"] = np.take_along_axis(weights["tower"], per_task[:, :, None], axis=1)
    weights = {name: np.ascontiguousarray(weight, np.float32) for name, weight in weights.items()}
    shape = Shape(network.kind, network.n_experts, half)
    return network_of(fit(task, task.done, weights, shape, seed, 1), shape, logged)


def distilled(network: Network, scorer: Scorer, task: Task, logged: Logged, seed: int) -> Network:
    """A shared-bottom student of STUDENT units that learns what the large network says (Hinton et al. 2015)."""
    said = network.raw(task.x * logged.scale + logged.mean, task.place if task.with_place else None)
    n_binary = len(task.heads) - ("dwell" in task.heads)
    said[:, :n_binary] = sigmoid(said[:, :n_binary])
    shape = Shape("shared", 1, STUDENT)
    start = initial(shape, task.x.shape[1], len(task.heads), said.mean(axis=0), seed)
    plain = replace(task, up=np.ones_like(task.up))  # what the teacher says is weighted up already
    return network_of(fit(plain, said, start, shape, seed, EPOCHS), shape, logged)
