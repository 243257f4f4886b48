"""Checks in words: state, sentence, numbers, and why a failing check is known to fail."""

from __future__ import annotations

from collections.abc import Iterable

from core.checks.results import COULD_NOT_RUN, FAILS, FAILS_AS_KNOWN, HOLDS, NOT_RUN, CheckResult
from core.contract.check import KINDS
from core.ui import terms
from core.ui.checks import filters

MARKS = {
    HOLDS: ":green-badge[:material/check: holds]",
    FAILS: ":red-badge[:material/close: fails]",
    FAILS_AS_KNOWN: ":orange-badge[:material/close: fails as known]",
    COULD_NOT_RUN: ":red-badge[:material/warning: fails: could not run]",
    NOT_RUN: ":gray-badge[not run yet]",
}


def paragraphs(claims: Iterable[CheckResult]) -> str:
    """Checks as Markdown with tooltips, one paragraph each but a single element, since redraws compare elements."""
    return terms.in_markdown("\n\n".join(map(_paragraph, claims)))


def _paragraph(claim: CheckResult) -> str:
    check, verdict = claim.check, claim.verdict
    shown = check.known_failure and claim.state != HOLDS
    known = f" Known to fail: {_sentence(check.known_failure)}" if shown else ""
    numbers = _sentence(verdict.numbers) if verdict else ""
    details = f"  \n:small[{(numbers + known).strip()}]" if numbers or known else ""
    link = f"[{check.id}]({filters.link_to(claim)})"
    return f"{MARKS[claim.state]} {check.sentence} :small[{link}, :gray[{KINDS[check.kind]}]]{details}"


def _sentence(text: str) -> str:
    """A text on one line with a full stop, without Markdown that would end the small print."""
    whole = " ".join(text.split()).replace("[", "(").replace("]", ")")
    return f"{whole.rstrip('.')}."
