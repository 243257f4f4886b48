"""The news feed: what is special to it, its bad input, and every sentence it tells."""

from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from core.cases.news_feed import NewsFeed
from core.cases.news_feed import features as ft
from core.cases.news_feed.checks.common import afresh
from core.cases.news_feed.data import follows as fl
from core.cases.news_feed.data import laws, simulate
from core.cases.news_feed.data import world as w
from core.cases.news_feed.data.films import GENRES, film_of
from core.cases.news_feed.evaluate import heads as graded
from core.cases.news_feed.model import compression, networks, task
from core.cases.news_feed.model import heads as m
from core.cases.news_feed.pipeline import run, stages
from core.cases.news_feed.serve import everyone, fanout, funnel
from core.contract.design import canonical
from core.datasets import people
from core.datasets.files import DataError
from core.datasets.films import load_films
from core.ui.panels import feed_panel


@pytest.fixture(scope="module")
def made():
    """The stages of the logistic regressions."""
    return stages(NewsFeed(model="lr"))


@pytest.fixture(scope="module")
def world(made):
    """The default world."""
    return made["world"].value


@pytest.fixture(scope="module")
def logged(made):
    """Its log as models get it."""
    return made["logged"].value


# -- the graph and fan-out -------------------------------------------------------------------------------------------


def test_fan_out_costs_of_four_people_are_those_worked_out_by_hand():
    degree = np.array([10, 10, 10, 40])  # they post 0.6, 0.6, 0.6 and 1.2 times a day
    push, pull, hybrid = (fanout.fan_out_cost(degree, each, 20, visits=2) for each in fanout.FANOUTS)
    assert (push.writes, push.reads, push.burst) == (pytest.approx(18 + 48), 2 * 4, 40)
    assert (pull.writes, pull.reads, pull.burst) == (0, 2 * 70, 0)
    assert (hybrid.writes, hybrid.reads, hybrid.burst) == (pytest.approx(18), 2 * (4 + 40), 10)


def test_readers_follow_real_people_and_nobody_twice(world):
    follows = world.follows
    ties = people.load_trust()
    assert len(follows.degree) == ties.n and follows.degree.sum() == 2 * len(ties.pairs)
    for reader in range(20):
        followed = follows.authors[follows.ptr[reader] : follows.ptr[reader + 1]]
        assert 20 <= len(np.unique(followed)) == len(followed) <= 150


def test_uniform_degrees_are_uniform():
    follows = fl.follow_graph("uniform", 0)
    assert len(np.unique(follows.degree)) == len(np.unique(np.diff(follows.ptr))) == 1
    assert all(len(np.unique(follows.authors[a:b])) == b - a for a, b in pairwise(follows.ptr[:10]))


# -- the world -------------------------------------------------------------------------------------------------------


def test_the_log_shows_only_recent_posts_of_people_followed_and_none_twice(world):
    log, posts, follows = world.log, world.posts, world.follows
    age = log.hour - posts.hour[log.post]
    assert age.min() >= -1e-3 and age.max() <= w.WINDOW_H + 1e-3
    assert len(np.unique(log.reader * np.int64(len(posts.hour)) + log.post)) == len(log.post)
    for i in range(0, len(log.post), 997):
        followed = follows.authors[follows.ptr[log.reader[i]] : follows.ptr[log.reader[i] + 1]]
        assert posts.author[log.post[i]] in followed


def test_what_readers_do_agrees_with_the_true_chances():
    world = stages(NewsFeed(position_bias=0.0, half_life_h=0))["world"].value
    log = world.log
    true = laws.chances(world, log.reader, log.post, log.hour)
    np.testing.assert_allclose(log.done.mean(axis=0), true[:, :6].mean(axis=0), rtol=0.05)
    assert np.expm1(log.dwell_log).mean() == pytest.approx(true[:, -1].mean(), rel=0.05)


def test_places_further_down_are_looked_at_less_and_all_alike_without_bias(world):
    flat = stages(NewsFeed(position_bias=0.0))["world"].value.log
    for log, falls in ((world.log, True), (flat, False)):
        first, last = (log.dwell_log[log.place == place].mean() for place in (0, 19))
        assert (last < 0.5 * first) == falls


def test_directions_agree_as_the_dial_says():
    for agreement in (0.0, 0.7, 1.0):
        one, other = simulate._directions(agreement, np.random.default_rng(0))[:2]
        assert one @ other == pytest.approx(agreement**2, abs=1e-6)


def test_counters_never_fall_and_an_unseen_age_has_none(world):
    assert (np.diff(world.posts.likes, axis=1) >= 0).all() and not world.posts.likes[:, 0].any()
    assert ft.age_bin(np.array([-3.0, 0.4, 0.5, 47.0])).tolist() == [0, 0, 1, 7]


# -- features and models ---------------------------------------------------------------------------------------------


def test_past_training_and_test_follow_each_other_in_time(world):
    role, hour = ft.roles(world.log, "time", 0), world.log.hour
    assert hour[role == 0].max() < hour[role == 1].min() and hour[role == 1].max() < hour[role == 2].min()
    dealt = ft.roles(world.log, "random", 0)
    assert np.array_equal(np.bincount(dealt), np.bincount(role)) and hour[dealt == 0].max() > hour[dealt == 2].min()


def test_features_in_one_go_are_those_of_single_requests(world, logged):
    posts = np.arange(40)
    how = dict(lag_h=0.0, dim=8, heads="all")
    together = ft.features(world, logged.past, np.full(40, 3), posts, w.NOW, **how)
    np.testing.assert_array_equal(together, ft.features(world, logged.past, 3, posts, w.NOW, **how))
    assert together.shape[1] == ft.width(8)


def test_placements_average_to_the_auc_of_scikit_learn():
    rng = np.random.default_rng(0)
    scores, positive = rng.integers(0, 9, 400).astype(float), rng.random(400) < 0.2
    assert graded.placements(scores, positive).mean() == pytest.approx(roc_auc_score(positive, scores))
    area = graded.area(scores, positive, np.arange(400) // 4)
    assert area.value == pytest.approx(roc_auc_score(positive, scores)) and area.low < area.value < area.high
    assert (area.unit, area.n_units) == ("readers", 100)


def test_no_auc_without_a_positive():
    with pytest.raises(ValueError, match="a positive and a negative"):
        graded.placements(np.zeros(3), np.zeros(3, bool))


def test_a_sum_of_weights_corrected_is_a_change_of_offset_alone(logged):
    raw, calibrated = (m.train(logged, "lr", "all", "tower", rare, seed=0) for rare in ("upweighted", "calibrated"))
    assert np.array_equal(raw.model.weights, calibrated.model.weights)
    assert (calibrated.offset[:5] < -1).all() and not calibrated.offset[5:].any()


def test_networks_multiply_as_their_shapes_say(logged):
    shared = m.train(logged, "shared", "all", "tower", "plain", seed=0, width=8)
    inputs = ft.width(8)
    assert shared.model.flops == (8 + 7) * inputs + 7 * 8 * networks.TOWER + 7 * networks.TOWER
    assert m.train(logged, "separate", "explicit", "tower", "plain", seed=0, width=8).heads == w.ACTIONS


@pytest.mark.parametrize("kind", m.NETWORKS)
def test_a_network_serves_what_its_weights_say(logged, kind):
    network = m.train(logged, kind, "all", "tower", "plain", seed=0, width=8, experts=3).model
    each, x = network.weights, logged.test.x[:5]
    wide = ((x - network.mean) / network.scale) @ each["wide"].T + each["wide_bias"]
    bottom, heads = network.n_experts * network.units, network.n_tasks
    hidden = np.maximum(wide[:, :bottom], 0).reshape(5, network.n_experts, network.units)
    if kind == "mmoe":
        gates = np.exp(wide[:, bottom + heads :].reshape(5, heads, -1))
        hidden = (gates / gates.sum(axis=2, keepdims=True)) @ hidden
    towers = np.maximum(np.einsum("ntu,tuh->nth", np.broadcast_to(hidden, (5, heads, network.units)), each["tower"])
                        + each["tower_bias"], 0)  # fmt: skip
    said = wide[:, bottom : bottom + heads] + (towers * each["out"]).sum(axis=2)
    assert network.raw(x, None) == pytest.approx(said, abs=1e-4)


@pytest.mark.parametrize("kind", m.NETWORKS)
@pytest.mark.parametrize("format", [each for each in compression.FORMATS if each != "fp32"])
def test_every_network_gets_smaller_in_every_format(logged, kind, format):
    how = dict(heads="all", position="tower", rare="plain", seed=0)
    shape = dict(width=16, **({"experts": 2} if kind == "mmoe" else {}))
    full = m.train(logged, kind, **how, **shape)
    small = compression.compress(full, logged, format, **how)
    assert small.model.nbytes < full.model.nbytes
    told = [each(logged.test.x[:300]) for each in (full, small)]
    assert all(np.corrcoef(told[0][:, i], told[1][:, i])[0, 1] > 0.6 for i in range(5))


def test_the_place_counts_in_training_and_not_in_serving(logged):
    scorer = m.train(logged, "lr", "all", "tower", "plain", seed=0)
    rows = logged.test
    low = replace(rows, place=np.full_like(rows.place, 19))
    assert (m.rows_scored(scorer, low, True)[:, 0] < m.rows_scored(scorer, low, False)[:, 0]).all()


# -- learning from fewer impressions ---------------------------------------------------------------------------------


def test_smaller_samples_lie_within_larger_ones_and_hold_training_rows_alone(logged):
    found = [ft.learn_from(logged, share, 0).train for share in (0.1, 0.25, 0.5, 1.0)]
    whole = [row.tobytes() for row in np.column_stack([logged.train.x, logged.train.place, logged.train.done])]
    kept = [[r.tobytes() for r in np.column_stack([each.x, each.place, each.done])] for each in found]
    assert [len(each) for each in kept] == [round(share * len(whole)) for share in (0.1, 0.25, 0.5, 1.0)]
    assert len(set(whole)) == len(whole) and kept[-1] == whole
    assert all(set(small) < set(large) for small, large in pairwise(kept))
    assert [row for row in whole if row in set(kept[0])] == kept[0]  # in the order of the log


def test_the_sample_is_the_seeds_and_sets_the_features_scale(logged):
    one, again, other = (ft.learn_from(logged, 0.25, seed) for seed in (0, 0, 1))
    assert np.array_equal(one.train.x, again.train.x) and not np.array_equal(one.train.x, other.train.x)
    np.testing.assert_array_equal(one.mean, one.train.x.mean(axis=0))
    assert not np.array_equal(one.mean, logged.mean)


def test_all_impressions_are_the_log_as_it_is(logged):
    assert ft.learn_from(logged, 1.0, 0) is logged


def test_fewer_impressions_teach_the_ranker_and_change_nothing_before_it():
    whole, tenth = (stages(NewsFeed(learnt_from=share)) for share in (1.0, 0.1))
    for name in ("world", "logged", "shelves", "gathered", "kept", "truth"):
        assert tenth[name].key == whole[name].key
    value = [run(NewsFeed(learnt_from=share)).quality["value"].per_query for share in (1.0, 0.1)]
    assert len(value[0]) == len(value[1]) and value[1].mean() < value[0].mean()
    small = [stages(NewsFeed(learnt_from=share, format="distilled"))["scorer"].inputs for share in (1.0, 0.1)]
    assert small[0][1].key != small[1][1].key  # the student learns from the same rows as its teacher


def test_newest_first_learns_from_nothing():
    assert canonical(NewsFeed(model="newest", learnt_from=0.1)).learnt_from == 1.0


# -- the funnel ------------------------------------------------------------------------------------------------------


def test_candidates_are_the_newest_unseen_posts_of_people_followed(made, world):
    gather = funnel.gatherer(world, made["shelves"].value, 30)
    row, post = everyone.unseen_now(world)
    for reader in range(25):
        expected = post[row == reader]
        newest = expected[np.argsort(-world.posts.hour[expected], kind="stable")][:30]
        np.testing.assert_allclose(world.posts.hour[gather(reader, w.NOW)], world.posts.hour[newest])


def test_older_feeds_hold_nothing_newer(made, world):
    kept = stages(NewsFeed(model="lr", serving="batch", every_h=24))["kept"].value
    assert (kept.hour == w.NOW - 12).all() and world.posts.hour[kept.post].max() <= w.NOW - 12


def test_at_most_so_many_of_one_author_while_others_are_left():
    worth, author = np.array([9.0, 8, 7, 6, 5, 4]), np.array([1, 1, 1, 2, 2, 3])
    assert funnel.first_of(worth, author, 0).tolist() == [0, 1, 2, 3, 4, 5]
    assert funnel.first_of(worth, author, 1).tolist() == [0, 3, 5, 1, 2, 4]
    assert funnel.first_of(worth, author, 2).tolist() == [0, 1, 3, 4, 5, 2]


def test_a_second_computation_is_no_memory_of_the_first(made, monkeypatch):
    calls, past_of = [], ft.past_of
    monkeypatch.setattr(ft, "past_of", lambda *given: calls.append(1) or past_of(*given))
    again = afresh(made["logged"])
    assert (
        len(calls) == 2
        and again is not made["logged"].value
        and np.array_equal(again.light, made["logged"].value.light)
    )


def test_values_reorder_and_train_nothing():
    run(NewsFeed(model="lr"))
    again = [record.name for record in run(NewsFeed(model="lr", share=32)).steps if not record.reused]
    assert set(again) <= {"order", "grade"}


def test_batch_serves_from_the_store_what_was_ordered():
    s = stages(NewsFeed(model="lr", serving="batch"))
    np.testing.assert_array_equal(s["served"].value, s["feeds"].value)
    assert run(NewsFeed(model="lr", serving="batch")).parts_ms.keys() == {"look up"}


def test_what_the_cache_answers_goes_no_further():
    measured = run(NewsFeed(model="lr", cache_min=240))
    hits = measured.parts_ms["rank"] == 0
    away = stages(NewsFeed(model="lr"))["world"].value.readers.hours_away
    assert hits.mean() == pytest.approx((away < 4).mean())


def test_no_feed_is_better_than_the_oracle():
    quality = run(NewsFeed(model="lr", prerank="none", most=0)).quality["value"].per_query
    assert quality.min() >= 0 and quality.max() <= 1


# -- bad input -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda made: fl.follow_graph("scale-free", 0), "real or uniform"),
        (lambda made: fanout.fan_out_cost(np.ones(3), "pigeon", 10), "no fan-out 'pigeon'"),
        (lambda made: ft.roles(made["world"].value.log, "coin", 0), "by time or random"),
        (lambda made: m.train(made["logged"].value, "oracle", "all", "tower", "plain", 0), "no model 'oracle'"),
        (lambda made: task.heads_of("some"), "all or explicit"),
        (
            lambda made: funnel.preranker(made["world"].value, made["logged"].value, "dice", 9, 8, 0),
            "no pre-ranker 'dice'",
        ),
        (lambda made: compression.compress(None, None, "fp4", "all", "tower", "plain", 0), "no format 'fp4'"),
    ],
)
def test_unknown_names_are_told_with_the_known_ones(made, call, said):
    with pytest.raises(ValueError, match=said):
        call(made)


def test_too_short_a_log_is_told(logged):
    few = ft.Rows(*(each[:20] for each in vars(logged.train).values()))
    with pytest.raises(ValueError, match="20 rows of the log are too few"):
        m.train(replace(logged, train=few), "lr", "all", "tower", "plain", seed=0)


def test_a_sample_in_which_nobody_hid_anything_is_told(logged):
    done = logged.train.done.copy()
    done[:, w.HEADS.index("hide")] = 0
    quiet = replace(logged, train=replace(logged.train, done=done))
    with pytest.raises(ValueError, match="impressions to learn from hold 0 of hide: keep more"):
        ft.learn_from(quiet, 0.1, 0)


def test_a_graph_with_too_few_readers_is_told(monkeypatch):
    pairs = np.array([[0, 1], [1, 2]], np.int32)
    ties = people.Ties(3, pairs, np.zeros(2, np.int32), np.zeros(3, np.int32), ("none",), np.zeros(3, np.int32))
    monkeypatch.setattr(fl, "load_trust", lambda: ties)
    with pytest.raises(ValueError, match="0 people to read a feed"):
        fl.follow_graph("real", 0)


def test_a_missing_file_of_links_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr(fl, "load_trust", lambda: people.load_trust(tmp_path))
    with pytest.raises(DataError):
        fl.follow_graph("real", 0)


# -- the page --------------------------------------------------------------------------------------------------------


def test_the_panel_tells_moves_against_the_reference_values():
    shown = run(NewsFeed(model="lr", hide=40)).shown
    reader = shown.readers[0]
    told = feed_panel.rows(reader)
    assert [row["place"] for row in told] == list(range(1, 11))
    assert feed_panel.move(2, 5) == "▲ 3" and feed_panel.move(5, 2) == "▼ 3"
    assert feed_panel.move(1, None) == "new" and feed_panel.move(4, 4) == ""
    assert "posts that reached the ranker" in feed_panel.summary(reader)


def test_without_a_model_there_are_no_predictions_to_show():
    shown = run(NewsFeed(model="newest")).shown
    assert not shown.knows and "click %" not in feed_panel.rows(shown.readers[0], shown.knows)[0]


def first_screen(monkeypatch, design):
    """The markup of the first screen's one feed, and the run behind it."""
    shown, measured = [], run(canonical(design))
    monkeypatch.setattr(feed_panel, "html", shown.append)
    feed_panel.one_request(SimpleNamespace(present=SimpleNamespace(measured=measured)))
    return shown[0], measured.shown.readers[0]


def test_the_first_screen_names_six_posts_of_one_reader_and_the_ndcg_of_that_feed(monkeypatch):
    plain, reader = first_screen(monkeypatch, NewsFeed(model="lr"))
    assert plain.count("<li>") == 6 and f"<b>{reader.ndcg:.2f}</b>" in plain and "▲" not in plain
    assert reader.posts[reader.served[0]][1] in plain
    hides, other = first_screen(monkeypatch, NewsFeed(model="lr", hide=40, share=128))
    assert other.name == reader.name and ("▲" in hides or "new" in hides)  # the weights move posts of the same reader


def test_a_readers_ndcg_is_that_of_the_graded_feeds():
    measured = run(NewsFeed(model="lr"))
    graded = measured.quality["value"].per_query
    for reader in measured.shown.readers:
        assert reader.ndcg == pytest.approx(graded[int(reader.name.split()[1].strip(",")) - 1], abs=1e-4)


def test_posts_of_a_topic_are_about_films_of_its_genre():
    films = load_films()
    listed = {
        f"{title} ({year})": genres for title, year, genres in zip(films.titles, films.years, films.genres, strict=True)
    }
    for post in range(50):
        for topic, genre in enumerate(GENRES):
            assert genre in listed[film_of(post, topic)]
    assert len({film_of(post, 0) for post in range(500)}) == 500  # neighbours are about different films
