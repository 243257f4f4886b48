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


@check("B7", DIR, "A few photos together go faster than one by one; many gain little more.")
def batches_serve_more(lab: Lab) -> Verdict:
    batches = lab.run(replace(DEFAULT, px=64, batch=16)).batches_ms
    rate = {size: size / ms for size, ms in batches.items()}
    first, then = rate[4] / rate[1], rate[16] / rate[4]
    return Verdict(
        rate[16] > 1.1 * rate[1] and then < first,
        f"{first:.2f} × the photos a second from 1 to 4, {then:.2f} × from 4 to 16",
    )


@check("B8", INV, "Numbers of 8 bits take less than a third of the memory.")
def eight_bits_are_smaller(lab: Lab) -> Verdict:
    wide, narrow = (_network_bytes(lab, design) for design in (CENTERFACE_FINE, EIGHT_BITS))
    return Verdict(3 < wide / narrow < 4.2, f"{wide:,} and {narrow:,} bytes, {wide / narrow:.2f} × less")


def _network_bytes(lab: Lab, design: StreetViewBlurring) -> int:
    """Bytes of all networks of a design."""
    return sum(model.value.nbytes for name, model in lab.stages(design).items() if name.startswith("model "))


@check("B8b", DIR, "Numbers of 8 bits cost a little average precision.")
def eight_bits_lose_a_little(lab: Lab) -> Verdict:
    lost = lab.compare("ap50", CENTERFACE_FINE, EIGHT_BITS)
    return Verdict(-0.1 < lost.mean < 0, f"AP {difference_text(lost)}")


@check("B8c", DIR, "What 8 bits lose is small things first.")
def eight_bits_lose_small_things(lab: Lab) -> Verdict:
    small, all_ = (lab.compare(key, CENTERFACE_FINE, EIGHT_BITS).mean for key in ("recall_small", "recall"))
    return Verdict(small < all_ <= 0.005, f"recall of small things {small:+.3f}, of all {all_:+.3f}")


CHECKS = check.all
