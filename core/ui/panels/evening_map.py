"""One person's evening on a map without tiles, in words and as a table; works offline."""

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
NARROWEST = 0.05  # degrees
N_LISTED = 7  # events of one request that fit beside the chart
# Mid tones visible on light and dark pages; numbers, letters and rings carry the meaning without colour.
CITY, CANDIDATE, FRIEND = [128, 140, 148, 60], [5, 104, 127, 120], [180, 120, 20, 200]
HOME, SHOWN, MISSED = [74, 85, 196], [5, 104, 127], [168, 62, 14]
RING, WANTED_RING = [252, 253, 253], [238, 176, 58]


def one_request(run: PageRun) -> None:
    """The first evening: a small map of the ten events shown, and the first of them with their distances."""
    evenings = run.present.measured.shown.evenings
    if evenings:
        html(request_list(evenings[0]))
    else:
        st.info("Nobody here has friends, a history and something to go to.")


def request_list(evening: Any) -> str:
    """An evening as markup: ✓ is an event the person would go to."""
    shown = [pin for pin in evening.pins if pin.role == "shown"]
    rows = [
        RequestRow(str(pin.rank), _short(pin), f"{pin.km:.0f} km", *_would_go(pin), right=pin.wanted)
        for pin in shown[:N_LISTED]
    ]
    missed = len(evening.pins) - len(shown)
    head = f"{evening.city}, likes {evening.likes}, {evening.n_friends} friends"
    foot = f"✓ would go: {sum(pin.wanted for pin in shown)} of {len(shown)} shown; {missed} more missed (M)."
    marks = [Mark(evening.lon, evening.lat, "H", "here", f"Home, {evening.city}"), *map(_mark, evening.pins)]
    alt = f"Map: home and {len(shown)} events within {max((pin.km for pin in shown), default=0):.0f} km."
    return ranked(head, rows, foot, small_map(marks, evening.ground, alt))


def _short(pin: Any) -> str:
    """What and when, without the days until then: “music, Sat 20:00”."""
    return f"{pin.title}, {pin.when.split(',')[0]}"


def _would_go(pin: Any) -> tuple[str, str]:
    return ("✓", "would go") if pin.wanted else ("", "")


def _mark(pin: Any) -> Mark:
    kind = "missed" if pin.role == "missed" else "shown right" if pin.wanted else "shown"
    return Mark(pin.lon, pin.lat, _letter(pin), kind, f"{pin.title}, {pin.when}, {pin.km:g} km")


def section(run: PageRun) -> None:
    """A choice of person, the map of the evening, and a table of its events."""
    shown = run.present.measured.shown
    if not shown.evenings:
        st.info("Nobody here has friends, a history and something to go to: other data conditions will bring some.")
        return
    key = state.key(run.case, "evening")
    people = range(len(shown.evenings))
    chosen = st.selectbox("Person", people, key=key, format_func=lambda i: person_name(shown.evenings[i], i))
    evening = shown.evenings[chosen]
    words = summary(evening, shown.radius_km)
    st.pydeck_chart(deck(shown, evening), height=HEIGHT, key=f"{key}.map", alt=words)
    st.caption(words)
    st.caption(
        "H is home. Numbers are the ten events shown, best first; M is an event the person would go to and was not "
        "shown (farther than 120 km it is left out). A thick amber ring marks an event the person would go to. Teal "
        "dots are candidates, amber dots are friends' homes, grey dots are cities."
    )
    listed(rows(evening), f"The events: {words}", {"true probability": "modelled"})


def person_name(evening: Any, i: int) -> str:
    """A person in a few words."""
    return (
        f"Person {i + 1}: {evening.city}, {evening.n_friends} friends, {evening.n_past} registrations, {evening.likes}"
    )


def summary(evening: Any, radius_km: int) -> str:
    """The evening in sentences."""
    there = [pin for pin in evening.pins if pin.role == "shown"]
    right, missed = sum(pin.wanted for pin in there), len(evening.pins) - len(there)
    expected = sum(pin.chance for pin in there)
    return (
        f"{evening.n_candidates} events within {radius_km} km of {evening.city} came into question, {len(there)} are "
        f"shown. The person would go to {right} of them and to {missed} others. By the true "
        f"probabilities the ten bring {expected:.1f} registrations."
    )


def rows(evening: Any) -> list[dict[str, Any]]:
    """One row per event, shown ones first."""
    return [
        {
            "rank": _letter(pin),
            "would go": "yes" if pin.wanted else "",
            "event": pin.title,
            "when": pin.when,
            "km": pin.km,
            "price": pin.price,
            "friends going": pin.friends,
            "seats left": pin.seats,
            "true probability": f"{pin.chance:.0%}",
        }
        for pin in evening.pins
    ]


def deck(shown: Any, evening: Any) -> pydeck.Deck:
    """The map: dots for cities, candidates and friends, discs for events; without tiles it loads nothing."""
    pins = [*(_disc(pin) for pin in reversed(evening.pins)), _home(evening)]
    pixels = pydeck.types.String("pixels")
    layers = [
        _dots(shown.cities, CITY, 2),
        _dots(evening.ground, CANDIDATE, 3),
        _dots(evening.friends, FRIEND, 3),
        pydeck.Layer(
            "ScatterplotLayer", pins, id="events", get_position="at", get_fill_color="fill", get_line_color="ring",
            get_radius="size", radius_units=pixels, stroked=True, get_line_width="width", line_width_units=pixels,
            pickable=True,
        ),
        pydeck.Layer(
            "TextLayer", pins, id="numbers", get_position="at", get_text="letter", get_color=RING, get_size=12,
            get_text_anchor=pydeck.types.String("middle"), get_alignment_baseline=pydeck.types.String("center"),
        ),
    ]  # fmt: skip
    return pydeck.Deck(layers, initial_view_state=_view(evening), map_provider=None, tooltip={"text": "{told}"})


def _letter(pin: Any) -> str:
    return "M" if pin.role == "missed" else str(pin.rank)


def _disc(pin: Any) -> dict[str, Any]:
    facts = f"{pin.title}, {pin.when}, {pin.price}, {pin.km:g} km, {pin.friends} friends going, {pin.seats} seats left"
    place = "Not shown" if pin.role == "missed" else f"Number {pin.rank}"
    return {
        "at": [pin.lon, pin.lat],
        "fill": MISSED if pin.role == "missed" else SHOWN,
        "ring": WANTED_RING if pin.wanted else RING,
        "size": 10,
        "width": 4 if pin.wanted else 2,
        "letter": _letter(pin),
        "told": f"{place}: {facts}. {'Would go.' if pin.wanted else 'Would not go.'}",
    }


def _home(evening: Any) -> dict[str, Any]:
    place = {"at": [evening.lon, evening.lat], "fill": HOME, "ring": RING, "size": 12, "width": 2, "letter": "H"}
    return {**place, "told": f"Home, {evening.city}"}


def _dots(places: Any, colour: list[int], pixels: int) -> pydeck.Layer:
    data = [{"at": [round(lon, 4), round(lat, 4)]} for lon, lat in places.tolist()]
    units = pydeck.types.String("pixels")
    return pydeck.Layer(
        "ScatterplotLayer", data, get_position="at", get_fill_color=colour, get_radius=pixels, radius_units=units
    )


def _view(evening: Any) -> pydeck.ViewState:
    """Centre and zoom that fit home and all events into a square of PIXELS."""
    lons, lats = ([evening.lon, *(p.lon for p in evening.pins)], [evening.lat, *(p.lat for p in evening.pins)])
    lat = (min(lats) + max(lats)) / 2
    wide, high = max(lons) - min(lons), (max(lats) - min(lats)) / cos(radians(lat))
    zoom = min(log2(PIXELS * 360 / 512 / max(span, NARROWEST)) for span in (wide, high))
    return pydeck.ViewState(longitude=(min(lons) + max(lons)) / 2, latitude=lat, zoom=zoom)
