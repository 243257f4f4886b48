"""Give every model of a case the same number of settings on data that judge nothing, and record what was best.

    python -m data.make.tuning [event_recommendation …]

The first setting of a model is the one in use, the others are drawn at random with a fixed seed. Each is judged on a
validation split, which the case's file in `data/make/tuning_cases` makes: worlds of other seeds than those the pages
open with, or data kept out of training and test. The best one is then compared with the one in use on the test data,
in pairs; nothing is adopted by this script.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import date
from importlib import import_module
from typing import Any

import numpy as np

from core.analysis.tuning_record import FILE
from core.catalog import load_case
from core.contract.case import Estimate
from core.metrics import paired_difference
from core.runtime.measuring import untimed
from core.runtime.memo import MEMO
from data.make.tuning_cases.settings import Constant, Setting, Tuned, settings_of, standing

CASES = (
    "event_recommendation", "harmful_content", "news_feed",
    "similar_listings", "street_view_blurring", "video_search", "visual_search",
)  # fmt: skip


def tune(slug: str, tuned: Tuned) -> dict[str, Any]:
    """What the record says of a case."""
    rows = [_tuned_model(slug, tuned, model, constants) for model, constants in tuned.models.items()]
    said = dict(metric=tuned.metric, split=tuned.split, recorded_on=date.today().isoformat(), models=rows)
    return said | ({"untuned": list(tuned.untuned)} if tuned.untuned else {})


def _tuned_model(slug: str, tuned: Tuned, model: str, constants: Sequence[Constant]) -> dict[str, Any]:
    settings, scores = settings_of(constants), []
    for setting in settings:
        with standing(constants, setting):
            scores.append(round(tuned.judge(model), 4))
    best = int(np.argmax(scores))  # the first of equals, which is the one in use
    change = _on_test(slug, tuned, model, constants, settings[best]) if best else None
    print(slug, model, scores, settings[best], change, flush=True)
    said = dict(model=model, settings=settings, scores=scores, best=best, test=change)
    return said | ({"reduced": tuned.reduced[model]} if model in tuned.reduced else {})


def _on_test(
    slug: str, tuned: Tuned, model: str, constants: Sequence[Constant], setting: Setting
) -> dict[str, float]:  # fmt: skip
    """The first quality with the best setting minus that with the one in use, over units of all test seeds."""
    in_use = _first_qualities(slug, tuned, model)
    with standing(constants, setting):
        changed = _first_qualities(slug, tuned, model)
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


def _first_qualities(slug: str, tuned: Tuned, model: str) -> list[Estimate]:
    with tuned.serving(model):
        return [_first_quality(slug, tuned.design(model), seed) for seed in tuned.seeds]


def _first_quality(slug: str, design: Any, seed: int) -> Estimate:
    MEMO.clear()
    case = load_case(slug)
    with untimed():
        return case.run(design, seed).quality[case.qualities[0].key]


def main() -> None:
    """Record the cases that are named, or all; the others stay as they are recorded."""
    for slug in sys.argv[1:] or CASES:
        made = tune(slug, import_module(f"data.make.tuning_cases.{slug}").TUNED)
        recorded = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
        recorded[slug] = made
        FILE.write_text(json.dumps(recorded, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
