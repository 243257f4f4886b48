"""Ad click prediction from the log to figures: the stages in order, and what one run measures."""

from __future__ import annotations

from core.cases.ad_click.data.exposures import load_world
from core.cases.ad_click.design import AdClick, generated, stored, takes
from core.cases.ad_click.evaluate import auction
from core.cases.ad_click.evaluate.auction import ELIGIBLE
from core.cases.ad_click.evaluate.metrics import grade
from core.cases.ad_click.evaluate.shown import show
from core.cases.ad_click.features import choose_rows, encode, fit_encoder, sample_negatives
from core.cases.ad_click.model import calibration, kinds
from core.cases.ad_click.model.kinds import MODELS, PENALTY
from core.cases.ad_click.model.trees import compiled_walk
from core.cases.ad_click.serve import requests, stores
from core.contract.case import SEED, Measurement
from core.runtime.memo import Step, build_seconds, nbytes, own_seconds, recording, step, trace
from core.stages.serve import snapshot_age_h

LAG_OF = {1: 1, 7: 4, 28: 14}  # days a store is behind on average: half its refresh, rounded up


def stages(design: AdClick, seed: int = SEED) -> dict[str, Step]:
    """Every stage of a design by name. Steps are lazy: the ways of serving that it does not use cost nothing."""
    kind, lag = MODELS[design.model], LAG_OF[design.refresh_days] if stored(design) else 0
    reads = dict(lag=lag, features=design.features)
    how = design.calibrator if design.model != "base" else "none"  # the base rate is a chance already
    held_back = how in ("platt", "isotonic")
    age_days = snapshot_age_h(24 * design.retrain_days) / 24

    world = step(load_world, data=design.data, **_dials(design), seed=seed)
    rows = step(
        choose_rows, world, split=design.split, age=age_days, share=design.share, held_back=held_back, seed=seed
    )
    taught = step(sample_negatives, rows, rate=design.negatives, seed=seed)
    buckets = design.buckets if "buckets" in kind.knobs else 1
    encoder = step(fit_encoder, world, taught, buckets=buckets, crosses=kind.crosses, **reads)
    inputs = {
        part: step(encode, world, taught, encoder, part=part, reads=kind.reads, **reads)
        for part in ("train", "calibration", "test")
    }
    knobs = {name: getattr(design, name) for name in kind.knobs}
    knobs |= {"penalty": PENALTY[design.data][design.model]} if design.model in PENALTY[design.data] else {}
    model = step(kinds.train, inputs["train"], taught, model=design.model, **knobs, seed=seed)
    calibrator = (
        step(calibration.calibrate, model, inputs["calibration"], taught, how=how)
        if held_back
        else step(calibration.undo_sampling, how=how, rate=design.negatives)
    )

    online = step(kinds.predict, model, inputs["test"], calibrator)
    raw = step(kinds.predict_raw, model, inputs["test"])
    table = step(stores.fill_table, world, rows, lag=lag, name=rows.key)
    store = step(stores.precompute, online, world, rows, lag=lag, name=online.key)
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
        world=world, rows=rows, taught=taught, encoder=encoder, model=model, calibrator=calibrator, online=online,
        raw=raw, table=table, store=store, served=served, takings=takings,
        counters=step(stores.start_counters, world, rows),
        quality=step(grade, served, rows, takings, seed=seed),
        shown=step(show, served, raw, takings, world, taught, encoder, candidates=scored, outside=design.outside,
                   lag=lag, seed=seed),
        choosing=step(requests.time_choosing, world, rows, lag=lag, candidates=scored),
        reading=step(requests.time_table, table, candidates=scored) if stored(design)
        else step(requests.time_counters, world, rows, candidates=scored),
        scoring=step(requests.time_scoring, *score, **scoring, candidates=scored),
        new=step(requests.time_new_ads, *score, **scoring),
        auction=step(requests.time_auction, served, candidates=scored, outside=design.outside),
        looking=step(requests.time_look_up, store),
        batches=step(requests.time_in_batches, *score, **scoring, candidates=scored, size=design.batch),
    )  # fmt: skip


def run(design: AdClick, seed: int = SEED) -> Measurement:
    """Measure one design. Raises DataError where the file of its data is amiss."""
    if takes("trees")(design):
        compiled_walk()  # once a process, and no part of what a training run takes
    with recording() as computed:
        s = stages(design, seed)
        timed = {PARTS[name]: s[name] for name in TIMED[design.serving]}
        parts = {name: each.value.wall_ms for name, each in timed.items()}
        return Measurement(
            quality=s["quality"].value,
            service_ms=sum(parts.values()),
            parts_ms=parts,
            batches_ms={n: t.median_ms for n, t in s["batches"].value.items()} if design.batch > 1 else {},
            memory_bytes=_memory_bytes(design, s),
            build_s=build_seconds(*(s[name] for name in _held(design))),
            refresh_s=_refresh_s(design, s),
            refresh_every_h=24.0 * design.retrain_days,
            store_bytes=s[_file(design)].value.nbytes if stored(design) else 0,
            counts=_counts(design, s),
            steps=trace(computed, s["quality"], *timed.values()),
            noise=max(each.value.noise for each in timed.values()),
            shown=s["shown"].value,
        )


PARTS = {
    "choosing": "choose candidates", "reading": "read features", "scoring": "score", "new": "score new ads",
    "auction": "auction", "looking": "look up",
}  # fmt: skip
TIMED = {
    "online": ("choosing", "reading", "scoring", "auction"),
    "batch": ("looking", "auction"),
    "hybrid": ("looking", "new", "auction"),
}


def _dials(design: AdClick) -> dict[str, float]:
    """The dials of the generator, where it is used."""
    names = ("interactions", "drift")
    return {name: getattr(design, name) if generated(design) else 0.0 for name in names}


def _file(design: AdClick) -> str:
    """Which file is read: of features online, of scores otherwise."""
    return "table" if design.serving == "online" else "store"


def _held(design: AdClick) -> tuple[str, ...]:
    """What must be made before the first request."""
    if design.serving == "online":
        return ("model", "calibrator", "table" if stored(design) else "counters")
    return ("store",) if design.serving == "batch" else ("model", "calibrator", "store")


def _memory_bytes(design: AdClick, s: dict[str, Step]) -> int:
    """What a replica holds: the model with its encoder, and counters, the table of features, or that of scores."""
    file = s[_file(design)].value.nbytes if stored(design) else s["counters"].value.nbytes
    model = s["model"].value.nbytes + nbytes(s["encoder"].value) if design.serving != "batch" else 0
    return file + model


def _refresh_s(design: AdClick, s: dict[str, Step]) -> float:
    """CPU seconds of one retraining, and of the refreshes of the store that fall between two of them."""
    again = (s["taught"], s["encoder"], *s["model"].inputs[:1], s["model"], s["calibrator"])
    filled = own_seconds(s[_file(design)], *((s["online"],) if design.serving != "online" else ()))
    return own_seconds(*again) + (filled * design.retrain_days / design.refresh_days if stored(design) else 0.0)


def _counts(design: AdClick, s: dict[str, Step]) -> dict[str, float]:
    """Ads scored a request, exposures learnt from, bytes of the model."""
    scored = float(design.candidates) if design.serving == "online" else 0.0
    if design.serving == "hybrid":
        new = ~stores.known_ads(s["world"].value, s["rows"].value, LAG_OF[design.refresh_days])
        scored = float(new.mean() * ELIGIBLE)
    return {
        "ads scored": scored,
        "exposures learnt from": float(len(s["taught"].value.train)),
        "model bytes": float(s["model"].value.nbytes),
        **({"values": float(s["shown"].value.values), "buckets hit": float(s["shown"].value.buckets_hit)}
           if takes("buckets")(design) else {}),
    }  # fmt: skip
