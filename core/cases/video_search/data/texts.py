"""What is written about each video, and the words of a text as the index of words sees them."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from core.cases.video_search.data.videos import Cast, Videos
from core.datasets.captions import Words
from core.datasets.films import Films

TAGS_A_SHOT = 2
TITLE_END = " · "  # parts the title from tags and people, for the eye alone
SMALL_WORDS = frozenset(re.findall(r"\w+", "a an the of and or in on at to for from by with then before after"))


def describe(videos: Videos, *cast: Cast, missing: float, wrong: float, seed: int) -> tuple[str, ...]:
    """What is written about each video in one line: nothing where it is missing, another clip's where it is wrong."""
    if videos.films:
        return tuple(film_text(videos.films, i) for i in range(len(videos.films.titles)))
    rng = np.random.default_rng(seed)
    own = [_clip_text(shots, cast[0].words, rng) for shots in videos.clips.things.tolist()]
    n = len(own)
    others = (np.arange(n) + rng.integers(1, n, n)) % n
    fate = rng.random(n)  # one draw a clip, so that turning a dial up spoils more clips and mends none
    said = np.where(fate < missing, "", np.where(fate > 1 - wrong, np.array(own, object)[others], own))
    return tuple(said.tolist())


def film_text(films: Films, i: int) -> str:
    """What the index of words knows of a film."""
    about = [*films.directors[i], *films.casts[i], *films.genres[i], *films.countries[i], str(films.years[i])]
    return TITLE_END.join([films.titles[i], ", ".join(about)])


def _clip_text(shots: Sequence[int], words: Sequence[Words], rng: np.random.Generator) -> str:
    """The names of what a clip shows, in any order, then a few tags."""
    things = [words[thing] for thing in rng.permutation([thing for thing in shots if thing >= 0])]
    tags = [tag for thing in things for tag in rng.permutation(thing.taught)[:TAGS_A_SHOT]]
    return TITLE_END.join([", ".join(thing.name for thing in things), ", ".join(tags)])


def terms(text: str) -> list[str]:
    """The words of a text as the index of words sees them: small ones only where there are no others."""
    words = re.findall(r"\w+", text.lower())
    return [word for word in words if word not in SMALL_WORDS] or words
