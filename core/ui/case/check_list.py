"""One claim in words: its state, its sentence, its numbers, and why it is shown although it fails."""

from __future__ import annotations

from collections.abc import Iterable

from core.checks.results import COULD_NOT_RUN, FAILS, FAILS_AS_KNOWN, HOLDS, NOT_RUN, Claim
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


def paragraphs(claims: Iterable[Claim]) -> str:
    """Claims as Markdown, a paragraph each, with terms as tooltips: one element, since a redraw compares every one."""
    return terms.in_markdown("\n\n".join(map(_paragraph, claims)))


def _paragraph(claim: Claim) -> str:
    check, verdict = claim.check, claim.verdict
    shown = check.known_failure and claim.state != HOLDS
    known = f" Known to fail: {_sentence(check.known_failure)}" if shown else ""
    numbers = _sentence(verdict.numbers) if verdict else ""
    details = f"  \n:small[{(numbers + known).strip()}]" if numbers or known else ""
    link = f"[{check.id}]({filters.link_to(claim)})"
    return f"{MARKS[claim.state]} {check.sentence} :small[{link}, :gray[{KINDS[check.kind]}]]{details}"


def _sentence(text: str) -> str:
    """A text with its stop, in one line and without what Markdown would take for the end of the small print."""
    whole = " ".join(text.split()).replace("[", "(").replace("]", ")")
    return f"{whole.rstrip('.')}."
