"""Known terms in a text as tooltips: on hover, on focus by keyboard or a tap, and as a title to a screen reader."""

from __future__ import annotations

import re
from html import escape

import streamlit as st

from core.interview.glossary import Term, occurrences

# What stands in Markdown and is not words: code, links, icons, addresses.
NOT_WORDS = re.compile(r"(`[^`]*`|!?\[[^\]]*\]\([^)]*\)|:material/\w+:|https?://\S+)")
# A title shows on hover alone; who comes by keyboard or finger gets the same words at the foot of the window.
STYLE = (
    "<style>.kp-term{text-decoration:underline dotted;text-decoration-thickness:1px;text-underline-offset:.2em;"
    "cursor:help}.kp-term:focus{outline:2px solid currentColor;outline-offset:2px;border-radius:2px}"
    ".kp-term:focus::after{content:attr(title);position:fixed;left:1rem;right:1rem;bottom:1rem;z-index:999;"
    "max-width:40rem;margin:0 auto;padding:.6rem .9rem;border-radius:.25rem;font-size:.9375rem;line-height:1.4;"
    "font-weight:400;background:light-dark(#182026,#E4EAEC);color:light-dark(#FCFDFD,#11171B)}</style>"
)


def style() -> None:
    """How the tooltips look; once a page."""
    st.html(STYLE)


def write(text: str) -> None:
    """A Markdown text with its known terms as tooltips."""
    st.markdown(in_markdown(text), unsafe_allow_html=True)


def in_markdown(text: str) -> str:
    """The Markdown with each known term as a tooltip once a paragraph; all else that could be markup is escaped."""
    reached: set[Term] = set()
    return "\n\n".join(_paragraph(paragraph, reached) for paragraph in text.split("\n\n"))


def in_html(text: str, reached: set[Term] | None = None) -> str:
    """A plain text as HTML with each known term as a tooltip once; `reached` are those that the keyboard stops at."""
    return _words(text, set(), set() if reached is None else reached)


def _paragraph(text: str, reached: set[Term]) -> str:
    explained: set[Term] = set()
    parts = NOT_WORDS.split(text)  # every second one is not words
    return "".join(part if at % 2 else _words(part, explained, reached) for at, part in enumerate(parts))


def _words(text: str, explained: set[Term], reached: set[Term]) -> str:
    """The escaped words; terms in `told` stay plain, and those in `reached` are no further stop for the keyboard."""
    out, last = [], 0
    for start, end, term in occurrences(text):
        if term not in explained:
            out += [escape(text[last:start], quote=False), _tooltip(text[start:end], term, term not in reached)]
            last = end
            explained.add(term)
            reached.add(term)
    return "".join([*out, escape(text[last:], quote=False)])


def _tooltip(word: str, term: Term, stop: bool) -> str:
    focus = ' tabindex="0"' if stop else ""
    title = escape(f"{term.name}: {term.meaning}")
    return f'<abbr class="kp-term"{focus} title="{title}">{escape(word)}</abbr>'
