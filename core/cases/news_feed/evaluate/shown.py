"""What the page shows of a few readers, and the work of each way to fan out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.cases.news_feed.data.films import TOPIC_NAMES, film_of
from core.cases.news_feed.data.laws import chances
from core.cases.news_feed.data.world import NOW, REFERENCE, World
from core.cases.news_feed.evaluate.feeds import Truth
from core.cases.news_feed.serve.everyone import Kept
from core.cases.news_feed.serve.fanout import FANOUTS, fan_out_cost
from core.cases.news_feed.serve.funnel import K
from core.metrics import ndcg_of

N_SHOWN = 4  # readers on the page


# What the page shows.


@dataclass(frozen=True)
class Shown:
    """What the page draws: a few readers' feeds, and the work of each way to fan out (all people of the graph)."""

    readers: tuple[ReaderShown, ...]
    knows: bool  # whether there are predictions
    fan_out: tuple[tuple[str, float, float, float], ...]  # name, writes and reads a person a day, largest burst


@dataclass(frozen=True)
class ReaderShown:
    """One reader: posts that reached the ranker, with predictions (n, len(HEADS)) and true chances (n, len(HEADS))."""

    name: str
    posts: tuple[tuple[str, ...], ...]  # author, film, topic, format, age
    author: np.ndarray
    predicted: np.ndarray
    true: np.ndarray
    served: np.ndarray  # positions of what was served, best first
    plain: np.ndarray  # the same at the reference values
    best: np.ndarray  # (K,) true values of the best ten among all that was unseen, best first

    @property
    def worth(self) -> np.ndarray:
        """The true value of each post that reached the ranker, at the reference values (n,)."""
        return np.maximum(self.true @ REFERENCE, 0)

    @property
    def ndcg(self) -> float:
        """nDCG@10 of the true value of what was served."""
        served = np.pad(self.worth[self.served], (0, K - len(self.served)))
        return float(ndcg_of(served[None], self.best[None])[0])


FORMAT_NAMES = ("text", "link", "photo", "video")


def show(
    kept: Kept,
    predicted: np.ndarray,
    feeds: np.ndarray,
    plain: np.ndarray,
    world: World,
    truth: Truth,
    fanout: str,
    threshold: int,
    knows: bool,
) -> Shown:
    """Two active and two passive readers whose feeds have ten posts, with as many unseen posts as most have."""
    enough = np.diff(kept.ptr) >= K
    passive = world.readers.passive
    usual = np.argsort(np.abs(truth.there - np.median(truth.there)), kind="stable")
    chosen = [i for kind in (~passive, passive) for i in usual[(kind & enough)[usual]][: N_SHOWN // 2]]
    costs = []
    for name, label in FANOUTS.items():
        cost = fan_out_cost(world.follows.degree, name, threshold)
        people = len(world.follows.degree)
        costs.append((label, cost.writes / people, cost.reads / people, cost.burst))
    readers = tuple(_reader(int(i), kept, predicted, feeds, plain, world, truth) for i in chosen)
    return Shown(readers, knows, tuple(costs))


def _reader(
    i: int, kept: Kept, predicted: np.ndarray, feeds: np.ndarray, plain: np.ndarray, world: World, truth: Truth
) -> ReaderShown:
    rows = slice(int(kept.ptr[i]), int(kept.ptr[i + 1]))
    ids, posts = kept.post[rows], world.posts
    at = {int(post): place for place, post in enumerate(ids)}
    about = tuple(
        (
            f"author {posts.author[post]:,}",
            film_of(post, int(posts.topic[post])),
            TOPIC_NAMES[posts.topic[post]],
            FORMAT_NAMES[posts.format[post]],
            f"{NOW - posts.hour[post]:.0f} h",
        )
        for post in ids.tolist()
    )
    true = chances(world, np.full(len(ids), i), ids, NOW).astype(np.float32)
    kind = "a passive reader, who hardly ever clicks" if world.readers.passive[i] else "an active reader"
    where = [np.array([at[int(post)] for post in feed[i] if post >= 0]) for feed in (feeds, plain)]
    return ReaderShown(
        f"Reader {i + 1}, {kind}", about, posts.author[ids], predicted[rows].copy(), true, *where, truth.best[i]
    )
