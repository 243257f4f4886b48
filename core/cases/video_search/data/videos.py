"""The videos of video search: clips put together from drawings, or real films."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.cases.video_search.data.clips import Clips, make_clips
from core.datasets.captions import Words, emoji_words
from core.datasets.emoji import load_emoji
from core.datasets.films import Films, load_films

N_CLIPS = 2_000
FILMABLE = ("Animals & Nature", "Food & Drink", "Objects", "Travel & Places", "Activities", "Smileys & Emotion")
DAY_H, WEEK_H, YEAR_H = 24.0, 168.0, 8_760.0


@dataclass(frozen=True)
class Cast:
    """The things that clips show (m): drawn by the artist one learns from and by the one who films, and their words."""

    taught: np.ndarray  # (m, 32, 32, 3) uint8, Noto
    filmed: np.ndarray  # (m, 32, 32, 3) uint8, Twemoji
    words: tuple[Words, ...]
    row: np.ndarray  # (m,) rows in the emoji data


@dataclass(frozen=True)
class Videos:
    """n videos, either clips or films, with the hours since each was uploaded (n,)."""

    age_h: np.ndarray
    clips: Clips | None = None
    films: Films | None = None


def load_cast() -> Cast:
    """Emoji that one can film (no flags, signs or people in rows), with words to teach and words to ask in."""
    pairs = load_emoji()
    words = emoji_words(pairs)
    wanted = {pairs.category_names.index(name) for name in FILMABLE}
    clocks = pairs.subcategory_names.index("time")
    kinds = zip(pairs.categories.tolist(), pairs.subcategories.tolist(), words, strict=True)
    rows = [i for i, (kind, sub, said) in enumerate(kinds)
            if kind in wanted and sub != clocks and said.taught and said.kept_back]  # fmt: skip
    return Cast(pairs.noto[rows], pairs.twemoji[rows], tuple(words[i] for i in rows), np.array(rows))


def load_videos(*cast: Cast, dataset: str, new_share: float, seed: int) -> Videos:
    """The videos of a data set; `new_share` of them came in the last day, the others in the year before last week."""
    rng = np.random.default_rng(seed)
    films = load_films() if dataset == "films" else None
    clips = None if films else make_clips(N_CLIPS, len(cast[0].words), rng)
    n = len(films.titles) if films else N_CLIPS
    is_new, share = rng.random(n) < new_share, rng.random(n)
    age_h = np.where(is_new, share * DAY_H, WEEK_H + share * (YEAR_H - WEEK_H))
    return Videos(age_h, clips, films)


def known_by(videos: Videos, unseen_h: float) -> np.ndarray:
    """Rows of the videos that were there `unseen_h` hours ago."""
    return np.flatnonzero(videos.age_h >= unseen_h)


def alike(videos: Videos) -> np.ndarray:
    """A number (n,) for each video that those share which show the same things, in whatever order."""
    if videos.clips is None:
        return np.arange(len(videos.age_h))
    return np.unique(np.sort(videos.clips.things, axis=1), axis=0, return_inverse=True)[1].ravel()


def part_of(videos: Videos, parts: int, seed: int) -> np.ndarray:
    """In which of several parts (n,) each video is, drawn at random; those that are alike stay together."""
    group = alike(videos)
    return (np.random.default_rng([seed, 7]).permutation(1 + int(group.max())) % parts)[group]


def cut(videos: Videos, known: np.ndarray, part: int, parts: int, seed: int) -> np.ndarray:
    """The known videos in one of several parts."""
    return known[part_of(videos, parts, seed)[known] == part]
