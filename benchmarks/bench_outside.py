"""Raw Fashion-MNIST, 784 numbers a photo, beside ann-benchmarks: `python -m benchmarks.bench_outside [folder]`.

The set that ann-benchmarks calls fashion-mnist-784-euclidean: 60,000 photos searched with 10,000 others by Euclidean
distance. It comes with `apt-get install dataset-fashion-mnist`, or give the folder that holds its four files. Prints
recall@10 and queries a second of one thread for HNSW (M 16) and IVF-Flat at each effort, and for a full scan.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import faiss
import numpy as np

from core.datasets.fashion import FULL_FASHION, full_fashion
from core.metrics import recall_at_k

K, N_TRAIN, N_ASKED = 10, 60_000, 2_000
EF = (10, 20, 50, 100, 200)
NPROBE = (1, 4, 16, 64)
Search = Callable[[np.ndarray], np.ndarray]  # one query (1, 784) to ids (1, K)


def main(folder: Path = FULL_FASHION) -> None:
    """Build, search one query at a time, print one line a setting. Raises DataError without the data set."""
    faiss.omp_set_num_threads(1)
    photos = full_fashion(folder).images.reshape(-1, 784).astype(np.float32)
    corpus, asked = photos[:N_TRAIN], photos[N_TRAIN : N_TRAIN + N_ASKED]
    flat = faiss.IndexFlatL2(784)
    flat.add(corpus)
    true = flat.search(asked, K)[1]
    for name, search in contenders(corpus, flat):
        ids, per_second = one_by_one(search, asked)
        print(f"{name:22} recall@10 {recall_at_k(ids, true, K).mean():.4f}  {per_second:8,.0f} queries a second")


def contenders(corpus: np.ndarray, flat: faiss.Index) -> Iterator[tuple[str, Search]]:
    """Every setting by name, each index built once."""
    yield "full scan", lambda q: flat.search(q, K)[1]
    lists = faiss.IndexIVFFlat(faiss.IndexFlatL2(784), 784, 1_000)
    lists.train(corpus)
    lists.add(corpus)
    for nprobe in NPROBE:
        params = faiss.SearchParametersIVF(nprobe=nprobe)
        yield f"IVF-Flat, nprobe {nprobe}", lambda q, params=params: lists.search(q, K, params=params)[1]
    graph = faiss.IndexHNSWFlat(784, 16)
    graph.hnsw.efConstruction = 200
    graph.add(corpus)
    for ef in EF:
        params = faiss.SearchParametersHNSW(efSearch=ef)
        yield f"HNSW, efSearch {ef}", lambda q, params=params: graph.search(q, K, params=params)[1]


def one_by_one(search: Search, asked: np.ndarray) -> tuple[np.ndarray, float]:
    """Ids (n, K) and the queries a second, by the median of the single times."""
    ids, times = np.empty((len(asked), K), np.int64), np.empty(len(asked))
    for i in range(len(asked)):
        started = time.perf_counter()
        ids[i] = search(asked[i : i + 1])[0]
        times[i] = time.perf_counter() - started
    return ids, 1 / float(np.median(times))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
