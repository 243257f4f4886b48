"""Training and evaluation: the learning curve, the spread over seeds, a tuning run with its budget, and an A/B test."""

from __future__ import annotations

import streamlit as st

from core.analysis import tuning
from core.analysis.alternatives import interval_text, signed
from core.analysis.explain import move
from core.analysis.learning_curve import N_SEEDS, Curve, curve, runs, same_design, seeds_of, spread
from core.charts import Axis, line_with_band, line_with_band_summary
from core.contract.case import Measurement
from core.contract.design import Design, canonical, with_data_of
from core.formatting import ms_text
from core.runtime.results import RESULTS
from core.ui import cards, state
from core.ui.figures import chart
from core.ui.interview import walk_calculators
from core.ui.interview.walk_done import note
from core.ui.interview.walk_tasks import offer
from core.ui.markup import html
from core.ui.page_run import PageRun


def section(run: PageRun) -> None:
    """The three parts, each run on request, and the sums of a test on users."""
    st.markdown("**Learning curve**")
    _curve(run)
    st.markdown(f"**{N_SEEDS} seeds**")
    _seeds(run)
    st.markdown("**Tuning**")
    _tuning(run)
    walk_calculators.ab_test(run)


def _curve(run: PageRun) -> None:
    learning_curve = curve(run.case, run.present.design)
    if learning_curve is None:
        st.caption("No knob of this case, under any of its framings, makes a learning curve: nothing here is trained.")
        return
    knob, of = learning_curve.knob, f" of “{learning_curve.of}”" if learning_curve.of else ""
    if learning_curve.of:
        st.caption(f"{knob.label} does nothing under the present choices, so this is the curve{of}.")
    known = RESULTS.rows(run.case, run.present.seed, next(iter(learning_curve.designs.values()))) | _across_worlds(
        run, learning_curve
    )
    measured = {option: known[design] for option, design in learning_curve.designs.items() if design in known}
    left = [(design, run.present.seed) for design in learning_curve.designs.values() if design not in known]
    case = run.case
    offer(run, "curve", f"Measure the {len(left)} points left", len(left), lambda stop: runs(case, left, stop))
    if len(measured) > 1:
        _drawn(run, learning_curve, measured)
        note(case, "curve", f"{len(measured)} points over {knob.label}{of}")


def _across_worlds(run: PageRun, learning_curve: Curve) -> dict[Design, Measurement]:
    """The measured points of a data knob's curve, which do not share their data conditions."""
    pairs = ((design, RESULTS.known(run.case, design, run.present.seed)) for design in learning_curve.designs.values())
    return {design: measured for design, measured in pairs if measured is not None}


def _drawn(run: PageRun, learning_curve: Curve, measured: dict[Design, Measurement]) -> None:
    import pandas as pd

    axis = run.case.qualities[0]
    rows = [
        {"option": float(option), "q": e.value, "q_low": e.low, "q_high": e.high}
        for option, m in measured.items()
        if (e := m.quality.get(axis.key)) is not None
    ]
    x, y = (
        Axis("option", learning_curve.knob.label, "", "higher"),
        Axis("q", f"{axis.label} ({axis.badge})", "", axis.better),
    )
    table = pd.DataFrame(rows)
    words = line_with_band_summary(table, x, y)
    chart(run.case, "learning-curve", line_with_band(table, x, y), words, table)


def _seeds(run: PageRun) -> None:
    case, axis, wanted = run.case, run.case.qualities[0], same_design(run.case, run.present.design, run.present.seed)
    left = [(design, seed) for design, seed in wanted if RESULTS.known(case, design, seed) is None]
    offer(run, "seeds", f"Measure the {len(left)} seeds left", len(left), lambda stop: runs(case, left, stop))
    known = [m for design, seed in wanted if (m := RESULTS.known(case, design, seed)) is not None]
    seeds = spread(axis.key, known) if not left else None
    if seeds is None:
        st.caption("Another seed draws other data splits and other starting weights; one number cannot show that.")
        return
    pairs = zip(seeds_of(run.present.seed), seeds.estimates, strict=True)
    tiles = [
        cards.Figure(f"{axis.label}, seed {s}", f"{e.value:.3f}", axis.badge, f"{e.low:.3f} to {e.high:.3f}")
        for s, e in pairs
    ]
    html(cards.figures(tiles))
    st.caption(
        f"Standard deviation over seeds s = {seeds.deviation:.4f} (modelled from these {len(seeds.estimates)}, rough); "
        f"half an interval over queries is {seeds.half_width:.4f}. Two designs run on one seed each need "
        f"1.96·√2·s = {seeds.smallest_gap:.4f} between them to be told apart from seeds alone."
    )
    note(case, "seeds", f"{axis.label} {min(e.value for e in seeds.estimates):.3f} to "
         f"{max(e.value for e in seeds.estimates):.3f} over {len(seeds.estimates)} seeds")  # fmt: skip


def _tuning(run: PageRun) -> None:
    case, present, scenario = run.case, run.present, run.scenario
    bound_ms = scenario.requirements.p99_ms
    axis = case.qualities[0]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        sampler = st.segmented_control(
            "Proposed by",
            list(tuning.SAMPLERS),
            key=_key(run, "sampler"),
            default="tpe",
            required=True,
            format_func=lambda name: tuning.SAMPLERS[name],
        )
        budget = st.segmented_control(
            "Budget in trials", tuning.BUDGETS, key=_key(run, "budget"), default=tuning.BUDGETS[0], required=True
        )
    st.caption(
        f"optuna moves every knob but the data's, for {axis.label} on half of the queries, within a p99 at the load of "
        f"{ms_text(bound_ms)}. The first trial is this design. The other half is kept back: what the winner "
        "gives on it is what to believe."
    )

    def over(measured: Measurement) -> float:
        return present.beside(present.design, measured).assessment.p99_ms / bound_ms - 1

    trials = offer(
        run,
        "tune",
        f"Run {budget} trials",
        budget,
        lambda stop: tuning.tune(case, present.design, budget, over, present.seed, sampler, stop),
        budget,
        sampler,
        scenario,
    )
    if trials:
        _tuned(run, trials)


def _tuned(run: PageRun, trials: list[tuning.Trial]) -> None:
    axis = run.case.qualities[0]
    best = tuning.winner(trials, axis.better)
    if best is None:
        st.warning(f"None of {len(trials)} trials keeps the p99 bound.", icon=":material/block:")
        return
    _progress(run, trials)
    moved = move(run.present.design, best.design) or "no change: no trial was better than the present design"
    fit = sum(trial.fits for trial in trials)
    n = len({trial.design for trial in trials})
    st.markdown(f"Best of {n} designs in {len(trials)} trials, {fit} within the bound: **{moved}**.")
    _against(run, best)
    st.button(
        "Use this design", key=_key(run, "take"), on_click=state.load, args=(run.case, best.design, run.present.seed),
        disabled=best.design == run.present.design,
    )  # fmt: skip
    note(run.case, "tuned", f"{len(trials)} trials, best {axis.label} {best.held_out:.3f} on held-out queries")


def _progress(run: PageRun, trials: list[tuning.Trial]) -> None:
    import pandas as pd

    axis = run.case.qualities[0]
    rows = [
        {"trials": spent, "q": value, "half": half}
        for spent, even, odd in tuning.best_so_far(trials, axis.better)
        for half, value in (("half chosen on", even), ("half held out", odd))
    ]
    x, y = Axis("trials", "trials spent", "", "higher"), Axis("q", f"{axis.label} ({axis.badge})", "", axis.better)
    table = pd.DataFrame(rows)
    words = "The best design so far. " + line_with_band_summary(table, x, y, group="half")
    chart(run.case, "tuning", line_with_band(table, x, y, group="half"), words, table)


def _against(run: PageRun, best: tuning.Trial) -> None:
    """The winner against the present, default and baseline designs on both halves, where measured."""
    case, key = run.case, run.case.qualities[0].key
    default = with_data_of(canonical(case.Design()), run.present.design)
    tuned = RESULTS.known(case, best.design, run.present.seed)
    others = {"this design": run.present.design, "the default": default, "the baseline": run.baseline.design}
    rows, unknown = [], []
    for name, design in others.items():
        measured = RESULTS.known(case, design, run.present.seed)
        if tuned is None or measured is None:
            unknown.append((name, design))
            continue
        gain = tuning.gain(name, tuned, measured, key, run.present.seed)
        rows.append({"against": name} | ({"": "other queries: not paired"} if gain is None else _halves(gain)))
    if rows:
        st.table(rows)
        st.caption(
            "Paired tests (measured). What the gain loses from one half to the other is what was fitted to "
            "the queries and not to the task."
        )
    left = [(design, run.present.seed) for _, design in unknown]
    names = " and ".join(name for name, _ in unknown)
    offer(run, "beside", f"Measure {names} as well", len(left), lambda stop: runs(case, left, stop), best.design)


def _halves(gain: tuning.Gain) -> dict[str, str]:
    shown = {"gain where it was chosen": gain.chosen_on, "gain held out": gain.held_out}
    texts = {name: interval_text(d) + ("" if d.distinguishable else ", may be noise") for name, d in shown.items()}
    return {**texts, "lost": signed(gain.optimism)}


def _key(run: PageRun, name: str) -> str:
    return state.key(run.case, f"walk.tune.{name}")
