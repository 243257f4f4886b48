"""The tiles of the home page: of each case a picture of its data, a lesson that a check holds, and its front."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

import streamlit as st

from core.analysis.frontier import p50_ms
from core.charts.thumbnail import STYLE as CHART
from core.charts.thumbnail import thumbnail
from core.checks.results import HOLDS, CheckResult, check_results
from core.contract.case import SEED, Case, Measurement
from core.contract.design import serving_mode
from core.formatting import ms_text
from core.runtime.results import RESULTS
from core.ui import pages, terms
from core.ui.home import marks, tiles
from core.ui.markup import html

GRID = (
    "<style>.st-key-tiles{display:grid!important;grid-template-columns:repeat(5,minmax(0,1fr));gap:.75rem!important;"
    "grid-auto-rows:1fr}"
    "@media(max-width:900px){.st-key-tiles{grid-template-columns:repeat(2,minmax(0,1fr))}}"
    ".st-key-tiles>div,.st-key-tiles>div>div{width:auto!important;min-width:0;height:100%}"
    ".st-key-tiles [data-testid=stVerticalBlock]{gap:.35rem;padding:.75rem}"
    ".st-key-tiles a{padding:0;background:none}.st-key-tiles a *{white-space:normal!important}"
    ".st-key-tiles a p{font-weight:600;line-height:1.25}"
    ".kp-tile{padding-bottom:1rem}.kp-tile img{width:100%;aspect-ratio:8/3;display:block;object-fit:contain}"
    ".kp-tile p{margin:0 0 .4rem;font-size:.875rem;line-height:1.35;min-height:5.4em}"
    ".kp-tile .kp-note{font-size:.75rem;line-height:1.3}</style>"
)


def show(cases: Iterable[Case]) -> None:
    """One tile per case, five in a row and two on a phone."""
    html(GRID)
    with st.container(key="tiles"):
        for case in cases:
            with st.container(border=True, height="stretch"):
                _tile(case)


def _tile(case: Case) -> None:
    address = tiles.picture_of(case.slug)
    picture = f'<img src="{escape(address)}" alt="" loading="lazy">' if address else ""
    if picture:
        html(f'<div class="kp kp-tile">{picture}</div>')
    st.page_link(pages.of(case), label=case.title)
    words = f"<p>{_lesson(case)}</p>"
    html(f'<div class="kp kp-tile">{CHART}{words}{_front(case)}</div>')


def lesson(case: Case) -> CheckResult | None:
    """The first of the case's lessons whose check passes here or in the record; None where none does."""
    results = {result.check.id: result for result in check_results([case], SEED)}
    named = (results[id] for id in tiles.lessons_of(case.slug) if id in results)
    return next((result for result in named if result.state == HOLDS), None)


def _lesson(case: Case) -> str:
    found = lesson(case)
    if found is None:
        return escape(case.question)
    said = f"Check {found.check.id} {HOLDS}; {found.origin or 'run here'}"
    return f'<span title="{escape(said)}">{terms.in_html(found.check.sentence)}</span>'


def _front(case: Case) -> str:
    points = front_points(case)
    if not points:
        return '<div class="kp-note">No design measured yet.</div>'
    axis = case.qualities[0]
    svg = thumbnail(points, axis.better, in_words(axis.label, axis.better, points))
    return f'{svg}<div class="kp-note">{axis_words(axis.label, axis.better)}</div>'


def axis_words(label: str, better: str) -> str:
    """What a thumbnail's upright axis is and which way is better on it, and what the other is."""
    return f"{escape(label)} ({'↑' if better == 'higher' else '↓'} better) by p50"


def front_points(case: Case) -> list[tuple[float, float]]:
    """(p50 in ms, quality) of the designs on the default's data and serving, those measured here and the recorded."""
    kept = {design: one.measured for design, one in marks.recorded(case).items()}
    known: dict = kept | RESULTS.rows(case, SEED, case.Design())
    mode = serving_mode(case.Design())
    some = [measured for design, measured in known.items() if serving_mode(design) == mode]
    return [point for measured in some for point in _point(case, measured)]


def _point(case: Case, measured: Measurement) -> list[tuple[float, float]]:
    """Its place, or none for a design without a time or without the quality."""
    key, ms = case.qualities[0].key, p50_ms(measured)
    return [(ms, measured.quality[key].value)] if key in measured.quality and ms > 0 else []


def in_words(label: str, better: str, points: Sequence[tuple[float, float]]) -> str:
    """How many designs a thumbnail shows, and their ranges."""
    times, qualities = zip(*points, strict=True)
    many = f"{len(points)} design{'' if len(points) == 1 else 's'}"
    if len(points) == 1:
        return f"{many}: {label} {qualities[0]:.3f} at p50 {ms_text(times[0])}."
    span = f"{label} {min(qualities):.3f} to {max(qualities):.3f}, p50 {ms_text(min(times))} to {ms_text(max(times))}"
    return f"{many}: {span}. {'Higher' if better == 'higher' else 'Lower'} {label} is better."


def origins(cases: Iterable[Case]) -> str:
    """Where and when the recorded designs of these cases were measured; empty without any."""
    kept = (one.origin for case in cases for one in marks.recorded(case).values())
    places = "; ".join(dict.fromkeys(kept))
    return f"Fronts {places}." if places else ""
