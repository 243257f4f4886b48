"""What people write when they look for a video, and which videos are right."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.cases.video_search.data.clips import Clips
from core.cases.video_search.data.texts import terms
from core.cases.video_search.data.videos import Cast, Videos
from core.datasets.captions import Words
from core.datasets.films import Films

N_QUERIES = 1_000  # each is asked and timed once: the fewest that carry a p99
SEGMENTS = ("exact terms", "partial", "paraphrased", "about order")


@dataclass(frozen=True)
class Queries:
    """What was asked (m): texts, kinds (m,) into SEGMENTS, the right videos of each, and when it was first asked."""

    texts: tuple[str, ...]
    segment: np.ndarray
    right: tuple[np.ndarray, ...]
    asked_h: np.ndarray  # (m,) hours ago, 0 for a query that nobody asked before
    about: np.ndarray  # (m,) a number for what it is about: queries of one title, or of the same things, share it
    unit: str  # what such a number stands for


EXACT, PARTIAL, PARAPHRASED, ORDER = range(len(SEGMENTS))
ORDERS = ("{0} then {1}", "{0} before {1}", "{1} after {0}")
SAID_A_SHOT = 2  # words kept back that a paraphrased query uses for each shot
GENRES = {
    "Drama": "a serious story", "Comedy": "something funny", "Romance": "about love", "Action": "with chases",
    "Crime": "about gangsters", "Thriller": "full of suspense", "Horror": "a scary one", "Documentary": "no fiction",
    "Sci-Fi": "set in the future", "Fantasy": "with magic", "Adventure": "about a journey", "Musical": "with songs",
    "Biography": "the life of a person", "Mystery": "a whodunit", "War": "with soldiers", "Family": "for children",
    "Animation": "a cartoon", "Western": "with cowboys", "Sport": "about athletes", "History": "set in the past",
    "Music": "with songs",
}  # fmt: skip
COUNTRIES = {
    "United States": "american", "United Kingdom": "british", "France": "french", "Germany": "german",
    "Canada": "canadian", "Italy": "italian", "Australia": "australian", "Japan": "japanese", "Spain": "spanish",
    "India": "indian", "Belgium": "belgian", "Mexico": "mexican", "Sweden": "swedish", "Denmark": "danish",
    "Ireland": "irish", "South Korea": "korean", "Russia": "russian", "Netherlands": "dutch", "Israel": "israeli",
    "Argentina": "argentine", "Brazil": "brazilian", "Poland": "polish", "Norway": "norwegian",
}  # fmt: skip
DECADES = {4: "forties", 5: "fifties", 6: "sixties", 7: "seventies", 8: "eighties", 9: "nineties",
           0: "two thousands", 1: "twenty tens"}  # fmt: skip


def ask(videos: Videos, *cast: Cast, order: float, tail: float, seed: int) -> Queries:
    """1,000 queries, each for a video somebody has in mind; a `tail` share of them was never asked before."""
    rng = np.random.default_rng([seed, 1])
    order_count = 0 if videos.films else round(order * N_QUERIES)
    segment = np.concatenate([np.full(order_count, ORDER), np.arange(N_QUERIES - order_count) % ORDER])
    if videos.films:
        wanted = _rememberable(videos.films, rng)[:N_QUERIES]
        texts = [FILM_QUERIES[s](videos.films, i, rng) for s, i in zip(segment, wanted, strict=True)]
        right = [np.array([i]) for i in wanted]
    else:
        wanted = _wanted_clips(videos.clips, segment, rng)
        shots = [[cast[0].words[t] for t in row if t >= 0] for row in videos.clips.things[wanted].tolist()]
        texts = [CLIP_QUERIES[s](things, rng) for s, things in zip(segment, shots, strict=True)]
        right = _right_clips(videos.clips, wanted, segment)
    asked_h = rng.random(N_QUERIES) * videos.age_h[wanted] * (rng.random(N_QUERIES) >= tail)
    about, unit = _about(videos, wanted)
    return Queries(tuple(texts), segment, tuple(right), asked_h, about, unit)


def _about(videos: Videos, wanted: np.ndarray) -> tuple[np.ndarray, str]:
    """A number for the title (m,) of each film in mind, or for the things that each clip shows in whatever order."""
    if videos.films:
        return np.unique([videos.films.titles[i] for i in wanted], return_inverse=True)[1], "titles"
    return np.unique(np.sort(videos.clips.things[wanted], axis=1), axis=0, return_inverse=True)[1].ravel(), "scenes"


def in_order(text: str) -> tuple[str, str]:
    """What a query wants first and what it wants later; the same text twice where it does not speak of order."""
    for word, turned in ((" then ", False), (" before ", False), (" after ", True)):
        first, mark, later = text.partition(word)
        if mark:
            return (later, first) if turned else (first, later)
    return text, text


# Clips: who is asked for, in which words, and which clips are right.


def _wanted_clips(clips: Clips, segment: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A clip for each query; queries about order ask for clips that another clip plays in reverse."""
    groups = _groups(clips, ordered=False)
    orders = {key: {tuple(clips.things[i]) for i in rows} for key, rows in groups.items()}
    turned = np.array([i for key, rows in groups.items() if len(orders[key]) > 1 for i in rows])
    plain = rng.permutation(len(clips.things))
    wanted = plain[np.arange(len(segment)) % len(plain)]
    about_order = segment == ORDER
    wanted[about_order] = rng.permutation(np.resize(rng.permutation(turned), about_order.sum()))
    return wanted


def _right_clips(clips: Clips, wanted: np.ndarray, segment: np.ndarray) -> list[np.ndarray]:
    """Every clip that shows what was asked for: in that order for queries about order, in any for the others."""
    groups = {True: _groups(clips, ordered=True), False: _groups(clips, ordered=False)}
    return [groups[s == ORDER][_key(clips.things[i], s == ORDER)] for i, s in zip(wanted, segment, strict=True)]


def _groups(clips: Clips, ordered: bool) -> dict[tuple[int, ...], np.ndarray]:
    rows: dict[tuple[int, ...], list[int]] = {}
    for i, things in enumerate(clips.things):
        rows.setdefault(_key(things, ordered), []).append(i)
    return {key: np.array(places) for key, places in rows.items()}


def _key(things: np.ndarray, ordered: bool) -> tuple[int, ...]:
    return tuple(things.tolist() if ordered else sorted(things.tolist()))


def _exact_clip(shots: list[Words], rng: np.random.Generator) -> str:
    return " and ".join(thing.name for thing in _shuffled(shots, rng))


def _partial_clip(shots: list[Words], rng: np.random.Generator) -> str:
    """One word of each thing, of two things at most."""
    return " ".join(str(rng.choice(terms(thing.name))) for thing in _shuffled(shots, rng)[:2])


def _paraphrased_clip(shots: list[Words], rng: np.random.Generator) -> str:
    said = [" ".join(rng.permutation(thing.kept_back)[:SAID_A_SHOT]) for thing in _shuffled(shots, rng)]
    return " and ".join(said)


def _ordered_clip(shots: list[Words], rng: np.random.Generator) -> str:
    return ORDERS[rng.integers(len(ORDERS))].format(shots[0].name, shots[-1].name)


def _shuffled(shots: list[Words], rng: np.random.Generator) -> list[Words]:
    return [shots[i] for i in rng.permutation(len(shots))]


CLIP_QUERIES = (_exact_clip, _partial_clip, _paraphrased_clip, _ordered_clip)


# Films.


def _rememberable(films: Films, rng: np.random.Generator) -> np.ndarray:
    """Films that can be asked for in all three ways, shuffled."""
    facts = zip(films.other_words, films.casts, films.genres, films.countries, strict=True)
    usable = [i for i, (words, cast, genres, countries) in enumerate(facts)
              if words and cast and genres and countries and countries[0] in COUNTRIES]  # fmt: skip
    return rng.permutation(usable)


def _exact_film(films: Films, i: int, rng: np.random.Generator) -> str:
    """The title and somebody's last name."""
    return f"{films.titles[i]} {_somebody(films, i, rng)[-1]}"


def _partial_film(films: Films, i: int, rng: np.random.Generator) -> str:
    """A word of the title, the kind of film and somebody's first name."""
    return f"{rng.choice(terms(films.titles[i]))} {rng.choice(films.genres[i])} {_somebody(films, i, rng)[0]}"


def _paraphrased_film(films: Films, i: int, rng: np.random.Generator) -> str:
    """The title, the kind, the country and the decade, all in other words than those of the record."""
    decade = DECADES[int(films.years[i]) // 10 % 10]
    return f"{films.other_words[i]}, {GENRES[films.genres[i][0]]}, {COUNTRIES[films.countries[i][0]]}, {decade}"


def _somebody(films: Films, i: int, rng: np.random.Generator) -> list[str]:
    people = [*films.directors[i], *films.casts[i]]
    return people[rng.integers(len(people))].split()


FILM_QUERIES = (_exact_film, _partial_film, _paraphrased_film)
