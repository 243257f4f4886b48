"""The queue against traces worked out by hand, queueing theory, and what must be true of any queue."""

import builtins
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.serving import queueing
from core.serving.queueing import (
    batch_capacity,
    mm1_quantile_s,
    mmk_mean_wait_s,
    one_server,
    quantile,
    replay,
    served_by_fewest,
    simulate,
    simulate_batched,
    utilisation,
)

steady = settings(deadline=None, derandomize=True, max_examples=60)  # no wall clock decides a test
SERVICE_S = np.random.default_rng(0).lognormal(-6.0, 0.7, 2000)  # about 3 ms, as unequal as real searches
EXPONENTIAL_S = -1e-3 * np.log1p(-(np.arange(100_000) + 0.5) / 100_000)  # the exponential's quantiles, mean 1 ms
BATCH_S = 1e-3 * (2.0 + 0.5 * np.arange(1, 33))  # 2 ms a batch and half a millisecond a request
traces = st.lists(st.tuples(st.floats(0, 5), st.floats(0, 20)), min_size=1, max_size=30)


def p99(response_s: np.ndarray) -> float:
    return float(np.quantile(response_s, 0.99))


def fewest_servers(service_s, *limits, seed: int) -> int | None:
    """How many there are; the response times that come with them are those of a simulation of as many."""
    found = served_by_fewest(service_s, *limits, seed)
    if found is None:
        return None
    servers, responses_s = found
    if servers < 1_000:
        assert (responses_s == simulate(service_s, limits[0], servers, len(responses_s), seed)).all()
    return servers


def by_definition(arrivals: np.ndarray, service: np.ndarray, servers: int) -> list[float]:
    """Each request in turn takes the server that is free first."""
    free, response = [0.0] * servers, []
    for arrival, needed in zip(arrivals, service, strict=True):
        done = max(arrival, free[0]) + needed
        free = sorted([*free[1:], done])
        response.append(done - arrival)
    return response


# By hand


def test_by_hand_one_server():
    assert replay([0, 1, 2, 10], [3, 1, 1, 2], servers=1).tolist() == [3, 3, 3, 2]


def test_by_hand_two_servers():
    assert replay([0, 1, 2, 2], [5, 4, 1, 2], servers=2).tolist() == [5, 4, 4, 5]


def test_by_hand_batches(monkeypatch):
    monkeypatch.setattr(queueing, "_draw", lambda service, n, seed: (np.array([1.0, 2.0, 2.5, 7.5, 8.5]), None))
    # Two wait at 2: served until 6. The third has waited enough: 6 to 9.
    # The fourth would wait until 8.5, when the fifth makes the batch full; the server is free at 9: 9 to 13.
    response = simulate_batched([3.0, 4.0], 1.0, max_batch=2, max_wait_s=1.0, n=5, seed=0)
    assert response.tolist() == [5.0, 4.0, 6.5, 5.5, 4.5]


def test_by_hand_the_last_batch_leaves_when_it_is_full(monkeypatch):
    monkeypatch.setattr(queueing, "_draw", lambda service, n, seed: (np.array([1.0, 3.0]), None))
    assert simulate_batched([3.0, 4.0], 1.0, max_batch=2, max_wait_s=10.0, n=2, seed=0).tolist() == [6.0, 4.0]


def test_theory_by_hand():
    assert mm1_quantile_s(1.0, 0.5, 0.5) == pytest.approx(np.log(2))  # mu - lambda = 1
    assert mmk_mean_wait_s(1.0, 0.5, 1) == pytest.approx(0.5)  # M/M/1: rho / (mu - lambda)
    assert mmk_mean_wait_s(1.0, 1.0, 2) == pytest.approx(1 / 3)  # two servers, half busy: C = 1/3, k mu - lambda = 1
    assert mmk_mean_wait_s(9_000.0, 1.0, 10_000) == pytest.approx(0.0, abs=1e-9)
    assert mm1_quantile_s(2.0, 0.5, 0.5) == mmk_mean_wait_s(2.0, 0.5, 1) == float("inf")


# Against theory


@pytest.mark.parametrize(("rho", "n"), [(0.3, 300_000), (0.6, 500_000), (0.8, 1_000_000), (0.9, 2_000_000)])
def test_one_server_gives_the_response_times_of_mm1(rho, n):
    response = np.concatenate([simulate(EXPONENTIAL_S, 1e3 * rho, 1, n, seed) for seed in range(3)])
    for q in (0.5, 0.99):
        assert np.quantile(response, q) == pytest.approx(mm1_quantile_s(1e3 * rho, 1e-3, q), rel=0.02)


@pytest.mark.parametrize("servers", [1, 2, 4, 16])
@pytest.mark.parametrize(("rho", "n"), [(0.8, 500_000), (0.9, 1_000_000)])
def test_the_mean_wait_is_that_of_erlang_c(servers, rho, n):
    rate = 1e3 * rho * servers
    busy, idle = (
        np.mean([simulate(EXPONENTIAL_S, at, servers, n, seed) for seed in range(3)]) for at in (rate, 1e-6)
    )  # the same service times without a wait
    assert busy - idle == pytest.approx(mmk_mean_wait_s(rate, 1e-3, servers), rel=0.02)


def test_unequal_service_times_wait_as_pollaczek_and_khinchine_say():
    rate = 0.7 / SERVICE_S.mean()
    wait = rate * np.mean(SERVICE_S**2) / 2 / (1 - 0.7)
    assert simulate(SERVICE_S, rate, 1, 3_000_000, 0).mean() == pytest.approx(SERVICE_S.mean() + wait, rel=0.02)


# The distribution for one server


def test_by_hand_the_mean_of_one_server_is_that_of_pollaczek_and_khinchine():
    """Service of 1 s, half busy: wait rho / 2 / (1 - rho) = 0.5 s, and half of the requests do not wait at all."""
    times = one_server([1.0], 0.5)
    grid_s = np.arange(len(times.probability)) * times.step_s
    assert times.probability @ grid_s == pytest.approx(1.5)
    assert times.share_within(1.0 + 2 * times.step_s) == pytest.approx(0.5, abs=1e-3)
    assert times.share_within(0.9) == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("rho", [0.05, 0.5, 0.9, 0.99])
def test_one_server_has_the_quantiles_of_mm1(rho):
    even = -1e-3 * np.log1p(-(np.arange(100_000) + 0.5) / 100_000)
    times = one_server(even, 1e3 * rho)
    for q in (0.5, 0.99, 0.999):
        assert times.quantile_s(q) == pytest.approx(mm1_quantile_s(1e3 * rho, 1e-3, q), rel=2e-3)
        assert times.share_within(times.quantile_s(q)) == pytest.approx(q)


def test_one_server_agrees_with_a_long_simulation_of_uneven_times():
    rate = 0.7 / SERVICE_S.mean()
    simulated, times = simulate(SERVICE_S, rate, 1, 2_000_000, 0), one_server(SERVICE_S, rate)
    for q in (0.5, 0.9, 0.99):
        assert times.quantile_s(q) == pytest.approx(np.quantile(simulated, q), rel=0.02)


# The loops


@steady
@given(traces, st.integers(1, 9))
def test_a_trace_is_served_first_come_first_served(trace, servers):
    gaps, service = np.array(trace).T
    arrivals = np.cumsum(gaps)
    assert replay(arrivals, service, servers) == pytest.approx(by_definition(arrivals, service, servers))


@steady
@given(traces, st.integers(1, 8))
def test_one_more_server_never_delays_a_request(trace, servers):
    gaps, service = np.array(trace).T
    fewer, more = (replay(np.cumsum(gaps), service, k) for k in (servers, servers + 1))
    assert (more <= fewer + 1e-9).all()


@pytest.mark.parametrize("servers", [1, 2, 5])
def test_idle_servers_answer_in_the_service_time(servers):
    response = simulate(SERVICE_S, 1e-6, servers, 1000, seed=0)
    assert np.isin(response, SERVICE_S).all()
    assert response.shape == (1000,)


def test_the_same_seed_repeats_and_another_differs():
    one, again, other = (simulate(SERVICE_S, 200.0, 2, 1000, seed) for seed in (0, 0, 1))
    assert (one == again).all()
    assert (one != other).any()


def test_a_read_only_trace_is_accepted():
    arrivals, service = np.arange(5.0), np.ones(5)
    for array in (arrivals, service):
        array.flags.writeable = False
    assert replay(arrivals, service, 2).tolist() == [1.0] * 5


def test_every_request_waits_at_least_as_long_at_a_higher_rate():
    slow, fast = (simulate(SERVICE_S, rate, 3, 20_000, seed=0) for rate in (500.0, 900.0))
    assert (slow <= fast + 1e-9).all()


def test_above_capacity_the_wait_grows_with_every_request():
    rate = 1.5 / SERVICE_S.mean()
    assert utilisation(SERVICE_S, rate, 1) > 1
    response = simulate(SERVICE_S, rate, 1, 40_000, seed=0)
    assert response[30_000:].mean() > 2 * response[:10_000].mean()
    assert utilisation(SERVICE_S, rate, 2) == pytest.approx(0.75)


# Capacity


def test_a_bound_below_the_service_time_has_no_number_of_servers():
    assert fewest_servers(SERVICE_S, 10.0, 0.5 * p99(SERVICE_S), 0.8, seed=0) is None


def test_a_bound_of_exactly_the_idle_p99_is_met_when_hardly_anybody_waits():
    assert fewest_servers([0.01], 1000.0, 0.01, 0.9, seed=0) == 19  # Poisson with mean 10 is below 19 in 99 % of cases
    assert fewest_servers([1.0], 1e12, 1.0, 0.5, seed=0) == 2 * 10**12


def test_a_loose_bound_leaves_capacity_as_the_limit():
    assert fewest_servers([0.01], 650.0, 1e6, 0.5, seed=0) == 13  # 6.5 servers' worth of work at half use


def test_the_servers_meet_the_bound_and_one_fewer_does_not():
    rate, bound = 2000.0, 1.3 * p99(SERVICE_S)
    servers = fewest_servers(SERVICE_S, rate, bound, 0.99, seed=0)
    assert p99(simulate(SERVICE_S, rate, servers, queueing.N_SEARCH, seed=0)) <= bound
    assert p99(simulate(SERVICE_S, rate, servers - 1, queueing.N_SEARCH, seed=0)) > bound
    assert utilisation(SERVICE_S, rate, servers - 1) < 0.99  # so the bound decided, not the utilisation


def test_a_higher_rate_never_needs_fewer_servers():
    needed = [fewest_servers(SERVICE_S, rate, 1.2 * p99(SERVICE_S), 0.8, seed=0) for rate in np.geomspace(10, 1e4, 12)]
    assert needed == sorted(needed)
    assert needed[0] >= 1


# Batches


def test_at_low_traffic_every_request_pays_the_full_delay():
    response = simulate_batched(BATCH_S, 0.01, 32, 0.010, 1000, seed=0)
    assert response == pytest.approx(0.010 + BATCH_S[0])


def test_a_batch_of_one_without_delay_is_a_plain_queue():
    batched = simulate_batched([2e-3], 400.0, 1, 0.0, 5000, seed=3)
    assert batched == pytest.approx(simulate([2e-3], 400.0, 1, 5000, seed=3))


def test_no_request_is_answered_before_its_own_service():
    response = simulate_batched(BATCH_S, 3000.0, 32, 0.005, 20_000, seed=0)
    assert response.min() >= BATCH_S[0]


def test_a_larger_batch_carries_traffic_that_a_small_one_cannot():
    capacities = [batch_capacity(BATCH_S, most) for most in (1, 2, 4, 8, 16, 32)]
    assert capacities == sorted(capacities)
    assert capacities[0] == pytest.approx(400.0)
    small, large = (simulate_batched(BATCH_S, 1200.0, most, 0.002, 20_000, seed=0) for most in (2, 32))
    assert small[-1] > 1.0 > 0.1 > large.max()


@pytest.mark.parametrize("most", [1, 4, 16])
def test_batches_below_capacity_settle_and_above_it_do_not(most):
    capacity = batch_capacity(BATCH_S, most)
    below, above = (simulate_batched(BATCH_S, capacity * by, most, 0.002, 40_000, seed=0) for by in (0.9, 1.1))
    assert below[-10_000:].mean() < 10 * BATCH_S[most - 1]
    assert above[-10_000:].mean() > 10 * BATCH_S[most - 1]


def test_waiting_for_company_costs_latency_at_low_traffic():
    means = [simulate_batched(BATCH_S, 50.0, 8, delay, 20_000, seed=0).mean() for delay in (0.0, 0.005, 0.02)]
    assert means == sorted(means)
    assert means[2] > means[0] + 0.01


# Bad input


@pytest.mark.parametrize("service", [[], [[1.0]], 1.0, [1.0, float("nan")], [-1.0], [float("inf")]])
def test_impossible_service_times_are_refused(service):
    calls = (
        lambda: simulate(service, 1.0, 1, 10, 0),
        lambda: fewest_servers(service, 1.0, 1.0, 0.8, seed=0),
        lambda: utilisation(service, 1.0, 1),
        lambda: replay([0.0], service, 1),
        lambda: simulate_batched(service, 1.0, 1, 0.0, 10, 0),
    )
    for call in calls:
        with pytest.raises(ValueError, match="must be"):
            call()


@pytest.mark.parametrize("rate", [0, -1.0, float("nan"), float("inf")])
def test_impossible_rates_are_refused(rate):
    calls = (
        lambda: simulate([1.0], rate, 1, 10, 0),
        lambda: simulate_batched([1.0], rate, 1, 0.0, 10, 0),
        lambda: fewest_servers([1.0], rate, 2.0, 0.8, seed=0),
        lambda: utilisation([1.0], rate, 1),
        lambda: mm1_quantile_s(rate, 1.0, 0.5),
        lambda: mmk_mean_wait_s(rate, 1.0, 1),
    )
    for call in calls:
        with pytest.raises(ValueError, match="rate_per_s must be"):
            call()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: simulate([1.0], 1.0, 0, 10, 0), "servers must be"),
        (lambda: simulate([1.0], 1.0, 1, 0, 0), "n must be"),
        (lambda: simulate_batched([1.0], 1.0, 1, 0.0, 0, 0), "n must be"),
        (lambda: simulate_batched([1.0], 1.0, 1, -1.0, 10, 0), "max_wait_s must be"),
        (lambda: simulate_batched([1.0], 1.0, 1, float("nan"), 10, 0), "max_wait_s must be"),
        (lambda: simulate_batched([1.0], 1.0, 2, 0.0, 10, 0), "max_batch 2 needs"),
        (lambda: simulate_batched([1.0], 1.0, 0, 0.0, 10, 0), "max_batch 0 needs"),
        (lambda: batch_capacity([1.0, 0.0], 1), "max_batch 1 needs"),
        (lambda: replay([0.0, 1.0], [1.0], 1), "one service time"),
        (lambda: replay([1.0, 0.0], [1.0, 1.0], 1), "back in time"),
        (lambda: replay([0.0], [1.0], 0), "servers must be"),
        (lambda: one_server([1.0], 1.0), "utilisation must be"),
        (lambda: fewest_servers([1.0], 1.0, -1.0, 0.8, seed=0), "p99_bound_s must be"),
        (lambda: fewest_servers([1.0], 1.0, 2.0, 1.0, seed=0), "max_utilisation must be"),
        (lambda: mm1_quantile_s(1.0, 0.5, 99), "between 0 and 1"),
    ],
)
def test_impossible_arguments_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# Compiling


@pytest.fixture
def fresh_compiler():
    queueing._compiled.cache_clear()
    yield
    queueing._compiled.cache_clear()


def outcomes() -> list[list[float]]:
    queue = simulate(SERVICE_S, 700.0, 3, 2000, seed=0)
    return [queue.tolist(), simulate_batched(BATCH_S, 1500.0, 8, 0.003, 2000, seed=0).tolist()]


@pytest.mark.usefixtures("fresh_compiler")
def test_without_numba_the_answers_are_the_same(monkeypatch):
    expected, real = outcomes(), builtins.__import__

    def no_numba(name, *args, **kwargs):
        if name == "numba":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    queueing._compiled.cache_clear()
    monkeypatch.setattr(builtins, "__import__", no_numba)
    assert outcomes() == expected
    assert queueing._compiled(queueing._queue_loop) is queueing._queue_loop


@pytest.mark.usefixtures("fresh_compiler")
def test_a_cache_folder_that_cannot_be_written_is_done_without(monkeypatch):
    import numba

    real, asked = numba.njit, []

    def read_only(*args, cache=False, **kwargs):
        asked.append(cache)
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return real(*args, **kwargs)

    monkeypatch.setattr(numba, "njit", read_only)
    assert replay([0, 1, 2, 2], [5, 4, 1, 2], servers=2).tolist() == [5, 4, 4, 5]
    assert asked == [True, False]


def test_importing_the_module_loads_neither_numba_nor_scipy():
    modules = "core.serving.queueing, core.metrics, core.metrics.pareto"
    code = f"import sys, {modules}; print({{'numba', 'scipy', 'sklearn'}} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"


@given(
    st.integers(0, 10_000), st.sampled_from((0.9, 0.95, 0.987, 0.99, 0.999)), st.sampled_from(("even", "tail", "ties"))
)
@steady
def test_the_quick_quantile_is_numpys_to_the_last_bit(n, q, shape):
    rng = np.random.default_rng(n)
    values = {
        "even": lambda: rng.random(n + 1),
        "tail": lambda: rng.lognormal(0, 3, n + 1),
        "ties": lambda: rng.integers(0, 3, n + 1).astype(float),
    }[shape]()
    assert quantile(values, q) == np.quantile(values, q)


def test_the_quick_quantile_is_right_where_the_part_it_looks_at_first_misleads():
    values = np.zeros(20_000)
    values[1:200] = 5.0  # almost none of them among every twentieth
    values[::20] = 9.0
    for q in (0.9, 0.94, 0.95, 0.96, 0.99):
        assert quantile(values, q) == np.quantile(values, q)


def test_no_fewer_servers_than_the_least():
    asked = (np.full(100, 0.01), 10.0, 0.1, 0.6, 0, 20_000, 0.99)
    assert [served_by_fewest(*asked, least=least)[0] for least in (1, 3)] == [1, 3]
