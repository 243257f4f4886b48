"""Checks of the networks: photos in batches, and numbers of 8 bits."""

from __future__ import annotations

from dataclasses import replace

from core.cases.street_view_blurring.checks.shared import CENTERFACE_FINE, DEFAULT
from core.cases.street_view_blurring.design import StreetViewBlurring
from core.cases.street_view_blurring.pipeline import run, stages
from core.checks.toolkit import Checks, Lab, difference_text
from core.contract.check import DIR, INV, Verdict

EIGHT_BITS = replace(CENTERFACE_FINE, precision="int8")
check = Checks(StreetViewBlurring, run, stages)


@check("B7", DIR, "A batch of 4 raises throughput; a batch of 16 adds little more.")
def batches_serve_more(lab: Lab) -> Verdict:
    """By medians of calls of which the interrupted ones count with their CPU time, so a busy neighbour changes none."""
    photos = {size: size / ms for size, ms in lab.run(replace(DEFAULT, px=64, batch=16)).batches_ms.items()}
    first, then = photos[4] / photos[1], photos[16] / photos[4]
    numbers = f"{first:.2f} × the photos per second from 1 to 4, {then:.2f} × from 4 to 16"
    return Verdict(first > 1.3 and 0.9 < then < first, numbers)


@check("B8", INV, "Weights in int8 take less than a third of the memory.")
def eight_bits_are_smaller(lab: Lab) -> Verdict:
    wide, narrow = (_network_bytes(lab, design) for design in (CENTERFACE_FINE, EIGHT_BITS))
    return Verdict(3 < wide / narrow < 4.2, f"{wide:,} and {narrow:,} bytes, {wide / narrow:.2f} × less")


def _network_bytes(lab: Lab, design: StreetViewBlurring) -> int:
    """Bytes of all networks of a design."""
    return sum(model.value.nbytes for name, model in lab.stages(design).items() if name.startswith("model "))


@check("B8b", DIR, "With int8, AP changes by less than five data draws can tell from noise.")
def eight_bits_keep_precision(lab: Lab) -> Verdict:
    lost = lab.compare_worlds("ap50", CENTERFACE_FINE, EIGHT_BITS)
    return Verdict(not lost.distinguishable and abs(lost.mean) < 0.03, f"AP {difference_text(lost)}")


@check(
    "B8c", DIR, "With int8, recall of small objects or of all changes by less than five data draws can tell from noise."
)
def eight_bits_keep_recall(lab: Lab) -> Verdict:
    small, every = (lab.compare_worlds(key, CENTERFACE_FINE, EIGHT_BITS) for key in ("recall_small", "recall"))
    held = not any(lost.distinguishable or abs(lost.mean) > 0.03 for lost in (small, every))
    return Verdict(held, f"recall of small objects {difference_text(small)}, of all {difference_text(every)}")


CHECKS = check.all
