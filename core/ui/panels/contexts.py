"""The value of each feature group, the calibration of probabilities, and the tuning of each ranker."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from core.analysis.explain import quality_change
from core.contract.design import canonical, knobs
from core.runtime.results import RESULTS
from core.ui import tasks
from core.ui.figures import listed
from core.ui.page_run import PageRun

GROUPS = "ablation"  # the job that runs the ranker without each feature group


def ablation(run: PageRun) -> None:
    """The present ranker without each feature group and with each alone, run on request."""
    tasks.followed(run, GROUPS, lambda: _ablation(run))


def _ablation(run: PageRun) -> None:
    case, design = run.case, run.present.design
    choice = knobs(case.Design)["features"]
    if not choice.active(design):
        st.info("This ranker does not choose its features: pick one that learns from all of them.")
        return
    designs = {option: canonical(replace(design, features=option)) for option in choice.options}
    waiting = [variant for variant in designs.values() if RESULTS.known(case, variant, run.present.seed) is None]
    if waiting:
        label = f"Run the {len(waiting)} rankers"
        tasks.button(run, GROUPS, label, tasks.runs(run, waiting), ":material/science:")
    known = {option: RESULTS.known(case, variant, run.present.seed) for option, variant in designs.items()}
    if not waiting:
        axis = case.qualities[0]
        words = f"Each group of features: {axis.label} without it and with it alone."
        kinds = [f"{axis.label} without them", "against all features", f"{axis.label} with them alone"]
        listed(_rows(run, known), words, dict.fromkeys(kinds, axis.badge))


def _rows(run: PageRun, known: dict[str, Any]) -> list[dict[str, str]]:
    """One row per group: the quality without it, with it alone, and the paired difference to all features."""
    axis, whole = run.case.qualities[0], known["all"]
    rows = []
    for option, measured in known.items():
        if not option.startswith("no "):
            continue
        group = option.removeprefix("no ")
        alone = known[f"{group} only"].quality[axis.key].value
        change = quality_change(axis, whole, measured, run.present.seed)
        rows.append(
            {
                "features": group,
                f"{axis.label} without them": f"{measured.quality[axis.key].value:.3f}",
                "against all features": change.text.removeprefix(axis.label).strip(),
                f"{axis.label} with them alone": f"{alone:.3f}",
            }
        )
    return sorted(rows, key=lambda row: row[f"{axis.label} without them"])


def chances(run: PageRun) -> None:
    """Predicted and true probabilities of ten equal groups of candidates."""
    tenths = run.present.measured.shown.tenths
    if not tenths:
        st.info("Matrix factorisation gives a ranking and no probabilities.")
        return
    rows = [
        {"candidates": f"tenth {i + 1}", "predicted": f"{p:.2%}", "true": f"{t:.2%}"} for i, (p, t) in enumerate(tenths)
    ]
    listed(rows, "Predicted and true probabilities by decile.", {"predicted": "measured", "true": "modelled"})


def tuning(run: PageRun) -> None:
    """The tuning of each ranker."""
    rows = [{"ranker": name, "tuning": tuned} for name, tuned in run.present.measured.shown.tuning]
    listed(rows, "What tuning each ranker received.", {})
