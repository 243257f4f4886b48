"""The laws of scale: against bytes as written, against comparisons counted, and over random sizes."""

from dataclasses import replace
from math import inf, isinf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.contract.scaling_spec import LinearPart, Share, fixed, keyed, linear, vector_index
from core.contract.step_record import StepRecord
from core.scaling import (
    Cancelled,
    LinearLaw,
    Sample,
    ScalingFit,
    Size,
    band_factor,
    cached_index_fit,
    cached_linear_fit,
    checked_items,
    index_bytes,
    index_fit,
    linear_fit,
    linear_parts,
    project,
    shards_needed,
    sizes_for,
    time_law_words,
)
from core.scaling.extrapolate import JOB_BAND
from core.scaling.fit import Fits, fit_law, fit_line
from core.scaling.growth import stretched
from core.scaling.laws import Law, comparisons, fitted_counts, slow_at
from core.scaling.samples import clustered, slowdown
from core.scaling.size import grown_bytes
from core.serving.cost import assess
from core.serving.scenario import Scenario
from core.stages.index import INDEXES, build_index, n_lists, search
from tests.factory import asked, measurement, round_prices

SMALL = (1_000, 2_000, 4_000, 8_000)
GIB = 2**30
kinds = st.sampled_from(sorted(INDEXES))
dims = st.sampled_from((8, 32, 64, 128))
sizes = st.integers(1, 10**12)


@pytest.fixture(scope="module")
def vectors():
    return clustered(6_100, 32, seed=0)


@given(kinds, dims, sizes, sizes)
def test_more_items_never_take_fewer_bytes(kind, dim, one, other):
    few, many = sorted((one, other))
    assert index_bytes(kind, few, dim) <= index_bytes(kind, many, dim)


LISTS = Law("ivf_flat", 64, 16, 7.0, 11.0, (1.1, 0.0), ((1e6, 1.0), (6e7, 2.0)), 20_000)


@given(st.floats(1, 1e12), st.floats(3, 1e6))
def test_three_times_the_items_or_more_never_take_a_search_less_time(few, times):
    assert LISTS.time_us(few) <= LISTS.time_us(times * few)


def test_one_list_more_may_save_a_search_some_comparisons():
    assert n_lists(689) == 17 and n_lists(741) == 19  # 16 of them are looked into either way
    assert 0.99 * LISTS.distances(689) < LISTS.distances(741) < LISTS.distances(689)


@given(kinds, st.floats(1, 1e12), st.floats(1, 1e12))
def test_without_lists_more_items_never_take_a_search_less_time(kind, one, other):
    law = Law(kind, 64, 16, 7.0, 11.0, (50.0, 20.0), ((1e6, 1.0), (6e7, 2.0)), 20_000)
    few, many = sorted((one, other))
    if INDEXES[kind].effort_name != "nprobe":
        assert law.time_us(few) <= law.time_us(many) * (1 + 1e-9)


@given(st.floats(1, 1e9), st.floats(1, 1e9), st.floats(0, 0.9))
def test_the_band_never_narrows_further_out(one, other, error):
    near, far = sorted((one, other))
    assert band_factor(near, 1_000, error) <= band_factor(far, 1_000, error) * (1 + 1e-9)


@pytest.mark.parametrize("kind", INDEXES)
def test_bytes_as_written_are_within_a_quarter_of_the_law(kind, vectors):
    built = build_index(vectors[:6_000], kind=kind, seed=0)
    assert index_bytes(kind, built.n, built.d) == pytest.approx(built.nbytes, rel=0.25)


def test_flat_is_compared_with_everything_exactly(vectors):
    built = build_index(vectors[:3_000], kind="flat", seed=0)
    counted = search(built, vectors[6_000:], k=10).n_distances
    assert (counted == comparisons("flat", 3_000, 1, fitted_counts("flat", 1, [3_000], [1.0]))).all()


def test_ivf_flat_is_counted_exactly_where_every_list_is_probed(vectors):
    n = 3_000
    built, lists = build_index(vectors[:n], kind="ivf_flat", seed=0), n_lists(n)
    counted = search(built, vectors[6_000:], k=10, effort=lists).n_distances
    constants = fitted_counts("ivf_flat", lists, [n], [float(counted.mean())])
    assert (counted == lists + n).all()
    assert comparisons("ivf_flat", n, lists, constants) == lists + n


def test_ivf_flat_counts_what_it_was_fitted_on(vectors):
    n = 3_000
    built = build_index(vectors[:n], kind="ivf_flat", seed=0)
    counted = search(built, vectors[6_000:], k=10, effort=8).n_distances.mean()
    assert comparisons("ivf_flat", n, 8, fitted_counts("ivf_flat", 8, [n], [counted])) == pytest.approx(counted)


def test_the_graph_law_of_comparisons_holds_at_twice_the_size(vectors):
    counted = {}
    for n in (750, 1_500, 3_000, 6_000):
        built = build_index(vectors[:n], kind="hnsw", seed=0)
        counted[n] = float(search(built, vectors[6_000:], k=10, effort=32).n_distances.mean())
    constants = fitted_counts("hnsw", 32, [750, 1_500, 3_000], [counted[n] for n in (750, 1_500, 3_000)])
    assert comparisons("hnsw", 6_000, 32, constants) == pytest.approx(counted[6_000], rel=0.15)


def test_a_law_gives_back_the_constants_that_made_its_samples():
    made = Law("hnsw", 64, 32, 12.0, 50.0, (90.0, 17.0), ((1e5, 1.0), (1e8, 3.0)), 24_000)
    samples = tuple(
        Sample(n, made.time_us(n), made.distances(n), int(index_bytes("hnsw", n, 64))) for n in (3_000, 6_000, 12_000)
    )
    law = fit_law("hnsw", 64, 32, samples, made.slowdown)
    assert law.time_us(1e6) == pytest.approx(made.time_us(1e6), rel=1e-6)
    assert law.counts == pytest.approx(made.counts)


def test_reading_costs_no_less_further_from_the_core():
    table = slowdown("hnsw", 64, tuple(2**18 * 4**i for i in range(4)))
    times = [each for _, each in table]
    assert times[0] == 1 and times == sorted(times)
    assert slow_at(table, 1.0) == times[0] and slow_at(table, 1e15) == times[-1]
    assert [each for _, each in slowdown("pq4", 64)] == [1.0]


def test_the_fit_predicts_a_size_it_was_not_fitted_on():
    told = []
    fit = index_fit("ivf_flat", 16, 8, 7, sizes=SMALL, progress=lambda share, text: told.append(share))
    assert [sample.n for sample in fit.fitted] == list(SMALL[:-1]) and fit.held_out.n == SMALL[-1]
    assert fit.error == pytest.approx(fit.predicted_us / fit.held_out.us - 1)
    assert fit.bytes_error == pytest.approx(0, abs=0.01)
    assert told == sorted(told) and told[0] >= 0 and told[-1] <= 1
    assert cached_index_fit("ivf_flat", 16, 8, 7, sizes=SMALL) is fit
    assert cached_index_fit("ivf_flat", 16, 8, 8, sizes=SMALL) is None


def test_every_fit_that_is_made_counts_also_once_the_oldest_are_put_out():
    fits = Fits(most=2)
    for key in range(3):
        fits.add(key, None)
    assert fits.made == 3 and fits.known(0) is None


def test_a_law_off_by_more_than_its_band_says_so():
    law = Law("flat", 64, 1, 0.0, 10.0, (1.0, 0.0), (), 100_000)
    allowed = band_factor(1_000_000, 100_000)
    near, far = (Sample(1_000_000, law.time_us(1e6) * factor, 1e6, 1) for factor in (0.99 * allowed, 1.01 * allowed))
    assert ScalingFit(law, (), near, 1.0).within and not ScalingFit(law, (), far, 1.0).within


def test_measuring_stops_when_asked():
    with pytest.raises(Cancelled):
        index_fit("flat", 16, 1, 99, sizes=SMALL, cancelled=lambda: True)


@pytest.mark.parametrize("kind", INDEXES)
def test_sizes_rise_and_wide_vectors_get_fewer(kind):
    assert list(sizes_for(kind, 64)) == sorted(set(sizes_for(kind, 64)))
    assert sizes_for(kind, 256)[-1] < sizes_for(kind, 64)[-1]


def grown(n=1_000):
    return (vector_index("index", n, kind="flat", dim=64, part="search"), fixed("encoder", "one a request"))


def a_fit():
    law = Law("flat", 64, 1, 1.0, 10.0, (1.0, 0.0), (), 100_000)
    return ScalingFit(law, (), Sample(160_000, law.time_us(160_000), 160_000, 1), 1.0)


def searching():
    parts = {"encode": np.full(1_000, 2.0), "search": np.linspace(0.005, 0.015, 1_000)}
    return replace(measurement(), parts_ms=parts, service_ms=sum(parts.values()), memory_bytes=4 * 64 * 1_000 + 5_000)


def at(items, machine_bytes=inf, headroom=1.0, keys=0.0):
    return Size(items, keys, machine_bytes, headroom)


def by(law, error=0.0):
    """Every part follows this law, whatever its effort."""
    return lambda part, effort: (law, error)


def no_law(part, effort):
    return None


def same_effort(part, size):
    return 0


def over(scaling_parts, measured, items, law=no_law, shards=0, retune=same_effort):
    return project(scaling_parts, measured, at(items), law, retune, shards)


def test_projected_memory_is_the_formula_and_the_rest_stays():
    assert over(grown(), searching(), 10**9).measured.memory_bytes == 4 * 64 * 10**9 + 5_000


def test_projected_time_is_in_proportion_to_the_law_and_what_does_not_grow_stays():
    found = over(grown(), searching(), 1_000_000, by(a_fit().law))
    median = float(np.median(found.measured.service_ms))
    assert median == pytest.approx(2.0 + 0.01 * 10_001 / 11, rel=0.01)  # 1 + 10 µs at 1,000 and 1 + 10,000 at a million
    assert found.work[0] < 1 < found.work[1] and found.p99[0] < 1 < found.p99[1] and not found.unsupported
    assert found.measured.cpu_ms.keys() == searching().cpu_ms.keys()


def test_splitting_waits_for_the_slowest_shard():
    law = by(a_fit().law)
    one, ten = (over(grown(), searching(), 1_000_000, law, shards).measured for shards in (1, 10))
    alone = over(grown(), searching(), 100_000, law, 1).measured
    assert np.median(alone.service_ms) < np.median(ten.service_ms) < np.median(one.service_ms)
    assert ten.shards == 10


def test_what_was_measured_comes_back_at_the_size_it_was_measured_at():
    found = over(grown(), searching(), 1_000)
    np.testing.assert_allclose(found.measured.service_ms, searching().service_ms)
    assert found.measured.memory_bytes == searching().memory_bytes and found.work == (1.0, 1.0)
    assert not found.unsupported


def test_a_time_without_a_law_or_far_beyond_it_is_not_supported():
    assert over(grown(), searching(), 1_000_000).unsupported == ("the time of the index",)
    assert over(grown(), searching(), 10**12, by(a_fit().law), 1).unsupported == ("the time of the index",)


def test_an_index_whose_effort_no_law_says_is_untuned():
    found = over(grown(), searching(), 1_000_000, by(a_fit().law), retune=lambda part, size: None)
    assert found.untuned == ("index",) and found.unsupported


def test_by_hand_ten_times_the_keys_take_ten_times_the_job_and_the_store():
    measured = replace(searching(), n_keys=100, refresh_s=5.0, store_bytes=2_000, refresh_every_h=24.0)
    scaling_parts = (keyed("store", "a row per key", bytes_each=20.0),)
    found = project(scaling_parts, measured, at(1_000, keys=1_000.0), no_law, same_effort).measured
    assert (found.refresh_s, found.store_bytes, found.n_keys) == (50.0, 20_000, 1_000)
    assert found.memory_bytes == measured.memory_bytes + 900 * 20


def test_by_hand_a_job_that_scans_the_items_takes_as_many_times_as_long():
    measured = replace(searching(), n_keys=100, refresh_s=5.0, refresh_every_h=24.0, n_items=1_000)
    scaling_parts = (linear("rows", 1_000, "every key is compared with each", bytes_each=8.0, in_job=True),)
    assert over(scaling_parts, measured, 8_000).measured.refresh_s == 40.0


def test_by_hand_only_the_steps_that_grow_make_the_build_longer():
    steps = (StepRecord("train", 3.0, 3.0, 0), StepRecord("index", 1.0, 1.0, 0))
    measured = replace(searching(), build_s=4.0, steps=steps, n_items=1_000)
    scaling_parts = (vector_index("index", 1_000, kind="flat", dim=64, part="search", built_by=("index",)),)
    larger = over(scaling_parts, measured, 10_000).measured
    assert larger.build_s == pytest.approx(3 + 10) and larger.item_build_s == pytest.approx(0.001)
    made = over(scaling_parts, replace(measured, build_s=6.0, shipped_s=2.0), 10_000).measured
    assert made.build_s == pytest.approx(3 + 10 + 20) and made.shipped_s == 20.0


@given(st.integers(1_000, 10**10), st.integers(1_000, 10**10))
@settings(max_examples=40, deadline=None)
def test_more_items_never_take_less(one, other):
    few, many = sorted((one, other))
    small, large = (
        project(grown(), searching(), at(n, 2**36), by(a_fit().law), same_effort).measured for n in (few, many)
    )
    assert small.memory_bytes <= large.memory_bytes
    assert small.shards <= large.shards
    if small.shards == large.shards:
        assert small.service_ms.mean() <= large.service_ms.mean() * (1 + 1e-9)


def test_a_trillion_items_have_a_clear_answer():
    scaling_parts, machine = grown(), 64 * GIB
    needed = shards_needed(scaling_parts, searching(), at(10**12, machine, 1.2))
    assert needed == pytest.approx(10**12 * 256 * 1.2 / machine, rel=1e-3)
    found = project(scaling_parts, searching(), at(10**12, machine, 1.2), no_law, same_effort).measured
    assert found.shards == needed and found.memory_bytes / needed * 1.2 <= machine


def test_no_number_of_machines_helps_where_each_must_hold_too_much():
    too_much = replace(searching(), memory_bytes=10 * GIB)
    assert isinf(shards_needed(grown(), too_much, at(10**6, GIB, 1.2)))
    assert project(grown(), too_much, at(10**6, GIB, 1.2), no_law, same_effort).unsupported
    nothing_grows = (fixed("all", "nothing of it grows"),)
    assert shards_needed(nothing_grows, searching(), at(10**9, GIB, 1.2)) == 1


def test_linear_work_grows_in_proportion():
    scaling_parts = (linear("rows", 1_000, "a row each", bytes_each=8.0, part="search"),)
    found = over(scaling_parts, searching(), 4_000).measured
    np.testing.assert_allclose(found.parts_ms["search"], 4 * searching().parts_ms["search"], rtol=0.1)
    assert grown_bytes(scaling_parts, 4_000) == 32_000


def test_a_stall_of_the_machine_does_not_grow_with_the_items():
    now = np.append(np.full(990, 0.1), np.full(10, 50.0))
    assert stretched(now, 2.0).max() == pytest.approx(52.0) and np.median(stretched(now, 2.0)) == pytest.approx(2.1)
    assert (stretched(now, -0.05) <= now).all() and (stretched(now, -1e9) == 0).all()


def test_only_requests_that_reach_a_part_grow_with_it():
    now = np.append(np.zeros(900), np.full(100, 2.0))
    np.testing.assert_allclose(stretched(now, 3.0), np.append(np.zeros(900), np.full(100, 5.0)))
    scaling_parts = (linear("rows", 1_000, "a row each", bytes_each=8.0, part="search"),)
    hybrid = replace(searching(), parts_ms={"search": now, "encode": np.full(1_000, 1.0)})
    np.testing.assert_allclose(over(scaling_parts, hybrid, 2_000).measured.parts_ms["search"], 2 * now)
    parts = {"search": np.zeros(1_000), "encode": np.full(1_000, 1.0)}
    never = replace(hybrid, parts_ms=parts, service_ms=sum(parts.values()))
    assert over(scaling_parts, never, 10**9).measured.service_ms.max() == pytest.approx(1.0)


@pytest.mark.parametrize("items", [0, -1, 0.5, float("nan"), inf, 1e16])
def test_items_that_are_no_number_of_items_are_refused(items):
    with pytest.raises(ValueError, match="number of items must be from 1"):
        checked_items(items)
    with pytest.raises(ValueError, match="number of items must be from 1"):
        over(grown(), searching(), items)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        (dict(why=""), "say why"),
        (dict(items=0), "at least 1 item"),
        (dict(bytes_each=float("nan")), "not a number of bytes"),
    ],
)
def test_a_growth_that_says_nothing_is_refused(changed, says):
    with pytest.raises(ValueError, match=says):
        LinearPart(**{**dict(what="x", why="y", items=1), **changed})


def test_two_sizes_are_too_few():
    with pytest.raises(ValueError, match="at least two sizes and checked on a third"):
        index_fit("flat", 16, 1, 0, sizes=(1_000, 2_000))


def test_by_hand_the_bill_of_two_shards_is_of_replicas_times_shards():
    scaling_parts = (linear("rows", 1_000, "a row each", bytes_each=2**20, part="search"),)
    measured = measurement(service_ms=10.0, memory_bytes=1_000 * 2**20, n_items=1_000)
    found = over(
        scaling_parts, measured, 2_000, shards=2
    ).measured  # each shard as large, and as quick, as the measured
    taken = assess(found, Scenario(asked(100.0, 1_000.0), round_prices()))
    assert (taken.replicas, found.shards) == (2, 2)  # 100/s × 10 ms ÷ half full, of both shards
    assert taken.usd_per_month["cores"] == pytest.approx(730 * 4 * 0.1)
    assert taken.usd_per_month["memory"] == pytest.approx(730 * 4 * 0.01 * 1_000 * 2**20 / GIB)


def test_by_hand_a_billion_items_cost_the_work_of_a_billion_items_however_they_are_split():
    # 50 ns an item: a scan of a billion is 50 core seconds. 20,000 requests a second, cores .6 full: 1.67 million cores
    # of 730 h at 10 cents, $122 M a month on one machine and on 16, whose slowest shard takes 1.6 times its share
    lately = np.random.default_rng(0).lognormal(-0.045, 0.3, 1_000)  # requests differ, with a mean of 1
    measured = replace(
        measurement(service_ms=lately / lately.mean() * 0.5, memory_bytes=10_000 * 64, n_items=10_000),
        cpu_ms={"search": 0.5},
    )
    rows = (linear("rows", 10_000, "every row is read", bytes_each=64.0, part="search"),)
    scenario = Scenario(asked(20_000.0, 1e6), round_prices(target_utilisation=0.6))
    usd = [
        assess(over(rows, measured, 10**9, shards=shards).measured, scenario).usd_per_month["cores"]
        for shards in (1, 16)
    ]
    assert usd[0] == pytest.approx(20_000 * 50 / 0.6 * 73.0, rel=0.05)
    assert usd[1] == pytest.approx(usd[0], rel=0.05)


def test_by_hand_what_a_search_does_beside_its_law_does_not_grow():
    # 10 µs where the law says 4: at most 6 are the search, the other 4 stay; over 100 times the items 600 and 4
    law = Law("flat", 64, 1, 0.0, 4.0, (1.0, 0.0), (), 100_000)
    found = over(grown(), replace(searching(), cpu_ms={"encode": 2.0, "search": 0.01}), 100_000, by(law)).measured
    assert float(np.median(found.parts_ms["search"])) == pytest.approx(0.604, rel=0.01)
    assert found.cpu_ms["search"] == pytest.approx(0.604, rel=0.01)


def test_a_clock_s_own_microseconds_do_not_grow():
    measured = replace(searching(), cpu_ms={"encode": 2.1, "search": 0.02})  # the calls themselves took 2 ms and 10 µs
    found = over(grown(), measured, 1_000_000, by(a_fit().law)).measured
    assert found.cpu_ms["search"] == pytest.approx(float(found.parts_ms["search"].mean()), rel=0.01)


def test_a_linear_law_gives_back_the_constants_that_made_its_samples():
    samples = tuple(Sample(n, 20 + 0.5 * n, n, 1_000 + 8 * n) for n in (100, 200, 400))
    law = fit_line(samples)
    assert (law.fixed_us, law.us_each) == (pytest.approx(20), pytest.approx(0.5))
    assert (law.fixed_bytes, law.bytes_each) == (pytest.approx(1_000), pytest.approx(8))
    assert law.time_us(800) == pytest.approx(420) and law.nbytes(800) == pytest.approx(7_400) and law.largest == 400


def spinning(share):
    """A part whose work is counted in turns of a loop: 40,000 of them over all 8,000 items."""
    turns = int(40_000 * share)

    def ask(i):
        return sum(range(turns))

    return Share(int(8_000 * share), int(64 * 8_000 * share), ask, 40)


def test_what_grows_in_step_predicts_all_items_from_half_of_them():
    told = []
    fit = linear_fit("spinning", spinning, progress=lambda share, text: told.append(share))
    assert [sample.n for sample in fit.fitted] == [1_000, 2_000, 4_000] and fit.held_out.n == 8_000
    assert fit.bytes_error == pytest.approx(0, abs=1e-6) and told == sorted(told)
    assert all(sample.us > 0 for sample in (*fit.fitted, fit.held_out)) and np.isfinite(fit.error)
    assert cached_linear_fit("spinning") is fit and cached_linear_fit("another") is None
    assert time_law_words(fit.law).endswith("ns × items")


def test_measuring_shares_stops_when_asked():
    with pytest.raises(Cancelled, match="before the next size"):
        linear_fit("stopped", spinning, cancelled=lambda: True)
    assert cached_linear_fit("stopped") is None


def test_with_a_fit_linear_work_is_extrapolated_by_its_line_and_not_from_nothing():
    measured = measurement(service_ms=2.0, parts_ms={"find": np.full(1_000, 2.0)})
    scaling_parts = (linear("words", 1_000, "a posting each", part="find", over=spinning),)
    law = LinearLaw(1_000.0, 1.0, 0.0, 64.0, 500)
    assert over(scaling_parts, measured, 10_000).measured.service_ms.max() == pytest.approx(20)
    assert over(scaling_parts, measured, 10_000, by(law)).measured.service_ms.max() == pytest.approx(11)
    assert linear_parts(scaling_parts, measured) == scaling_parts and linear_parts(scaling_parts, measurement()) == ()


def test_a_request_answered_from_a_store_waits_for_no_shard():
    looked_up = np.arange(1_000) % 10 < 7
    parts = {"look up": np.full(1_000, 0.01), "search": np.where(looked_up, 0.0, np.linspace(1, 2, 1_000))}
    measured = replace(searching(), parts_ms=parts, service_ms=sum(parts.values()))
    found = over(grown(), measured, 1_000_000, by(a_fit().law), 8).measured
    assert (found.parts_ms["search"][looked_up] == 0).all() and (found.parts_ms["search"][~looked_up] > 1).all()


def test_a_job_that_counts_its_work_needs_no_law():
    measured = replace(searching(), n_keys=10, refresh_s=1.0, refresh_every_h=24.0, n_items=1_000)
    scaling_parts = (linear("rows", 1_000, "each key is compared with each", in_job=True),)
    assert not over(scaling_parts, measured, 10**9).unsupported


def test_by_hand_what_a_run_of_the_job_does_once_is_not_done_for_every_key():
    once = {"train": 2.0, "index": 1.0}
    measured = replace(searching(), n_keys=10, refresh_s=8.0, refresh_once_s=once, refresh_every_h=24.0, n_items=1_000)
    scaling_parts = (linear("rows", 1_000, "a row each", bytes_each=8.0, built_by=("index",)),)
    found = project(scaling_parts, measured, at(4_000, keys=100.0), no_law, same_effort)
    assert found.measured.refresh_once_s == {"train": 2.0, "index": 4.0}
    assert found.measured.refresh_s == pytest.approx(5 * 10 + 6) and found.job == (1 / JOB_BAND, JOB_BAND)


def test_the_band_of_a_p99_has_the_interval_of_the_measured_one():
    still = over((fixed("all", "nothing grows"),), searching(), 10**6)
    alone = searching().percentiles_ms["p99"]
    assert still.p99 == (alone.low / alone.value, alone.high / alone.value) and still.work == (1.0, 1.0)


@pytest.mark.parametrize("error", [0.5, -1 / 3, -0.9])
def test_an_error_either_way_is_the_factor_that_it_is(error):
    assert band_factor(1_000, 1_000, error) == pytest.approx(max(1.15, 1 + error, 1 / (1 + error)))
