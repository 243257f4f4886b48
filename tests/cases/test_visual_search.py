"""Visual search: what is special to it, its bad input, and every sentence it tells."""

import re
from dataclasses import replace

import numpy as np
import pytest

from core.cases.visual_search import CASE, VisualSearch, evaluate, features, serve
from core.cases.visual_search.data import load_world
from core.cases.visual_search.model import ENCODERS, small
from core.cases.visual_search.operate import LEAST_SEARCHES, N_STEPS, arrivals, insert_and_search, learnt_words
from core.cases.visual_search.pipeline import run, stages
from core.contract.design import canonical, neighbours, with_data_of
from core.datasets.files import DataError
from core.metrics import recall_at_k
from core.runtime.identity import ById
from core.runtime.measuring import untimed
from core.runtime.memo import MEMO, own_seconds, step
from core.stages import embed
from core.stages.index import build_index, search
from core.stages.store import stores_folder
from core.ui.panels import answers, inserting

SMALL = VisualSearch(dataset="fashion", encoder="hog", reduce="pca", catalogue=2_000)


def test_nothing_is_both_trained_on_searched_and_asked():
    world = load_world("fashion", 5_000, 16, seed=1)
    assert len(np.intersect1d(world.corpus_row, world.query_row)) == 0
    assert len(np.intersect1d(world.train_row, np.concatenate([world.corpus_row, world.query_row]))) == 0


def test_emoji_asked_for_were_not_trained_on_and_their_twins_neither():
    world = load_world("emoji", 0, 0, seed=0)
    assert len(np.intersect1d(world.train_labels, world.query_thing)) == 0
    assert np.isin(world.query_thing, world.corpus_thing).all()


def test_3d_emoji_asked_for_were_not_trained_on_and_both_other_artists_drew_them():
    world = load_world("drawings", 0, 0, seed=0)
    assert len(np.intersect1d(world.train_labels, world.query_thing)) == 0
    assert len(np.intersect1d(world.query_row, np.concatenate([world.corpus_row, world.train_row]))) == 0
    both = [(world.corpus_thing == thing).sum() for thing in world.query_thing[:50]]
    assert min(both) == 2 and len(world.corpus) == 3_704
    row = int(np.flatnonzero(world.corpus_thing == world.query_thing[3])[0])
    asked, drawn, other = world.queries[3], world.corpus[row], world.corpus[row - 20]
    far = [np.abs(asked.astype(int) - picture).mean() for picture in (drawn, other)]
    assert asked.shape == drawn.shape == (64, 64, 3) and far[0] < far[1]


def test_a_learned_projection_says_what_is_near_and_what_re_ranking_reads():
    learned = VisualSearch(index="flat", arrivals=0.0)
    assert (
        run(learned).quality["recall@10"].value == 1.0 > run(replace(learned, reduce="pca")).quality["recall@10"].value
    )
    codes = replace(learned, index="binary", rerank=200)
    s, measured = stages(codes), run(codes)
    assert measured.parts_bytes["full vectors"] == s["short"].value.corpus.nbytes
    assert measured.quality["recall@10"].value > run(replace(codes, rerank=0)).quality["recall@10"].value + 0.2


def test_hand_made_features_read_large_drawings_at_half_their_size():
    world = load_world("drawings", 0, 0, seed=0)
    few = world.queries.take(np.arange(3))
    halved = small(few)
    assert halved.shape == (3, 32, 32, 3)
    np.testing.assert_allclose(halved[1, 4, 5], few[1][8:10, 10:12].mean(axis=(0, 1)), atol=0.5)
    grey = np.zeros((2, 28, 28, 1), np.uint8)
    assert small(grey).shape == grey.shape


def test_the_default_finds_more_than_the_baseline_beyond_noise():
    with untimed():
        default, baseline = (run(with_data_of(design, CASE.Design())) for design in (CASE.Design(), CASE.baseline))
    over = default.quality["ndcg@10"].low - baseline.quality["ndcg@10"].high
    assert over > 0.1 and CASE.Design().dataset == "drawings"


def test_an_answer_as_near_as_the_last_true_neighbour_counts_whichever_of_the_twins_it_is():
    world = load_world("emoji", 0, 0, seed=0)
    one = np.zeros((len(world.queries), 2))
    one[:, 0] = 1
    corpus = np.linspace(1, 0, len(world.corpus))[:, None] * [1, 0]
    corpus[serve.K] = corpus[serve.K - 1]  # the tenth and the eleventh are twins
    full = features.Vectors(np.zeros((0, 2)), corpus, one)
    exact = np.tile(np.arange(serve.K), (len(one), 1))
    twin, further = exact.copy(), exact.copy()
    twin[:, -1], further[:, -1] = serve.K, serve.K + 1
    recalls = [evaluate.grade(ids, exact, world, full)["recall@10"].value for ids in (exact, twin, further)]
    assert recalls == pytest.approx([1, 1, 0.9])


def test_worth_of_an_answer_by_hand():
    world = load_world("emoji", 0, 0, seed=0)
    thing = int(np.flatnonzero(world.corpus_thing == world.query_thing[0])[0])
    kin = int(
        np.flatnonzero((world.corpus_kind == world.query_kind[0]) & (world.corpus_thing != world.query_thing[0]))[0]
    )
    stranger = int(np.flatnonzero(world.corpus_kind != world.query_kind[0])[0])
    ids = np.full((len(world.queries), serve.K), -1)
    ids[0, :3] = thing, stranger, kin
    np.testing.assert_array_equal(evaluate.gains(ids, world)[0, :4], [3, 0, 1, 0])
    alike = features.Vectors(np.zeros((0, 2)), np.zeros((len(world.corpus), 2)), np.zeros((len(world.queries), 2)))
    graded = evaluate.grade(ids, ids, world, alike)
    assert (graded["R@1"].unit, graded["R@1"].n_units) == ("things", len(set(world.query_thing.tolist())))
    assert graded["R@1"].per_query[0] == 1 and graded["R@1"].per_query[1] == 0
    assert graded["R@10"].per_query[0] == 1 and graded["ndcg@10"].per_query[1] == 0


def test_batch_answers_only_what_it_knew_and_hybrid_searches_for_the_rest():
    old = replace(SMALL, serving="batch", arrivals=0.1, refresh_h=168, uploads=0.0, ingest_min=1)
    s = stages(old)
    unseen = 0.1 * 84 / 24
    new = s["world"].value.query_age < unseen
    served = s["served"].value
    assert new.mean() == pytest.approx(unseen, abs=0.01)
    assert (served[new] == -1).all() and (served[~new] >= 0).all()
    assert (s["world"].value.corpus_age[served[~new]] >= unseen).all()  # nothing newer than the snapshot
    hybrid = stages(replace(old, serving="hybrid"))["served"].value
    np.testing.assert_array_equal(hybrid[~new], served[~new])
    assert (hybrid[new] >= 0).all()


@pytest.mark.parametrize(("uploads", "answered"), [(0.0, 1.0), (0.3, 0.7), (1.0, 0.0)])
def test_an_uploaded_photo_is_no_key_of_the_store_and_a_hybrid_searches_for_it(uploads, answered):
    design = replace(SMALL, serving="batch", arrivals=0.0, uploads=uploads)
    s, measured = stages(design), run(design)
    brought = s["world"].value.query_turn < uploads
    assert 1 - brought.mean() == measured.answered == answered
    assert (s["served"].value[brought] == -1).all() and (s["served"].value[~brought] >= 0).all()
    assert (measured.quality["ndcg@10"].per_query[brought] == 0).all()
    assert (stages(replace(design, serving="hybrid"))["served"].value >= 0).all()


def test_by_hand_the_index_knows_nothing_that_came_within_its_ingestion_lag():
    """A tenth of 2,000 images a day, four hours: a sixtieth, 34 with the newest, cannot be found yet."""
    late = replace(SMALL, arrivals=0.1, ingest_min=240)
    unseen = 0.1 * 4 / 24
    for design in (late, replace(late, serving="hybrid", uploads=1.0)):
        s = stages(design)
        assert s["index"].value.n == 2_000 - 34
        assert (s["world"].value.corpus_age[s["served"].value] >= unseen).all()
        assert run(design).ingest_h == 4.0
    assert run(replace(late, serving="batch")).ingest_h == 0.0


def test_the_store_survives_a_restart_and_is_rebuilt_when_corrupt():
    design = replace(SMALL, serving="batch")
    before = run(design).quality
    (file,) = stores_folder().glob("*.sqlite")
    MEMO.clear()
    assert run(design).quality["recall@10"].value == before["recall@10"].value
    file.write_bytes(file.read_bytes()[:5_000])
    MEMO.clear()
    assert run(design).quality["recall@10"].value == before["recall@10"].value
    assert "rebuilt" in stages(design)["store"].value.note


def test_a_run_of_the_batch_job_is_charged_for_from_the_first_time_on():
    MEMO.clear()
    first, again = (run(replace(SMALL, serving="batch")) for _ in range(2))
    assert first.refresh_s == again.refresh_s > 0


def test_turning_the_effort_reuses_the_index_and_everything_before_it():
    run(replace(SMALL, effort=8))
    again = {record.name: record.reused for record in run(replace(SMALL, effort=32)).steps}
    assert not again.pop("answer requests") and not again.pop("grade")
    assert not again.pop("answers")
    assert all(again.values()), again


@pytest.mark.parametrize("lookup", [{}, {"index": "pq4", "rerank": 50}, {"index": "hnsw", "effort": 32}])
@pytest.mark.parametrize("dataset", ["drawings", "fashion", "emoji"])
def test_one_request_at_a_time_is_answered_as_all_in_one_go(dataset, lookup):
    design = replace(SMALL, dataset=dataset, arrivals=0.0, **lookup)
    s = stages(design)
    index, short, full, alone = (s[name].value for name in ("index", "short", "truth", "answered"))
    effort = dict(effort=design.effort, rerank=design.rerank)
    at_once = search(index, short.queries, full.corpus, full.queries, k=serve.K, **effort)
    assert len(alone.ids) == len(at_once.ids) and len(alone.timing.wall_ms) == serve.N_TIMED
    same = [set(one) == set(other) for one, other in zip(alone.ids, at_once.ids, strict=True)]
    assert np.mean(same) > 0.99  # equal scores may part ways
    assert run(design).counts["distances"] == at_once.n_distances.mean()


def test_parts_of_a_hybrid_request_are_zero_where_the_store_knew():
    measured = run(replace(SMALL, serving="hybrid", arrivals=0.1, refresh_h=168, uploads=0.0))
    searched = measured.parts_ms["search"] > 0
    assert 0.2 < searched.mean() < 0.5
    np.testing.assert_array_equal(searched, measured.parts_ms["encode"] > 0)


def test_shipped_vectors_are_charged_for():
    design = replace(SMALL, encoder="lite0")
    measured, encoding = run(design), stages(design)["encoding"].value
    assert measured.shipped_s == pytest.approx(2_000 * encoding.cpu_ms / 1e3)  # CPU time of one, for every image
    assert measured.build_s > measured.shipped_s


def test_a_replica_holds_every_matrix_that_a_request_is_multiplied_by():
    whole, cut = (run(replace(SMALL, reduce=kind)) for kind in ("pca", "truncate"))
    width = stages(SMALL)["full"].value.corpus.shape[1]
    assert 0 <= whole.parts_bytes["projection"] - 4 * width * (SMALL.dim + 1) < 200  # a matrix and the mean, float32
    assert 0 <= cut.parts_bytes["projection"] - 4 * width < 200  # the mean alone
    assert whole.memory_bytes == sum(whole.parts_bytes.values())
    assert "projection" not in run(replace(SMALL, serving="batch")).parts_bytes


@pytest.mark.parametrize("serving", ["online", "batch", "hybrid"])
def test_the_build_of_the_index_is_the_index_and_its_clustering_alone(serving):
    design = replace(SMALL, serving=serving)
    measured, s = run(design), stages(design)
    index = s["then"].inputs[0] if serving == "batch" else s["index"]
    alone = own_seconds(index, *index.inputs[1:])
    assert len(index.inputs) == 2 and 0 < measured.index_build_s == alone < measured.build_s


def test_the_pretrained_network_is_not_offered_for_drawn_textures():
    assert canonical(replace(SMALL, dataset="textures", encoder="lite0")).encoder == "pixels"
    near = [d for _, d in neighbours(canonical(replace(SMALL, dataset="textures")))]
    assert near and all(d.encoder != "lite0" for d in near)


def test_a_missing_data_file_is_one_clear_message(monkeypatch, tmp_path):
    monkeypatch.setattr("core.cases.visual_search.data.load_emoji", _missing)
    MEMO.clear()
    with pytest.raises(DataError, match=r"data/emoji.npz is missing.*git checkout"):
        run(VisualSearch(dataset="emoji"))
    assert run(SMALL).quality  # the other data set still works


def _missing():
    raise DataError("data/emoji.npz is missing in data; `git checkout -- data/emoji.npz` brings it back")


def nan_vectors(full: features.Vectors) -> features.Vectors:
    """Vectors as a broken encoder would give them."""
    broken = full.corpus.copy()
    broken[3, 0] = np.nan
    return features.Vectors(full.train, broken, full.queries)


def test_nan_vectors_are_refused_by_name():
    s = stages(SMALL)
    broken = step(nan_vectors, s["short"])
    known = step(serve.known_images, broken, s["world"], unseen=0.0)
    with pytest.raises(ValueError, match="NaN"):
        step(serve.build, known, kind="flat", seed=0).value


def test_a_black_picture_has_a_zero_vector_and_still_gets_an_answer():
    s = stages(replace(SMALL, encoder="pixels"))
    index, encode = s["index"].value, ENCODERS["pixels"].encode
    black = np.zeros((1, 28, 28, 1), np.uint8)
    short = embed.reduce(s["projection"].value, encode(s["model"].value, black))
    assert np.isfinite(short).all()
    assert (search(index, short, k=serve.K, effort=16).ids >= 0).all()


def test_more_answers_than_images_are_padded():
    vectors = np.eye(4, dtype=np.float32)
    index = build_index(vectors, kind="flat", seed=0)
    assert search(index, vectors, k=9).ids[0].tolist()[4:] == [-1] * 5


def test_twins_of_an_emoji_are_as_near_as_it_so_an_exact_search_loses_none():
    exact = canonical(
        VisualSearch(dataset="emoji", encoder="lite0", dim=128, reduce="truncate", index="flat", arrivals=0.0)
    )
    s = stages(exact)
    by_id = recall_at_k(s["served"].value, s["exact"].value, serve.K).mean()
    assert s["quality"].value["recall@10"].value == 1.0 > by_id


def test_batches_are_re_ranked_by_the_images_that_the_index_knows():
    """An online index lags, so that it knows fewer images than the catalogue has full vectors."""
    measured = run(replace(SMALL, arrivals=0.05, ingest_min=240, rerank=50, batch=8))
    assert measured.batches_ms and measured.quality["recall@10"].value > 0.5


# -- search while inserting ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def watched():
    """{(index, order): moments} with half of two thousand images inserted."""
    return {
        (index, order): list(insert_and_search(canonical(replace(SMALL, index=index, effort=4)), 0.5, order))
        for index, order in (("flat", "kinds"), ("ivf_flat", "age"), ("ivf_flat", "kinds"))
    }


def test_images_come_oldest_first_or_kind_by_kind():
    world = load_world("fashion", 2_000, 16, seed=0)
    by_age, by_kind = (arrivals(world, order) for order in ("age", "kinds"))
    assert (np.diff(world.corpus_age[by_age]) < 0).all() and (np.diff(world.corpus_kind[by_kind]) >= 0).all()
    assert sorted(by_age) == sorted(by_kind) == list(range(2_000))
    first = by_kind[world.corpus_kind[by_kind] == 0]
    assert (np.diff(world.corpus_age[first]) < 0).all()


def test_moments_go_from_what_was_built_to_the_whole_catalogue(watched):
    for moments in watched.values():
        assert [moment.n for moment in moments] == [1_000 + 125 * i for i in range(N_STEPS + 1)]
        assert [len(moment.insert_ms) for moment in moments] == [0] + [125] * N_STEPS
        assert all(len(moment.search_ms) >= LEAST_SEARCHES for moment in moments)
        before = moments[0]
        assert (before.recall.value, before.distances) == (before.recall_anew.value, before.distances_anew)


def test_an_exact_index_loses_nothing_by_insertion_and_ends_where_the_page_stands(watched):
    moments = watched["flat", "kinds"]
    assert all(moment.recall.value == moment.recall_anew.value and moment.distances == moment.n for moment in moments)
    measured = run(replace(SMALL, index="flat", arrivals=0.0)).quality["recall@10"]
    assert moments[-1].recall.value == pytest.approx(measured.value, abs=1e-3)  # ties count here


def test_lists_that_never_saw_the_new_kinds_are_longer_than_those_built_anew(watched):
    longer = {order: watched["ivf_flat", order][-1] for order in ("age", "kinds")}
    ratio = {order: last.distances / last.distances_anew for order, last in longer.items()}
    assert ratio["kinds"] > 1.1 * ratio["age"] > 1.1


def test_re_ranked_codes_take_insertions_too():
    design = canonical(replace(SMALL, index="pq4", rerank=50))
    *_, last = insert_and_search(design, 0.1, "age")
    assert last.n == 2_000 and last.recall.value > 0.6


@pytest.mark.parametrize("share", [0.0, 1.0, 0.001, 0.999])
def test_a_share_that_cannot_be_inserted_in_steps_is_refused(share):
    with pytest.raises(ValueError, match="cannot be inserted"):
        next(insert_and_search(SMALL, share, "age"))


def test_the_panel_says_what_an_index_keeps_and_where_it_ends(watched):
    assert "keeps the centroids of its lists" in learnt_words("ivf_flat") and "learns nothing" in learnt_words("hnsw")
    moments = watched["ivf_flat", "kinds"]
    words = inserting.summary(moments)
    assert "At 2,000 images, 1,000 of them built" in words and f"**{moments[-1].recall.value:.3f}**" in words
    table = inserting.rows(moments)
    assert len(table) == 2 * (N_STEPS + 1) and (table["recall_low"] <= table["recall_high"]).all()


def test_one_request_shows_results_above_exact_ones_and_outlines_what_is_right():
    shown = run(replace(SMALL, index="binary")).shown
    markup = answers._one_request(ById(shown))
    rows = [row[: answers.BESIDE] for answer in shown[: answers.ASKED] for row in (answer.served, answer.exact)]
    n_right = sum(item is not None and item.right for row in rows for item in row)
    assert markup.count('class="right"') == n_right and 0 < n_right < answers.ASKED * 2 * answers.BESIDE
    assert markup.count("<img") == answers.ASKED * (1 + 2 * answers.BESIDE) == markup.count(" alt=")
    assert len(re.sub("<style>.*?</style>|<[^>]*>", " ", markup).split()) <= 15
