"""A tile of the home page for each case: `<slug>.py` draws a picture of the case's data and names its lessons.

`python -m core.ui.home.tiles` draws the pictures into core/ui/static/tiles, by hand after a change of the data.
A lesson is the id of a check; the first that passes is what the tile says. A case without such a file has a tile
without a picture.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

STATIC = Path(__file__).resolve().parents[2] / "static" / "tiles"
ADDRESS = "app/static/tiles"


def module_of(slug: str) -> ModuleType | None:
    """The module of a case's tile, or None."""
    name = f"{__name__}.{slug}"
    return import_module(name) if find_spec(name) else None


def lessons_of(slug: str) -> tuple[str, ...]:
    """The ids of the checks that a case's tile may say, best first."""
    return getattr(module_of(slug), "LESSONS", ())


def picture_of(slug: str) -> str:
    """The address of a case's picture on this server; empty without one."""
    return f"{ADDRESS}/{slug}.svg" if (STATIC / f"{slug}.svg").exists() else ""
