"""A design is a frozen dataclass whose fields are knobs; widgets, links, sweeps and memo keys derive from them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, Protocol, TypeVar

FAMILIES = ("model", "representation", "lookup", "serving", "data")
MOST_SEED = 999_999
LINK_VERSION = "1"  # in every link, so that later versions can read today's links
AROUND_A_LINK = ".,;:!?)]}>\"'”’…"  # what a sentence puts behind a link, and a paste takes along
MOST_NAMES = 3  # unknown parameters of a link that are named in a note; a long link has hundreds


class Design(Protocol):
    """An instance of a case's design class: one option per knob."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


D = TypeVar("D", bound=Design)


@dataclass(frozen=True)
class Knob:
    """The specification of a knob, read by the widget, the link, the sweep and the memo."""

    name: str
    label: str
    options: tuple[Any, ...]
    default: Any
    family: str
    help: str
    active: Callable[[Any], bool]
    names: Mapping[Any, str]
    barred: Callable[[Any], Collection[Any]]
    split_from: str  # the knob that said this too in links made before; empty for a knob that was always its own
    main: bool  # among the few that stand first in the panel
    label_by: Callable[[Any], str] | None  # the label under a design's other choices, where these change its name
    formerly: str  # the name of this knob in links made before
    was: Mapping[str, Any]  # the text of an option in links made before → the option

    def named(self, design: Design) -> str:
        """The label under the design's other choices: “nprobe” with lists, “efSearch” with a graph."""
        return self.label if self.label_by is None else self.label_by(design)

    def offered(self, design: Design) -> tuple[Any, ...]:
        """The options that the design's other choices allow; at least one."""
        barred = self.barred(design)
        return tuple(option for option in self.options if option not in barred)

    def instead(self, design: Design) -> Any:
        """The replacement for a barred option: the default, or the first allowed option if it is barred too."""
        offered = self.offered(design)
        return self.default if self.default in offered else offered[0]

    def text(self, option: Any) -> str:
        """The option as a reader sees it."""
        return self.names.get(option, f"{option:,}" if isinstance(option, int) else str(option))

    @property
    def ordered(self) -> bool:
        """True for numeric options, whose neighbours are one step up or down."""
        return all(isinstance(option, (int, float)) for option in self.options)

    def nearest(self, text: str) -> Any:
        """The option for a link's text, else the nearest number, else the default; punctuation behind it is dropped."""
        for option in self.options:
            if str(option) in (text, without_punctuation(text)):
                return option
        if without_punctuation(text) in self.was:
            return self.was[without_punctuation(text)]
        number = _number(without_punctuation(text)) if self.ordered else None
        return self.default if number is None else min(self.options, key=lambda option: abs(option - number))


def without_punctuation(text: str) -> str:
    """A link's value without the punctuation that followed the link where it was pasted from: `32).` is `32`."""
    return text.rstrip(AROUND_A_LINK)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if abs(number) < float("inf") else None  # also refuses nan


def _always(design: Design) -> bool:
    return True


def _none(design: Design) -> Collection[Any]:
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
    split_from: str = "",
    main: bool = False,
    label_by: Callable[[Any], str] | None = None,
    formerly: str = "",
    was: Mapping[str, Any] | None = None,
) -> Any:
    """A dataclass field that is a knob.

    `active(design)` says whether the knob has any effect; `barred(design)` gives the options that the other choices
    rule out. Both read only knobs above this one. In a link without this knob, the one
    named by `split_from` says its value. ValueError for a default outside the options or an unknown family.
    """
    options = tuple(options)
    if default not in options:
        raise ValueError(f"knob {label!r}: the default {default!r} is not one of {options}")
    if family not in FAMILIES:
        raise ValueError(f"knob {label!r}: family {family!r} is not one of {FAMILIES}")
    was = dict(was or {})
    if unknown := set(was.values()) - set(options):
        raise ValueError(f"knob {label!r}: {', '.join(map(repr, unknown))} of `was` is not one of {options}")
    described = dict(label=label, options=options, family=family, help=help, active=active, barred=barred)
    described |= dict(names=dict(names or {}), split_from=split_from, main=main, label_by=label_by)
    described |= dict(formerly=formerly, was=was)
    return dataclasses.field(default=default, metadata={"knob": described})


@cache
def knobs(Design: type) -> dict[str, Knob]:
    """The knobs of a design class by field name, in the order of the fields."""
    return {f.name: Knob(name=f.name, default=f.default, **f.metadata["knob"]) for f in dataclasses.fields(Design)}


def canonical(design: D) -> D:
    """The design with every inactive knob, and every knob at a barred option, set to its default.

    Inactive knobs therefore leave no trace in links, sweeps and memo keys.
    """
    for name, knob in knobs(type(design)).items():
        if not knob.active(design):
            design = dataclasses.replace(design, **{name: knob.default})
        elif getattr(design, name) not in knob.offered(design):
            design = dataclasses.replace(design, **{name: knob.instead(design)})
    return design


def neighbours(design: D) -> list[tuple[str, D]]:
    """(knob name, design) for every neighbour: one step up or down for numbers, any other option for choices."""
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


def data_dials(design: Design) -> dict[str, Any]:
    """The knobs of the data family: the data conditions, which are no design choice."""
    return {name: getattr(design, name) for name in _data_knobs(type(design))}


@cache
def _data_knobs(Design: type) -> tuple[str, ...]:
    return tuple(name for name, knob in knobs(Design).items() if knob.family == "data")


def with_data_of(design: D, source: Design) -> D:
    """The design under the data conditions of another one, so that the two can be compared."""
    return canonical(dataclasses.replace(design, **data_dials(source)))


def differences(base: Design, candidate: Design) -> list[tuple[Knob, Any, Any]]:
    """(knob, value in base, value in candidate) for every knob on which two designs differ."""
    pairs = ((knob, getattr(base, name), getattr(candidate, name)) for name, knob in knobs(type(base)).items())
    return [(knob, before, after) for knob, before, after in pairs if before != after]


def describe(design: Design, only_active: bool = True) -> dict[str, str]:
    """{label: option} as a reader sees it."""
    shown = knobs(type(design)).items()
    return {k.label: k.text(getattr(design, name)) for name, k in shown if k.active(design) or not only_active}


def serving_mode(design: Design) -> tuple[int, str]:
    """The place among the options and the name of how a design serves; (0, "") where its case has no such choice."""
    choice = knobs(type(design)).get("serving")
    if choice is None:
        return 0, ""
    option = getattr(design, choice.name)
    return choice.options.index(option), choice.text(option)


def to_query(design: Design, seed: int) -> dict[str, str]:
    """The whole state as link parameters: every knob, the seed and the version of the link."""
    fields = {name: str(getattr(design, name)) for name in knobs(type(design))}
    return {**fields, "seed": str(seed), "v": LINK_VERSION}


def from_pairs(pairs: Iterable[tuple[str, str]]) -> tuple[dict[str, str], list[str]]:
    """The last value of every name of a link, and a sentence for each name that stands in it with another value."""
    query: dict[str, str] = {}
    replaced: dict[str, str] = {}
    for name, text in pairs:
        if query.get(name, text) != text:
            replaced[name] = query[name]
        query[name] = text
    notes = [
        f"“{name[:40]}” stands twice in the link: “{query[name][:40]}” is used, not “{before[:40]}”."
        for name, before in list(replaced.items())[:MOST_NAMES]
    ]
    n_more = len(replaced) - len(notes)
    return query, [*notes, f"{n_more} more names stand twice: their last values are used."] if n_more else notes


def from_query(Design: type, query: Mapping[str, str]) -> tuple[Any, int, list[str]]:
    """The nearest valid (design, seed) to a link, and one sentence for each parameter that was changed."""
    moved = {knob.split_from: name for name, knob in knobs(Design).items() if knob.split_from and name not in query}
    query = {moved[name]: text for name, text in query.items() if name in moved} | _of_today(Design, query)
    requested, notes = _nearest_design(Design, query)
    seed = _seed(query.get("seed", "0"), notes)
    design, defaults = canonical(requested), former_defaults(Design).values()
    for knob, before, after in differences(requested, design):
        if not knob.active(design) and before in [then[knob.name] for then in defaults if knob.name in then]:
            continue  # it did nothing when the link was made either
        if knob.name in (*moved, *moved.values()):  # one value for two knobs, of which the link's design has one
            continue
        now = knob.text(after)
        notes.append(f"{knob.label}: {knob.text(before)} cannot be had under these choices, so it went back to {now}.")
    return design, seed, notes


def former_defaults(Design: type) -> Mapping[str, Mapping[str, Any]]:
    """The defaults of before that are others today, by the mark of all defaults that links of then carry."""
    return getattr(Design, "FORMER_DEFAULTS", {})


def _of_today(Design: type, query: Mapping[str, str]) -> dict[str, str]:
    """The link with the knobs and options that were renamed under their names of today, where it lacks these."""
    known = knobs(Design)
    today = {knob.formerly: name for name, knob in known.items() if knob.formerly and name not in query}
    renamed = {today.get(name, name): text for name, text in query.items()}
    old = {name: known[name].was for name in renamed if name in known}
    return {name: str(old.get(name, {}).get(text, text)) for name, text in renamed.items()}


def _nearest_design(Design: type, query: Mapping[str, str]) -> tuple[Any, list[str]]:
    """The design with the nearest option of every knob in a link, and a sentence for each change."""
    notes, chosen, known = [], {}, knobs(Design)
    for name, text in ((name, text) for name, text in query.items() if name in known):
        knob, option = known[name], known[name].nearest(text[:80])
        chosen[name] = option
        if str(option) == without_punctuation(text) != text:
            notes.append(read_as(knob.label, text, knob.text(option)))
        elif str(option) != text:
            notes.append(f"{knob.label}: “{text[:40]}” is not on offer, so this opens {knob.text(option)}.")
    unknown = [name for name in query if name not in (*known, "seed", "v")]
    return Design(**chosen), notes + left_out(unknown, "a knob of this case", "knobs of this case")


def left_out(names: Sequence[str], one: str, many: str) -> list[str]:
    """A sentence for all the unknown names of a link together, in which the first few are named; none without them."""
    if not names:
        return []
    named = ", ".join(f"“{name[:40]}”" for name in names[:MOST_NAMES])
    n_more = len(names) - MOST_NAMES
    more = f" and {n_more:,} more" if n_more > 0 else ""
    return [f"{named}{more} {f'is not {one} and was' if len(names) == 1 else f'are not {many} and were'} left out."]


def read_seed(text: str) -> int | None:
    """The seed that a text names, from 0 to MOST_SEED; None for any other text."""
    named = text.isascii() and text.isdecimal() and len(text) <= len(str(MOST_SEED))
    return int(text) if named else None


def _seed(text: str, notes: list[str]) -> int:
    seed = read_seed(without_punctuation(text))
    if seed is None:
        notes.append(f"Seed: “{text[:40]}” is not a number from 0 to {MOST_SEED:,}, so this opens seed 0.")
    elif without_punctuation(text) != text:
        notes.append(read_as("Seed", text, str(seed)))
    return seed or 0


def read_as(label: str, text: str, shown: str) -> str:
    """A sentence for a link's value that was read without the punctuation behind it."""
    return f"{label}: “{text[:40]}” is read as {shown}, without the punctuation behind it."
