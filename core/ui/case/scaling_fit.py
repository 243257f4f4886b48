"""Fits of scaling laws on the page: what is not measured yet, the button that measures it, and the held-out check."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core import scaling as s
from core.contract.scaling_spec import GrowingPart, LinearPart
from core.formatting import bytes_text
from core.scaling.fit import part_key
from core.ui import tasks
from core.ui.jobs import Job
from core.ui.page_run import PageRun


def cached(run: PageRun, part: GrowingPart) -> s.ScalingFit | None:
    """The fit of a part if this server has measured it, else None."""
    return s.fit_of(run.case.slug, run.present.design, run.present.seed, part)


def _measure(run: PageRun, part: GrowingPart, job: Job) -> None:
    if isinstance(part, LinearPart):
        key, over = (
            part_key(run.case.slug, run.present.design, run.present.seed, part),
            partial(part.over, seed=run.present.seed),
        )
        s.linear_fit(key, over, progress=job.tell, cancelled=job.stopped)
    else:
        s.index_fit(part.kind, part.dim, part.effort, run.present.seed, progress=job.tell, cancelled=job.stopped)


def offer(run: PageRun, missing: list[GrowingPart]) -> None:
    """The missing fits in words, and the button that measures all of them."""
    if not missing:
        return
    st.markdown("\n\n".join(map(_unknown_words, missing)))

    def work(job: Job) -> None:
        for part in missing:
            _measure(run, part, job)

    tasks.button(run, "scale", "Measure the sizes and fit the law", work)


def _unknown_words(part: GrowingPart) -> str:
    if isinstance(part, LinearPart):
        shares = ", ".join(f"{share:.3g}" for share in s.SHARES[:-1])
        return (
            f"That the time of **{part.what}** grows in step is not shown yet: make it over {shares} of the "
            f"{part.items:,} items here, fit a line, and let it predict all of them before it is believed."
        )
    sizes = s.sizes_for(part.kind, part.dim)
    return (
        f"The figures of the **{part.what}** rest on a recorded law. To try it here, build the same kind over "
        f"{', '.join(f'{n:,}' for n in sizes[:-1])} synthetic vectors of {part.dim} numbers, fit its law, and let "
        f"it predict {sizes[-1]:,} before it is believed. A few seconds of one core."
    )


def shown(part: GrowingPart, fit: s.ScalingFit) -> None:
    """The held-out check of a fit, a table of all sizes, and the formulas."""
    st.markdown(
        f"**Fit of the {part.what}.** Fitted on the first {len(fit.fitted)} sizes, the law said "
        f"{fit.predicted_us:.1f} µs for {fit.held_out.n:,}; measured were {fit.held_out.us:.1f} µs: "
        f"**{fit.error:+.0%}**."
    )
    if not fit.within:
        st.warning(
            "**The law is off by more than its band** here. Believe the memory below, not the time.",
            icon=":material/warning:",
        )
    st.table([_row(part, fit, sample) for sample in (*fit.fitted, fit.held_out)])
    st.caption(f":gray-badge[modelled] {_formulas(part, fit)}")


def _row(part: GrowingPart, fit: s.ScalingFit, sample: s.Sample) -> dict[str, str]:
    law, linear = fit.law, isinstance(part, LinearPart)
    size = f"{sample.n:,}" + (" (held out)" if sample is fit.held_out else "")
    times = {"time (measured)": f"{sample.us:.1f} µs", "time (modelled)": f"{law.time_us(sample.n):.1f} µs"}
    nbytes = {"bytes (measured)": bytes_text(sample.nbytes)}
    if linear:
        return {"items": size, **times, **nbytes, "bytes (modelled)": bytes_text(law.nbytes(sample.n))}
    counted = {
        "comparisons (measured)": f"{sample.distances:,.0f}",
        "comparisons (modelled)": f"{law.distances(sample.n):,.0f}",
    }
    return {"vectors": size, **times, **counted, **nbytes}


def _formulas(part: GrowingPart, fit: s.ScalingFit) -> str:
    """The laws of time and bytes with their constants, and the error in bytes."""
    law, off = fit.law, max(1e-3, abs(fit.bytes_error))
    time = s.time_law_words(law)
    if isinstance(part, LinearPart):
        beside = f" and {bytes_text(law.fixed_bytes)}" if law.fixed_bytes >= 1 else ""
        held = f"{law.bytes_each:,.1f} bytes an item{beside}"
        return f"Mean time of a request = {time}. Bytes = {held}; all items take that within {off:.1%}."
    return (
        f"Time of a search = {time}. Bytes = {s.formula(part.kind, fit.held_out.n, part.dim)}; what was written "
        f"is within {off:.1%} of that. "
        "The slowdown is measured by comparing with vectors that lie further and further from the core's own cache."
    )
