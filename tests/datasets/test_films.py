"""The films are whole, their titles in other words are really other words, and captions hold nothing back wrongly."""

from pathlib import Path

import pytest

from core.datasets.captions import emoji_captions, emoji_words, film_captions
from core.datasets.emoji import load_emoji
from core.datasets.files import DataError
from core.datasets.films import load_films
from data.make.films import SMALL_WORDS


def test_films_are_whole() -> None:
    films = load_films()
    n = len(films.titles)
    rows = (films.other_words, films.years, films.directors, films.casts, films.genres, films.countries)
    assert n == 17_472 and all(len(each) == n for each in rows)
    assert films.years.min() == 1940 and films.years.max() == 2014 and all(films.titles)
    assert max(map(len, films.casts)) == 6


def test_a_film_is_told_as_wikidata_has_it() -> None:
    films = load_films()
    i = films.titles.index("Scent of a Woman")
    assert films.years[i] == 1992 and films.directors[i] == ("Martin Brest",)
    assert "Al Pacino" in films.casts[i] and films.genres[i] == ("Drama",)


def test_other_words_begin_unlike_the_words_of_the_title() -> None:
    films = load_films()
    told = [(title, other) for title, other in zip(films.titles, films.other_words, strict=True) if other]
    assert len(told) > 12_000
    for title, other in told[::50]:
        mine = {
            word[:3] for word in title.lower().split() if word.isalpha() and word not in SMALL_WORDS and len(word) > 3
        }
        theirs = {word[:3] for word in other.replace("-", " ").split() if word not in SMALL_WORDS and len(word) > 3}
        assert not mine & theirs, (title, other)


def test_captions_are_one_a_film_without_its_people() -> None:
    films = load_films()
    captions = film_captions(films)
    i = films.titles.index("Scent of a Woman")
    assert captions[i] == "Scent of a Woman. Drama film, United States, 1990s" and len(captions) == len(films.titles)


def test_words_kept_back_are_no_forms_of_words_taught() -> None:
    words = emoji_words(load_emoji())
    assert sum(bool(each.kept_back) for each in words) > 1_500
    for each, caption in zip(words, emoji_captions(words), strict=True):
        taught = {part[:4] for text in (each.name, *each.taught) for part in text.split()}
        assert not taught & {part[:4] for text in each.kept_back for part in text.split()}, each
        assert not set(each.kept_back) & set(caption.split(", "))


def test_a_folder_without_the_films_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="missing"):
        load_films(root=tmp_path)
