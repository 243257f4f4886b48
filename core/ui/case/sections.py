"""The parts of a case page. A page calls them in its own order and puts its own words between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.analysis.deployment_drawing import as_built
from core.analysis.explain import Change, quality_change, ratio_change, sentence
from core.analysis.tradeoff_table import assessment
from core.checks.results import check_results
from core.contract.case import Case, Measurement, Published, QualityAxis, Source
from core.contract.step_record import StepRecord
from core.diagram import describe as describe_drawing
from core.diagram import draw, inline
from core.formatting import bytes_text, ms_text, rate_text, seconds_text, usd_text
from core.runtime.timing import BUSY, environment
from core.serving.cost import Assessment
from core.ui import cards, pages, state
from core.ui.case import check_list, comparison_bar, prediction
from core.ui.checks import run_button
from core.ui.interview import mock_interview_bar
from core.ui.markup import html, prose, slot
from core.ui.page_run import PageRun

QUALITIES_FIRST = 6  # the others are folded away, so that times and costs stand on the first screen
WALK = "Walk the seven steps with this design"
DATA_BADGES = {"real": "green", "real items, simulated behaviour": "orange", "simulated": "violet"}


def header(case: Case) -> None:
    """Title and the interview question."""
    st.title(case.title, anchor=False)
    st.markdown(case.question)
    mock_interview_bar.bar(case)


def data_badge(case: Case, design: Any) -> None:
    """What kind of data the present design runs on."""
    kind = case.data if isinstance(case.data, str) else case.data(design)
    st.badge(f"data: {kind}", color=DATA_BADGES[kind])


def remark(shown: bool, text: str) -> None:
    """A sentence that only some designs call for."""
    with slot():
        if shown:
            st.caption(text)


def headline(study: PageRun) -> None:
    """The figures of the present design, each with its badge, against the baseline and against the last move."""
    qualities = _quality_figures(study)
    shown = [*qualities[:QUALITIES_FIRST], *_time_figures(study), *_cost_figures(study)]
    html(cards.figures(shown, qualities[QUALITIES_FIRST:]))
    with slot():
        _remarks(study)
    comparison_bar.bar(study)
    with slot():
        prediction.section(study)
    with slot():
        mock_interview_bar.follow(study)
    _walk(study.case)


def _remarks(study: PageRun) -> None:
    """How far to trust the times, and what the last move changed."""
    noise = study.measured.noise
    if noise > BUSY:
        st.caption(
            f":material/warning: The machine was busy while timing (wall ÷ CPU {noise:.2f}): times are upper bounds."
        )
    if study.last_measured is not None:
        told = sentence(study.case, study.last, study.design, study.last_measured, study.measured, study.seed)
        st.markdown(f"**What changed.** {told}")


def _walk(case: Case) -> None:
    """The way to the seven steps, with the design and the requirements of this page."""
    if case.interview is not None:
        query = {"case": case.slug, **st.session_state.get(state.key(case, "written"), {})}
        st.page_link(pages.walk(), label=WALK, icon=":material/route:", query_params=query)


def _quality_figures(study: PageRun) -> list[cards.Figure]:
    shown = []
    for axis in study.case.qualities:
        if axis.key in study.measured.quality:
            e = study.measured.quality[axis.key]
            against = [
                _against(what, quality_change(axis, other, study.measured, study.seed), axis)
                for what, other in _others(study)
                if axis.key in other.quality
            ]
            interval = f"{e.low:.3f} to {e.high:.3f}"
            shown.append(cards.Figure(axis.label, f"{e.value:.3f}", axis.badge, interval, tuple(against), axis.help))
    return shown


def _others(study: PageRun) -> list[tuple[str, Measurement]]:
    found = [] if study.design == study.baseline else [("against the baseline", study.baseline_measured)]
    return found if study.last_measured is None else [*found, ("against the last move", study.last_measured)]


def _against(what: str, change: Change, axis: QualityAxis) -> tuple[str, str, str]:
    """Against what, the difference in words and its side; a difference that may be noise has no side."""
    gained = (change.after > change.before) == (axis.better == "higher")
    side = ("better" if gained else "worse") if change.distinguishable else ""
    return what, change.text.removeprefix(axis.label).strip(), side


def _time_figures(study: PageRun) -> list[cards.Figure]:
    shown = []
    for name, found in study.measured.percentiles_ms.items():
        figure = _cost_figure(
            study,
            f"{name} service time",
            lambda m, name=name: m.percentiles_ms[name].value,
            ms_text,
            f"{ms_text(found.low)} to {ms_text(found.high)}",
            help=f"One request alone, over {len(study.measured.service_ms):,} requests.",
        )
        shown.append(figure)
    return shown


def _cost_figures(study: PageRun) -> list[cards.Figure]:
    needs, taken = study.needs, study.assessed

    def load_ms(m: Measurement) -> float:
        return assessment(m, study.seed, needs, study.prices).p99_ms

    def usd(m: Measurement) -> float:
        return assessment(m, study.seed, needs, study.prices).total_usd

    load = f"{rate_text(needs.peak_rps)} on {taken.replicas:,} replicas, {taken.utilisation:.0%} busy"
    priced = ", ".join(f"{part} {usd_text(value)}" for part, value in taken.usd_per_month.items())
    return [
        _cost_figure(
            study, "p99 at the load", load_ms, ms_text, load, "modelled", "Open-loop queue over the measured times."
        ),
        _cost_figure(study, "memory of a replica", lambda m: m.memory_bytes, bytes_text),
        _build_figure(study),
        _cost_figure(study, "cost a month", usd, usd_text, _per_million(taken), "modelled", priced),
    ]


def _per_million(taken: Assessment) -> str:
    return f"{usd_text(taken.usd_per_million)} a million requests" if taken.requests_a_month else "nobody asks"


def _build_figure(study: PageRun) -> cards.Figure:
    """Measured, unless vectors come made: then the time to make them is modelled from what one takes here."""
    badge, said = "measured", "CPU seconds of one core, reused steps included."
    if study.measured.shipped_s:
        badge, said = "modelled", f"{said} {seconds_text(study.measured.shipped_s)} of it are vectors that come made."
    return _cost_figure(study, "build time", lambda m: m.build_s, seconds_text, "one core", badge, said)


def _cost_figure(
    study: PageRun, label: str, value: Any, text: Any, interval: str = "", badge: str = "measured", help: str = ""
) -> cards.Figure:
    now = value(study.measured)
    against = []
    for what, other in _others(study):
        change = ratio_change(label, "", value(other), now, noise=0.05)
        side = "" if not change.distinguishable else "better" if now < value(other) else "worse"
        against.append((what, change.text.strip(), side))
    return cards.Figure(label, text(now), badge, interval, tuple(against), help)


def strip(study: PageRun) -> None:
    """The pipeline's steps: what each cost, and which of them this move had to run again."""
    st.subheader("The pipeline, step by step", anchor=False)
    steps = [
        cards.StepShown(s.name, seconds_text(s.cpu_s), bytes_text(s.nbytes), s.reused) for s in study.measured.steps
    ]
    html(cards.strip(steps))
    run = [s for s in study.measured.steps if not s.reused]
    st.caption(_strip_summary(run, study.measured.steps))


def _strip_summary(run: Sequence[StepRecord], steps: Sequence[StepRecord]) -> str:
    spent = seconds_text(sum(s.cpu_s for s in run))
    if not run:
        return f"When this design was measured, every one of its {len(steps)} steps was already there."
    rest = "the rest was reused" if len(run) < len(steps) else "nothing could be reused"
    return (
        f"When this design was measured, {len(run)} of {len(steps)} steps had to run, in {spent} of CPU time; {rest}."
    )


def drawing(study: PageRun) -> None:
    """The architecture of the present design, offline and online, as a picture, in words and as a file."""
    st.subheader("What would be built", anchor=False)
    bare = study.case.draw(study.design, study.measured)
    shown = as_built(bare, study.assessed, study.needs, study.prices)
    html(inline(shown))
    st.caption(describe_drawing(shown))
    st.download_button(
        "The drawing as SVG",
        lambda: draw(shown),
        f"{study.case.slug}.svg",
        "image/svg+xml",
        key=state.key(study.case, "svg"),
        on_click="ignore",
        icon=":material/download:",
    )


def notices(case: Case, seed: int) -> None:
    """What to notice: each sentence with the verdict of the runs behind it, run here on request."""
    st.subheader("What to notice", anchor=False)
    st.markdown("Each sentence is a check over real runs. Run them here, on this machine, and watch which hold.")
    run_button.followed(lambda: _noticed(case, seed))


def _noticed(case: Case, seed: int) -> None:
    told = check_results([case], seed)
    waiting = [each for each in told if each.waiting]
    run_button.controls(
        waiting,
        f"Run the {len(waiting)} check{'s' * (len(waiting) > 1)}",
        lambda name: state.key(case, f"check.{name}"),
    )
    st.markdown(check_list.paragraphs(told), unsafe_allow_html=True)


def published(case: Case) -> None:
    """Figures from elsewhere beside ours, never mixed with them."""
    if case.published:
        st.subheader("Published figures beside ours", anchor=False)
        st.markdown("What others found, and below each what stands for it on this page.")
        st.markdown(prose("\n".join(map(_published, case.published))))


def _published(told: Published) -> str:
    """A point of a list: a table of four columns of words has no room on a phone."""
    return f"- **{told.what}**: {told.figure}. :gray-badge[published] {_linked(told.source)}  \n  {told.ours}"


def sources(case: Case) -> None:
    """Where data, models and claims come from, and what the figures of this page were measured on."""
    st.subheader("Sources", anchor=False)
    st.markdown("\n".join(map(_source, case.sources)))
    st.caption("Measured on: " + ", ".join(f"{name} {value}" for name, value in environment().items()) + ".")


def _source(source: Source) -> str:
    return f"- {_linked(source)}. {source.detail} :small[:gray[{source.kind}]]"


def _linked(source: Source) -> str:
    return f"[{source.title}]({source.url})" if source.url else source.title
