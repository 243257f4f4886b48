"""The SLO verdict: requirements against a design's values, and the binding constraint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf

from core.contract.case import Measurement, QualityAxis
from core.metrics import Better
from core.runtime.timing import TOO_BUSY
from core.scaling.extrapolate import Projected
from core.scaling.quality import Carried
from core.serving.cost import Assessment
from core.serving.scenario import Scenario

TOO_NOISY = "too noisy to say"
BY_WORK = ("cores", "zone redundancy")  # lines of the bill that are in proportion to the work of a request
NOT_JUDGED = "not judged at this size"


@dataclass(frozen=True)
class Constraint:
    """A requirement and the design's value, both in `unit`, and the better direction."""

    key: str
    label: str
    asked: float
    got: float
    unit: str
    better: Better
    badge: str = "modelled"
    noisy: bool = False  # the value rests on times of a machine that was too busy
    band: tuple[float, float] | None = None  # where the value lies, as far as is known; the value itself without it
    unjudged: str = ""  # why no law supports the value at the size that was asked; it can then be missed, never met

    @property
    def met(self) -> bool:
        """True when the value is known to meet the requirement."""
        return self.verdict == "meets"

    @cached_property
    def verdict(self) -> str:
        """ "meets", "misses" or "cannot say"."""
        if self.noisy:
            return "cannot say"
        ends = self.band or (self.got, self.got)
        best, worst = ends if self.better == "lower" else ends[::-1]
        if not self._within(best):
            return "misses"
        return "meets" if self._within(worst) and not self.unjudged else "cannot say"

    def _within(self, value: float) -> bool:
        return value <= self.asked if self.better == "lower" else value >= self.asked

    @property
    def unsure(self) -> str:
        """Why the constraint cannot be judged, in words; empty where it can."""
        if self.verdict != "cannot say":
            return ""
        if self.noisy:
            return TOO_NOISY
        return NOT_JUDGED if self.unjudged else "within its interval"

    @property
    def strain(self) -> float:
        """The used share of the bound: 1 just meets it, 2 is twice an upper bound or half a lower bound."""
        over, under = (self.got, self.asked) if self.better == "lower" else (self.asked, self.got)
        if under > 0:
            return over / under
        return inf if over > under else 1.0


def judge(
    projected: Projected, assessment: Assessment, scenario: Scenario, axis: QualityAxis, quality: Carried | None
) -> tuple[Constraint, ...]:
    """Every stated constraint in the order of the form, at the size that was asked; an empty field states none.

    What rests on times is not judged where the machine was too busy while timing.
    """
    requirements, measured = scenario.requirements, projected.measured
    noisy, unjudged = too_noisy(measured), "; ".join(projected.unsupported)
    p99_ms = assessment.p99_ms
    band = scenario.load.p99_band_ms(p99_ms, projected.p99)
    timed = {"noisy": noisy, "unjudged": unjudged}
    p99 = {"band": band, "badge": "projected" if projected.retimed else "modelled", **timed}
    constraints = [Constraint("p99_ms", "p99 under load", requirements.p99_ms, p99_ms, "ms", "lower", **p99)]
    if requirements.freshness_h is not None:
        oldest_h = max(measured.refresh_every_h, measured.ingest_h) + scenario.prices.cache_ttl_s.value / 3600
        constraints.append(Constraint("freshness_h", "staleness", requirements.freshness_h, oldest_h, "h", "lower"))
    if requirements.quality_floor is not None and quality is not None:
        constraints.append(floor(requirements.quality_floor, axis, quality))
    if requirements.budget_usd is not None:
        usd = assessment.total_usd
        cost = {"band": usd_band(projected, assessment), "badge": "projected" if projected.grown else "modelled"}
        constraints.append(
            Constraint("budget_usd", "cost", requirements.budget_usd, usd, "$/month", "lower", **cost, **timed)
        )
    return tuple(constraints)


def floor(asked: float, axis: QualityAxis, quality: Carried) -> Constraint:
    """The least that the quality may be, or the most where less is better."""
    why, ends = "" if quality.judged else quality.why, (quality.low, quality.high)
    badge = "projected" if quality.moved else axis.badge
    return Constraint(
        "quality_floor", axis.label, asked, quality.value, "", axis.better, badge, band=ends, unjudged=why
    )


def usd_band(projected: Projected, assessment: Assessment) -> tuple[float, float]:
    """The total where the work of a request and of the job are off by their bands, and charges by their intervals."""
    served = sum(assessment.usd_per_month.get(part, 0.0) for part in BY_WORK)
    low, high = assessment.total_between or (assessment.total_usd,) * 2
    job = assessment.usd_per_month.get("batch job", 0.0)
    ends = zip((low, high), projected.work, projected.job, strict=True)
    low, high = (end + (work - 1) * served + (jobs - 1) * job for end, work, jobs in ends)
    return low, high


def too_noisy(measured: Measurement) -> bool:
    """True where the machine was too busy while timing for a p99, a number of replicas or a bill."""
    return measured.noise > TOO_BUSY


def verdict(constraints: Sequence[Constraint]) -> str:
    """ "misses" where one is known to be missed, else "cannot say" where one cannot be judged, else "meets"."""
    verdicts = {constraint.verdict for constraint in constraints}
    return next((worst for worst in ("misses", "cannot say") if worst in verdicts), "meets")


def binding(constraints: Sequence[Constraint]) -> Constraint:
    """The constraint with the highest strain among those that the verdict rests on: missed, else open, else met.

    What the machine was too busy to say is only named where nothing else is known.
    """
    said = verdict(constraints)
    known = [constraint for constraint in constraints if not constraint.noisy]
    chosen = [constraint for constraint in known if constraint.verdict == said] or known or constraints
    return max(chosen, key=lambda constraint: constraint.strain)


def ruled_out_by(constraints: Sequence[Constraint]) -> str:
    """The constraints that are not known to be met, in words; empty when all are met."""
    return ", ".join(
        f"{constraint.label} ({constraint.unsure})" if constraint.verdict == "cannot say" else constraint.label
        for constraint in constraints
        if not constraint.met
    )
