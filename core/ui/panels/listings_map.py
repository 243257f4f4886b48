"""A carousel of similar listings on a map without tiles, in words and as a table; works offline."""

from __future__ import annotations

from math import cos, log2, radians
from typing import Any

import pydeck
import streamlit as st

from core.ui import state
from core.ui.figures import listed
from core.ui.markup import html
from core.ui.page_run import PageRun
from core.ui.panels.request_rows import RequestRow, ranked
from core.ui.panels.small_map import Mark, small_map

HEIGHT = 440
PIXELS = 300  # all pins fit into this square on any screen
NARROWEST = 0.004  # degrees; closer, the map shows only discs
N_LISTED = 5  # similar listings of one request that fit beside the chart
# Mid tones visible on light and dark pages; a ring and a letter carry the meaning without colour.
CITY, MARKET = [128, 140, 148, 70], [96, 112, 122, 190]
FILL = {"viewed": [74, 85, 196], "shown": [5, 104, 127], "missed": [168, 62, 14]}
COLD_FILL, COLD_RING, RING, BOOKED_RING = [252, 253, 253], [180, 67, 15], [252, 253, 253], [238, 106, 58]
LETTERS = {"viewed": "V", "missed": "B"}


def one_request(run: PageRun) -> None:
    """The first guest: the listing being viewed on a small map, and the first five similar ones."""
    html(request_list(run.present.measured.shown.carousels[0]))


def request_list(carousel: Any) -> str:
    """A carousel as markup: ✓ is the booked listing, ★ one of the twelve that the guest's true taste would choose."""
    viewed, *pins = carousel.pins
    shown = [pin for pin in pins if pin.role == "shown"]
    rows = [RequestRow("V", _short(viewed), "viewed")]
    rows += [
        RequestRow(str(pin.rank), _short(pin), f"{pin.metres:,} m", *_outcome(pin), right=pin.booked)
        for pin in shown[:N_LISTED]
    ]
    hit = next((pin.rank for pin in shown if pin.booked), 0)
    ideal = f"★ {sum(pin.best for pin in shown)} of {len(shown)} are among the guest's ideal twelve"
    foot = f"{ideal}. ✓ Booked: {f'number {hit}' if hit else 'not shown (B)'}."
    alt = f"Map: the listing viewed and {len(shown)} similar ones."
    picture = small_map([_mark(pin) for pin in carousel.pins], carousel.ground, alt)
    return ranked(f"{carousel.n_eligible} available listings in {carousel.market}", rows, foot, picture)


def _short(pin: Any) -> str:
    """Price and size without what the other facts say again: “95 €, 4 guests”."""
    price, _, size, *_ = pin.facts.split(", ")
    return f"{price.removesuffix(' a night')}, {size}"


def _outcome(pin: Any) -> tuple[str, str]:
    return ("✓", "booked in the end") if pin.booked else ("★", "among the ideal twelve") if pin.best else ("", "")


def _mark(pin: Any) -> Mark:
    kind = {"viewed": "here", "missed": "missed"}.get(pin.role, "shown right" if pin.booked else "shown")
    return Mark(pin.lon, pin.lat, _letter(pin), kind, f"{pin.facts}, {pin.metres:,} m away")


def section(run: PageRun) -> None:
    """A choice of guest, the map of the twelve listings, and a table of them."""
    shown = run.present.measured.shown
    key = state.key(run.case, "carousel")
    guests = range(len(shown.carousels))
    chosen = st.selectbox("Guest", guests, key=key, format_func=lambda i: guest_name(shown.carousels[i], i))
    carousel = shown.carousels[chosen]
    words = summary(carousel)
    st.pydeck_chart(deck(shown, carousel), height=HEIGHT, key=f"{key}.map", alt=words)
    st.caption(words)
    st.caption(
        "V is the listing viewed, numbers are the listings shown, best first, and B is the booked listing where it was "
        "not shown. A white disc is a cold listing with fewer than three clicks; a thick orange "
        "ring marks the booked listing. Large dots are listings of the same market, small ones of the rest of the city."
    )
    listed(rows(carousel), f"The listings of the map: {words}", {})


def guest_name(carousel: Any, i: int) -> str:
    """A guest in a few words."""
    cold = ", on a cold listing" if carousel.pins[0].cold else ""
    return f"Guest {i + 1}: {carousel.market}, {carousel.n_seen} clicks so far{cold}"


def summary(carousel: Any) -> str:
    """The carousel in sentences."""
    homes = [pin for pin in carousel.pins if pin.role == "shown"]
    cold = sum(pin.cold for pin in homes)
    hit = next((pin.rank for pin in homes if pin.booked), 0)
    text = f"{len(homes)} of {carousel.n_eligible} available listings of {carousel.market} shown"
    if homes:
        metres = sorted(pin.metres for pin in homes)
        text += f", {metres[0]:,} to {metres[-1]:,} m from the listing viewed"
    text += f"; {cold} with few clicks" if cold else ""
    return f"{text}. The booked listing is number {hit}." if hit else f"{text}. The booked listing is not among them."


def rows(carousel: Any) -> list[dict[str, Any]]:
    """One row per listing, in the order of the carousel."""
    return [
        {
            "rank": _letter(pin),
            "remarks": ", ".join([*["booked"] * pin.booked, *["few clicks"] * pin.cold]),
            "metres away": pin.metres,
            "listing": pin.facts,
        }
        for pin in carousel.pins
    ]


def deck(shown: Any, carousel: Any) -> pydeck.Deck:
    """The map: dots for listings, numbered discs for the carousel; without tiles it loads nothing."""
    pins = [_disc(pin) for pin in reversed(carousel.pins)]  # the home being viewed is drawn last, on top
    layers = [
        _dots(shown.city, CITY, 2),
        _dots(carousel.ground, MARKET, 3),
        pydeck.Layer(
            "ScatterplotLayer", pins, id="homes", get_position="at", get_fill_color="fill", get_line_color="ring",
            get_radius="size", radius_units=pydeck.types.String("pixels"), stroked=True, get_line_width="width",
            line_width_units=pydeck.types.String("pixels"), pickable=True,
        ),
        pydeck.Layer(
            "TextLayer", pins, id="numbers", get_position="at", get_text="letter", get_color="ink", get_size=12,
            get_text_anchor=pydeck.types.String("middle"), get_alignment_baseline=pydeck.types.String("center"),
        ),
    ]  # fmt: skip
    tooltip = {"text": "{told}"}
    return pydeck.Deck(layers, initial_view_state=_view(carousel), map_provider=None, tooltip=tooltip)


def _letter(pin: Any) -> str:
    return LETTERS.get(pin.role, str(pin.rank))


def _disc(pin: Any) -> dict[str, Any]:
    fill = COLD_FILL if pin.cold else FILL[pin.role]
    ring = BOOKED_RING if pin.booked else COLD_RING if pin.cold else RING
    place = {"viewed": "Being viewed", "missed": "Booked, not shown"}.get(pin.role, f"Number {pin.rank}")
    marks = [*["booked"] * pin.booked, *["cold-start embedding"] * pin.cold]
    return {
        "at": [pin.lon, pin.lat],
        "fill": fill,
        "ring": ring,
        "ink": FILL[pin.role] if pin.cold else RING,
        "size": 13 if pin.role == "viewed" else 10,
        "width": 4 if pin.booked else 2,
        "letter": _letter(pin),
        "told": ". ".join([f"{place}: {pin.facts}, {pin.metres:,} m away", *marks]),
    }


def _dots(places: Any, colour: list[int], pixels: int) -> pydeck.Layer:
    data = [{"at": [round(lon, 5), round(lat, 5)]} for lon, lat in places.tolist()]
    units = pydeck.types.String("pixels")
    return pydeck.Layer(
        "ScatterplotLayer", data, get_position="at", get_fill_color=colour, get_radius=pixels, radius_units=units
    )


def _view(carousel: Any) -> pydeck.ViewState:
    """Centre and zoom that fit all pins with a margin into a square of PIXELS."""
    lons, lats = [pin.lon for pin in carousel.pins], [pin.lat for pin in carousel.pins]
    lat = (min(lats) + max(lats)) / 2
    wide, high = max(lons) - min(lons), (max(lats) - min(lats)) / cos(radians(lat))
    zoom = min(log2(PIXELS * 360 / 512 / max(span, NARROWEST)) for span in (wide, high))
    return pydeck.ViewState(longitude=(min(lons) + max(lons)) / 2, latitude=lat, zoom=zoom)
