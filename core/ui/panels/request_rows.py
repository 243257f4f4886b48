"""One request as a short ranked list, narrow enough to stand beside the tradeoff chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

STYLE = (
    "<style>"
    + """
.kp-request{font-size:.8125rem;line-height:1.3}
.kp-request p{margin:0 0 .3rem;font-size:.8125rem;line-height:1.3}
.kp-request p.foot{margin:.3rem 0 0}
.kp-request ol{list-style:none;margin:0;padding:0}
.kp-request li{display:flex;gap:.35rem;align-items:baseline;margin:0;padding:.1rem 0 .1rem .35rem;
border-left:3px solid var(--line)}
.kp-request li.right{border-left-color:var(--good)}
.kp-request li b{flex:none;width:1.15rem;font-weight:400;text-align:right;color:var(--quiet)}
.kp-request li .what{flex:1 1 auto;min-width:0;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.kp-request li .note{flex:none;white-space:nowrap}
.kp-request li .mark{flex:none;color:var(--good);font-weight:600}
.kp-request svg{display:block;width:100%;margin:0 0 .3rem}
""".replace("\n", "")
    + "</style>"
)


@dataclass(frozen=True)
class RequestRow:
    """One result: its place ("" for none), what it is, a short note at the right, and a mark with its meaning.

    A right result has a green edge.
    """

    place: str
    what: str
    note: str = ""
    mark: str = ""
    meaning: str = ""
    right: bool = False


def ranked(head: str, rows: Sequence[RequestRow], foot: str, picture: str = "") -> str:
    """The request in one line, its picture as markup, its results, and how good they are; other text is escaped."""
    items = "".join(map(_item, rows)) or "<li><span class='what'>nothing</span></li>"
    return (
        f'<div class="kp kp-request">{STYLE}<p>{escape(head)}</p>{picture}<ol>{items}</ol>'
        f'<p class="foot">{escape(foot)}</p></div>'
    )


def _item(row: RequestRow) -> str:
    note = f'<span class="note">{escape(row.note)}</span>' if row.note else ""
    mark = (
        f'<span class="mark" role="img" aria-label="{escape(row.meaning)}" title="{escape(row.meaning)}">'
        f"{escape(row.mark)}</span>"
    )
    return (
        f'<li class="{"right" if row.right else "other"}"><b>{escape(row.place)}</b>'
        f'<span class="what" title="{escape(row.what)}">{escape(row.what)}</span>{note}{mark if row.mark else ""}</li>'
    )
