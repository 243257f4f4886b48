"""The live evidence of each step, from the present design."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from textwrap import wrap
from typing import Any

import cachetools
import streamlit as st

from core.analysis.alternatives import (
    Choice,
    Compared,
    compare,
    difference_text,
    framing_choices,
    missing,
    move_choices,
)
from core.analysis.explain import move
from core.analysis.figures import FIGURES, figures_of
from core.analysis.learning_curve import runs
from core.charts import bars, bars_summary
from core.contract.case import Case
from core.contract.design import Design
from core.contract.interview_spec import Sample
from core.formatting import count_text, ms_text, usd_text
from core.interview.estimation import arithmetic
from core.monitoring.data_validation import Verified, rule_text, sample_and_verify
from core.runtime.calls import by, there
from core.ui import cards, waiting
from core.ui.case import load_curve, sections, slo
from core.ui.errors import READER_ERRORS
from core.ui.figures import chart
from core.ui.interview import walk_calculators, walk_monitoring, walk_training
from core.ui.interview.walk_done import note
from core.ui.interview.walk_tasks import offer
from core.ui.markup import html, plain
from core.ui.page_run import PageRun

_SAMPLED: cachetools.LRUCache[tuple[str, Design, int], tuple[Sample, Verified]] = cachetools.LRUCache(32)
NAME_WIDTH = 26  # characters per line of a bar's name; more leaves no room for bars on a phone


def clarify(run: PageRun) -> None:
    """Requirements against the design's values, and the arithmetic from users to dollars."""
    n = slo.verdict(run)
    note(run.case, "asked", f"{n} requirement{'s' * (n > 1)} compared with the design")
    st.markdown("**From users to dollars.** Change the requirements in the panel, and every line follows.")
    lines = arithmetic(run.present)
    st.table([{"": line.what, "how": line.how, "modelled": _sum(line.value, line.unit)} for line in lines])
    st.caption(f"Little's law: busy cores = rate × time. {run.scenario.requirements.source}")


def _sum(value: float, unit: str) -> str:
    return f"{usd_text(value)} {unit.removeprefix('$')}".strip() if unit[0] == "$" else f"{count_text(value)} {unit}"


def frame(run: PageRun) -> None:
    """The framings of the case and the baseline compared with the present design."""
    choices = framing_choices(run.case.interview, run.present.design)
    beside = (*choices, _baseline(run))
    compared = _measured_beside(run, beside)
    _offer_runs(run, "framings", choices)
    st.markdown("Each framing is this design with one thing changed, run on the same data and judged by the same test.")
    st.markdown("\n".join(f"- **{choice.label}**: {choice.words}" for choice in beside))
    framed = [choice for choice in compared if choice.choice.label != "Baseline"]
    if len(framed) > 1:
        note(run.case, "framings", f"{len(framed)} framings side by side")


def _baseline(run: PageRun) -> Choice:
    changed = move(run.present.design, run.baseline.design)
    words = f"the simplest design that works; from here {changed}." if changed else "this design is the baseline."
    return Choice("Baseline", words, run.baseline.design)


def model(run: PageRun) -> None:
    """One move per knob of the model and of the representation."""
    for family, fact, title in (("model", "models", "Model"), ("representation", "representation", "Features")):
        choices = move_choices(run.present.design, (family,))
        st.markdown(f"**{title}**")
        if not choices:
            st.caption("No knob of that kind does anything under the present choices.")
            continue
        compared = _measured_beside(run, choices)
        _offer_runs(run, fact, choices)
        if compared:
            note(run.case, fact, f"{len(compared)} of {len(choices)} moves measured")
    st.caption("One move of a knob at a time: what it does to the quality, and what it costs.")


def _measured_beside(run: PageRun, choices: Sequence[Choice]) -> tuple[Compared, ...]:
    """The measured choices, as bars with intervals and as a table."""
    compared = compare(run.present, choices, run.known())
    if compared:
        _bars(run, compared)
        st.table([_row(run, comparison) for comparison in compared])
    return compared


def _bars(run: PageRun, compared: Collection[Compared]) -> None:
    import pandas as pd

    label = run.case.qualities[0].label
    paired = [
        comparison for comparison in compared if comparison.gained and comparison.evaluated.design != run.present.design
    ]
    if not paired:
        return
    rows = [
        {
            "choice": comparison.choice.label,
            "gained": comparison.gained.mean,
            "low": comparison.gained.low,
            "high": comparison.gained.high,
        }
        for comparison in paired
    ]
    table = pd.DataFrame(rows)
    words = f"{label} less that of this design, with 95 % intervals. " + bars_summary(table, "choice", "gained")
    wrapped = table.assign(choice=["<br>".join(wrap(name, NAME_WIDTH)) for name in table["choice"]])
    figure = bars(wrapped, "choice", "gained", "low", "high", unit=label)
    chart(run.case, f"beside {paired[0].choice.label}", figure, words, table)


def _row(run: PageRun, compared: Compared) -> dict[str, str]:
    evaluated, axis = compared.evaluated, run.case.qualities[0]
    here = evaluated.design == run.present.design
    quality = figures_of(run.case, evaluated).get(axis.key)
    value = f"{quality.text(evaluated)} ({quality.interval_text(evaluated)})" if quality else "–"
    costs = (FIGURES[key] for key in ("p99_ms", "memory_mb", "usd"))
    return {
        "": compared.choice.label + (" (this design)" if here else ""),
        f"{axis.label} ({axis.badge})": value,
        "vs this design (paired)": "" if here else difference_text(compared, axis.label),
        **{f"{cost.label} ({cost.badge_of(evaluated)})": cost.text(evaluated) for cost in costs},
    }


def _offer_runs(run: PageRun, what: str, choices: Sequence[Choice]) -> None:
    left = missing(choices, run.known())
    n = len(left)
    if n:
        st.caption(f"{len(choices) - n} of {len(choices)} measured on this server so far.")
    case, seed = run.case, run.present.seed
    label = f"Measure the other {n}" if n < len(choices) else f"Measure all {n}"
    offer(run, what, label, n, lambda stopped: runs(case, [(design, seed) for design in left], stopped))


def data(run: PageRun) -> None:
    """Sample rows, the split, the labels, possible leakage, and a validation that rejects a planted bad batch."""
    try:
        sample, checked = _sampled(run)
    except READER_ERRORS as error:
        st.error(f"**The data could not be read.** {plain(str(error))}", icon=":material/error:")
        return
    split = [cards.Figure(part, f"{n:,}", "measured", "rows") for part, n in sample.split.items()]
    html(cards.figures(split))
    st.markdown(f"**{len(sample.rows)} real rows**, as the pipeline reads them.")
    st.dataframe([dict(row) for row in sample.rows], height=220, hide_index=True, alt=f"{len(sample.rows)} rows")
    st.markdown(f"**Labels.** {sample.labels}\n\n**Leakage.** {sample.leakage}")
    _validation(run.case, sample, checked)


def _sampled(run: PageRun) -> tuple[Sample, Verified]:
    key = run.case.slug, run.present.design, run.present.seed
    if key not in _SAMPLED:
        with by(waiting.here("Reading rows and checking them")):
            _SAMPLED[key] = there(sample_and_verify, run.case, run.present.design, run.present.seed)
    return _SAMPLED[key]


def _validation(case: Case, sample: Sample, checked: Verified) -> None:
    st.markdown("**Validation** of every batch before it is let in, by pandera, from these rules:")
    st.table([{"column": column.name, "must be": rule_text(column)} for column in sample.columns])
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("The real batch")
        _outcome(checked.real, "let in", "stopped")
    with right:
        st.markdown("The same batch from a broken feed")
        _outcome(checked.planted, "let in", "stopped")
    if checked.works:
        note(
            case,
            "validated",
            f"{len(sample.rows)} real rows passed, the planted batch broke {len(checked.planted)} rules",
        )
    else:
        st.warning("These rules do not tell the two batches apart as they should.", icon=":material/warning:")


def _outcome(failures: Sequence[Any], passed: str, stopped: str) -> None:
    if not failures:
        st.markdown(f":green-badge[:material/check: {passed}] Every rule is kept.")
        return
    st.markdown(f":red-badge[:material/block: {stopped}] {len(failures)} rules are broken:")
    st.table([{"column": f.column, "rule": f.rule, "rows": f.n_rows, "such as": f.example} for f in failures])


def serving(run: PageRun) -> None:
    """The load and the cost of the present design."""
    present, requirements = run.present, run.scenario.requirements
    assessment = present.assessment
    parts = ", ".join(f"{part} {usd_text(usd)}" for part, usd in assessment.paid.items())
    details = {"load_p99_ms": f"SLO {ms_text(requirements.p99_ms)}", "usd": parts, "memory_mb": ""}
    shown = [
        cards.Figure("replicas", f"{assessment.replicas:,}", "modelled", f"{assessment.utilisation:.0%} busy"),
        *(cards.of_design(FIGURES[key], present, detail) for key, detail in details.items()),
    ]
    if assessment.requests_a_month:
        shown.append(cards.Figure("cost per 1M requests", usd_text(assessment.usd_per_million), "modelled"))
    html(cards.figures(shown))
    load_curve.body(run)
    walk_calculators.fan_out(run)
    sections.drawing(run)
    rate = count_text(requirements.peak_rps)
    note(run.case, "load", f"{assessment.replicas:,} replicas for {rate} requests per second")


EVIDENCE = {
    "clarify": clarify,
    "frame": frame,
    "data": data,
    "model": model,
    "training": walk_training.section,
    "serving": serving,
    "monitoring": walk_monitoring.section,
}
