"""HTML of a comparison: one column per design, one row per knob or figure, with badges and deltas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from core.charts.looks import PALETTE
from core.ui.cards import badge

SIGNS = "●■◆▲✕"  # the charts' symbols, in the order of the letters
EXTRA = (
    "<style>.kp-side{overflow-x:auto;margin:0 0 .5rem}.kp-side table{border-collapse:collapse;width:100%;margin:0;"
    "font-size:.9375rem;table-layout:fixed}.kp-side th,.kp-side td{border:0;border-bottom:1px solid var(--line);"
    "padding:.4rem .8rem .4rem 0;text-align:left;vertical-align:top;overflow-wrap:break-word}"
    ".kp-side thead th{font-size:1.125rem}.kp-side thead th:first-child{width:11rem}"
    ".kp-side th small{display:block;font-size:.75rem;font-weight:400;color:var(--quiet)}.kp-side tbody th"
    "{font-weight:400;color:var(--quiet);font-size:.875rem}.kp-side td small{display:block;font-size:.8125rem;"
    "line-height:1.35}.kp-side td small:not(.kp-better):not(.kp-worse){color:var(--quiet)}"
    ".kp-side .part th{font-weight:600;color:var(--ink);padding-top:1.1rem;font-size:.9375rem}"
    "@media(max-width:640px){.kp-side thead th:first-child{width:6.5rem}.kp-side table{font-size:.8125rem}"
    ".kp-side th,.kp-side td{padding-right:.4rem}}</style>"
)


@dataclass(frozen=True)
class Cell:
    """One figure of one design: text, interval, delta, the side of the delta and whether the number rose."""

    text: str
    interval: str = ""
    delta: str = ""
    side: str = ""
    rose: bool = False


@dataclass(frozen=True)
class Row:
    """One line of the comparison; a knob has no badge."""

    label: str
    cells: Sequence[Cell]
    badge: str = ""
    help: str = ""


def table(letters: Sequence[str], reference: int, parts: Sequence[tuple[str, Sequence[Row]]]) -> str:
    """Titled groups of rows below one row of letters, as one line of markup."""
    head = "".join(_letter(letter, at, at == reference) for at, letter in enumerate(letters))
    body = "".join(_part(title, rows, len(letters)) for title, rows in parts if rows)
    return (
        f'<div class="kp">{EXTRA}<div class="kp-side"><table style="min-width:{6.5 + 5.5 * len(letters):g}rem">'
        f"<thead><tr><th></th>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table></div></div>"
    )


def _letter(letter: str, at: int, reference: bool) -> str:
    note = "<small>the reference</small>" if reference else "<small>&nbsp;</small>"
    return f'<th scope="col"><span style="color:{PALETTE[at]}">{SIGNS[at]}</span> {escape(letter.upper())}{note}</th>'


def _part(title: str, rows: Sequence[Row], n: int) -> str:
    head = f'<tr class="part"><th colspan="{n + 1}" scope="colgroup">{escape(title)}</th></tr>'
    return head + "".join(_row(row) for row in rows)


def _row(row: Row) -> str:
    mark = f" {badge(row.badge)}" if row.badge else ""
    cells = "".join(_cell(cell) for cell in row.cells)
    return f'<tr><th scope="row" title="{escape(row.help)}">{escape(row.label)}{mark}</th>{cells}</tr>'


def _cell(cell: Cell) -> str:
    interval = f"<small>{escape(cell.interval)}</small>" if cell.interval else ""
    told = f"{'↑' if cell.rose else '↓'} {cell.delta}, {cell.side}" if cell.side in ("better", "worse") else cell.delta
    delta = f'<small class="kp-{cell.side or "same"}">{escape(told)}</small>' if cell.delta else ""
    return f"<td>{escape(cell.text)}{interval}{delta}</td>"
