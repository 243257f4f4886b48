"""What the checks share: their list, the default design, and what a thousand posts bring under a design."""

from __future__ import annotations

from core.cases.harmful_content.design import HarmfulContent
from core.cases.harmful_content.evaluate.rates import Rates
from core.cases.harmful_content.pipeline import run, stages
from core.checks.toolkit import Checks, Lab

DEFAULT = HarmfulContent()
check = Checks(HarmfulContent, run, stages)


def rates(lab: Lab, design: HarmfulContent) -> Rates:
    """What a thousand posts bring under a design."""
    return lab.run(design).shown.rates
