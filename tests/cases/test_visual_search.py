"""Visual search: what is special to it, its bad input, and every sentence it tells."""

from dataclasses import replace

import numpy as np
import pytest

from core.cases.visual_search import VisualSearch, evaluate, features, serve
from core.cases.visual_search.data import load_world
from core.cases.visual_search.model import ENCODERS
from core.cases.visual_search.pipeline import run, stages
from core.contract.design import canonical, neighbours
from core.datasets.files import DataError
from core.runtime.memo import MEMO, step
from core.stages import embed
from core.stages.index import build_index, search
from core.stages.store import stores_folder

SMALL = VisualSearch(catalogue=2_000)


def test_nothing_is_both_trained_on_searched_and_asked():
    world = load_world("fashion", 5_000, 16, seed=1)
    assert len(np.intersect1d(world.corpus_row, world.query_row)) == 0
    assert len(np.intersect1d(world.train_row, np.concatenate([world.corpus_row, world.query_row]))) == 0


def test_emoji_asked_for_were_not_trained_on_and_their_twins_neither():
    world = load_world("emoji", 0, 0, seed=0)
    assert len(np.intersect1d(world.train_labels, world.query_thing)) == 0
    assert np.isin(world.query_thing, world.corpus_thing).all()


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
    graded = evaluate.grade(ids, ids, world)
    assert graded["R@1"].per_query[0] == 1 and graded["R@1"].per_query[1] == 0
    assert graded["R@10"].per_query[0] == 1 and graded["ndcg@10"].per_query[1] == 0


def test_batch_answers_only_what_it_knew_and_hybrid_searches_for_the_rest():
    old = replace(SMALL, serving="batch", arrivals=0.1, refresh_h=168)
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
    first, again = (run(VisualSearch(serving="batch")) for _ in range(2))
    assert first.refresh_s == again.refresh_s > 0


def test_turning_the_effort_reuses_the_index_and_everything_before_it():
    run(replace(SMALL, effort=8))
    again = {record.name: record.reused for record in run(replace(SMALL, effort=32)).steps}
    assert not again.pop("answer requests") and not again.pop("grade")
    assert not again.pop("answers")
    assert all(again.values()), again


@pytest.mark.parametrize("lookup", [{}, {"index": "pq4", "rerank": 50}, {"index": "hnsw", "effort": 32}])
@pytest.mark.parametrize("dataset", ["fashion", "emoji"])
def test_one_request_at_a_time_is_answered_as_all_in_one_go(dataset, lookup):
    design = replace(SMALL, dataset=dataset, **lookup)
    s = stages(design)
    index, short, full, alone = (s[name].value for name in ("index", "short", "full", "answered"))
    effort = dict(effort=design.effort, rerank=design.rerank)
    at_once = search(index, short.queries, full.corpus, full.queries, k=serve.K, **effort)
    assert len(alone.ids) == len(at_once.ids) and len(alone.timing.wall_ms) == serve.N_TIMED
    same = [set(one) == set(other) for one, other in zip(alone.ids, at_once.ids, strict=True)]
    assert np.mean(same) > 0.99  # equal scores may part ways
    assert run(design).counts["distances"] == at_once.n_distances.mean()


def test_parts_of_a_hybrid_request_are_zero_where_the_store_knew():
    measured = run(replace(SMALL, serving="hybrid", arrivals=0.1, refresh_h=168))
    searched = measured.parts_ms["search"] > 0
    assert 0.2 < searched.mean() < 0.5
    np.testing.assert_array_equal(searched, measured.parts_ms["encode"] > 0)


def test_shipped_vectors_are_charged_for():
    design = replace(SMALL, encoder="lite0")
    measured, encoding = run(design), stages(design)["encoding"].value
    assert measured.shipped_s == pytest.approx(2_000 * encoding.cpu_ms / 1e3)  # CPU time of one, for every image
    assert measured.build_s > measured.shipped_s


def test_the_pretrained_network_is_not_offered_for_drawn_textures():
    assert canonical(replace(SMALL, dataset="textures", encoder="lite0")).encoder == "hog"
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
