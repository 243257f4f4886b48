"""The messages are masked, in order of time, and read only whole; what a visitor types is read by the same rules."""

import re
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from core.datasets import mail_text as mt
from core.datasets.files import DataError
from core.datasets.mails import CLASSES, load_mail_vectors, load_mails


@pytest.fixture(scope="module")
def mails():
    return load_mails()


def test_messages_come_in_order_of_time_with_what_is_known_of_them(mails):
    assert len(mails.harmful) == 6046 and mails.harmful.sum() == 1896
    assert (np.diff(mails.hour) >= 0).all()
    assert mails.columns.shape == (6046, len(mt.COLUMNS)) and np.isfinite(mails.columns).all()
    assert mails.subjects.ends[-1] == len(mails.subjects.ids) and mails.bodies.ends[-1] == len(mails.bodies.ids)
    assert int(max(mails.subjects.ids.max(), mails.bodies.ids.max())) < len(mails.vocabulary)


def test_kinds_of_harm_are_told_of_harmful_messages_alone(mails):
    assert mails.classes.shape == (6046, len(CLASSES))
    assert not mails.classes[~mails.harmful].any()
    assert (mails.classes[mails.harmful].sum(axis=0) > 50).all()


def test_no_address_number_or_rare_spelling_is_in_the_vocabulary(mails):
    known_marks = {"[link]", "[email]", "[phone]", "[money]", "[percent]", "[number]", "[foreign]", mt.NAME, mt.UNKNOWN}
    for word in mails.vocabulary:
        assert word in known_marks or re.fullmatch(r"[a-z]+(?:'[a-z]+)?|#[0-9a-f]{8}|[.,:;!?]", word), word


def test_no_name_is_in_the_vocabulary_even_one_that_a_dictionary_has(mails):
    headers = {"mason", "quinlan", "kaufman", "mulcahy", "yyyy", "netnoteinc"}  # frequent in the headers
    first = "john tom rob bill jack mark chad deb dick drew ray sue max bob pat frank peter gene herb chuck mary linda"
    last = "smith king bush gates ford fox rogers fuller freeman archer jones johnson"
    assert not {*headers, *first.split(), *last.split(), "skip", "stew"} & set(mails.vocabulary)


def test_no_message_tells_a_name_after_a_greeting(mails):
    at = {word: i for i, word in enumerate(mails.vocabulary)}
    after = Counter()
    for lists in (mails.subjects, mails.bodies):
        for i in range(6046):
            words = lists.of(i)
            after.update(words[1:][words[:-1] == at["dear"]].tolist())
    told = {mails.vocabulary[i]: n for i, n in after.items()}
    assert told[mt.NAME] > 50
    assert told[mt.NAME] + told.get(mt.UNKNOWN, 0) > sum(told.values()) / 2  # the others are "dear friend" and the like


def test_every_word_is_used_by_three_messages_or_more(mails):
    pairs = []
    for lists in (mails.subjects, mails.bodies):
        rows = np.repeat(np.arange(6046), np.diff(lists.ends))
        pairs.append(lists.ids.astype(np.int64) * 6046 + rows)
    used = np.bincount(np.unique(np.concatenate(pairs)) // 6046, minlength=len(mails.vocabulary))
    rare = [word for word, n in zip(mails.vocabulary, used, strict=True) if n < 3]
    assert not [word for word in rare if word[0] != "["]


def test_vectors_are_of_the_masked_words_and_of_unit_length(mails):
    stored = load_mail_vectors()
    assert stored.vectors.shape == (6046, 256) and stored.rotation.shape == (384, 256)
    np.testing.assert_allclose(np.linalg.norm(stored.vectors, axis=1), 1, atol=1e-5)


@pytest.mark.slow
def test_the_shipped_encoder_gives_the_shipped_vectors(mails):
    pytest.importorskip("onnxruntime")
    from core.cases.harmful_content.data import Post
    from core.cases.harmful_content.features import SentenceReader
    from core.datasets.minilm import load_minilm

    stored = load_mail_vectors()
    reader, none = SentenceReader(mails.vocabulary, load_minilm(), stored.rotation), np.zeros(0)
    for i in range(0, 6046, 600):
        _, own = reader.read(Post(mails.subjects.of(i), mails.bodies.of(i), mails.columns[i]), none)
        assert own @ stored.vectors[i] > 0.98, i  # 8-bit codes; processors round differently


def test_a_missing_and_a_corrupt_file_are_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="missing"):
        load_mails(root=tmp_path)
    (tmp_path / "checksums.json").write_text('{"mails.npz": {"sha256": "0", "made_by": "data.make.mails"}}')
    (tmp_path / "mails.npz").write_bytes(b"half a file")
    with pytest.raises(DataError, match="corrupt"):
        load_mails(root=tmp_path)


def test_addresses_numbers_and_names_become_marks() -> None:
    said = mt.tokens(
        "Dear Mr Jones, write to jim.b@some-host.com or www.x.org/a?b=c, call +49 30 123 4567, pay $1,000 at 5%"
    )
    assert said[:2] == ["Dear", "[name]"] and "Jones" not in said
    assert {"[email]", "[link]", "[phone]", "[money]", "[percent]"} <= set(said)
    assert not any(part in " ".join(said) for part in ("jim", "host", "x.org", "4567", "1,000"))


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Hi JOHN SMITH, how are you", "Hi [name] , how are you"),
        ("thanks for the patch", "thanks for the patch"),
        ("Regards, Mary-Ann McDonald", "Regards , [name]"),
        ("written by Jean-Luc O'Neill . next", "written by [name] . next"),
        ("by the way", "by the way"),
    ],
)
def test_what_is_greeted_or_signs_is_a_name(text, tokens) -> None:
    assert " ".join(mt.tokens(text)) == tokens


def test_a_capitalised_name_is_masked_and_the_same_word_in_small_letters_is_not() -> None:
    assert mt.tokens("we saw Will Brown today", {"will"}) == ["we", "saw", "[name]", "today"]
    assert mt.tokens("we will see", {"will"}) == ["we", "will", "see"]


def test_unknown_words_are_masked_and_explicit_ones_coded() -> None:
    at = {"free", mt.code("rude")}
    assert mt.known(["Free", "RUDE", "zyzzyva"], at) == ["free", mt.code("rude"), mt.UNKNOWN]


def test_html_is_read_and_its_scripts_are_not_text() -> None:
    page = '<p>Hello<script>alert(1)</script><a href="http://1.2.3.4/x">there</a><img src="http://a.b/c.gif"><!-- x -->'
    seen, counts, targets = mt.readable(page, True)
    assert "alert" not in seen and "Hello" in seen and "there" in seen
    assert counts["scripts and frames"] == 1 and counts["comments"] == 1 and counts["pictures"] == 1
    found = mt.link_counts(targets, seen)
    assert (found["links"], found["links to bare numbers"], found["linked pictures"]) == (2, 1, 1)


def test_links_in_disguise_are_counted_by_hand() -> None:
    plain, port, user = "http://a.com/x", "http://a.com:8080/x", "http://bank.com@evil.com/x"
    assert [mt.link_counts([t], "")["links in disguise"] for t in (plain, port, user)] == [0, 1, 1]


@pytest.mark.parametrize(
    "text",
    ["<" * 1_000_000, "<!--" * 200_000, "a@" * 400_000, "http://" * 150_000, "1-" * 500_000, "Dear A " * 150_000,
     "\x00\x01\u202e" * 300_000, "<a href='" * 100_000, "é" * 900_000],
    ids=["open tags", "comments", "addresses", "links", "numbers", "greetings", "control", "quotes", "accents"],
)  # fmt: skip
def test_a_hostile_megabyte_is_read_in_no_time(text: str) -> None:
    began = time.process_time()
    cut = mt.clean(text)
    assert len(cut) <= mt.MOST_CHARACTERS
    for is_html in (True, False):
        seen, _, targets = mt.readable(cut, is_html)
        mt.tokens(mt.without_quotes(seen))
        mt.link_counts(targets, seen)
    assert time.process_time() - began < 5  # linear takes hundredths of a second; a runaway pattern, minutes


def test_control_characters_and_reversed_text_are_dropped() -> None:
    assert mt.clean("a\x00b\u202ec\r\nd\re") == "abc\nd\ne"
