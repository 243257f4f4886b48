"""A design is a frozen dataclass whose fields are knobs: one line a knob, and everything else is derived from it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, Protocol

FAMILIES = ("model", "representation", "lookup", "serving", "data")
MOST_SEED = 999_999
LINK_VERSION = "1"  # goes into every link, so that a later change of a knob can still read today's links


class Design(Protocol):
    """A choice of every knob of a case: an instance of its frozen dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


@dataclass(frozen=True)
class Knob:
    """One choice of a design: what the widget, the link, the sweep and the memo all read."""

    name: str
    label: str
    options: tuple[Any, ...]
    default: Any
    family: str
    help: str
    active: Callable[[Any], bool]
    names: Mapping[Any, str]
    barred: Callable[[Any], Collection[Any]]

    def offered(self, design: Any) -> tuple[Any, ...]:
        """The options that can be had under the design's other choices; at least one always can."""
        barred = self.barred(design)
        return tuple(option for option in self.options if option not in barred)

    def instead(self, design: Any) -> Any:
        """What a barred option is replaced by: the default, or where that is barred too, the first that is not."""
        offered = self.offered(design)
        return self.default if self.default in offered else offered[0]

    def text(self, option: Any) -> str:
        """The option as a reader sees it."""
        return self.names.get(option, f"{option:,}" if isinstance(option, int) else str(option))

    @property
    def ordered(self) -> bool:
        """True when the options are numbers, so that a neighbour is the next step up or down."""
        return all(isinstance(option, (int, float)) for option in self.options)

    def nearest(self, text: str) -> Any:
        """The option a link's text means: the same text, else the nearest number, else the default."""
        for option in self.options:
            if str(option) == text:
                return option
        number = _number(text) if self.ordered else None
        return self.default if number is None else min(self.options, key=lambda option: abs(option - number))


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if abs(number) < float("inf") else None  # also refuses nan


def _always(design: Any) -> bool:
    return True


def _none(design: Any) -> Collection[Any]:
    return ()


def knob(
    label: str,
    options: tuple[Any, ...] | Mapping[Any, Any],
    default: Any,
    family: str,
    help: str,
    active: Callable[[Any], bool] = _always,
    names: Mapping[Any, str] | None = None,
    barred: Callable[[Any], Collection[Any]] = _none,
) -> Any:
    """A dataclass field that is a knob.

    `options` may be the dictionary of alternatives itself. `active(design)` says whether the knob does anything under
    the other choices, `barred(design)` which options cannot be had under them (never the default). Both may look only
    at knobs above this one. Raises ValueError when the default is not an option or the family is unknown.
    """
    options = tuple(options)
    if default not in options:
        raise ValueError(f"knob {label!r}: the default {default!r} is not one of {options}")
    if family not in FAMILIES:
        raise ValueError(f"knob {label!r}: family {family!r} is not one of {FAMILIES}")
    described = dict(label=label, options=options, family=family, help=help, active=active, barred=barred)
    return dataclasses.field(default=default, metadata={"knob": {**described, "names": dict(names or {})}})


@cache
def knobs(Design: type) -> dict[str, Knob]:
    """The knobs of a design class by field name, in the order of the fields."""
    return {f.name: Knob(name=f.name, default=f.default, **f.metadata["knob"]) for f in dataclasses.fields(Design)}


def canonical(design: Any) -> Any:
    """The same design with every knob that does nothing, or stands at a barred option, at its default.

    So a knob that does nothing leaves no trace in a link, a sweep or a memo key.
    """
    for name, knob in knobs(type(design)).items():
        if not knob.active(design):
            design = dataclasses.replace(design, **{name: knob.default})
        elif getattr(design, name) not in knob.offered(design):
            design = dataclasses.replace(design, **{name: knob.instead(design)})
    return design


def neighbours(design: Any) -> list[tuple[str, Any]]:
    """(knob name, design) for every design one move away: the next step of a number, any other option of a choice."""
    moved = []
    for name, knob in knobs(type(design)).items():
        if knob.family == "data" or not knob.active(design):
            continue
        for option in _moves(knob, getattr(design, name)):
            moved.append((name, canonical(dataclasses.replace(design, **{name: option}))))
    return [(name, neighbour) for name, neighbour in moved if neighbour != design]


def _moves(knob: Knob, now: Any) -> list[Any]:
    at = knob.options.index(now)
    if knob.ordered:
        return [knob.options[i] for i in (at - 1, at + 1) if 0 <= i < len(knob.options)]
    return [option for option in knob.options if option != now]


def data_dials(design: Any) -> dict[str, Any]:
    """The part of a design that is the world and not a choice: its knobs of the data family."""
    return {name: getattr(design, name) for name, knob in knobs(type(design)).items() if knob.family == "data"}


def with_data_of(design: Any, world: Any) -> Any:
    """A design in the world of another one, so that the two can be compared."""
    return canonical(dataclasses.replace(design, **data_dials(world)))


def differences(base: Any, candidate: Any) -> list[tuple[Knob, Any, Any]]:
    """(knob, value in one, value in other) for every knob on which two designs differ."""
    pairs = ((knob, getattr(base, name), getattr(candidate, name)) for name, knob in knobs(type(base)).items())
    return [(knob, before, after) for knob, before, after in pairs if before != after]


def describe(design: Any, only_active: bool = True) -> dict[str, str]:
    """{label: option} as a reader sees it."""
    shown = knobs(type(design)).items()
    return {k.label: k.text(getattr(design, name)) for name, k in shown if k.active(design) or not only_active}


def to_query(design: Any, seed: int) -> dict[str, str]:
    """The whole state as link parameters: every knob, the seed and the version of the link."""
    fields = {name: str(getattr(design, name)) for name in knobs(type(design))}
    return {**fields, "seed": str(seed), "v": LINK_VERSION}


def from_query(Design: type, query: Mapping[str, str]) -> tuple[Any, int, list[str]]:
    """The nearest valid (design, seed) to a link, and one sentence for each thing that had to be changed."""
    notes, chosen, known = [], {}, knobs(Design)
    for name, text in query.items():
        if name in known:
            chosen[name] = known[name].nearest(text[:80])
            if str(chosen[name]) != text:
                shown = known[name].text(chosen[name])
                notes.append(f"{known[name].label}: “{text[:40]}” is not on offer, so this opens {shown}.")
        elif name not in ("seed", "v"):
            notes.append(f"“{name[:40]}” is not a knob of this case and was left out.")
    seed = _seed(query.get("seed", "0"), notes)
    design = canonical(Design(**chosen))
    notes += [f"{k.label}: {k.text(before)} cannot be had under these choices, so it went back to {k.text(after)}."
              for k, before, after in differences(Design(**chosen), design)]  # fmt: skip
    return design, seed, notes


def _seed(text: str, notes: list[str]) -> int:
    if text.isdecimal() and len(text) <= len(str(MOST_SEED)):
        return int(text)
    notes.append(f"Seed: “{text[:40]}” is not a number from 0 to 999,999, so this opens seed 0.")
    return 0
