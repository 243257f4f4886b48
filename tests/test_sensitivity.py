"""Which knob matters most: one move of each, over what was measured."""

from dataclasses import replace

import pytest

from core.analysis.sensitivity import effects
from tests.factory import KEY, measurement
from tests.toy_case import CASE, ToyDesign

HERE = ToyDesign()
NEAR = {
    HERE: measurement([0.5] * 40, 10.0),
    replace(HERE, dim=4): measurement([0.2] * 40, 5.0),
    replace(HERE, dim=64): measurement([0.6] * 40, 20.0),
    replace(HERE, index="hnsw"): measurement([0.45] * 40, 1.0),
}


def test_of_each_knob_the_move_that_changes_most_largest_first():
    found = effects(CASE, HERE, NEAR)
    assert found[0].knob == "Embedding size"
    assert found[0].gained == pytest.approx(-0.3) and found[0].p99_factor == pytest.approx(0.5)
    assert found[0].low <= found[0].gained <= found[0].high
    assert len({each.knob for each in found}) == len(found)


def test_what_was_not_measured_or_cannot_be_paired_is_left_out():
    assert effects(CASE, HERE, {HERE: NEAR[HERE]}) == []
    other = {**NEAR, replace(HERE, dim=4): measurement([0.2] * 30), replace(HERE, dim=64): measurement([0.6] * 30)}
    assert "Embedding size" not in [each.knob for each in effects(CASE, HERE, other)]
    no_quality = {design: replace(each, quality={}) for design, each in NEAR.items()}
    assert effects(CASE, HERE, no_quality) == [] and KEY not in no_quality[HERE].quality
