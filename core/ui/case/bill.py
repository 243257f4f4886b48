"""The bill: every line of the cost per month, its interval, and what others pay for such a system."""

from __future__ import annotations

import streamlit as st

from core.analysis.figures import FIGURES
from core.contract.case import Requirements
from core.contract.money import BillBeside
from core.formatting import count_text, usd_text
from core.serving.bill import LINES
from core.serving.cost import Assessment
from core.serving.prices import dials
from core.serving.slo import TOO_NOISY, too_noisy
from core.ui.markup import prose, slot
from core.ui.page_run import PageRun


def section(run: PageRun) -> None:
    """Every line of the bill of the present design, beside published orders of magnitude."""
    st.subheader("Cost per month, line by line", anchor=False)
    with slot():
        _lines(run)
    beside = run.case.bills_beside
    if beside:
        st.markdown("**What others pay or charge for such a system**")
        st.markdown(prose("\n".join(_beside(bill, run.scenario.requirements) for bill in beside)))
    _stale(run)


def _lines(run: PageRun) -> None:
    if too_noisy(run.present.measured):
        st.caption(f"The machine was too busy while timing: the bill is {TOO_NOISY}.")
        return
    assessment, requirements = run.present.assessment, run.scenario.requirements
    items = f"{count_text(run.present.sized.n_items)} {requirements.items_are}"
    st.markdown(
        f":gray-badge[{FIGURES['usd'].badge_of(run.present)}] For {items} and "
        f"{count_text(requirements.requests_a_month)} requests per month."
    )
    st.markdown(prose(table(assessment, _words(requirements))))
    between = assessment.total_between
    if between is not None:
        low, high = map(usd_text, between)
        unseen = [part for part in assessment.between if not assessment.usd_per_month[part]]
        none = f" No {' and no '.join(unseen)} were seen, which is not the same as none." if unseen else ""
        named = " and ".join(assessment.between)
        st.markdown(
            prose(
                f"The total lies between **{low}** and **{high}** by the 95 % intervals of {named}, all at once.{none}"
            )
        )


def table(assessment: Assessment, words: dict[str, str]) -> str:
    """The bill as a Markdown table; lines of nothing are left out unless their interval says that it may be more."""
    rows = [
        f"| **{part}**: {words.get(part, '')}{_ends(assessment, part)} | {usd_text(usd)} |"
        for part, usd in assessment.usd_per_month.items()
        if usd or part in assessment.between
    ]
    head = "| Line, and what it counts | Per month |\n|---|---:|"
    return "\n".join([head, *rows, f"| **together** | **{usd_text(assessment.total_usd)}** |"])


def _ends(assessment: Assessment, part: str) -> str:
    """The interval of a line that has one."""
    return f"; 95 %: {' to '.join(map(usd_text, assessment.between[part]))}" if part in assessment.between else ""


def _words(requirements: Requirements) -> dict[str, str]:
    charged = {
        charge.part: f"{usd_text(charge.usd)} {charge.unit.removeprefix('$ ')}" for charge in requirements.charges
    }
    return LINES | charged


def _beside(bill: BillBeside, requirements: Requirements) -> str:
    """A list item: the arithmetic in words, its source and why ours differs."""
    amount = [f"{count_text(getattr(requirements, bill.of))} {bill.of_words}"] if bill.of else []
    worked = " × ".join([*amount, *(factor.words for factor in bill.factors)])
    source = f"[{bill.source.title}]({bill.source.url})" if bill.source.url else bill.source.title
    return (
        f"- **{bill.what}**: {worked} = **{usd_text(bill.usd_per_month(requirements))}** per month. "
        f":gray-badge[published] {source}, {bill.as_of}  \n  {bill.differs}"
    )


def _stale(run: PageRun) -> None:
    scenario = run.scenario
    named = [dial.label for dial in dials(scenario.prices, scenario.requirements).values() if dial.assumed.stale]
    st.caption(
        "List prices on demand, without discounts; set yours under “Prices and assumptions” in the panel. "
        f"Over a year old: {', '.join(named).lower() or 'none'}."
    )
