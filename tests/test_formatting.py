"""Text that Markdown shows as it stands, as a Markdown parser reads it and as HTML inside Markdown; short counts."""

import re
from html import unescape

import pytest

from core.formatting import bytes_text, change_text, markdown_text, ms_text, short_count
from tests.page_driver import as_read

TYPED = [
    "[a link](https://host/x)", "![a picture](x)", "<script>alert(1)</script>", "<https://host>",
    "https://host/a_b:c", "www.host.org/a_b", "AT&T &lt; &amp;",
    "# heading", "## heading ##", "- item", "+ item", "* item", "12. item", "12) item", "> quote", "---", "=====",
    "*one* **two** _three_ ~~four~~", "`code`", "```", "~~~", "a | b", "$5 to $9", "$$x$$", r"\*not\* \\$x$",
    ":material/home:", ":smile: :+1: :100: :1st_place_medal:", ":red[red] :gray-badge[b]", "x:red y",
]  # fmt: skip


@pytest.mark.parametrize("text", TYPED)
def test_what_was_typed_is_shown_and_none_of_it_is_markup(text):
    written = markdown_text(text)
    assert as_read(written) == text
    bare = re.sub(r"\\.|&#?\w+;", "", written)  # what is left is read as Markdown
    assert not re.search(r"[`*_\[\]|~$#<>]|:[a-z+\d]|^\s*([-+=]|\d+[.)])(\s|$)", bare)


@pytest.mark.parametrize("text", TYPED)
def test_inside_an_element_there_are_entities_and_no_backslashes(text):
    written = markdown_text(text, in_html=True)
    assert unescape(written) == text and not re.search(r"[\\`*\[\]|~$<>]", written)


def test_text_becomes_one_line_and_numbers_stay_as_they_are():
    assert markdown_text("  - a\n\n    # b\r\n3. c ") == "\\- a \\# b 3. c"
    assert markdown_text("-3.5 %, 1.5 to 2.5 at 10:05, p99: 3 (+1)") == "-3.5 %, 1.5 to 2.5 at 10:05, p99: 3 (+1)"


def test_in_markdown_of_our_own_only_dollars_are_escaped():
    assert markdown_text("**cost** $5\n- $9 [x](y)", ours=True) == "**cost** \\$5\n- \\$9 [x](y)"


@pytest.mark.parametrize(
    ("said", "value", "text"),
    [
        (ms_text, 0.9996, "1 ms"), (ms_text, 0.9994, "999 µs"), (ms_text, 999.6, "1 s"), (ms_text, 0.0, "0 µs"),
        (bytes_text, 999.7, "1 kB"), (short_count, 999_960, "1M"), (short_count, 46_296, "46.3k"),
        (change_text, 0.53, "−47\u00a0%"), (change_text, 2.3, "2.3× higher"), (change_text, 1 / 99.7, "100× lower"),
    ],
)  # fmt: skip
def test_a_number_that_rounds_up_to_the_next_unit_is_told_in_it(said, value, text):
    assert said(value) == text


def test_by_hand_a_count_is_rounded_before_it_gets_its_letter():
    said = {999_999: "1M", 999.7: "1k", 39_812: "39.8k", 4_512_000: "4.51M", 17: "17", 0: "0", 2e9: "2B"}
    assert {value: short_count(value) for value in said} == said
