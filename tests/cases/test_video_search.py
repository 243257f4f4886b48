"""Video search: what is special to it, its bad input, and every sentence it tells."""

from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

from core.cases.video_search import CASE, VideoSearch, evaluate, features
from core.cases.video_search.data import clips
from core.cases.video_search.data.queries import Queries, in_order
from core.cases.video_search.data.texts import describe, terms
from core.cases.video_search.data.videos import load_cast, load_videos
from core.cases.video_search.model.frames import SEEN, SeenClips, recognise, taught_things, train_speaker, train_viewer
from core.cases.video_search.model.texts import fit_topics, topics_of_one
from core.cases.video_search.pipeline import run, stages
from core.cases.video_search.serve import requests
from core.cases.video_search.serve.fusion import FUSIONS, reciprocal_ranks, weighted_sum
from core.cases.video_search.serve.late_interaction import reranker
from core.cases.video_search.serve.words import best, index_words, postings, word_searcher
from core.contract.case import paired_change
from core.contract.design import canonical, knobs, neighbours
from core.datasets.files import DataError
from core.diagram import draw as svg
from core.runtime.memo import MEMO, step
from core.stages.index import build_index
from core.stages.sentence_encoder import load_full_minilm
from core.stages.store import stores_folder
from core.ui.panels import film_strips

CLIPS = VideoSearch(dataset="clips", rerank=0)
FILMS = VideoSearch(dataset="films", fusion="words", rerank=0)


# Clips.


def small_clips(n=200, seed=0):
    return clips.make_clips(n, 50, np.random.default_rng(seed))


def test_a_clip_has_8_to_16_frames_in_one_to_three_shots_of_different_things():
    made = small_clips()
    n_shots = (made.things >= 0).sum(axis=1)
    assert set(n_shots) == {1, 2, 3} and made.n_frames.min() == 8 and made.n_frames.max() == 16
    assert (made.ends[:, -1] == made.n_frames).all()
    for things, n in zip(made.things, n_shots, strict=True):
        assert len(set(things[:n])) == n and (things[n:] == -1).all()


def test_every_frame_belongs_to_a_shot_that_is_there():
    made = small_clips()
    clip, frame = np.nonzero(np.arange(16) < made.n_frames[:, None])
    shot, through = clips.shown(made, clip, frame)
    assert (made.things[clip, shot] >= 0).all() and through.min() == 0 and through.max() == 1
    for i in range(20):
        assert set(made.things[i, shot[clip == i]]) == set(made.things[i][made.things[i] >= 0])


def test_some_clips_play_another_in_reverse():
    made = small_clips()
    shots = [tuple(row[row >= 0]) for row in made.things]
    turned = sum(len(row) > 1 and row[::-1] in shots for row in shots)
    assert 0.2 * len(shots) < turned < 0.7 * len(shots)


@pytest.mark.parametrize("count", [1, 2, 4, 8, 16])
def test_sampled_frames_are_different_and_in_order(count):
    made = small_clips()
    frames = clips.sampled(made, count)
    assert frames.shape == (200, count)
    for row, n in zip(frames, made.n_frames, strict=True):
        kept = row[row >= 0]
        assert len(kept) == min(count, n) and (np.diff(kept) > 0).all() and kept.max(initial=0) < n


def test_a_frame_that_neither_moves_nor_grows_is_the_drawing():
    drawings = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), dtype=np.uint8)
    still = clips.photographed(clips.canvas_of(drawings), np.array([2, 0]), np.zeros((2, 2)), np.ones(2))
    np.testing.assert_array_equal(still, drawings[[2, 0]])
    moved = clips.photographed(clips.canvas_of(drawings), np.array([1]), np.array([[3.0, -2.0]]), np.ones(1))[0]
    np.testing.assert_array_equal(moved[3:, :-2], drawings[1][:-3, 2:])
    assert (moved[:3] == 255).all() and (moved[:, -2:] == 255).all()


def test_noise_stays_within_its_bounds_and_is_the_same_each_time():
    grey = np.full((5, 32, 32, 3), 128, np.uint8)
    noisy = clips.with_noise(grey, np.arange(5)).astype(int)
    assert abs(noisy - 128).max() == clips.NOISE and abs(noisy.mean() - 128) < 1
    np.testing.assert_array_equal(noisy, clips.with_noise(grey, np.arange(5)))


def test_no_two_things_of_the_cast_are_drawn_alike():
    cast = load_cast()
    for drawings in (cast.taught, cast.filmed):
        assert len(np.unique(drawings.reshape(len(drawings), -1), axis=0)) == len(cast.words)


def test_the_filming_artist_is_not_the_one_learned_from():
    cast = load_cast()
    assert np.abs(cast.taught.astype(int) - cast.filmed).mean() > 10
    viewer = stages(CLIPS)["viewer"].value
    assert viewer.taught.shape == (len(cast.words), SEEN)


# Metadata and queries.


def test_metadata_dials_spoil_the_share_they_say():
    s = stages(CLIPS)
    videos, cast = s["videos"].value, s["cast"].value
    right = describe(videos, cast, missing=0.0, wrong=0.0, seed=0)
    spoilt = describe(videos, cast, missing=0.3, wrong=0.1, seed=0)
    empty = np.mean([not text for text in spoilt])
    changed = np.mean([bool(a) and a != b for a, b in zip(spoilt, right, strict=True)])
    assert empty == pytest.approx(0.3, abs=0.03) and changed == pytest.approx(0.1, abs=0.02) and all(right)
    assert not any(describe(videos, cast, missing=1.0, wrong=0.3, seed=0))


def test_queries_about_the_same_things_or_title_share_a_number():
    videos, queries = (stages(CLIPS)[name].value for name in ("videos", "queries"))
    wanted = [frozenset(videos.clips.things[rows[0]].tolist()) for rows in queries.right]
    numbers = {}
    for things, number in zip(wanted, queries.about.tolist(), strict=True):
        assert numbers.setdefault(things, number) == number
    assert len(set(numbers.values())) == len(numbers) < len(wanted) and queries.unit == "scenes"


def test_paraphrased_queries_use_no_word_of_what_they_look_for():
    s = stages(replace(CLIPS, missing=0.0, wrong=0.0))
    asked, texts = s["queries"].value, s["texts"].value
    shared = []
    for i in np.flatnonzero(asked.segment == 2):
        words = set(terms(asked.texts[i]))
        own = set(terms(texts[asked.right[i][0]]))
        shared.append(len(words & own) / len(words))
    assert np.mean(shared) < 0.05  # a word kept back of one thing may be a tag of another in the same clip


def test_queries_about_order_want_one_order_of_what_exists_in_two():
    s = stages(CLIPS)
    asked, things = s["queries"].value, s["videos"].value.clips.things
    about = np.flatnonzero(asked.segment == 3)
    assert len(about) == 200
    for i in about[:40]:
        wanted = things[asked.right[i][0]]
        shots = wanted[wanted >= 0]
        turned = np.concatenate([shots[::-1], wanted[wanted < 0]])
        assert (things == turned).all(axis=1).any()
        assert all((things[row] == wanted).all() for row in asked.right[i])


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("cat then dog", ("cat", "dog")),
        ("cat before dog", ("cat", "dog")),
        ("dog after cat", ("cat", "dog")),
        ("cat and dog", ("cat and dog", "cat and dog")),
        ("", ("", "")),
    ],
)
def test_what_comes_first_is_read_from_the_query(text, parts):
    assert in_order(text) == parts


def test_each_share_of_queries_is_the_dial():
    for share in (0.0, 0.2, 0.6):
        segment = stages(replace(CLIPS, order=share))["queries"].value.segment
        assert (segment == 3).mean() == share and len(segment) == 1_000


# The channel of words.


def test_bm25_by_hand():
    texts = ("red car", "red red bus", "blue bus", "")
    index = index_words(texts, np.arange(4))
    ids, scores = word_searcher(index, 10)("red bus")
    assert ids[0] == 1 and set(ids) == {0, 1, 2} and (np.diff(scores) <= 0).all() and scores[0] <= 1
    n, average = 4, 7 / 4  # Robertson's idf as Lucene has it; k1 1.5, b 0.75
    idf = np.log(1 + (n - 2 + 0.5) / (2 + 0.5))
    norm = 1.5 * (1 - 0.75 + 0.75 * 3 / average)
    expected = idf * (2 / (2 + norm) + 1 / (1 + norm))
    assert scores[0] == pytest.approx(expected / (2 * idf), rel=1e-5)
    assert postings(index, "red bus") == 4


@pytest.mark.parametrize("query", ["", "zebra", "!!!", "🎬"])
def test_a_query_without_a_known_word_finds_nothing(query):
    ids, scores = word_searcher(index_words(("red car", "bus"), np.arange(2)), 5)(query)
    assert len(ids) == len(scores) == 0


def test_an_index_without_a_word_in_it_finds_nothing():
    assert len(word_searcher(index_words(("", ""), np.arange(2)), 5)("red")[0]) == 0
    assert run(replace(CLIPS, missing=1.0, fusion="words")).quality["mrr@10"].value == 0


def test_the_best_scores_come_in_order_with_ties_by_place():
    scores = np.array([0, 2, 1, 2, 0, 3, 1], np.float32)
    assert best(scores, 3).tolist() == [5, 1, 3] and best(scores, 99).tolist() == [5, 1, 3, 2, 6]
    assert best(np.zeros(4, np.float32), 3).tolist() == []


def test_rows_of_a_partial_index_are_those_of_all_videos():
    index = index_words(("red car", "red bus", "red train"), np.array([0, 2]))
    assert set(word_searcher(index, 5)("red")[0]) == {0, 2}


# Fusion and re-ranking.


def hits(*pairs):
    ids, scores = zip(*pairs, strict=True) if pairs else ((), ())
    return np.array(ids, np.int64), np.array(scores, np.float32)


def test_a_weighted_sum_by_hand():
    words, vectors = hits((3, 8.0), (1, 4.0)), hits((1, 0.9), (2, 0.5), (5, 0.1))
    # words: 3 → 1, 1 → 0; vectors: 1 → 1, 2 → .5, 5 → 0
    assert weighted_sum(words, vectors, 0.7).tolist() == [3, 1, 2, 5]
    assert weighted_sum(words, vectors, 0.3).tolist() == [1, 2, 3, 5]


def test_reciprocal_ranks_by_hand():
    words, vectors = hits((3, 8.0), (1, 4.0)), hits((1, 0.9), (2, 0.5))
    assert reciprocal_ranks(words, vectors, 0.0).tolist() == [1, 3, 2]  # 1/62 + 1/61, 1/61, 1/62


@pytest.mark.parametrize("fusion", FUSIONS)
def test_an_empty_channel_leaves_the_other(fusion):
    some = hits((4, 0.9), (2, 0.5))
    found = FUSIONS[fusion](hits(), some, 0.7)
    assert found.tolist() == ([] if fusion == "words" else [4, 2])
    assert FUSIONS[fusion](hits(), hits(), 0.7).tolist() == []


def test_re_ranking_puts_the_video_with_the_words_first_and_loses_none():
    s = stages(replace(CLIPS, missing=0.0, wrong=0.0))
    texts, order = s["texts"].value, reranker(s["late"].value)
    candidates = np.arange(50)
    ranked = order(texts[17], candidates)
    assert ranked[0] in [i for i in candidates if set(terms(texts[17])) <= set(terms(texts[i]))]
    assert sorted(ranked) == candidates.tolist()
    assert order("", candidates).tolist() == candidates.tolist() and len(order("cat", candidates[:0])) == 0


def test_a_replica_holds_what_centres_its_queries_and_weighs_their_pieces():
    s = stages(replace(CLIPS, rerank=50))
    late = s["late"].value
    arrays = (late.vectors, late.written, late.shown, late.mean, late.model.idf)
    assert late.nbytes == sum(array.nbytes for array in arrays)
    assert run(CLIPS).parts_bytes["query centre"] == 4 * s["encoded"].value.vectors.shape[-1]


# Seeing and saying.


def test_frames_of_the_taught_artist_are_recognised():
    s = stages(CLIPS)
    cast, viewer = s["cast"].value, s["viewer"].value
    found = (recognise(viewer, cast.taught) @ viewer.taught.T).argmax(axis=1)
    assert (found == np.arange(len(cast.words))).mean() > 0.9


SHARES = knobs(VideoSearch)["learnt_from"].options


def test_smaller_samples_of_drawings_lie_within_larger_ones():
    things = [taught_things(968, share, seed=3) for share in SHARES]
    for share, rows in zip(SHARES, things, strict=True):
        assert np.array_equal(rows, np.unique(rows)) and len(rows) == np.ceil(share * 968)
        assert np.array_equal(rows, taught_things(968, share, seed=3))
    assert all(np.isin(few, more).all() for few, more in pairwise(things))
    assert np.array_equal(things[-1], np.arange(968)), "of all drawings none is left out, and their order stays"
    assert not np.array_equal(things[0], taught_things(968, SHARES[0], seed=4))


def test_a_drawing_that_is_left_out_teaches_nothing():
    cast = load_cast()
    tenth = train_viewer(cast, seed=0, learnt_from=0.1)
    others = np.setdiff1d(np.arange(len(cast.words)), tenth.things)
    assert len(others) > 800 and tenth.taught.shape == (len(tenth.things), SEEN)
    drawn = cast.taught.copy()
    drawn[others] = 0
    again = train_viewer(replace(cast, taught=drawn), seed=0, learnt_from=0.1)
    assert again.taught.tobytes() == tenth.taught.tobytes()
    captions = np.random.default_rng(0).normal(size=(len(cast.words), 8)).astype(np.float32)
    told = train_speaker(tenth, captions)
    captions[others] += 9
    assert train_speaker(tenth, captions).coefficients.tobytes() == told.coefficients.tobytes()


def test_fewer_drawings_change_what_frames_say_and_nothing_else():
    everything, tenth = stages(CLIPS), stages(replace(CLIPS, learnt_from=0.1))
    same = ("videos", "texts", "queries", "known", "words", "by_words", "said", "encoded")
    assert all(everything[name].key == tenth[name].key for name in same)
    per_query = [s["quality"].value["mrr@10"].per_query for s in (everything, tenth)]
    assert len(per_query[0]) == len(per_query[1]) and not np.array_equal(*per_query)
    assert per_query[0].mean() > per_query[1].mean()


def test_where_no_frame_is_looked_at_the_share_of_drawings_leaves_no_trace():
    for blind in (CASE.baseline, replace(CLIPS, fusion="words"), FILMS, replace(FILMS, fusion="vectors")):
        assert canonical(replace(blind, learnt_from=0.1)).learnt_from == 1.0
    looked = replace(CLIPS, fusion="words", rerank=20, learnt_from=0.1)
    assert canonical(looked) == looked


def test_pooling_by_hand():
    said = np.array([[[1.0, 0.0], [3.0, 2.0], [9.0, 9.0]]], np.float32)
    seen = SeenClips(said, np.array([[True, True, False]]), np.array([[0.2, 0.8, 0.0]]))
    said[0, 2] = 0  # there is no third frame
    assert features.pool_mean(said, seen).tolist() == [[[2, 1]]]
    assert features.pool_max(said - 5, seen).tolist() == [[[-2, -3]]]
    assert features.pool_change(said, seen).tolist() == [[[2, 1], [-2, -2]]]


def test_topics_of_unknown_words_are_zeros_and_find_without_failing():
    model = fit_topics([f"word{i} word{i + 1}" for i in range(300)])
    assert (topics_of_one(model, "nothing known") == 0).all()
    assert np.linalg.norm(topics_of_one(model, "word7")) == pytest.approx(1, abs=1e-5)


# Serving.


def test_batch_answers_only_what_it_met_with_nothing_newer_than_the_snapshot():
    s = stages(replace(CLIPS, serving="batch", new_share=0.3, refresh_h=168))
    asked, served, age_h = s["queries"].value, s["served"].value, s["videos"].value.age_h
    unmet = asked.asked_h < 84
    assert 0.15 < unmet.mean() < 0.6 and (served[unmet] == -1).all() and (served[~unmet, 0] >= 0).all()
    assert age_h[served[served >= 0]].min() >= 84


def test_online_finds_nothing_newer_than_its_index():
    s = stages(replace(CLIPS, new_share=0.3, refresh_h=24))
    assert s["videos"].value.age_h[s["served"].value].min() >= 12


def test_hybrid_gives_the_answers_of_online_and_searches_for_few():
    hybrid, online = (run(replace(CLIPS, serving=kind)) for kind in ("hybrid", "online"))
    np.testing.assert_array_equal(hybrid.quality["mrr@10"].per_query, online.quality["mrr@10"].per_query)
    searched = hybrid.parts_ms["find by words"] > 0
    assert searched.mean() == pytest.approx(0.15, abs=0.05)
    np.testing.assert_array_equal(searched, hybrid.parts_ms["fuse"] > 0)


def test_the_store_is_rebuilt_when_corrupt():
    design = replace(CLIPS, serving="batch")
    MEMO.clear()  # or the store is another test's
    before = run(design).quality["mrr@10"].value
    (file,) = stores_folder().glob("*.sqlite")
    file.write_bytes(file.read_bytes()[:5_000])
    MEMO.clear()
    assert run(design).quality["mrr@10"].value == before
    assert "rebuilt" in stages(design)["store"].value.note


def test_turning_the_weight_of_words_reuses_everything_but_the_fusion():
    run(replace(CLIPS, alpha=0.5))
    again = {record.name: record.reused for record in run(replace(CLIPS, alpha=0.3)).steps}
    assert {name for name, reused in again.items() if not reused} == {"fuse", "top", "grade"}


def test_metadata_dials_leave_the_frames_alone():
    run(CLIPS)
    again = {record.name: record.reused for record in run(replace(CLIPS, missing=0.6)).steps}
    assert again["watch"] and again["train viewer"] and not again["index words"]


def test_shipped_vectors_are_charged_for():
    measured = run(replace(CLIPS, fusion="vectors", encoder="minilm"))
    assert 968 * 0.0005 < measured.shipped_s < measured.build_s
    assert run(replace(CLIPS, fusion="vectors")).shipped_s == 0


def composition(design):
    measured = run(design)
    return measured.shown.composition(measured.parts_ms)


def test_side_by_side_is_never_longer_than_in_turn():
    both = composition(CLIPS)
    assert (both.side_by_side_ms < both.in_turn_ms).all()
    assert (both.side_by_side_ms >= np.maximum(*both.channels_ms.values())).all()
    alone = composition(replace(CLIPS, fusion="words"))
    np.testing.assert_array_equal(alone.side_by_side_ms, alone.in_turn_ms)


def test_what_is_shown_says_which_channel_found_it():
    shown = run(CLIPS).shown
    assert set(shown.answers.segments) == {"exact terms", "partial", "paraphrased", "about order"}
    for question in shown.answers.questions:
        assert question.wanted.right and len(question.found) == 5
        assert all(found.ranks and set(found.ranks) <= {"words", "vectors"} for found in question.found)
    strip = shown.strips.strip(0)
    assert strip.shape == (64, 262, 3) and strip.dtype == np.uint8
    films = run(FILMS).shown
    assert films.strips.strip(0) is None and "about order" not in films.answers.segments


def one_request(monkeypatch, design):
    """The markup of the first screen's one query."""
    shown = []
    monkeypatch.setattr(film_strips, "html", shown.append)
    film_strips.one_request(SimpleNamespace(present=SimpleNamespace(measured=run(canonical(design)))))
    return shown[0]


def test_the_first_screen_shows_one_query_its_answers_and_where_each_channel_had_the_right_one(monkeypatch):
    words, dense = (one_request(monkeypatch, replace(FILMS, fusion=fusion)) for fusion in ("words", "vectors"))
    assert words.split("<p>")[1].split("</p>")[0] == dense.split("<p>")[1].split("</p>")[0]  # the same query
    assert words.count("<li") == dense.count("<li") == 5 and "<img" not in words
    assert words.count('class="right film"') == 1 and "BM25 1 · rank 1 here" in words
    assert "right film" not in dense and "not in the first 5" in dense
    clips = one_request(monkeypatch, CLIPS)
    assert clips.count("<img") == 5 and clips.count('alt="four frames of a clip') == 5


def test_a_query_in_a_dictionarys_rude_words_is_judged_and_not_shown(monkeypatch):
    queries = stages(FILMS)["queries"].value
    rude = [text for text in queries.texts if not evaluate.UNSAID.isdisjoint(terms(text))]
    shown = [question.text for question in run(FILMS).shown.answers.questions]
    assert rude and not set(rude) & set(shown)


@pytest.mark.parametrize("serving", ["online", "batch", "hybrid"])
@pytest.mark.parametrize("fusion", FUSIONS)
@pytest.mark.parametrize("dataset", ["clips", "films"])
def test_every_design_can_be_drawn(serving, fusion, dataset):
    for rerank in (0, 50):
        design = canonical(VideoSearch(dataset=dataset, serving=serving, fusion=fusion, rerank=rerank))
        drawing = CASE.draw(design, None)
        assert svg(drawing).startswith("<svg")
        reached = {edge.dst for edge in drawing.edges}
        assert {box.id for box in drawing.boxes} - reached == {"videos", "person"}  # all else comes from something


# Options that cannot be had, and bad input.


def test_only_minilm_has_256_numbers():
    assert canonical(replace(CLIPS, dim=256)).dim == 128
    assert canonical(replace(CLIPS, encoder="minilm", dim=256)).dim == 256


def test_over_the_films_minilm_goes_with_a_second_channel_and_a_rerank():
    both = replace(FILMS, fusion="weighted", encoder="minilm", rerank=100)
    assert canonical(both) == both
    assert canonical(replace(both, dim=256)).dim == 128
    clips = canonical(replace(both, dataset="clips"))
    assert (clips.encoder, clips.rerank) == ("minilm", 0)  # clips are watched as well


def test_in_fp32_minilm_is_for_clips_alone():
    full = replace(CLIPS, encoder="minilm_fp32", dim=256)
    assert canonical(full) == full
    assert canonical(replace(full, dataset="films", fusion="vectors")).encoder == "static"
    assert canonical(replace(full, rerank=50, frames=16)) == full


def test_the_page_opens_on_real_films_with_a_design_that_beats_bm25():
    """The paired test over the same queries, as the page makes it."""
    default, baseline = (run(canonical(design)).quality["mrr@10"] for design in (VideoSearch(), CASE.baseline))
    over = paired_change(baseline, default, 0)
    assert VideoSearch().dataset == "films" and over.low > 0.01


@pytest.mark.parametrize(("name", "why"), [("minilm", "why_not_minilm"), ("minilm_fp32", "why_not_full_minilm")])
def test_without_its_packages_minilm_is_not_offered(name, why, monkeypatch):
    monkeypatch.setattr(f"core.cases.video_search.design.{why}", lambda: "MiniLM needs a package")
    encoder = knobs(VideoSearch)["encoder"]
    assert encoder.offered(CLIPS) == tuple(option for option in encoder.options if option != name)
    assert canonical(replace(CLIPS, encoder=name)).encoder == "static"
    assert all(design.encoder != name for _, design in neighbours(CLIPS))


@pytest.mark.parametrize("name", knobs(VideoSearch)["encoder"].options)
def test_torch_is_loaded_for_fp32_alone(name):
    lineage = stages(replace(CLIPS, encoder=name))["quality"].lineage()
    assert any(stage.function is load_full_minilm for stage in lineage) == (name == "minilm_fp32")


def test_frames_do_nothing_for_films_and_for_words_alone():
    frames = knobs(VideoSearch)["frames"]
    assert not frames.active(FILMS) and not frames.active(replace(CLIPS, fusion="words"))
    assert frames.active(replace(CLIPS, fusion="words", rerank=20))


def test_a_missing_data_file_is_one_clear_message(monkeypatch):
    monkeypatch.setattr("core.cases.video_search.data.videos.load_films", _missing)
    MEMO.clear()
    with pytest.raises(DataError, match=r"data/films.npz is missing.*git checkout"):
        run(FILMS)
    assert run(CLIPS).quality  # the clips still work


def _missing():
    raise DataError("data/films.npz is missing in data; `git checkout -- data/films.npz` brings it back")


def test_an_unknown_data_set_or_option_is_refused():
    with pytest.raises(KeyError):
        stages(replace(CLIPS, fusion="vectors", encoder="word2vec"))
    with pytest.raises(KeyError, match="tree"):
        run(replace(CLIPS, fusion="vectors", index="tree"))


def nan_vectors(vectors: np.ndarray) -> np.ndarray:
    """Vectors as a broken encoder would give them."""
    broken = vectors.copy()
    broken[3, 0] = np.nan
    return broken


def test_nan_vectors_are_refused_by_name():
    with pytest.raises(ValueError, match="NaN"):
        step(requests.build, step(nan_vectors, stages(CLIPS)["vectors"]), kind="flat", seed=0).value


def test_more_candidates_than_videos_are_padded():
    vectors = np.eye(8, dtype=np.float32)
    queries = np.tile(vectors, (125, 1))
    found = requests.search_vectors(build_index(vectors, kind="flat", seed=0), queries, np.arange(8), effort=1)
    assert (found.ids[:, 8:] == -1).all() and found.hits(0)[0].tolist()[0] == 0 and len(found.hits(0)[0]) == 8


def test_films_wanted_are_all_there_and_different():
    asked: Queries = stages(FILMS)["queries"].value
    wanted = [int(rows[0]) for rows in asked.right]
    assert len(set(wanted)) == 1_000 and max(wanted) < 17_472
    assert load_videos(dataset="films", new_share=0.0, seed=0).age_h.min() >= 168
