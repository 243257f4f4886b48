"""Street View blurring from photos to figures: the stages in order, and what one run measures."""

from __future__ import annotations

import numpy as np

from core.cases.street_view_blurring import learn, timing
from core.cases.street_view_blurring import pipeline as p
from core.cases.street_view_blurring.design import StreetViewBlurring
from core.cases.street_view_blurring.detectors import DETECTORS
from core.cases.street_view_blurring.showing import show
from core.cases.street_view_blurring.world import load_photos
from core.contract.case import SEED, Measurement
from core.datasets.street import load_street
from core.runtime.memo import Step, build_seconds, nbytes, own_seconds, recording, step, trace
from core.stages.serve import snapshot_age_h

TAUGHT_ON = dict(crowd=0.5, size="mixed", light="day", repeats=0.0)  # whatever the world is turned to afterwards


def stages(design: StreetViewBlurring, seed: int = SEED) -> dict[str, Step]:
    """Every stage of a design by name. Steps are lazy: what it does not use costs nothing."""
    dials = dict(crowd=design.crowd, size=design.object_size, light=design.light, repeats=design.repeats)
    street = step(load_street)
    photos = step(load_photos, street, split="test", **dials, seed=seed)
    training = step(load_photos, street, split="train", **TAUGHT_ON, seed=seed)

    reading = dict(px=design.px, tiles=design.tiles)
    stack, stack_taught = (step(p.read, each, **reading) for each in (photos, training))
    names = detectors(design)
    models = {name: step(p.load_model, name=name, precision=_precision(design, name)) for name in names}
    raw, raw_taught = (_raw(each, models, design.tiles) for each in (stack, stack_taught))
    found, found_taught = _merged(raw), _merged(raw_taught)
    learned = step(learn.learn, found_taught, training)
    weighed = step(p.weigh, found, learned)
    single = step(p.one_a_thing, weighed, iou=design.nms)

    single_taught = step(p.one_a_thing, step(p.weigh, found_taught, learned), iou=learn.DOUBLES)
    verifier = step(learn.fit_verifier, single_taught, training, learnt_from=design.learnt_from, seed=seed)
    looked = step(p.look_again, single, verifier, photos, level=design.verify) if design.verify != "off" else single

    vectors = step(p.describe, photos)
    index = step(p.index_photos, vectors, seed=seed)
    taken = step(p.sources, index, vectors, level=design.skip) if design.skip != "off" else step(p.own, photos)
    boxes = step(p.copied, looked, taken) if design.skip != "off" else looked

    then = step(p.as_of, boxes, photos, unseen=unseen(design))
    store = step(p.precompute, then, photos, unseen=unseen(design), name=then.key)
    served = {
        "online": boxes,
        "batch": step(p.from_store, store, photos),
        "hybrid": step(p.from_store_or_detect, store, photos, boxes),
    }[design.serving]
    timed = {
        "look up": step(timing.time_looking_up, store),
        "compare": step(timing.time_comparing, index, photos),
        "read": step(timing.time_reading, photos, **reading),
        **{name: step(timing.time_detecting, models[name], stack, name=name, tiles=design.tiles) for name in names},
        "merge": step(timing.time_merging, found, learned, photos, iou=design.nms),
        "second look": step(
            timing.time_checking, single, verifier, photos, threshold=design.threshold, level=design.verify
        ),
        "blur": step(timing.time_blurring, served, photos, threshold=design.threshold),
    }
    together = step(timing.time_in_batches, stack, *models.values(), names=names, tiles=design.tiles, size=design.batch)
    return dict(
        photos=photos, training=training, stack=stack, found=found, learned=learned, weighed=weighed, single=single,
        verifier=verifier, looked=looked, vectors=vectors, index=index, taken=taken, boxes=boxes, then=then,
        store=store, served=served,
        quality=step(p.grade, served, photos, threshold=design.threshold, seed=seed),
        shown=step(
            show, served, photos, taken, threshold=design.threshold, skip=design.skip != "off",
            unseen=unseen(design) if design.serving == "batch" else 0.0,
        ),
        together=together,
        **{f"model {name}": model for name, model in models.items()},
        **{f"raw {name}": each for name, each in raw.items()},
        **{f"time {part}": each for part, each in timed.items()},
    )  # fmt: skip


def run(design: StreetViewBlurring, seed: int = SEED) -> Measurement:
    """Measure one design. Raises DataError where a file of its data or weights is amiss."""
    with recording() as computed:
        s = stages(design, seed)
        parts = _parts(design, s)
        ends = [s["quality"], *(s[f"time {part}"] for part in parts)]
        stored = design.serving != "online"
        return Measurement(
            quality=s["quality"].value,
            service_ms=sum(parts.values()),
            parts_ms=parts,
            batches_ms={n: t.median_ms for n, t in s["together"].value.items()} if design.batch > 1 else {},
            memory_bytes=_memory_bytes(design, s),
            build_s=build_seconds(*_held(design, s)),
            refresh_s=backlog_s(design, s) if stored else 0.0,
            refresh_every_h=design.refresh_h if stored else 0.0,
            store_bytes=s["store"].value.nbytes if stored else 0,
            counts=_counts(design, s),
            steps=trace(computed, *ends),
            noise=max(end.value.noise for end in ends[1:]),
            shown=s["shown"].value,
        )


def detectors(design: StreetViewBlurring) -> tuple[str, ...]:
    """The detectors that look at a photo, each once."""
    return tuple(dict.fromkeys((design.faces, design.plates)))


def unseen(design: StreetViewBlurring) -> float:
    """The share of photos newer than a backlog run of mean age."""
    if design.serving == "online":
        return 0.0
    return min(1.0, design.arrivals * snapshot_age_h(design.refresh_h) / 24)


def _precision(design: StreetViewBlurring, name: str) -> str:
    return design.precision if DETECTORS[name].networked else "fp32"


def _raw(stack: Step, models: dict[str, Step], tiles: int) -> dict[str, Step]:
    """What each detector finds."""
    return {name: step(p.detect, model, stack, name=name, tiles=tiles) for name, model in models.items()}


def _merged(raw: dict[str, Step]) -> Step:
    """One detector's boxes, or the first one's faces with the second one's plates."""
    found = list(raw.values())
    return found[0] if len(found) == 1 else step(p.pick, *found, faces=0, plates=1)


def _searching(design: StreetViewBlurring) -> list[str]:
    """The parts that a photo passes through when it is searched."""
    return ["read", *detectors(design), "merge", *(["second look"] if design.verify != "off" else [])]


def _parts(design: StreetViewBlurring, s: dict[str, Step]) -> dict[str, np.ndarray]:
    """Milliseconds of each timed request by stage, 0 where a photo did not have to pass through it."""
    searched, n = s["taken"].value, len(s["photos"].value.pixels)
    request = np.arange(timing.N_TIMED) % n
    fresh = np.ones(n, bool)
    if design.serving != "online":
        fresh &= design.serving == "hybrid"
        fresh &= s["photos"].value.age < unseen(design)
    looked_at = fresh & (searched == np.arange(n))
    names = ["look up"] * (design.serving != "online") + ["compare"] * bool(design.skip != "off" and fresh.any())
    names += _searching(design) * bool(looked_at.any()) + ["blur"]
    through = {"look up": np.ones(n, bool), "blur": np.ones(n, bool), "compare": fresh}
    return {part: s[f"time {part}"].value.wall_ms * through.get(part, looked_at)[request] for part in names}


def _held(design: StreetViewBlurring, s: dict[str, Step]) -> list[Step]:
    """What requests are served from: the store, or the detectors with what is fitted to them."""
    fitted = [s["learned"], *(s[f"model {name}"] for name in detectors(design))]
    fitted += [s["verifier"]] * (design.verify != "off") + [s["index"]] * (design.skip != "off")
    return [s["store"]] * (design.serving != "online") + fitted * (design.serving != "batch")


def _memory_bytes(design: StreetViewBlurring, s: dict[str, Step]) -> int:
    """What a replica must hold: weights and index where it searches, the store where it looks up."""
    return sum(each.value.nbytes if each is s["store"] else nbytes(each.value) for each in _held(design, s))


def backlog_s(design: StreetViewBlurring, s: dict[str, Step]) -> float:
    """CPU seconds to work off the photos once; those that repeat another are compared and not searched."""
    share = searched_share(s)
    detecting = own_seconds(s["stack"], *(s[f"raw {name}"] for name in detectors(design)), s["weighed"], s["single"])
    detecting += own_seconds(s["looked"]) if design.verify != "off" else 0.0
    comparing = own_seconds(s["vectors"], s["index"], s["taken"]) if design.skip != "off" else 0.0
    return share * detecting + comparing + own_seconds(s["then"], s["store"])


def searched_share(s: dict[str, Step]) -> float:
    """The share of photos that is searched rather than given an earlier one's boxes."""
    taken = s["taken"].value
    return float((taken == np.arange(len(taken))).mean())


def _counts(design: StreetViewBlurring, s: dict[str, Step]) -> dict[str, float]:
    """Work a photo that does not depend on the clock."""
    single, taken, share = s["single"].value, s["taken"].value, searched_share(s)
    over = single.rows((single.score >= design.threshold) & (taken[single.of] == single.of))
    looked = over.kind if design.verify != "off" else over.kind[:0]
    n = len(taken)
    return {
        "pixels searched": design.tiles * design.px**2 * share,
        "photos searched": share,
        "boxes over the threshold": len(over) / n,
        "second looks": len(looked) / n,
        "pixels looked at again": learn.look_pixels(looked) / n,
        "photos compared with": float(n) if design.skip != "off" else 0.0,
    }
