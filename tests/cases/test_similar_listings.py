"""Similar listings: what is special to it, its bad input, and every sentence it tells."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from core.cases.similar_listings import CASE, SimilarListings, pipeline
from core.cases.similar_listings.data.log import Log, read_log, taught_by
from core.cases.similar_listings.data.simulator import simulate_guests
from core.cases.similar_listings.data.world import CITIES, LEARN_DAYS, load_listings
from core.cases.similar_listings.evaluate import grade, n_eligible, rank_share
from core.cases.similar_listings.interview import sample
from core.cases.similar_listings.model.cold_start import MIN_CLICKS, PRICE_RANGE, add_new_homes
from core.cases.similar_listings.model.similarity import count_coclicks, encode_attributes, learn_skipgram
from core.cases.similar_listings.model.skipgram import EPOCHS, LEARNING_RATE, NEGATIVES, NOISE_POWER, train_skipgram
from core.cases.similar_listings.pipeline import run, stages
from core.cases.similar_listings.serve import selectivity
from core.cases.similar_listings.serve.filters import FILTERS, Cells, K, Request, cluster, first_passing, passing
from core.cases.similar_listings.serve.selectivity import FILTERED_OUT
from core.cases.similar_listings.serve.sessions import Answers, look_up, request_of
from core.cases.similar_listings.serve.store import neighbours
from core.contract.design import canonical, knobs
from core.datasets.files import DataError
from core.metrics.maths import unit
from core.runtime.memo import MEMO
from core.stages.store import stores_folder
from core.ui.panels import listings_map

DIALS = dict(sessions_per_home=0.5, geography=0.5, hidden=0.5, booking=0.5, free=0.3, turnover=0.02)
TRAINING = dict(dim=8, window=2, booked_context="yes", market_negatives=1)


@pytest.fixture(scope="module")
def world():
    """A small Berlin, with few sessions."""
    return simulate_guests(load_listings("berlin"), **DIALS, seed=0)


@pytest.fixture(scope="module")
def model(world):
    """Skip-gram over it, with everything that is listed today."""
    log = read_log(world, 0.5)
    return add_new_homes(learn_skipgram(world, log, **TRAINING, seed=0), world, log, "skipgram", "near", 0.0, seed=0)


# -- the world -------------------------------------------------------------------------------------------------------


def test_guests_click_only_homes_of_their_market_that_were_listed_and_none_twice(world):
    homes, past = world.homes, world.past
    rows = np.column_stack([past.clicks, past.booked])
    for session, age in zip(rows[:500], past.age_days[:500], strict=True):
        clicked = session[session >= 0]
        assert len(set(clicked.tolist())) == len(clicked)
        assert len(set(homes.market[clicked].tolist())) <= 1
        assert (homes.born_days[clicked] >= age).all()


def test_present_guests_book_a_free_home_they_have_not_seen(world):
    now, homes = world.now, world.homes
    assert (now.seen[:, 0] >= 0).all()
    assert homes.free[now.dates, now.booked].all() and (homes.market[now.booked] == now.market).all()
    assert not (now.seen == now.booked[:, None]).any()


def test_true_chances_sum_to_one_over_what_may_be_answered(world):
    np.testing.assert_allclose(world.now.chance.sum(axis=1), 1, atol=1e-4)
    for i in range(50):
        request = request_of(world, i)
        ids = world.homes.of_market(request.market)
        allowed = passing(world.homes, request, ids)
        assert (world.now.chance[i, : len(ids)][~allowed] == 0).all()


def test_the_same_seed_makes_the_same_world_and_another_seed_another(world):
    again, other = (simulate_guests(load_listings("berlin"), **DIALS, seed=seed) for seed in (0, 1))
    np.testing.assert_array_equal(world.past.clicks, again.past.clicks)
    np.testing.assert_array_equal(world.now.chance, again.now.chance)
    assert not np.array_equal(world.now.booked, other.now.booked)


def test_more_bookings_where_the_dial_says_so():
    few, many = (simulate_guests(load_listings("berlin"), **{**DIALS, "booking": b}, seed=0) for b in (0.05, 0.5))
    assert (few.past.booked >= 0).mean() == pytest.approx(0.05, abs=0.02)
    assert (many.past.booked >= 0).mean() == pytest.approx(0.5, abs=0.04)


def test_an_unknown_city_is_told_with_the_known_ones():
    with pytest.raises(ValueError, match=r"no city 'paris'.*berlin, king"):
        load_listings("paris")


# -- the models ------------------------------------------------------------------------------------------------------


def test_skipgram_puts_two_separate_circles_of_homes_apart():
    rng = np.random.default_rng(0)
    sessions = [rng.permutation(20)[:6] + 20 * (i % 2) for i in range(2_000)]
    clicks, starts, circle = np.concatenate(sessions), np.arange(0, 12_001, 6), np.arange(40) // 20
    vectors = unit(
        train_skipgram(
            clicks, starts, np.full(2_000, -1), np.bincount(clicks), np.arange(40), np.array([0, 40]),
            np.zeros(40, int), dim=8, window=4, booked_context=False, market_negatives=1, seed=0,
        )
    )  # fmt: skip
    products = vectors @ vectors.T - 2 * np.eye(40)
    assert (circle[products.argmax(axis=1)] == circle).all()
    same = circle[:, None] == circle
    assert products[same & ~np.eye(40, dtype=bool)].mean() > 0.5 + products[~same].mean()


def test_the_same_seed_trains_the_same_vectors(world):
    log = read_log(world, 0.5)
    one, again, other = (learn_skipgram(world, log, **TRAINING, seed=seed).vectors for seed in (0, 0, 1))
    assert one.tobytes() == again.tobytes() and one.tobytes() != other.tobytes()


def neighbours_in_common(left, right, k=10):
    """The share of each home's k nearest that two sets of vectors agree on, on average."""
    near = []
    for vectors in (left, right):
        products = unit(vectors) @ unit(vectors).T - 2 * np.eye(len(vectors), dtype=np.float32)
        near.append(np.argsort(-products, axis=1)[:, :k])
    return np.mean([len(set(a.tolist()) & set(b.tolist())) / k for a, b in zip(*near, strict=True)])


def test_skipgram_agrees_with_gensim_as_well_as_gensim_with_itself():
    word2vec = pytest.importorskip("gensim.models").Word2Vec
    s = stages(SimilarListings())
    homes, log = s["world"].value.homes, s["log"].value
    plain = dict(dim=32, window=4, booked_context=False, market_negatives=0)  # what gensim knows as well
    ours = train_skipgram(
        log.clicks, log.starts, np.full(len(log.booked), -1), log.counts, homes.order, homes.bounds, homes.market,
        **plain, seed=0,
    )  # fmt: skip
    sessions = [list(map(str, log.clicks[first:last])) for first, last in pairwise(log.starts)]
    seen = np.flatnonzero(log.counts >= 10)

    def theirs(seed):
        model = word2vec(
            sessions, vector_size=32, window=4, sg=1, negative=NEGATIVES, ns_exponent=NOISE_POWER, sample=0,
            min_count=1, epochs=EPOCHS, alpha=LEARNING_RATE, min_alpha=LEARNING_RATE / 1e3, workers=1, seed=seed,
        )  # fmt: skip
        return np.array([model.wv[str(home)] for home in seen])

    one, other = theirs(0), theirs(1)
    among_themselves, with_ours = neighbours_in_common(one, other), neighbours_in_common(ours[seen], one)
    assert with_ours > 0.5 and with_ours > 0.9 * among_themselves


def test_coclicks_by_hand(world):
    ids = world.homes.of_market(0)[:3]
    n = len(world.homes.market)
    clicks, starts = ids[[0, 1, 0, 1, 0, 2]].astype(np.int64), np.array([0, 2, 4, 6])
    log = Log(clicks, starts, np.full(3, -1), np.bincount(clicks, minlength=n))
    table = count_coclicks(world, log, seed=0).tables[0]
    assert table[0, 1] == pytest.approx(2 / np.sqrt((3 + 5) * (2 + 5)), abs=2e-3)
    assert table[0, 2] == pytest.approx(1 / np.sqrt((3 + 5) * (1 + 5)), abs=2e-3)
    assert table[1, 2] < 2e-4  # never in one session: attributes alone


def test_attributes_make_a_twin_the_nearest_home(world):
    homes = world.homes
    model = encode_attributes(world, read_log(world, 0.5), seed=0)
    np.testing.assert_allclose(np.linalg.norm(model.vectors, axis=1), 1, atol=1e-5)
    ids = homes.of_market(0)
    near = ids[np.argsort(-model.scores(homes, 0, ids[:1]))[1]]
    far = ids[np.argmin(model.scores(homes, 0, ids[:1]))]

    def apart(other):
        return np.abs(homes.attributes[ids[0]] - homes.attributes[other]).sum()

    assert apart(near) < apart(far)


def test_a_cold_home_gets_the_mean_of_three_alike_nearby(world):
    log, homes = read_log(world, 0.5), world.homes
    learnt = learn_skipgram(world, log, **TRAINING, seed=0)
    model = add_new_homes(learnt, world, log, "skipgram", "near", 0.0, seed=0)
    cold = np.flatnonzero(model.donors[:, 0] >= 0)
    assert len(cold) > 20 and (log.counts[cold] < MIN_CLICKS).all()
    home = int(cold[0])
    donors = model.donors[home]
    assert (homes.market[donors] == homes.market[home]).all() and (log.counts[donors] >= MIN_CLICKS).all()
    np.testing.assert_allclose(model.vectors[home], unit(learnt.vectors[donors].mean(axis=0)[None])[0], atol=1e-6)
    alike = np.flatnonzero(
        (homes.market == homes.market[home]) & (homes.kind == homes.kind[home]) & (log.counts >= MIN_CLICKS)
        & (np.abs(homes.price_log - homes.price_log[home]) <= PRICE_RANGE)
    )  # fmt: skip
    nearest = alike[np.argsort(np.linalg.norm(homes.place[alike] - homes.place[home], axis=1))[:3]]
    assert set(donors.tolist()) == set(nearest.tolist())


def test_homes_left_out_are_neither_shown_nor_asked_with(world):
    log = read_log(world, 0.5)
    learnt = learn_skipgram(world, log, **TRAINING, seed=0)
    model = add_new_homes(learnt, world, log, "skipgram", "none", 0.0, seed=0)
    answers = look_up(model, Cells((), ()), world, filter="market", effort=1, fetch=K, context=1)
    shown = answers.ids[answers.ids >= 0]
    assert model.listed[shown].all() and not model.listed.all()
    unknown = ~model.listed[world.now.seen[:, 0]]
    assert unknown.any() and (answers.ids[unknown] == -1).all()


def test_a_home_listed_within_the_ingestion_lag_is_not_found_yet_online(monkeypatch):
    monkeypatch.setattr(pipeline, "INGEST_H", 48.0)
    s, measured = stages(SimilarListings()), run(SimilarListings())
    born, served = s["world"].value.homes.born_days, s["served"].value.ids
    assert (born < 2).any() and not s["model"].value.listed[born < 2].any() and measured.ingest_h == 48.0
    assert (born[served[served >= 0]] >= 2).all()


def test_nothing_to_learn_from_is_told(world):
    with pytest.raises(ValueError, match="no session"):
        read_log(world, age_days=1e4)
    none = np.zeros(0, np.int64)
    with pytest.raises(ValueError, match="no session to learn from"):
        train_skipgram(none, np.zeros(1, int), none, np.zeros(4, int), np.arange(4), np.array([0, 4]), np.zeros(4, int),
                       dim=4, window=1, booked_context=False, market_negatives=0, seed=0)  # fmt: skip
    with pytest.raises(ValueError, match="dim and window"):
        train_skipgram(np.arange(4), np.array([0, 4]), np.array([-1]), np.ones(4, int), np.arange(4), np.array([0, 4]),
                       np.zeros(4, int), dim=0, window=1, booked_context=False, market_negatives=0, seed=0)  # fmt: skip


# -- the sessions learnt from ----------------------------------------------------------------------------------------

SHARES = knobs(SimilarListings)["learnt_from"].options


def test_samples_of_sessions_are_nested_seeded_and_of_the_days_that_teach(world):
    there = [taught_by(world.past, 0.5, share, seed=0) for share in SHARES]
    for few, more in pairwise(there):
        assert np.isin(few, more).all() and len(few) < len(more)
    whole = np.flatnonzero((world.past.age_days >= 0.5) & (world.past.age_days < 0.5 + LEARN_DAYS))
    np.testing.assert_array_equal(there[-1], whole)  # nothing is left out
    for share, few in zip(SHARES, there, strict=True):
        assert len(few) == pytest.approx(share * len(whole), abs=1) and (np.diff(few) > 0).all()
    np.testing.assert_array_equal(there[0], taught_by(world.past, 0.5, SHARES[0], seed=0))
    assert not np.array_equal(there[0], taught_by(world.past, 0.5, SHARES[0], seed=1))


def test_a_log_of_a_share_holds_the_clicks_of_its_sessions_alone(world):
    log, used = read_log(world, 0.5, 0.25, seed=0), taught_by(world.past, 0.5, 0.25, seed=0)
    clicked = [np.append(world.past.clicks[i], world.past.booked[i]) for i in used]
    np.testing.assert_array_equal(log.clicks, np.concatenate([clicks[clicks >= 0] for clicks in clicked]))
    np.testing.assert_array_equal(log.booked, world.past.booked[used])
    np.testing.assert_array_equal(log.counts, np.bincount(log.clicks, minlength=len(world.homes.market)))


def test_all_sessions_leave_nothing_out(world):
    whole, explicit = read_log(world, 0.5), read_log(world, 0.5, 1.0, seed=3)
    for name in ("clicks", "starts", "booked", "counts"):
        assert getattr(whole, name).tobytes() == getattr(explicit, name).tobytes()


def test_no_session_left_to_learn_from_is_told_with_the_share(world):
    with pytest.raises(ValueError, match=r"no session is 0.5 to 60.5 days old and among the 0% to learn from"):
        read_log(world, 0.5, 0.0, seed=0)


@pytest.mark.parametrize("model", ["skipgram", "coclick"])
def test_a_tenth_of_the_sessions_finds_less_for_the_same_guests(model):
    few, whole = (SimilarListings(model=model, learnt_from=share) for share in (0.1, 1.0))
    for name in ("listings", "world"):
        assert stages(few)[name].key == stages(whole)[name].key
    tenth, all_of_them = (run(design).quality["recall@12"] for design in (few, whole))
    assert len(tenth.per_query) == len(all_of_them.per_query) and tenth.value < all_of_them.value


def test_attributes_learn_from_no_session():
    assert canonical(SimilarListings(model="attributes", learnt_from=0.1)) == CASE.baseline


def test_the_rows_shown_are_among_those_that_teach():
    design = SimilarListings(learnt_from=0.1)
    shown, whole = sample(design, 0), sample(SimilarListings(), 0)
    past = stages(design)["world"].value.past
    taught = taught_by(past, 0.5, 0.1, seed=0)
    assert {row["session"] for row in shown.rows} <= set(taught.tolist())
    assert shown.split["sessions that teach"] == len(taught) < whole.split["sessions that teach"]
    assert shown.split["of them with a booking"] == (past.booked[taught] >= 0).sum()
    assert shown.split["guests who look now"] == whole.split["guests who look now"]


# -- the lookup ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FILTERS)
def test_every_filter_answers_only_with_homes_that_pass(name, world, model):
    cells = cluster(model, world.homes, FILTERS[name].clusters, seed=0)
    answers = look_up(model, cells, world, filter=name, effort=4, fetch=48, context=3)
    for i in range(200):
        ids = answers.ids[i][answers.ids[i] >= 0]
        assert passing(world.homes, request_of(world, i), ids).all() and len(set(ids.tolist())) == len(ids)


def test_answers_agree_with_a_plain_scan(world, model):
    answers = look_up(model, Cells((), ()), world, filter="market", effort=1, fetch=K, context=1)
    for i in range(100):
        request = request_of(world, i)
        ids = world.homes.of_market(request.market)
        ids = ids[passing(world.homes, request, ids)]
        products = model.vectors[ids].astype(float) @ model.vectors[request.seen[0]].astype(float)
        np.testing.assert_allclose(
            np.sort(products)[::-1][:K],
            model.vectors[answers.ids[i][: len(ids)]] @ model.vectors[request.seen[0]],
            atol=1e-5,
        )


def test_fewer_homes_than_places_are_all_shown_and_the_rest_stays_empty(world, model):
    homes = world.homes
    date = int(homes.free[:, homes.of_market(0)].sum(axis=1).argmin())
    free = homes.of_market(0)[homes.free[date, homes.of_market(0)]]
    seen = free[3:]  # three are left
    for name in ("pre", "market"):
        answer = FILTERS[name].answerer(model, homes, Cells((), ()), 1, K)
        assert set(answer(Request(model.vectors[seen[0]], 0, date, seen)).ids.tolist()) == set(free[:3].tolist())


def test_first_passing_by_hand(world):
    homes = world.homes
    ids = homes.of_market(0)
    request = Request(None, 0, 0, ids[homes.free[0, ids]][:2])
    kept, n_checks = first_passing(homes, request, ids)
    allowed = [i for i in ids.tolist() if homes.free[0, i] and i not in request.seen]
    assert kept.tolist() == allowed[:K] and n_checks == ids.tolist().index(allowed[K - 1]) + 1


# -- serving ---------------------------------------------------------------------------------------------------------


def test_the_store_holds_the_exact_neighbours_and_nothing_newer():
    s = stages(SimilarListings(serving="batch", turnover=0.02, retrain_days=28))
    world, snapshot, store = (s[name].value for name in ("world", "snapshot", "store"))
    born = world.homes.born_days
    keys, ids = s["near"].value
    assert (born[keys] >= 14).all() and (born[ids[ids >= 0]] >= 14).all() and store.rows == len(keys)
    home = int(keys[7])
    members = world.homes.of_market(int(world.homes.market[home]))
    members = members[snapshot.listed[members] & (members != home)]
    exact = members[np.argsort(-(snapshot.vectors[members] @ snapshot.vectors[home]), kind="stable")]
    np.testing.assert_array_equal(store.get(home), exact[:48])
    new = int(np.flatnonzero(born < 14)[0])
    assert store.get(new) is None


def test_a_page_of_a_home_the_store_does_not_know_stays_empty_in_batch_and_is_searched_in_hybrid():
    design = SimilarListings(serving="batch", turnover=0.02, retrain_days=28)
    s = stages(design)
    new = s["world"].value.homes.born_days[s["world"].value.now.seen[:, 0]] < 14
    assert new.any() and (s["served"].value.ids[new] == -1).all()
    hybrid = stages(replace(design, serving="hybrid"))["served"].value
    assert (hybrid.ids[new, 0] >= 0).all()


def test_hybrid_shows_only_what_was_stored_for_known_homes():
    s = stages(SimilarListings(serving="hybrid"))
    store, served, now = s["store"].value, s["served"].value, s["world"].value.now
    for i in range(100):
        stored = store.get(int(now.seen[i, 0]))
        if stored is not None:
            assert set(served.ids[i][served.ids[i] >= 0].tolist()) <= set(stored.tolist())


def test_the_store_survives_a_restart_and_is_rebuilt_when_corrupt():
    design = SimilarListings(serving="batch")
    MEMO.clear()
    before = run(design).quality["recall@12"].value
    (file,) = stores_folder().glob("*.sqlite")
    MEMO.clear()
    assert run(design).quality["recall@12"].value == before
    file.write_bytes(file.read_bytes()[:5_000])
    MEMO.clear()
    assert run(design).quality["recall@12"].value == before
    assert "rebuilt" in stages(design)["store"].value.note


def test_turning_the_filter_reuses_everything_that_was_learnt():
    run(SimilarListings())
    again = {record.name: record.reused for record in run(SimilarListings(filter="pre")).steps}
    assert {name for name, reused in again.items() if not reused} <= {"make lists", "look up", "grade", "time search"}
    assert again["learn skipgram"] and again["simulate guests"]


def test_a_replica_holds_the_calendar_and_the_market_of_every_home():
    held = run(SimilarListings()).parts_bytes
    assert held["markets"] == 4 * 2_203 and held["calendar"] == 32 * 2_203 // 8


def test_training_more_often_costs_more_in_proportion_whatever_the_serving():
    for serving in ("online", "batch", "hybrid"):
        day, week = (run(SimilarListings(serving=serving, retrain_days=days)) for days in (1, 7))
        assert (day.refresh_every_h, week.refresh_every_h) == (24, 168)
        assert day.refresh_s > 0 and week.refresh_s > 0


# -- grading ---------------------------------------------------------------------------------------------------------


def test_rank_share_by_hand():
    ranks, answered, there = np.array([0, 2, -1, -1]), np.array([3, 3, 3, 0]), np.array([11, 11, 11, 11])
    np.testing.assert_allclose(rank_share(ranks, answered, there), [0, 0.2, 0.65, 0.5])


def test_the_oracle_has_no_regret_and_an_empty_answer_all_of_it(world):
    now, homes = world.now, world.homes
    best = np.argsort(-now.chance, axis=1, kind="stable")[:, :K]
    ids = np.stack([homes.of_market(int(market))[row] for market, row in zip(now.market, best, strict=True)])
    ids[np.take_along_axis(now.chance, best, axis=1) == 0] = -1
    zeros = np.zeros(len(ids), int)
    graded = grade(Answers(ids, zeros, zeros), world)
    assert np.abs(graded["regret"].per_query).max() < 1e-6
    nothing = grade(Answers(np.full_like(ids, -1), zeros, zeros), world)
    assert nothing["regret"].value == 1 and nothing["recall@12"].value == 0 and nothing["filled"].value == 0
    assert nothing["rank"].per_query[n_eligible(world) > 1] == pytest.approx(0.5)


def test_a_random_carousel_recalls_about_its_share(world):
    rng = np.random.default_rng(0)
    ids = np.full((len(world.now.booked), K), -1)
    for i in range(len(ids)):
        members = world.homes.of_market(int(world.now.market[i]))
        allowed = members[passing(world.homes, request_of(world, i), members)]
        taken = rng.permutation(allowed)[:K]
        ids[i, : len(taken)] = taken
    zeros = np.zeros(len(ids), int)
    graded = grade(Answers(ids, zeros, zeros), world)
    share = np.minimum(1, K / n_eligible(world)).mean()
    assert graded["recall@12"].low < share + 0.03 and graded["recall@12"].high > share - 0.03


def test_no_figure_for_new_homes_where_there_are_none():
    assert "new recall@12" not in run(SimilarListings(turnover=0.0)).quality


# -- knobs, page and bad input ---------------------------------------------------------------------------------------


def test_knobs_that_do_nothing_go_back_to_their_default():
    assert canonical(SimilarListings(model="attributes", dim=128, window=1, cold_start="none")) == CASE.baseline
    assert canonical(SimilarListings(serving="batch", filter="pre", context=14)) == SimilarListings(serving="batch")
    assert canonical(SimilarListings(model="coclick", filter="ivf", effort=8)) == SimilarListings(model="coclick")


# -- filtered search -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("share", FILTERED_OUT)
def test_exactly_the_share_asked_for_is_filtered_out_and_every_home_lies_in_the_area(world, model, share):
    asked = selectivity.ask(model, world, load_listings("berlin"), 3, share, seed=0)
    homes, n = world.homes, len(world.homes.market)
    assert set(asked.passes.sum(axis=1)) == {round((1 - share) * n)}
    for request, passes, area in zip(asked.requests, asked.passes, asked.areas, strict=True):
        assert area[0] == request.market and np.isin(homes.market[passes], area).all()
        assert not passes[request.seen].any() and model.listed[passes].all()
        assert share < 0.99 or len(area) == 1  # a market holds a fiftieth of Berlin and more


@pytest.mark.parametrize("share", [0.5, 0.97])
def test_exact_places_find_what_a_scan_of_the_passing_homes_finds(world, model, share):
    asked = selectivity.ask(model, world, load_listings("berlin"), 3, share, seed=0)
    tried = {}
    for name in FILTERS:
        cells = cluster(model, world.homes, FILTERS[name].clusters, seed=0)
        answer = selectivity._answerer(model, world.homes, asked, cells, name, effort=1, fetch=48)
        tried[name] = [answer(i) for i in range(20)]
    for i, request in enumerate(asked.requests[:20]):
        passing_homes = np.flatnonzero(asked.passes[i])
        nearest = passing_homes[np.argsort(-(model.vectors[passing_homes] @ request.query), kind="stable")[:K]]
        for name, answers in tried.items():
            assert set(answers[i].ids) <= set(passing_homes) and len(set(answers[i].ids)) == len(answers[i].ids)
            if name in ("pre", "market"):
                assert set(answers[i].ids) == set(nearest)
        assert tried["pre"][i].n_distances == len(passing_homes) and tried["pre"][i].n_checks == 2_203
        assert tried["market"][i].n_distances == sum(len(world.homes.of_market(m)) for m in asked.areas[i])


def test_places_are_filled_as_far_as_homes_pass():
    tried = stages(SimilarListings(filter="pre"))["filtered 0.999"].value
    assert tried.n_passing == 2 and (tried.filled == 1).all() and (tried.recall == 1).all()


@pytest.mark.parametrize("share", [1.0, -0.1, float("nan")])
def test_a_share_that_leaves_nothing_is_refused(world, model, share):
    with pytest.raises(ValueError, match="share filtered out"):
        selectivity.ask(model, world, load_listings("berlin"), 3, share, seed=0)


def test_guests_of_whom_nothing_is_known_cannot_be_tried(world, model):
    nothing = replace(model, listed=np.zeros_like(model.listed))
    with pytest.raises(ValueError, match="nothing is known"):
        selectivity.ask(nothing, world, load_listings("berlin"), 3, 0.9, seed=0)


def test_a_missing_data_file_is_one_clear_message(monkeypatch):
    def missing():
        raise DataError("data/listings.npz is missing in data; `git checkout -- data/listings.npz` brings it back")

    monkeypatch.setitem(CITIES, "berlin", missing)
    MEMO.clear()
    with pytest.raises(DataError, match=r"data/listings.npz is missing.*git checkout"):
        run(SimilarListings())


def test_more_neighbours_than_a_market_has_are_padded(world, model):
    keys, ids = neighbours(model, world, fetch=500)
    sizes = np.diff(world.homes.bounds)[world.homes.market[keys]]
    np.testing.assert_array_equal((ids >= 0).sum(axis=1), sizes - 1)


def test_an_empty_market_and_an_unknown_dial_are_refused(world):
    with pytest.raises(TypeError):
        simulate_guests(load_listings("berlin"), **{**DIALS, "weather": 1.0}, seed=0)
    nobody = replace(world.past, age_days=world.past.age_days + 1e3)
    with pytest.raises(ValueError, match="no session is"):
        read_log(replace(world, past=nobody), 0.5)


def test_the_map_shows_each_home_once_marks_cold_ones_and_fetches_nothing():
    shown = run(SimilarListings()).shown
    assert 4 <= len(shown.carousels) <= 8
    cold = 0
    for i, carousel in enumerate(shown.carousels):
        places = [pin.rank for pin in carousel.pins if pin.role == "shown"]
        assert places == list(range(1, len(places) + 1)) and carousel.pins[0].role == "viewed"
        assert sum(pin.booked for pin in carousel.pins) == 1
        rows = listings_map.rows(carousel)
        assert [bool(pin.cold) for pin in carousel.pins] == ["few clicks" in row["remarks"] for row in rows]
        cold += sum(pin.cold for pin in carousel.pins)
        spec = listings_map.deck(shown, carousel).to_json()
        assert "http" not in spec and '"mapProvider"' not in spec
        assert len(listings_map.summary(carousel).split()) > 8
        assert listings_map.guest_name(carousel, i).startswith(f"Guest {i + 1}: quarter")
    assert cold


def test_an_empty_carousel_is_told_in_words():
    shown = run(SimilarListings(serving="batch", fetch=12, free=0.03)).shown
    empty = [carousel for carousel in shown.carousels if all(pin.role != "shown" for pin in carousel.pins)]
    assert empty, "one home in thirty free leaves some carousel of twelve stored homes empty"
    for carousel in empty:
        assert listings_map.summary(carousel).startswith("0 of ")
        listings_map.deck(shown, carousel)
