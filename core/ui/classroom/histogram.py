"""Predictions against outcome, as bars that are text as well."""

from __future__ import annotations

from collections.abc import Mapping

ARROWS = {"up": "↑ up", "same": "= same", "down": "↓ down"}


def histogram(predicted: Mapping[str, Mapping[str, int]]) -> str:
    """For each direction that was said a bar: how often it came so, and how often it did not."""
    most = max((sum(measured.values()) for measured in predicted.values()), default=0)
    right = sum(measured[said] for said, measured in predicted.items())
    total = sum(sum(measured.values()) for measured in predicted.values())
    if not total:
        return ""
    bars = "".join(_bar(said, predicted[said], most) for said in ARROWS)
    return (
        f'<div class="kp-wall-part"><div class="kp-wall-l">Predictions against outcome: {right} of {total} right</div>'
        f"{bars}</div>"
    )


def _bar(said: str, measured: Mapping[str, int], most: int) -> str:
    n, right = sum(measured.values()), measured[said]
    wide = [round(100 * part / most, 1) for part in (right, n - right)]
    other = ", ".join(f"{ARROWS[way]} {k}" for way, k in measured.items() if way != said and k)
    title = f"said {ARROWS[said]}: {right} right{f'; measured {other}' if other else ''}"
    return (
        f'<div class="kp-wall-bar" title="{title}"><span>{ARROWS[said]}</span>'
        f'<div><i style="width:{wide[0]}%"></i><i class="wrong" style="width:{wide[1]}%"></i></div>'
        f"<b>{right} ✓ {n - right} ✗</b></div>"
    )
