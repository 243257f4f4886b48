"""HTML for parts that Streamlit lacks: figures with badges, the stage strip, rows of pictures.

Every text is escaped here; colours are light-dark() pairs, so one markup suits both themes.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import TypeAlias

from core.analysis.figures import Figure as Headline
from core.formatting import count_text
from core.interview.glossary import Term
from core.serving.evaluate import Evaluated
from core.ui.terms import in_html

BADGES = {
    "measured": "Measured on this machine, in this process.",
    "modelled": "Follows from measured figures by a formula or a simulation, and from dated prices.",
    "projected": "Measured at the size named here, carried to the size asked by laws whose error is known.",
    "recorded": "Measured on the machine and the day that are named.",
    "published": "Measured by somebody else; the source is named.",
}

STYLE = (
    "<style>"
    + """
.kp{--ink:light-dark(#182026,#E4EAEC);--quiet:light-dark(#5A6870,#9BA9B0);--line:light-dark(#D5DCDF,#2E3A40);
--accent:light-dark(#05687F,#6CC7DA);--good:light-dark(#1B7046,#6CC495);--bad:light-dark(#A83E0E,#F58A5C);
--paper:light-dark(#F1F4F5,#1A2227);color:var(--ink);font-variant-numeric:tabular-nums}
.kp-figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(11.5rem,1fr));gap:0;margin:0 0 1rem;
border:1px solid var(--line);border-radius:.25rem;overflow:hidden}
.kp-figure{min-width:0;overflow-wrap:anywhere}
@media(max-width:640px){.kp-figures{grid-template-columns:minmax(0,1fr) minmax(0,1fr)}.kp-figure dt{flex-wrap:wrap}}
.kp-figure{box-shadow:0 0 0 .5px var(--line);padding:.7rem .85rem .75rem}
.kp-figure dt{font-size:.8125rem;color:var(--quiet);display:flex;justify-content:space-between;gap:.5rem;
align-items:center;flex-wrap:wrap}
.kp-figure dd{margin:0}.kp-value{font-size:1.5rem;line-height:1.25}
.kp-value small{font-size:.8125rem;color:var(--quiet);display:inline-block;line-height:1.35}
.kp-delta{font-size:.8125rem;line-height:1.35;color:var(--quiet)}
.kp-delta b{font-weight:600}.kp-better{color:var(--good)}.kp-worse{color:var(--bad)}
.kp-badge{font-size:.6875rem;line-height:1.1;padding:.2rem .35rem;border-radius:.2rem;border:1px solid currentColor;
overflow-wrap:anywhere;color:var(--quiet)}
.kp-badge.measured{color:var(--accent)}.kp-badge.modelled,.kp-badge.projected{border-style:dashed}.kp-badge.recorded,.kp-badge.published{border-style:double}
.kp-asked{list-style:none;margin:0 0 .75rem;padding:0;border-top:1px solid var(--line)}
.kp-asked li{display:grid;grid-template-columns:minmax(11rem,1.2fr) 6rem 2fr;gap:.25rem 1rem;align-items:baseline;
margin:0;padding:.4rem 0;border-bottom:1px solid var(--line);font-size:.9375rem}
.kp-asked small{color:var(--quiet);font-size:.8125rem}
@media(max-width:640px){.kp-asked li{grid-template-columns:1fr auto}}
.kp-strip{display:flex;flex-wrap:wrap;gap:.25rem;margin:0 0 .5rem;padding:0;list-style:none;counter-reset:step}
.kp-strip li{flex:1 1 7.5rem;border:1px solid var(--line);border-left:3px solid var(--accent);border-radius:.2rem;
padding:.4rem .6rem;font-size:.8125rem;line-height:1.35;margin:0}
.kp-strip li.reused{border-left:3px dotted var(--quiet);color:var(--quiet)}
.kp-strip b{display:block;font-weight:600}
.kp-answers{overflow-x:auto}.kp-answers table{border-collapse:separate;border-spacing:.15rem .1rem;font-size:.75rem;
line-height:1.2;width:auto;margin:0}.kp-answers tbody tr{border:0}
.kp-answers th{text-align:left;font-weight:600;color:var(--quiet);padding:0 .6rem 0 .4rem;white-space:nowrap;border:0}
.kp-answers td{padding:0;text-align:center;vertical-align:middle;border:0}.kp-answers .first td,.kp-answers .first th
{padding-top:.55rem}
.kp-answers img{width:44px;height:44px;display:block;border-radius:.15rem;border:2px solid transparent;
background:#fff}
.kp-answers .right img{border-color:var(--good)}.kp-answers .wrong img{opacity:.5}
.kp-answers .query img{width:56px;height:56px}
.kp-answers .none{width:44px;height:44px;border:1px dashed var(--line);display:flex;align-items:center;
justify-content:center}
.kp details{margin:-.5rem 0 1rem}.kp summary{cursor:pointer;font-size:.875rem;color:var(--accent);padding:.25rem 0}
.kp-note{font-size:.875rem;color:var(--quiet)}
""".replace("\n", "")
    + "</style>"
)


Against: TypeAlias = tuple[str, str, str]  # compared with, difference in words, "better" | "worse" | ""


@dataclass(frozen=True)
class Figure:
    """One headline figure: name, value with interval, badge, and differences to other designs in words."""

    label: str
    value: str
    badge: str
    interval: str = ""
    against: tuple[Against, ...] = ()
    help: str = ""
    origin: str = ""  # what the badge says beside its kind
    beside: str = ""  # the figure as it was measured, where this one is of another size


def of_design(
    figure: Headline, evaluated: Evaluated, detail: str = "", help: str = "", against: Sequence[Against] = ()
) -> Figure:
    """A headline figure of a design, with its interval unless `detail` replaces it."""
    detail, kind = detail or figure.interval_text(evaluated), figure.badge_of(evaluated)
    help = " ".join(filter(None, [help or figure.help, _sentence(figure.covers(evaluated))]))
    origin = beside = ""
    if kind == "projected":
        here = count_text(evaluated.projected.base)
        origin, beside = f"from {here}", f"{figure.text(evaluated.as_measured)} at the {here} measured"
    beside = "; ".join(filter(None, (beside, figure.note(evaluated))))
    return Figure(figure.label, figure.text(evaluated), kind, detail, tuple(against), help, origin, beside)


def _sentence(covers: str) -> str:
    return f"Interval: {covers}." if covers else ""


def badge(kind: str, origin: str = "") -> str:
    """The small badge that gives the kind of a number, and where it comes from."""
    return f'<span class="kp-badge {kind}" title="{escape(BADGES[kind])}">{escape(f"{kind} {origin}".strip())}</span>'


def figures(shown: Iterable[Figure], folded: Sequence[Figure] = ()) -> str:
    """A grid of headline figures; further ones are folded below."""
    reached: set[Term] = set()
    first = _grid(shown, reached)
    summary = f"<summary>{len(folded)} more {'quality' if len(folded) == 1 else 'qualities'}</summary>"
    more = f"<details>{summary}{_grid(folded, reached)}</details>" if folded else ""
    return f'<div class="kp">{first}{more}</div>'


def _grid(shown: Iterable[Figure], reached: set[Term]) -> str:
    return f'<dl class="kp-figures">{"".join(_figure(figure, reached) for figure in shown)}</dl>'


def _figure(figure: Figure, reached: set[Term]) -> str:
    label = f"<span>{in_html(figure.label, reached)}</span>"
    interval = f" <small>{escape(figure.interval)}</small>" if figure.interval else ""
    against = "".join(_against(*comparison) for comparison in figure.against)
    beside = f'<div class="kp-note">{escape(figure.beside)}</div>' if figure.beside else ""
    return (
        f'<div class="kp-figure"><dt title="{escape(figure.help)}">{label} {badge(figure.badge, figure.origin)}</dt>'
        f'<dd><div class="kp-value">{escape(figure.value)}{interval}</div>{beside}{against}</dd></div>'
    )


def _against(what: str, words: str, side: str) -> str:
    mark = {"better": "▲ ", "worse": "▼ "}.get(side, "")
    return f'<div class="kp-delta"><b class="kp-{side or "same"}">{mark}{escape(words)}</b> {escape(what)}</div>'


MARKS = {"meets": ("✓ meets", "better"), "misses": ("✗ misses", "worse"), "cannot say": ("? cannot say", "same")}


@dataclass(frozen=True)
class ConstraintShown:
    """One line of the SLO verdict: the limit, the value, and the verdict "meets", "misses" or "cannot say"."""

    label: str
    got: str
    limit: str
    verdict: str
    badge: str


def constraints(shown: Iterable[ConstraintShown]) -> str:
    """The limits and values of all constraints, the verdict in words as well as in colour."""
    body = "".join(_constraint(constraint) for constraint in shown)
    return f'<div class="kp"><ul class="kp-asked">{body}</ul></div>'


def _constraint(constraint: ConstraintShown) -> str:
    mark, side = MARKS[constraint.verdict]
    return (
        f'<li class="kp-constraint"><span>{escape(constraint.label)} {badge(constraint.badge)}</span>'
        f'<b class="kp-{side}">{mark}</b><span>{escape(constraint.got)} '
        f"<small>{escape(constraint.limit)}</small></span></li>"
    )


@dataclass(frozen=True)
class StepShown:
    """One box of the strip: a stage's name, its cost, and whether it was cached."""

    name: str
    cost: str
    size: str
    reused: bool


def strip(steps: Iterable[StepShown]) -> str:
    """The pipeline as a strip of stages."""
    items = "".join(
        f'<li class="{"reused" if s.reused else "run"}"><b>{escape(s.name)}</b>'
        f"{'reused' if s.reused else 'run now'} · {escape(s.cost)} · {escape(s.size)}</li>"
        for s in steps
    )
    return f'<div class="kp"><ol class="kp-strip">{items}</ol></div>'


@dataclass(frozen=True)
class Picture:
    """A picture in a row: PNG bytes (empty for no result), a text alternative, and whether it is right (or None)."""

    png: bytes
    alt: str
    right: bool | None = None


@dataclass(frozen=True)
class PictureGroup:
    """A query's picture and the titled rows of pictures that belong to it."""

    query: Picture
    rows: tuple[tuple[str, tuple[Picture, ...]], ...]


def picture_groups(groups: Iterable[PictureGroup]) -> str:
    """Queries with their rows of pictures; right ones have a frame and a tick, so colour is not needed."""
    body = "".join(_group(group) for group in groups)
    return f'<div class="kp"><div class="kp-answers"><table>{body}</table></div></div>'


def _group(group: PictureGroup) -> str:
    lines = []
    for at, (title, row) in enumerate(group.rows):
        query = _cell(group.query, len(group.rows)) if at == 0 else ""
        cells = "".join(map(_cell, row))
        lines.append(
            f'<tr class="{"first" if at == 0 else "next"}">{query}<th scope="row">{escape(title)}</th>{cells}</tr>'
        )
    return "".join(lines)


def _cell(picture: Picture, rows: int = 1) -> str:
    if not picture.png:
        return '<td class="wrong"><span class="none" title="nothing found">–</span></td>'
    kind = {True: "right", False: "wrong", None: "query"}[picture.right]
    mark = {True: "✓", False: "·", None: ""}[picture.right]
    source = base64.b64encode(picture.png).decode()
    image = f'<img src="data:image/png;base64,{source}" alt="{escape(picture.alt)}" title="{escape(picture.alt)}">'
    return f'<td class="{kind}" rowspan="{rows}">{image}{mark}</td>'


def png(pixels: object) -> bytes:
    """An image array uint8 (h, w, 1 or 3) as PNG bytes."""
    from PIL import Image  # only pages with pictures need it

    buffer = io.BytesIO()
    Image.fromarray(pixels.squeeze()).save(buffer, "png")  # type: ignore[attr-defined]
    return buffer.getvalue()
