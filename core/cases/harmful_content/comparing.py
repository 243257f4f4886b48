"""What the checks compare designs by: the paired test over the same posts, rates, and values of single stages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.cases.harmful_content.design import HarmfulContent
from core.cases.harmful_content.evaluate.money import CHARGES
from core.cases.harmful_content.evaluate.rates import Rates
from core.cases.harmful_content.pipeline import run, stages
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


def usd_of_1000(reviewers: int, seed: int) -> dict[str, float]:
    """What a thousand posts are charged at our prices, by charge, with room for so many reviews."""
    charged = run(replace(DEFAULT, reviewers=reviewers), seed).charged
    return {each.name: 1_000 * charged[each.name] * each.usd for each in CHARGES}


def values(design: HarmfulContent, seed: int, *names: str) -> list[Any]:
    """The values of some stages of a design, without its clocks."""
    found = stages(design, seed)
    return [found[name].value for name in names]
