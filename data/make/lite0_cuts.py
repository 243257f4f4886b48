"""Prints the measurements behind the cut, the size and the pooling in data/make/lite0.py; writes no file.

Needs what data/make/lite0.py needs: python -m data.make.lite0_cuts
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from core.datasets.emoji import EmojiPairs, load_emoji
from core.datasets.fashion import Photos, load_fashion
from core.datasets.lite0 import load_emoji_lite0, load_fashion_lite0, network_input, onnx_session
from data.make.lite0 import FASHION_FIT, Cut, export, fit, maps

TUNING = 8_000  # photos that choose the cut: PCA and corpus from the first 6,000, queries the rest
TUNING_FIT = 6_000
CORPUS = 2_500
TIMED = 200


def main() -> None:
    """One line a choice on the tuning halves, then the shipped vectors and raw pixels on the held-out ones."""
    torch.set_num_threads(1)
    photos, emoji = load_fashion(), load_emoji()
    tuning, held_out = halves(emoji)
    for blocks in (4, 5, 6, 7, 8, 10, 12):
        session = exported(blocks)
        for px in (48, 64, 80):
            choices(blocks, px, session, photos, emoji, tuning)

    noto, twemoji = load_emoji_lite0()
    pixels, drawn = as_maps(photos.images), [as_maps(each) for each in (emoji.noto, emoji.twemoji)]
    fashion, space = fit(pixels[:FASHION_FIT]), fit(drawn[0])
    for name, vectors, pair in (
        ("raw pixels", unit(pixels), [unit(each) for each in drawn]),
        ("PCA of raw pixels", fashion.project(pixels), [space.project(each) for each in drawn]),
        ("shipped", load_fashion_lite0().vectors, [noto.vectors, twemoji.vectors]),
    ):
        unseen, labels = vectors[FASHION_FIT:], photos.labels[FASHION_FIT:]
        figures = [precision_at_10(unseen, labels, n, slice(5_000, 10_000)) for n in (CORPUS, 5_000)]
        print(name, np.round([*figures, *recall_at(*pair, emoji.glyphs, held_out)], 3))


def choices(blocks: int, px: int, session: Any, photos: Photos, emoji: EmojiPairs, asked: np.ndarray) -> None:
    """Print what every pooling of one cut's map is worth on the tuning halves."""
    fashion, noto, twemoji = (maps(session, each, px) for each in (photos.images[:TUNING], emoji.noto, emoji.twemoji))
    _, channels, side, _ = fashion.shape
    for grid in sorted({each for each in (1, 2, 3, 4, side) if side % each == 0 and each**2 * channels <= 2_000}):
        space = fit(pooled(fashion[:TUNING_FIT], grid))
        vectors = space.project(pooled(fashion, grid))
        precision = precision_at_10(vectors, photos.labels[:TUNING], CORPUS, slice(TUNING_FIT, TUNING))
        space = fit(pooled(noto, grid))
        pair = [space.project(pooled(each, grid)) for each in (noto, twemoji)]
        figures = [precision, *recall_at(*pair, emoji.glyphs, asked), single_ms(session, photos.images, px)]
        print(f"{blocks} blocks, {px} px, grid {grid} of {side}:", np.round(figures, 3), flush=True)


def halves(emoji: EmojiPairs) -> tuple[np.ndarray, np.ndarray]:
    """The rows to ask for while choosing and those held out; twins stay together."""
    glyphs = np.random.default_rng(0).permutation(np.unique(emoji.glyphs))
    chosen = np.isin(emoji.glyphs, glyphs[: len(glyphs) // 2])
    return np.flatnonzero(chosen), np.flatnonzero(~chosen)


def exported(blocks: int) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        export(Cut(blocks).eval(), Path(folder) / "cut.onnx")
        return onnx_session((Path(folder) / "cut.onnx").read_bytes())


def pooled(mapped: np.ndarray, grid: int) -> np.ndarray:
    """Means (n, channels, grid, grid) of maps (n, channels, side, side)."""
    n, channels, side, _ = mapped.shape
    return mapped.reshape(n, channels, grid, side // grid, grid, side // grid).mean(axis=(3, 5))


def as_maps(images: np.ndarray) -> np.ndarray:
    return images.astype(np.float32).transpose(0, 3, 1, 2)


def unit(mapped: np.ndarray) -> np.ndarray:
    rows = mapped.reshape(len(mapped), -1)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def precision_at_10(vectors: np.ndarray, labels: np.ndarray, n: int, asked: slice) -> float:
    """Share of the ten nearest among the first n rows that have the query's label."""
    nearest = np.argpartition(-vectors[asked] @ vectors[:n].T, 10, axis=1)[:, :10]
    return float((labels[nearest] == labels[asked, None]).mean())


def recall_at(corpus: np.ndarray, queries: np.ndarray, glyphs: np.ndarray, asked: np.ndarray) -> list[float]:
    """How often the first, and one of the first ten, of the corpus shows the query's glyph."""
    order = np.argsort(-queries[asked] @ corpus.T, axis=1, kind="stable")[:, :10]
    right = glyphs[order] == glyphs[asked, None]
    return [float(right[:, 0].mean()), float(right.any(axis=1).mean())]


def single_ms(session: Any, images: np.ndarray, px: int) -> float:
    """Median milliseconds of one image with its resize, without the projection."""
    taken = []
    for row in range(TIMED):
        began = time.perf_counter()
        session.run(None, {"images": network_input(images[row : row + 1], px)})
        taken.append(time.perf_counter() - began)
    return float(np.median(taken)) * 1e3


if __name__ == "__main__":
    main()
