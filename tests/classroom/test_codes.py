"""Codes and secrets: long enough, unambiguous, and stored only as hashes. Nicknames: any text is harmless."""

import math
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.classroom import codes
from core.classroom.nicknames import LONGEST, alike, file_stems, read_nickname

NASTY = [
    "<script>alert(1)</script>",
    "a\u202eb",
    "x\u0000y",
    "$x$",
    "**b**",
    "=1+1",
    "a" * 21,
    "\u200b\u200b",
    "::",
    "",
]


def test_a_code_has_forty_bits_and_no_letter_that_is_taken_for_another():
    assert codes.LETTERS * math.log2(len(codes.ALPHABET)) >= 40
    assert not set(codes.ALPHABET) & set("01ILOU") and len(set(codes.ALPHABET)) == len(codes.ALPHABET)
    made = {codes.new_code() for _ in range(200)}
    assert len(made) == 200 and all(codes.read_code(code) == code for code in made)


def test_a_code_is_read_as_people_type_it():
    assert codes.read_code(" 4km-q7r 2xb ") == "4KMQ7R2XB" and codes.shown("4KMQ7R2XB") == "4KM-Q7R-2XB"
    for other in ("", "4KM", "4KM-Q7R-2X0", "4KMQ7R2XB4", "4KMQ7R2XB" * 9_000):
        assert codes.read_code(other) == ""


def test_a_secret_is_known_by_its_hash_alone():
    secret = codes.new_secret()
    assert len(secret) * 4 == 128 and codes.same(secret, codes.hashed(secret))
    assert secret not in codes.hashed(secret)
    for other in (secret[:-1], secret.upper() + "x", "", "\ud800"):
        assert not codes.same(other, codes.hashed(secret))


def test_a_nickname_is_what_can_be_seen_of_the_text():
    assert read_nickname("  Ana \t\n Maria ") == "Ana Maria"
    assert read_nickname("ab\u202ec\u200d\u0007") == "abc"
    assert read_nickname("Ｂｏｂ") == "Bob" and alike("BOB") == alike(read_nickname("Ｂｏｂ"))
    assert read_nickname("🦊") == "🦊"
    for nobody in ("", "   ", "\u200b", "..."):
        with pytest.raises(ValueError, match="can be seen"):
            read_nickname(nobody)
    with pytest.raises(ValueError, match="at most 20"):
        read_nickname("x" * 21)


@given(st.text(max_size=60) | st.sampled_from(NASTY))
def test_any_text_is_a_nickname_or_a_sentence(text):
    try:
        name = read_nickname(text)
    except ValueError as error:
        assert str(error).endswith(".")
        return
    assert 0 < len(name) <= LONGEST and name == name.strip() and "\n" not in name
    assert not any(unicodedata.category(letter) in ("Cc", "Cf", "Cs") for letter in name)
    assert read_nickname(name) == name


@given(st.lists(st.text(min_size=1, max_size=20), unique=True, max_size=12))
def test_every_nickname_has_a_file_name_of_its_own_that_leads_nowhere_else(names):
    stems = file_stems(names)
    assert list(stems) == names and len({stem.casefold() for stem in stems.values()}) == len(names)
    assert all(set(stem) <= {*"_-"} | {c for c in stem if c.isalnum()} for stem in stems.values())
