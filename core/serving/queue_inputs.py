"""What a queue is asked with, checked: times, arrivals, batches, rates and servers."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def checked_times(values: ArrayLike, name: str = "service_s") -> Floats:
    """Return times (n,) in seconds; ValueError when empty, not 1-D, negative, NaN or infinite."""
    times = np.asarray(values, dtype=float, order="C")
    if times.ndim != 1 or not times.size:
        raise ValueError(f"{name} must be a non-empty 1-D list")
    if not (np.isfinite(times) & (times >= 0)).all():
        raise ValueError(f"{name} must be finite and >= 0")
    return times


def in_order(arrivals_s: ArrayLike) -> Floats:
    """Return arrivals (n,) in seconds; ValueError where they go back in time."""
    arrivals = checked_times(arrivals_s, "arrivals_s")
    if (np.diff(arrivals) < 0).any():
        raise ValueError("arrivals_s must not go back in time")
    return arrivals


def batch_times(batch_s: ArrayLike, max_batch: int) -> Floats:
    """Return the times of batches of 1 to max_batch (max_batch,) in seconds; ValueError for a missing or zero one."""
    times = checked_times(batch_s, "batch_s")
    if not 1 <= max_batch <= len(times) or not times.all():
        raise ValueError(f"max_batch {max_batch} needs that many times above 0 in batch_s, which has {len(times)}")
    return times[:max_batch]


def positive(value: float, name: str) -> float:
    """Return value; ValueError unless it is finite and above 0."""
    if not 0 < value < np.inf:
        raise ValueError(f"{name} must be finite and above 0, got {value}")
    return float(value)


def n_servers(servers: int) -> int:
    """Return servers; ValueError below 1."""
    if servers < 1:
        raise ValueError(f"servers must be at least 1, got {servers}")
    return int(servers)
