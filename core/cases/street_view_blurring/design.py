"""The knobs of Street View blurring. Serving comes first, because it decides which reading sizes can be had."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.cases.street_view_blurring.data.paint import FACE, LIGHTS, PLATE
from core.cases.street_view_blurring.model.detectors import DETECTORS
from core.contract.design import knob

FACES = tuple(name for name, detector in DETECTORS.items() if FACE in detector.kinds)
PLATES = tuple(name for name, detector in DETECTORS.items() if PLATE in detector.kinds)
NAMES = {name: detector.label for name, detector in DETECTORS.items()}
SIZES = (64, 96, 128, 192)
WORK_MS = {"hog": 2.0, "haar": 2.2, "centerface": 1.9, "streetnet": 0.5}  # about, a photo read at 96 pixels, one core
MOST_MS = {"online": 2.05, "batch": 16.0, "hybrid": 2.05}  # a photo: online a thousand photos are timed one by one
CHECKING_MS = 0.9  # about, the second looks on a photo at a low threshold
CUTTING = 1.1  # times the work of tiles: cutting them out and putting the boxes together
SKIPS = {"off": 2.0, "strict": 0.985, "loose": 0.95}  # how alike two photos must be, as a cosine
PHOTOS = {0.25: "15", 0.5: "30", 1.0: "60"}  # a tenth, six photos, may show no plate that is found
CHECKS = {"off": 0.0, "lenient": 0.99, "strict": 0.95}  # share of the true boxes it was fitted on that pass


def networked(design: StreetViewBlurring) -> bool:
    """True when a network looks at the photos."""
    return any(DETECTORS[name].networked for name in (design.faces, design.plates))


def takes_too_long(design: StreetViewBlurring, px: int = 96, tiles: int = 1) -> bool:
    """True where measuring would keep a visitor waiting for more than about three seconds.

    The backlog times look-ups only, so there slow detectors may read finely.
    """
    return finding_ms(design, px, tiles) > MOST_MS[design.serving]


def finding_ms(design: StreetViewBlurring, px: int, tiles: int) -> float:
    """About what finding takes on a photo."""
    work_ms = sum(WORK_MS[name] for name in {design.faces, design.plates})
    return work_ms * tiles * (CUTTING if tiles > 1 else 1.0) * px**2 / 96**2


def no_second_look(design: StreetViewBlurring) -> tuple[str, ...]:
    """Second looks that there is no time for."""
    busy = finding_ms(design, design.px, design.tiles) + CHECKING_MS > MOST_MS[design.serving]
    return tuple(name for name in CHECKS if name != "off") if busy else ()


def too_slow_for_all(design: StreetViewBlurring) -> tuple[str, ...]:
    """Finders of faces that take too long with any finder of plates."""
    return tuple(name for name in FACES if len(too_slow(replace(design, faces=name))) == len(PLATES))


def too_slow(design: StreetViewBlurring) -> tuple[str, ...]:
    """Finders of plates that take too long together with the finder of faces."""
    return tuple(name for name in PLATES if takes_too_long(replace(design, plates=name)))


def too_large(design: StreetViewBlurring) -> tuple[int, ...]:
    return tuple(px for px in SIZES if takes_too_long(design, px))


def too_many(design: StreetViewBlurring) -> tuple[int, ...]:
    return (4,) if takes_too_long(design, design.px, tiles=4) else ()


@dataclass(frozen=True)
class StreetViewBlurring:
    """One way to find and blur faces and plates. Defaults are a design that a sensible team would start with."""

    object_size: str = knob(
        "Object size", ("small", "mixed", "large"), "mixed", "data",
        "How large faces and plates are on the photos: far away, near, or both.",
    )  # fmt: skip
    light: str = knob(
        "Lighting", LIGHTS, "day", "data",
        "Lighting of the photos. What is trained here was trained on daylight.",
    )  # fmt: skip
    crowd: float = knob(
        "Occlusion / crowding", (0.0, 0.5, 1.0), 0.5, "data",
        "How often a face has a neighbour so near that their boxes overlap.",
        names={0.0: "nobody near", 0.5: "half in pairs", 1.0: "all in pairs"},
    )  # fmt: skip
    repeats: float = knob(
        "Repeated frames", (0.0, 0.3, 0.6), 0.3, "data",
        "Share of photos that repeat the frame before, sometimes with somebody new in it.",
        names={0.0: "none", 0.3: "30 %", 0.6: "60 %"},
    )  # fmt: skip
    arrivals: float = knob(
        "New photos per day", (0.0, 0.05, 0.2), 0.05, "data",
        "Share of the photos asked for that was taken in the last day; a backlog run has not seen the newest.",
        names={0.0: "none", 0.05: "5 %", 0.2: "20 %"},
    )  # fmt: skip
    serving: str = knob(
        "Serving", ("online", "batch", "hybrid"), "online", "serving",
        "Detect on upload, precompute over the backlog and look up, or look up and detect only what is new.",
        main=True,
        names={"online": "online (on upload)", "batch": "batch (backlog)", "hybrid": "hybrid"},
    )  # fmt: skip
    faces: str = knob(
        "Face detector", FACES, "streetnet", "model",
        "What finds faces: detectors differ in the sizes they see and in latency; some run in batch only.", names=NAMES,
        barred=too_slow_for_all, main=True,
    )  # fmt: skip
    plates: str = knob(
        "Plate detector", PLATES, "streetnet", "model",
        "What finds licence plates. One pass serves both where it is the face detector too.", names=NAMES,
        barred=too_slow, main=True,
    )  # fmt: skip
    precision: str = knob(
        "Weight precision", ("fp32", "int8"), "fp32", "model",
        "Weights and activations in fp32 or int8: less memory, sometimes less time, some objects lost.",
        active=networked,
    )  # fmt: skip
    px: int = knob(
        "Input resolution (px)", SIZES, 96, "representation",
        "Side that a photo is resized to before detection: small objects vanish, and work goes with the square.",
        names={px: f"{px}" for px in SIZES}, barred=too_large, main=True,
    )  # fmt: skip
    tiles: int = knob(
        "Tiling", (1, 4), 1, "representation",
        "Detect on the whole photo, or on four overlapping tiles of that size each: finer, for four times the work.",
        names={1: "off", 4: "4 tiles"}, barred=too_many,
    )  # fmt: skip
    verify: str = knob(
        "Second-stage verifier", CHECKS, "off", "model",
        "A small classifier looks again, at full resolution, at each box over the threshold and rejects some. Not on "
        "offer where detection alone takes all the time of a fresh run.",
        barred=no_second_look, main=True,
    )  # fmt: skip
    learnt_from: float = knob(
        "Training set size (photos)", PHOTOS, 1.0, "model",
        "A uniform sample of the training photos, for the second-stage verifier alone: few photos hold few faces, "
        "plates and false positives.", active=lambda d: d.verify != "off", names=PHOTOS,
    )  # fmt: skip
    threshold: float = knob(
        "Score threshold", (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9), 0.3, "lookup",
        "Calibrated score from which a box is blurred: lower misses fewer and blurs more for nothing.",
        main=True,
    )  # fmt: skip
    nms: float = knob(
        "NMS IoU threshold", (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8), 0.4, "lookup",
        "Of two boxes that overlap by more, the better stays: too low merges neighbours, too high keeps duplicates.",
    )  # fmt: skip
    skip: str = knob(
        "Near-duplicate skipping", SKIPS, "off", "lookup",
        "Photos very similar to an earlier one, found through an index, reuse its boxes; no detector runs.",
    )  # fmt: skip
    refresh_h: int = knob(
        "Refresh interval (h)", (6, 24, 168), 24, "serving",
        "How often the batch job runs over the backlog; newer photos have no boxes yet.",
        active=lambda d: d.serving != "online",
    )  # fmt: skip
    batch: int = knob(
        "Batch size", (1, 4, 16), 1, "serving",
        "Photos that go through the networks together: higher throughput, higher latency for each.",
        active=lambda d: d.serving == "online" and networked(d),
    )  # fmt: skip
