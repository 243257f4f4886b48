"""Calculators of the walkthrough: the slowest shard, the size of an A/B test, peeking at it, and random audits."""

from __future__ import annotations

import streamlit as st

from core.formatting import ms_text
from core.metrics import NotEnoughSamples, percentile
from core.metrics import trials as t
from core.monitoring.plan import labels_of
from core.ui import state
from core.ui.page_run import PageRun

MODELLED = ":gray-badge[modelled]"
TAIL = 0.99  # the percentile that is asked of a request
MOST_SHARDS, MOST_LOOKS = 10_000, 100


def fan_out(run: PageRun) -> None:
    """What a request waits for that asks n shards."""
    st.markdown("**Fan-out.** A request that goes to every shard waits for the slowest one.")
    shards = st.number_input("Shards per request", 1, MOST_SHARDS, 100, key=_key(run, "shards"))
    late, each = t.any_late(1 - TAIL, shards), t.quantile_of_each(TAIL, shards)
    st.markdown(
        f"{MODELLED} Of {shards:,} independent shards, at least one is slower than its own p99 in **{late:.1%}** of "
        f"requests: 1 − 0.99^n (Dean & Barroso 2013). For a p99 of the whole, each shard has to keep the bound at its "
        f"**{_percentile_name(each)}**; {_here(run, each)}."
    )


def _percentile_name(quantile: float) -> str:
    """Such as p99.99: as many digits as it takes to tell it from p100."""
    beyond = 1 - quantile
    digits = next(n for n in range(1, 12) if beyond >= 10.0 ** -(n + 1))
    return f"p{100 * quantile:.{digits}f}".rstrip("0").rstrip(".")


def _here(run: PageRun, quantile: float) -> str:
    """The measured service time at that percentile, where the timed requests are enough for it."""
    times = run.present.measured.service_ms
    try:
        return f"here that is {ms_text(percentile(times, quantile).value)} (measured) against {_p99(run)} at the p99"
    except NotEnoughSamples:
        return f"the {len(times):,} requests timed here are too few to measure it"


def _p99(run: PageRun) -> str:
    return ms_text(run.present.measured.percentiles_ms["p99"].value)


def ab_test(run: PageRun) -> None:
    """The size of an A/B test for a rate and for the first quality, and what looking at it early does."""
    st.markdown("**A/B test.** Half of the users get this design, half another; both groups are of equal size.")
    left, middle, right = st.columns(3)
    base = left.number_input("Rate now (%)", 0.01, 99.0, 5.0, key=_key(run, "rate"))
    change = middle.number_input("Relative change to see (%)", 0.1, 100.0, 2.0, key=_key(run, "change"))
    looks = right.number_input("Looks at the result", 1, MOST_LOOKS, 5, key=_key(run, "looks"))
    st.markdown(f"{MODELLED} {_rates(base / 100, change / 100)} {_means(run, change / 100)}")
    st.markdown(f"{MODELLED} {_peeking(looks)}")
    st.caption(
        f"Two-sided normal tests at {t.LEVEL:.0%} with a power of {t.POWER:.0%} (Fleiss, Levin & Paik 2003, section "
        "4.2; Chow, Shao & Wang, section 3.2). The rate is illustrative: put in your own."
    )


def _rates(base: float, change: float) -> str:
    changed = base * (1 + change)
    if changed >= 1:
        return f"A rate of {base:.2%} cannot rise by {change:.3g} of itself."
    n = t.size_for_rates(base, changed)
    return f"To tell a rate of {base:.3%} from {changed:.3%} takes **{n:,} users in each group**."


def _means(run: PageRun, change: float) -> str:
    axis = run.case.qualities[0]
    try:
        values = labels_of(axis, run.present.measured)
    except NotEnoughSamples as error:
        return f"{error}."
    difference = change * abs(float(values.mean()))
    if not difference:
        return f"{axis.label} is 0: it has no relative change."
    deviation = float(values.std(ddof=1))
    n = t.size_for_means(deviation, difference)
    return (
        f"To see {axis.label} move by {difference:.3g} takes **{n:,} labelled requests in each group**, as single ones "
        f"stray by {deviation:.3g} ({axis.badge})."
    )


def _peeking(looks: int) -> str:
    if looks == 1:
        return f"Looked at once, a test without a difference shows one in {t.LEVEL:.0%} of cases, as it promises."
    return (
        f"Looked at {looks} times and stopped at the first p < {t.LEVEL:g}, a test without a difference shows one in "
        f"**{t.false_positives(looks):.1%}** of cases (Armitage, McPherson & Rowe 1969). p < "
        f"{t.level_of_each_look(looks):.2g} at each look keeps {t.LEVEL:.0%} (Pocock 1977)."
    )


def audits(run: PageRun, daily: int) -> None:
    """How many random audits of what nothing flagged bound the rate of misses, at so many labels a day."""
    st.markdown("**Audits.** What a system does not flag is seen by nobody, unless a random part of it is audited.")
    left, right = st.columns(2)
    bound = left.number_input("Miss rate to rule out (%)", 0.001, 50.0, 0.5, format="%g", key=_key(run, "bound"))
    missed = right.number_input("Misses found in the audits", 0, 1_000, 0, key=_key(run, "missed"))
    n = t.audits_needed(bound / 100, missed)
    found = "without a miss" if missed == 0 else f"with {missed:,} miss{'es' * (missed > 1)}"
    st.markdown(
        f"{MODELLED} **{n:,} random audits** {found} put the miss rate below {bound:g} % with {1 - t.LEVEL:.0%} "
        f"confidence (Clopper & Pearson 1934): {n / daily:,.3g} days of {daily:,} labels. Without a miss, 3 ÷ rate is "
        "the rule of three (Hanley & Lippman-Hand 1983)."
    )


def _key(run: PageRun, name: str) -> str:
    return state.key(run.case, f"walk.calculator.{name}")
