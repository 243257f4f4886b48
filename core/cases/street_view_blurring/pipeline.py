"""Street View blurring from photos to figures: the stages in order, and what one run measures."""

from __future__ import annotations

import numpy as np

from core.cases.street_view_blurring import evaluate, features
from core.cases.street_view_blurring.data.photos import load_photos
from core.cases.street_view_blurring.design import StreetViewBlurring
from core.cases.street_view_blurring.model import calibration, second_look
from core.cases.street_view_blurring.model.detectors import DETECTORS
from core.cases.street_view_blurring.serve import detect, repeats, timing
from core.cases.street_view_blurring.serve.store import as_of, from_store, from_store_or_detect, precompute
from core.contract.case import SEED, Measurement
from core.datasets.street import load_street
from core.runtime.measuring import Plan, measure
from core.runtime.memo import Step, own_seconds, step
from core.stages.serve import snapshot_age_h, unseen_share

TAUGHT_ON = dict(crowd=0.5, size="mixed", light="day", repeats=0.0)  # whatever the world is turned to afterwards


def stages(design: StreetViewBlurring, seed: int = SEED) -> dict[str, Step]:
    """Every stage of a design by name. Steps are lazy: what it does not use costs nothing."""
    dials = dict(crowd=design.crowd, size=design.object_size, light=design.light, repeats=design.repeats)
    street = step(load_street)
    photos = step(load_photos, street, split="test", **dials, seed=seed)
    training = step(load_photos, street, split="train", **TAUGHT_ON, seed=seed)

    reading = dict(px=design.px, tiles=design.tiles)
    stack, stack_taught = (step(features.read, taken, **reading) for taken in (photos, training))
    names = detectors(design)
    models = {name: step(detect.load_model, name=name, precision=_precision(design, name)) for name in names}
    raw, raw_taught = (_raw(read, models, design.tiles) for read in (stack, stack_taught))
    detected, detected_taught = _merged(raw), _merged(raw_taught)
    calibrated = step(calibration.calibrate, detected_taught, training)
    weighed = step(detect.calibrate_scores, detected, calibrated)
    single = step(detect.nms, weighed, iou=design.nms)

    checking, looking = design.verify != "off", dict(level=design.verify)
    weighed_taught = step(detect.calibrate_scores, detected_taught, calibrated)
    single_taught = step(detect.nms, weighed_taught, iou=calibration.DOUBLES)
    verifier = step(second_look.fit_verifier, single_taught, training, learnt_from=design.learnt_from, seed=seed)
    looked = step(detect.verify, single, verifier, photos, **looking) if checking else single

    skipping = design.skip != "off"
    vectors = step(features.describe, photos)
    index = step(repeats.index_photos, vectors, seed=seed)
    taken = step(repeats.sources, index, vectors, level=design.skip) if skipping else step(repeats.own, photos)
    boxes = step(repeats.copied, looked, taken) if skipping else looked

    then = step(as_of, boxes, photos, unseen=unseen(design))
    store = step(precompute, then, photos, unseen=unseen(design), name=then.key)
    served = {
        "online": boxes,
        "batch": step(from_store, store, photos),
        "hybrid": step(from_store_or_detect, store, photos, boxes),
    }[design.serving]
    over, tiled = dict(threshold=design.threshold), dict(tiles=design.tiles)
    timed = {
        "look up": step(timing.time_looking_up, store),
        "compare": step(timing.time_comparing, index, photos),
        "read": step(timing.time_reading, photos, **reading),
        **{name: step(timing.time_detecting, models[name], stack, name=name, **tiled) for name in names},
        "merge": step(timing.time_merging, detected, calibrated, photos, iou=design.nms),
        "verifier": step(timing.time_checking, single, verifier, photos, **over, **looking),
        "blur": step(timing.time_blurring, served, photos, **over),
    }
    stale = dict(unseen=unseen(design) if design.serving == "batch" else 0.0)
    return dict(
        photos=photos, training=training, stack=stack, detected=detected, calibration=calibrated, weighed=weighed,
        single=single, verifier=verifier, looked=looked, vectors=vectors, index=index, taken=taken, boxes=boxes,
        then=then, store=store, served=served,
        quality=step(evaluate.grade, served, photos, **over),
        shown=step(evaluate.show, served, photos, taken, **over, **stale, skip=skipping),
        together=step(timing.time_in_batches, stack, *models.values(), names=names, **tiled, size=design.batch),
        **{f"model {name}": model for name, model in models.items()},
        **{f"raw {name}": boxes for name, boxes in raw.items()},
        **{f"time {part}": clock for part, clock in timed.items()},
    )  # fmt: skip


def plan(design: StreetViewBlurring, seed: int = SEED) -> Plan:
    """What of the stages is timed, held by a replica and made ahead."""
    s = stages(design, seed)
    stored, fresh, searched = design.serving != "online", _detected_now(design, s), _searched(s)
    detecting = {"compare": fresh, **dict.fromkeys(_searching(design), fresh & searched)}
    held = _held(design, s)
    return Plan(
        quality=s["quality"],
        timed={part: s[f"time {part}"] for part in _parts(design, detecting)},
        passing=lambda part: _timed_requests(detecting[part]) if part in detecting else None,
        held=held,
        built=list(held.values()),
        indexed=[held["index"]] if "index" in held else (),
        n_items=len(searched),
        n_keys=len(searched) if stored else 0,
        store=s["store"] if stored else None,
        refresh_s=lambda: _backlog_s(design, s) if stored else 0.0,
        refresh_every_h=design.refresh_h if stored else 0.0,
        answered=lambda: s["store"].value.rows / len(s["photos"].value.pixels),
        batches=s["together"] if design.batch > 1 else None,
        counts=_counts(design, s),
        shown=s["shown"],
    )


def run(design: StreetViewBlurring, seed: int = SEED) -> Measurement:
    """Measure one design. Raises DataError where a file of its data or weights is amiss."""
    return measure(plan, design, seed)


def detectors(design: StreetViewBlurring) -> tuple[str, ...]:
    """The detectors that look at a photo, each once."""
    return tuple(dict.fromkeys((design.faces, design.plates)))


def unseen(design: StreetViewBlurring) -> float:
    """The share of photos newer than a backlog run of mean age."""
    if design.serving == "online":
        return 0.0
    return unseen_share(design.arrivals, snapshot_age_h(design.refresh_h))


def _precision(design: StreetViewBlurring, name: str) -> str:
    return design.precision if DETECTORS[name].networked else "fp32"


def _raw(stack: Step, models: dict[str, Step], tiles: int) -> dict[str, Step]:
    """What each detector finds."""
    return {name: step(detect.detect, model, stack, name=name, tiles=tiles) for name, model in models.items()}


def _merged(raw: dict[str, Step]) -> Step:
    """One detector's boxes, or the first one's faces with the second one's plates."""
    by_detector = list(raw.values())
    return by_detector[0] if len(by_detector) == 1 else step(detect.pick, *by_detector, faces=0, plates=1)


def _searching(design: StreetViewBlurring) -> list[str]:
    """The parts that a photo passes through when it is searched."""
    return ["read", *detectors(design), "merge", *(["verifier"] if design.verify != "off" else [])]


def _detected_now(design: StreetViewBlurring, s: dict[str, Step]) -> np.ndarray:
    """Which photos (n,) have no stored boxes and are not simply shown as they are."""
    age = s["photos"].value.age
    if design.serving == "online":
        return np.ones(len(age), bool)
    return (age < unseen(design)) & (design.serving == "hybrid")


def _searched(s: dict[str, Step]) -> np.ndarray:
    """Which photos (n,) are searched rather than given an earlier one's boxes."""
    taken = s["taken"].value
    return taken == np.arange(len(taken))


def _parts(design: StreetViewBlurring, detecting: dict[str, np.ndarray]) -> list[str]:
    """The parts that some photo passes through, in order."""
    skipped = {"compare"} if design.skip == "off" else set()
    reached = [part for part, through in detecting.items() if through.any() and part not in skipped]
    return ["look up"] * (design.serving != "online") + reached + ["blur"]


def _timed_requests(photos: np.ndarray) -> np.ndarray:
    """What holds of each photo (n,), for each timed request."""
    return photos[np.arange(timing.N_TIMED) % len(photos)]


def _held(design: StreetViewBlurring, s: dict[str, Step]) -> dict[str, Step]:
    """What requests are served from: the store, or the detectors with what is fitted to them."""
    store = {"store": s["store"]} if design.serving != "online" else {}
    if design.serving == "batch":
        return store
    verifier = {"verifier": s["verifier"]} if design.verify != "off" else {}
    index = {"index": s["index"]} if design.skip != "off" else {}
    models = {name: s[f"model {name}"] for name in detectors(design)}
    return {**store, "calibration": s["calibration"], **models, **verifier, **index}


def _backlog_s(design: StreetViewBlurring, s: dict[str, Step]) -> float:
    """CPU seconds to work off the photos once; those that repeat another are compared and not searched."""
    detecting = own_seconds(s["stack"], *(s[f"raw {name}"] for name in detectors(design)), s["weighed"], s["single"])
    detecting += own_seconds(s["looked"]) if design.verify != "off" else 0.0
    comparing = own_seconds(s["vectors"], s["index"], s["taken"]) if design.skip != "off" else 0.0
    return float(_searched(s).mean()) * detecting + comparing + own_seconds(s["then"], s["store"])


def _counts(design: StreetViewBlurring, s: dict[str, Step]) -> dict[str, float]:
    """Work a photo that does not depend on the clock."""
    single, searched = s["single"].value, _searched(s)
    over = single.rows((single.score >= design.threshold) & searched[single.of])
    looked = over.kind if design.verify != "off" else over.kind[:0]
    share, n = float(searched.mean()), len(searched)
    return {
        "pixels searched": design.tiles * design.px**2 * share,
        "photos searched": share,
        "boxes over the threshold": len(over) / n,
        "boxes verified": len(looked) / n,
        "pixels verified": second_look.look_pixels(looked) / n,
        "photos compared with": float(n) if design.skip != "off" else 0.0,
    }
