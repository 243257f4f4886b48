"""Worlds: what an interval covers when the data are drawn anew, and what is taken from the record until they are."""

import numpy as np
import pytest
from scipy.stats import chi2, t

from core.analysis.worlds import as_json, from_json, write
from core.contract.case import Estimate
from core.metrics.intervals import NORMAL_95
from core.metrics.worlds import T_95, TOO_ALIKE, Span, agree_too_well, between_worlds, over_worlds
from core.runtime import worlds as recorded
from core.runtime.worlds import WORLDS, Spread, World, design_query, recorded_spread, spread_row, worlds_of
from core.serving.scenario import Scenario
from core.serving.worlds import of_worlds
from tests import factory
from tests.factory import KEY, evaluated, measurement
from tests.toy_case import CASE, ToyDesign


def span(value, error):
    return Span(value, value - NORMAL_95 * error, value + NORMAL_95 * error)


@pytest.fixture(autouse=True)
def nothing_known():
    WORLDS.clear()
    yield
    WORLDS.clear()


@pytest.fixture
def ships(monkeypatch):
    """Say what spread is recorded of the toy case."""

    def ship(between, design=None, n_worlds=5):
        spread = Spread(
            CASE.slug, "real", KEY, {design_query(design or ToyDesign(dim=64)): between}, 0.01, False, n_worlds
        )
        monkeypatch.setattr(recorded, "recorded_spread", lambda: {(spread.of, spread.data, spread.quality): spread})

    return ship


def test_the_deviations_are_those_of_students_t():
    assert pytest.approx(T_95) == {df: t.ppf(0.975, df) for df in T_95}
    assert pytest.approx(TOO_ALIKE, rel=1e-3) == {df: chi2.ppf(0.01, df) / df for df in TOO_ALIKE}


def test_by_hand_the_spread_between_worlds_is_without_the_sampling_error():
    """0.5, 0.6, 0.7: variance 0.01, of which 0.06² = 0.0036 is sampling, so the worlds' own is √0.0064 = 0.08."""
    worlds = [span(value, 0.06) for value in (0.5, 0.6, 0.7)]
    assert between_worlds(worlds, shared=False) == pytest.approx(0.08)
    assert between_worlds(worlds, shared=True) == pytest.approx(0.1)
    assert between_worlds([span(value, 0.2) for value in (0.5, 0.6, 0.7)], shared=False) == 0
    with pytest.raises(ValueError, match="at least 2"):
        between_worlds(worlds[:1], shared=False)


def test_by_hand_one_world_has_both_errors():
    """Half-widths 0.03 of the units and 0.04 of the worlds are 0.05 together, on either side for itself."""
    wide = Span(0.5, 0.47, 0.5).widened(0.04)
    assert (wide.value, wide.low, wide.high) == pytest.approx((0.5, 0.45, 0.54))


def test_by_hand_the_mean_over_worlds():
    """Three worlds, variance 0.01: 0.6 ± 4.302653 × √(0.01 / 3). With larger sampling errors, 0.2² takes its place."""
    half = 4.302653 * (0.01 / 3) ** 0.5
    over = over_worlds([span(value, 0.06) for value in (0.5, 0.6, 0.7)], shared=False)
    assert (over.value, over.low, over.high) == pytest.approx((0.6, 0.6 - half, 0.6 + half))
    unsure = over_worlds([span(value, 0.2) for value in (0.5, 0.6, 0.7)], shared=False)
    assert unsure.high - unsure.value == pytest.approx(4.302653 * (0.04 / 3) ** 0.5)


def test_by_hand_worlds_of_the_same_units_keep_their_sampling_error_whole():
    over = over_worlds([Span(0.6, 0.5, 0.8)] * 4, shared=True)
    assert (over.value, over.low, over.high) == pytest.approx((0.6, 0.5, 0.8))
    moved = over_worlds([span(value, 0.05) for value in (0.5, 0.6, 0.7)], shared=True)
    half = ((NORMAL_95 * 0.05) ** 2 + 4.302653**2 * 0.01 / 3) ** 0.5
    assert moved.high - moved.value == pytest.approx(half)


@pytest.mark.parametrize("between, least, most", [(0.0, 0.95, 1.0), (1.0, 0.94, 0.99), (4.0, 0.935, 0.965)])
def test_the_mean_over_worlds_is_covered(between, least, most):
    """2,000 draws of five worlds whose units stray by 1: at least nominal, exact where the worlds dominate."""
    rng = np.random.default_rng(0)
    figures = rng.normal(0, (between**2 + 1) ** 0.5, (2_000, 5))
    spans = (over_worlds([span(value, 1.0) for value in row], shared=False) for row in figures)
    assert least <= np.mean([over.low <= 0 <= over.high for over in spans]) <= most


def drawn(design, seed=0):
    rng = np.random.default_rng(seed)
    return measurement((rng.random(200) < 0.5 + 0.05 * (seed % 3)).astype(float))


def test_worlds_are_the_next_seeds_and_their_units_are_others():
    worlds = list(worlds_of(factory.case(drawn), ToyDesign(), 4))
    assert [world.seed for world in worlds] == [4, 5, 6, 7, 8] and not any(world.shared for world in worlds)
    assert worlds[1].quality[KEY].value == drawn(None, 5).quality[KEY].value


def test_seeds_that_draw_no_other_data_are_no_worlds():
    runs = []
    case = factory.case(lambda design, seed: runs.append(seed) or measurement())
    assert [world.seed for world in worlds_of(case, ToyDesign(), 0)] == [0] and runs == [0, 1, 2]
    skips = factory.case(lambda design, seed: drawn(design, seed // 2))
    assert [world.seed for world in worlds_of(skips, ToyDesign(), 0)] == [0, 2, 4, 6, 8]


def test_the_same_units_graded_otherwise_are_told_apart_from_other_units():
    values = np.random.default_rng(0).random(300)
    case = factory.case(lambda design, seed: measurement(values + 0.01 * np.random.default_rng(seed).random(300)))
    assert [world.shared for world in worlds_of(case, ToyDesign(), 0)] == [frozenset(), *[frozenset({KEY})] * 4]


def test_another_world_is_graded_without_the_clock():
    worlds = list(worlds_of(CASE, ToyDesign(), 0, most=2))
    timed = CASE.run(ToyDesign(), seed=1)
    assert worlds[1].quality[KEY].value == timed.quality[KEY].value


def test_until_worlds_are_graded_the_record_widens_the_interval(ships):
    alone = measurement().quality[KEY]
    ships(0.05)
    wide = evaluated().quality(KEY)
    half = ((alone.value - alone.low) ** 2 + (NORMAL_95 * 0.05) ** 2) ** 0.5
    assert (wide.value, wide.value - wide.low) == pytest.approx((alone.value, half))
    assert wide.covers == "95 % over 100 queries of one world and the recorded spread of worlds"
    within = evaluated().within_world.quality(KEY)
    assert (within.low, within.high, within.covers) == (alone.low, alone.high, "95 % over 100 queries of one world")


def test_where_no_seed_draws_other_data_the_interval_stays_and_says_so(ships):
    alone = measurement().quality[KEY]
    ships(0.0)
    kept = evaluated().quality(KEY)
    assert (kept.low, kept.high) == (alone.low, alone.high)
    assert kept.covers == "95 % over 100 queries; recorded worlds stray no further"
    ships(0.05)
    WORLDS.add(CASE, ToyDesign(), 0, [World(0, {KEY: span(alone.value, 0.05)})])
    kept = evaluated().quality(KEY)
    assert (kept.low, kept.high) == (alone.low, alone.high)
    assert kept.covers == "95 % over 100 queries; no seed draws other data"


def test_a_recorded_design_has_its_own_spread_with_students_t(ships):
    alone = measurement().quality[KEY]
    ships(0.05, design=ToyDesign())
    half = ((alone.value - alone.low) ** 2 + (T_95[4] * 0.05) ** 2) ** 0.5
    assert alone.value - evaluated().quality(KEY).low == pytest.approx(half)


def test_worlds_that_agree_better_than_sampling_lets_them_share_their_units():
    close = [span(value, 0.05) for value in (0.500, 0.501, 0.502, 0.503, 0.504)]
    assert agree_too_well(close) and not agree_too_well([span(value, 0.001) for value in (0.50, 0.501, 0.502)])
    assert not agree_too_well(close[:1])
    WORLDS.add(CASE, ToyDesign(), 0, [World(seed, {KEY: each}) for seed, each in enumerate(close)])
    over = evaluated().quality(KEY)
    assert over.covers == "95 % over 5 seeds and the same 100 queries" and over.high - over.value > 1.95 * 0.05


def test_with_three_worlds_their_mean_is_the_figure(ships):
    ships(0.05)
    worlds = [World(seed, {KEY: span(value, 0.01)}) for seed, value in enumerate((0.5, 0.6, 0.7))]
    WORLDS.add(CASE, ToyDesign(), 0, worlds[:2])
    assert evaluated().quality(KEY).value == 0.5
    WORLDS.add(CASE, ToyDesign(), 0, worlds)
    over = evaluated().quality(KEY)
    assert over.value == pytest.approx(0.6) and over.covers == "95 % over 3 drawn worlds of 100 queries"
    assert evaluated(seed=1).quality(KEY).value == 0.5  # another seed has worlds of its own


def test_the_verdict_is_about_the_mean_over_worlds():
    scenario = Scenario(factory.asked(quality_floor=0.55, items=0))
    worlds = [World(seed, {KEY: span(value, 0.001)}) for seed, value in enumerate((0.5, 0.4, 0.45))]
    WORLDS.add(CASE, ToyDesign(), 0, worlds)
    (floor,) = [c for c in evaluated(scenario=scenario).constraints if c.key == "quality_floor"]
    assert floor.got == pytest.approx(0.45) and floor.band[1] == pytest.approx(0.45 + 4.302653 * 0.05 / 3**0.5)


def test_no_share_leaves_its_range(ships):
    ships(0.3)
    sure = evaluated(measurement([0.0] * 5 + [1.0] * 95)).quality(KEY)
    assert sure.high == 1.0 and sure.low > 0.2
    loss = Estimate(1.2, 1.1, 1.3, np.array([0.0, 2.4]))
    assert of_worlds(CASE, ToyDesign(), 0, KEY, loss).high > 1.3


def test_a_recorded_measurement_without_values_of_its_units_has_an_interval_too(ships):
    ships(0.3)
    old = Estimate(0.9, 0.88, 0.92, np.empty(0), "photos", 250, False)
    quality = of_worlds(CASE, ToyDesign(), 0, KEY, old)
    assert quality.high == 1.0 and quality.covers.startswith("95 % over 250 photos of one world")


def test_the_record_is_the_largest_spread_of_the_designs():
    calm = [World(seed, {KEY: span(value, 0.0)}) for seed, value in enumerate((0.5, 0.6))]
    wild = [World(seed, {KEY: span(value, 0.0)}) for seed, value in enumerate((0.2, 0.6))]
    row = spread_row("toy", "real", KEY, {"calm": calm, "wild": wild, "still": calm[:1]})
    assert row["between"] == pytest.approx({"calm": 0.005**0.5, "wild": 0.08**0.5, "still": 0.0}, abs=1e-6)
    assert row["n_worlds"] == 2 and not row["shared"]
    assert Spread(**row).half_width(ToyDesign()) == pytest.approx(NORMAL_95 * 0.08**0.5, abs=1e-5)
    assert spread_row("toy", "real", "other", {"calm": calm}) is None


def test_what_is_written_is_read_and_other_cases_stay(tmp_path):
    path, worlds = tmp_path / "worlds.json", [World(seed, {KEY: span(seed / 10, 0.01)}) for seed in range(3)]
    rows = {of: [spread_row(of, "real", KEY, {"a": worlds, "b": worlds[:2]})] for of in ("one", "two")}
    assert write({"one": rows["one"]}, path) == 1 and write({"two": rows["two"]}, path) == 2
    assert write({"one": rows["one"]}, path) == 2
    assert recorded_spread(path) == {(of, "real", KEY): Spread(**rows[of][0]) for of in rows}


def test_a_world_goes_into_a_line_and_comes_back():
    world = World(3, {KEY: Span(0.5, 0.4, 0.6)}, frozenset({KEY}))
    assert from_json(as_json(world)) == world
    for line in ("{}", "[]", "seed 3", '{"seed": 1, "quality": {"a": 1}, "shared": []}'):
        with pytest.raises(ValueError):
            from_json(line)


def test_a_file_of_something_else_is_refused(tmp_path):
    assert recorded_spread(tmp_path / "none.json") == {}
    other = tmp_path / "other.json"
    other.write_text('{"lines": []}')
    with pytest.raises(ValueError, match="holds no spread"):
        recorded_spread(other)
