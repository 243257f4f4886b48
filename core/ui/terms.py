"""Glossary terms in a text as tooltips: on hover, keyboard focus or tap, and as titles for screen readers."""

from __future__ import annotations

import re
from html import escape

import streamlit as st

from core.interview.glossary import Term, occurrences

# Parts of Markdown that are not words: code, links, icons, addresses.
NOT_WORDS = re.compile(r"(`[^`]*`|!?\[[^\]]*\]\([^)]*\)|:material/\w+:|https?://\S+)")
# A title shows on hover only; keyboard and touch users get the same text at the bottom of the window.
STYLE = (
    "<style>.kp-term{text-decoration:underline dotted;text-decoration-thickness:1px;text-underline-offset:.2em;"
    "cursor:help}.kp-term:focus{outline:2px solid currentColor;outline-offset:2px;border-radius:2px}"
    ".kp-term:focus::after{content:attr(title);position:fixed;left:1rem;right:1rem;bottom:1rem;z-index:999;"
    "max-width:40rem;margin:0 auto;padding:.6rem .9rem;border-radius:.25rem;font-size:.9375rem;line-height:1.4;"
    "font-weight:400;background:light-dark(#182026,#E4EAEC);color:light-dark(#FCFDFD,#11171B)}</style>"
)


def write(text: str) -> None:
    """A Markdown text with tooltips on its terms."""
    st.markdown(in_markdown(text), unsafe_allow_html=True)


def in_markdown(text: str) -> str:
    """The Markdown with a tooltip on each term, once per paragraph; other markup is escaped."""
    reached: set[Term] = set()
    return "\n\n".join(_paragraph(paragraph, reached) for paragraph in text.split("\n\n"))


def in_html(text: str, reached: set[Term] | None = None) -> str:
    """Plain text as HTML with a tooltip on each term, once; `reached` holds the terms with a keyboard stop."""
    return _words(text, set(), set() if reached is None else reached)


def _paragraph(text: str, reached: set[Term]) -> str:
    explained: set[Term] = set()
    parts = NOT_WORDS.split(text)  # words and other parts alternate
    return "".join(part if at % 2 else _words(part, explained, reached) for at, part in enumerate(parts))


def _words(text: str, explained: set[Term], reached: set[Term]) -> str:
    """The escaped words; terms in `explained` stay plain, terms in `reached` get no further keyboard stop."""
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
