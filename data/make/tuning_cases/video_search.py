"""Video search: MRR@10 of queries for films that no page query asks for, and for the clips of another world."""

from __future__ import annotations

from functools import cache

import numpy as np

from core.cases.video_search import features
from core.cases.video_search.data.queries import Queries, ask
from core.cases.video_search.design import VideoSearch
from core.cases.video_search.model import frames, texts
from core.cases.video_search.pipeline import stages
from core.cases.video_search.serve import words
from core.cases.video_search.serve.requests import K
from core.datasets.minilm import load_word_pieces
from core.metrics import mrr_at_k
from core.stages.index import exact_neighbours
from data.make.tuning_cases.settings import OTHER_SEEDS, TEST_SEEDS, Constant, Tuned, log_uniform, one_of

SEED = OTHER_SEEDS[0]
FRAMES = "frame encoder of the clips"


def _design(model: str) -> VideoSearch:
    """One channel alone, by exact search, with nothing that re-ranks."""
    if model == FRAMES:
        return VideoSearch(dataset="clips", fusion="vectors", rerank=0)
    if model == "words":
        return VideoSearch(fusion="words", rerank=0)
    return VideoSearch(fusion="vectors", encoder=model, rerank=0)


@cache
def new_queries() -> tuple[Queries, np.ndarray]:
    """Queries of another seed for films, and which of them (m,) are for films that the test seeds never ask for."""
    design = _design("words")
    videos = stages(design, SEED)["videos"].value
    asked = [ask(videos, order=design.order, tail=design.tail, seed=seed) for seed in (SEED, *TEST_SEEDS)]
    wanted, *on_pages = [np.concatenate(queries.right) for queries in asked]
    return asked[0], np.flatnonzero(~np.isin(wanted, np.concatenate(on_pages)))


def _score(model: str) -> float:
    if model == FRAMES:
        return _clips()
    queries, rows = new_queries()
    asked = [queries.texts[row] for row in rows]
    found = _by_words(asked) if model == "words" else _by_vectors(model, asked)
    return float(mrr_at_k(found, [queries.right[row] for row in rows], K).mean())


def _by_words(asked: list[str]) -> np.ndarray:
    s, found = stages(_design("words"), SEED), np.full((len(asked), K), -1)
    find = words.word_searcher(words.index_words(s["texts"].value, s["known"].value), K)
    for row, text in zip(found, asked, strict=True):
        ids, _ = find(text)
        row[: len(ids)] = ids
    return found


def _by_vectors(model: str, asked: list[str]) -> np.ndarray:
    s, design = stages(_design(model), SEED), _design(model)
    known = s["known"].value
    captions = features.film_texts(s["videos"].value, known)
    fitted = texts.fit_topics(captions) if model == "lsa" else texts.fit_pieces(load_word_pieces(), captions)
    vectors, queries = (
        features.film_vectors(texts.TEXT_ENCODERS[model].many(fitted, some), design.dim) for some in (captions, asked)
    )
    return known[exact_neighbours(vectors, queries, K)]


def _clips() -> float:
    s, design = stages(_design(FRAMES), SEED), _design(FRAMES)
    cast, videos, known, said, queries, pieces = (
        s[name].value for name in ("cast", "videos", "known", "said", "queries", "pieces")
    )
    viewer = frames.train_viewer(cast, SEED)
    seen = frames.watch(viewer, cast, videos, design.frames)
    speaker = frames.train_speaker(viewer, said)
    vectors = features.clip_vectors(features.pool(viewer, seen, speaker, design.pooling), known, design.dim)
    asked = features.film_vectors(texts.pieces_of(pieces, queries.texts) - speaker.mean, design.dim)
    return float(mrr_at_k(known[exact_neighbours(vectors, asked, K)], queries.right, K).mean())


IDF = (
    Constant(texts, "IDF_FLOOR", log_uniform(0.01, 2)),
    Constant(texts, "IDF_POWER", one_of(0.5, 0.75, 1.0, 1.5, 2.0)),
)
TUNED = Tuned(
    "MRR@10", "queries for films that no page query asks for, and for the clips of another world, seed 100",
    {
        "words": (Constant(words, "K1", log_uniform(0.5, 3)), Constant(words, "B", one_of(0.2, 0.4, 0.6, 0.75, 0.9))),
        "lsa": (*IDF, Constant(texts, "TOPIC_POWER", one_of(-0.5, 0.0, 0.25, 0.5, 1.0))),
        "static": IDF,
        FRAMES: (
            Constant(frames, "SEEN", one_of(32, 48, 64, 96, 128)), Constant(frames, "SHRUNK", log_uniform(0.3, 30)),
            Constant(frames, "SHARPNESS", log_uniform(3, 20)), Constant(frames, "RIDGE", log_uniform(0.01, 1)),
        ),
    },
    _score, _design, untuned=("minilm", "minilm_fp32"),
)  # fmt: skip
