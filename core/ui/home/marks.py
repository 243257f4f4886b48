"""The marks of the home page's chart: two figures of each design, so that a hundred of them cost milliseconds."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from core.analysis.explain import beside
from core.analysis.frontier import p50_ms
from core.analysis.tradeoff_table import differing
from core.contract.case import SEED, Case, Measurement
from core.contract.design import Design, data_dials, serving_mode, to_query
from core.metrics.pareto import front
from core.runtime.recorded import Recorded
from core.serving.slo import too_noisy
from core.ui.page_run import on_record

Mark = dict[str, Any]


def recorded(case: Case) -> dict[Design, Recorded]:
    """The recorded designs of a case on its default data."""
    data = data_dials(case.Design())
    kept = [one for one in on_record(case) if one.seed == SEED and data_dials(one.design) == data]
    return {one.design: one for one in kept}


def of(
    case: Case,
    present: Design,
    last: Design | None,
    here: Mapping[Design, Measurement],
    kept: Mapping[Design, Recorded],
) -> list[Mark]:
    """One mark a design, those on the front marked; a recorded one stays hollow unless it is the present design."""
    roles = {last: "trail", case.baseline: "baseline", present: "present"}
    marks = [_mark(case, d, m, roles.get(d, "sweep"), present, "") for d, m in here.items()]
    for mark, design in zip(marks, here, strict=True):
        mark["trail"] = (0,) * (design == last)
    for design, one in kept.items():
        role = "present" if design == present else "recorded"
        marks.append(_mark(case, design, one.measured, role, present, one.origin))
    axis, quiet = case.qualities[0], [mark for mark in marks if not mark["noisy"]]
    points = [[mark["p50_ms"], mark[axis.key]] for mark in quiet]
    for mark, on in zip(quiet, front(points, ("lower", axis.better)) if points else (), strict=True):
        mark["on_front"] = bool(on)
    return marks


def _mark(case: Case, design: Design, measured: Measurement, role: str, present: Design, origin: str) -> Mark:
    at, mode = serving_mode(design)
    quality = measured.quality[case.qualities[0].key]
    key = case.qualities[0].key
    return {
        "p50_ms": p50_ms(measured),
        **{key: quality.value, f"{key}_low": quality.low, f"{key}_high": quality.high},
        **{"role": role, "mode": mode, "mode_at": at, "noisy": too_noisy(measured), "ruled_out_by": ""},
        **{"name": beside(present, design), "link": _link(design), "on_front": False},
        **{"also": (), "differs": differing(present, design), "note": origin, "trail": ()},
    }


@lru_cache(maxsize=2_000)
def _link(design: Design) -> str:
    return urlencode(to_query(design, SEED))
