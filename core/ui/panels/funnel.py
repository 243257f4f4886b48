"""The recommendation funnel: what each stage keeps, over all requests and for one person."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from core.formatting import ms_text
from core.ui import state
from core.ui.markup import html
from core.ui.page_run import PageRun
from core.ui.panels.request_rows import RequestRow, ranked

if TYPE_CHECKING:
    from core.cases.video_recommendation.evaluate import Film, Person, StageFacts

PARTS = {
    "Candidates": ("embed user", "find candidates", "look up"),
    "First 50 of the ranker": ("rank",),
    "Shown": ("vary",),
}
STYLE = (
    "<style>"
    + """
.kp-funnel{width:100%;border-collapse:collapse;font-size:.875rem;margin:0 0 .5rem}
.kp-funnel th,.kp-funnel td{border:0;padding:.35rem .6rem .35rem 0;text-align:left;font-weight:400;
vertical-align:middle}
.kp-funnel thead th{font-size:.75rem;color:var(--quiet)}
.kp-funnel tbody th{font-weight:600}.kp-funnel td.bar{width:42%;min-width:5rem}
.kp-funnel .track{background:var(--paper);height:.85rem;position:relative}
.kp-funnel .track i{position:absolute;left:0;top:0;bottom:0;background:var(--accent)}
@media(max-width:640px){.kp-funnel td.bar,.kp-funnel th.bar{display:none}
.kp-funnel th,.kp-funnel td{padding-right:.4rem;font-size:.8125rem}}
.kp-stages{display:grid;grid-template-columns:repeat(auto-fit,minmax(10.5rem,1fr));gap:.9rem;font-size:.8125rem;
line-height:1.35}
.kp-stages section{min-width:0}.kp-stages h4{font-size:.875rem;margin:0 0 .3rem;padding:0;font-weight:600}
.kp-stages ol{margin:0;padding:0;list-style:none}
.kp-stages li{border-left:3px solid var(--line);padding:.15rem .5rem;margin:0 0 .25rem;overflow-wrap:anywhere}
.kp-stages li.right{border-left-color:var(--good)}.kp-stages li span{color:var(--quiet);display:block}
.kp-stages .tick{color:var(--good);font-weight:600}
""".replace("\n", "")
    + "</style>"
)


def one_request(run: PageRun) -> None:
    """The ten films that one person is shown now, and how many of the baseline's ten were right."""
    html(request_list(run.present.measured.shown.people[0], run.baseline.measured.shown.people[0]))


def request_list(person: Person, baseline: Person) -> str:
    """A person's ten films as markup: ✓ liked later, ○ watched later and not liked."""
    films = person.stages[-1][1]
    liked, watched = sum(film.right for film in films), sum(film.watched for film in films)
    rows = [
        RequestRow(str(at), film.title, str(film.year or ""), *_outcome(film), right=film.right)
        for at, film in enumerate(films, start=1)
    ]
    head = f"Liked before: {', '.join(film.title for film in person.history[:2])}"
    foot = f"✓ {liked} liked later, ○ {watched - liked} only watched. Baseline: {baseline.kept[-1]} liked."
    return ranked(head, rows, foot)


def _outcome(film: Film) -> tuple[str, str]:
    return ("✓", "liked later") if film.right else ("○", "watched later") if film.watched else ("", "")


def stages(run: PageRun) -> None:
    """A row per stage: films left, time, share of the next likes still included, and the best possible nDCG."""
    facts = run.present.measured.shown.stages
    rows = "".join(_row(stage, _time(stage.name, run.present.measured)) for stage in facts)
    head = (
        "<thead><tr><th>stage</th><th>films left</th><th>time, median</th><th>recall of next likes</th>"
        "<th class='bar'></th><th>best nDCG@10 left</th></tr></thead>"
    )
    html(f'<div class="kp">{STYLE}<table class="kp-funnel">{head}<tbody>{rows}</tbody></table></div>')
    st.caption(_lesson(facts, run.present.measured.quality["ndcg@10"].value))


def _row(stage: StageFacts, time: str) -> str:
    width = f"{100 * stage.recall:.1f}%"
    return (
        f"<tr><th scope='row'>{escape(stage.name)}</th><td>{stage.films:,.0f}</td><td>{time}</td>"
        f"<td>{stage.recall:.1%}</td><td class='bar'><div class='track'><i style='width:{width}'></i></div></td>"
        f"<td>{stage.ceiling:.3f}</td></tr>"
    )


def _time(name: str, measured: Any) -> str:
    times = [measured.parts_ms[part] for part in PARTS.get(name, ()) if part in measured.parts_ms]
    return ms_text(float(np.median(sum(times)))) if times else "–" if name == "All films" else "ahead of time"


def _lesson(facts: tuple[StageFacts, ...], served: float) -> str:
    kept, ranked = facts[1], facts[2]
    return (
        f"The source keeps {kept.recall:.0%} of what people go on to like. Whatever the ranker does, nDCG cannot pass "
        f"{kept.ceiling:.3f} now, nor {ranked.ceiling:.3f} after its first fifty; the list that is shown reaches "
        f"{served:.3f}."
    )


def people(run: PageRun) -> None:
    """A choice of person, their likes, and the first ten films after each stage."""
    shown = run.present.measured.shown.people
    at = st.selectbox(
        "Person",
        range(len(shown)),
        format_func=lambda i: shown[i].name if i < len(shown) else "",
        key=state.key(run.case, "person"),
        help="Real people of MovieLens, known by number alone: of each era the cold-start and the warm user who went "
        "on to like most of its hundred most liked films, whatever the design.",
    )
    person = shown[at if at is not None and at < len(shown) else 0]
    columns = [("Liked lately", person.history, False), *((name, films, True) for name, films in person.stages)]
    body = "".join(_column(*column) for column in columns)
    html(f'<div class="kp">{STYLE}<div class="kp-stages">{body}</div></div>')
    st.caption(summary(person))


def _column(title: str, films: tuple[Film, ...], marked: bool) -> str:
    items = "".join(_film(film, at, marked) for at, film in enumerate(films, start=1)) or "<li>nothing</li>"
    return f"<section><h4>{escape(title)}</h4><ol>{items}</ol></section>"


def _film(film: Film, at: int, marked: bool) -> str:
    right = marked and film.right
    tick = ' <b class="tick">✓ liked later</b>' if right else ""
    moved = f", was {film.before}." if marked and film.before > 0 and film.before != at else ""
    place = f"{at}. " if marked else ""
    year = f" ({film.year})" if film.year else ""
    kind = "right" if right else "other"
    return (
        f'<li class="{kind}">{place}{escape(film.title)}{year}{tick}<span>{escape(film.genres or "no genre")}'
        f"{moved}</span></li>"
    )


def summary(person: Person) -> str:
    """One person's way through the funnel in a sentence."""
    kept, first, ten = person.kept
    return (
        f"{person.known}. Of the next {person.n_to_come} likes the candidates hold {kept}, the ranker's first fifty "
        f"{first}, and the ten shown {ten}."
    )
