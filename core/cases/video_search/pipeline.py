"""Video search from videos to figures: the stages in order, and what one run measures."""

from __future__ import annotations

import numpy as np

from core.cases.video_search import evaluate, features
from core.cases.video_search.data.queries import N_QUERIES, ask
from core.cases.video_search.data.texts import describe
from core.cases.video_search.data.videos import known_by, load_cast, load_videos
from core.cases.video_search.design import VideoSearch, by_vectors, of_clips
from core.cases.video_search.evaluate import Shown, Strips, show
from core.cases.video_search.model.frames import train_speaker, train_viewer, watch
from core.cases.video_search.model.texts import fit_pieces, fit_topics
from core.cases.video_search.serve import requests
from core.cases.video_search.serve.late_interaction import fit_late
from core.cases.video_search.serve.words import index_words
from core.contract.case import SEED, Measurement
from core.datasets.minilm import load_minilm, load_minilm_record, load_word_pieces
from core.runtime.memo import Step, build_seconds, nbytes, own_seconds, recording, step, trace
from core.runtime.timing import Timing
from core.stages.index import INDEXES
from core.stages.serve import snapshot_age_h


def stages(design: VideoSearch, seed: int = SEED) -> dict[str, Step]:
    """Every stage of a design by name. Steps are lazy: what the design does not use costs nothing."""
    unseen_h = snapshot_age_h(design.refresh_h)
    cast = (step(load_cast),) if of_clips(design) else ()
    videos = step(load_videos, *cast, dataset=design.dataset, new_share=design.new_share, seed=seed)
    texts = step(describe, videos, *cast, missing=design.missing, wrong=design.wrong, seed=seed)
    asked = step(ask, videos, *cast, order=design.order, tail=design.tail, seed=seed)
    known = step(known_by, videos, unseen_h=unseen_h)

    words = step(index_words, texts, known)
    by_words = step(requests.search_words, words, asked)

    captions = step(features.cast_captions, *cast) if cast else step(features.film_texts, videos, known)
    pieces = step(fit_pieces, step(load_word_pieces), captions)
    fits = {"lsa": step(fit_topics, captions), "static": pieces, "minilm": step(load_minilm)}
    text_model = fits[design.encoder]
    encoded = step(
        features.encode_queries, text_model, asked, encoder=design.encoder, ordered=design.pooling == "change"
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
        queries = step(features.query_vectors, encoded, speaker, dim=design.dim)
    else:
        vectors = step(features.film_vectors, said, dim=design.dim)
        queries = step(features.query_vectors, encoded, dim=design.dim)
    lists = INDEXES[design.index].effort_name == "nprobe"
    coarse = (step(requests.cluster, vectors, seed=seed),) if lists else ()
    index = step(requests.build, vectors, *coarse, kind=design.index, seed=seed)
    near = step(requests.search_vectors, index, queries, known, effort=design.effort)

    channels = {"words": {"words": by_words}, "vectors": {"vectors": near}}.get(design.fusion)
    channels = channels or {"words": by_words, "vectors": near}
    depth = max(requests.K, design.rerank)
    fused = step(requests.fuse, *channels.values(), fusion=design.fusion, alpha=design.alpha, depth=depth)
    late = step(fit_late, pieces, captions, texts, *sight)
    ranked = step(requests.rerank, fused, late, asked) if design.rerank else fused

    store = step(requests.precompute, ranked, asked, unseen_h=unseen_h, name=ranked.key)
    served = {
        "online": step(requests.top, ranked),
        "batch": step(requests.from_store, store),
        "hybrid": step(requests.from_store_or_search, store, ranked),
    }[design.serving]
    return dict(
        videos=videos, texts=texts, asked=asked, known=known, words=words, by_words=by_words, pieces=pieces,
        text_model=text_model, said=said, encoded=encoded, vectors=vectors, queries=queries, index=index, near=near,
        fused=fused, late=late, ranked=ranked, store=store, served=served,
        quality=step(evaluate.grade, served, asked, seed=seed),
        neighbours=step(evaluate.grade_index, near, vectors, queries, known, seed=seed),
        looking=step(requests.time_look_up, store),
        answers=step(show, served, asked, texts, *channels.values(), channels=tuple(channels), seed=seed),
        **({"cast": cast[0], "viewer": sight[0], "seen": sight[1], "pooled": pooled} if cast else {}),
    )  # fmt: skip


def run(design: VideoSearch, seed: int = SEED) -> Measurement:
    """Measure one design. Raises DataError where a file or a package that it needs is missing."""
    with recording() as computed:
        s = stages(design, seed)
        stored, searched = design.serving != "online", design.serving != "batch"
        parts = _parts(design, s)
        neighbours = {"neighbours@10": s["neighbours"].value} if searched and by_vectors(design) else {}
        indexes = [s[name] for name in _indexes(design)]
        store = [s["store"]] if stored else []
        searched_by = [s[name] for name in (REQUEST if stored or searched else ()) if name in _used(design)]
        shipped_s = _shipped_s(design, s)
        return Measurement(
            quality={**s["quality"].value, **neighbours},
            service_ms=sum(parts.values()),
            parts_ms=parts,
            memory_bytes=searched * _searching_bytes(design, s) + sum(each.value.nbytes for each in store),
            build_s=build_seconds(*(indexes if searched else ()), *store) + shipped_s,
            shipped_s=shipped_s,
            refresh_s=own_seconds(*indexes, *(searched_by if stored else ()), *store),
            refresh_every_h=design.refresh_h,
            store_bytes=sum(each.value.nbytes for each in store),
            counts=_counts(design, s) if searched else {},
            steps=trace(computed, s["quality"], *searched_by, *store),
            noise=max(_timing(s[name]).noise for name in _timed(design)),
            shown=Shown(s["answers"].value, Strips(s["videos"], s.get("cast")), *_compositions(parts)),
        )


# A request's way: the name of each stage among `stages`, and what it is called where its time is shown.
REQUEST = {
    "looking": "look up",
    "by_words": "find by words",
    "encoded": "encode",
    "near": "find by vectors",
    "fused": "fuse",
    "ranked": "re-rank",
}


def _used(design: VideoSearch) -> list[str]:
    """The stages that a search passes, in order."""
    uses = {
        "by_words": design.fusion != "vectors",
        "encoded": by_vectors(design),
        "near": by_vectors(design),
        "fused": design.fusion in ("weighted", "rrf"),
        "ranked": design.rerank > 0,
    }
    return [name for name, used in uses.items() if used]


def _timed(design: VideoSearch) -> list[str]:
    """The stages that a request passes."""
    return [*(["looking"] if design.serving != "online" else []), *(_used(design) if design.serving != "batch" else [])]


def _timing(stage: Step) -> Timing:
    value = stage.value
    return value if isinstance(value, Timing) else value.timing


def _parts(design: VideoSearch, s: dict[str, Step]) -> dict[str, np.ndarray]:
    """Milliseconds of each timed request by stage; in hybrid serving only queries never met are searched for."""
    parts = {REQUEST[name]: _timing(s[name]).wall_ms for name in _timed(design)}
    if design.serving == "hybrid":
        unmet = np.array([s["store"].value.get(i) is None for i in range(N_QUERIES)])
        parts = {name: ms if name == "look up" else ms * unmet for name, ms in parts.items()}
    return parts


def _compositions(parts: dict[str, np.ndarray]) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """Milliseconds of each channel, and of requests with channels one after the other and side by side (the slower)."""
    stages_of = {"words": ("find by words",), "vectors": ("encode", "find by vectors")}
    used = {name: [parts[each] for each in names if each in parts] for name, names in stages_of.items()}
    channels = {name: np.sum(times, axis=0) for name, times in used.items() if times}
    in_turn = np.sum(list(parts.values()), axis=0)
    saved = np.minimum(*channels.values()) if len(channels) == 2 else 0.0
    return channels, in_turn, in_turn - saved


def _indexes(design: VideoSearch) -> list[str]:
    """The stages that make what is searched in."""
    uses = {"words": design.fusion != "vectors", "index": by_vectors(design), "late": design.rerank > 0}
    return [name for name, used in uses.items() if used]


def _searching_bytes(design: VideoSearch, s: dict[str, Step]) -> int:
    """What a replica that searches holds: indexes, the text encoder, and what it re-ranks by."""
    models = {s["text_model"].key: s["text_model"]} if by_vectors(design) else {}
    return sum(s[name].value.nbytes for name in _indexes(design)) + sum(nbytes(each.value) for each in models.values())


def _shipped_s(design: VideoSearch, s: dict[str, Step]) -> float:
    """CPU seconds that the vectors which come encoded took when they were made."""
    if design.encoder != "minilm" or not by_vectors(design):
        return 0.0
    return len(s["said"].value) * load_minilm_record().caption_s


def _counts(design: VideoSearch, s: dict[str, Step]) -> dict[str, float]:
    """Deterministic work: postings and distances a request, candidates re-ranked, frames looked at a video."""
    work = {"postings": "by_words", "distances": "near", "candidates": "ranked"}
    counts = {what: float(s[name].value.work.mean()) for what, name in work.items() if name in _used(design)}
    frames = {"frames": float(s["seen"].value.there.sum(axis=1).mean())} if "seen" in s and _sees(design) else {}
    return counts | frames


def _sees(design: VideoSearch) -> bool:
    return by_vectors(design) or design.rerank > 0
