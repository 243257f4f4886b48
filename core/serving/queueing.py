"""What measured service times become under load: open-loop queues, simulated.

Open loop: requests arrive at random (Poisson) whether or not earlier ones are done, and a response time counts from the
arrival, so a stall shows in every request behind it. A queue starts empty. Above capacity it still simulates, but the
answer then grows with n: check that `utilisation` is below 1. One server is a numpy formula; more servers and batches
are loops that numba compiles on first use.
"""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from math import ceil, log

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.serving.queue_inputs import Floats, batch_times, checked_times, in_order, n_servers, positive

N_SEARCH = 200_000  # requests a search simulates at each load: p99 within about 10 % at utilisation .8
GRID = 2**15  # points of a distribution
TAIL = 25.0  # the span of a distribution, in mean residual times / (1 - utilisation)


def simulate(service_s: ArrayLike, rate_per_s: float, servers: int, n: int, seed: int) -> Floats:
    """Return n response times (n,) in seconds, in order of arrival: Poisson arrivals, first come first served.

    Each service time is drawn with replacement from `service_s`. The same seed at another rate or number of servers
    draws the same numbers, so that two loads differ by the load alone. ValueError on impossible arguments.
    """
    arrivals, drawn = _draw(checked_times(service_s), n, seed)
    return _respond(arrivals / positive(rate_per_s, "rate_per_s"), drawn, n_servers(servers))


def replay(arrivals_s: ArrayLike, service_s: ArrayLike, servers: int) -> Floats:
    """Return the response times (n,) in seconds of a recorded trace with one service time per request."""
    arrivals, service = in_order(arrivals_s), checked_times(service_s)
    if len(arrivals) != len(service):
        raise ValueError(f"a trace needs one service time an arrival: got {len(service)} and {len(arrivals)}")
    return _respond(arrivals, service, n_servers(servers))


def replay_batched(arrivals_s: ArrayLike, batch_s: ArrayLike, max_batch: int, max_wait_s: float) -> Floats:
    """Return the response times (n,) in seconds of a recorded trace on one server of batches, as `simulate_batched`."""
    times, arrivals = batch_times(batch_s, max_batch), in_order(arrivals_s)
    if not 0 <= max_wait_s < np.inf:
        raise ValueError(f"max_wait_s must be finite and >= 0, got {max_wait_s}")
    return _compiled(_batch_loop)(arrivals, times, float(max_wait_s))


def simulate_batched(
    batch_s: ArrayLike, rate_per_s: float, max_batch: int, max_wait_s: float, n: int, seed: int
) -> Floats:
    """Return n response times (n,) in seconds of one server that serves up to `max_batch` waiting requests at once.

    `batch_s[b - 1]` is the time to serve b together. A batch starts when the server is free and either `max_batch` are
    waiting or the oldest has waited `max_wait_s`.
    """
    arrivals, _ = _draw(np.zeros(1), n, seed)
    return replay_batched(arrivals / positive(rate_per_s, "rate_per_s"), batch_s, max_batch, max_wait_s)


@dataclass(frozen=True)
class ResponseTimes:
    """The distribution of a response time: the probability (n,) of each multiple of `step_s`."""

    probability: Floats
    step_s: float

    def quantile_s(self, q: float) -> float:
        """The q quantile in seconds, the probability of a point spread over the step before it."""
        return float(np.interp(q, np.cumsum(self.probability), np.arange(len(self.probability)))) * self.step_s

    def share_within(self, bound_s: float) -> float:
        """The share of requests answered within a time."""
        return float(np.interp(bound_s / self.step_s, np.arange(len(self.probability)), np.cumsum(self.probability)))


def one_server(service_s: ArrayLike, rate_per_s: float) -> ResponseTimes:
    """Return the steady response time of M/G/1: any service times, one server, Poisson arrivals, no start to forget.

    Pollaczek and Khinchine: the wait is a geometric number of residual service times, whose transform is
    (1 - rho) / (1 - rho R) (Kleinrock 1975, section 5.7); inverted on a grid. ValueError when the queue is not stable.
    """
    service = checked_times(service_s)
    mean, rho = service.mean(), utilisation(service, rate_per_s, 1)
    if not 0 < rho < 1:
        raise ValueError(f"the utilisation must be above 0 and below 1, got {rho}")
    residual = (service**2).mean() / (2 * mean)
    step = (2 * service.max() + TAIL * residual / (1 - rho)) / GRID  # beyond it lies less than exp(-TAIL)
    drawn = _on_grid(service / step, np.full(len(service), 1 / len(service)))
    at_least = 1 - np.cumsum(drawn)  # the density of the residual time between two points, × mean / step
    rest = at_least / at_least.sum()
    half = (rest + np.concatenate([[0.0], rest[:-1]])) / 2  # the middle of a step is half at either end
    waits = (1 - rho) / (1 - rho * np.fft.rfft(half))
    return ResponseTimes(np.fft.irfft(waits * np.fft.rfft(drawn), GRID), step)


def _on_grid(at: Floats, weight: Floats) -> Floats:
    """Weights (n,) at points that lie between whole numbers, shared by the two so that the mean stays; (GRID,)."""
    below = at.astype(np.int64)
    above = at - below
    low, high = (np.bincount(below + i, weight * part, GRID) for i, part in ((0, 1 - above), (1, above)))
    return low + high


def served_by_fewest(
    service_s: ArrayLike, rate_per_s: float, bound_s: float, max_utilisation: float, seed: int, n: int = N_SEARCH,
    q: float = 0.99, least: int = 1,
) -> tuple[int, Floats] | None:  # fmt: skip
    """Return the fewest servers (at least `least`) within both limits, and the response times (n,) in s they give.

    The limits hold for n simulated requests; shared random numbers mean that a higher rate never needs fewer servers.
    None when a request that never waits misses the bound.
    """
    if not 0 < max_utilisation < 1:
        raise ValueError(f"max_utilisation must be above 0 and below 1, where queues grow; got {max_utilisation}")
    at_one_a_second, drawn = _draw(checked_times(service_s), n, seed)
    bound, arrivals = positive(bound_s, "p99_bound_s"), at_one_a_second / positive(rate_per_s, "rate_per_s")
    if drawn.max() > bound and quantile(drawn, q) > bound:  # the first test alone usually decides
        return None

    @cache
    def responses_s(servers: int) -> Floats:
        return _respond(arrivals, drawn, servers)

    @cache
    def quantile_s(servers: int) -> float:
        return quantile(responses_s(servers), q)

    fewest = most = max(least, ceil(utilisation(service_s, rate_per_s, 1) / max_utilisation - 1e-9))
    while quantile_s(most) > bound:
        fewest, most = most + 1, 2 * most
    servers = fewest + bisect_left(range(fewest, most), True, key=lambda k: quantile_s(k) <= bound)
    return servers, responses_s(servers)


def utilisation(service_s: ArrayLike, rate_per_s: float, servers: int) -> float:
    """Return the share of time a server is busy, rate × mean service / servers; 1 or more is overload."""
    return float(positive(rate_per_s, "rate_per_s") * checked_times(service_s).mean() / n_servers(servers))


def batch_capacity(batch_s: ArrayLike, max_batch: int) -> float:
    """Return the rate, requests per second, of a server that is always busy with full batches."""
    return float(max_batch / batch_times(batch_s, max_batch)[-1])


def mm1_quantile_s(rate_per_s: float, mean_service_s: float, q: float) -> float:
    """Return the q quantile of the M/M/1 response time, -ln(1 - q) / (mu - lambda) (Kleinrock 1975, chapter 5).

    inf when the queue is not stable.
    """
    if not 0 < q < 1:
        raise ValueError(f"q must be between 0 and 1, got {q}")
    spare = 1 / positive(mean_service_s, "mean_service_s") - positive(rate_per_s, "rate_per_s")
    return -log(1 - q) / spare if spare > 0 else float("inf")


def mmk_mean_wait_s(rate_per_s: float, mean_service_s: float, servers: int) -> float:
    """Return the mean M/M/k wait, C / (k mu - lambda), C being Erlang's C formula (Kleinrock 1975, section 3.5).

    C comes from Erlang's B, whose recursion stays in range for thousands of servers. inf when the queue is not stable.
    """
    offered = positive(rate_per_s, "rate_per_s") * positive(mean_service_s, "mean_service_s")
    if offered >= n_servers(servers):
        return float("inf")
    blocked = 1.0  # Erlang's B with no servers
    for k in range(1, servers + 1):
        blocked = offered * blocked / (k + offered * blocked)
    waits = blocked / (1 - offered / servers * (1 - blocked))  # Erlang's C: the probability of a wait
    return waits * mean_service_s / (servers - offered)


def quantile(values: Floats, q: float) -> float:
    """Return the exact `np.quantile` of values (n,), faster for high q of many values.

    Only the top is sorted: the values above a bound that a twentieth of them places slightly below the quantile.
    """
    n, step = len(values), 20
    at = q * (n - 1)
    from_top = n - int(at)  # values from the order statistic below the quantile upward
    if not 0.9 <= q < 1 or n < 50 * step:
        return float(np.quantile(values, q))
    some = np.sort(values[::step])
    top = values[values >= some[int(len(some) * (q - 0.03))]]
    if len(top) < from_top:
        return float(np.quantile(values, q))
    top.sort()
    low, high, share = top[-from_top], top[min(-1, 1 - from_top)], at - int(at)
    return float(low + (high - low) * share if share < 0.5 else high - (high - low) * (1 - share))


def _draw(service: Floats, n: int, seed: int) -> tuple[Floats, Floats]:
    """Return n arrivals at one a second and n service times; both (n,) in seconds."""
    if n < 1:
        raise ValueError(f"n must be at least 1, got {n}")
    arrivals, picked = _random(n, len(service), seed)
    return arrivals, service[picked]


@lru_cache(maxsize=8)
def _random(n: int, of: int, seed: int) -> tuple[Floats, NDArray[np.int64]]:
    """Standard arrivals and row draws, cached so that all designs and loads share them."""
    rng = np.random.default_rng(seed)
    drawn = np.cumsum(rng.standard_exponential(n)), rng.integers(0, of, n)
    for numbers in drawn:
        numbers.flags.writeable = False
    return drawn


def _respond(arrivals: Floats, service: Floats, servers: int) -> Floats:
    """Return the response times of requests in order of arrival, all arrays (n,) in seconds."""
    if servers == 1:
        return _one_server(arrivals, service)
    return _compiled(_queue_loop)(
        arrivals, service, min(servers, len(arrivals))
    )  # more servers than requests stay idle


def _one_server(arrivals: Floats, service: Floats) -> Floats:
    """Compute departure = max(arrival, previous departure) + service (Lindley 1952) by running sum and maximum."""
    ahead = arrivals - (np.cumsum(service) - service)  # arrival minus all the work before it
    return np.maximum.accumulate(ahead) - ahead + service  # the wait is exactly 0 at an idle server


def _queue_loop(arrivals: Floats, service: Floats, servers: int) -> Floats:
    """Give each request the first free server (Kiefer & Wolfowitz 1955); `free` is a heap of free times."""
    free = np.zeros(servers)
    response = np.empty(len(arrivals))
    for i in range(len(arrivals)):
        response[i] = max(free[0] - arrivals[i], 0.0) + service[i]
        done = arrivals[i] + response[i]
        at, child = 0, 1
        while child < servers:
            if child + 1 < servers and free[child + 1] < free[child]:
                child += 1
            if free[child] >= done:
                break
            free[at] = free[child]
            at, child = child, 2 * child + 1
        free[at] = done
    return response


def _batch_loop(arrivals: Floats, batch_s: Floats, max_wait_s: float) -> Floats:
    """Serve up to len(batch_s) requests together once that many wait or the oldest has waited long enough."""
    n, most, free = len(arrivals), len(batch_s), 0.0
    response = np.empty(n)
    first = 0
    while first < n:
        start = arrivals[first] + max_wait_s
        if first + most <= n:
            start = min(start, arrivals[first + most - 1])
        start = max(start, free)
        last = first + 1
        while last < n and last - first < most and arrivals[last] <= start:
            last += 1
        free = start + batch_s[last - first - 1]
        response[first:last] = free - arrivals[first:last]
        first = last
    return response


@cache
def _compiled(loop: Callable[..., Floats]) -> Callable[..., Floats]:
    """Compile a loop with numba, cached on disk where possible; without numba it runs as slow Python."""
    try:
        import numba  # 0.5 s, which pages without a queue save
    except ImportError:
        return loop
    times = numba.types.Array(numba.types.float64, 1, "C", readonly=True)
    last = numba.types.int64 if loop is _queue_loop else numba.types.float64
    signature = numba.types.Array(numba.types.float64, 1, "C")(times, times, last)
    try:
        return numba.njit(signature, nogil=True, cache=True)(loop)
    except (RuntimeError, OSError):  # no folder for the cache
        return numba.njit(signature, nogil=True)(loop)
