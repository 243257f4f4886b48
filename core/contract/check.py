"""Truth checks: each sentence a reader is told, with the runs that say whether it holds here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

KINDS = {"INV": "always holds", "DIR": "holds on this data", "FLIP": "reverses when the data changes"}


@dataclass(frozen=True)
class Verdict:
    """What a check found: whether its sentence holds, and the numbers that say so; `ran` is False where it raised."""

    holds: bool
    numbers: str
    ran: bool = True


@dataclass(frozen=True)
class Check:
    """A sentence and the runs behind it. `known_failure` is the reason why it is shown although it fails."""

    id: str
    sentence: str
    kind: str  # a key of KINDS
    run: Callable[[int], Verdict]  # run(seed)
    known_failure: str = ""


def verdicts(checks: Iterable[Check], seed: int) -> Iterator[tuple[Check, Verdict]]:
    """Run checks in order, each as it finishes; one that raises has failed, with its message as the numbers."""
    for check in checks:
        yield check, verdict_of(check, seed)


def verdict_of(check: Check, seed: int) -> Verdict:
    """Run one check; where it raises, the verdict says so and does not hold."""
    try:
        return check.run(seed)
    except Exception as error:  # a broken check must not take the others with it
        return Verdict(False, f"could not run: {type(error).__name__}: {error}", ran=False)
