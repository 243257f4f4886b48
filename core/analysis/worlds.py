"""Recording how far the qualities of every case move between worlds, and telling the worlds of one design."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

from core.contract.case import SEED, Case
from core.contract.design import Design, canonical, knobs, with_data_of
from core.metrics.worlds import Span
from core.runtime.sweep import spread
from core.runtime.worlds import FILE, World, design_query, kind_of_data, recorded_spread, spread_row, worlds_of

N_SPREAD, N_SPREAD_ELSEWHERE = 5, 2  # designs beside the default and the baseline: on the usual data, on other kinds


def spread_rows(case: Case, seed: int = SEED) -> Iterator[dict[str, Any]]:
    """The spread between five worlds of every quality of a case, on each kind of data that one knob leads to."""
    for kind, designs in designs_by_kind(case, seed).items():
        tried = {design_query(design): list(worlds_of(case, design, seed)) for design in designs}
        rows = (spread_row(case.slug, kind, axis.key, tried) for axis in case.qualities)
        yield from filter(None, rows)


def designs_by_kind(case: Case, seed: int = SEED) -> dict[str, list[Design]]:
    """{kind of data: the default, the baseline and designs drawn at random}, on the data of one default each."""
    default, kinds = canonical(case.Design()), {}
    for name, knob in knobs(case.Design).items():
        for option in knob.options if knob.family == "data" else ():
            design = canonical(replace(default, **{name: option}))
            kinds.setdefault(kind_of_data(case, design), design)
    kinds[kind_of_data(case, default)] = default
    return {kind: _designs(case, design, design == default, seed) for kind, design in kinds.items()}


def _designs(case: Case, default: Design, usual: bool, seed: int) -> list[Design]:
    drawn = spread(default, 1 + (N_SPREAD if usual else N_SPREAD_ELSEWHERE), seed)
    return list(dict.fromkeys([default, with_data_of(case.baseline, default), *drawn]))


def write(rows: Mapping[str, Sequence[dict[str, Any]]], path: Path = FILE) -> int:
    """Put the rows of these cases into the file, those of other cases kept; returns how many it then holds."""
    recorded_spread.cache_clear()
    kept = [asdict(spread) for spread in recorded_spread(path).values() if spread.of not in rows]
    whole = [*kept, *(row for each in rows.values() for row in each)]
    whole.sort(key=lambda row: (row["of"], row["data"]))  # stable: qualities stay in the order of the case
    designs: dict[tuple[str, str], dict[str, None]] = {}
    for row in whole:
        designs.setdefault((row["of"], row["data"]), {}).update(dict.fromkeys(row["between"]))
    named = [{"of": of, "data": data, "designs": list(queries)} for (of, data), queries in designs.items()]
    plain = [{**row, "between": [row["between"].get(q) for q in designs[row["of"], row["data"]]]} for row in whole]
    lists = [f'"{name}": [\n{_lines(of)}\n]' for name, of in (("designs", named), ("rows", plain))]
    path.parent.mkdir(parents=True, exist_ok=True)
    whole_text = ",\n".join([f'{{"recorded_on": "{date.today().isoformat()}"', *lists])
    path.write_text(whole_text + "}\n", encoding="utf-8")
    recorded_spread.cache_clear()
    return len(whole)


def _lines(rows: Sequence[dict[str, Any]]) -> str:
    return ",\n".join(map(json.dumps, rows))


def as_json(world: World) -> str:
    """One world as a line."""
    quality = {key: [span.value, span.low, span.high] for key, span in world.quality.items()}
    return json.dumps({"seed": world.seed, "quality": quality, "shared": sorted(world.shared)})


def from_json(line: str) -> World:
    """The world of a line that `as_json` wrote. Raises ValueError for any other line."""
    try:
        said = json.loads(line)
        quality = {key: Span(*map(float, ends)) for key, ends in said["quality"].items()}
        return World(int(said["seed"]), quality, frozenset(said["shared"]))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"this line is no world: {error}") from None
