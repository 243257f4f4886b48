"""Checks in words: state, sentence, numbers, where the verdict is from, and why a failing check is known to fail."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core.checks.results import COULD_NOT_RUN, FAILS, FAILS_AS_KNOWN, HOLDS, NOT_RUN, SAID, CheckResult, counts
from core.contract.check import KINDS
from core.ui import terms
from core.ui.checks import filters

MARKS = {
    HOLDS: ":green-badge[:material/check: passes]",
    FAILS: ":red-badge[:material/close: fails]",
    FAILS_AS_KNOWN: ":orange-badge[:material/close: fails as known]",
    COULD_NOT_RUN: ":red-badge[:material/warning: fails: could not run]",
    NOT_RUN: ":gray-badge[not run yet]",
}
FIRST = (FAILS, COULD_NOT_RUN, FAILS_AS_KNOWN)  # a list that is cut short must not hide these
AT_FIRST = 10  # checks of a case that are listed before “show all”


def paragraphs(results: Iterable[CheckResult]) -> str:
    """Checks as Markdown with tooltips, one paragraph each but a single element, since redraws compare elements."""
    return terms.in_markdown("\n\n".join(map(_paragraph, results)))


def at_first(results: Sequence[CheckResult]) -> list[CheckResult]:
    """The first ten of a case's checks, those that fail before all others."""
    places = {state: at for at, state in enumerate(FIRST)}
    return sorted(results, key=lambda result: places.get(result.state, len(FIRST)))[:AT_FIRST]


def summary(results: Sequence[CheckResult]) -> str:
    """How many checks are in each state that occurs: “30 pass, 2 fail as known”."""
    return ", ".join(f"{n} {SAID.get(state, state)}" for state, n in counts(results).items() if n)


def origins(results: Iterable[CheckResult]) -> str:
    """Where and when the verdicts that are not of this server were recorded; empty without one."""
    places = dict.fromkeys(result.origin for result in results if result.origin)
    told = "; ".join(places)
    return f"{told[:1].upper()}{told[1:]}." if told else ""


def _paragraph(result: CheckResult) -> str:
    check, verdict = result.check, result.verdict
    shown = check.known_failure and result.state != HOLDS
    known = f" Known to fail: {_sentence(check.known_failure)}" if shown else ""
    numbers = _sentence(verdict.numbers) if verdict else ""
    details = f"  \n:small[{(numbers + known).strip()}]" if numbers or known else ""
    link = f"[{check.id}]({filters.link_to(result)})"
    recorded = " :gray-badge[recorded]" if result.origin else ""
    return f"{MARKS[result.state]}{recorded} {check.sentence} :small[{link}, :gray[{KINDS[check.kind]}]]{details}"


def _sentence(text: str) -> str:
    """A text on one line with a full stop, without Markdown that would end the small print."""
    whole = " ".join(text.split()).replace("[", "(").replace("]", ")")
    return f"{whole.rstrip('.')}."
