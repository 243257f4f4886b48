"""How ad click prediction can be framed, and real rows of its log; the words are in interview.toml."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from core.cases.ad_click.data.exposures import LAGS, Log
from core.cases.ad_click.design import AdClick, generated, stored
from core.cases.ad_click.features import FEATURES
from core.cases.ad_click.pipeline import LAG_OF, stages
from core.contract.interview_spec import Column, Sample
from core.contract.words import load_interview, load_sources

SHOWN = 500


def _learned(design: AdClick) -> AdClick:
    return design if design.model != "base" else replace(design, model="hybrid")


FRAMINGS = {
    "calibrated": lambda design: replace(_learned(design), negatives=1.0, calibrator="platt"),
    "ordered": lambda design: replace(_learned(design), negatives=0.1, calibrator="none"),
}
BASKETS, SPEND, CATEGORY = "baskets, 30 days", "spend, 30 days", "days its category was bought"
AD_CLICKS, AD_SHOWS = "ad: clicks, 14 days", "ad: shows, 14 days"
KEY = (Column("exposure", "int", low=0, unique=True), Column("clicked", "int", 0, 1))
AGES = ("unknown", "19-24", "25-34", "35-44", "45-54", "55-64", "65+")
COUPON_COLUMNS = (
    *KEY,
    Column("day", "int", 1, 365),
    Column("type", "str", allowed=("Type A", "Type B", "Type C")),
    Column("age", "str", allowed=AGES),
    Column(BASKETS, "int", 0, 150),
    Column(SPEND, "int", 0, 3_000),
    Column(CATEGORY, "int", 0, 1_000),
)
GENERATED_COLUMNS = (
    *KEY,
    Column("day", "int", 0, 144),
    Column("segment", "int", 0, 7),
    Column("placement", "int", 0, 3),
    Column("device", "int", 0, 2),
    Column(AD_CLICKS, "int", 0, 500),
    Column(AD_SHOWS, "int", 0, 1_000),
)


def sample(design: AdClick, seed: int) -> Sample:
    """Exposures over the whole log with the counters that the design reads, at most 500, by day."""
    steps = stages(design, seed)
    log, rows = steps["world"].value, steps["taught"].value
    used = np.sort(np.concatenate([rows.train, rows.test]))
    chosen = used[np.unique(np.linspace(0, len(used) - 1, SHOWN).astype(int))]
    parts = {"training": rows.train, "test": rows.test}
    columns = GENERATED_COLUMNS if generated(design) else COUPON_COLUMNS
    lag = LAGS.index(LAG_OF[design.refresh_days]) if stored(design) else 0
    return Sample(
        rows=tuple({column.name: _value(log, row, column.name, lag) for column in columns} for row in chosen.tolist()),
        columns=columns,
        split={name: len(part) for name, part in parts.items() if len(part)},
        labels="A click is a display that was answered: a coupon redeemed, or a generated ad clicked by its known "
        "chance. A click that came after the model was made counts as none.",
        leakage=f"Counters stop {_ago(LAGS[lag])} the exposure, and the model knows only clicks up to its cut. "
        + (
            "Here the days are shuffled, so later days teach earlier ones."
            if design.split == "random"
            else "The test lies after everything that was learnt from."
        )
        + f" Features: {FEATURES[design.features].lower()}.",
        spoil=spoil,
    )


def _ago(days: int) -> str:
    return {0: "at", 1: "a day before"}.get(days, f"{days} days before")


def _value(log: Log, row: int, name: str, lag: int) -> int | str:
    if name in log.counters:
        return int(log.counts[lag, row, log.counters.index(name)])
    if name in log.fields:
        code = int(log.codes[row, log.fields.index(name)])
        return code if name not in log.names else log.names[name][code] if code else "unknown"
    return int({"exposure": row, "clicked": log.clicked[row], "day": log.day[row]}[name])


def spoil(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows as a broken feed would bring them: sent twice, dated ahead, a counter missing or of another unit."""
    spoilt = [dict(row) for row in rows]
    counter = SPEND if SPEND in spoilt[0] else AD_SHOWS
    for row in spoilt[::7]:
        row["day"] += 365
    for row in spoilt[1::7]:
        row[counter] = None
    for row in spoilt[2::7]:
        row[counter] = (row[counter] + 1) * 10_000
    for before, row in zip(spoilt[2::7], spoilt[3::7], strict=False):
        row["exposure"] = before["exposure"]
    return spoilt


SOURCES, PUBLISHED = load_sources(__file__)
INTERVIEW = load_interview(__file__, AdClick, SOURCES, FRAMINGS, sample)
