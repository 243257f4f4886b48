"""What the shipped text vectors are vectors of: one line of text for each film and for each emoji."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.datasets.emoji import EmojiPairs
from core.datasets.films import Films

STEM = 4  # words that begin with the same letters are taken for forms of one word
MOST_TAUGHT = 4


@dataclass(frozen=True)
class Words:
    """What an emoji is called: its name, words taught with it, and words kept back to ask for it in."""

    name: str
    taught: tuple[str, ...]
    kept_back: tuple[str, ...]


def film_captions(films: Films) -> tuple[str, ...]:
    """Title, genres, countries and decade of each film; people are left to the index of words, better at them."""
    rows = zip(films.titles, films.genres, films.countries, films.years.tolist(), strict=True)
    return tuple(
        f"{title}. {', '.join(genres)} film, {', '.join(countries[:2])}, {year // 10 * 10}s"
        for title, genres, countries, year in rows
    )


def emoji_words(pairs: EmojiPairs) -> tuple[Words, ...]:
    """The words of each emoji: every second keyword is kept back, and none of those is a form of a word taught."""
    return tuple(_parted(name, keywords) for name, keywords in zip(pairs.names, pairs.keywords, strict=True))


def emoji_captions(words: Sequence[Words]) -> tuple[str, ...]:
    """The name of each emoji with what is taught of it; nothing of what is kept back."""
    return tuple(", ".join((each.name, *each.taught)) for each in words)


def _parted(name: str, keywords: Sequence[str]) -> Words:
    spoken = dict.fromkeys(word.replace("\xa0", " ").lower() for word in keywords)
    fresh = [word for word in spoken if re.fullmatch(r"[a-z]{3,}( [a-z]{3,})?", word) and not _forms(word, [name])]
    taught = tuple(fresh[::2][:MOST_TAUGHT])
    return Words(name, taught, tuple(word for word in fresh[1::2] if not _forms(word, taught)))


def _forms(word: str, others: Sequence[str]) -> bool:
    """True when a part of the word begins like a part of the others."""
    known = {part[:STEM] for other in others for part in other.split()}
    return any(part[:STEM] in known for part in word.split())
