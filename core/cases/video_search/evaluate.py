"""How good the answers are, and what the page shows beyond figures: answers by channel, and film strips."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.cases.video_search.data.clips import canvas_of, render, sampled
from core.cases.video_search.data.queries import SEGMENTS, Queries
from core.cases.video_search.data.texts import terms
from core.cases.video_search.serve.requests import Answered, K
from core.contract.case import Estimate, estimate
from core.metrics import mrr_at_k, recall_with_ties
from core.runtime.memo import Step
from core.stages.index import exact_neighbours, inner_products

EXACT_EVERY = 4  # queries whose true neighbours are worked out: all would take longer than the search itself


# Grades.


def grade(served: np.ndarray, queries: Queries) -> dict[str, Estimate]:
    """Qualities of the answers (m, K) against the right videos of each query."""
    rank = mrr_at_k(served, queries.right, K)
    graded = {"mrr@10": rank, "R@1": (rank == 1).astype(float), "R@10": (rank > 0).astype(float)}
    return {name: estimate(per_query, unit=queries.unit, clusters=queries.about) for name, per_query in graded.items()}


def grade_index(
    near: Answered, vectors: np.ndarray, queries: np.ndarray, known: np.ndarray, asked: Queries
) -> Estimate:
    """Of the ten true neighbours of a query, how many the index has among its first ten, for every fourth query."""
    part = slice(None, None, EXACT_EVERY)
    row = np.full(known.max() + 2, -1)  # of each video that the index knows; the last place is that of none
    row[known] = np.arange(len(known))
    ids = row[near.ids[part, :K]], exact_neighbours(vectors, queries[part], K)
    returned, best = (inner_products(vectors, queries[part], answers) for answers in ids)
    return estimate(recall_with_ties(returned, best, K), unit=asked.unit, clusters=asked.about[part])


SHOWN_QUERIES = 4  # of each kind
UNSAID = frozenset(("ass", "bitch", "blackamoor", "coon", "prostitute", "tart"))  # a dictionary's, and not for a page
SHOWN_ANSWERS = 5
STRIP_FRAMES = 4


@dataclass(frozen=True)
class Found:
    """One answer: which video, what is written about it, whether it is right, and its rank in each channel."""

    video: int
    text: str
    right: bool
    ranks: Mapping[str, int]


@dataclass(frozen=True)
class Question:
    """One query, its kind, what came back for it, and a right video with the text that it goes by."""

    text: str
    segment: str
    found: tuple[Found, ...]
    wanted: Found


@dataclass(frozen=True)
class Answers:
    """Some queries of each kind, and MRR@10 of all queries of each kind."""

    questions: tuple[Question, ...]
    segments: Mapping[str, Estimate]


@dataclass(frozen=True)
class Strips:
    """Film strips on demand: a row of the ledger must stay small, and frames are quick to draw again."""

    videos: Step
    cast: Step | None

    def strip(self, video: int) -> np.ndarray | None:
        """Four frames of a clip side by side, twice as large, (64, 262, 3) uint8; None for a film."""
        return next((strip.repeat(2, axis=0).repeat(2, axis=1) for strip in self.several([video])), None)

    def several(self, videos: Sequence[int]) -> tuple[np.ndarray, ...]:
        """Strips (32, 131, 3) of several clips, drawn together as what all need takes the most time; none for films."""
        if self.cast is None or not len(videos):
            return ()
        clips, canvas = self.videos.value.clips, canvas_of(self.cast.value.filmed)
        numbers = sampled(clips, STRIP_FRAMES)[list(videos)]
        frames = render(canvas, clips, np.repeat(videos, STRIP_FRAMES), numbers.ravel())
        parted = np.pad(frames, ((0, 0), (0, 0), (0, 1), (0, 0)))  # a black line after each frame
        rows = parted.reshape(len(videos), STRIP_FRAMES, *parted.shape[1:])
        return tuple(np.concatenate(list(np.moveaxis(rows, 1, 0)), axis=2)[:, :, :-1])


@dataclass(frozen=True)
class Composition:
    """Milliseconds of requests (m,) with their channels one after the other or side by side."""

    channels_ms: Mapping[str, np.ndarray]  # each channel used
    in_turn_ms: np.ndarray  # measured: one core does both channels
    side_by_side_ms: np.ndarray  # modelled: each channel has a core, the slower one counts


@dataclass(frozen=True)
class Shown:
    """What the page shows beyond figures."""

    answers: Answers
    strips: Strips

    def composition(self, parts_ms: Mapping[str, np.ndarray]) -> Composition:
        """The requests of a measurement, by the parts of each."""
        parts_of = {"words": ("find by words",), "vectors": ("encode", "find by vectors")}
        used = {name: [parts_ms[part] for part in parts if part in parts_ms] for name, parts in parts_of.items()}
        channels = {name: np.sum(times, axis=0) for name, times in used.items() if times}
        in_turn = np.sum(list(parts_ms.values()), axis=0)
        saved = np.minimum(*channels.values()) if len(channels) == 2 else 0.0
        return Composition(channels, in_turn, in_turn - saved)


def show(
    served: np.ndarray, queries: Queries, texts: tuple[str, ...], *by_channel: Answered, channels: tuple[str, ...]
) -> Answers:  # fmt: skip
    """The first queries of each kind with their answers, and MRR@10 by kind."""
    rank = mrr_at_k(served, queries.right, K)
    kinds = [(name, np.flatnonzero(queries.segment == kind)) for kind, name in enumerate(SEGMENTS)]
    kinds = [(name, rows) for name, rows in kinds if len(np.unique(queries.about[rows])) > 1]

    def answer(query: int, video: int) -> Found:
        answered = zip(channels, by_channel, strict=True)
        places = {name: np.flatnonzero(hits.ids[query] == video) for name, hits in answered}
        ranks = {name: int(at[0]) + 1 for name, at in places.items() if len(at)}
        return Found(video, texts[video], bool(video in queries.right[query]), ranks)

    questions = [
        Question(
            queries.texts[i], name, tuple(answer(i, int(v)) for v in served[i, :SHOWN_ANSWERS] if v >= 0),
            answer(i, int(queries.right[i][0])),
        )
        for name, rows in kinds
        for i in [i for i in rows if UNSAID.isdisjoint(terms(queries.texts[i]))][:SHOWN_QUERIES]
    ]  # fmt: skip
    segments = {name: estimate(rank[rows], unit=queries.unit, clusters=queries.about[rows]) for name, rows in kinds}
    return Answers(tuple(questions), segments)
