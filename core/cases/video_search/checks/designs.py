"""The designs that several checks start from, and which queries they look at."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from core.cases.video_search.design import VideoSearch
from core.checks.toolkit import Lab

CLIPS = VideoSearch(dataset="clips", rerank=0)
VECTORS = replace(CLIPS, fusion="vectors")
FILMS = VideoSearch(dataset="films", fusion="words", rerank=0)
MEANING = replace(FILMS, fusion="vectors", encoder="minilm")


def queries_of(lab: Lab, design: VideoSearch, segments: Collection[int]) -> np.ndarray:
    """Which queries (n_queries,) are of these kinds."""
    return np.isin(lab.stage("queries", design).segment, segments)
