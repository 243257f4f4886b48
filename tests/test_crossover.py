"""The size from which an index pays, over made and over measured points; and what memory allows."""

from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.analysis.crossover import (
    Crossover,
    Point,
    cached_crossover,
    crossover_for,
    find_crossover,
    least_effort,
    memory_fits,
    most_items,
)
from core.metrics import recall_at_k
from core.metrics.maths import unit
from core.scaling import Cancelled, index_bytes
from core.stages.index import INDEXES, build_index, exact_neighbours, search

GIB = 2**30


def point(n, flat_us, other_us):
    return Point(n, flat_us, other_us, float(n), 10.0, 8 if other_us < inf else 0, 0.97)


def found(*points):
    return Crossover("ivf_flat", 64, 0.95, tuple(points))


def test_the_crossover_lies_between_the_last_win_of_flat_and_the_first_lasting_one_of_the_index():
    crossing = found(point(128, 1, 3), point(256, 3, 2.9), point(512, 3, 4), point(1_024, 6, 5), point(2_048, 9, 6))
    assert (crossing.last_flat, crossing.first_index) == (512, 1_024)


def test_flat_that_never_loses_and_flat_that_never_wins():
    always, never = found(point(128, 1, 3), point(256, 2, inf)), found(point(128, 3, 1), point(256, 5, 2))
    assert (always.last_flat, always.first_index) == (256, 0)
    assert (never.last_flat, never.first_index) == (0, 128)


def test_runs_bracket_the_crossing_and_every_index_reaches_the_floor():
    told = []
    crossing = find_crossover("ivf_flat", 32, 0, 0.9, progress=lambda share, text: told.append(share), most=8_192)
    sizes = [each.n for each in crossing.points]
    assert sizes == sorted(set(sizes)) and told[-1] <= 1
    assert all(each.recall >= 0.9 and each.effort for each in crossing.points)
    assert all(each.flat_distances == each.n for each in crossing.points)
    if crossing.last_flat and crossing.first_index:
        assert crossing.last_flat < crossing.first_index


def test_codes_that_never_reach_the_floor_never_win():
    crossing = find_crossover("binary", 16, 0, 1.0, most=512)
    assert crossing.first_index == 0 and all(each.flat_wins for each in crossing.points)
    assert all(each.effort == 0 and each.approximate_us == inf for each in crossing.points)


def test_what_was_found_is_remembered():
    assert cached_crossover("sq8", 8, 5, 0.5) is None
    crossing = crossover_for("sq8", 8, 5, 0.5)
    assert cached_crossover("sq8", 8, 5, 0.5) is crossing


def test_it_stops_when_asked():
    with pytest.raises(Cancelled):
        find_crossover("hnsw", 16, 0, 0.9, cancelled=lambda: True)


@pytest.mark.parametrize(("kind", "floor"), [("flat", 0.9), ("tree", 0.9)])
def test_only_an_approximate_index_has_a_crossover(kind, floor):
    with pytest.raises(ValueError, match="not an approximate index"):
        find_crossover(kind, 16, 0, floor)


@pytest.mark.parametrize("floor", [0, 1.1, -1, float("nan")])
def test_a_recall_that_is_no_share_is_refused(floor):
    with pytest.raises(ValueError, match="above 0 and at most 1"):
        find_crossover("hnsw", 16, 0, floor)


@given(st.sampled_from(sorted(INDEXES)), st.sampled_from((16, 64)), st.integers(10**5, 10**12))
@settings(max_examples=60, deadline=None)
def test_as_many_fit_as_the_bytes_law_allows(kind, dim, room):
    most = most_items(kind, dim, room)
    assert index_bytes(kind, most, dim) <= room < index_bytes(kind, most + 1, dim)


def test_memory_by_hand():
    fits = {fit.kind: fit for fit in memory_fits(64, 10**9, 64 * GIB, 1.0)}
    assert fits["flat"].bytes_each == 256 and fits["flat"].most_items == 64 * GIB // 256
    assert fits["flat"].machines == 4  # 256 GB in machines of 68.7 GB
    assert fits["binary"].machines == 1 and next(iter(fits)) == "hnsw"


@pytest.mark.parametrize(
    ("items", "machine", "headroom"), [(0, GIB, 1.2), (float("nan"), GIB, 1.2), (10, 0, 1.2), (10, GIB, 0), (inf, 1, 1)]
)
def test_memory_without_items_or_a_machine_is_refused(items, machine, headroom):
    with pytest.raises(ValueError, match="must be at least 1"):
        memory_fits(64, items, machine, headroom)


def test_recall_of_the_crossover_counts_equal_vectors_whichever_is_found():
    rng = np.random.default_rng(0)
    once, queries = (unit(rng.standard_normal((n, 32))).astype(np.float32) for n in (200, 100))
    vectors = np.repeat(once, 20, axis=0)
    effort, recall, _ = least_effort(build_index(vectors, kind="ivf_flat", seed=0), vectors, queries, 1.0)
    assert effort and recall == 1.0
    graph = build_index(vectors, kind="hnsw", seed=0)
    by_id = recall_at_k(search(graph, queries, k=10, effort=128).ids, exact_neighbours(vectors, queries, 10), 10).mean()
    assert least_effort(graph, vectors, queries, 1.0)[1] > by_id + 0.2  # of 20 equal vectors any 10 are right
