"""One query and its first answers as a row of pictures, as large as the room beside the chart allows."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from functools import lru_cache
from html import escape

from core.contract.answer import Answer, Item
from core.runtime.identity import ById
from core.ui import cards

SHOWN = 5
STYLE = (
    "<style>.kp-row{display:flex;flex-wrap:wrap;align-items:flex-end;gap:.15rem .8rem;min-height:72px}"
    ".kp-row figure{margin:0}.kp-row figcaption{color:var(--quiet);font-size:.75rem;line-height:1.3}"
    ".kp-row .set{display:flex;gap:3px}.kp-row img,.kp-row .none{width:52px;height:52px;display:block;"
    "box-sizing:border-box;border:3px solid transparent;border-radius:.2rem;background:#fff;object-fit:cover!important}"
    ".kp-row .right{border-color:var(--good)}.kp-row .wrong{border:3px dashed var(--bad)}"
    ".kp-row .none{background:none;border:1px dashed var(--line)}"
    "@media(max-width:1100px){.kp-row img,.kp-row .none{width:46px;height:46px}}</style>"
)


def row(shown: Sequence[Answer]) -> str:
    """The last of these answers: the query, what the design found, what an exact search finds; else empty frames."""
    body = _pictures(ById(shown)) if shown else _frames()
    return f'<div class="kp">{STYLE}<div class="kp-row">{body}</div></div>'


def _frames() -> str:
    none = '<span class="none"></span>'
    sets = (("query", 1), ("found", SHOWN), ("exact search", SHOWN))
    return "".join(_set(title, [none] * n) for title, n in sets)


@lru_cache(maxsize=64)
def _pictures(shown: ById) -> str:
    answer: Answer = shown.value[-1]
    n_right = sum(bool(item and item.right) for item in answer.served[:SHOWN])
    return "".join(
        (
            _set("query", [_image(answer.query, "")]),
            _set(f"found: {n_right} of {len(answer.served[:SHOWN])} right", map(_result, answer.served[:SHOWN])),
            _set("exact search", map(_result, answer.exact[:SHOWN])),
        )
    )


def _set(title: str, images: Sequence[str] | map) -> str:
    return f'<figure><figcaption>{escape(title)}</figcaption><div class="set">{"".join(images)}</div></figure>'


def _result(item: Item | None) -> str:
    return _image(item, "right" if item.right else "wrong") if item else '<span class="none" title="nothing"></span>'


def _image(item: Item, kind: str) -> str:
    name = escape(f"{item.name}{f', {kind}' if kind else ''}")
    source = base64.b64encode(cards.png(item.pixels)).decode()
    return f'<img class="{kind}" src="data:image/png;base64,{source}" alt="{name}" title="{name}">'
