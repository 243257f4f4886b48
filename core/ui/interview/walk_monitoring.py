"""Monitoring: thresholds, labels needed, canaries and drift."""

from __future__ import annotations

import streamlit as st

from core.charts import Axis, line_with_band, line_with_band_summary
from core.formatting import count_text, ms_text
from core.metrics import NotEnoughSamples
from core.monitoring.alarms import Canary, labels_needed, power_to_see
from core.monitoring.drift import RULE_OF_THUMB, Drift, drift
from core.monitoring.plan import POWER, REACT_H, TRIED_DAYS, Line, Setting, canaries, labels_of, lines
from core.ui import cards, state
from core.ui.figures import chart
from core.ui.interview import walk_calculators
from core.ui.interview.walk_done import note
from core.ui.markup import html
from core.ui.page_run import PageRun

DAILY, DAYS, DROPS, LABELLED = (
    (100, 300, 1_000, 3_000),
    (10, 30, 100),
    (0.01, 0.02, 0.05, 0.1),
    (0.0001, 0.001, 0.01, 0.1),
)
UNKNOWN = "cannot be told"
DAYS_OF_LABELS = (10, 30, 100, 300, 1_000, 3_000, 10_000)


def section(run: PageRun) -> None:
    """The plan, the labels, audits, the canary and the drift detector, from this design's own distributions."""
    setting = _settings(run)
    plan = lines(run.present, setting)
    st.markdown(
        f"**What is watched.** At most one false alarm in {setting.days} days: each threshold was tried on "
        f"{TRIED_DAYS:,} quiet days, redrawn from this design's own log; normal is what this design gives."
    )
    st.table([_line(line) for line in plan])
    note(run.case, "thresholds", f"{sum(line.alarm is not None for line in plan)} thresholds computed")
    _labels(run, setting)
    walk_calculators.audits(run, setting.daily)
    _canary(run, setting)
    _drift(run, setting)


def _settings(run: PageRun) -> Setting:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        daily = _choose(run, "Labelled requests per day", DAILY, 300, lambda n: f"{n:,}")
        days = _choose(run, "Days between false alarms", DAYS, 30, str)
        drop = _choose(run, "Drop to see", DROPS, 0.05, lambda share: f"{share:.0%}")
    return Setting(daily, days, drop)


def _choose(run: PageRun, label: str, options, first, text):
    key = state.key(run.case, f"walk.watch.{label}")
    return st.segmented_control(label, options, default=first, required=True, key=key, format_func=text)


def _line(line: Line) -> dict[str, str]:
    alarm = UNKNOWN if line.alarm is None else f"{line.rings} {_amount(line, line.alarm)}"
    return {
        "what": line.what,
        "normal": UNKNOWN if line.normal is None else f"{_amount(line, line.normal)} ({line.badge})",
        "rings (modelled)": alarm,
        "quiet days that ring: promised, tried (modelled)": _rates(line),
        "how": line.how,
        "source": line.source,
    }


def _rates(line: Line) -> str:
    return "" if line.promised is None or line.tried is None else f"{line.promised:.2%}, {line.tried:.2%}"


def _amount(line: Line, value: float) -> str:
    return ms_text(value) if line.unit == "ms" else f"{value:.4g} {line.unit}".strip()


def _labels(run: PageRun, setting: Setting) -> None:
    """Labels needed to detect a drop, and the power of the chosen number in a day."""
    import pandas as pd

    axis = run.case.qualities[0]
    try:
        labels = labels_of(axis, run.present.measured)
    except NotEnoughSamples as error:
        st.caption(f"How many labels show a drop cannot be told. {error}.")
        return
    value = abs(float(labels.mean()))
    drop = setting.drop * value
    if not drop:
        st.caption(f"{axis.label} is 0: it cannot drop.")
        return
    need = labels_needed(labels, drop, setting.false_alarm, POWER, axis.better)
    seen = power_to_see(labels, drop, setting.daily, setting.false_alarm, axis.better)
    shown = [
        cards.Figure(f"labels to see −{setting.drop:.0%}", f"{need:,}", "modelled", f"with {POWER:.0%} power"),
        cards.Figure(f"seen in a day with {setting.daily:,}", f"{seen:.0%}", "modelled", f"a drop of {drop:.3f}"),
        cards.Figure("spread per query", f"{labels.std(ddof=1):.3f}", axis.badge, axis.label),
    ]
    html(cards.figures(shown))

    def power(share: float, n: int) -> float:
        return power_to_see(labels, share * value, n, setting.false_alarm, axis.better)

    rows = [{"n": n, "power": power(share, n), "drop": f"−{share:.0%}"} for share in DROPS for n in DAYS_OF_LABELS]
    x, y = (
        Axis("n", "labelled requests per day", "", "higher", log=True),
        Axis("power", "probability of detection", "", "higher"),
    )
    table = pd.DataFrame(rows)
    words = line_with_band_summary(table, x, y, group="drop")
    caption = (
        f"{words} Modelled: n = ((z(1 − α) + z(power))·s/d)², one-sided, α = 1/{setting.days} "
        "(NIST/SEMATECH e-Handbook, 7.2.2.2)."
    )
    chart(run.case, "labels", line_with_band(table, x, y, group="drop"), words, table, caption)


def _canary(run: PageRun, setting: Setting) -> None:
    st.markdown(f"**Canary.** A version that is {setting.drop:.0%} worse, rolled out to a share of the requests.")
    labelled = _choose(run, "Requests that get judged", LABELLED, 0.001, lambda share: f"{100 * share:g} %")
    try:
        options = canaries(run.present, setting, labelled)
    except NotEnoughSamples as error:
        st.caption(f"What a canary shows cannot be told. {error}.")
        return
    if not options:
        st.caption("Without requests, or with nothing that can drop, a canary shows nothing.")
        return
    st.table([_canary_row(canary) for canary in options])
    st.caption(
        f"Modelled: a smaller share takes longer to show the same drop ({POWER:.0%} power, α = 1/{setting.days}), and "
        f"exposes fewer requests in the {60 * REACT_H:.0f} minutes until the roll-back (illustrative). On the canary "
        "n = ((z(1 − α) + z(power))·s/d)² / (1 − share) (Chow, Shao & Wang, Sample Size Calculations, 3.2)."
    )


def _canary_row(canary: Canary) -> dict[str, str]:
    return {
        "share": f"{canary.share:.1%}",
        "until it shows (modelled)": _hours_text(canary.hours),
        "worse answers given (modelled)": count_text(round(canary.exposed)),
        "seen within a day (modelled)": f"{canary.power_in_a_day:.0%}",
    }


def _hours_text(hours: float) -> str:
    if hours < 1:
        return f"{60 * hours:.2g} min" if hours > 1 / 60 else "under a minute"
    return f"{hours:.3g} h" if hours < 48 else f"{hours / 24:,.3g} days"


SAME = "even against odd queries: nothing moved"


def _state(result: Drift, same: bool) -> str:
    if not result.rings:
        return "silent"
    return "rings: a false alarm" if same else "rings"


def _drift(run: PageRun, setting: Setting) -> None:
    """The detector on two halves of one day, where it must stay silent, and on the baseline."""
    axis = run.case.qualities[0]
    mine = run.present.measured.quality[axis.key].per_query
    st.markdown(f"**Drift** of {axis.label} per query: the population stability index and the Kolmogorov–Smirnov test.")
    sides = {SAME: (mine[::2], mine[1::2])}
    baseline = run.baseline.measured.quality.get(axis.key)
    if run.baseline.design != run.present.design and baseline is not None:
        sides["the baseline put in its place"] = (mine, baseline.per_query)
    results = {}
    for name, (reference, batch) in sides.items():
        try:
            results[name] = drift(reference, batch, setting.false_alarm, run.present.seed)
        except ValueError as error:
            st.caption(f"{name.capitalize()}: cannot be told; {error}.")
    if not results:
        return
    rows = [
        {
            "compared": name,
            "index (measured)": f"{result.psi:.4f}",
            "rings above (modelled)": f"{result.threshold:.4f}",
            "": _state(result, name == SAME),
            "false alarms, shuffled (measured)": f"{result.false_alarms:.1%}",
            f"with {RULE_OF_THUMB} instead": f"{result.rule_false_alarms:.1%}",
            "K–S distance, p (measured)": f"{result.ks:.3f}, {result.ks_p:.2g}",
        }
        for name, result in results.items()
    ]
    st.table(rows)
    st.caption(
        "Shuffled: 500 random splits of both samples together. The threshold is χ²·(1/N + 1/M) (Yurdakul & Naranjo "
        f"2020); {RULE_OF_THUMB} is the usual rule of thumb (Siddiqi 2006), which knows nothing of sample sizes."
    )
