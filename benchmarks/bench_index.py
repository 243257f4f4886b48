"""Our indexes beside numpy, the memory and other libraries, in one run: `python -m benchmarks.bench_index [part …]`.

Parts: scan, peers, crossover, build (all without a name). One thread; contenders take turns in rounds, a ratio is the
median over the rounds. A library that is not installed is skipped by name.
"""

import os
import sys
import time
from collections.abc import Callable
from importlib import import_module, metadata

import numpy as np
from threadpoolctl import threadpool_limits

from core.stages.index import INDEXES, build_index, exact_neighbours, n_lists, searcher, train_coarse

K, N_QUERIES, ROUNDS, GOAL, SEED = 10, 500, 9, 0.95, 0
EFFORT_GRID = (*range(2, 17), 18, 20, 22, 24, 28, 32, 40, 48, 64, 96, 128, 192, 256, 384, 512)
DEFAULT = "ivf_flat"

Ask = Callable[[np.ndarray], np.ndarray]  # one query (d,) to ids (K,)
Contender = Callable[[int], Ask]  # an effort to what answers with it


def clustered(n: int, d: int, seed: int = SEED) -> np.ndarray:
    """Unit vectors (n, d) float32: 1,000 clusters of Zipf sizes in 24 intrinsic dimensions, and a little noise."""
    rng = np.random.default_rng(seed)
    weights = 1 / np.arange(1, 1001)
    clusters = rng.choice(1000, n, p=weights / weights.sum())
    inner = rng.standard_normal((1000, 24))[clusters] + 0.5 * rng.standard_normal((n, 24))
    vectors = inner @ rng.standard_normal((24, d)) + 0.05 * rng.standard_normal((n, d))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def split(n: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    """A corpus (n, d) and held-out queries (N_QUERIES, d) of the same clusters."""
    vectors = clustered(n + N_QUERIES, d)
    return vectors[:n].copy(), vectors[n:].copy()


def in_turns(calls: dict[str, Callable[[], float]], rounds: int = ROUNDS) -> dict[str, np.ndarray]:
    """Each call's results (rounds,), the calls taking turns so that a slow spell touches all of them."""
    results = np.array([[call() for call in calls.values()] for _ in range(rounds)])
    return dict(zip(calls, results.T, strict=True))


def cpu_us(call: Callable[[], object]) -> float:
    """CPU microseconds of one call in this thread."""
    start = time.thread_time_ns()
    call()
    return (time.thread_time_ns() - start) / 1000


def median_us(ask: Ask, queries: np.ndarray) -> float:
    """Median microseconds a query, asked one at a time."""
    times = np.empty(len(queries))
    for i, query in enumerate(queries):
        start = time.perf_counter_ns()
        ask(query)
        times[i] = time.perf_counter_ns() - start
    return float(np.median(times)) / 1000


def compare(calls: dict[str, Callable[[], float]], base: str, header: str) -> dict[str, np.ndarray]:
    """Each call's results by round, after printing the best, the median and the median ratio to the base."""
    results = in_turns(calls)
    print(f"{header:34s} {'best':>9s} {'median':>9s} {'x ' + base:>24s}")
    for name, values in results.items():
        ratio = np.median(values / results[base])
        print(f"{name:34s} {values.min():9.1f} {np.median(values):9.1f} {ratio:24.2f}")
    return results


# (a) An exact scan beside a plain product and beside reading the memory.


def scan(n: int, d: int, batch: int) -> None:
    """faiss Flat for a batch of queries against numpy, and its read rate against that of one pass over the corpus."""
    corpus, queries = split(n, d)
    queries, flat = queries[:batch], build_index(corpus, kind="flat", seed=SEED).index
    line = corpus.reshape(-1)

    def partitioned() -> np.ndarray:
        products = queries @ corpus.T
        return np.argpartition(products, n - K, axis=1)[:, n - K :]

    works = {
        "faiss Flat": lambda: flat.search(queries, K),
        "numpy product": lambda: queries @ corpus.T,
        "numpy product + argpartition": partitioned,
        "one read of the corpus": lambda: line @ line,
    }
    calls = {name: lambda work=work: cpu_us(work) for name, work in works.items()}
    in_turns(calls, 2)
    results = compare(calls, "numpy product", f"\nscan {n:,} x {d}, batch {batch}, CPU us")
    read, flat_us = results["one read of the corpus"].min(), results["faiss Flat"].min()
    kilobytes, gflop = corpus.nbytes / 1e3, 2e-9 * n * d * batch
    print(f"read {kilobytes / read:.1f} GB/s; Flat {kilobytes / flat_us:.1f} GB/s, {1e6 * gflop / flat_us:.1f} GFLOP/s")


# (b) Approximate search beside other libraries.


def ours(kind: str, corpus: np.ndarray, coarse: np.ndarray, rerank: int = 0) -> Contender:
    """One of our kinds; kinds without an effort of their own take the re-rank depth as their effort."""
    built = build_index(corpus, coarse, kind=kind, seed=SEED)

    def re_ranked(effort: int) -> Ask:
        depth = rerank if INDEXES[kind].effort_name else max(K, effort)
        look = searcher(built, corpus, k=K, effort=effort, rerank=depth)
        return lambda query: look(query, query)

    plain = INDEXES[kind].effort_name and not rerank
    return (lambda effort: searcher(built, k=K, effort=effort)) if plain else re_ranked


def hnswlib_graph(corpus: np.ndarray) -> Contender:
    """hnswlib with the links and build effort of our graph."""
    index = import_module("hnswlib").Index(space="ip", dim=corpus.shape[1])
    index.init_index(max_elements=len(corpus), M=16, ef_construction=40, random_seed=SEED)
    index.set_num_threads(1)
    index.add_items(corpus)

    def at(effort: int) -> Ask:
        def ask(query: np.ndarray) -> np.ndarray:
            return index.knn_query(query, K)[0][0]

        index.set_ef(effort)
        return ask

    return at


def usearch_graph(corpus: np.ndarray) -> Contender:
    """usearch with full vectors, sixteen links and its own build effort."""
    usearch = import_module("usearch.index")
    index = usearch.Index(ndim=corpus.shape[1], metric="ip", dtype="f32", connectivity=16)
    index.add(np.arange(len(corpus)), corpus, threads=1)

    def at(effort: int) -> Ask:
        index.expansion_search = effort
        return lambda query: index.search(query, K, threads=1).keys

    return at


def scann_tree(corpus: np.ndarray) -> Contender:
    """ScaNN: 2 sqrt(n) leaves, two dimensions a code, a hundred candidates in full again."""
    builder = import_module("scann").scann_ops_pybind.builder(corpus, K, "dot_product")
    leaves = n_lists(len(corpus))
    builder = builder.tree(leaves, leaves, training_sample_size=len(corpus)).score_ah(
        2, anisotropic_quantization_threshold=0.2
    )
    index = builder.reorder(100).set_n_training_threads(1).build()
    return lambda effort: lambda query: index.search(query, leaves_to_search=min(effort, leaves))[0]


def svs_graph(corpus: np.ndarray) -> Contender:
    """Scalable Vector Search's Vamana graph of full vectors, 32 links."""
    svs = import_module("svs")
    params = svs.VamanaBuildParameters(alpha=0.95, graph_max_degree=32, window_size=64)
    index = svs.Vamana.build(params, corpus, svs.DistanceType.MIP, num_threads=1)

    def at(effort: int) -> Ask:
        index.search_window_size = max(K, effort)
        return lambda query: index.search(query[None], K)[0][0]

    return at


PEERS = {"hnswlib": hnswlib_graph, "usearch": usearch_graph, "scann": scann_tree, "svs": svs_graph}


def least_effort(contender: Contender, queries: np.ndarray, truth: np.ndarray) -> tuple[int, float]:
    """The least effort of the grid whose recall reaches the goal, else the one of best recall; and that recall."""
    best = (0, -1.0)
    for effort in EFFORT_GRID:
        ask = contender(effort)
        hits = [len(set(ask(query).tolist()) & set(true)) for query, true in zip(queries, truth.tolist(), strict=True)]
        recall = sum(hits) / (K * len(queries))
        best = max(best, (effort, recall), key=lambda pair: pair[1])
        if recall >= GOAL:
            break
    return best


def built_contenders(corpus: np.ndarray) -> dict[str, tuple[Contender, float]]:
    """Every contender that can run here, by name, with the CPU seconds of its build."""
    coarse, start = train_coarse(corpus, SEED), time.process_time()
    train_coarse(corpus, SEED)
    coarse_s, contenders = time.process_time() - start, {}
    for kind, parts in INDEXES.items():
        start = time.process_time()
        contender = ours(kind, corpus, coarse, rerank=100 if "pq" in kind else 0)
        shared = coarse_s if parts.effort_name == "nprobe" else 0
        contenders[kind] = contender, time.process_time() - start + shared
    for name, build in PEERS.items():
        start = time.process_time()
        try:
            contenders[name] = build(corpus), time.process_time() - start
        except ImportError:
            print(f"{name}: not installed, skipped (benchmarks/requirements.txt)")
    return contenders


def peers(n: int, d: int) -> None:
    """Print what each contender needs for recall@10 >= .95 at batch 1, beside the fastest of them."""
    corpus, queries = split(n, d)
    truth = exact_neighbours(corpus, queries, K)
    print(f"\npeers {n:,} x {d}, batch 1, recall@{K} >= {GOAL}; effort is nprobe, efSearch or the re-rank depth")
    contenders = built_contenders(corpus)
    chosen = {name: least_effort(contender, queries, truth) for name, (contender, _) in contenders.items()}
    able = [name for name, (_, recall) in chosen.items() if recall >= GOAL]
    calls = {name: lambda name=name: median_us(contenders[name][0](chosen[name][0]), queries) for name in able}
    times = in_turns(calls)
    fastest = min(times, key=lambda name: np.median(times[name]))
    print(f"{'':10s} {'effort':>6s} {'recall':>7s} {'build CPU s':>12s} {'best us':>8s} {'median us':>9s}  x {fastest}")
    for name in sorted(able, key=lambda name: np.median(times[name])):
        (effort, recall), values = chosen[name], times[name]
        ratio = np.median(values / times[fastest])
        print(f"{name:10s} {effort:6d} {recall:7.3f} {contenders[name][1]:12.2f} ", end="")
        print(f"{values.min():8.1f} {np.median(values):9.1f}  {ratio:.2f}")
    rivals = [name for name in able if name in PEERS]
    if rivals:
        rival = min(rivals, key=lambda name: np.median(times[name]))
        print(f"our default {DEFAULT} / fastest peer {rival}: {np.median(times[DEFAULT] / times[rival]):.2f}")


# (c) Where an index starts to pay.


def crossover(d: int, sizes: tuple[int, ...] = (500, 1_000, 2_000, 5_000, 10_000, 20_000, 30_000)) -> None:
    """Print median microseconds a query of flat, lists and graph as the corpus grows, at recall@10 >= .95."""
    print(f"\ncrossover, d = {d}, best round's median us a query at batch 1 (effort), ratio to flat")
    for n in sizes:
        corpus, queries = split(n, d)
        truth, coarse = exact_neighbours(corpus, queries, K), train_coarse(corpus, SEED)
        flat = build_index(corpus, kind="flat", seed=SEED)
        asks = {"flat": (searcher(flat, k=K), 0)}
        for kind in ("ivf_flat", "hnsw"):
            contender = ours(kind, corpus, coarse)
            effort = least_effort(contender, queries, truth)[0]
            asks[kind] = contender(effort), effort
        calls = {name: lambda ask=ask, asked=queries: median_us(ask, asked) for name, (ask, _) in asks.items()}
        times = in_turns(calls)
        cells = [
            f"{name} {values.min():.1f} ({asks[name][1]}) x{np.median(values / times['flat']):.2f}"
            for name, values in times.items()
        ]
        print(f"n = {n:6,d}   " + "   ".join(cells))


# (d) What building costs.


def build_costs() -> None:
    """Print CPU seconds of each build, best of three; IVF kinds without the centroids, which have their own column."""
    print(f"\nbuild CPU s\n{'n':>7s} {'d':>4s} " + " ".join(f"{name:>8s}" for name in ["coarse", *INDEXES]))
    for n in (5_000, 10_000, 20_000, 30_000):
        for d in (32, 64, 128):
            costs = [min(cpu_us(work) for _ in range(3)) / 1e6 for work in builds(clustered(n, d))]
            print(f"{n:7,d} {d:4d} " + " ".join(f"{cost:8.3f}" for cost in costs))


def builds(corpus: np.ndarray) -> list[Callable[[], object]]:
    """What trains the centroids, then what builds each kind over them."""
    coarse = train_coarse(corpus, SEED)
    kinds = [lambda kind=kind: build_index(corpus, coarse, kind=kind, seed=SEED) for kind in INDEXES]
    return [lambda: train_coarse(corpus, SEED), *kinds]


def version(name: str) -> str:
    """The installed version of a distribution, or a dash."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "-"


def main() -> None:
    """Run the parts named on the command line, all of them without a name."""
    footprints = (20_000, 64), (20_000, 128), (200_000, 64)
    parts = {
        "scan": lambda: [scan(*footprint, batch) for footprint in footprints for batch in (1, 64)],
        "peers": lambda: [peers(20_000, d) for d in (64, 128)],
        "crossover": lambda: [crossover(d) for d in (64, 128)],
        "build": build_costs,
    }
    libraries = ("faiss-cpu", "numpy", "hnswlib", "usearch", "scann", "scalable-vs")
    print(", ".join(f"{name} {version(name)}" for name in libraries))
    print(f"load {os.getloadavg()[0]:.1f}")
    with threadpool_limits(1):
        for name in sys.argv[1:] or parts:
            parts[name]()


if __name__ == "__main__":
    main()
