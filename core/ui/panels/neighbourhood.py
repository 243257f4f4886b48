"""One person's neighbourhood: friends, ten suggestions and the mutual friends behind each, drawn and listed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from core.ui import state
from core.ui.figures import listed
from core.ui.markup import html
from core.ui.page_run import PageRun

if TYPE_CHECKING:
    from core.cases.people_you_may_know.evaluate import Neighbourhood, Offer

STYLE = (
    ".kp-circle{color:light-dark(#182026,#E4EAEC)}.kp-circle text{font-size:13px;fill:currentColor;"
    "text-anchor:middle;dominant-baseline:central;font-variant-numeric:tabular-nums}"
    ".kp-circle .paper{fill:light-dark(#FCFDFD,#161D22);stroke:currentColor;stroke-width:1.3}"
    ".kp-circle .offer{stroke:light-dark(#05687F,#6CC7DA)}.kp-circle .right{stroke:light-dark(#1B7046,#6CC495);"
    "stroke-width:3}.kp-circle .self{fill:currentColor}.kp-circle .self-label{fill:light-dark(#FCFDFD,#161D22)}"
    ".kp-circle .among{stroke:currentColor;stroke-opacity:.3}.kp-circle .link{stroke:currentColor;stroke-opacity:.75}"
    ".kp-circle .via{stroke:light-dark(#05687F,#6CC7DA);stroke-dasharray:4 3;stroke-opacity:.75}"
    ".kp-circle .tick{fill:light-dark(#1B7046,#6CC495);font-weight:600}"
)

Point = tuple[float, float]


@dataclass(frozen=True)
class Frame:
    """The measures of a drawing, in pixels: its side, the rings of friends and of suggestions, half a mark."""

    size: int
    inner: int
    outer: int
    mark: int

    def point(self, radius: float, angle: float) -> Point:
        """Where an angle of a ring lies; 0 is up."""
        return self.size / 2 + radius * math.sin(angle), self.size / 2 - radius * math.cos(angle)


WHOLE, SMALL = Frame(460, 96, 192, 12), Frame(310, 66, 130, 11)


def one_request(run: PageRun) -> None:
    """The first person's neighbourhood, drawn small, with the number of suggestions that became links."""
    shown: tuple[Neighbourhood, ...] = run.present.measured.shown
    if not shown:
        st.info("Nobody here has few enough links to be drawn.")
        return
    html(request_drawing(shown[0], run.baseline.measured.shown))


def request_drawing(shown: Neighbourhood, baseline: tuple[Neighbourhood, ...]) -> str:
    """The small drawing as markup, with its sentence; the baseline's hits only for the same person."""
    hits = sum(offer.right for offer in shown.offers)
    same = [sum(offer.right for offer in other.offers) for other in baseline if other.person == shown.person]
    beside = f" Baseline: {same[0]}." if same else ""
    words = f"✓ {hits} of {len(shown.offers)} suggested became links; {shown.n_future} links came.{beside}"
    style = "font-size:.8125rem;line-height:1.3;margin:0 0 .2rem"
    head = f"● one person, ○ {len(shown.friends)} friends, □ suggested people"
    return f'<div><p style="{style}">{head}</p>{picture(shown, SMALL)}<p style="{style}">{words}</p></div>'


def section(run: PageRun) -> None:
    """A choice of person, the drawing with a summary, and a table."""
    shown: tuple[Neighbourhood, ...] = run.present.measured.shown
    if not shown:
        st.info("Nobody here has few enough links to be drawn.")
        return
    at = st.selectbox(
        "Person",
        range(len(shown)),
        format_func=lambda i: _title(shown[i]) if i < len(shown) else "",
        key=state.key(run.case, "person"),
        help="Of those asked about with 5 to 9 links and 3 to 10 next ones, the people with most friends of friends "
        "among the next.",
    )
    chosen = shown[at if at is not None and at < len(shown) else 0]
    left, right = st.columns([5, 6], gap="medium")
    with left:
        html(picture(chosen))
        st.caption(
            "● the person, ○ friends by letter, □ suggestions by rank; a dashed line leads to each mutual friend. "
            "A thick frame with ✓ is a suggestion that became a link."
        )
    with right:
        st.markdown(summary(chosen))
        listed(table(chosen), summary(chosen), {})
        st.caption(_letters(chosen))


def _title(shown: Neighbourhood) -> str:
    hits = sum(offer.right for offer in shown.offers)
    return (
        f"Person {shown.person} ({shown.place}): {len(shown.friends)} links, {hits} of {shown.n_future} next ones found"
    )


def letter(shown: Neighbourhood, friend: int) -> str:
    """The letter of a friend."""
    return chr(ord("A") + shown.friends.index(friend))


def summary(shown: Neighbourhood) -> str:
    """The drawing in one sentence."""
    hits = sum(offer.right for offer in shown.offers)
    most = max((len(offer.mutual) for offer in shown.offers), default=0)
    backed = sum(bool(offer.mutual) for offer in shown.offers)
    if not shown.offers:
        return f"Person {shown.person} has {len(shown.friends)} friends and is offered nobody."
    links = f"{hits} of the {shown.n_future} links that come next {'is' if hits == 1 else 'are'} among them"
    return (
        f"Person {shown.person} has {len(shown.friends)} friends and is offered {len(shown.offers)} people, {backed} "
        f"of them with mutual friends and at most {most}; {links}."
    )


def table(shown: Neighbourhood) -> list[dict[str, object]]:
    """The suggestions as rows."""
    return [
        {
            "rank": rank,
            "became a link": "✓" if offer.right else "",
            "person": str(offer.person),
            "from": offer.place + (", same domain" if offer.same_domain else ""),
            "mutual friends": " ".join(letter(shown, friend) for friend in offer.mutual) or "nobody",
        }
        for rank, offer in enumerate(shown.offers, start=1)
    ]


def _letters(shown: Neighbourhood) -> str:
    named = ", ".join(f"{letter(shown, friend)} {friend}" for friend in shown.friends)
    return f"Friends: {named}. Numbers are drawn at random; nobody's name or address is in the data."


def picture(shown: Neighbourhood, frame: Frame = WHOLE) -> str:
    """The neighbourhood as one line of SVG: friends on the inner ring, suggestions near them on the outer ring."""
    angle_of = _friend_angles(shown)
    friend_at = {friend: frame.point(frame.inner, angle) for friend, angle in angle_of.items()}
    offer_at = [frame.point(frame.outer, angle) for angle in _offer_angles(shown, angle_of)]
    centre = frame.point(0, 0)
    marks = [_line(friend_at[a], friend_at[b], "among") for a, b in shown.among]
    marks += [_line(centre, place, "link") for place in friend_at.values()]
    for offer, place in zip(shown.offers, offer_at, strict=True):
        marks += [_line(place, friend_at[friend], "via") for friend in offer.mutual]
    half = frame.mark
    marks += [_friend(letter(shown, friend), friend, place, half) for friend, place in friend_at.items()]
    offers = enumerate(zip(shown.offers, offer_at, strict=True), start=1)
    marks += [_offer(rank, offer, place, half) for rank, (offer, place) in offers]
    x, y = centre
    marks.append(f'<circle class="self" cx="{x:g}" cy="{y:g}" r="9"><title>Person {shown.person}</title></circle>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="kp-circle" viewBox="0 0 {frame.size} {frame.size}" '
        f'width="100%" style="max-width:{frame.size}px;height:auto" role="img" fill="none" '
        f'aria-label="{escape(summary(shown))}">'
        f"<title>{escape(summary(shown))}</title><style>{STYLE}</style>{''.join(marks)}</svg>"
    )


def _friend_angles(shown: Neighbourhood) -> dict[int, float]:
    """The angle of each friend; friends who share suggestions are adjacent."""
    order: list[int] = []
    for offer in sorted(shown.offers, key=lambda offer: len(offer.mutual)):
        order += [friend for friend in offer.mutual if friend not in order]
    order += [friend for friend in shown.friends if friend not in order]
    return {friend: 2 * math.pi * i / len(order) for i, friend in enumerate(order)}


def _offer_angles(shown: Neighbourhood, angle_of: dict[int, float]) -> list[float]:
    """Even angles on the outer ring, in the order of the mean direction of each suggestion's mutual friends."""
    n = max(len(shown.offers), 1)
    wanted = [
        _mean_angle([angle_of[f] for f in offer.mutual], default=2 * math.pi * i / n)
        for i, offer in enumerate(shown.offers)
    ]
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    turn = _mean_angle([wanted[i] - 2 * math.pi * slot / n for slot, i in enumerate(order)], default=0.0)
    slot_of = {i: slot for slot, i in enumerate(order)}
    return [turn + 2 * math.pi * slot_of[i] / n for i in range(len(wanted))]


def _mean_angle(angles: list[float], default: float) -> float:
    """The direction, from 0 to 2π, of the sum of unit vectors."""
    x, y = sum(map(math.cos, angles)), sum(map(math.sin, angles))
    return math.atan2(y, x) % (2 * math.pi) if math.hypot(x, y) > 1e-9 else default


def _line(start: Point, end: Point, kind: str) -> str:
    return f'<path class="{kind}" d="M{start[0]:.1f} {start[1]:.1f}L{end[0]:.1f} {end[1]:.1f}"/>'


def _friend(label: str, person: int, at: Point, half: int) -> str:
    x, y = at
    return (
        f"<g><title>{label}: person {person}, a friend</title>"
        f'<circle class="paper" cx="{x:.1f}" cy="{y:.1f}" r="{half}"/>'
        f'<text x="{x:.1f}" y="{y:.1f}">{label}</text></g>'
    )


def _offer(rank: int, offer: Offer, at: Point, half: int) -> str:
    x, y = at
    kind, became = ("right", ", became a link") if offer.right else ("offer", "")
    text = f"Suggestion {rank}: person {offer.person} ({escape(offer.place)}), {len(offer.mutual)} mutual{became}"
    tick = f'<text class="tick" x="{x + half + 8:.1f}" y="{y - half + 3:.1f}">✓</text>' if offer.right else ""
    return (
        f'<g><title>{text}</title><rect class="paper {kind}" x="{x - half:.1f}" y="{y - half:.1f}" '
        f'width="{2 * half}" height="{2 * half}"/>'
        f'<text x="{x:.1f}" y="{y:.1f}">{rank}</text>{tick}</g>'
    )
