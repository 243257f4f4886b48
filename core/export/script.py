"""A Python script that measures the design again with `core/` and says whether its quality is the page's."""

from __future__ import annotations

import dataclasses
from pprint import pformat
from string import Template
from typing import Any

from core.contract.design import to_query
from core.export.subject import Subject
from core.export.tables import figures, price_values
from core.runtime.timing import environment

SCRIPT = Template('''"""Measure this design again and compare it with what the page showed.

Run it in the folder of Kneepoint's source, with what requirements.txt lists installed:

    python $file_name

It prints every figure beside the page's. It exits with 1 when a quality differs, and with 2 when it cannot run. Times
belong to the machine and are shown, not judged. The page measured on: $machine.
"""

import dataclasses
import os
import sys

sys.path.insert(0, os.getcwd())

try:
    import core  # noqa: F401  sets one thread a library before numpy can load
    from core.contract.case import Requirements
    from core.contract.money import Assumption, Charge  # noqa: F401  amounts stand in all requirements, charges in some
    from core.catalog import BY_SLUG
    from core.contract.design import describe, from_query
    from core.export.tables import figures
    from core.serving.evaluate import evaluate
    from core.serving.prices import Prices
    from core.serving.scenario import Scenario
except ModuleNotFoundError as missing:
    print(f"Run this in the folder of Kneepoint's source, with its requirements installed: {missing}", file=sys.stderr)
    sys.exit(2)

CASE = $case
DESIGN = $design
SEED = $seed
REQUIREMENTS = $requirements
PRICES = $prices

QUALITY = $quality
FIGURES = $figures


def main() -> int:
    """Print the figures; 1 when a quality is not the page's to the last bit, 2 when there is no such design."""
    case = BY_SLUG[CASE]
    design, seed, changed = from_query(case.Design, DESIGN)
    if changed:
        print("This version of Kneepoint has another design space:", *changed, sep="\\n  ")
        return 2
    for label, option in describe(design).items():
        print(f"{label:32} {option}")
    measured = case.run(design, seed=seed)
    prices = Prices()
    edited = {name: dataclasses.replace(getattr(prices, name), value=value) for name, value in PRICES.items()}
    scenario = Scenario(Requirements(**REQUIREMENTS), dataclasses.replace(prices, **edited))
    here = figures(evaluate(case, design, measured, scenario, seed))
    for name, page in FIGURES.items():
        print(f"{name:32} {here[name]:<14.6g} page {page:.6g}")
    differing = 0
    for name, page in QUALITY.items():
        found = measured.quality[name].value
        differing += found != page
        print(f"{name:32} {found!r} page {page!r}{'' if found == page else '  DIFFERS'}")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
''')


def script(subject: Subject) -> str:
    """The script as text. Raises ValueError when a value cannot be written as plain Python."""
    present = subject.present
    quality, requirements = present.measured.quality, present.scenario.requirements
    here = {key: value for key, value in figures(present).items() if key not in quality}
    return SCRIPT.substitute(
        file_name=f"{subject.file_name}.py",
        machine=", ".join(f"{name} {value}" for name, value in environment().items()).replace('"""', ""),
        case=repr(subject.case.slug),
        design=_written(to_query(present.design, present.seed)),
        seed=repr(present.seed),
        requirements=_written({f.name: getattr(requirements, f.name) for f in dataclasses.fields(requirements)}),
        prices=_written({name: float(value) for name, value in price_values(present.scenario.prices).items()}),
        quality=_written({key: float(e.value) for key, e in quality.items()}),
        figures=_written({name: _number(value) for name, value in here.items()}),
    )


def _number(value: Any) -> float | int:
    """A plain number; infinity is written as the largest float, since `inf` is not Python."""
    value = value.item() if hasattr(value, "item") else value
    return max(-1.7e308, min(1.7e308, value))


def _written(value: Any) -> str:
    return pformat(value, width=110, sort_dicts=False)
