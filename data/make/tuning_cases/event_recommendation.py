"""Event recommendation: mAP in a later week of two other worlds."""

from __future__ import annotations

import numpy as np

from core.cases.event_recommendation.design import EventRecommendation
from core.cases.event_recommendation.evaluate.held_out import judge, split_log
from core.cases.event_recommendation.model import factors, network, scorers
from core.cases.event_recommendation.model import ranker as event_ranker
from core.cases.event_recommendation.pipeline import stages as event_stages
from data.make.tuning_cases.settings import OTHER_SEEDS, Constant, Tuned, log_uniform, one_of


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


TUNED = Tuned(
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
