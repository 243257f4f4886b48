"""What the checks compare designs by: the paired test over the same posts, rates, and values of single stages."""

from __future__ import annotations

from typing import Any

from core.cases.harmful_content.design import HarmfulContent
from core.cases.harmful_content.policy import Rates
from core.cases.harmful_content.run import run, stages
from core.metrics import PairedDifference, paired_difference

DEFAULT = HarmfulContent()


def gain(one: HarmfulContent, other: HarmfulContent, seed: int, key: str = "ap") -> PairedDifference:
    """What `other` has over `one`, by the paired test over the same posts."""
    now, was = (run(design, seed).quality[key].per_query for design in (other, one))
    return paired_difference(now, was, seed)


def told(what: str, found: PairedDifference) -> str:
    """A difference in words, with its interval."""
    return f"{what} {found.mean:+.3f} ({found.low:+.3f} to {found.high:+.3f})"


def rates(design: HarmfulContent, seed: int) -> Rates:
    """What a thousand posts bring under a design."""
    return run(design, seed).shown.rates


def values(design: HarmfulContent, seed: int, *names: str) -> list[Any]:
    """The values of some stages of a design, without its clocks."""
    found = stages(design, seed)
    return [found[name].value for name in names]
