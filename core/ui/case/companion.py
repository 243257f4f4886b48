"""What goes along with a case page: a rehearsal or a class. It may stand above the page, fix parts of it, and follow.

The page asks for one and calls its parts; it does not know which of them it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from core.ui.controls import FREE, Panel
from core.ui.page_run import PageRun

SEAT = "class.seat"  # of the session: the code of a class and the secret of one of its students


def _no_notes() -> list[str]:
    return []


@dataclass(frozen=True)
class Companion:
    """The parts of a page that somebody else decides about."""

    bar: Callable[[], None]  # above the requirements
    follow: Callable[[PageRun, bool], None]  # once the design is measured; whether its figures are held back
    panel: Panel = FREE
    link: Mapping[str, str] = field(default_factory=dict)  # its own parameters of the address
    settle: Callable[[], list[str]] = _no_notes  # puts back what is fixed; a sentence for each thing that was not so
