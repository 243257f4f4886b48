"""Ad click prediction from the log to figures: the stages in order, and what one run measures."""

from __future__ import annotations

from typing import Any

from core.cases.ad_click.data.exposures import TEST_ROWS, count_ads, load_world
from core.cases.ad_click.design import AdClick, stored, takes
from core.cases.ad_click.evaluate import auction
from core.cases.ad_click.evaluate.auction import ELIGIBLE
from core.cases.ad_click.evaluate.metrics import grade
from core.cases.ad_click.evaluate.shown import show
from core.cases.ad_click.features import choose_rows, encode, fit_encoder, hold_back, sample_negatives
from core.cases.ad_click.model import calibration, kinds
from core.cases.ad_click.model.kinds import MODELS, PENALTY
from core.cases.ad_click.serve import requests, stores
from core.contract.case import SEED, Measurement
from core.runtime.measuring import Plan, measure
from core.runtime.memo import Step, held_bytes, own_seconds, step
from core.stages import trees
from core.stages.serve import snapshot_age_h

TRAINING = ("taught", "encoder", "lesson", "model")
LAG_OF = {1: 1, 7: 4, 28: 14}  # days a store is behind on average: half its refresh, rounded up


def stages(design: AdClick, seed: int = SEED) -> dict[str, Step]:
    """Every stage of a design by name. Steps are lazy: the ways of serving that it does not use cost nothing."""
    kind, lag = MODELS[design.model], LAG_OF[design.refresh_days] if stored(design) else 0
    reads = dict(lag=lag, features=design.features)
    how = design.calibrator if design.model != "base" else "none"  # the base rate is a chance already
    age_days = snapshot_age_h(24 * design.retrain_days) / 24

    world = step(load_world, data=design.data, interactions=design.interactions, drift=design.drift, seed=seed)
    rows = step(choose_rows, world, split=design.split, age=age_days, share=design.share, seed=seed)
    taught = _training(design, world, rows, seed, reads)
    rehearsed, calibrator = {}, step(calibration.undo_sampling, how=how, rate=design.negatives)
    if how in ("platt", "isotonic"):  # learnt on the latest quarter, from a twin of the model that never saw it
        kept_back = step(hold_back, rows)
        rehearsed = _training(design, world, kept_back, seed, reads)
        unseen = step(encode, world, kept_back, rehearsed["encoder"], part="calibration", reads=kind.reads, **reads)
        calibrator = step(calibration.calibrate, rehearsed["model"], unseen, kept_back, how=how)

    model, encoder = taught["model"], taught["encoder"]
    test = step(encode, world, taught["taught"], encoder, part="test", reads=kind.reads, **reads)
    online = step(kinds.predict, model, test, calibrator)
    raw = step(kinds.predict_raw, model, test)
    table = step(stores.fill_table, world, rows, lag=lag, name=rows.key)
    ahead = step(
        stores.predict_ahead, model, calibrator, encoder, world, taught["taught"], **reads, name=design.model, seed=seed
    )
    store = step(stores.precompute, ahead, world, rows, lag=lag, name=ahead.key)
    served = {
        "online": online,
        "batch": step(stores.from_store, store, rows),
        "hybrid": step(stores.from_store_or_model, store, online),
    }[design.serving]
    scored = design.candidates if design.serving == "online" else ELIGIBLE
    takings = step(auction.sell, served, world, rows, candidates=scored, outside=design.outside, lag=lag, seed=seed)
    score = (model, calibrator, encoder, world, rows)
    scoring = dict(**reads, name=design.model)
    return dict(
        world=world, rows=rows, **taught, **{f"{name}_rehearsed": rehearsed[name] for name in rehearsed},
        calibrator=calibrator, online=online, raw=raw, ahead=ahead, table=table, store=store, served=served,
        takings=takings,
        n_ads=step(count_ads, world), counters=step(stores.start_counters, world, rows),
        quality=step(grade, served, world, rows, takings),
        shown=step(show, served, raw, takings, world, taught["taught"], encoder, candidates=scored,
                   outside=design.outside, lag=lag, seed=seed),
        choosing=step(requests.time_choosing, world, rows, lag=lag, candidates=scored),
        reading=step(requests.time_table, table, candidates=scored) if stored(design)
        else step(requests.time_counters, world, rows, candidates=scored),
        scoring=step(requests.time_scoring, *score, **scoring, candidates=scored),
        new=step(requests.time_new_ads, *score, **scoring),
        auction=step(requests.time_auction, served, candidates=scored, outside=design.outside),
        looking=step(requests.time_look_up, store),
        batches=step(requests.time_in_batches, *score, **scoring, candidates=scored, size=design.batch),
    )  # fmt: skip


def _training(design: AdClick, world: Step, rows: Step, seed: int, reads: dict[str, Any]) -> dict[str, Step]:
    """From rows to a model, by the names of TRAINING."""
    kind = MODELS[design.model]
    taught = step(sample_negatives, rows, rate=design.negatives, seed=seed)
    buckets = design.buckets if "buckets" in kind.knobs else 1
    encoder = step(fit_encoder, world, taught, buckets=buckets, crosses=kind.crosses, **reads)
    lesson = step(encode, world, taught, encoder, part="train", reads=kind.reads, **reads)
    knobs = {name: getattr(design, name) for name in kind.knobs}
    knobs |= {"penalty": PENALTY[design.data][design.model]} if design.model in PENALTY[design.data] else {}
    model = step(kinds.train, lesson, taught, model=design.model, **knobs, seed=seed)
    return dict(zip(TRAINING, (taught, encoder, lesson, model), strict=True))


def plan(design: AdClick, seed: int = SEED) -> Plan:
    """What of the stages is timed, held by a replica and made ahead."""
    s = stages(design, seed)
    scoring, kept = design.serving != "batch", _kept(design)
    counted = {"store" if kept == "store" else "counters": s[kept]}
    trained = [s[name] for name in (*TRAINING, *map("{}_rehearsed".format, TRAINING), "calibrator") if name in s]
    return Plan(
        quality=s["quality"],
        timed={part: s[stage] for part, stage in TIMED[design.serving].items()},
        held=counted | ({name: s[name] for name in ("model", "calibrator", "encoder")} if scoring else {}),
        built=[s["model"], s["calibrator"]] * scoring + [s[kept]],
        n_items=s["n_ads"].value,
        n_keys=TEST_ROWS[design.data] // ELIGIBLE if design.serving != "online" else 0,
        store=s[kept] if stored(design) else None,
        refreshed=trained,
        refreshed_once=trained,
        refresh_s=lambda: _filling_s(design, s),
        refresh_every_h=24 * design.retrain_days,
        answered=lambda: float(stores.known_ads(s["world"].value, s["rows"].value, LAG_OF[design.refresh_days]).mean()),
        batches=s["batches"] if design.batch > 1 else None,
        counts=_counts(design, s),
        shown=s["shown"],
    )


def run(design: AdClick, seed: int = SEED) -> Measurement:
    """Measure one design. Raises DataError where the file of its data is amiss."""
    if takes("trees")(design):
        trees.load()  # once a process, and no part of what a training run takes
    return measure(plan, design, seed)


TIMED = {  # part of a request → the stage that times it
    "online": {"choose candidates": "choosing", "read features": "reading", "score": "scoring", "auction": "auction"},
    "batch": {"look up": "looking", "auction": "auction"},
    "hybrid": {"look up": "looking", "score new ads": "new", "auction": "auction"},
}


def _kept(design: AdClick) -> str:
    """What a request reads: scores made ahead, or counters in a table or in memory."""
    if design.serving != "online":
        return "store"
    return "table" if stored(design) else "counters"


def _filling_s(design: AdClick, s: dict[str, Step]) -> float:
    """CPU seconds of the refreshes of the store that fall between two retrainings."""
    if not stored(design):
        return 0.0
    filled = own_seconds(s[_kept(design)], *((s["ahead"],) if design.serving != "online" else ()))
    return filled * design.retrain_days / design.refresh_days


def _counts(design: AdClick, s: dict[str, Step]) -> dict[str, float]:
    """Ads scored a request, exposures learnt from, bytes of the model, and what its buckets hold."""
    scored = float(design.candidates) if design.serving == "online" else 0.0
    if design.serving == "hybrid":
        new = ~stores.known_ads(s["world"].value, s["rows"].value, LAG_OF[design.refresh_days])
        scored = float(new.mean() * ELIGIBLE)
    shown = s["shown"].value
    hashed = {"values": float(shown.values), "buckets hit": float(shown.buckets_hit)}
    return {
        "ads scored": scored,
        "exposures learnt from": float(shown.taught),
        "model bytes": float(held_bytes(s["model"])),
        **(hashed if takes("buckets")(design) else {}),
    }
