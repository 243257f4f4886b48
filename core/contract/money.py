"""Numbers behind a bill that nobody here measured: what is assumed, and the order of magnitude it stands beside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from math import inf, prod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.contract.case import Requirements, Source

YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Assumption:
    """A number with its source; ValueError without a source or below 0."""

    value: float
    unit: str
    source: str
    as_of: str  # a year, a month or a day, as “2026-10”; "now" for what a reader sets

    def __post_init__(self) -> None:
        if not self.source:
            raise ValueError("an assumption needs a source; “illustrative” is an honest one")
        if not 0 <= self.value < inf:
            raise ValueError(f"an assumption cannot be {self.value}")

    @property
    def stale(self) -> bool:
        """Whether the number is more than a year old today."""
        return self.stale_on(date.today())

    def stale_on(self, day: date) -> bool:
        """Whether the number is more than a year old on a day; a month or a year counts from its first day."""
        return self.as_of != "now" and day - date.fromisoformat((self.as_of + "-01-01")[:10]) > YEAR


@dataclass(frozen=True)
class Multiplier:
    """One factor of a worked figure, with its words: 0.0015, “$1.50 per 1,000 queries”."""

    value: float
    words: str


@dataclass(frozen=True)
class BillBeside:
    """What somebody else pays or charges for such a system: an amount of the requirements times published factors."""

    what: str
    of: str  # an attribute of the requirements, "" where the factors alone are the figure
    of_words: str
    factors: tuple[Multiplier, ...]
    source: Source
    as_of: str
    differs: str  # one sentence: why ours is another

    def usd_per_month(self, requirements: Requirements) -> float:
        """Dollars per month: the amount × every factor."""
        amount = getattr(requirements, self.of) if self.of else 1.0
        return amount * prod(factor.value for factor in self.factors)


@dataclass(frozen=True)
class Charge:
    """What is paid beside machines: people, or an error. The source says who named the price; the reader can edit it.

    Raises ValueError without a source, for a kind that is not known, or for a price that is negative or not finite.
    """

    name: str  # in `Measurement.charged` and in a link
    part: str  # its line of the bill
    label: str
    usd: float
    unit: str
    source: str
    as_of: str
    kind: str = "people"  # or "harm": wrong decisions, and what nobody stopped

    def __post_init__(self) -> None:
        if not self.source:
            raise ValueError(f"the charge “{self.part}” needs a source; “illustrative” is an honest one")
        if self.kind not in ("people", "harm"):
            raise ValueError(f"the charge “{self.part}” is for people or for harm, not for {self.kind!r}")
        if not 0 <= self.usd < inf:
            raise ValueError(f"the charge “{self.part}” cannot be {self.usd}")
