"""People you may know: what is special to it, its bad input, and every sentence it tells."""

from dataclasses import replace
from itertools import combinations, pairwise, product

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from core.cases.people_you_may_know import CASE
from core.cases.people_you_may_know.checks import training
from core.cases.people_you_may_know.data import people
from core.cases.people_you_may_know.data.circle import draw_circle
from core.cases.people_you_may_know.data.graph import graph_keys, graph_of, rewire
from core.cases.people_you_may_know.design import NO_CAP, SERVING, PeopleYouMayKnow
from core.cases.people_you_may_know.evaluate import Neighbourhood, Offer
from core.cases.people_you_may_know.features import alike, group_people, linked, path_counts, two_hops
from core.cases.people_you_may_know.model.scorers import SCORERS, pairs_of, score, scoring
from core.cases.people_you_may_know.model.trees import _examples, _lesson, kept_pairs, learn
from core.cases.people_you_may_know.model.vectors import (
    EMBEDDINGS,
    _bpr_slope,
    _factorised,
    convolved,
    embed,
    taught_links,
)
from core.cases.people_you_may_know.pipeline import run, stages
from core.cases.people_you_may_know.serve import batch, candidates, ranking
from core.cases.people_you_may_know.serve.online import finder, orderer
from core.contract.design import canonical, from_query, knobs, to_query
from core.datasets.files import DataError
from core.datasets.people import load_trust
from core.diagram import draw
from core.runtime.memo import MEMO
from core.stages.store import write_snapshot
from core.ui.panels.neighbourhood import picture, summary, table

COUNTED = PeopleYouMayKnow(scorer="adamic_adar", profile=0.0)
DRAWN = replace(COUNTED, graph="drawn")
FREE = replace(DRAWN, hub_cap=NO_CAP)


@pytest.fixture
def fresh():
    """Nothing is remembered from another test, and nothing of this one stays."""
    MEMO.clear()
    yield
    MEMO.clear()


@pytest.fixture(scope="module")
def small():
    """A graph of 60 people with random links on days 0 to 99, seen on day 100, and its links as a set of pairs."""
    rng = np.random.default_rng(5)
    pairs = np.array([pair for pair in combinations(range(60), 2) if rng.random() < 0.08])
    day = rng.integers(0, 100, len(pairs)).astype(np.int32)
    return graph_of(61, pairs, day, 100), {tuple(pair) for pair in pairs.tolist()}


def value_of(stages_, name):
    """What a stage hands on; None for one that the design does without."""
    return stages_[name].value if name in stages_ else None


def friends_of(links, person):
    return {b if a == person else a for a, b in links if person in (a, b)}


# -- the world -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("graph", "split"), [*product(people.GRAPHS, ("time", "random"))])
def test_no_link_to_be_foreseen_is_known_and_both_ends_are(graph, split):
    world = people.load_world(graph, split, 0.0, 1.0, 0.03, seed=1)
    today = people.known_links(world, 0)
    row = np.repeat(np.arange(len(world.users)), np.diff(world.future_ptr))
    assert not linked(today, world.users, row, world.future_ids).any()
    assert (today.degree[world.users] > 0).all() and (today.degree[world.future_ids] > 0).all()
    assert len(world.users) == 1_000 and np.diff(world.future_ptr).min() >= 1
    if split == "time":
        assert (world.day < people.TODAY[graph]).all()


def test_holding_back_at_random_keeps_as_many_links_and_some_of_the_last_year():
    by_time, random = (people.load_world("trust", split, 0.0, 1.0, 0.03, seed=0) for split in ("time", "random"))
    assert len(by_time.pairs) == len(random.pairs)
    assert (random.day >= people.TODAY["trust"]).any()


def test_strangers_are_strangers_and_the_near_ones_two_hops_away():
    world = people.load_world("trust", "time", 0.0, 1.0, 0.03, seed=0)
    graph, users = people.known_links(world, 0), world.users[world.judged]
    future = {(i, j) for i in range(1_000) for j in world.future_ids[world.future_ptr[i] : world.future_ptr[i + 1]]}
    shares = two_hops(graph, world.users, ("one",), NO_CAP, 0)
    for column in (*world.near.T, *world.strangers.T):
        assert not linked(graph, world.users, world.judged, column).any()
        assert not any((i, j) in future for i, j in zip(world.judged, column, strict=True))
    assert all((i, j) in future for i, j in zip(world.judged, world.positive, strict=True))
    for column in (world.positive, *world.near.T):
        assert (shares.of(world.judged, column)[:, 0] > 0).all()
    assert len(users) > 300 and all(len(set(row)) == people.N_JUDGED for row in world.near.tolist())


def test_the_past_is_a_part_of_the_present():
    world = people.load_world("trust", "time", 0.0, 1.0, 0.03, seed=0)
    now, then = people.known_links(world, 0), people.known_links(world, 365)
    everybody = np.arange(world.n)
    assert len(then.friends) < len(now.friends)
    assert np.isin(graph_keys(then, everybody), graph_keys(now, everybody)).all()
    assert then.day.max() < world.today - 365


def test_a_store_of_coauthors_is_of_the_count_before_however_young():
    world = people.load_world("coauthors", "time", 0.0, 1.0, 0.03, seed=0)
    for age in (1, 600, 1_200):
        assert len(people.known_links(world, age).friends) == 2 * 47_594


def test_rewiring_keeps_everybodys_number_of_links_and_destroys_triangles():
    rng = np.random.default_rng(0)
    pairs = draw_circle(0.0, rng).pairs
    rewired = rewire(pairs, 1.0, rng)
    np.testing.assert_array_equal(np.bincount(pairs.ravel()), np.bincount(rewired.ravel()))
    assert (rewired[:, 0] < rewired[:, 1]).all() and len(np.unique(rewired, axis=0)) == len(pairs)
    assert triangles(rewired) < 0.05 * triangles(pairs)


def triangles(pairs):
    n = pairs.max() + 1
    links = csr_matrix((np.ones(len(pairs)), pairs.T), shape=(n, n))
    links = links + links.T
    return (links @ links).multiply(links).sum() / 6


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_rewiring_moves_about_the_share_of_links_it_says(share):
    rng = np.random.default_rng(0)
    pairs = draw_circle(0.0, rng).pairs
    kept = np.isin(pairs[:, 0] * 10_000 + pairs[:, 1], rewire(pairs, share, rng) @ [10_000, 1]).mean()
    assert abs(kept - (1 - share)) < 0.02


def test_rewiring_one_link_or_none_leaves_it():
    rng = np.random.default_rng(0)
    for pairs in (np.array([[0, 1]]), np.zeros((0, 2), int)):
        np.testing.assert_array_equal(rewire(pairs, 1.0, rng), pairs)


def test_drawn_people_without_hubs_have_about_as_many_links_each():
    degree = np.bincount(draw_circle(0.0, np.random.default_rng(0)).pairs.ravel())
    assert 15 < degree.mean() <= 16 and degree.max() <= 16
    assert np.bincount(draw_circle(0.03, np.random.default_rng(0)).pairs.ravel()).max() > 180


def test_homophily_deals_profiles_out_again_without_losing_any():
    kept, dealt = (people.load_world("trust", "time", 0.0, h, 0.03, seed=0) for h in (1.0, 0.0))
    np.testing.assert_array_equal(np.sort(kept.domain), np.sort(dealt.domain))
    one, other = kept.pairs.T
    assert (kept.tld[one] == kept.tld[other]).mean() > 2 * (dealt.tld[one] == dealt.tld[other]).mean()
    pairs = dealt.tld * 10_000 + dealt.domain
    np.testing.assert_array_equal(np.sort(kept.tld * 10_000 + kept.domain), np.sort(pairs))  # a profile moves whole


# -- walking and scoring ---------------------------------------------------------------------------------------------


def test_counts_agree_with_counting_by_hand(small):
    graph, links = small
    users = np.arange(60)
    row, other = (a.ravel() for a in np.meshgrid(users, users, indexing="ij"))
    expected = {name: np.zeros(len(row)) for name in ("common", "jaccard", "adamic_adar", "resource")}
    for at, (a, b) in enumerate(zip(row, other, strict=True)):
        one, two = friends_of(links, a), friends_of(links, b)
        both, degree = one & two, {f: len(friends_of(links, f)) for f in one & two}
        expected["common"][at] = len(both) / max(len(one), 1)
        expected["jaccard"][at] = len(both) / max(len(one | two), 1)
        own = sum(1 / np.log(max(len(friends_of(links, f)), 2)) for f in one)
        expected["adamic_adar"][at] = sum(1 / np.log(max(d, 2)) for d in degree.values()) / (own or 1)
        own = sum(1 / len(friends_of(links, f)) for f in one)
        expected["resource"][at] = sum(1 / d for d in degree.values()) / (own or 1)
    for name, values in expected.items():
        walked = two_hops(graph, users, SCORERS[name].weightings, NO_CAP, 0)
        at = scoring(graph, None, None, None, NO_CAP, 0)
        np.testing.assert_allclose(score(pairs_of(walked, users, row, other), at, name, 0.0), values, atol=1e-6)


def test_a_hub_introduces_nobody_and_an_old_link_little():
    pairs = np.array([[0, 1], [0, 2], [1, 3], [2, 3], [2, 4], [2, 5]])  # person 2 knows four
    day = np.array([100, 40, 100, 40, 100, 100], np.int32)
    graph = graph_of(6, pairs, day, 100)
    walked = two_hops(graph, np.array([0]), ("one",), 3, 0)
    assert walked.of(np.zeros(3, int), np.array([3, 4, 5]))[:, 0].tolist() == [1, 0, 0]
    faded = two_hops(graph, np.array([0]), ("one",), NO_CAP, 60)
    assert faded.of(np.array([0]), np.array([3]))[0, 0] == pytest.approx(1 + 0.5 * 0.5)
    assert path_counts(graph, 3)[0] == 2 and path_counts(graph, NO_CAP)[0] == 2 + 4
    assert path_counts(graph_of(7, pairs, day, 100), NO_CAP)[6] == 0


def test_links_walked_are_those_that_the_walk_passes(small):
    graph, links = small
    expected = [sum(len(friends_of(links, f)) for f in friends_of(links, person)) for person in range(61)]
    assert path_counts(graph, NO_CAP).tolist() == expected


def test_somebody_whose_friends_are_all_hubs_is_offered_nobody():
    pairs = np.array([[0, 1], [1, 2], [1, 3]])
    graph = graph_of(4, pairs, np.zeros(3, np.int32), 10)
    walked = two_hops(graph, np.array([0, 2]), ("log",), 2, 0)
    assert not len(walked.ids) and not walked.of(np.array([0, 1]), np.array([2, 3])).any()


def test_shared_groups_count_as_a_shared_friend_would():
    world = people.load_world("drawn", "time", 0.0, 1.0, 0.0, seed=0)
    groups = group_people(world, people.known_links(world, 0))
    one = np.flatnonzero(world.domain == 1)[:2]
    far = np.flatnonzero(world.tld != world.tld[one[0]])[:1]
    same = alike(groups, one[:1], one[1:])[0]
    assert same.tolist() == pytest.approx([1 / np.log2(30), 1 / np.log2(600)], rel=0.02)
    assert alike(groups, one[:1], far).tolist() == [[0.0, 0.0]]


@pytest.mark.parametrize("kind", EMBEDDINGS)
def test_vectors_are_of_unit_length_and_the_same_for_the_same_seed(kind, small):
    graph, _ = small
    nobody = np.zeros(61, int)
    world = type("Profiles", (), dict(domain=nobody, tld=nobody, tld_names=("none",)))
    groups = group_people(world, graph)
    first, again = (embed(graph, groups, kind, 8, 2, "random", 0.0, seed=3) for _ in range(2))
    assert first.tobytes() == again.tobytes() and first.shape == (61, 8) and first.dtype == np.float32
    assert np.linalg.norm(first[:60][graph.degree[:60] > 0], axis=1) == pytest.approx(1, abs=1e-5)
    assert not first[60].any(), "nobody knows person 60"


def test_a_layer_is_a_mean_over_a_person_and_friends():
    links = csr_matrix(np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], np.float32))
    start = np.random.default_rng(1).standard_normal((3, 4), np.float32)
    whole = links.toarray() + np.eye(3)
    root = np.diag(whole.sum(axis=1) ** -0.5)
    expected = np.linalg.matrix_power(root @ whole @ root, 2) @ start
    np.testing.assert_allclose(convolved(links, 3, 4, 2, "random", 1.0, 1), expected, rtol=1e-5)


def test_the_slope_of_the_ranking_loss_agrees_with_small_steps():
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((5, 3))
    mine, friend, stranger = np.array([0, 1, 0]), np.array([1, 2, 3]), np.array([4, 4, 2])

    def loss(at):
        away = np.einsum("pd,pd->p", at[mine], at[friend] - at[stranger])
        return np.log1p(np.exp(-away)).sum()

    slope = _bpr_slope(vectors, mine, friend, stranger)
    for i, j in product(range(5), range(3)):
        step = np.zeros((5, 3))
        step[i, j] = 1e-5
        assert slope[i, j] == pytest.approx((loss(vectors + step) - loss(vectors - step)) / 2e-5, abs=1e-4)


def test_the_factorisation_finds_a_matrix_of_low_rank():
    half = np.random.default_rng(0).standard_normal((40, 5)).astype(np.float32)
    found = _factorised(csr_matrix(half @ half.T), 5, seed=1)
    np.testing.assert_allclose(found @ found.T, half @ half.T, atol=1e-3)


def test_the_area_under_the_curve_by_hand():
    right, wrong = np.array([[2.0], [1.0]]), np.array([[1.0, 2.0, 3.0, 0.0], [0.0, 0.0, 0.0, 0.0]])
    assert ranking.auc(right, wrong).tolist() == [2.5 / 4, 1.0]


def test_the_best_of_each_row_come_first_and_ties_by_number():
    row, ids = np.array([0, 0, 0, 2, 2]), np.array([4, 7, 9, 1, 3])
    table_ = ranking._table(row, ids, np.array([1.0, 3.0, 1.0, 2.0, 2.0], np.float32), 3)
    assert table_[:, :4].tolist() == [[7, 4, 9, -1], [-1, -1, -1, -1], [1, 3, -1, -1]]
    assert ranking._best(row, ids, np.array([1.0, 3.0, 1.0, 2.0, 2.0]), 1).tolist() == [1, 3]


# -- learning from less ------------------------------------------------------------------------------------------------

LESSONS = knobs(PeopleYouMayKnow)["learnt_from"].options


def test_smaller_samples_of_training_pairs_lie_within_larger_ones_and_keep_the_odds():
    right = np.random.default_rng(0).random(5_000) < 0.2
    kept = [kept_pairs(right, share, seed=3) for share in LESSONS]
    for share, rows in zip(LESSONS, kept, strict=True):
        assert np.array_equal(rows, np.unique(rows)) and np.array_equal(rows, kept_pairs(right, share, seed=3))
        assert len(rows) == pytest.approx(share * len(right), abs=2)
        assert right[rows].mean() == pytest.approx(right.mean(), abs=0.005)
    assert all(np.isin(few, more).all() for few, more in pairwise(kept))
    assert np.array_equal(kept[-1], np.arange(len(right))), "of all pairs none is left out, and their order stays"
    assert not np.array_equal(kept[0], kept_pairs(right, LESSONS[0], seed=4))


def test_of_few_pairs_one_of_each_kind_is_left():
    assert kept_pairs(np.array([True, False, False]), 0.1, seed=0).tolist() in ([0, 1], [0, 2])


def test_smaller_samples_of_links_lie_within_larger_ones_with_both_ways_of_a_link(small):
    graph, links = small
    sizes, before = [], set()
    for share in LESSONS:
        one, other = taught_links(graph.matrix(), 61, share, seed=3)
        now = set(zip(one.tolist(), other.tolist(), strict=True))
        assert before <= now and all((b, a) in now for a, b in now) and len(now) == len(one)
        assert {tuple(sorted(pair)) for pair in now} <= links
        sizes.append(len(now) / 2)
        before = now
    assert sizes == [int(np.ceil(share * len(links))) for share in LESSONS]
    whole = graph.matrix().tocoo()
    assert np.array_equal(one, whole.row) and np.array_equal(other, whole.col), "the order of all links stays"


@pytest.mark.parametrize(
    "design", [replace(DRAWN, scorer="gbdt"), replace(DRAWN, scorer="embedding")], ids=lambda d: d.scorer
)
def test_fewer_pairs_change_what_is_learnt_and_nothing_else(design):
    all_, tenth = stages(design), stages(replace(design, learnt_from=0.1))
    assert not np.array_equal(
        all_["quality"].value["recall@10"].per_query, tenth["quality"].value["recall@10"].per_query
    )
    for one, other in (
        (all_["world"], tenth["world"]),
        (all_["graph"], tenth["graph"]),
        (all_["walk"], tenth["walk"]),
    ):
        assert one.key == other.key
    np.testing.assert_array_equal(all_["candidates"].value.ids, tenth["candidates"].value.ids)
    assert all_["quality"].value["reach"].value == tenth["quality"].value["reach"].value


def test_where_nothing_is_trained_the_share_of_pairs_leaves_no_trace():
    for design in (COUNTED, CASE.baseline, replace(DRAWN, scorer="embedding", embedding="sgc")):
        assert canonical(replace(design, learnt_from=0.1)).learnt_from == 1.0
    untrained = replace(DRAWN, scorer="gbdt", candidates="fof_ann", embedding="spectral")
    tenth = replace(untrained, learnt_from=0.1)
    assert canonical(tenth) == tenth and stages(tenth)["vectors"].key == stages(untrained)["vectors"].key


def test_moving_only_the_scorer_shows_that_trees_win():
    lab = training.check.lab
    for seed in (0, 1):
        gain = lab.at(seed).compare("recall@10", COUNTED, replace(COUNTED, scorer="gbdt"))
        assert gain.low > 0, gain


def test_trees_and_embedding_learn_from_negatives_of_their_own():
    both = replace(DRAWN, scorer="gbdt", candidates="fof_ann")
    easy = [stages(replace(both, **{knob: "random"})) for knob in ("negatives", "tree_negatives")]
    hard = [stages(replace(both, **{knob: "two_hop"})) for knob in ("negatives", "tree_negatives")]
    moved = [
        {name for name in ("vectors", "ranker") if a[name].key != b[name].key} for a, b in zip(easy, hard, strict=True)
    ]
    assert moved == [{"vectors"}, {"ranker"}]


@pytest.mark.parametrize("negatives", ["random", "two_hop"])
def test_a_link_made_when_one_knob_said_both_opens_the_trees_that_it_showed(negatives):
    link = to_query(PeopleYouMayKnow(scorer="gbdt", negatives=negatives), 0)
    design, _, notes = from_query(PeopleYouMayKnow, {name: link[name] for name in link if name != "tree_negatives"})
    assert design.tree_negatives == negatives and not notes


@pytest.mark.parametrize("negatives", ["random", "two_hop"])
@pytest.mark.parametrize("graph", people.GRAPHS)
def test_a_tenth_of_the_pairs_holds_many_links_and_strangers_in_every_graph(graph, negatives):
    world = people.load_world(graph, "time", 0.0, 1.0, 0.03, seed=0)
    then, new = _lesson(world, 0.0, np.random.default_rng(0))
    right = _examples(then, new, negatives, np.random.default_rng(0))[2]
    tenth = right[kept_pairs(right, 0.1, seed=0)]
    assert tenth.sum() > 30 and (~tenth).sum() > 500


# -- one request and all requests --------------------------------------------------------------------------------------

LEAN = [
    DRAWN,
    replace(DRAWN, scorer="popularity", candidates="popular"),
    replace(FREE, scorer="jaccard", profile=0.3),
    replace(DRAWN, scorer="resource", candidates="popular"),
    replace(DRAWN, scorer="embedding", embedding="sgc", candidates="ann"),
    replace(DRAWN, scorer="common", embedding="walks", candidates="fof_ann", index="flat", profile=1.0),
    replace(DRAWN, scorer="gbdt", profile=0.1),
    PeopleYouMayKnow(),
    PeopleYouMayKnow(scorer="gbdt", hub_cap=NO_CAP),
]


@pytest.mark.parametrize("design", LEAN, ids=lambda d: f"{d.graph}-{d.scorer}-{d.candidates}-{d.profile}")
def test_the_lean_path_that_is_timed_gives_what_is_graded(design):
    s = stages(design)
    now = [value_of(s, name) for name in ("graph", "groups", "vectors")]
    choices = dict(scorer=design.scorer, profile=design.profile, hub_cap=design.hub_cap)
    choices["half_life"] = design.half_life if design.graph == "trust" and design.scorer != "gbdt" else 0
    walking = "walk" in s
    find = finder(
        *now, value_of(s, "index"), candidates=design.candidates, effort=design.effort, walking=walking, **choices
    )
    order = orderer(*now, value_of(s, "ranker"), **choices)
    graded = s["served"].value
    for row, person in enumerate(s["world"].value.users[:300].tolist()):
        ids = order(person, find(person))
        np.testing.assert_array_equal(ids, graded[row][graded[row] >= 0])


@pytest.mark.parametrize("design", LEAN[:6], ids=lambda d: f"{d.scorer}-{d.candidates}")
def test_nobody_is_offered_himself_a_friend_or_the_same_person_twice(design):
    s = stages(design)
    ids, users = s["served"].value, s["world"].value.users
    row, rank = np.nonzero(ids >= 0)
    assert not linked(s["graph"].value, users, row, ids[row, rank]).any()
    assert all(len(set(found)) == len(found) for found in (each[each >= 0].tolist() for each in ids))


# -- serving ---------------------------------------------------------------------------------------------------------


def test_batch_serves_what_could_be_known_at_the_snapshot():
    s = stages(PeopleYouMayKnow(serving="batch", refresh_days=730))
    then = s["graph_then"].value
    assert then.day.max() < s["world"].value.today - 365
    np.testing.assert_array_equal(s["served"].value, np.where(then.degree[s["world"].value.users][:, None] > 0,
                                                           s["suggested_then"].value.ids, -1))  # fmt: skip
    offered = s["served"].value[s["served"].value >= 0]
    assert (then.degree[offered] > 0).all(), "nobody who came later is offered"


def test_trees_of_a_snapshot_learn_from_nothing_newer():
    s = stages(PeopleYouMayKnow(serving="batch", refresh_days=730, scorer="gbdt", profile=0.0))
    world = s["world"].value
    old = people.World(**{**vars(world), "day": world.day.copy()})
    newer = old.day >= world.today - 365
    old.day[newer] = world.today - 1  # whatever happened since must not matter
    again = learn(old, s["groups_then"].value, 365.0, "two_hop", False, 100, 0)
    pairs = pairs_of(s["walk_then"].value, world.users, world.judged, world.positive)
    at = scoring(s["graph_then"].value, s["groups_then"].value, None, s["ranker_then"].value, 100, 0)
    np.testing.assert_array_equal(score(pairs, at, "gbdt", 0.0), score(pairs, replace(at, ranker=again), "gbdt", 0.0))


def test_lazy_serving_stores_the_active_and_computes_for_the_others():
    lazy, online = stages(replace(DRAWN, serving="lazy")), stages(DRAWN)
    active = stages(replace(DRAWN, serving="active"))
    stored = lazy["active"].value[lazy["world"].value.users]
    assert 0 < stored.sum() < len(stored)
    np.testing.assert_array_equal(lazy["served"].value[~stored], online["served"].value[~stored])
    np.testing.assert_array_equal(lazy["served"].value[stored], active["served"].value[stored])
    lists = active["lists"].value[active["world"].value.tld[active["world"].value.users]]
    np.testing.assert_array_equal(active["served"].value[~stored], lists[~stored])


def test_only_people_who_are_not_stored_go_on_past_the_look_up():
    measured = run(replace(DRAWN, serving="lazy"))
    s = stages(replace(DRAWN, serving="lazy"))
    stored = s["active"].value[s["world"].value.users]
    assert ((measured.parts_ms["find"] > 0) == ~stored).all() and (measured.parts_ms["look up"] > 0).all()


def test_the_whole_job_is_carried_from_the_users_by_counted_work():
    world = people.load_world("drawn", "time", 0.0, 1.0, 0.03, seed=0)
    graph = people.known_links(world, 0)
    everybody = np.ones(world.n, bool)
    work = path_counts(graph, 100) + 1
    assert batch.work_share(world, graph, everybody, 100, True) == pytest.approx(work.sum() / work[world.users].sum())
    assert batch.work_share(world, graph, everybody, 100, False) == pytest.approx(world.n / len(world.users))
    nobody = np.zeros(world.n, bool)
    assert batch.work_share(world, graph, nobody, 100, True) == 0


def test_the_size_told_of_a_store_is_that_of_one_with_everybody_in_it(tmp_path):
    s = stages(replace(DRAWN, serving="batch"))
    members = np.flatnonzero(s["active"].value)
    ids = np.random.default_rng(0).integers(0, s["world"].value.n, (len(members), ranking.K))
    written = write_snapshot(tmp_path / "whole.sqlite", members, ids)
    assert run(replace(DRAWN, serving="batch")).store_bytes == pytest.approx(written.nbytes, rel=0.1)


def test_a_larger_active_share_costs_more_and_a_longer_refresh_is_told():
    small, large = (run(replace(DRAWN, serving="active", active_share=share)) for share in (0.1, 0.5))
    assert large.store_bytes > 2 * small.store_bytes and small.refresh_s > 0
    assert run(replace(DRAWN, serving="batch", refresh_days=7)).refresh_every_h == 7 * 24
    assert run(replace(COUNTED, graph="coauthors", serving="batch")).refresh_every_h == 1_000 * 24


@pytest.mark.parametrize("layers", [4, 8, 16])
def test_deep_untrained_networks_run_at_every_size(layers):
    design = replace(DRAWN, scorer="embedding", embedding="sgc", layers=layers, dim=8)
    assert canonical(design) == design and run(design).quality["recall@10"].value > 0


# -- bad input -------------------------------------------------------------------------------------------------------


def test_a_damaged_data_file_is_told_to_the_reader(monkeypatch, tmp_path, fresh):
    monkeypatch.setattr(people, "load_trust", lambda: load_trust(tmp_path))
    with pytest.raises(DataError, match=r"checksums\.json is missing"):
        run(PeopleYouMayKnow(half_life=180))


def test_an_unknown_name_is_refused_with_the_names_there_are():
    with pytest.raises(ValueError, match="Graph: 'friends' is not one of trust, coauthors, drawn"):
        run(PeopleYouMayKnow(graph="friends"))
    with pytest.raises(ValueError, match="Scorer: 'magic' is not one of popularity"):
        run(PeopleYouMayKnow(scorer="magic"))
    with pytest.raises(ValueError, match="Hub degree cap: 7 is not one of"):
        run(PeopleYouMayKnow(hub_cap=7))


def test_a_world_in_which_nothing_comes_next_is_refused(monkeypatch):
    monkeypatch.setitem(people.AFTER, "drawn", 0)
    with pytest.raises(ValueError, match="nobody makes a new link"):
        people.load_world("drawn", "time", 0.0, 1.0, 0.0, seed=0)


def test_trees_without_a_past_are_refused_and_cannot_be_chosen():
    design = PeopleYouMayKnow(graph="coauthors", scorer="gbdt", serving="batch")
    assert canonical(design).serving == "online"
    with pytest.raises(ValueError, match="no link of the past is known to learn from"):
        run(design)


def test_an_index_of_fewer_people_than_asked_for_gives_them_all(monkeypatch):
    monkeypatch.setattr(candidates, "NEAREST", 10_000)
    s = stages(replace(DRAWN, candidates="ann", index="flat"), seed=77)
    n_known = int((s["graph"].value.degree > 0).sum())
    degree = s["graph"].value.degree[s["world"].value.users]
    np.testing.assert_array_equal(np.bincount(s["candidates"].value.row), n_known - 1 - degree)


def test_a_country_of_few_people_has_a_short_list():
    world = people.load_world("trust", "time", 0.0, 1.0, 0.03, seed=0)
    few = people.World(**{**vars(world), "tld": np.where(np.arange(world.n) < world.n - 3, 2, 3)})
    lists = batch.country_lists(few, people.known_links(world, 0))
    assert (lists[3] >= 0).sum() <= 3 and (lists[2] >= 0).all() and (lists[5] == -1).all()


def test_everything_rewired_still_measures_all_there_is():
    measured = run(replace(DRAWN, rewired=1.0))
    assert measured.quality["recall@10"].value < 0.1


# -- what is shown ---------------------------------------------------------------------------------------------------

SHOWN = Neighbourhood(
    7, "<b>.de", (3, 9, 12), ((3, 9),), (Offer(5, ".ch", (3, 12), True, True), Offer(6, "none", (), False, False)), 4
)


def test_the_same_people_are_shown_for_every_design():
    one, other = (stages(replace(DRAWN, scorer=name))["shown"].value for name in ("common", "popularity"))
    assert [each.person for each in one] == [each.person for each in other] and len(one) == 8
    for each in one:
        assert len(each.friends) <= 26 and len(each.offers) <= 10
        for offer in each.offers:
            assert set(offer.mutual) <= set(each.friends)


def test_a_neighbourhood_is_drawn_in_one_safe_line_with_words_for_it():
    svg = picture(SHOWN)
    assert "\n" not in svg and svg.startswith("<svg") and "<b>" not in svg
    assert 'role="img"' in svg and f'aria-label="{summary(SHOWN)}"' in svg
    assert svg.count('class="via"') == 2 and svg.count('class="link"') == 3 and svg.count('class="among"') == 1
    assert svg.count("✓") == 1, "the right suggestion does not rest on colour"


def test_the_table_and_the_sentence_say_what_is_drawn():
    rows = table(SHOWN)
    assert [row["mutual friends"] for row in rows] == ["A C", "nobody"]
    assert [row["became a link"] for row in rows] == ["✓", ""]
    assert rows[0]["from"] == ".ch, same domain"
    assert summary(SHOWN) == (
        "Person 7 has 3 friends and is offered 2 people, 1 of them with mutual friends and at most 2; "
        "1 of the 4 links that come next is among them."
    )


def test_somebody_who_is_offered_nobody_is_drawn_too():
    lonely = replace(SHOWN, offers=())
    assert "offered nobody" in summary(lonely) and table(lonely) == [] and picture(lonely).startswith("<svg")


@pytest.mark.parametrize("serving", SERVING)
@pytest.mark.parametrize("candidates", ["fof", "ann"])
@pytest.mark.parametrize("scorer", ["embedding", "gbdt"])
def test_every_way_of_serving_can_be_drawn(serving, candidates, scorer):
    design = replace(DRAWN, serving=serving, candidates=candidates, scorer=scorer)
    assert draw(CASE.draw(design, None)).startswith("<svg")


def test_what_a_request_found_holds_no_more_than_what_it_found():
    s = stages(LEAN[0])
    design, now = LEAN[0], [value_of(s, name) for name in ("graph", "groups", "vectors")]
    choices = dict(scorer="adamic_adar", profile=0.0, hub_cap=100, half_life=0)
    find = finder(*now, None, candidates="fof", effort=8, walking=True, **choices)
    kept = sum(each.nbytes if each.base is None else each.base.nbytes for each in find(int(s["world"].value.users[0])))
    assert kept < 8 * s["graph"].value.n < 10**9, design  # a view of everybody's sums kept a gigabyte of a thousand
