"""A package that is not installed, told by how to install it and not by the module that Python looked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# module → distribution, where pip knows the package by another name
DISTRIBUTIONS = {"cv2": "opencv-python-headless", "faiss": "faiss-cpu", "sklearn": "scikit-learn", "PIL": "pillow"}
OURS = ("core", "data", "pages")


class MissingPackage(ImportError):
    """A package that a design needs and that is not installed; the message says how to install it."""


def how_to_install(error: ImportError) -> str:
    """What to type so that an import succeeds; the error's own words where no package is missing."""
    module = (error.name or "").partition(".")[0]
    if not isinstance(error, ModuleNotFoundError) or not module or module in OURS:
        return str(error)
    package = DISTRIBUTIONS.get(module, module.replace("_", "-"))
    return (
        f"It needs the package {package}, which is not installed here: `pip install {package}`, "
        "or `pip install -r requirements.txt` for all that the app needs."
    )


@dataclass(frozen=True)
class Told:
    """A run of a case that says how to install what it lacks."""

    run: Callable[..., Any]

    def __call__(self, *designs: Any, **named: Any) -> Any:
        try:
            return self.run(*designs, **named)
        except ModuleNotFoundError as error:
            raise MissingPackage(how_to_install(error), name=error.name) from error


def told(run: Callable[..., Any]) -> Told:
    """The run, told; once is enough."""
    return run if isinstance(run, Told) else Told(run)
