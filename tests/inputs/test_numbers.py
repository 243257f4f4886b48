"""Requirements and prices at the ends of their bounds: every figure is finite, and what is beyond gets a sentence."""

import warnings
from dataclasses import replace
from math import isfinite

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.catalog import BY_SLUG
from core.serving import capacity
from core.serving.cache import hit_ratio
from core.serving.prices import EDITABLE, Prices, dials, reassumed, repriced
from core.serving.requirement_text import (
    LEAST,
    LIMITS,
    MUST,
    number_within,
    read_requirement,
    required,
    text_of,
    without_dust,
)
from core.serving.scenario import Scenario
from tests.factory import asked, evaluated, measurement

CASE = BY_SLUG["visual_search"]
TOO_SMALL = ("5e-324", "1e-318", "1e-10", "2.2250738585072014e-308")
TOO_LARGE = ("1e308", "1.7976931348623157e308", "1e400", "9" * 400, "1" + "0" * 5_000)
NO_NUMBER = (
    "nan",
    "inf",
    "-inf",
    "-1",
    "-5e-324",
    "1e",
    "0x10",
    "٣٫٥",
    "",
    "1;2",
    "\x00",
    "1e-",
    "[1](https://evil.example)",
)
MEASURED = (
    measurement(service_ms=np.random.default_rng(0).lognormal(2.0, 0.5, 1_000)),
    measurement(batches_ms={1: 2.0, 8: 4.0}, service_ms=2.0),
    measurement(refresh_s=3_600.0, refresh_every_h=1.0, store_bytes=5 * 10**9, n_items=100, n_keys=100),
)


def corners(low, high):
    """The ends, the least above 0, what is usual, and anything between."""
    usual = (low, high, max(low, LEAST), min(high, max(low, 1.0)), min(high, max(low, 1e3)))
    return st.sampled_from(usual) | st.floats(low, high).map(without_dust).filter(lambda value: low <= value)


@st.composite
def scenarios(draw):
    limits = {
        name: draw(corners(*bounds) if name in MUST else st.none() | corners(*bounds))
        for name, bounds in LIMITS.items()
    }
    requirements = replace(asked(), **limits)
    bounds = dials(Prices(), requirements)
    names = draw(st.lists(st.sampled_from(sorted(bounds)), unique=True, max_size=8))
    values = {name: draw(corners(bounds[name].low, bounds[name].high)) for name in names}
    prices = repriced(Prices(), **{name: value for name, value in values.items() if name in EDITABLE})
    return Scenario(reassumed(requirements, **values), prices)


@given(st.sampled_from(MEASURED), scenarios())
def test_within_the_bounds_every_bill_is_finite_and_nothing_divides_by_zero(measured, scenario):
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # numpy warns where Python would raise
        judged = evaluated(measured, scenario)
        assessed = judged.assessment
        assert isfinite(assessed.total_usd) and assessed.replicas >= 1 and assessed.p99_ms > 0
        assert judged.verdict in ("meets", "misses", "cannot say") and judged.binding
        capacity.p99_after_a_loss_ms(measured, assessed, scenario.load)


@pytest.mark.parametrize("text", [*TOO_SMALL, *TOO_LARGE, *NO_NUMBER])
@pytest.mark.parametrize("name", LIMITS)
def test_a_number_out_of_bounds_keeps_the_requirement_and_is_told_with_the_bounds(name, text):
    value, notes = read_requirement(CASE.requirements, name, text)
    assert value == getattr(CASE.requirements, name)
    (note,) = notes
    assert "is not between" in note and len(note) < 200
    with pytest.raises(ValueError, match="is not between"):
        required(CASE.requirements, [f"{name}={text}"])


@pytest.mark.parametrize("name", LIMITS)
def test_the_ends_of_the_bounds_are_read_and_written_alike(name):
    low, high = LIMITS[name]
    for value in (low, high, max(low, LEAST)):
        assert read_requirement(CASE.requirements, name, text_of(value)) == (value, [])
        assert getattr(required(CASE.requirements, [f"{name}={text_of(value)}"]), name) == value


@pytest.mark.parametrize("name", MUST)
def test_what_must_be_stated_cannot_be_left_out(name):
    with pytest.raises(ValueError, match="is not between"):
        required(CASE.requirements, [f"{name}=none"])


def test_what_is_nearly_nothing_is_nothing():
    assert [without_dust(value) for value in (5e-324, -1e-10, 1e-9, 0.3, -0.0, 1e308)] == [0, 0, 1e-9, 0.3, 0, 1e308]
    assert number_within("5e-324", (0.0, 1.0)) is None and str(number_within("-0", (0.0, 1.0))) == "0.0"


def test_a_cache_answers_at_most_every_request():
    assert hit_ratio(1e12, 1e6, 3.0, 1e7) <= 1.0 and hit_ratio(1e15, 1e12, 0.0, 1e7) <= 1.0
