"""The four tiles of a case page: quality, p99 under load, cost and the verdict, one line and one comparison each."""

from __future__ import annotations

from html import escape

import streamlit as st

from core.analysis.figures import FIGURES, Figure, first_quality_of
from core.analysis.headline import change, cost_delta, half_width, quality_delta
from core.contract.case import Case
from core.formatting import count_text, ms_text, usd_text
from core.serving.evaluate import Evaluated
from core.serving.offers import offers
from core.serving.slo import NOT_JUDGED, TOO_NOISY, Constraint
from core.ui import cards, state
from core.ui.markup import html
from core.ui.page_run import PageRun

ANSWERS = {"meets": "Yes", "misses": "No", "cannot say": "Cannot say"}
SIDES = {"meets": "better", "misses": "worse", "cannot say": ""}
SIGNS = {"meets": "✓", "misses": "✗", "cannot say": "?"}
BUSY = TOO_NOISY.removesuffix(" to say")
OFFERED = {
    "cheapest": "The cheapest design measured here that meets the SLO",
    "closest": "The design measured here that comes closest to meeting the SLO",
}
CHEAPEST = {"cheapest": "Use cheapest", "closest": "Use closest"}


def row(run: PageRun, final: bool = True) -> None:
    """The tiles side by side; the button of the last one only where `final`, since a page draws it once."""
    shown = [_quality(run), _p99(run), _cost(run)]
    columns = st.columns(4, gap="small")
    for column, tile in zip(columns, [*shown, _verdict(run)], strict=True):
        with column:
            html(tile)
    if final:
        with columns[3]:
            _offer(run)
    else:
        columns[3].empty()  # else the button of the run before would stand here until the page is drawn


def waiting(case: Case) -> None:
    """The tiles of a design that is still to be measured."""
    labels = (case.qualities[0].label, "p99 under load", "cost per month", "Meets the SLO?")
    for column, label in zip(st.columns(4, gap="small"), labels, strict=True):
        with column:
            html(tile(label, "…", "", "", ""))


def tile(label: str, value: str, badge: str, words: str, side: str, detail: str = "", help: str = "") -> str:
    """One tile as markup; every text is escaped here."""
    small = f" <small>{escape(detail)}</small>" if detail else ""
    kind = cards.badge(badge) if badge else ""
    return (
        f'<div class="kp kp-tile" title="{escape(help)}"><div class="kp-l"><span>{escape(label)}</span>'
        f'{kind}</div><div class="kp-v">{escape(value)}{small}</div>'
        f'<div class="kp-d kp-{side or "same"}" title="{escape(words)}">{_short(words) or "&nbsp;"}</div></div>'
    )


def _short(words: str) -> str:
    """Words as markup, of which a narrow tile hides the end of “baseline”."""
    return escape(words).replace("vs baseline", 'vs base<span class="kp-line">line</span>')


def _quality(run: PageRun) -> str:
    figure = first_quality_of(run.present)
    if figure.key not in run.present.measured.quality:
        return tile(figure.label, "none", "", "the design reports none", "")
    words, side = _against(run, figure)
    note = figure.note(run.present)
    help = _help(run, f"{figure.help} Interval: {figure.covers(run.present)}.")
    value, detail, badge = figure.text(run.present), half_width(figure, run.present), _badge(run, figure)
    if run.present.projected.grown and badge == "measured":  # by a law that it stays, or by none
        badge = "" if note else "projected"
    return tile(figure.label, value, badge, note or words, "" if note else side, detail, help)


def _p99(run: PageRun) -> str:
    figure, constraint = FIGURES["load_p99_ms"], _constraint(run.present, "p99_ms")
    words = f"{SIGNS[constraint.verdict]} ≤ {ms_text(constraint.asked)}"
    return _of(run, figure, "p99 under load", words, SIDES[constraint.verdict], timing_noise(run.present))


def timing_noise(present: Evaluated) -> str:
    """How far another timing may move the p99 under load: the interval of one request, and the noise of two runs."""
    alone, noise = FIGURES["p99_ms"], FIGURES["load_p99_ms"].noise
    return (
        f"One request alone: p99 {alone.text(present)}, 95 % interval {alone.interval_text(present)}; "
        f"two runs of one design differ by up to {noise:.0%}."
    )


def _cost(run: PageRun) -> str:
    figure, constraint = FIGURES["usd"], _constraint(run.present, "budget_usd")
    words, side = _against(run, figure)
    if constraint is not None and constraint.verdict != "meets":
        words, side = f"{SIGNS[constraint.verdict]} ≤ {usd_text(constraint.asked)}", SIDES[constraint.verdict]
    return _of(run, figure, "cost per month", words, side)


def _of(run: PageRun, figure: Figure, label: str, words: str, side: str, more: str = "") -> str:
    value = figure.text(run.present).removesuffix(" per month")
    details = figure.help
    if run.present.projected.grown:
        details += f" {figure.text(run.present.as_measured)} at the {count_text(run.present.projected.base)} measured."
    help = _help(run, f"{details} {more}".strip())
    if figure.noisy_where(run.present):
        return tile(label, "?", _badge(run, figure), BUSY, "", help=help)
    return tile(label, value, _badge(run, figure), words, side, help=help)


def _help(run: PageRun, help: str) -> str:
    """The help of a tile; figures that were not measured here say first where and when they were."""
    return f"{run.kept_from[:1].upper()}{run.kept_from[1:]}. {help}" if run.kept_from else help


def _verdict(run: PageRun) -> str:
    present, badge = run.present, "recorded" if run.kept_from else ""
    reasons = {
        "meets": f"tightest: {_named(present.binding)}",
        "misses": _missed(present),
        "cannot say": _open(present),
    }
    words = reasons[present.verdict]
    value, side = ANSWERS[present.verdict], SIDES[present.verdict]
    return tile("Meets the SLO?", f"{SIGNS[present.verdict]} {value}", badge, words, side, help=_help(run, "").strip())


def _open(present: Evaluated) -> str:
    """What leaves the verdict open: a requirement that cannot be judged, or else a machine that was too busy."""
    judged = [limit for limit in present.constraints if limit.verdict == "cannot say" and not limit.noisy]
    if not judged:
        return TOO_NOISY
    return f"{judged[0].label}: {NOT_JUDGED}" if judged[0].unjudged else f"open: {judged[0].label}"


def _missed(present: Evaluated) -> str:
    missed = [limit for limit in present.constraints if limit.verdict == "misses"]
    more = f", +{len(missed) - 1} more" if len(missed) > 1 else ""
    return f"misses {_named(present.binding)}{more}"


def _named(limit: Constraint) -> str:
    """A requirement in a word or two: the first tile says which quality it is."""
    return "quality" if limit.key == "quality_floor" else limit.label


def _offer(run: PageRun) -> None:
    """One measured design that meets the SLO at the lowest cost, or comes closest; the place is kept without one."""
    suggestion = None if run.present.feasible else next(iter(offers(run.evaluated())), None)
    if suggestion is None or suggestion.evaluated.design == run.present.design:
        return
    load = (run.case, suggestion.evaluated.design, run.present.seed)
    st.button(
        CHEAPEST.get(suggestion.title, CHEAPEST["closest"]),
        key=state.key(run.case, "cheapest"),
        on_click=state.load,
        args=load,
        type="tertiary",
        help=f"{OFFERED.get(suggestion.title, OFFERED['closest'])}: {change(run.present, suggestion.evaluated)}",
    )


def _against(run: PageRun, figure: Figure) -> tuple[str, str]:
    """The change vs the baseline with its side; that it is the baseline, for the baseline."""
    if run.present.design == run.baseline.design:
        return "the baseline", ""
    delta = cost_delta if figure.quality is None else quality_delta
    words, side = delta(figure, run.baseline, run.present)
    return (f"{words} vs baseline" if words else ""), side


def _badge(run: PageRun, figure: Figure) -> str:
    return "recorded" if run.kept_from else figure.badge_of(run.present)


def _constraint(present: Evaluated, key: str) -> Constraint | None:
    return next((limit for limit in present.constraints if limit.key == key), None)
