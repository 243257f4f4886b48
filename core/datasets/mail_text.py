"""What may be kept of a message: words without names or addresses, and counts of its links, markup and route.

The script that makes the data and the box a visitor types into use the same functions. The script gives them names as
well, of a census and of the headers; in the box a name is masked where it is greeted or signs, and because the
vocabulary has none. Every pattern here is linear in the text: its repeats are bounded or cannot overlap.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

MOST_CHARACTERS = 20_000  # of one message; what comes after is not read
MOST_WORDS, MOST_SUBJECT_WORDS = 200, 40  # of body and subject that are kept
NAME, UNKNOWN, EXPLICIT = "[name]", "[word]", "#"
BEFORE_NAMES = frozenset((
    "dear", "hi", "hello", "hey", "mr", "mrs", "ms", "dr", "sir", "regards", "cheers", "sincerely", "yours", "thanks",
    "by",
))  # fmt: skip
MOST_NAMES = 3  # capitalised words after one of these that are taken for a name
LINKS = (
    "links", "links to bare numbers", "links in disguise", "links to free hosts", "linked pictures", "mail links",
    "ways to unsubscribe",
)  # fmt: skip
MARKUP = ("HTML", "tags", "fonts and colours", "pictures", "tables", "forms", "scripts and frames", "comments")
STYLE = (
    "words", "share of capitals", "exclamation marks", "sums of money", "per cents", "numbers", "share of masked words",
    "words in the subject", "share of capitals in the subject", "subject answers", "subject shouts",
)  # fmt: skip
ROUTE = (
    "attachments", "programs attached", "body in base64", "sender at a free host", "sender in a country's domain",
    "replies go elsewhere", "recipient hidden", "number from elsewhere", "clock wrong by a day", "answers a message",
    "marked as urgent", "names its mail program",
)  # fmt: skip
COLUMNS = (*LINKS, *MARKUP, *STYLE, *ROUTE)
FREE_HOSTS = frozenset((
    "yahoo", "hotmail", "aol", "msn", "geocities", "angelfire", "tripod", "lycos", "excite", "netscape", "mail",
    "email", "freeserve", "juno", "bigfoot",
))  # fmt: skip

_URL = re.compile(r"(?:https?|ftp)://[^\s<>\"'()]{1,2000}|www\.[^\s<>\"'()]{1,2000}", re.IGNORECASE)
_EMAIL = re.compile(r"[\w.+%-]{1,64}@[\w.-]{1,255}")
_ENDS = r"\.(?:com|net|org|edu|gov|biz|info|co|uk|ie|de|fr|to|tv)\b"
_DOMAIN_END = re.compile(_ENDS, re.IGNORECASE)
_DOMAIN = re.compile(r"\b[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,4}" + _ENDS, re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_NUMBERS = (
    (re.compile(r"[$£€] ?\d[\d,.]{0,20}"), " [money] "),
    (re.compile(r"\d[\d.,]{0,20} ?%"), " [percent] "),
    (re.compile(r"(?<![\w.])(?:\+\d{1,3}[ .-]?)?\(?\d{2,4}\)?[ .-]\d{3,4}[ .-]\d{2,4}(?:[ .-]\d{2,4})?(?!\w)"),
     " [phone] "),
    (re.compile(r"\d[\d.,:/-]{0,40}"), " [number] "),
)  # fmt: skip
_ACCENT, _FOREIGN = re.compile(r"[\u0300-\u036f]"), re.compile(r"[^\x00-\x7f]{2,}")
_TOKEN = re.compile(r"\[[a-z]+\]|[A-Za-z]+(?:'[A-Za-z]+)?|[!?]|[.,:;]")
_NOT_ITS_OWN = re.compile(
    r"[>|}]|(?:from|to|cc|sent|date|subject|reply-to):|on .{0,200}wrote:?$|.{0,80}(?:writes|wrote|said):$"
    r"|this sf\.?net email",
    re.IGNORECASE,
)
_INVISIBLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\ufeff]")


@dataclass
class Markup(HTMLParser):
    """The readable text of HTML and counts of what it is made of; scripts and styles are not text."""

    text: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(MARKUP, 0))
    targets: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._skipping = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Count a tag and keep where it points."""
        self._count("tags")
        kind = _TAG_KINDS.get(tag)
        if kind:
            self._count(kind)
        self._skipping += tag in ("script", "style")
        if tag in ("br", "p", "div", "tr", "li", "td", "h1", "h2", "h3"):
            self.text.append("\n")
        pointed = [value or "" for name, value in attrs if name in ("href", "src", "action", "background")]
        self.targets += [("img:" if tag == "img" else "") + value for value in pointed]

    def handle_endtag(self, tag: str) -> None:
        """Readable text starts again after a script."""
        self._skipping = max(0, self._skipping - (tag in ("script", "style")))

    def handle_data(self, data: str) -> None:
        """Keep readable text."""
        if not self._skipping:
            self.text.append(data)

    def handle_comment(self, data: str) -> None:
        """Count a comment: a favourite place to break words up."""
        self._count("comments")

    def _count(self, kind: str) -> None:
        self.counts[kind] += 1


_TAG_KINDS = {
    "font": "fonts and colours", "img": "pictures", "table": "tables", "form": "forms", "input": "forms",
    "script": "scripts and frames", "iframe": "scripts and frames", "frame": "scripts and frames",
    "object": "scripts and frames", "embed": "scripts and frames",
}  # fmt: skip


def readable(text: str, is_html: bool) -> tuple[str, dict[str, int], list[str]]:
    """The text a reader sees, counts of markup, every address linked to; broken markup is read as far as it goes."""
    if not is_html:
        return text, dict.fromkeys(MARKUP, 0), _URL.findall(text)
    parser = Markup()
    parser.feed(text)
    parser.close()
    seen = "".join(parser.text)
    return seen, {**parser.counts, "HTML": 1}, [*parser.targets, *_URL.findall(seen)]


def link_counts(targets: Iterable[str], text: str) -> dict[str, int]:
    """What kinds of places a message links to; no host is kept."""
    found = dict.fromkeys(LINKS, 0)
    for target in targets:
        kind = "linked pictures" if target.startswith("img:") else ""
        target = target.removeprefix("img:").strip().lower()
        if target.startswith("mailto:"):
            found["mail links"] += 1
            continue
        host = _host(target)
        found["links"] += 1
        found["linked pictures"] += bool(kind)
        found["links to bare numbers"] += bool(re.fullmatch(r"[\d.]{7,15}|\d{8,12}|0x[0-9a-f]{1,8}", host))
        found["links in disguise"] += any(mark in target.split("/", 3)[2] if target.count("/") > 2 else False
                                          for mark in "@%") or ":" in host  # fmt: skip
        found["links to free hosts"] += bool(FREE_HOSTS & set(host.split(".")))
    found["ways to unsubscribe"] = len(re.findall(r"unsubscribe|opt[- ]?out|removed? from", text.lower()))
    return found


def _host(target: str) -> str:
    """The host of an address with its port, without what stands before an @."""
    return re.sub(r"^[a-z]{1,6}://", "", target).split("/", 1)[0].rsplit("@", 1)[-1]


def clean(text: str) -> str:
    """Text without control characters or marks that turn the reading direction, at most MOST_CHARACTERS of it."""
    return _INVISIBLE.sub("", text[:MOST_CHARACTERS].replace("\r\n", "\n").replace("\r", "\n"))


def without_quotes(text: str) -> str:
    """A body without quoted lines, lines that name who wrote what, copied headers, signatures and list footers."""
    kept = []
    for line in text.split("\n"):
        bare = line.strip()
        if bare in ("--", "- --") or re.match(r"_{8,}|-{5,} ?(?:begin pgp|original message)", bare, re.IGNORECASE):
            break
        if not _NOT_ITS_OWN.match(bare):
            kept.append(line)
    return "\n".join(kept)


def tokens(text: str, names: Collection[str] = frozenset()) -> list[str]:
    """Words, marks for what is masked, and full stops, in order; a capitalised word in `names` becomes a mark."""
    text = _marked(text)
    if not text.isascii():
        text = _ACCENT.sub("", unicodedata.normalize("NFKD", text))
        text = _FOREIGN.sub(" [foreign] ", text)
    return _unnamed(_TOKEN.findall(text), names)


def _marked(text: str) -> str:
    """Text with a mark for every address and number; a pattern only runs where its sign occurs."""
    if "://" in text or "www." in text.lower():
        text = _URL.sub(" [link] ", text)
    if "@" in text:
        text = _EMAIL.sub(" [email] ", text)
    if _DOMAIN_END.search(text):
        text = _DOMAIN.sub(" [link] ", text)
    if _DIGIT.search(text):
        for pattern, mark in _NUMBERS:
            text = pattern.sub(mark, text)
    return text


def _unnamed(found: Sequence[str], names: Collection[str]) -> list[str]:
    """Tokens with one mark for each name: a capitalised word that is in `names`, follows a name, or is greeted."""
    kept: list[str] = []
    greeted = 0  # words that may still be a name because of what stood before them
    for word in found:
        small, capital = word.lower(), word[0].isupper()
        titled = capital and not word.isupper()
        if (capital and greeted) or (titled and (small in names or (kept and kept[-1] == NAME))):
            greeted -= bool(greeted)
            word = NAME
        elif small in BEFORE_NAMES:
            greeted = MOST_NAMES
        elif word not in ",.:":
            greeted = 0
        if word != NAME or not kept or kept[-1] != NAME:
            kept.append(word)
    return kept


def code(word: str) -> str:
    """An explicit word as it is stored: a number that cannot be read."""
    return EXPLICIT + hashlib.sha256(word.encode()).hexdigest()[:8]


def known(found: Iterable[str], vocabulary: Collection[str]) -> list[str]:
    """Each word as the vocabulary has it: itself, the code of an explicit one, else a mark."""
    return [word if word in vocabulary else _hidden(word, vocabulary) for word in (each.lower() for each in found)]


def _hidden(word: str, vocabulary: Collection[str]) -> str:
    coded = code(word)
    return coded if coded in vocabulary else UNKNOWN


def style(subject: str, answers: bool, words: Sequence[str], body: str) -> dict[str, float]:
    """How a message is written: `words` are its known ones, `subject` and `body` the text itself."""
    n = max(1, len(words))
    return {
        "words": len(words),
        "share of capitals": capitals(body),
        "exclamation marks": words.count("!"),
        "sums of money": words.count("[money]"),
        "per cents": words.count("[percent]"),
        "numbers": words.count("[number]") + words.count("[phone]"),
        "share of masked words": (words.count(UNKNOWN) + words.count("[foreign]")) / n,
        "words in the subject": len(subject.split()),
        "share of capitals in the subject": capitals(subject),
        "subject answers": float(answers),
        "subject shouts": float("!" in subject or "$" in subject),
    }


def capitals(text: str) -> float:
    """The share of letters that are capitals."""
    letters = [c for c in text[:2_000] if c.isalpha()]
    return sum(c.isupper() for c in letters) / max(1, len(letters))


def spoken(words: Iterable[str]) -> str:
    """Known words as a text for a sentence encoder: marks become plain words, what is hidden is left out."""
    said = (word.strip("[]") for word in words if word != UNKNOWN and not word.startswith(EXPLICIT))
    return re.sub(r" ([.,:;!?])", r"\1", " ".join(said))
