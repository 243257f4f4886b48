"""Event recommendation: what is special to it, its bad input, and every sentence it tells."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, ndcg_score

from core.cases.event_recommendation import EventRecommendation
from core.cases.event_recommendation.data.places import kilometres, load_region, to_degrees, to_plane
from core.cases.event_recommendation.data.simulator import simulate
from core.cases.event_recommendation.data.world import BEGUN_H, HOURS, NOW
from core.cases.event_recommendation.evaluate.held_out import WEEK_H, factorise_part, split_log, tied_lists
from core.cases.event_recommendation.evaluate.quality import calibration, chances_of, grade
from core.cases.event_recommendation.features.counts import known_of, tally
from core.cases.event_recommendation.features.pairs import GROUPS, NAMES, columns, features
from core.cases.event_recommendation.features.rows import in_sample, sampled, training_rows
from core.cases.event_recommendation.features.shelf import fill_shelf, read_shelf
from core.cases.event_recommendation.interview import sample
from core.cases.event_recommendation.model.factors import learn_factors
from core.cases.event_recommendation.model.network import COMPRESSIONS, Dense, Eight, learn_network
from core.cases.event_recommendation.model.ranker import Ranker, factorise, train
from core.cases.event_recommendation.model.scorers import MODELS, Scorer
from core.cases.event_recommendation.pipeline import run, stages
from core.cases.event_recommendation.serve.candidates import finder, scan
from core.cases.event_recommendation.serve.lists import K, Lists, rank_all
from core.contract.design import canonical, knobs
from core.datasets.files import DataError
from core.ui.panels import evening_map

DIALS = dict(life_days=10, decay=2.0, social=1.0, curved=1.0, drift=0.0)


@pytest.fixture(scope="module")
def region():
    return load_region()


@pytest.fixture(scope="module")
def world(region):
    return simulate(region, **DIALS, seed=0)


@pytest.fixture(scope="module")
def tallies(world):
    return tally(world)


@pytest.fixture(scope="module")
def shelf(tallies, world):
    return fill_shelf(tallies, world, age_h=0, lag_h=0, begun_h=0)


@pytest.fixture(scope="module")
def rows(tallies, world):
    return training_rows(tallies, world, lag_h=0, age_days=0.5, negatives=4, seed=0)


# -- the world -------------------------------------------------------------------------------------------------------


def test_nobody_registers_twice_for_a_begun_or_a_full_event(world):
    log, events = world.log, world.events
    yes = log.registered
    pairs = log.person[yes] * len(events.host) + log.event[yes]
    assert len(np.unique(pairs)) == len(pairs)
    assert (log.hour[yes] < events.start[log.event[yes]]).all()
    guests = np.bincount(log.event[yes], minlength=len(events.host))
    assert (guests <= events.seats).all() and (guests == events.seats).any()


def test_the_log_is_in_order_and_shows_only_what_was_announced(world):
    log, events = world.log, world.events
    assert (np.diff(log.hour) >= 0).all() and log.hour.max() < HOURS
    assert (events.posted[log.event] <= log.hour).all()
    assert (events.start[log.event] > log.hour - BEGUN_H - 24).all()


def test_the_truth_of_the_evening_leaves_out_what_cannot_be(world):
    now, events = world.requests, world.events
    assert (events.start[now.open] > NOW).all() and (events.posted[now.open] <= NOW).all()
    assert (now.chance >= 0).all() and (now.chance < 1).all() and not (now.would & (now.chance == 0)).any()
    rows = np.flatnonzero(world.log.registered & (world.log.hour < NOW))
    full = (np.bincount(world.log.event[rows], minlength=len(events.host)) >= events.seats)[now.open]
    assert full.any() and (now.chance[:, full] == 0).all()


def test_friends_are_friends_of_each_other_and_live_nearer_than_strangers(region):
    known = {(i, int(j)) for i, (a, b) in enumerate(pairwise(region.friends_at)) for j in region.friends[a:b]}
    assert known and all((j, i) in known and i != j for i, j in known)
    pairs = np.array(sorted(known))
    strangers = np.random.default_rng(0).permutation(pairs[:, 1])
    away = kilometres(region.home[pairs[:, 0]], region.home[pairs[:, 1]])
    assert away.mean() < kilometres(region.home[pairs[:, 0]], region.home[strangers]).mean()


def test_the_plane_and_the_globe_agree(region):
    lon, lat = to_degrees(to_plane(np.array([4.9, 6.96]), np.array([52.37, 50.94])))
    assert lon == pytest.approx([4.9, 6.96]) and lat == pytest.approx([52.37, 50.94])
    at = [region.name.index(name) for name in ("Amsterdam", "Rotterdam")]
    assert kilometres(region.xy[at[0]], region.xy[at[1]]) == pytest.approx(57, abs=2)


# -- features --------------------------------------------------------------------------------------------------------


def test_a_count_knows_nothing_of_its_own_hour_or_later(world, tallies):
    log = world.log
    row = int(np.flatnonzero(log.registered & (log.hour > 600))[0])
    event, hour = log.event[[row]], log.hour[[row]]
    by_hand = (log.registered & (log.event == event) & (log.hour < hour)).sum()
    known = known_of(tallies, world, log.person[[row]], event, hour)
    assert known.registered[0] == by_hand
    friends = world.people.friends_of(int(log.person[row]))
    going = (log.registered & (log.event == event) & (log.hour < hour) & np.isin(log.person, friends)).sum()
    assert known.going[0] == going


@pytest.mark.parametrize("lag_h", [0, 24])
def test_the_shelf_tells_what_the_log_tells(world, tallies, lag_h):
    shelf = fill_shelf(tallies, world, age_h=0, lag_h=lag_h, begun_h=0)
    rng = np.random.default_rng(0)
    person, column = rng.integers(1_000, size=500), rng.integers(len(shelf.open), size=500)
    known = known_of(tallies, world, person, shelf.open[column], np.full(500, NOW - lag_h))
    here = features(world.events, world.people, person, shelf.open[column], np.full(500, NOW), known)
    np.testing.assert_allclose(read_shelf(shelf, world, person, column), here, rtol=1e-5, atol=1e-4)


def test_feature_groups_cover_every_feature_once():
    assert sum(map(len, GROUPS.values())) == len(NAMES) == len(set(NAMES))
    assert len(columns("all")) == len(NAMES)
    for group in GROUPS:
        assert sorted([*columns(f"no {group}"), *columns(f"{group} only")]) == list(range(len(NAMES)))


@pytest.mark.parametrize("wrong", ["", "place", "no luck", "weather only"])
def test_unknown_feature_groups_are_told(wrong):
    with pytest.raises(ValueError, match="no feature groups"):
        columns(wrong)


def test_negatives_are_thinned_to_the_ratio_and_positives_kept(world, tallies, rows):
    everything = training_rows(tallies, world, lag_h=0, age_days=0.5, negatives=0, seed=0)
    assert rows.y.sum() == everything.y.sum() and (~rows.y).sum() == 4 * rows.y.sum()
    assert everything.kept == 1 and rows.kept == pytest.approx((~rows.y).sum() / (~everything.y).sum())


# -- rankers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [name for name, ranker in MODELS.items() if ranker.learn])
def test_every_ranker_scores_the_same_alone_and_together(model, rows):
    options = dict(compression="fp32") if model == "nn" else {}
    scorer = MODELS[model].learn(rows, columns("all"), 0, **options)
    together = scorer.score(rows.x[:50])
    alone = np.concatenate([scorer.score(rows.x[i : i + 1]) for i in range(50)])
    np.testing.assert_allclose(alone, together, rtol=1e-4, atol=1e-5)
    chance = scorer.chance(together)
    assert ((chance > 0) & (chance < 1)).all()


def test_sampled_negatives_are_put_back_by_the_formula():
    ranker = Ranker(Scorer(lambda x: x, 0), None, kept=0.025)
    logit = np.log(0.2 / 0.8)
    assert ranker.chances(np.array([logit]), correct=True)[0] == pytest.approx(0.0062, abs=5e-5)
    assert ranker.chances(np.array([logit]), correct=False)[0] == pytest.approx(0.2)


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_a_compressed_network_is_small_and_still_knows_the_way(compression, rows):
    served = learn_network(rows.x, rows.y, compression, seed=0)
    scores = served.scores(rows.x)
    assert scores[rows.y].mean() > scores[~rows.y].mean() + 1
    whole = learn_network(rows.x, rows.y, "fp32", seed=0)
    assert served.nbytes <= whole.nbytes and served.parameters <= whole.parameters


def test_eight_bits_are_one_step_from_the_weights():
    layer = Dense(np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32), np.zeros(3, np.float32))
    step = np.abs(layer.weights).max(axis=0) / 127
    eight = Eight(np.rint(layer.weights / step).astype(np.int8), step.astype(np.float32), layer.bias)
    x = np.eye(5, dtype=np.float32)
    assert (np.abs(eight.times(x) - layer.times(x)) <= step / 2 + 1e-6).all()


def test_an_unknown_compression_is_refused(rows):
    with pytest.raises(KeyError, match="fp4"):
        learn_network(rows.x[:100], rows.y[:100], "fp4", seed=0)


def test_co_registration_finds_two_crowds():
    person = np.repeat(np.arange(20), 5)
    event = np.where(person < 10, 0, 5) + np.tile(np.arange(5), 20)
    learnt = learn_factors(person, event, 20, 11, seed=0)
    vectors = learnt.fold_in(person, event, 11)
    scores = learnt.people @ vectors.T
    assert scores[0, :5].min() > scores[0, 5:10].max() and scores[19, 5:10].min() > scores[19, :5].max()
    assert (scores[:, 10] == 0).all()  # nobody has registered: nothing is known


def test_a_log_without_registrations_teaches_nothing_and_says_so(rows):
    empty = replace(rows, y=np.zeros_like(rows.y))
    with pytest.raises(ValueError, match="nothing to learn from"):
        train(empty, model="gbdt", groups="all", learnt_from=1.0, seed=0)


def test_a_sample_that_holds_one_class_is_told_with_its_size(rows):
    full = replace(rows, y=np.ones_like(rows.y))
    with pytest.raises(ValueError, match=r"\d+ rows hold \d+ registrations.*keep more"):
        train(full, model="gbdt", groups="all", learnt_from=0.1, seed=0)
    with pytest.raises(ValueError, match=r"^0 rows hold 0 registrations"):
        train(rows, model="gbdt", groups="all", learnt_from=0.0, seed=0)


# -- the visits learnt from --------------------------------------------------------------------------------------------

SHARES = knobs(EventRecommendation)["learnt_from"].options


def test_samples_of_visits_are_nested_seeded_and_keep_whole_visits(rows):
    there = [in_sample(rows.visit, share, seed=0) for share in SHARES]
    for few, more in pairwise(there):
        assert (few <= more).all() and few.sum() < more.sum()
    for share, kept in zip(SHARES, there, strict=True):
        visits = np.unique(rows.visit[kept])
        assert len(visits) == pytest.approx(share * rows.visit.max(), abs=1)
        assert np.isin(rows.visit, visits).sum() == kept.sum()  # nothing of a visit is left out
    np.testing.assert_array_equal(there[0], in_sample(rows.visit, SHARES[0], seed=0))
    assert not np.array_equal(there[0], in_sample(rows.visit, SHARES[0], seed=1))


def test_a_sample_holds_training_rows_as_they_were(rows):
    few, there = sampled(rows, 0.25, seed=0), in_sample(rows.visit, 0.25, seed=0)
    assert 0 < len(few.y) < len(rows.y) and few.kept == rows.kept
    for name in ("x", "y", "visit", "person", "event"):
        np.testing.assert_array_equal(getattr(few, name), getattr(rows, name)[there])


def test_all_visits_leave_nothing_out(world, rows):
    whole = sampled(rows, 1.0, seed=0)
    assert whole.x.tobytes() == rows.x.tobytes() and whole.y.tobytes() == rows.y.tobytes()
    log = world.log
    taught = np.flatnonzero(log.registered & (log.hour < NOW - 12))
    expected = learn_factors(log.person[taught], log.event[taught], 1_000, len(world.events.host), seed=0)
    learnt = factorise(world, age_days=0.5, learnt_from=1.0, seed=0)
    assert learnt.factors.people.tobytes() == expected.people.tobytes()


@pytest.mark.parametrize("judged", ["evening", "later", "random"])
def test_only_training_feels_how_many_visits_there_are(judged):
    whole, few = (stages(EventRecommendation(judged=judged, learnt_from=share), 0) for share in (1.0, 0.1))
    changed = {name for name in whole if whole[name].key != few[name].key}
    assert {"world", "tallies", "rows", "shelf", "older", "finding"}.isdisjoint(changed)
    assert {"ranker", "quality", "served"} <= changed
    judging = [{step.key for step in s["quality"].lineage() if step.function is split_log} for s in (whole, few)]
    assert judging[0] == judging[1] and len(judging[0]) == (judged != "evening")  # the visits to judge by are the same


@pytest.mark.parametrize("model", ["gbdt", "mf"])
def test_a_tenth_of_the_visits_gives_another_order(model):
    few, whole = (run(EventRecommendation(model=model, learnt_from=share), seed=0).quality for share in (0.1, 1.0))
    assert few["map"].value < whole["map"].value
    np.testing.assert_array_equal(few["ceiling"].per_query, whole["ceiling"].per_query)


@pytest.mark.parametrize("model", ["popular", "nearest"])
def test_what_learns_no_order_has_no_share_of_visits(model):
    assert canonical(EventRecommendation(model=model, learnt_from=0.1)) == EventRecommendation(model=model)


def test_the_split_counts_the_rows_that_teach():
    few, whole = (sample(EventRecommendation(learnt_from=share), 0).split for share in (0.1, 1.0))
    assert few["rows that teach"] == pytest.approx(0.1 * whole["rows that teach"], rel=0.1)
    assert few["people who ask"] == whole["people who ask"]


# -- candidates, lists, serving ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("radius", "horizon"), [(5, 2), (50, 14), (200, 90)])
def test_tree_and_scan_find_the_same(world, shelf, radius, horizon):
    candidates, find = scan(shelf, world, radius, horizon), finder(shelf, world, radius, horizon)
    bounds = candidates.bounds(1_000)
    for person in range(0, 1_000, 50):
        np.testing.assert_array_equal(find(person), candidates.column[bounds[person] : bounds[person + 1]])


def test_candidates_keep_to_radius_horizon_and_seats(world, shelf):
    candidates = scan(shelf, world, 25, 7)
    event = shelf.open[candidates.column]
    assert (kilometres(world.people.xy[candidates.person], world.events.xy[event]) <= 25).all()
    assert (world.events.start[event] <= NOW + 7 * 24).all() and (shelf.registered < 10**6).all()
    assert (shelf.registered[candidates.column] < world.events.seats[event]).all()


def test_nothing_within_reach_gives_empty_lists_and_full_regret(world, shelf, rows):
    ranker = train(rows, model="rules", groups="all", learnt_from=1.0, seed=0)
    lists = rank_all(ranker, shelf, world, radius=0, horizon=14, depth=K)
    assert (lists.ids == -1).all() and len(lists.scores) == 0
    graded = grade(lists.ids, lists, ranker, shelf, world, True)
    assert graded["map"].value == 0 and graded["ceiling"].value == 0 and graded["regret"].value == pytest.approx(1)
    assert len(finder(shelf, world, 0, 14)(3)) == 0


def test_a_horizon_with_nothing_in_it_finds_nothing(world, shelf):
    assert len(finder(shelf, world, 50, 0)(0)) == 0 and len(scan(shelf, world, 50, 0).person) == 0


def test_lists_are_longer_than_the_candidates_only_by_blanks(world, shelf, rows):
    ranker = train(rows, model="nearest", groups="all", learnt_from=1.0, seed=0)
    lists = rank_all(ranker, shelf, world, radius=10, horizon=14, depth=K)
    n_found = np.bincount(lists.candidates.person, minlength=1_000)
    np.testing.assert_array_equal((lists.ids >= 0).sum(axis=1), np.minimum(n_found, K))


def test_nobody_with_a_wish_cannot_be_graded(world, shelf, rows):
    ranker = train(rows, model="nearest", groups="all", learnt_from=1.0, seed=0)
    lists = rank_all(ranker, shelf, world, radius=10, horizon=14, depth=K)
    bored = replace(world, requests=replace(world.requests, would=np.zeros_like(world.requests.would)))
    with pytest.raises(ValueError, match="nobody would register"):
        grade(lists.ids, lists, ranker, shelf, bored, True)


def test_calibration_is_zero_for_the_truth_and_large_for_twice_the_truth(world, shelf):
    candidates = scan(shelf, world, 50, 14)
    true = chances_of(shelf.open[candidates.column][:, None], candidates.person, world)[:, 0]
    oracle = Ranker(Scorer(lambda x: x, 0), None, kept=1.0)
    scores = np.log(np.maximum(true, 1e-9) / (1 - true))
    lists = Lists(np.full((1_000, K), -1), candidates, scores)
    exact = calibration(lists, oracle, shelf, world, False)
    assert exact.value == pytest.approx(0, abs=1e-3) and exact.low < 1e-12
    halved = Lists(lists.ids, candidates, np.log(np.maximum(true, 1e-9) / 2 / (1 - true / 2)))
    half = calibration(halved, oracle, shelf, world, False)
    assert half.value == pytest.approx(0.5, abs=1e-3) and half.low > 0.4 and half.unit == "persons"


def test_random_visits_share_no_visit_with_training(world, tallies):
    for judged in ("later", "random"):
        held = split_log(tallies, world, judged, lag_h=0, negatives=0, seed=0)
        assert len(held.train.y) > len(held.test.y) > 1_000


def test_rows_of_one_score_enter_a_visits_list_together():
    visit, score, hit = np.array([3, 7, 3, 3]), np.array([0.1, 0.5, 0.9, 0.1]), np.array([True, True, False, False])
    graded, hits = tied_lists(visit, score, hit)
    assert hits.sum(axis=1).tolist() == [1, 1]
    assert graded["map"] == pytest.approx([1 / 3, 1])
    second_or_third = (1 / np.log2(3) + 1 / np.log2(4)) / 2
    assert graded["ndcg@10"] == pytest.approx([second_or_third, 1])


def test_lists_without_ties_are_graded_as_scikit_learn_does():
    rng = np.random.default_rng(0)
    visit, score, hit = np.repeat(np.arange(30), 8), rng.random(240), rng.random(240) < 0.3
    graded, hits = tied_lists(visit, score, hit)
    came = np.flatnonzero(hits.any(axis=1))
    for i in came.tolist():
        own = visit == i
        assert graded["map"][i] == pytest.approx(average_precision_score(hit[own], score[own]))
        assert graded["ndcg@10"][i] == pytest.approx(ndcg_score(hit[own][None], score[own][None], k=10))


def test_vectors_judged_on_a_later_week_know_nothing_of_that_week(world, tallies):
    last = world.log.hour >= NOW - WEEK_H
    silent = replace(world, log=replace(world.log, registered=world.log.registered & ~last))
    assert world.log.registered[last].any()
    known = dict(judged="later", lag_h=0, negatives=0, seed=0)
    one, other = (
        factorise_part(split_log(tallies, history, **known), history, 1.0, 0).factors.people
        for history in (world, silent)
    )
    np.testing.assert_array_equal(one, other)
    assert not np.array_equal(one, factorise(world, 0.0, 1.0, 0).factors.people)
    steps = stages(EventRecommendation(model="mf", judged="later"), 0)
    assert steps["ranker"].function is factorise_part


def test_batch_looks_up_what_was_ranked_before_the_evening():
    m_batch = run(canonical(EventRecommendation(serving="batch", refresh_h=72)), seed=0)
    assert set(m_batch.parts_ms) == {"look up"} and m_batch.store_bytes > 0 and m_batch.refresh_s > 0
    assert m_batch.refresh_every_h == 72 and m_batch.quality["begun@10"].value == 0


def test_a_replica_holds_the_bounds_of_its_buckets_and_the_vectors_of_its_events(rows):
    scorer = MODELS["lr_buckets"].learn(rows, np.array([0]), 0)
    bounds = scorer.parameters - 2  # so many buckets and one more, and the intercept
    assert scorer.nbytes == 4 * scorer.parameters + 8 * bounds
    measured = run(EventRecommendation(model="mf"))
    assert measured.parts_bytes["event vectors"] == 8 * 8 * measured.n_items


def test_a_missing_file_of_cities_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr("core.cases.event_recommendation.data.places.load_cities", lambda: places_of(tmp_path))
    with pytest.raises(DataError, match=r"checksums\.json is missing"):
        load_region()


def places_of(root):
    from core.datasets.cities import load_cities

    return load_cities(root)


# -- the map -----------------------------------------------------------------------------------------------------------


def test_the_map_says_what_it_draws_and_fetches_nothing():
    shown = run(EventRecommendation(), seed=0).shown
    assert len(shown.evenings) == 6
    for evening in shown.evenings:
        pins = evening.pins
        assert [pin.rank for pin in pins if pin.role == "shown"] == list(
            range(1, sum(p.role == "shown" for p in pins) + 1)
        )
        assert all(pin.wanted for pin in pins if pin.role == "missed")
        deck = evening_map.deck(shown, evening)
        assert deck.map_provider is None and "http" not in deck.to_json().replace("https://deck.gl", "")
        assert f"of {evening.city} came into question" in evening_map.summary(evening, shown.radius_km)
        assert len(evening_map.rows(evening)) == len(pins)
