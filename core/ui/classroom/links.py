"""The links of a class and its QR code, which is drawn here and loaded from nowhere."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode

import segno
import streamlit as st

from core.classroom import codes
from core.classroom.store import Store, path_of_store, store_at
from core.contract.design import without_punctuation
from core.ui.markup import html

CODE = "font:600 2rem 'IBM Plex Mono',Menlo,Consolas,monospace;letter-spacing:.04em"
CLASS, STUDENT, PRESENTER = "class", "student", "presenter"  # parameters of a link


def store() -> Store:
    """The classes of this server. Raises StoreError where the file cannot be used."""
    return store_at(path_of_store())


def parameter(name: str) -> str:
    """A parameter of the address, without what a sentence put behind it."""
    return without_punctuation(st.query_params.get(name, ""))[:80]


def student_query(code: str) -> dict[str, str]:
    """The parameters of the link that the class opens."""
    return {CLASS: code}


def presenter_query(code: str, secret: str) -> dict[str, str]:
    """The parameters of the presenter's link."""
    return {CLASS: code, PRESENTER: secret}


def address(query: dict[str, str]) -> str:
    """The whole address of a link to this page; relative where the server's own address is unknown."""
    here = (st.context.url or "classroom").split("?")[0]
    return f"{here}?{urlencode(query)}" if query else here


def qr_code(link: str, width_rem: float) -> None:
    """The link as a QR code, dark on light in both themes, so that every camera reads it."""
    picture = segno.make(link, error="m", micro=False).svg_data_uri(scale=8, border=3, dark="#000", light="#fff")
    style = f"width:{width_rem}rem;height:{width_rem}rem;display:block;border-radius:.25rem"
    html(f'<img src="{escape(picture)}" alt="QR code of {escape(link)}" style="{style}">')


def invitation(code: str) -> None:
    """The code, the link and the QR code that the class comes in by."""
    link = address(student_query(code))
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        qr_code(link, 9)
        with st.container(width=420, gap="small"):
            html(f'<div style="{CODE}">{escape(codes.shown(code))}</div>')
            st.code(link, language=None, wrap_lines=True)
