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
        "Size of things", ("small", "mixed", "large"), "mixed", "data",
        "How large faces and plates are on the photos: far away, near, or both.",
    )  # fmt: skip
    light: str = knob(
        "Light", LIGHTS, "day", "data",
        "The light the photos are taken in. All that is taught here was taught in daylight first of all.",
    )  # fmt: skip
    crowd: float = knob(
        "Crowd", (0.0, 0.5, 1.0), 0.5, "data",
        "How often a face has a neighbour so near that their boxes overlap.",
        names={0.0: "nobody near", 0.5: "half in pairs", 1.0: "all in pairs"},
    )  # fmt: skip
    repeats: float = knob(
        "Standing still", (0.0, 0.3, 0.6), 0.3, "data",
        "Share of the photos that show what the one before shows, sometimes with somebody new in it.",
        names={0.0: "never", 0.3: "30 %", 0.6: "60 %"},
    )  # fmt: skip
    arrivals: float = knob(
        "New photos a day", (0.0, 0.05, 0.2), 0.05, "data",
        "Share of the photos asked for that was taken in the last day; a backlog run has not seen the newest.",
        names={0.0: "none", 0.05: "5 %", 0.2: "20 %"},
    )  # fmt: skip
    serving: str = knob(
        "Serving", ("online", "batch", "hybrid"), "online", "serving",
        "Detect on upload, detect ahead over the backlog and look up, or look up and detect only what is new.",
        names={"online": "on upload", "batch": "backlog", "hybrid": "both"},
    )  # fmt: skip
    faces: str = knob(
        "Faces by", FACES, "streetnet", "model",
        "What finds faces: each sees other sizes and takes other time; some only over the backlog.", names=NAMES,
        barred=too_slow_for_all,
    )  # fmt: skip
    plates: str = knob(
        "Plates by", PLATES, "streetnet", "model",
        "What finds plates. One pass serves both where faces are found by the same.", names=NAMES,
        barred=too_slow,
    )  # fmt: skip
    precision: str = knob(
        "Network numbers", ("fp32", "int8"), "fp32", "model",
        "Weights and sums of the networks in 32 or in 8 bits: less memory, sometimes less time, some things lost.",
        names={"fp32": "32 bits", "int8": "8 bits"}, active=networked,
    )  # fmt: skip
    px: int = knob(
        "Read at (px)", SIZES, 96, "representation",
        "Side that a photo is reduced to before it is searched: small things vanish, and work goes with the square.",
        names={px: f"{px}" for px in SIZES}, barred=too_large,
    )  # fmt: skip
    tiles: int = knob(
        "Tiles", (1, 4), 1, "representation",
        "Read the photo whole, or in four overlapping tiles of that size each: finer, for four times the work.",
        names={1: "whole", 4: "four tiles"}, barred=too_many,
    )  # fmt: skip
    verify: str = knob(
        "Second look", CHECKS, "off", "model",
        "A small machine looks again, at full size, at each box over the threshold and refuses some. Not where finding "
        "alone takes all the time of a fresh run.",
        barred=no_second_look,
    )  # fmt: skip
    learnt_from: float = knob(
        "Photos learnt from", PHOTOS, 1.0, "model",
        "A uniform sample of the training photos, for the second look alone: from few it learns from few faces, plates "
        "and false boxes.", active=lambda d: d.verify != "off", names=PHOTOS,
    )  # fmt: skip
    threshold: float = knob(
        "Blur from", (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9), 0.3, "lookup",
        "How likely a box must be a face or a plate to be blurred: lower misses fewer and blurs more for nothing.",
    )  # fmt: skip
    nms: float = knob(
        "Same thing from IoU", (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8), 0.4, "lookup",
        "Of two boxes that overlap by more only the better stays: too low merges neighbours, too high keeps doubles.",
    )  # fmt: skip
    skip: str = knob(
        "Skip repeats", SKIPS, "off", "lookup",
        "Photos very like an earlier one, found through an index, take over its boxes and are not searched.",
    )  # fmt: skip
    refresh_h: int = knob(
        "Backlog run every (h)", (6, 24, 168), 24, "serving",
        "How often the backlog is worked off; newer photos have no boxes yet.", active=lambda d: d.serving != "online",
    )  # fmt: skip
    batch: int = knob(
        "Photos a batch", (1, 4, 16), 1, "serving",
        "Photos that wait for each other and go through the networks together.",
        active=lambda d: d.serving == "online" and networked(d),
    )  # fmt: skip
