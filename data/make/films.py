"""Makes data/films.npz: 17,472 films of 1940 to 2014 with their people, and other words for their titles.

Source: `pip download --no-deps bokeh-sampledata==2026.1` (movies.db, a CC0 snapshot of Wikidata) and `apt-get download
wordnet-base` (1:3.0-37), then give the folder that holds both files: python -m data.make.films FOLDER
"""

from __future__ import annotations

import io
import json
import re
import sqlite3
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from data.make.record import save_npz

MOST_CAST = 6  # Wikidata lists up to 124 by first name; those seen in most films are the ones people remember
POS = {"noun": "n", "verb": "v", "adj": "a", "adv": "r"}
SUFFIXES = {
    "noun": (("ses", "s"), ("xes", "x"), ("ches", "ch"), ("shes", "sh"), ("men", "man"), ("ies", "y"), ("s", "")),
    "verb": (("ies", "y"), ("es", "e"), ("es", ""), ("s", ""), ("ed", "e"), ("ed", ""), ("ing", "e"), ("ing", "")),
    "adj": (("er", ""), ("est", ""), ("er", "e"), ("est", "e")),
    "adv": (),
}  # WordNet's own rules of detachment (morphy)
SMALL_WORDS = set(
    [
        "a",
        "an",
        "the",
        "of",
        "and",
        "or",
        "in",
        "on",
        "at",
        "to",
        "for",
        "from",
        "by",
        "with",
        "without",
        "my",
        "your",
        "his",
        "her",
        "our",
        "their",
        "its",
        "i",
        "you",
        "he",
        "she",
        "it",
        "we",
        "they",
        "me",
        "him",
        "us",
        "them",
        "is",
        "are",
        "was",
        "be",
        "do",
        "does",
        "not",
        "no",
        "as",
        "into",
        "out",
        "up",
        "down",
        "off",
        "over",
        "under",
        "after",
        "before",
        "who",
        "what",
        "when",
        "where",
        "how",
        "this",
        "that",
        "these",
        "those",
        "all",
        "some",
        "one",
        "two",
        "three",
    ]
)


def main(folder: Path) -> None:
    """Read both packages and write the file."""
    films = _films(next(folder.glob("bokeh_sampledata-2026.1-*.whl")))
    words = WordNet(next(folder.glob("wordnet-base_*.deb")))
    titles = [film[0] for film in films]
    names = [_split(film[2]) for film in films], [_split(film[3]) for film in films]
    seen = Counter(name for column in names for row in column for name in row)
    casts = [sorted(sorted(row, key=lambda name: -seen[name])[:MOST_CAST]) for row in names[1]]
    genres, countries = ([_split(film[i]) for film in films] for i in (4, 5))
    text = {
        "titles": titles,
        "other_words": [words.paraphrase(title) for title in titles],
        "people": sorted({name for column in (names[0], casts) for row in column for name in row}),
        "genres": sorted({name for row in genres for name in row}),
        "countries": sorted({name for row in countries for name in row}),
    }
    columns = {"directors": names[0], "casts": casts, "genres": genres, "countries": countries}
    lists = {name: _numbered(rows, text["people" if name in ("directors", "casts") else name])
             for name, rows in columns.items()}  # fmt: skip
    save_npz(
        "films.npz",
        "data.make.films",
        years=np.array([film[1] for film in films], np.int16),
        **{f"{name}_{part}": array for name, pair in lists.items() for part, array in pair.items()},
        text=np.frombuffer(json.dumps(text, ensure_ascii=False).encode(), np.uint8),  # no pickle
    )


def _films(wheel: Path) -> list[tuple]:
    """(title, year, directors, cast, genres, countries) of every film that both tables hold, by its number."""
    with zipfile.ZipFile(wheel) as archive, tempfile.NamedTemporaryFile() as file:
        file.write(archive.read("bokeh_sampledata/_data/movies.db"))
        file.flush()
        query = "SELECT Title, Year, Director, omdb.Cast, Genre, Country FROM omdb JOIN tomatoes USING (ID) ORDER BY ID"
        return sqlite3.connect(file.name).execute(query).fetchall()


def _split(names: str | None) -> list[str]:
    return list(dict.fromkeys(name for name in (names or "").split(", ") if name))


def _numbered(rows: list[list[str]], names: list[str]) -> dict[str, np.ndarray]:
    """Rows of names as `ids` into the names, one row after another, and the `counts` of each row."""
    number = {name: i for i, name in enumerate(names)}
    ids = np.array([number[name] for row in rows for name in row], np.uint16 if len(names) < 65_536 else np.uint32)
    return {"ids": ids, "counts": np.array([len(row) for row in rows], np.uint8)}


class WordNet:
    """What is needed of WordNet 3.0: for each word the synonyms of its commonest sense, or the name of its kind."""

    def __init__(self, package: Path) -> None:
        """Unpack the Debian package and read its tables."""
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["dpkg", "-x", str(package), folder], check=True)
            root = Path(folder) / "usr/share/wordnet"
            self.counts = self._read_counts(root / "cntlist.rev")
            self.first = {pos: self._read_index(root / f"index.{pos}") for pos in POS}
            self.data = {pos: (root / f"data.{pos}").read_bytes() for pos in POS}
            self.irregular = {pos: self._read_irregular(root / f"{pos}.exc") for pos in POS}

    def paraphrase(self, title: str) -> str:
        """The title in other words, small words kept; empty where more than a third of its words cannot be replaced."""
        words = re.findall(r"[a-z]+", re.sub(r"['’][a-z]+", "", title.lower()))
        said = [word if word in SMALL_WORDS else self.other(word, words) for word in words]
        told = [other for word, other in zip(words, said, strict=True) if word not in SMALL_WORDS]
        enough = told and sum(map(bool, told)) >= len(told) * 2 / 3
        return " ".join(other for other in said if other) if enough else ""

    def other(self, word: str, avoid: Iterable[str]) -> str:
        """The commonest other word for a word that does not begin like it or one to avoid; empty if there is none."""
        stems = {each[:3] for each in (word, *avoid) if each not in SMALL_WORDS}
        for offset, pos in self._senses(word) if len(word) > 2 else ():
            synonyms, above = self._synset(offset, pos)
            for names in (synonyms, *(self._synset(*each)[0] for each in above)):
                usable = [name for name in names if name.islower() and not self._alike(name, stems)]
                if usable:
                    return max(usable, key=lambda name: self.counts.get((name, pos), 0)).replace("_", " ")
        return ""

    @staticmethod
    def _alike(name: str, stems: set[str]) -> bool:
        return any(part[:3] in stems for part in re.split(r"[^a-z]+", name))

    def _senses(self, word: str) -> list[tuple[int, str]]:
        """The first sense of the word in each part of speech, the commonest first."""
        found = []
        for pos, first in self.first.items():
            lemma = next((each for each in self._lemmas(word, pos) if each in first), None)
            if lemma:
                found.append((-self.counts.get((lemma, pos), 0), first[lemma], pos))
        return [(offset, pos) for _, offset, pos in sorted(found, key=lambda sense: sense[0])]

    def _lemmas(self, word: str, pos: str) -> list[str]:
        regular = [word.removesuffix(end) + new for end, new in SUFFIXES[pos] if word.endswith(end)]
        return [self.irregular[pos].get(word, word), word, *regular]

    def _synset(self, offset: int, pos: str) -> tuple[list[str], list[tuple[int, str]]]:
        """The words of a synset, and the synsets above it (of an adjective: those like it)."""
        line = self.data[pos][offset : offset + 4_000].split(b"\n")[0].decode().split(" | ")[0].split()
        n_words = int(line[3], 16)
        words = [re.sub(r"\(.*\)$", "", line[4 + 2 * i]) for i in range(n_words)]
        links = line[5 + 2 * n_words :]
        above = [(int(links[i + 1]), pos) for i in range(0, 4 * (len(links) // 4), 4) if links[i] in ("@", "&")]
        return words, above

    @staticmethod
    def _read_counts(path: Path) -> dict[tuple[str, str], int]:
        """How often the first sense of each (word, part of speech) was met in WordNet's tagged texts."""
        types = {"1": "noun", "2": "verb", "3": "adj", "4": "adv", "5": "adj"}
        counts: dict[tuple[str, str], int] = {}
        for line in path.read_text().splitlines():
            key, sense, count = line.split()
            word, _, rest = key.partition("%")
            if sense == "1":
                counts[word, types[rest[0]]] = int(count)
        return counts

    @staticmethod
    def _read_index(path: Path) -> dict[str, int]:
        """Word → offset of its first, commonest, sense."""
        lines = (line.split() for line in path.read_text().splitlines() if not line.startswith(" "))
        return {line[0]: int(line[-int(line[2])]) for line in lines}

    @staticmethod
    def _read_irregular(path: Path) -> dict[str, str]:
        return {line.split()[0]: line.split()[1] for line in io.StringIO(path.read_text())}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
