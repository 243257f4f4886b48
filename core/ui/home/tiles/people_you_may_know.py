"""A person, their friends, and somebody whom several of these know: who is suggested."""

import numpy as np

from core.datasets.people import load_trust
from core.ui.home.tiles.ink import PETROL, SLATE, VERMILION, dot, joined, line, svg

LESSONS = ("P5", "P10", "P2 trees")
N_FRIENDS = 9


def picture() -> str:
    ties = load_trust()
    degree = np.bincount(ties.pairs.ravel(), minlength=ties.n)
    near: dict[int, set[int]] = {}
    for a, b in ties.pairs.tolist():
        near.setdefault(a, set()).add(b)
        near.setdefault(b, set()).add(a)
    people = np.flatnonzero(degree == N_FRIENDS).tolist()
    _, person, other = max(_most_shared(near, person) for person in people[:400])
    friends = sorted(near[person], key=lambda friend: friend in near[other])
    angles = np.linspace(-0.75 * np.pi, 0.75 * np.pi, N_FRIENDS)[::-1] * 0.86
    places = {
        friend: (130 + 92 * np.cos(a), 60 + 48 * np.sin(a)) for friend, a in zip(_inward(friends), angles, strict=True)
    }
    places |= {person: (88.0, 60.0), other: (292.0, 60.0)}
    among = [(a, b) for a in friends for b in friends if a < b and b in near[a]]
    return svg(
        joined(line(places[a], places[b], SLATE, 1) for a, b in among),
        joined(line(places[person], places[friend], SLATE, 1.8) for friend in friends),
        joined(line(places[other], places[friend], PETROL, 1.5, "4 3") for friend in friends if friend in near[other]),
        joined(dot(*places[friend], 7, SLATE) for friend in friends),
        dot(*places[person], 10, VERMILION),
        dot(*places[other], 10, PETROL),
    )


def _most_shared(near: dict[int, set[int]], person: int) -> tuple[int, int, int]:
    """How many friends a person shares with whom they share most, without knowing them."""
    beyond = {other for friend in near[person] for other in near[friend] if len(near[friend]) < 60}
    beyond -= near[person] | {person}
    return max(((len(near[person] & near[other]), person, other) for other in beyond), default=(0, person, person))


def _inward(friends: list[int]) -> list[int]:
    """Those who know the other person in the middle, where the way is shortest."""
    order = sorted(range(len(friends)), key=lambda at: abs(at - (len(friends) - 1) / 2))
    placed = dict(zip(order, reversed(friends), strict=True))
    return [placed[at] for at in range(len(friends))]
