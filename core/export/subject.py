"""What every export is made from: one measured design, what was asked of it and what stands beside it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from core.analysis.compare import deltas, dominates
from core.analysis.deployment_drawing import as_built
from core.analysis.explain import beside
from core.analysis.tradeoff_table import TradeoffRow
from core.contract.case import Case
from core.contract.design import to_query
from core.diagram import Drawing
from core.formatting import figure_text
from core.interview.decision import Decision
from core.serving.evaluate import Evaluated

MOST_ALTERNATIVES = 12


@dataclass(frozen=True)
class Subject:
    """One design as it stands on a page."""

    present: Evaluated
    alternatives: tuple[Evaluated, ...] = ()  # measured designs that were tried or offered, on the same data
    rows: tuple[TradeoffRow, ...] = ()  # everything measured on the same data
    link: str = ""
    made_on: str = ""  # the day, as ISO 8601 writes it
    decisions: tuple[Decision, ...] = ()  # the steps at which the visitor has said why

    @property
    def case(self) -> Case:
        """The case of the design."""
        return self.present.case

    @property
    def drawing(self) -> Drawing:
        """What would be built, with the load, the replicas and the bill on it."""
        return as_built(self.case.draw(self.present.design, self.present.sized), self.present)

    @property
    def file_name(self) -> str:
        """The stem of every file, without a suffix."""
        return f"kneepoint-{self.case.slug}"

    @property
    def address(self) -> str:
        """The link that opens the design; relative to the app where its address is not known."""
        return self.link or f"/{self.case.slug}?{urlencode(to_query(self.present.design, self.present.seed))}"


def rejected(subject: Subject) -> list[tuple[str, str]]:
    """(design, why not) of every alternative but the present one, in the order given, at most a dozen."""
    present = subject.present
    others = [other for other in subject.alternatives if other.design != present.design]
    return [(beside(present.design, other.design), why_not(present, other)) for other in others[:MOST_ALTERNATIVES]]


def why_not(present: Evaluated, other: Evaluated) -> str:
    """What speaks against a measured design: a requirement that it misses, being dominated, or what it is worse at."""
    missed = [
        f"{limit.label} {figure_text(limit.got, limit.unit)} instead of {figure_text(limit.asked, limit.unit)}"
        for limit in other.constraints
        if limit.verdict == "misses"
    ]
    if missed:
        return f"misses the SLO: {', '.join(missed)}"
    differences = deltas(present, other)
    worse = [f"{delta.figure.label} {delta.text}" for delta in differences if delta.side == "worse"]
    better = [f"{delta.figure.label} {delta.text}" for delta in differences if delta.side == "better"]
    if dominates(deltas(other, present)):
        return f"dominated by this design: {', '.join(worse)}, and better at nothing"
    if not worse:
        return f"nothing measured speaks against it: {', '.join(better)}" if better else "not told apart from this one"
    return f"a trade: {', '.join(worse)}" + (f"; for {', '.join(better)}" if better else "")
