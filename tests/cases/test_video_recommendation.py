"""Video recommendation: what is special to it, its bad input, and every sentence it tells."""

from dataclasses import replace

import numpy as np
import pytest

from core.cases.video_recommendation import CASE, VideoRecommendation, data, evaluate, features
from core.cases.video_recommendation.model import compression, queries, rankers, retrievers
from core.cases.video_recommendation.model.towers import Towers
from core.cases.video_recommendation.pipeline import run, stages
from core.cases.video_recommendation.serve import answer, funnel, store
from core.datasets.movielens import load_movielens
from core.runtime.memo import MEMO
from core.stages.store import stores_folder
from core.ui.panels import funnel as panel

DIALS = dict(split="time", dates="real", cold_share=0.3, popularity="real")
PLAIN = VideoRecommendation(ranker="none")


@pytest.fixture(autouse=True)
def fresh():
    """No store of another test is remembered, whose folder is gone."""
    MEMO.clear()


@pytest.fixture(scope="module")
def world():
    return data.load_world(**DIALS, seed=0)


@pytest.fixture(scope="module")
def als(world):
    return retrievers.fit_als(features.likes_table(world.eras[0].log, world.n_users, world.n_films), 8, seed=0)


# -- the world -------------------------------------------------------------------------------------------------------


def test_nothing_is_learnt_from_after_it_is_asked(world):
    for era, cut in zip(world.eras, data.CUTS, strict=True):
        assert era.log.second.max() < cut
        assert era.requests.second.min() >= cut
        assert all(at.max() <= when for at, when in zip(era.requests.seen_at, era.requests.second, strict=True))


def test_who_asks_is_in_no_log_and_who_is_practised_on_not_in_the_sources(world):
    for era in world.eras:
        assert not np.isin(era.requests.user, era.log.user).any()
        assert not np.isin(era.practice.user, era.log.user).any()
        assert era.practice.second.max() < min(era.requests.second)


def test_newcomers_have_two_likes_and_the_answers_are_new_to_everybody(world):
    for era in world.eras:
        requests = era.requests
        assert {len(liked) for liked, cold in zip(requests.liked, requests.cold, strict=True) if cold} == {2}
        for seen, wanted, viewed in zip(requests.seen, requests.to_like, requests.to_view, strict=True):
            assert 0 < len(wanted) <= data.MOST_TARGETS
            assert np.isin(wanted, viewed).all() and not np.isin(viewed, seen).any()


def test_the_share_of_newcomers_is_what_the_dial_says():
    few, many = (data.load_world(**{**DIALS, "cold_share": share}, seed=0) for share in (0.1, 0.6))
    shares = [np.concatenate([era.requests.cold for era in dialled.eras]).mean() for dialled in (few, many)]
    np.testing.assert_allclose(shares, [0.1, 0.6], atol=0.01)


def test_as_of_a_refresh_nothing_later_is_known(world):
    requests = world.eras[-1].requests
    hourly, nightly = (data.as_of(requests, h) for h in (1, 24))
    for then, interval in ((hourly, 3_600), (nightly, 86_400)):
        assert (then.second % interval == 0).all() and (requests.second - then.second < interval).all()
        for known, at, when in zip(then.liked, then.liked_at, then.second, strict=True):
            assert len(known) == len(at) and (at < when).all()
    assert sum(map(len, nightly.liked)) < sum(map(len, hourly.liked)) < sum(map(len, requests.liked))


def test_a_week_later_every_store_knows_everything():
    world = data.load_world(**{**DIALS, "dates": "week"}, seed=0)
    for era in world.eras:
        then = data.as_of(era.requests, 24)
        assert list(map(len, then.liked)) == list(map(len, era.requests.liked))


def test_even_popularity_is_exactly_even():
    world = data.load_world(**{**DIALS, "popularity": "even"}, seed=0)
    for era in world.eras:
        assert set(np.bincount(era.log.film)) == {0, data.EVEN_LOG_LIKES}
        assert (era.log.stars >= data.LIKED).all()


def test_shuffled_dates_keep_every_rating():
    ratings = data.Log(*(getattr(load_movielens(), name) for name in ("user", "film", "second", "stars")))
    mixed = data._shuffled(ratings, np.random.default_rng(0))
    for one, other in ((ratings, mixed),):
        pairs = [np.sort(log.user * 10_000 + log.film) for log in (one, other)]
        np.testing.assert_array_equal(*pairs)
    assert (np.diff(mixed.second) >= 0).all() and not np.array_equal(mixed.user, ratings.user)


def test_a_random_split_learns_from_later_ratings_but_from_no_answer():
    world = data.load_world(**{**DIALS, "split": "random"}, seed=0)
    era, cut = world.eras[0], data.CUTS[0]
    assert (era.log.second >= cut).any()
    pairs = set((era.log.user * 10_000 + era.log.film).tolist())
    for user, wanted in zip(era.requests.user, era.requests.to_like, strict=True):
        assert not pairs & set((user * 10_000 + wanted).tolist())


def test_the_same_seed_makes_the_same_world_and_another_seed_another(world):
    again, other = (data.load_world(**DIALS, seed=seed) for seed in (0, 1))
    np.testing.assert_array_equal(world.eras[0].log.film, again.eras[0].log.film)
    assert not np.array_equal(world.eras[0].requests.cold, other.eras[0].requests.cold)


@pytest.mark.parametrize("dial", ["split", "dates", "popularity"])
def test_an_unknown_dial_is_told_with_the_known_ones(dial):
    with pytest.raises(ValueError, match=f"no {dial} 'sideways'; there is"):
        data.load_world(**{**DIALS, dial: "sideways"}, seed=0)


def test_impossible_selections_are_told(monkeypatch):
    with pytest.raises(ValueError, match="share from 0 to 1"):
        data.load_world(**{**DIALS, "cold_share": 1.5}, seed=0)
    monkeypatch.setattr(data, "LEAST_LIKES", 10**6)
    with pytest.raises(ValueError, match="selection is empty"):
        data.load_world(**DIALS, seed=0)


# -- the sources -----------------------------------------------------------------------------------------------------


def test_the_als_vector_of_a_newcomer_is_the_one_that_training_gives(world):
    table = features.likes_table(world.eras[0].log, world.n_users, world.n_films)
    from implicit.cpu.als import AlternatingLeastSquares

    settings = retrievers.ALS | dict(iterations=30)
    model = AlternatingLeastSquares(factors=8, random_state=0, num_threads=1, use_cg=False, **settings)
    known = np.flatnonzero(np.asarray(table.sum(axis=0)).ravel())
    short = table[np.diff(table.indptr) > 0][:, known]
    model.fit(short, show_progress=False)
    items = np.asarray(model.item_factors)
    gram = items.T @ items + settings["regularization"] * np.eye(8)
    fitted = retrievers.Retriever("als", items, np.ones(len(items)), dict(items=items, gram=gram))
    ours = queries.als_query(fitted, short[3].indices)
    theirs = model.recalculate_user(0, short[3])
    np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-4)


def test_neighbours_by_hand():
    from scipy.sparse import csr_matrix

    table = csr_matrix(np.array([[1, 1, 0], [1, 1, 0], [1, 0, 1], [0, 1, 0]], np.float32))
    model = retrievers.fit_neighbours(table, 0, 0)
    scores = queries.neighbour_scores(model, np.array([0]))
    assert scores[1] == pytest.approx(2 / (np.sqrt(3 * 3) + retrievers.KNN_SHRINK))
    assert scores[0] == 0 and scores[2] == 0  # together once is chance


def test_longer_vectors_come_first_in_the_index_as_by_product():
    items = np.random.default_rng(0).normal(size=(200, 6)).astype(np.float32) * np.linspace(0.1, 3, 200)[:, None]
    vectors = features.unit_film_vectors(items)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    query = np.random.default_rng(1).normal(size=6).astype(np.float32)
    np.testing.assert_array_equal(np.argsort(-(vectors @ np.append(query, 0)))[:20], np.argsort(-(items @ query))[:20])


def test_candidates_are_unseen_and_those_of_a_plain_scan(world, als):
    index = answer.build_indexes((als,), kind="flat", seed=0)[0]
    find, requests = funnel.finder(als, index, 20, 0, 1), world.eras[0].requests
    for i in range(40):
        ids, scores = find(requests.liked[i], requests.seen[i])
        every = als.items @ queries.als_query(als, requests.liked[i])
        every[requests.seen[i]] = -np.inf
        np.testing.assert_allclose(scores, np.sort(every)[::-1][: len(ids)], atol=1e-5)
        assert not np.isin(ids, requests.seen[i]).any() and (np.diff(scores) <= 1e-6).all()


def test_places_kept_for_the_most_liked_are_theirs(world, als):
    index = answer.build_indexes((als,), kind="flat", seed=0)[0]
    requests, most = world.eras[0].requests, np.argsort(-als.popularity, kind="stable")
    ids, scores = funnel.finder(als, index, 20, 10, 1)(requests.liked[0], requests.seen[0])
    alone, _ = funnel.finder(als, index, 20, 0, 1)(requests.liked[0], requests.seen[0])
    np.testing.assert_array_equal(ids[:10], alone[:10])
    left = [film for film in most if film not in requests.seen[0] and film not in ids[:10]]
    assert ids[10:].tolist() == left[:10] and len(set(ids.tolist())) == 20 == len(scores)


def test_who_has_liked_nothing_gets_the_most_liked(als):
    index, none = answer.build_indexes((als,), kind="flat", seed=0)[0], np.array([], np.int64)
    ids, _ = funnel.finder(als, index, 5, 0, 1)(none, none)
    np.testing.assert_array_equal(ids, np.argsort(-als.popularity, kind="stable")[:5])


@pytest.mark.parametrize("n", [0, 9_067])
def test_more_candidates_than_films_are_refused(als, n):
    with pytest.raises(ValueError, match="N must be from 1 to the 9,066 films"):
        funnel.finder(als, None, n, 0, 1)


def towers(d=6, hidden=8, n=300):
    rng = np.random.default_rng(0)
    shapes = ((n, d + 1), (d, hidden), (hidden,), (hidden, d))
    return Towers(*(rng.normal(size=s).astype(np.float32) for s in shapes))


def test_compressed_networks_come_near_the_whole_one():
    made, likes = towers(), np.ones(300, np.float32)
    liked = np.array([3, 5, 8])
    whole, small = compression.as_trained(made, likes), compression.to_int8(made, likes)
    np.testing.assert_allclose(queries.int8_query(small, liked), queries.tower_query(whole, liked), atol=0.2)
    assert small.served_bytes < whole.served_bytes / 2


def test_a_pruned_network_is_the_whole_one_with_its_weak_weights_at_zero():
    made, likes, liked = towers(), np.ones(300, np.float32), np.array([3, 5, 8])
    pruned = compression.prune(made, likes)
    by_hand = compression.as_trained(
        Towers(*(compression._strong(x) for x in (made.items, made.into)), made.bias, compression._strong(made.out)),
        likes,
    )
    np.testing.assert_allclose(queries.pruned_query(pruned, liked), queries.tower_query(by_hand, liked), atol=1e-5)
    assert (pruned.items == 0).mean() == pytest.approx(0.5, abs=0.01)


def test_a_student_is_half_as_wide_and_knows_its_teacher_roughly():
    made, likes, liked = towers(), np.ones(300, np.float32), np.array([3, 5, 8])
    student, teacher = compression.distil(made, likes), compression.as_trained(made, likes)
    assert student.items.shape == (300, 5)
    one, other = (
        student.items @ queries.student_query(student, liked),
        teacher.items @ queries.tower_query(teacher, liked),
    )
    assert np.corrcoef(one, other)[0, 1] > 0.5


# -- the ranker and the list -----------------------------------------------------------------------------------------


def test_features_by_hand(world):
    facts = features.film_facts(world.eras[0].log, world.year, world.content)
    ids, liked = np.array([10, 20]), np.array([30])
    rows = features.candidate_features(facts, ids, np.array([2.0, 1.0], np.float32), liked, second=0)
    named = dict(zip(features.FEATURES, rows.T, strict=True))
    np.testing.assert_allclose(named["score of the source"], [1, -1])
    np.testing.assert_allclose(named["like the likes"], world.content[ids] @ world.content[30], atol=1e-6)
    np.testing.assert_allclose(named["age"], 1970 - world.year[ids])
    np.testing.assert_allclose(named["years from the likes"], np.abs(world.year[ids] - world.year[30]))
    assert (features.candidate_features(facts, ids, np.ones(2, np.float32), liked[:0], 0)[:, [5, 6, 8, 10]] == 0).all()


def test_by_hand_practice_knows_of_films_what_was_rated_before_its_request():
    # film 0 has one like before second 100 and two after, film 1 none before; three ratings of stars 5, 3 and 4 by then
    log = data.Log(
        np.array([0, 1, 1, 2, 2]), np.array([0, 2, 2, 0, 1]), np.array([10, 20, 30, 100, 200]),
        np.array([5.0, 3.0, 4.0, 5.0, 5.0]),
    )  # fmt: skip
    films, one = np.array([2]), np.array([0])
    ask = data.Requests(
        np.array([9]), np.array([100]), np.array([False]), (films,), (one,), (films,), (one,), (one,), (one,)
    )
    content = np.eye(3, dtype=np.float32)
    world = data.World((), np.full(3, 1970), content, 10, ("",) * 3, ("",) * 3)
    candidates = np.array([0, 1]), np.array([2.0, 1.0], np.float32)
    examples = rankers.make_examples(data.Era(log, ask, ask), world, lambda i: candidates, "likes")
    likes, stars = (examples.rows[:, features.FEATURES.index(name)] for name in ("likes", "stars"))
    np.testing.assert_allclose(likes, [np.log1p(1e4 / 2), 0], rtol=1e-6)  # two likes by then, one of them of film 0
    np.testing.assert_allclose(stars, [(5 + 5 * 4) / 6, 4.0], rtol=1e-6)
    assert examples.came.tolist() == [1.0, 0.0]


def test_before_any_rating_every_film_counts_nothing():
    empty = data.Log(np.array([], int), np.array([], int), np.array([], int), np.array([]))
    facts = features.film_facts_at(empty, np.full(2, 1970), np.eye(2, dtype=np.float32), 0)
    assert facts.likes.tolist() == facts.recent.tolist() == [0.0, 0.0] and np.isfinite(facts.stars).all()


def test_a_ranker_learns_what_a_feature_says():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(4_000, 11)).astype(np.float32)
    examples = rankers.Examples(rows, (rows[:, 4] + 0.3 * rng.normal(size=4_000) > 1).astype(np.float32))
    for fit in (rankers.fit_lr, rankers.fit_gbdt):
        chance = fit(examples, 20, 0).predict(rows)
        assert ((chance > 0) & (chance < 1)).all()
        assert chance[rows[:, 4] > 1.5].mean() > 3 * chance[rows[:, 4] < 0].mean()


def test_without_weight_on_variety_the_order_stays_and_with_all_of_it_twins_go():
    content = np.eye(4, dtype=np.float32)[[0, 0, 0, 1, 2]]
    ids = np.arange(5)
    assert funnel.varied(ids, content, 0.0, 3).tolist() == [0, 1, 2]
    assert funnel.varied(ids, content, 0.8, 3).tolist() == [0, 3, 4]
    assert funnel.varied(ids, content, 0.4, 9).tolist() != [] and len(funnel.varied(ids, content, 0.4, 9)) == 5
    assert funnel.varied(ids[:0], content, 0.4, 3).tolist() == []


# -- grading ---------------------------------------------------------------------------------------------------------


def test_grades_by_hand():
    content = np.eye(3, dtype=np.float32)
    ids = np.array([[0, 1], [0, -1]])
    np.testing.assert_allclose(evaluate.list_variety(ids, content), [1, 0])
    np.testing.assert_allclose(evaluate.list_variety(np.array([[0, 0]]), content), [0])
    np.testing.assert_allclose(evaluate.share_of_distinct(ids), [(0.5 + 1) / 2, 0.25])
    wanted = (np.array([1]), np.array([2]))
    np.testing.assert_allclose(evaluate.ndcg(evaluate.hits(ids, wanted), wanted), [1 / np.log2(3), 0])
    np.testing.assert_allclose(evaluate.ceiling(ids, wanted), [1, 0])


def test_log_loss_agrees_with_scikit_learn():
    from sklearn.metrics import log_loss

    chances = np.array([[0.9, 0.2, 0.4]], np.float32)
    ours = evaluate.log_loss(funnel.Candidates(np.array([[5, 6, 7]]), chances), (np.array([5]),))
    assert ours[0] == pytest.approx(log_loss([1, 0, 0], chances[0]), abs=1e-6)


def test_no_list_shows_a_film_twice_or_one_already_seen():
    for design in (VideoRecommendation(popular=20, diversity=0.4), VideoRecommendation(serving="batch")):
        s = stages(design)
        for row, (_, j, requests) in zip(s["shown"].value, answer.requests_of(s["world"].value), strict=True):
            row = row[row >= 0]
            assert len(set(row.tolist())) == len(row) and not np.isin(row, requests.seen[j]).any()


# -- serving ---------------------------------------------------------------------------------------------------------


def test_the_store_holds_what_the_refresh_would_have_shown_and_nothing_newer():
    s = stages(replace(PLAIN, serving="batch"))
    then, store, listed = s["then"].value, s["store"].value, s["listed"].value.ids
    for i, (e_, j, requests) in enumerate(answer.requests_of(then)):
        stored = store.get(i)
        if len(requests.liked[j]):
            np.testing.assert_array_equal(stored, listed[i])
        else:
            assert stored is None and store.get(-1 - e_) is not None


def test_strangers_get_the_most_liked_films_when_nothing_ranks_them():
    s = stages(replace(PLAIN, serving="batch"))
    model, store = s["model"].value, s["store"].value
    most = np.argsort(-model[0].popularity, kind="stable")[:200]
    stored = store.get(-1)
    assert np.isin(stored[stored >= 0], most).all()


def test_hybrid_shows_only_what_was_stored():
    s = stages(VideoRecommendation(serving="hybrid"))
    read = store.reading(s["store"].value, s["world"].value)
    for i, row in enumerate(s["shown"].value[:100]):
        assert set(row[row >= 0].tolist()) <= set(read(i)[0].tolist())


def test_the_store_survives_a_restart_and_is_rebuilt_when_corrupt():
    design = replace(PLAIN, serving="batch")
    before = run(design).quality["ndcg@10"].value
    (file,) = stores_folder().glob("*.sqlite")
    MEMO.clear()
    assert run(design).quality["ndcg@10"].value == before
    file.write_bytes(file.read_bytes()[:5_000])
    MEMO.clear()
    assert run(design).quality["ndcg@10"].value == before
    assert "rebuilt" in stages(design)["store"].value.note


def test_turning_diversity_trains_nothing_again():
    run(VideoRecommendation())
    again = {record.name for record in run(VideoRecommendation(diversity=0.4)).steps if not record.reused}
    assert again <= {"vary", "show ten", "grade", "show", "time varying"}


def test_the_baseline_needs_no_training_and_the_replica_says_what_it_holds():
    popular, als = (run(design) for design in (CASE.baseline, PLAIN))
    assert popular.build_s < als.build_s and popular.memory_bytes < als.memory_bytes


# -- the page --------------------------------------------------------------------------------------------------------


def test_the_panel_tells_each_stage_and_every_person():
    shown = run(VideoRecommendation()).shown
    films = [stage.films for stage in shown.stages]
    assert films[0] == 9_066 and films == sorted(films, reverse=True) and films[-1] == 10
    recalls = [stage.recall for stage in shown.stages]
    assert recalls == sorted(recalls, reverse=True)
    for person in shown.people:
        assert list(person.kept) == sorted(person.kept, reverse=True)
        assert "Of the next" in panel.summary(person)
    assert sum(p_.name.count("newcomer") for p_ in shown.people) == 3


def test_a_film_with_a_hostile_title_is_escaped():
    from core.cases.video_recommendation.evaluate import Film

    assert "<script>" not in panel._film(Film("<script>", 1999, "<b>", True, 3), 1, True)
