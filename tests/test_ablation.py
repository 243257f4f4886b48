"""From the ceiling down to a design: the changes add up, and each is that of one saving."""

from dataclasses import replace

import pytest

from core.analysis.ablation import climbed, ideal_words, left_out, missing, path, waterfall
from core.charts import waterfall as chart
from core.charts import waterfall_summary
from core.contract.case import estimate
from core.contract.design import canonical
from core.contract.scaling_spec import AblationStep
from tests.factory import case, measurement
from tests.toy_case import ToyDesign

ABLATION_STEPS = (
    AblationStep("approximate", {"index": "flat"}),
    AblationStep("compressed", {"dim": 64}),
    AblationStep("cut", {}, "nothing is cut"),
    AblationStep("lazy", {"effort": lambda design: 64}),
)
CASE = case(lambda design, seed: measurement(), ablation_steps=ABLATION_STEPS)
DESIGN = ToyDesign(dim=4, index="hnsw", effort=16)


def measured(rate, n=100):
    return measurement([1.0] * round(rate * n) + [0.0] * (n - round(rate * n)))


def test_the_path_starts_at_the_ideal_and_ends_at_the_design():
    steps = path(CASE, DESIGN)
    assert steps[0] == canonical(ToyDesign(dim=64)) and steps[-1] == DESIGN
    assert steps[1] == ToyDesign(dim=64, index="hnsw", effort=64) and steps[2] == replace(steps[1], dim=4)
    assert [rung.label for rung in climbed(CASE)] == ["approximate", "compressed", "lazy"]
    assert [rung.why_not for rung in left_out(CASE)] == ["nothing is cut"]


def test_the_changes_add_up_to_what_is_left():
    rates = (0.91, 0.83, 0.41, 0.37)
    found = waterfall(CASE, DESIGN, dict(zip(path(CASE, DESIGN), map(measured, rates), strict=True)))
    assert found.ceiling + sum(fall.change for fall in found.falls) == pytest.approx(found.final, abs=1e-12)
    assert [fall.change for fall in found.falls] == pytest.approx([-0.08, -0.42, -0.04])
    assert all(fall.low <= fall.change <= fall.high for fall in found.falls)
    assert found.falls[1].distinguishable and found.falls[1].given_up == "embedding size 4"


def test_a_saving_that_is_not_made_loses_exactly_nothing():
    ideal = canonical(ToyDesign(dim=64))
    steps = path(CASE, ideal)
    found = waterfall(CASE, ideal, {each: measured(0.5) for each in steps})
    assert [fall.same for fall in found.falls] == [True, True, True]
    assert [fall.change for fall in found.falls] == [0, 0, 0] and ideal_words(CASE, ideal) == "the present design"


def test_other_queries_leave_a_change_without_an_interval():
    runs = dict(zip(path(CASE, DESIGN), [measured(0.9), measured(0.9, 200), measured(0.4), measured(0.4)], strict=True))
    found = waterfall(CASE, DESIGN, runs)
    assert found.falls[0].low is None and not found.falls[0].distinguishable
    assert found.falls[1].low is None and found.falls[1].distinguishable


def test_what_is_missing_is_asked_for_once():
    steps = path(CASE, DESIGN)
    assert missing(CASE, DESIGN, {}) == list(dict.fromkeys(steps))
    assert missing(CASE, DESIGN, {each: measured(0.5) for each in steps[:2]}) == list(steps[2:])


def test_no_waterfall_without_rungs_or_without_the_quality():
    runs = {each: measured(0.5) for each in path(CASE, DESIGN)}
    assert waterfall(replace(CASE, ablation_steps=()), DESIGN, runs) is None
    silent = replace(measurement(), quality={"other": estimate([1.0, 0.0])})
    assert waterfall(CASE, DESIGN, dict.fromkeys(runs, silent)) is None


def test_a_rung_has_knobs_or_a_reason():
    for wrong in (dict(ideal={}), dict(ideal={"dim": 64}, why_not="none")):
        with pytest.raises(ValueError, match="has knobs, or a reason"):
            AblationStep("x", **wrong)


def table():
    import pandas as pd

    nothing = float("nan")
    rows = [
        dict(label="ceiling", value=0.9, low=nothing, high=nothing, total=True),
        dict(label="approximate", value=-0.2, low=-0.3, high=-0.1, total=False),
        dict(label="stale", value=0.05, low=nothing, high=nothing, total=False),
        dict(label="this design", value=0.75, low=nothing, high=nothing, total=True),
    ]
    return pd.DataFrame(rows)


def test_bars_hang_from_one_level_to_the_next():
    figure = chart(table())
    low = figure.layout.xaxis.range[0]
    ends = [bar.base[0] + bar.x[0] for bar in figure.data]
    assert ends == pytest.approx([0.9, 0.7, 0.75, 0.75])
    assert [bar.base[0] for bar in figure.data] == pytest.approx([low, 0.9, 0.7, low])
    assert low < 0.7 and "does not start at 0" in figure.layout.xaxis.title.text
    assert len({bar.marker.line.color for bar in figure.data}) == 3  # total, loss and gain


def test_the_summary_says_every_step():
    assert waterfall_summary(table()) == "From 0.9 at the ceiling to 0.75: approximate −0.2, stale +0.05."
    assert waterfall_summary(table().head(0)) == "Nothing measured yet."
    assert not chart(table().head(0)).data
