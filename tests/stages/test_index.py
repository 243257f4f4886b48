"""Indexes: exactness where it is promised, monotone recall, counted distances, bytes by law, threads, bad input."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from core.metrics import recall_at_k, recall_with_ties
from core.stages.index import (
    EFFORTS,
    INDEXES,
    Found,
    as_grown,
    build_index,
    bytes_law,
    comparisons,
    exact_neighbours,
    in_favour,
    inner_products,
    inserter,
    n_lists,
    search,
    searcher,
    train_coarse,
)

N, D, K, N_QUERIES = 3000, 32, 10, 60
IVF_KINDS = [kind for kind, parts in INDEXES.items() if parts.effort_name == "nprobe"]
CODED = ["ivf_pq4", "ivf_pq8", "pq4", "pq8", "lsh", "binary"]


def clustered(n: int, d: int, seed: int) -> np.ndarray:
    """Unit vectors (n, d) in clusters of Zipf sizes, 12 intrinsic dimensions and a little noise in the others."""
    rng = np.random.default_rng(seed)
    weights = 1 / np.arange(1, 101)
    clusters = rng.choice(100, n, p=weights / weights.sum())
    inner = rng.standard_normal((100, 12))[clusters] + 0.5 * rng.standard_normal((n, 12))
    vectors = inner @ rng.standard_normal((12, d)) + 0.05 * rng.standard_normal((n, d))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


DATA = clustered(N + N_QUERIES, D, seed=7)
CORPUS, QUERIES = DATA[:N], DATA[N:]
TRUTH = exact_neighbours(CORPUS, QUERIES, K)


@pytest.fixture(scope="module")
def built():
    """Every kind built once, the IVF kinds over one set of centroids."""
    coarse = train_coarse(CORPUS, seed=0)
    return {kind: build_index(CORPUS, coarse, kind=kind, seed=0) for kind in INDEXES}


def recall(ids: np.ndarray) -> float:
    """Share of the true neighbours that were found, over all queries."""
    return np.mean([len(set(row) & set(true)) / K for row, true in zip(ids, TRUTH, strict=True)])


def test_exact_neighbours_by_hand():
    corpus = np.array([[1, 0], [0, 1], [0.6, 0.8], [1, 0]], np.float32)
    assert exact_neighbours(corpus, np.array([[1, 0], [0, -1]], np.float32), 3).tolist() == [[0, 3, 2], [0, 3, 2]]


def test_exact_neighbours_agree_with_a_full_sort_across_blocks():
    queries = np.tile(QUERIES, (40, 1))  # 2,400 queries of 3,000 vectors take two blocks
    products = QUERIES.astype(np.float64) @ CORPUS.T.astype(np.float64)
    assert np.array_equal(exact_neighbours(CORPUS, queries, K)[-N_QUERIES:], np.argsort(-products, axis=1)[:, :K])


def test_exact_neighbours_order_equal_vectors_by_id():
    corpus = np.tile(CORPUS[:37], (9, 1))
    ids = exact_neighbours(corpus, CORPUS[:5], 9)
    assert ids.tolist() == [[i + 37 * copy for copy in range(9)] for i in range(5)]


def test_exact_neighbours_pad_past_the_last_vector():
    assert exact_neighbours(CORPUS[:2], CORPUS[:1], 4)[0].tolist()[2:] == [-1, -1]


def test_flat_is_exact(built):
    found = search(built["flat"], QUERIES, k=K)
    assert np.array_equal(found.ids, TRUTH)
    assert np.allclose(found.scores, np.take_along_axis(QUERIES @ CORPUS.T, TRUTH, axis=1), atol=1e-6)


def test_probing_every_list_gives_exactly_the_flat_result(built):
    ids = search(built["ivf_flat"], QUERIES, k=K, effort=n_lists(N)).ids
    assert np.array_equal(np.sort(ids), np.sort(TRUTH))


def test_recall_never_falls_with_nprobe(built):
    recalls = [recall(search(built["ivf_flat"], QUERIES, k=K, effort=effort).ids) for effort in EFFORTS]
    assert recalls == sorted(recalls)
    assert recalls[0] < 0.9 and recalls[-1] == 1


def test_recall_rises_with_ef_search(built):
    recalls = [recall(search(built["hnsw"], QUERIES, k=K, effort=effort).ids) for effort in (1, 16, 128)]
    assert recalls == sorted(recalls)
    assert recalls[-1] > 0.99


@pytest.mark.parametrize("kind", INDEXES)
def test_every_kind_finds_distinct_vectors_best_first(built, kind):
    found = search(built[kind], QUERIES, k=K, effort=16)
    assert found.ids.shape == found.scores.shape == (N_QUERIES, K)
    assert found.ids.dtype == np.int64 and found.scores.dtype == np.float32
    assert found.n_distances.shape == (N_QUERIES,) and found.n_distances.dtype == np.int64
    assert all(len(set(row)) == K for row in found.ids)
    assert found.ids.min() >= 0 and found.ids.max() < N
    assert (np.diff(found.scores, axis=1) <= 0).all()
    assert recall(found.ids) > 0.2  # chance is .003


@pytest.mark.parametrize("kind", ["ivf_sq8", "ivf_pq4", "ivf_pq8", "sq8", "pq4", "pq8"])
def test_scores_of_codes_are_near_the_inner_products(built, kind):
    found = search(built[kind], QUERIES, k=1, effort=16)
    true = np.einsum("qd,qd->q", QUERIES, CORPUS[found.ids[:, 0]])
    assert np.abs(found.scores[:, 0] - true).mean() < 0.1


@pytest.mark.parametrize("kind", INDEXES)
def test_re_ranking_everything_is_exact(built, kind):
    found = search(built[kind], QUERIES, CORPUS, QUERIES, k=K, effort=n_lists(N), rerank=N)
    assert np.array_equal(found.ids, TRUTH)


@pytest.mark.parametrize("kind", CODED)
def test_recall_never_falls_with_re_rank_depth(built, kind):
    depths = (10, 20, 50, 100, 400)
    recalls = [recall(search(built[kind], QUERIES, CORPUS, QUERIES, k=K, effort=64, rerank=r).ids) for r in depths]
    assert recalls == sorted(recalls)
    assert recalls[-1] > max(0.9, recalls[0])


def test_re_ranking_may_use_wider_vectors():
    wide, queries = clustered(800, 64, seed=3), clustered(20, 64, seed=4)
    narrow = build_index(wide[:, :16] / np.linalg.norm(wide[:, :16], axis=1, keepdims=True), kind="flat", seed=0)
    found = search(narrow, queries[:, :16], wide, queries, k=5, rerank=800)
    assert np.array_equal(found.ids, exact_neighbours(wide, queries, 5))


@pytest.mark.parametrize(("kind", "n", "d"), [(kind, n, d) for kind in INDEXES for n, d in [(3000, 32), (1200, 48)]])
def test_serialised_size_follows_the_law(built, kind, n, d):
    index = built[kind] if (n, d) == (N, D) else build_index(clustered(n, d, seed=1), kind=kind, seed=0)
    tolerance = 0.01 if kind in ("flat", "ivf_flat", "ivf_sq8", "hnsw", "sq8") else 0.05
    assert bytes_law(kind, n, d) * n == pytest.approx(index.nbytes, rel=tolerance)


def test_bytes_by_hand():
    n = 10**9  # where what is stored once weighs nothing
    bits = {"flat": 256, "sq8": 64, "pq4": 16, "pq8": 16, "lsh": 16, "binary": 8}
    assert {kind: round(bytes_law(kind, n, 64)) for kind in bits} == bits
    assert bytes_law("hnsw", n, 64) == pytest.approx(4 * 64 + 8 * 16 + 12 + 64 / 15)
    assert bytes_law("ivf_flat", n, 64) == pytest.approx(256 + 8, rel=1e-3)


@pytest.mark.parametrize("kind", [kind for kind, parts in INDEXES.items() if parts.effort_name is None])
def test_kinds_without_effort_compare_with_every_vector(built, kind):
    assert (search(built[kind], QUERIES, k=K).n_distances == N).all()
    assert (search(built[kind], QUERIES, CORPUS, QUERIES, k=K, rerank=50).n_distances == N + 50).all()


@pytest.mark.parametrize("kind", IVF_KINDS)
def test_ivf_compares_with_the_centroids_and_the_probed_lists(built, kind):
    coarse = train_coarse(CORPUS, seed=0)
    own = np.argmin(((CORPUS[:, None] - coarse) ** 2).sum(axis=2), axis=1)  # each vector's list, worked out here
    sizes = np.bincount(own, minlength=len(coarse))
    probed = np.argsort(((QUERIES[:, None] - coarse) ** 2).sum(axis=2), axis=1)[:, :4]
    found = search(built[kind], QUERIES, k=K, effort=4)
    assert np.array_equal(found.n_distances, len(coarse) + sizes[probed].sum(axis=1))
    assert (search(built[kind], QUERIES, k=K, effort=128).n_distances == len(coarse) + N).all()


@pytest.mark.parametrize("rerank", [0, 50])
@pytest.mark.parametrize("kind", INDEXES)
def test_comparisons_are_known_without_the_search(built, kind, rerank):
    for effort in (1, 16):
        searched = search(built[kind], QUERIES, CORPUS, QUERIES, k=K, effort=effort, rerank=rerank)
        known = comparisons(built[kind], QUERIES, k=K, effort=effort, rerank=rerank)
        assert np.array_equal(known, searched.n_distances), effort


def test_a_graph_compares_with_far_fewer_vectors_and_more_with_effort(built):
    few, many = (search(built["hnsw"], QUERIES, k=K, effort=effort).n_distances for effort in (16, 128))
    assert (few < many).all() and many.max() < N / 2


@pytest.mark.parametrize("kind", INDEXES)
def test_same_seed_same_answer(built, kind):
    again = build_index(CORPUS, kind=kind, seed=0)
    first, second = (search(index, QUERIES, k=K, effort=8) for index in (built[kind], again))
    assert np.array_equal(first.ids, second.ids) and np.array_equal(first.n_distances, second.n_distances)
    assert built[kind].nbytes == again.nbytes


@pytest.mark.parametrize("kind", ["ivf_flat", "pq8", "hnsw", "lsh"])
def test_another_seed_is_another_index(built, kind):
    other = search(build_index(CORPUS, kind=kind, seed=1), QUERIES, k=K, effort=2)
    assert not np.array_equal(other.ids, search(built[kind], QUERIES, k=K, effort=2).ids)


def test_building_is_silent(capfd):
    for kind in INDEXES:
        for n in (1, 20, 300):
            build_index(CORPUS[:n], kind=kind, seed=0)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("kind", ["ivf_flat", "ivf_pq4", "ivf_pq8", "hnsw", "pq4"])
def test_threads_with_different_efforts_get_the_serial_answers(built, kind):
    efforts = [EFFORTS[i % len(EFFORTS)] for i in range(32)]

    def ask(effort):
        found = search(built[kind], QUERIES[:20], k=K, effort=effort)
        look = searcher(built[kind], k=K, effort=effort)
        return np.concatenate([found.ids.ravel(), found.n_distances, *(look(query) for query in QUERIES[:20])])

    serial = [ask(effort) for effort in efforts]
    with ThreadPoolExecutor(8) as pool:
        assert all(map(np.array_equal, serial, pool.map(ask, efforts)))


@pytest.mark.parametrize("rerank", [0, 50])
@pytest.mark.parametrize("kind", INDEXES)
def test_the_timed_path_gives_the_same_answer(built, kind, rerank):
    look = searcher(built[kind], CORPUS, k=K, effort=8, rerank=rerank)
    ids = search(built[kind], QUERIES, CORPUS, QUERIES, k=K, effort=8, rerank=rerank).ids
    assert np.array_equal([look(query, query) for query in QUERIES], ids)


@pytest.mark.parametrize("rerank", [0, 60])
@pytest.mark.parametrize("kind", INDEXES)
def test_more_neighbours_than_vectors_are_padded(kind, rerank):
    index = build_index(CORPUS[:5], kind=kind, seed=0)
    found = search(index, QUERIES, CORPUS[:5], QUERIES, k=8, effort=8, rerank=rerank)
    assert found.ids.shape == (N_QUERIES, 8)
    assert all(sorted(row) == [-1, -1, -1, 0, 1, 2, 3, 4] for row in found.ids)
    assert (found.ids[:, 5:] == -1).all() and np.isneginf(found.scores[:, 5:]).all()
    look = searcher(index, CORPUS[:5], k=8, effort=8, rerank=rerank)
    assert sorted(look(QUERIES[0], QUERIES[0])) == [0, 1, 2, 3, 4]


def test_lists_that_hold_too_few_are_padded(built):
    found = search(built["ivf_flat"], QUERIES, CORPUS, QUERIES, k=500, effort=1, rerank=600)
    n_found = (found.ids >= 0).sum(axis=1)
    assert n_found.max() < 500
    assert np.array_equal(found.n_distances, built["ivf_flat"].index.nlist + 2 * n_found)


@pytest.mark.parametrize("kind", INDEXES)
def test_a_zero_vector_gets_some_answer(kind):
    corpus = np.vstack([CORPUS[:300], np.zeros((1, D), np.float32)])
    found = search(build_index(corpus, kind=kind, seed=0), np.zeros((1, D), np.float32), k=3, effort=8)
    assert len(set(found.ids[0])) == 3 and found.ids.min() >= 0


@pytest.mark.parametrize("d", [1, 7, 30, 100])
@pytest.mark.parametrize("kind", INDEXES)
def test_any_width_can_be_indexed(kind, d):
    corpus = clustered(400, d, seed=2)
    assert (search(build_index(corpus, kind=kind, seed=0), corpus[:3], k=5, effort=8).ids >= 0).all()


def with_value(value: float) -> np.ndarray:
    """The corpus with one wrong number in it."""
    wrong = CORPUS.copy()
    wrong[5, 3] = value
    return wrong


BAD_BUILDS = [
    (with_value(np.nan), "flat", "vectors hold NaN or infinity"),
    (with_value(np.inf), "hnsw", "vectors hold NaN or infinity"),
    (CORPUS[0], "flat", r"vectors must be a matrix \(n, d\), not of shape \(32,\)"),
    (CORPUS[:0], "flat", "vectors must not be empty"),
    (CORPUS[:, :0], "ivf_flat", "vectors must not be empty"),
    (CORPUS, "annoy", "no index kind 'annoy': choose one of flat, ivf_flat"),
]


@pytest.mark.parametrize(("vectors", "kind", "message"), BAD_BUILDS)
def test_bad_builds_say_what_is_wrong(vectors, kind, message):
    with pytest.raises(ValueError, match=message):
        build_index(vectors, kind=kind, seed=0)


def test_centroids_of_another_width_are_refused():
    with pytest.raises(ValueError, match="coarse centroids have 8 dimensions, the index has 32"):
        build_index(CORPUS, CORPUS[:50, :8], kind="ivf_flat", seed=0)


BAD_REQUESTS = [
    ({"k": 0}, "k must be at least 1, not 0"),
    ({"effort": 0}, "effort must be at least 1, not 0"),
    ({"queries": QUERIES[:, :8]}, "queries have 8 dimensions, the index has 32"),
    ({"queries": QUERIES[0]}, r"queries must be a matrix \(n, d\)"),
    ({"queries": QUERIES * np.nan}, "queries hold NaN or infinity"),
    ({"rerank": 5}, "rerank must be 0 or at least k = 10, not 5"),
    ({"rerank": 20, "full": None}, "rerank needs the full vectors"),
    ({"rerank": 20, "full": CORPUS[:9]}, "9 full vectors for an index of 3000"),
    ({"rerank": 20, "full_queries": None}, "rerank needs the full queries"),
    ({"rerank": 20, "full_queries": QUERIES[:3]}, "3 full queries for 60 queries"),
    ({"rerank": 20, "full_queries": QUERIES[:, :8]}, "full queries have 8 dimensions"),
]


@pytest.mark.parametrize(("changes", "message"), BAD_REQUESTS)
def test_bad_requests_say_what_is_wrong(built, changes, message):
    request = {"queries": QUERIES, "full": CORPUS, "full_queries": QUERIES, "k": K, "effort": 8} | changes
    with pytest.raises(ValueError, match=message):
        search(built["ivf_flat"], **request)


def test_bad_exact_requests_say_what_is_wrong():
    with pytest.raises(ValueError, match="k must be at least 1"):
        exact_neighbours(CORPUS, QUERIES, 0)
    with pytest.raises(ValueError, match="corpus must not be empty"):
        exact_neighbours(CORPUS[:0], QUERIES, 1)
    with pytest.raises(ValueError, match="queries have 8 dimensions"):
        exact_neighbours(CORPUS, QUERIES[:, :8], 1)


# Equal vectors


@pytest.mark.parametrize("kind", INDEXES)
@pytest.mark.parametrize("fill", [0.0, 0.25])
def test_the_scores_of_equal_vectors_are_finite(kind, fill):
    copies = np.full((500, 16), fill, np.float32)
    queries = np.vstack([copies[:2], np.eye(1, 16, dtype=np.float32)])
    for effort in EFFORTS[:4] if INDEXES[kind].effort_name else (1,):
        found = search(build_index(copies, kind=kind, seed=0), queries, k=5, effort=effort)
        assert np.isfinite(found.scores[found.ids >= 0]).all()
        if kind not in ("lsh", "binary") and fill:  # the others tell no product, and only unit vectors have one
            assert np.allclose(found.scores[:2][found.ids[:2] >= 0], 1, atol=1e-3)
    assert not (np.signbit(found.scores) & (found.scores == 0)).any()


def test_a_score_that_is_nan_is_refused():
    with pytest.raises(ValueError, match="gave NaN as a score for 1 queries"):
        Found(np.zeros((2, 1), np.int64), np.array([[1.0], [np.nan]]), np.ones(2, np.int64))


def test_inner_products_of_ids_by_hand():
    corpus, queries = np.array([[1, 0], [0, 2]], np.float32), np.array([[1, 3]], np.float32)
    assert inner_products(corpus, queries, np.array([[1, 0, -1]])).tolist() == [[6, 1, -np.inf]]


# Inserting.


def grown(kind):
    """An index over half of the corpus that the other half was inserted into, one part after the other."""
    built = build_index(CORPUS[: N // 2], kind=kind, seed=0)
    insert = inserter(built)
    insert(CORPUS[N // 2 : N // 2 + 1])
    insert(CORPUS[N // 2 + 1 :])
    return as_grown(built)


@pytest.mark.parametrize("kind", INDEXES)
def test_every_kind_takes_vectors_in_and_finds_them(kind):
    index = grown(kind)
    whole = build_index(CORPUS, kind=kind, seed=0)
    assert index.n == whole.n == N and 0.8 < index.nbytes / whole.nbytes < 1.2
    inserted = CORPUS[N // 2 :][::50]
    found = search(index, inserted, k=20, effort=64).ids
    assert np.mean([N // 2 + 50 * i in ids for i, ids in enumerate(found)]) > 0.8


@pytest.mark.parametrize("kind", ["flat", "lsh"])
def test_what_learns_nothing_is_the_same_inserted_into_and_built_anew(kind):
    at_once = search(build_index(CORPUS, kind=kind, seed=0), QUERIES, k=K)
    assert np.array_equal(search(grown(kind), QUERIES, k=K).ids, at_once.ids) and not INDEXES[kind].learnt


def test_lists_keep_the_centroids_of_the_first_build():
    old = train_coarse(CORPUS[: N // 2], 0)
    by_old_lists = search(build_index(CORPUS, old, kind="ivf_flat", seed=0), QUERIES, k=K, effort=2)
    inserted = search(grown("ivf_flat"), QUERIES, k=K, effort=2)
    assert np.array_equal(inserted.ids, by_old_lists.ids)
    assert np.array_equal(inserted.n_distances, by_old_lists.n_distances)


@pytest.mark.parametrize("kind", INDEXES)
def test_a_kind_says_what_it_has_learnt_if_it_is_trained(kind):
    coarse = train_coarse(CORPUS, 0) if INDEXES[kind].effort_name == "nprobe" else None
    trained = coarse is not None or not INDEXES[kind].make(CORPUS.shape[1], coarse, 0).is_trained
    assert bool(INDEXES[kind].learnt) == trained


def test_a_search_made_before_finds_what_is_inserted_later():
    built = build_index(CORPUS[: N // 2], kind="hnsw", seed=0)
    one = searcher(built, k=1, effort=64)
    inserter(built)(CORPUS[N // 2 :])
    assert one(CORPUS[-1])[0] == N - 1


@pytest.mark.parametrize("wrong", [np.ones((1, 3)), np.full((1, CORPUS.shape[1]), np.nan), np.ones(CORPUS.shape[1])])
def test_vectors_that_do_not_fit_are_not_inserted(wrong):
    built = build_index(CORPUS, kind="flat", seed=0)
    with pytest.raises(ValueError, match="vectors"):
        inserter(built)(wrong)
    assert as_grown(built).n == N


# Ties.


def test_an_equally_near_vector_is_a_true_neighbour_by_hand():
    corpus = np.array([[1, 0], [0.6, 0.8], [0.6, 0.8], [0, 1]], np.float32)
    query, exact = np.array([[1, 0]], np.float32), np.array([[0, 1]])
    assert set(in_favour(exact, np.array([[2, 0]]), corpus, query)[0]) == {0, 2}
    assert set(in_favour(exact, np.array([[1, 2]]), corpus, query)[0]) == {1, 2}
    assert set(in_favour(exact, np.array([[3, -1]]), corpus, query)[0]) == {0, 1}
    assert in_favour(np.array([[0, -1]]), np.array([[0, 1]]), corpus, query).tolist() == [[0, -1]]


def test_recall_by_neighbours_in_favour_is_recall_with_ties_on_copies():
    """F7 of the review: 200 vectors of 20 copies each, 100 queries, ten neighbours."""
    corpus, k = np.repeat(CORPUS[:200], 20, axis=0), 10
    queries = DATA[-N_QUERIES:]
    exact = exact_neighbours(corpus, queries, k)
    for kind, effort in (("hnsw", 128), ("flat", 1), ("ivf_flat", 1)):
        ids = search(build_index(corpus, kind=kind, seed=0), queries, k=k, effort=effort).ids
        by_ties = recall_with_ties(*(inner_products(corpus, queries, which) for which in (ids, exact)), k)
        assert np.array_equal(recall_at_k(ids, in_favour(exact, ids, corpus, queries), k), by_ties)
        assert kind != "flat" or (by_ties == 1).all()
        assert kind != "hnsw" or by_ties.mean() > recall_at_k(ids, exact, k).mean() + 0.2
