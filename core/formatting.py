"""Numbers as a reader likes them: three figures, the unit that fits; and text that Markdown shows as it stands."""

from __future__ import annotations

import re
from html import escape
from math import isfinite

# What Markdown or HTML reads anywhere, what opens an address (in which escapes would show) or Streamlit's icons,
# emoji and colours (`:material/home:`, `:red[...]`), and what opens a list or underlines a heading at a line's start.
SIGNS = r"[\\`*_\[\]|~$#&<>]|:(?=\d*[A-Za-z+:/-])|(?<=www)\.|^\d*[-+=.)](?!\w)"


def ms_text(value_ms: float) -> str:
    """Milliseconds, as µs or s where that reads better."""
    if value_ms < 1:
        return f"{1e3 * value_ms:.3g} µs"
    return f"{value_ms:.3g} ms" if value_ms < 1_000 else f"{value_ms / 1e3:.3g} s"


def seconds_text(value_s: float) -> str:
    """Seconds, as milliseconds, minutes or hours where that reads better."""
    if value_s < 1:
        return ms_text(1e3 * value_s)
    if value_s < 120:
        return f"{value_s:.3g} s"
    return f"{value_s / 60:.3g} min" if value_s < 7_200 else f"{value_s / 3600:.3g} h"


def bytes_text(value: float) -> str:
    """Bytes in decimal units, as memory is priced."""
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1_000:
            return f"{value:.3g} {unit}"
        value /= 1_000
    return f"{value:.3g} TB"


def usd_text(value: float) -> str:
    """Dollars, cents only where they matter."""
    if value <= 0:
        return "$0"
    if value >= 1e6:
        return f"${value / 1e6:,.3g} million"
    if value < 1e-4:
        return "under $0.0001"
    return f"${value:,.0f}" if value >= 100 else f"${value:.2f}" if value >= 0.01 else f"${value:.2g}"


def count_text(value: float) -> str:
    """A count in words that can be read at a glance: 2 billion, 4.5 million, 12,000."""
    for size, word in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        if value >= size:
            return f"{value / size:,.3g} {word}"
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"


def short_count(value: float) -> str:
    """A count to three figures with the letter of its size: 4.5M, 39.8k, 1B."""
    rounded = float(f"{value:.3g}")  # before its letter is chosen: 999,999 is 1M
    for size, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")):
        if rounded >= size:
            return f"{rounded / size:g}{letter}"
    return f"{rounded:g}"


def change_text(factor: float, more: str = "higher", less: str = "lower") -> str:
    """A positive ratio as a signed change, “−47 %”; from a factor of two on as a multiple, “2.3× slower”."""
    times = max(factor, 1 / factor)
    if times < 2:
        return f"{factor - 1:+.0%}".replace("-", "−").replace("%", "\u00a0%")  # a sign is not parted from its number
    digits = f"{times:.2g}" if times < 10 else f"{times:,.0f}"
    return f"{digits}× {more if factor > 1 else less}"


def rate_text(per_s: float) -> str:
    """Requests a second."""
    return f"{count_text(per_s)}/s"


def figure_text(value: float, unit: str) -> str:
    """A figure in its unit: times, money and memory as they read best, a share or score with three decimals."""
    if not isfinite(value):
        return "no bound" if value > 0 else "unknown"
    if unit in ("CPU s", "s"):
        return seconds_text(value)
    if unit == "MB":
        return bytes_text(1e6 * value)
    known = {"ms": ms_text, "$/month": lambda usd: f"{usd_text(usd)} per month", "": lambda share: f"{share:.3f}"}
    return known[unit](value) if unit in known else f"{value:g} {unit}"


def markdown_text(text: str, in_html: bool = False, ours: bool = False) -> str:
    """Text on one line that Markdown and Streamlit show as it stands.

    `in_html`: entities alone, since an HTML element inside Markdown shows backslashes. `ours`: Markdown of our own, of
    any number of lines, in which only dollars are escaped: between two of them Streamlit would set a formula.
    """

    def escaped(match: re.Match[str]) -> str:
        before, sign = match[0][:-1], match[0][-1]
        if sign in "&<>":  # by name: after an address `&gt;` would end it, `&#62;` would belong to it
            return escape(sign)
        # Streamlit looks for `:smile:` behind a backslash as well
        return f"{before}&#{ord(sign)};" if in_html or sign == ":" else f"{before}\\{sign}"

    return re.sub(r"\$", escaped, text) if ours else re.sub(SIGNS, escaped, " ".join(text.split()))
