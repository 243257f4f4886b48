"""Give every model of three cases the same number of settings on data that judge nothing, and record what was best.

    python -m data.make.tuning [event_recommendation …]

The first setting of a model is the one in use, the others are drawn at random with a fixed seed. Each is judged on a
validation split: worlds of other seeds than those the pages open with, or the posts between training and test. The best
one is then compared with the one in use on the test data, in pairs; nothing is adopted by this script.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from types import ModuleType
from typing import Any
from unittest.mock import patch

import numpy as np

from core.analysis.tuning_record import FILE
from core.cases.event_recommendation.design import EventRecommendation
from core.cases.event_recommendation.evaluate.held_out import judge, split_log
from core.cases.event_recommendation.model import factors, network, scorers
from core.cases.event_recommendation.model import ranker as event_ranker
from core.cases.event_recommendation.pipeline import stages as event_stages
from core.cases.harmful_content.design import HarmfulContent
from core.cases.harmful_content.model import chosen, joint, linear, trees
from core.cases.news_feed.data.world import BINARY
from core.cases.news_feed.design import NewsFeed
from core.cases.news_feed.model import heads, training
from core.cases.news_feed.model import linear as news_linear
from core.cases.news_feed.model import trees as news_trees
from core.cases.news_feed.pipeline import stages as news_stages
from core.catalog import load_case
from core.contract.case import Estimate
from core.metrics import paired_difference
from core.runtime.measuring import untimed
from core.runtime.memo import MEMO

SETTINGS = 8  # of every model, the one in use included
OTHER_SEEDS = (100, 101)  # of the worlds that settings are chosen in
TEST_SEEDS = (0, 1, 2)
Setting = dict[str, Any]
Draw = Callable[[np.random.Generator], Any]


@dataclass(frozen=True)
class Constant:
    """A constant of a model's file, or one entry of it, and how other values are drawn."""

    module: ModuleType
    name: str
    draw: Draw
    key: str = ""

    @property
    def label(self) -> str:
        """How a setting names it."""
        return (self.key or self.name).lower()

    @property
    def value(self) -> Any:
        """The value in use."""
        whole = getattr(self.module, self.name)
        return whole[self.key] if self.key else whole


@dataclass(frozen=True)
class Tuned:
    """The models of a case: what may be set of each, how a setting is judged, and the design that serves it."""

    metric: str
    split: str
    models: Mapping[str, Sequence[Constant]]
    judge: Callable[[str], float]  # of a model, on the validation split; higher is better
    design: Callable[[str], Any]
    seeds: Sequence[int] = TEST_SEEDS


def log_uniform(low: float, high: float) -> Draw:
    """Values between two bounds, evenly over their logarithm, to two digits."""
    return lambda rng: float(f"{np.exp(rng.uniform(np.log(low), np.log(high))):.2g}")


def one_of(*values: Any) -> Draw:
    """One of some values."""
    return lambda rng: values[rng.integers(len(values))]


@contextmanager
def standing(constants: Sequence[Constant], setting: Setting) -> Iterator[None]:
    """Inside the block the constants have the values of the setting."""
    with ExitStack() as stack:
        for constant in constants:
            value = setting[constant.label]
            if constant.key:
                stack.enter_context(patch.dict(getattr(constant.module, constant.name), {constant.key: value}))
            else:
                stack.enter_context(patch.object(constant.module, constant.name, value))
        yield


def settings_of(constants: Sequence[Constant]) -> list[Setting]:
    """The setting in use, and others drawn at random, no two alike."""
    rng, settings = np.random.default_rng(8), [{constant.label: constant.value for constant in constants}]
    while len(settings) < SETTINGS:
        drawn = {constant.label: constant.draw(rng) for constant in constants}
        settings += [drawn] if drawn not in settings else []
    return settings


# Event recommendation: mAP in a later week of two other worlds


def _event_score(model: str) -> float:
    return float(np.mean([_event_map(model, seed) for seed in OTHER_SEEDS]))


def _event_map(model: str, seed: int) -> float:
    design = EventRecommendation(model=model)
    world, tallies = (event_stages(design, seed)[name].value for name in ("world", "tallies"))
    negatives = design.negatives if model in ("lr", "lr_buckets", "gbdt", "nn") else 0
    held_out = split_log(tallies, world, judged="later", lag_h=design.lag_h, negatives=negatives, seed=seed)
    if model == "mf":
        taught, n_people, n_events = held_out.train, len(world.people.city), len(world.events.host)
        learnt = factors.learn_factors(taught.person[taught.y], taught.event[taught.y], n_people, n_events, seed)
        made = event_ranker.Ranker(None, learnt, 1.0)
    else:
        more = {"compression": "fp32"} if model == "nn" else {}
        made = event_ranker.train(held_out.train, model, groups="all", learnt_from=1.0, seed=seed, **more)
    return judge(held_out, made, world)["map"].value


def _boosted() -> tuple[Constant, ...]:
    return (
        Constant(scorers, "TREES", one_of(4, 6, 8, 12, 16), "num_leaves"),
        Constant(scorers, "TREES", log_uniform(0.05, 0.3), "learning_rate"),
        Constant(scorers, "TREES", one_of(20, 40, 80), "min_data_in_leaf"),
        Constant(scorers, "N_TREES", one_of(20, 40, 80)),
    )


EVENTS = Tuned(
    "mAP", "a later week of two other worlds, seeds 100 and 101",
    {
        "lr": (Constant(scorers, "C_PLAIN", log_uniform(0.003, 10)),),
        "lr_buckets": (
            Constant(scorers, "C_BUCKETS", log_uniform(0.003, 1)), Constant(scorers, "BUCKETS", one_of(5, 10, 20)),
        ),
        "gbdt": _boosted(),
        "lambdamart": _boosted(),
        "nn": (
            Constant(network, "RATE", log_uniform(0.003, 0.05)), Constant(network, "PASSES", one_of(4, 8, 12)),
            Constant(network, "WIDTHS", one_of((16, 8), (32, 16), (64, 32))),
        ),
        "mf": (
            Constant(factors, "FACTORS", one_of(4, 8, 16)), Constant(factors, "CONFIDENCE", log_uniform(5, 60)),
            Constant(factors, "L2", log_uniform(0.5, 20)),
        ),
    },
    _event_score, lambda model: EventRecommendation(model=model),
)  # fmt: skip


# Harmful content: average precision on the posts between training and test


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


HARM = Tuned(
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


# News feed: how much better than base rates the heads foretell the last day of two other worlds


def _feed_score(model: str) -> float:
    return float(np.mean([_information(model, seed) for seed in OTHER_SEEDS]))


def _information(model: str, seed: int) -> float:
    """The mean over binary heads of 1 - cross-entropy ÷ entropy, at the places where the posts stood."""
    design = NewsFeed(model=model)
    logged = news_stages(design, seed)["logged"].value
    shape = _feed_shape(design) if model in heads.NETWORKS else {}
    how = dict(heads=design.heads, position=design.position, rare=design.rare)
    scorer = heads.train(logged, model, **how, seed=seed, **shape)
    said = heads.rows_scored(scorer, logged.test, design.position == "tower")[:, : len(BINARY)].clip(1e-6, 1 - 1e-6)
    done = logged.test.done[:, : len(BINARY)]
    base = done.mean(axis=0).clip(1e-6, 1 - 1e-6)
    return float((1 - _entropy(done, said) / _entropy(done, base)).mean())


def _entropy(done: np.ndarray, said: np.ndarray) -> np.ndarray:
    return -(done * np.log(said) + (1 - done) * np.log(1 - said)).mean(axis=0)


def _feed_shape(design: NewsFeed) -> dict[str, int]:
    return {"width": design.width} | ({"experts": design.experts} if design.model == "mmoe" else {})


NETWORK = (
    Constant(training, "RATE", log_uniform(0.002, 0.04)), Constant(training, "EPOCHS", one_of(2, 3, 5)),
    Constant(training, "BATCH", one_of(512, 1024, 2048)), Constant(training, "DECAY", one_of(0.0, 0.6, 1.0, 3.0)),
)  # fmt: skip
FEED = Tuned(
    "relative information gain, mean over heads", "the last day of two other worlds, seeds 100 and 101",
    {
        "lr": (Constant(news_linear, "LR_C", log_uniform(0.001, 3)),),
        "gbdt": (
            Constant(news_trees, "TREES", one_of(20, 30, 45)), Constant(news_trees, "LEAVES", one_of(4, 6, 10, 16)),
            Constant(news_trees, "TREE_RATE", log_uniform(0.06, 0.3)),
            Constant(news_trees, "LEAST_IN_LEAF", one_of(30, 60, 120)),
        ),
        "separate": NETWORK, "shared": NETWORK, "mmoe": NETWORK,
    },
    _feed_score, lambda model: NewsFeed(model=model),
)  # fmt: skip
CASES = {"event_recommendation": EVENTS, "harmful_content": HARM, "news_feed": FEED}


def tune(slug: str, tuned: Tuned) -> dict[str, Any]:
    """What the record says of a case."""
    rows = [_tuned_model(slug, tuned, model, constants) for model, constants in tuned.models.items()]
    return dict(metric=tuned.metric, split=tuned.split, recorded_on=date.today().isoformat(), models=rows)


def _tuned_model(slug: str, tuned: Tuned, model: str, constants: Sequence[Constant]) -> dict[str, Any]:
    settings, scores = settings_of(constants), []
    for setting in settings:
        with standing(constants, setting):
            scores.append(round(tuned.judge(model), 4))
    best = int(np.argmax(scores))  # the first of equals, which is the one in use
    change = _on_test(slug, tuned, model, constants, settings[best]) if best else None
    print(slug, model, scores, settings[best], change, flush=True)
    return dict(model=model, settings=settings, scores=scores, best=best, test=change)


def _on_test(
    slug: str, tuned: Tuned, model: str, constants: Sequence[Constant], setting: Setting
) -> dict[str, float]:  # fmt: skip
    """The first quality with the best setting minus that with the one in use, over units of all test seeds."""
    in_use = [_first_quality(slug, tuned.design(model), seed) for seed in tuned.seeds]
    with standing(constants, setting):
        changed = [_first_quality(slug, tuned.design(model), seed) for seed in tuned.seeds]
    MEMO.clear()
    values = [np.concatenate([one.per_query for one in some]) for some in (changed, in_use)]
    clusters, start = [], 0
    for one in in_use:
        own = np.arange(len(one.per_query)) if one.clusters is None else np.unique(one.clusters, return_inverse=True)[1]
        clusters.append(own + start)
        start += int(own.max()) + 1
    found = paired_difference(*values, 0, np.concatenate(clusters))
    in_use_mean = float(np.mean([one.value for one in in_use]))
    return dict(
        in_use=round(in_use_mean, 4), mean=round(found.mean, 4), low=round(found.low, 4), high=round(found.high, 4)
    )


def _first_quality(slug: str, design: Any, seed: int) -> Estimate:
    MEMO.clear()
    case = load_case(slug)
    with untimed():
        return case.run(design, seed).quality[case.qualities[0].key]


def main() -> None:
    """Record the cases that are named, or all three; the others stay as they are recorded."""
    for slug in sys.argv[1:] or CASES:
        made = tune(slug, CASES[slug])
        recorded = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
        recorded[slug] = made
        FILE.write_text(json.dumps(recorded, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
