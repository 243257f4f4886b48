"""A drawing as PNG, rendered by the reader's browser, since the server has no fonts."""

from __future__ import annotations

import json
import re
from urllib.parse import quote

import streamlit as st

SCALE = 2  # PNG pixels per SVG unit, for print
STYLE = (
    "font:inherit;color:inherit;background:transparent;border:1px solid light-dark(#D5DCDF,#2E3A40);"
    "border-radius:.25rem;padding:.4rem .75rem;min-height:2.5rem;cursor:pointer"
)
# {id}, {svg} and {name} are JSON strings; an <img> runs no scripts of a drawing.
SCRIPT = """
document.getElementById({id}).onclick = () => {{
  const image = new Image();
  image.onload = () => {{
    const canvas = document.createElement("canvas");
    canvas.width = {scale} * image.width;
    canvas.height = {scale} * image.height;
    const paper = canvas.getContext("2d");
    paper.fillStyle = "white";
    paper.fillRect(0, 0, canvas.width, canvas.height);
    paper.drawImage(image, 0, 0, canvas.width, canvas.height);
    const link = document.createElement("a");
    link.href = canvas.toDataURL("image/png");
    link.download = {name};
    link.click();
  }};
  image.src = "data:image/svg+xml;charset=utf-8," + {svg};
}};
"""


def button(label: str, svg: str, name: str) -> None:
    """A button that saves a complete <svg> as a PNG file of that name."""
    id = f"kp-png-{name.partition('.')[0]}"
    script = SCRIPT.format(id=_literal(id), svg=_literal(quote(_sized(svg))), name=_literal(name), scale=SCALE)
    markup = f'<button id="{id}" style="{STYLE}">{label}</button><script>{script}</script>'
    st.html(markup, unsafe_allow_javascript=True, width="content")


def _sized(svg: str) -> str:
    """The drawing at its own size instead of the page's width; ValueError without a viewBox."""
    view_box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)" width="100%"', svg)
    if view_box is None:
        raise ValueError("a drawing says how large it is by its viewBox")
    width, height = view_box.groups()
    return svg.replace('width="100%"', f'width="{width}" height="{height}"', 1)


def _literal(text: str) -> str:
    """A JavaScript string literal; ValueError for text that could end the script."""
    if "<" in text:
        raise ValueError("write what is not words as percent signs first")
    return json.dumps(text)
