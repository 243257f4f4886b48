"""What may be set of a model beside its knobs, how other values are drawn, and what a case says of its tuning."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import numpy as np

SETTINGS = 8  # of every model, the one in use included
OTHER_SEEDS = (100, 101)  # of the worlds that settings are chosen in
TEST_SEEDS = (0, 1, 2)
Setting = dict[str, Any]
Draw = Callable[[np.random.Generator], Any]


@dataclass(frozen=True)
class Constant:
    """A constant of a model's file, or one entry of it, and how other values are drawn.

    The default of a function's keyword is the entry of that key in its `__kwdefaults__`.
    """

    owner: Any  # the module, or the function
    name: str
    draw: Draw
    key: str = ""

    @property
    def label(self) -> str:
        """How a setting names it."""
        return (self.key or self.name).lower()

    @property
    def value(self) -> Any:
        """The value in use."""
        whole = getattr(self.owner, self.name)
        return whole[self.key] if self.key else whole


@dataclass(frozen=True)
class Tuned:
    """The models of a case: what may be set of each, how a setting is judged, and the design that serves it.

    `untuned` names models that come with nothing to set; `reduced` says of a model what each of its settings was
    trained with where the one that is served was trained with more; `serving` is what must stand while a design runs.
    """

    metric: str
    split: str
    models: Mapping[str, Sequence[Constant]]
    judge: Callable[[str], float]  # of a model, on the validation split; higher is better
    design: Callable[[str], Any]
    seeds: Sequence[int] = TEST_SEEDS
    untuned: Sequence[str] = ()
    reduced: Mapping[str, str] = field(default_factory=dict)
    serving: Callable[[str], AbstractContextManager[Any]] = nullcontext


def log_uniform(low: float, high: float) -> Draw:
    """Values between two bounds, evenly over their logarithm, to two digits."""
    return lambda rng: float(f"{np.exp(rng.uniform(np.log(low), np.log(high))):.2g}")


def one_of(*values: Any) -> Draw:
    """One of some values."""
    return lambda rng: values[rng.integers(len(values))]


@contextmanager
def standing(constants: Sequence[Constant], setting: Setting) -> Iterator[None]:
    """Inside the block the constants have the values of the setting."""
    with ExitStack() as stack:
        for constant in constants:
            value = setting[constant.label]
            if constant.key:
                stack.enter_context(patch.dict(getattr(constant.owner, constant.name), {constant.key: value}))
            else:
                stack.enter_context(patch.object(constant.owner, constant.name, value))
        yield


def settings_of(constants: Sequence[Constant]) -> list[Setting]:
    """The setting in use, and others drawn at random, no two alike."""
    rng, settings = np.random.default_rng(8), [{constant.label: constant.value for constant in constants}]
    while len(settings) < SETTINGS:
        drawn = {constant.label: constant.draw(rng) for constant in constants}
        settings += [drawn] if drawn not in settings else []
    return settings
