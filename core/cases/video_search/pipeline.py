"""Video search from videos to figures: the stages in order, and what one run measures."""

from __future__ import annotations

import numpy as np

from core.cases.video_search import evaluate, features
from core.cases.video_search.data.queries import N_QUERIES, ask
from core.cases.video_search.data.texts import describe
from core.cases.video_search.data.videos import cut, known_by, load_cast, load_videos
from core.cases.video_search.design import VideoSearch, by_vectors, of_clips, sees_frames
from core.cases.video_search.evaluate import Shown, Strips, show
from core.cases.video_search.model.frames import train_speaker, train_viewer, watch
from core.cases.video_search.model.texts import fit_pieces, fit_topics
from core.cases.video_search.serve import requests
from core.cases.video_search.serve.late_interaction import fit_late
from core.cases.video_search.serve.words import index_words
from core.contract.case import SEED, Measurement
from core.datasets.minilm import load_minilm, load_minilm_record, load_word_pieces
from core.runtime.measuring import Plan, measure
from core.runtime.memo import Step, step
from core.stages.index import INDEXES
from core.stages.sentence_encoder import load_full_minilm
from core.stages.serve import snapshot_age_h


def stages(design: VideoSearch, seed: int = SEED, part: int = 0, parts: int = 1) -> dict[str, Step]:
    """Every stage of a design by name, over one of several parts of the videos. What is not used costs nothing."""
    unseen_h = snapshot_age_h(design.refresh_h)
    cast = (step(load_cast),) if of_clips(design) else ()
    videos = step(load_videos, *cast, dataset=design.dataset, new_share=design.new_share, seed=seed)
    texts = step(describe, videos, *cast, missing=design.missing, wrong=design.wrong, seed=seed)
    queries = step(ask, videos, *cast, order=design.order, tail=design.tail, seed=seed)
    known = step(known_by, videos, unseen_h=unseen_h)
    known = step(cut, videos, known, part=part, parts=parts, seed=seed) if parts > 1 else known

    words = step(index_words, texts, known)
    by_words = step(requests.search_words, words, queries)

    captions = step(features.cast_captions, *cast) if cast else step(features.film_texts, videos, known)
    pieces = step(fit_pieces, step(load_word_pieces), captions)
    text_model = {
        "lsa": step(fit_topics, captions),
        "static": pieces,
        "minilm": step(load_minilm),
        "minilm_fp32": step(load_full_minilm),
    }[design.encoder]
    encoded = step(
        features.encode_queries, text_model, queries, encoder=design.encoder, ordered=design.pooling == "change"
    )
    if design.encoder == "minilm":
        said = step(features.shipped_cast, *cast) if cast else step(features.shipped_films, known)
    else:
        said = step(features.caption_vectors, text_model, captions, encoder=design.encoder)

    sight = ()
    if cast:
        viewer = step(train_viewer, *cast, learnt_from=design.learnt_from, seed=seed)
        sight = viewer, step(watch, viewer, *cast, videos, frames=design.frames)
        speaker = step(train_speaker, viewer, said)
        pooled = step(features.pool, *sight, speaker, pooling=design.pooling)
        vectors = step(features.clip_vectors, pooled, known, dim=design.dim)
        query_vectors = step(features.query_vectors, encoded, speaker, dim=design.dim)
        centre = step(features.query_centre, speaker)
    else:
        vectors = step(features.film_vectors, said, dim=design.dim)
        query_vectors = step(features.query_vectors, encoded, dim=design.dim)
    lists = INDEXES[design.index].effort_name == "nprobe"
    coarse = (step(requests.cluster, vectors, seed=seed),) if lists else ()
    index = step(requests.build, vectors, *coarse, kind=design.index, seed=seed)
    near = step(requests.search_vectors, index, query_vectors, known, effort=design.effort)

    channels = {"words": {"words": by_words}, "vectors": {"vectors": near}}.get(design.fusion)
    channels = channels or {"words": by_words, "vectors": near}
    depth = max(requests.K, design.rerank)
    fused = step(requests.fuse, *channels.values(), fusion=design.fusion, alpha=design.alpha, depth=depth)
    late = step(fit_late, pieces, captions, texts, *sight)
    ranked = step(requests.rerank, fused, late, queries) if design.rerank else fused

    store = step(requests.precompute, ranked, queries, unseen_h=unseen_h, name=ranked.key)
    served = {
        "online": step(requests.top, ranked),
        "batch": step(requests.from_store, store),
        "hybrid": step(requests.from_store_or_search, store, ranked),
    }[design.serving]
    return dict(
        videos=videos, texts=texts, queries=queries, known=known, words=words, by_words=by_words, pieces=pieces,
        text_model=text_model, said=said, encoded=encoded, vectors=vectors, query_vectors=query_vectors, index=index,
        near=near, fused=fused, late=late, ranked=ranked, store=store, served=served,
        quality=step(evaluate.grade, served, queries),
        neighbours=step(evaluate.grade_index, near, vectors, query_vectors, known, queries),
        looking=step(requests.time_look_up, store),
        answers=step(show, served, queries, texts, *channels.values(), channels=tuple(channels)),
        **({"cast": cast[0], "viewer": sight[0], "seen": sight[1], "pooled": pooled, "centre": centre} if cast else {}),
    )  # fmt: skip


def plan(design: VideoSearch, seed: int = SEED) -> Plan:
    """What of the stages is timed, held by a replica and made ahead."""
    s = stages(design, seed)
    stored, searched = design.serving != "online", design.serving != "batch"
    search, indexes, store = _search(design, s), _indexes(design, s), {"store": s["store"]} if stored else {}
    graded = {"neighbours@10": s["neighbours"].value} if searched and by_vectors(design) else {}
    encoder = {"query encoder": s["text_model"]} if by_vectors(design) else {}
    if by_vectors(design) and of_clips(design):
        encoder["query centre"] = s["centre"]
    return Plan(
        quality=s["quality"],
        more_quality=graded,
        timed=({"look up": s["looking"]} if stored else {}) | (search if searched else {}),
        passing=lambda part: _unmet(s) if design.serving == "hybrid" and part != "look up" else None,
        held=(indexes | encoder if searched else {}) | store,
        built=[*(indexes.values() if searched else ()), *store.values()],
        indexed=_index_steps(design, s),
        n_items=len(s["videos"].value.age_h),
        n_keys=N_QUERIES if stored else 0,
        store=store.get("store"),
        refreshed_once=list(indexes.values()),
        refreshed=[*indexes.values(), *(search.values() if stored else ()), *store.values()],
        refresh_every_h=design.refresh_h,
        answered=lambda: s["store"].value.rows / N_QUERIES,
        shipped_s=_shipped_s(design, s),
        counts=_counts(design, s) if searched else {},
        traced=[*search.values(), *store.values()],
        shown=Shown(s["answers"].value, Strips(s["videos"], s.get("cast"))),
    )


def run(design: VideoSearch, seed: int = SEED) -> Measurement:
    """Measure one design. Raises DataError where a file or a package that it needs is missing."""
    return measure(plan, design, seed)


def _search(design: VideoSearch, s: dict[str, Step]) -> dict[str, Step]:
    """The parts of a search in order, and the stage that times each."""
    words, vectors = design.fusion != "vectors", by_vectors(design)
    return (
        ({"find by words": s["by_words"]} if words else {})
        | ({"encode": s["encoded"], "find by vectors": s["near"]} if vectors else {})
        | ({"fuse": s["fused"]} if words and vectors else {})
        | ({"re-rank": s["ranked"]} if design.rerank else {})
    )


def _indexes(design: VideoSearch, s: dict[str, Step]) -> dict[str, Step]:
    """What is searched in, and what answers are re-ranked by."""
    return (
        ({"index of words": s["words"]} if design.fusion != "vectors" else {})
        | ({"index of vectors": s["index"]} if by_vectors(design) else {})
        | ({"what re-ranks": s["late"]} if design.rerank else {})
    )


def _index_steps(design: VideoSearch, s: dict[str, Step]) -> list[Step]:
    """The steps that make the indexes, the clustering of inverted lists included."""
    vectors = [s["index"], *s["index"].inputs[1:]] if by_vectors(design) else []
    return vectors + ([s["words"]] if design.fusion != "vectors" else [])


def _unmet(s: dict[str, Step]) -> np.ndarray:
    """Which of the timed requests are queries that the store does not know (N_QUERIES,)."""
    return np.array([s["store"].value.get(i) is None for i in range(N_QUERIES)])


def _shipped_s(design: VideoSearch, s: dict[str, Step]) -> float:
    """CPU seconds that the vectors which come encoded took when they were made."""
    if design.encoder != "minilm" or not by_vectors(design):
        return 0.0
    return len(s["said"].value) * load_minilm_record().caption_s


def _counts(design: VideoSearch, s: dict[str, Step]) -> dict[str, float]:
    """Deterministic work: postings and distances a request, candidates re-ranked, frames looked at a video."""
    work = {"postings": "find by words", "distances": "find by vectors", "candidates": "re-rank"}
    search = _search(design, s)
    counts = {what: float(search[part].value.work.mean()) for what, part in work.items() if part in search}
    frames = {"frames": float(s["seen"].value.there.sum(axis=1).mean())} if sees_frames(design) else {}
    return counts | frames
