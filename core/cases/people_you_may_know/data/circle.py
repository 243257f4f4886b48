"""Drawn people: they live on a circle and know their neighbours, so that every lesson's cause can be turned off."""

from __future__ import annotations

import numpy as np

from core.datasets.people import Ties

N = 6_000
NEIGHBOURS = 8  # known on either side
ELSEWHERE = 0.3  # share of links that lead anywhere
HUB_LINKS = 200
DAYS = 1_000
STREET, TOWN = 30, 600  # people of one domain, and of one top-level domain


def draw_circle(hubs: float, rng: np.random.Generator) -> Ties:
    """N people with 16 links each, give or take those that lead elsewhere, made on random days: nothing ever drifts.

    A small world (Watts and Strogatz 1998) whose stray links keep both numbers of links. A `hubs` share of the people
    knows HUB_LINKS others besides.
    """
    person = np.arange(N)
    pairs = np.concatenate([np.column_stack([person, (person + step) % N]) for step in range(1, NEIGHBOURS + 1)])
    stray = np.flatnonzero(rng.random(len(pairs)) < ELSEWHERE)
    pairs[stray, 1] = rng.permutation(pairs[stray, 1])
    famous = rng.permutation(N)[: int(hubs * N)]
    fans = np.column_stack([np.repeat(famous, HUB_LINKS), rng.integers(0, N, len(famous) * HUB_LINKS)])
    pairs = np.sort(np.concatenate([pairs, fans]), axis=1)
    pairs = np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0).astype(np.int32)
    number = rng.permutation(N).astype(np.int32)  # a number says nothing about the place
    day = rng.integers(0, DAYS, len(pairs)).astype(np.int32)
    names = ("none", *(f"town {i + 1}" for i in range(N // TOWN)))
    place = np.empty(N, np.int32)
    place[number] = person
    return Ties(N, np.sort(number[pairs], axis=1), day, 1 + place // TOWN, names, 1 + place // STREET)
