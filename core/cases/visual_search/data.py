"""The images of visual search: what is searched, what is asked, and what counts as a right answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.datasets.drawings import Pictures, load_drawings
from core.datasets.emoji import load_emoji
from core.datasets.fashion import load_fashion
from core.stages.textures import textures

N_QUERIES = 1_000
N_TRAIN = 6_000
N_TEXTURE_KINDS = 100


@dataclass(frozen=True)
class World:
    """Images uint8 (n, h, w, c), some of them still in their files, and what is known about them.

    A `kind` (n,) says what an image shows (a shirt, a smiling face); a `thing` (n,) which very thing it is, so that two
    pictures of one thing share it. `row` (n,) is the place in the data set. `age` (n,) is the share of the images that
    are newer, from 0 for the newest.
    """

    train: np.ndarray | Pictures
    train_row: np.ndarray
    train_labels: np.ndarray  # equal for images that training should bring together
    corpus: np.ndarray | Pictures
    corpus_kind: np.ndarray
    corpus_thing: np.ndarray
    corpus_row: np.ndarray
    corpus_age: np.ndarray
    queries: np.ndarray | Pictures
    query_kind: np.ndarray
    query_thing: np.ndarray
    query_row: np.ndarray
    query_age: np.ndarray
    query_turn: np.ndarray  # (n_queries,) a share in random order: those below the share of uploads are uploaded photos
    kind_names: tuple[str, ...]
    thing_names: tuple[str, ...]  # empty where a kind is all that has a name


def load_world(dataset: str, catalogue: int, intrinsic_dim: int, seed: int) -> World:
    """Training images, a catalogue to search and queries that are in neither. Raises DataError for a bad file."""
    rng = np.random.default_rng(seed)
    if dataset == "drawings":
        return _drawings(rng)
    if dataset == "emoji":
        return _emoji(rng)
    if dataset == "textures":
        n = N_TRAIN + catalogue + N_QUERIES
        images, labels = textures(n, N_TEXTURE_KINDS, intrinsic_dim, noise=0.8, seed=seed)
        return _split(images, labels, tuple(f"pattern {i}" for i in range(N_TEXTURE_KINDS)), catalogue, rng)
    photos = load_fashion()
    return _split(photos.images, photos.labels, photos.label_names, catalogue, rng)


def _split(
    images: np.ndarray, labels: np.ndarray, names: tuple[str, ...], catalogue: int, rng: np.random.Generator
) -> World:
    order = rng.permutation(len(images))
    train, queries, corpus = np.split(order[: N_TRAIN + N_QUERIES + catalogue], [N_TRAIN, N_TRAIN + N_QUERIES])
    return World(
        train=images[train],
        train_row=train,
        train_labels=labels[train],
        corpus=images[corpus],
        corpus_kind=labels[corpus],
        corpus_thing=corpus,
        corpus_row=corpus,
        corpus_age=_ages(len(corpus), rng),
        queries=images[queries],
        query_kind=labels[queries],
        query_thing=queries,
        query_row=queries,
        query_age=_ages(len(queries), rng),
        query_turn=_ages(len(queries), rng),
        kind_names=names,
        thing_names=(),
    )


def _drawings(rng: np.random.Generator) -> World:
    """Half of the glyphs to train on, by all three artists; the others, in 3D, are asked for in what two have drawn."""
    drawings = load_drawings()
    n, things = len(drawings.names), drawings.glyphs
    shuffled = rng.permutation(n)
    asked, train = np.split(shuffled[np.isin(shuffled, things)], [n // 2])  # twins stay together
    corpus, taught, in_3d = np.arange(2 * n), np.concatenate([train, n + train, 2 * n + train]), 2 * n + asked
    return World(
        train=drawings.pictures.take(taught),
        train_row=taught,
        train_labels=things[taught % n],
        corpus=drawings.pictures.take(corpus),
        corpus_kind=drawings.subcategories[corpus % n],
        corpus_thing=things[corpus % n],
        corpus_row=corpus,
        corpus_age=_ages(len(corpus), rng),
        queries=drawings.pictures.take(in_3d),
        query_kind=drawings.subcategories[asked],
        query_thing=things[asked],
        query_row=in_3d,
        query_age=_ages(len(asked), rng),
        query_turn=_ages(len(asked), rng),
        kind_names=drawings.subcategory_names,
        thing_names=drawings.names,
    )


def _emoji(rng: np.random.Generator) -> World:
    """Half of the glyphs to train on, by both artists; the others are asked for in one hand, searched in the other."""
    pairs = load_emoji()
    shuffled = rng.permutation(len(pairs.names))
    asked, train = np.split(shuffled[np.isin(shuffled, pairs.glyphs)], [len(pairs.names) // 2])  # twins stay together
    return World(
        train=np.concatenate([pairs.noto[train], pairs.twemoji[train]]),
        train_row=np.concatenate([train, train]),
        train_labels=np.concatenate([train, train]),
        corpus=pairs.noto,
        corpus_kind=pairs.subcategories,
        corpus_thing=pairs.glyphs,
        corpus_row=np.arange(len(pairs.names)),
        corpus_age=_ages(len(pairs.names), rng),
        queries=pairs.twemoji[asked],
        query_kind=pairs.subcategories[asked],
        query_thing=pairs.glyphs[asked],
        query_row=asked,
        query_age=_ages(len(asked), rng),
        query_turn=_ages(len(asked), rng),
        kind_names=pairs.subcategory_names,
        thing_names=pairs.names,
    )


def _ages(n: int, rng: np.random.Generator) -> np.ndarray:
    return rng.permutation(n) / n
