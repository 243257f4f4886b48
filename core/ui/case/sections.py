"""The sections of a case page. A page calls them in its own order with its own words between them."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from core.analysis.compare import Delta, delta
from core.analysis.deployment_drawing import as_built
from core.analysis.explain import sentence
from core.analysis.figures import FIGURES, SPLIT, Figure, figures_of, quality_figures
from core.analysis.tuning_record import NO_TUNING, tuning_line
from core.checks.results import check_results
from core.contract.case import Case, Published, Source
from core.contract.design import Design
from core.contract.step_record import StepRecord
from core.diagram import describe as describe_drawing
from core.diagram import draw, inline
from core.formatting import bytes_text, rate_text, seconds_text, usd_text
from core.runtime.timing import environment
from core.serving.evaluate import Evaluated
from core.serving.slo import too_noisy
from core.ui import cards, pages, state, terms
from core.ui.case import check_list, worlds
from core.ui.case.tiles import timing_noise
from core.ui.checks import all_checks, run_button
from core.ui.markup import html, prose, slot
from core.ui.page_run import PageRun

DATA_BADGES = {"real": "green", "real items, simulated behaviour": "orange", "simulated": "violet"}
COST_TILES = ("p50_ms", "p95_ms", "p99_ms", "load_p99_ms", "memory_mb", "build_s", "usd")
WALK = "Interview walkthrough with this design"


def about(case: Case, design: Design, words: str) -> None:
    """What the data and the models of the page are."""
    kind = case.data if isinstance(case.data, str) else case.data(design)
    st.badge(f"data: {kind}", color=DATA_BADGES[kind])
    terms.write(words)


def remark(shown: bool, text: str) -> None:
    """A sentence that applies to some designs only."""
    with slot():
        if shown:
            st.caption(text)


def all_metrics(run: PageRun) -> None:
    """Every figure of the present design with its badge, its interval and its changes vs baseline and vs previous."""
    present, details = run.present, _details(run.present)
    qualities = [_tile(run, figure) for figure in quality_figures(run.case, present).values()]
    keys = [*COST_TILES, *(SPLIT if present.assessment.beside_machines else ())]
    html(cards.figures([*qualities, *(_tile(run, FIGURES[key], *details.get(key, ())) for key in keys)]))
    worlds.line(run)
    if run.last is not None:
        st.markdown(f"**The last move in full.** {sentence(run.last, run.present)}")


def seven_steps(run: PageRun) -> None:
    """A link to the interview walkthrough with this page's design and requirements."""
    case = run.case
    if case.interview is not None:
        query = {"case": case.slug, **st.session_state.get(state.key(case, "written"), {})}
        st.page_link(pages.walk(), label=WALK, icon=":material/route:", query_params=query)


def _tile(run: PageRun, figure: Figure, detail: str = "", help: str = "") -> cards.Figure:
    against = [_against(what, delta(figure, reference, run.present)) for what, reference in _others(run, figure)]
    return cards.of_design(figure, run.present, detail, help, against)


def _others(run: PageRun, figure: Figure) -> list[tuple[str, Evaluated]]:
    """The designs to compare a figure with: the baseline and the previous design, where different."""
    others = [] if run.present.design == run.baseline.design else [("vs baseline", run.baseline)]
    others += [] if run.last is None else [("vs previous", run.last)]
    return [(what, reference) for what, reference in others if figure.key in figures_of(run.case, reference)]


def _against(what: str, change: Delta) -> cards.Against:
    """The difference in words; one that may be noise has no side."""
    return what, change.text, "" if change.side == "same" else change.side


def _details(present: Evaluated) -> dict[str, tuple[str, str]]:
    """Figure key → (detail beside the figure, help text), where these depend on the design."""
    assessment, measured = present.assessment, present.measured
    rate, alone = rate_text(present.load.peak_rps), f"One request alone, over {len(measured.service_ms):,} requests."
    fleet = f"{rate} on {assessment.replicas:,} replicas, {assessment.utilisation:.0%} busy"
    fleet = f"{fleet}; goodput {present.fleet.goodput:.2%}"
    bill = ", ".join(f"{part} {usd_text(usd)}" for part, usd in assessment.paid.items())
    between = [f"{' to '.join(map(usd_text, ends))}, " for ends in [assessment.total_between] if ends is not None]
    per_million = "".join([*between, f"{usd_text(assessment.usd_per_million)} per 1M requests"])
    shipped = f"{seconds_text(measured.shipped_s)} of it are vectors that come made." if measured.shipped_s else ""
    times = {key: ("", alone) for key in ("p50_ms", "p95_ms", "p99_ms")}
    if too_noisy(measured):
        return times
    return {
        **times,
        "load_p99_ms": (fleet, f"{FIGURES['load_p99_ms'].help} {timing_noise(present)}"),
        "build_s": ("one core", f"{FIGURES['build_s'].help} {shipped}".strip()),
        "usd": (per_million if assessment.requests_a_month else "nobody asks", bill),
    }


def strip(run: PageRun) -> None:
    """The pipeline stages with their costs; cached stages are marked."""
    st.subheader("Pipeline stages", anchor=False)
    steps = run.present.measured.steps
    html(cards.strip([cards.StepShown(s.name, seconds_text(s.cpu_s), bytes_text(s.nbytes), s.reused) for s in steps]))
    st.caption(_strip_summary([s for s in steps if not s.reused], steps))


def _strip_summary(fresh: Sequence[StepRecord], steps: Sequence[StepRecord]) -> str:
    spent = seconds_text(sum(s.cpu_s for s in fresh))
    if not fresh:
        return f"When this design was measured, every one of its {len(steps)} steps was already there."
    rest = "the rest was reused" if len(fresh) < len(steps) else "nothing could be reused"
    return (
        f"When this design was measured, {len(fresh)} of {len(steps)} steps had to run, in {spent} of CPU time; {rest}."
    )


def drawing(run: PageRun) -> None:
    """The architecture of the present design: drawing, text alternative and download."""
    st.subheader("Architecture", anchor=False)
    shown = as_built(run.case.draw(run.present.design, run.present.sized), run.present)
    html(inline(shown))
    html(f'<p class="kp-hidden">{escape(describe_drawing(shown))}</p>')
    st.download_button(
        "The drawing as SVG",
        lambda: draw(shown),
        f"{run.case.slug}.svg",
        "image/svg+xml",
        key=state.key(run.case, "svg"),
        on_click="ignore",
        icon=":material/download:",
    )


def notices(case: Case, seed: int) -> None:
    """The checks of the case with their verdicts, here or as recorded, and a button that runs them here."""
    st.subheader("Findings, checked here", anchor=False)
    run_button.followed(lambda: _checks(case, seed))


def _checks(case: Case, seed: int) -> None:
    results = check_results([case], seed)
    st.markdown(f"{check_list.summary(results)}. {check_list.origins(results)}".strip())
    run_button.here([r for r in results if r.waiting], lambda name: state.key(case, f"check.{name}"))
    all_checks.check_list_of(results, state.key(case, "check.all"))


def tuning(case: Case) -> None:
    """The recorded tuning of the models, where there is one."""
    words = tuning_line(case)
    if words != NO_TUNING:
        st.markdown(words)


def published(case: Case) -> None:
    """Published figures beside ours, never mixed with them."""
    if case.published:
        st.subheader("Published figures beside ours", anchor=False)
        st.markdown("What others found, and below each what stands for it on this page.")
        st.markdown(prose("\n".join(map(_published, case.published))))


def _published(figure: Published) -> str:
    """A list item, since a table with four text columns does not fit on a phone."""
    return f"- **{figure.what}**: {figure.figure}. :gray-badge[published] {_linked(figure.source)}  \n  {figure.ours}"


def sources(case: Case) -> None:
    """Sources of data, models and claims, and the environment of the measurements."""
    st.subheader("Sources", anchor=False)
    st.markdown("\n".join(map(_source, case.sources)))
    st.caption("Measured on: " + ", ".join(f"{name} {value}" for name, value in environment().items()) + ".")


def _source(source: Source) -> str:
    return f"- {_linked(source)}. {source.detail} :small[:gray[{source.kind}]]"


def _linked(source: Source) -> str:
    return f"[{source.title}]({source.url})" if source.url else source.title
