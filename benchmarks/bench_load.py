"""Speed of the queue simulation and its error against theory: `python -m benchmarks.bench_load`."""

import time
from collections.abc import Callable

import numpy as np

from core.serving.queueing import mm1_quantile_s, mmk_mean_wait_s, simulate

N = 200_000  # as many as a search simulates
ROUNDS = 15
MEAN_S = 1e-3
SERVERS = (1, 2, 4)
UTILISATIONS = (0.3, 0.6, 0.8, 0.9)
IDLE_RATE = 1e-6  # the same seed here gives the same service times without a wait
EXACT_N, SEEDS = 2_000_000, range(5)
EXPONENTIAL_S = -MEAN_S * np.log1p(-(np.arange(100_000) + 0.5) / 100_000)  # the exponential's quantiles


def main() -> None:
    """Print both tables."""
    print(f"speed at utilisation .8, {N:,} requests, random numbers included, median of {ROUNDS} rounds")
    for servers in SERVERS:
        wall, cpu = speed(servers)
        print(f"  {servers} servers: {wall / 1e6:6.1f} M requests/s wall, {cpu / 1e6:6.1f} M/s CPU")
    print(f"error against theory, {len(SEEDS)} seeds of {EXACT_N:,} requests")
    for rho in UTILISATIONS:
        p50, p99 = quantile_errors(rho)
        waits = ", ".join(f"{wait_error(rho, k):+.2%} (k = {k})" for k in SERVERS)
        print(f"  utilisation {rho}: M/M/1 p50 {p50:+.2%}, p99 {p99:+.2%}; M/M/k mean wait {waits}")


def speed(servers: int) -> tuple[float, float]:
    """Return simulated requests a second by the wall clock and by the CPU clock, medians over the rounds."""

    def run() -> None:
        simulate(EXPONENTIAL_S, 0.8 * servers / MEAN_S, servers, N, seed=0)

    run()  # compile
    seconds = np.array([timed(run) for _ in range(ROUNDS)])
    wall, cpu = N / np.median(seconds, axis=0)
    return float(wall), float(cpu)


def timed(call: Callable[[], None]) -> tuple[float, float]:
    """Return the wall and CPU seconds of one call."""
    wall, cpu = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - wall, time.process_time() - cpu


def quantile_errors(rho: float) -> list[float]:
    """Return the relative error of the simulated M/M/1 p50 and p99."""
    rate = rho / MEAN_S
    response = np.concatenate([simulate(EXPONENTIAL_S, rate, 1, EXACT_N, seed) for seed in SEEDS])
    return [float(np.quantile(response, q)) / mm1_quantile_s(rate, MEAN_S, q) - 1 for q in (0.5, 0.99)]


def wait_error(rho: float, servers: int) -> float:
    """Return the relative error of the simulated mean wait against Erlang's C."""
    rate = rho * servers / MEAN_S
    busy, idle = (
        np.mean([simulate(EXPONENTIAL_S, at, servers, EXACT_N, seed) for seed in SEEDS]) for at in (rate, IDLE_RATE)
    )
    return float(busy - idle) / mmk_mean_wait_s(rate, MEAN_S, servers) - 1


if __name__ == "__main__":
    main()
