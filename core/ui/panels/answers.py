"""Queries with their answers, exact and served, right ones marked."""

from __future__ import annotations

import io
from base64 import b64encode
from collections.abc import Sequence
from functools import lru_cache
from html import escape

import numpy as np
import streamlit as st

from core.contract.answer import Answer, Item
from core.runtime.identity import ById
from core.ui import cards
from core.ui.markup import html
from core.ui.page_run import PageRun

ASKED, BESIDE = 3, 5  # queries of the first screen, and the results of each
SMALL_PX = 32  # up to this side PNG is as short as JPEG
STYLE = (
    "<style>"
    + """
.kp-query{display:grid;grid-template-columns:1.35fr repeat(5,1fr);gap:3px;max-width:24rem;margin:0 auto .5rem;
align-items:center}
.kp-query img{width:100%;aspect-ratio:1;object-fit:cover!important;display:block;box-sizing:border-box;
border-radius:.15rem;background:#fff;border:2px solid transparent}
.kp-query .asked{grid-row:span 2;border-color:var(--quiet)}.kp-query .right{border-color:var(--good)}
.kp-query span{aspect-ratio:1;border:1px dashed var(--line);display:grid;place-items:center}
.kp-query + p{font-size:.8125rem;line-height:1.35;color:var(--quiet);margin:0;text-align:center}
""".replace("\n", "")
    + "</style>"
)


def one_request(run: PageRun) -> None:
    """Three queries with the results of this design and, below them, those of exact search; right ones outlined."""
    html(_one_request(ById(run.present.measured.shown)))


@lru_cache(maxsize=32)
def _one_request(shown: ById) -> str:
    queries = "".join(
        f'<div class="kp-query">{_image(answer.query, "query", "asked")}'
        f"{_results(answer.served, 'result')}{_results(answer.exact, 'exact')}</div>"
        for answer in shown.value[:ASKED]
    )
    said = "<p>Query; this design’s results above, exact search below. Outlined: right.</p>"
    return f'<div class="kp">{STYLE}{queries}{said}</div>'


def _results(items: Sequence[Item | None], what: str) -> str:
    """The first results; an empty place where none was found."""
    return "".join(
        _image(item, f"{what} {rank}", "right" if item.right else "") if item else "<span>–</span>"
        for rank, item in enumerate(items[:BESIDE], start=1)
    )


def _image(item: Item, what: str, kind: str) -> str:
    """A picture as markup; JPEG is a third of the bytes of PNG, and made sooner, for all but the smallest."""
    alt = escape(f"{what}: {item.name}{', right' if kind == 'right' else ''}")
    kind_of = "png" if max(item.pixels.shape[:2]) <= SMALL_PX else "jpeg"
    source = f"data:image/{kind_of};base64,{b64encode(_encoded(item.pixels, kind_of)).decode()}"
    return f'<img class="{kind}" src="{source}" alt="{alt}" title="{alt}">'


def _encoded(pixels: np.ndarray, kind: str) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(pixels.squeeze()).save(buffer, kind, quality=88)
    return buffer.getvalue()


def section(run: PageRun) -> None:
    """Two rows of pictures per query: the exact neighbours, and the answers of this design."""
    html(_markup(ById(run.present.measured.shown)))
    st.caption(_summary(run.present.measured.shown))


@lru_cache(maxsize=32)
def _markup(shown: ById) -> str:
    """The pictures as markup, cached because encoding PNG dominates the cost."""
    groups = (
        cards.PictureGroup(
            _query(answer), (("exact", _pictures(answer.exact)), ("this design", _pictures(answer.served)))
        )
        for answer in shown.value
    )
    return cards.picture_groups(groups)


def _query(answer: Answer) -> cards.Picture:
    return cards.Picture(cards.png(answer.query.pixels), f"query: {answer.query.name}")


def _pictures(items: Sequence[Item | None]) -> tuple[cards.Picture, ...]:
    return tuple(
        cards.Picture(
            cards.png(item.pixels) if item else b"", item.name if item else "nothing", bool(item and item.right)
        )
        for item in items
    )


def _summary(shown: Sequence[Answer]) -> str:
    exact = sum(bool(item and item.right) for answer in shown for item in answer.exact)
    served = sum(bool(item and item.right) for answer in shown for item in answer.served)
    total = sum(len(answer.exact) for answer in shown)
    return f"✓ marks a right answer: {exact} of {total} for the exact neighbours, {served} of {total} for this design."
