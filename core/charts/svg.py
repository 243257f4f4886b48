"""The tradeoff chart as a self-contained SVG file, for documents without network or scripts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from core.charts.frame import Frame, fronts_of, modes_of, spread_of
from core.charts.looks import (
    BETTER,
    EMPTY,
    MODES,
    SHORT,
    SLATE,
    UMBER,
    VERMILION,
    Axis,
    Line,
    Row,
    Rows,
    Table,
    axis_ticks,
    drawable,
    scaled,
)
from core.charts.ticks import tick_text
from core.charts.tradeoff import CLOUD, DOMINATED, FRONT, NOISY, apart, trail
from core.charts.tradeoff_words import tradeoff_summary

WIDTH, HEIGHT = 640, 400
LEFT, RIGHT, TOP, BOTTOM = 58, 18, 34, 78
INNER_W, INNER_H = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
SHAPES = ("dot", "wedge", "pentagon", "star")  # of the serving modes, as those of MODES
DASHED = {"solid": "", "dash": "8 5", "dot": "2 4", "dashdot": "8 4 2 4"}
STYLE = (
    "svg:root.kp-chart{color-scheme:light dark;color:light-dark(#182026,#E4EAEC);"
    "background:light-dark(#FCFDFD,#11171B);font-family:'IBM Plex Sans','Helvetica Neue',Arial,sans-serif}"
    ".kp-chart text{font-variant-numeric:tabular-nums;font-size:12px;fill:currentColor}"
)


def tradeoff_svg(table: Table, x: Axis, y: Axis, *, lines: Sequence[Line] = ()) -> str:
    """A complete <svg> of the chart that `tradeoff` draws: designs, front, requirements and present design."""
    rows = drawable(table, x, y)
    words = tradeoff_summary(table, x, y)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="kp-chart" viewBox="0 0 {WIDTH} {HEIGHT}" width="100%" '
        f'style="max-width:{WIDTH}px;height:auto" role="img" fill="none">'
        f"<title>{escape(y.label)} against {escape(x.label)}</title><desc>{escape(words)}</desc><style>{STYLE}</style>"
    )
    if not rows:
        return f"{head}{_text(WIDTH / 2, HEIGHT / 2, EMPTY, 'middle')}</svg>"
    return head + "".join(_drawn(rows, _Sheet(rows, x, y, lines), lines)) + "</svg>"


class _Sheet(Frame):
    """The chart frame in viewBox units."""

    def at(self, x: float, y: float) -> tuple[float, float]:
        shares = []
        for axis, value, (low, high) in zip((self.x, self.y), (x, y), self.ranges, strict=True):
            shares.append((scaled(axis, value) - low) / (high - low))
        return LEFT + shares[0] * INNER_W, TOP + (1 - shares[1]) * INNER_H

    def of(self, row: Row) -> tuple[float, float]:
        return self.at(row[self.x.column], row[self.y.column])


def _drawn(rows: Rows, sheet: _Sheet, lines: Sequence[Line]) -> list[str]:
    singles = [row for role in ("trail", "baseline", "present") for row in rows if row["role"] == role]
    cloud = [row for row in rows if row["role"] in CLOUD]
    return [
        *_grid(sheet),
        *(_requirement(line, sheet) for line in lines),
        _fronts(rows, sheet),
        _moves(rows, sheet),
        *(_mark(*sheet.of(row), *_look(row)) for row in cloud),
        *(_single(row, sheet) for row in singles),
        *_key({_look(row)[2]: _look(row) for row in [*cloud, *singles]}.values()),
    ]


def _grid(sheet: _Sheet) -> list[str]:
    drawn = []
    for axis, span in zip((sheet.x, sheet.y), sheet.ranges, strict=True):
        for value in _ticks(axis, span):
            if axis is sheet.x:
                at = sheet.at(value, _low(sheet.y, sheet.ranges[1]))[0]
                drawn += [_line(at, TOP, at, TOP + INNER_H, SLATE, 0.25)]
                drawn += [_text(at, TOP + INNER_H + 16, tick_text(value), "middle")]
            else:
                at = sheet.at(_low(sheet.x, sheet.ranges[0]), value)[1]
                drawn += [_line(LEFT, at, LEFT + INNER_W, at, SLATE, 0.25)]
                drawn += [_text(LEFT - 8, at + 4, tick_text(value), "end")]
    drawn.append(_text(LEFT, TOP - 14, _title(sheet.y, "y"), "start"))
    return [*drawn, _text(LEFT + INNER_W / 2, TOP + INNER_H + 36, _title(sheet.x, "x"), "middle")]


def _title(axis: Axis, side: str) -> str:
    unit = f" ({axis.unit})" if axis.unit else ""
    return f"{axis.label}{unit}  {BETTER[side, axis.better]}"


def _low(axis: Axis, span: tuple[float, float]) -> float:
    return 10.0 ** span[0] if axis.log else span[0]


def _ticks(axis: Axis, span: tuple[float, float]) -> list[float]:
    """The page chart's ticks on a log axis, five round steps on a linear one."""
    ticks = axis_ticks(axis, span).get("tickvals")
    if ticks:
        return list(ticks)  # type: ignore[call-overload]
    low, high = (10.0**end for end in span) if axis.log else span
    rough = (high - low) / 5
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(size * unit for size in (1, 2, 5, 10) if size * unit >= rough)
    first = math.ceil(low / step)
    return [n * step for n in range(first, math.floor(high / step) + 1)]


def _requirement(line: Line, sheet: _Sheet) -> str:
    """The line of a requirement with its worse side shaded; empty where it lies outside the chart."""
    axis, span = (sheet.x, sheet.ranges[0]) if line.axis == "x" else (sheet.y, sheet.ranges[1])
    if axis.log and line.value <= 0:
        return ""
    share = (scaled(axis, line.value) - span[0]) / (span[1] - span[0])
    if not 0 <= share <= 1:
        return ""
    beyond = axis.better == "lower"
    if line.axis == "x":
        at = LEFT + share * INNER_W
        shade = (at, TOP, LEFT + INNER_W - at, INNER_H) if beyond else (LEFT, TOP, at - LEFT, INNER_H)
        pen, word = _line(at, TOP, at, TOP + INNER_H, SLATE, 1, "6 4"), _text(at + 5, TOP + 14, line.label, "start")
    else:
        at = TOP + (1 - share) * INNER_H
        shade = (LEFT, TOP, INNER_W, at - TOP) if beyond else (LEFT, at, INNER_W, TOP + INNER_H - at)
        pen = _line(LEFT, at, LEFT + INNER_W, at, SLATE, 1, "6 4")
        word = _text(LEFT + INNER_W - 6, at + (-5 if beyond else 14), line.label, "end")
    x, y, width, height = shade
    size = f'width="{width:.1f}" height="{height:.1f}"'
    return f'<rect x="{x:.1f}" y="{y:.1f}" {size} fill="{SLATE}" fill-opacity="0.1"/>{pen}{word}'


def _fronts(rows: Rows, sheet: _Sheet) -> str:
    modes = modes_of(rows)
    return "".join(_front(front, sheet, modes[mode]) for mode, front in fronts_of(rows, sheet.x).items())


def _front(rows: Rows, sheet: _Sheet, mode_at: int) -> str:
    front = [sheet.of(row) for row in rows]
    if len(front) < 2:
        return ""
    path = f"M{front[0][0]:.1f} {front[0][1]:.1f}"
    for x, y in front[1:]:
        path += f"H{x:.1f}V{y:.1f}" if sheet.x.better == "lower" else f"V{y:.1f}H{x:.1f}"
    look = MODES[mode_at % len(MODES)]
    dashes = f' stroke-dasharray="{DASHED[look.dash]}"' if DASHED[look.dash] else ""
    return f'<path d="{path}" stroke="{look.colour}" stroke-width="2"{dashes}/>'


def _moves(rows: Rows, sheet: _Sheet) -> str:
    """The dotted line of the last moves, which ends at the present design."""
    steps = [sheet.of(row) for row in trail(rows)]
    if len(steps) < 2:
        return ""
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in steps)
    return f'<path class="moves" d="{path}" stroke="{VERMILION}" stroke-width="1.4" stroke-dasharray="2 4"/>'


def _look(row: Row) -> tuple[str, str, str, bool]:
    """(shape, colour, label, filled) of a row's mark."""
    role, why = row["role"], apart(row)
    if role in CLOUD and why:
        return ("dot" if why == NOISY else "cross"), SLATE, why, False
    if role in CLOUD:
        at = row["mode_at"] % len(MODES)
        colour = MODES[at].colour if row["on_front"] else SLATE
        named = f"{FRONT}, {row['mode'].lower()}" if row["mode"] else FRONT
        if role == "recorded":
            return SHAPES[at], colour, SHORT[role], False
        return SHAPES[at], colour, named if row["on_front"] else DOMINATED, True
    shape, colour = {
        "baseline": ("square", UMBER),
        "trail": ("diamond", VERMILION),
        "present": ("diamond", VERMILION),
    }[role]
    return shape, colour, SHORT[role], role != "trail"


def _mark(x: float, y: float, shape: str, colour: str, words: str, filled: bool, size: float = 4.0) -> str:
    paths = {
        "cross": f"M{x - size:.1f} {y - size:.1f}l{2 * size} {2 * size}m0 {-2 * size}l{-2 * size} {2 * size}",
        "triangle": f"M{x:.1f} {y - 1.3 * size:.1f}l{1.2 * size} {2.1 * size}h{-2.4 * size}z",
        "wedge": f"M{x:.1f} {y + 1.3 * size:.1f}l{1.2 * size} {-2.1 * size}h{-2.4 * size}z",
        "pentagon": f"M{x:.1f} {y - 1.2 * size:.1f}l{1.2 * size} {0.9 * size}l{-0.5 * size} {1.3 * size}"
        f"h{-1.4 * size}l{-0.5 * size} {-1.3 * size}z",
        "star": f"M{x - size:.1f} {y:.1f}h{2 * size}m{-size} {-size}v{2 * size}",
        "square": f"M{x - size:.1f} {y - size:.1f}h{2 * size}v{2 * size}h{-2 * size}z",
        "diamond": f"M{x:.1f} {y - 1.4 * size:.1f}l{1.4 * size} {1.4 * size}l{-1.4 * size} {1.4 * size}"
        f"l{-1.4 * size} {-1.4 * size}z",
        "dot": f"M{x - size:.1f} {y:.1f}a{size} {size} 0 1 0 {2 * size} 0a{size} {size} 0 1 0 {-2 * size} 0z",
    }
    fill = f' fill="{colour}"' if filled else ""
    return f'<path d="{paths[shape]}" stroke="{colour}" stroke-width="1.4"{fill}/>'


def _single(row: Row, sheet: _Sheet) -> str:
    x, y = sheet.of(row)
    present = row["role"] == "present"
    drawn = _bar(row, sheet) if present else ""
    drawn += _mark(x, y, *_look(row), size=6.0 if present else 5.0)
    return drawn + (_label(x, y, SHORT["present"]) if present else "")


def _label(x: float, y: float, text: str) -> str:
    inside = x < LEFT + 0.75 * INNER_W
    return _text(x + (11 if inside else -11), y - 9, text, "start" if inside else "end", ' font-weight="600"')


def _bar(row: Row, sheet: _Sheet) -> str:
    spread = spread_of(row, sheet.y)
    if spread is None:
        return ""
    x = row[sheet.x.column]
    ends = [sheet.at(x, row[sheet.y.column] + by) for by in (-spread[0], spread[1])]
    return _line(*ends[0], *ends[1], VERMILION, 1)


def _key(looks: object) -> list[str]:
    """The legend: one row of marks with labels under the chart."""
    drawn, at = [], float(LEFT)
    for shape, colour, words, filled in looks:  # type: ignore[attr-defined]
        drawn += [_mark(at + 5, HEIGHT - 12, shape, colour, words, filled), _text(at + 14, HEIGHT - 8, words, "start")]
        at += 30 + 6.6 * len(words)
    return drawn


def _line(x: float, y: float, x2: float, y2: float, colour: str, opacity: float, dash: str = "") -> str:
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="1.3" '
        f'stroke-opacity="{opacity}"{dashes}/>'
    )


def _text(x: float, y: float, text: str, anchor: str, more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{more}>{escape(text)}</text>'
